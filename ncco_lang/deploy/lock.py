"""Allow one deploy at a time: a lock file beside the state, with an owner and an expiry.

The file is made with exclusive create. It names the process that holds it. The lock of a process that runs on this
machine is never taken, whatever a clock says; that of a process that has ended is taken at once, so a killed run blocks
no other. The state of a process elsewhere is unknown, so its lock is taken when it has expired. The holder checks
before each step that the lock is still its own, which also stops a run whose machine slept past the expiry.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ncco_lang.deploy.errors import Busy, NotSaved
from ncco_lang.deploy.process_identity import Fate, Process, fate_of, this_machine
from ncco_lang.workspace.errors import OutputError, reason_of
from ncco_lang.workspace.files import make_folder, write_atomic
from ncco_lang.workspace.regular import read_file

LEASE = 600.0
"""Seconds after which a lock that is not renewed expires."""
_RENEW_AFTER = 30.0
_LARGEST = 4096
_MOST_TRIES = 20
_WRITTEN_WITHIN = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LockHolder:
    """The process that holds a lock.

    Attributes:
        owner: `user@host`, for messages.
        process: of the run. In a lock of an earlier version, only pid and machine (`host pid:[namespace]`) are set.
        token: random; distinguishes two runs of one process.
        expires: seconds since 1970.
    """

    owner: str
    process: Process
    token: str
    expires: float


class Lock:
    """A context manager that holds the lock of a state.

    Args:
        state: the path of the state file.
        clock: returns seconds since 1970.
        say: receives a sentence when the lock of another run is taken over.
    """

    __slots__ = ("_clock", "_holder", "_path", "_renewed", "_say", "shown")

    def __init__(self, state: str, *, shown: str, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        self._path = Path(state + ".lock")
        self.shown = shown + ".lock"
        self._clock = clock
        self._say = say
        self._renewed = 0.0
        self._holder: LockHolder | None = None

    def __enter__(self) -> Lock:
        """Take the lock.

        Raises:
            Busy: another run holds it.
            NotSaved: the file cannot be made.
        """
        for _ in range(_MOST_TRIES):
            holder = _new_holder(self._clock() + LEASE)
            if self._create(holder):
                self._holder, self._renewed = holder, self._clock()
                return self
            text = self._read()
            if text is None:
                continue
            there = _parse(text)
            why = None if there is None else _why_stale(there, self._clock())
            if there is None and self._is_old():
                why = "it is damaged"
            if why is None:
                raise Busy(self._busy_words(there))
            if self._take_away(text):
                self._say(f"took over the lock of {_owner_words(there)}: {why}")
        raise Busy(self._busy_words(None))

    def __exit__(self, *_: object) -> None:
        holder, self._holder = self._holder, None
        if holder is not None and (text := self._read()) is not None and _is_by(text, holder):
            try:
                self._path.unlink(missing_ok=True)
            except OSError:
                # The file names a process that is about to end, so the next run takes it over.
                pass

    def is_held(self) -> bool:
        """Return whether a run holds the lock at this moment. Nothing is written."""
        text = self._read()
        there = None if text is None else _parse(text)
        return there is not None and _why_stale(there, self._clock()) is None

    def renew(self) -> None:
        """Check that the lock is still ours, and extend it by `LEASE`.

        Raises:
            Busy: another process took or deleted it.
            NotSaved: the file cannot be written.
        """
        assert self._holder is not None
        text = self._read()
        if text is None or not _is_by(text, self._holder):
            raise Busy(
                f"the lock {self.shown} is not ours any more: it ran out, or somebody deleted it, and another run may be "
                "deploying. This run stops before it changes anything else; see that no other one is going on and run it again"
            )
        now = self._clock()
        if 0 <= now - self._renewed < _RENEW_AFTER:
            return
        holder = replace(self._holder, expires=now + LEASE)
        try:
            write_atomic(str(self._path), _dump(holder))
        except OutputError as failed:
            raise NotSaved(
                f"{failed}; so the lock cannot be renewed, and nothing more is done. Run it again"
            ) from failed
        self._holder, self._renewed = holder, now

    def _create(self, holder: LockHolder) -> bool:
        """Make the file; return False if it exists."""
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            return False
        except OSError as failed:
            raise NotSaved(
                f"cannot make the lock {self.shown}: {reason_of(failed)}. Without it nothing is deployed, and nothing was done"
            ) from failed
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(_dump(holder))
        except OSError as failed:
            self._path.unlink(missing_ok=True)
            raise NotSaved(f"cannot write the lock {self.shown}: {reason_of(failed)}. Nothing was done") from failed
        return True

    def _read(self) -> str | None:
        """Return the content of the file; None if it does not exist."""
        try:
            return read_file(self._path, at_most=_LARGEST).decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        except OSError as failed:
            raise NotSaved(f"cannot read the lock {self.shown}: {reason_of(failed)}. Nothing was done") from failed

    def _is_old(self) -> bool:
        """Return whether an unreadable file is too old to be one that is just being written."""
        try:
            return abs(self._clock() - self._path.stat().st_mtime) > _WRITTEN_WITHIN
        except OSError:
            return False

    def _take_away(self, seen: str) -> bool:
        """Move a stale lock out of the way; return False if another run was quicker.

        Two runs may find the same stale lock, and the slower one may move away the new lock of the quicker one. Then it
        is put back; if a third run takes the lock in between, the quicker one notices before its next step.
        """
        aside = self._path.with_name(f"{self._path.name}.{os.urandom(8).hex()}")
        try:
            self._path.rename(aside)
        except FileNotFoundError:
            return False
        except OSError as failed:
            raise NotSaved(f"cannot take over the lock {self.shown}: {reason_of(failed)}. Nothing was done") from failed
        try:
            if aside.read_bytes()[:_LARGEST].decode("utf-8", "replace") == seen:
                return True
            try:
                os.link(aside, self._path)
            except OSError:
                pass
            return False
        finally:
            aside.unlink(missing_ok=True)

    def _busy_words(self, there: LockHolder | None) -> str:
        if there is None:
            return (
                f"another run of ncco holds the lock {self.shown}, or has just been killed; try again in a moment, and "
                "delete the file when it stays"
            )
        if fate_of(there.process, this_machine()) is Fate.ALIVE:
            return (
                f"{_owner_words(there)} runs on this machine and holds the lock {self.shown}; wait until it has ended, or "
                "end it"
            )
        until = datetime.fromtimestamp(there.expires, UTC).strftime("%H:%M:%S UTC")
        return (
            f"{_owner_words(there)} is deploying with this state, until {until} at the latest when it does not go on; "
            f"wait for it. When you know that it has ended, delete {self.shown}"
        )


@contextmanager
def folder_of(state: str) -> Iterator[None]:
    """Make the folder of a state and its lock; remove it afterwards if it is new and empty.

    Raises:
        NotSaved: the folder cannot be made.
        NotSaved: it cannot be made.
    """
    folder = Path(state).parent
    is_new = not os.path.lexists(folder)
    try:
        make_folder(str(folder))
    except OutputError as failed:
        raise NotSaved(f"{failed}; the state is kept there, and nothing was done") from failed
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):
                folder.rmdir()


def _new_holder(expires: float) -> LockHolder:
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "somebody"
    return LockHolder(
        owner=f"{user}@{socket.gethostname()}",
        process=this_machine().process(os.getpid()),
        token=os.urandom(16).hex(),
        expires=expires,
    )


def _owner_words(there: LockHolder | None) -> str:
    return "somebody" if there is None else f"{there.owner} (process {there.process.pid})"


def _why_stale(there: LockHolder, now: float) -> str | None:
    """Return why a lock may be taken; None if it may not."""
    fate = fate_of(there.process, this_machine())
    if fate is Fate.ALIVE:
        return None
    if fate is not Fate.ELSEWHERE:
        return str(fate.value)
    if now > there.expires:
        return "it had run out"
    if there.expires > now + 2 * LEASE:
        # A clock that is far ahead must not block all runs for that long.
        return "it holds longer than any lock does, so a clock was wrong"
    if there.process.machine == _earlier_machine() and not _is_running(there.process.pid):
        return str(Fate.GONE.value)
    return None


def _earlier_machine() -> str | None:
    """Return the name of this machine in locks of an earlier version; None on Windows, where these had no such name."""
    import socket

    if os.name != "posix":
        return None
    host = socket.gethostname()
    try:
        return f"{host} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return str(host)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _is_by(text: str, holder: LockHolder) -> bool:
    there = _parse(text)
    return there is not None and there.token == holder.token


def _dump(holder: LockHolder) -> str:
    process = asdict(holder.process)
    return json.dumps({"owner": holder.owner, **process, "token": holder.token, "expires": holder.expires}) + "\n"


_KINDS: Mapping[str, tuple[type, ...]] = {
    "owner": (str,),
    "machine": (str,),
    "boot": (str,),
    "pid": (int,),
    "started": (str,),
    "token": (str,),
    "expires": (int, float),
}


def _parse(text: str) -> LockHolder | None:
    """Return the content of a lock file; None if it is not valid, or not yet completely written."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    if not data.keys() & {"boot", "started"}:
        data |= {"boot": "", "started": ""}
    if data.keys() != _KINDS.keys() or any(type(data[name]) not in kinds for name, kinds in _KINDS.items()):
        return None
    process = Process(machine=data["machine"], boot=data["boot"], pid=data["pid"], started=data["started"])
    if not (process.pid > 0 and 0 <= data["expires"] < 1e11):
        return None
    return LockHolder(owner=data["owner"], process=process, token=data["token"], expires=data["expires"])
