"""Write the state around each remote step: the intent before it, the result after it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ncco_lang.deploy.errors import Busy, NotSaved
from ncco_lang.deploy.lock import Lock
from ncco_lang.deploy.state import Intent, State
from ncco_lang.deploy.state_file import Lines, dump_state
from ncco_lang.deploy.state_versions import keep_backup, version_for, version_of
from ncco_lang.workspace.errors import OutputError
from ncco_lang.workspace.files import write_atomic
from ncco_lang.workspace.regular import read_file

_Result = TypeVar("_Result")


class Journal:
    """The state of one run, which holds the lock; `state` is equal to the state in the file.

    Args:
        say: receives a sentence if an older state is kept as a backup.
        checkpoint: called with `before STEP` and `after STEP` around every remote step. Tests stop the program there.
    """

    __slots__ = (
        "_found",
        "_found_version",
        "_lines",
        "_lock",
        "_path",
        "_say",
        "_shown",
        "_written",
        "checkpoint",
        "state",
    )

    def __init__(
        self,
        path: str,
        state: State,
        lock: Lock,
        *,
        shown: str,
        say: Callable[[str], None] = lambda _: None,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._path = path
        self._shown = shown
        self._lock = lock
        self._lines: Lines = {}
        self._written = _read(path)
        self._say = say
        self._found = self._written
        self._found_version: int | None = None
        self.state = state
        self.checkpoint = checkpoint

    def write(self, state: State) -> None:
        """Write a state, unless the file already has it.

        Raises:
            NotSaved: the file cannot be written.
            Busy: the lock or the file was taken or changed by another process.
        """
        if state == self.state:
            return
        state = replace(state, serial=self.state.serial + 1)
        self._lock.renew()
        if _read(self._path) != self._written:
            raise Busy(
                f"{self._shown} was changed by somebody else while this run had its lock; it is left as it is now. "
                "See that nobody else deploys with it, and run it again"
            )
        self._keep_older(version_for(state))
        text = dump_state(state, self._lines)
        try:
            write_atomic(self._path, text)
        except OutputError as failed:
            raise NotSaved(
                f"{failed}; so what is done cannot be remembered, and nothing more is asked of the provider. "
                "Make it possible to write there and run it again"
            ) from failed
        self.state, self._written = state, text.encode("utf-8")

    def _keep_older(self, version: int) -> None:
        """Keep a copy of the file that this run found, before the first write in a newer format.

        Raises:
            NotSaved: the copy cannot be written.
        """
        if self._found is not None and self._found_version is None:
            self._found_version = version_of(json.loads(self._found))
        if self._found is not None and (self._found_version or 0) < version:
            kept = keep_backup(self._path, self._found, self._found_version or 0, self._shown)
            self._say(f"{self._shown} gets a newer format (version {version}); the old one is kept as {kept}")
            self._found = None

    def step(
        self,
        intent: Intent,
        act: Callable[[], _Result],
        settle: Callable[[State, _Result], State],
        *,
        begun: Callable[[State], State] = lambda state: state,
        is_refusal: Callable[[Exception], bool] = lambda _: False,
    ) -> _Result:
        """Do one remote step, and return its result.

        Args:
            intent: written before the step.
            act: does the step.
            settle: returns the state after the step from the state before it and the result.
            begun: returns the state to write with the intent.
            is_refusal: returns whether the exception from `act` means that nothing was done, so that no intent is left.
        """
        name = f"{intent.kind} {intent.key}"
        self.write(replace(begun(self.state), intent=intent))
        # Renew the lock also if the state was equal and not written.
        self._lock.renew()
        self.checkpoint(f"before {name}")
        try:
            result = act()
        except Exception as failed:
            if is_refusal(failed):
                self.write(replace(self.state, intent=None))
            raise
        self.checkpoint(f"after {name}")
        self.write(replace(settle(self.state, result), intent=None))
        return result

    def forget(self) -> None:
        """Remove the state file, because nothing in it is deployed any more."""
        self._lock.renew()
        try:
            Path(self._path).unlink(missing_ok=True)
        except OSError as failed:
            raise NotSaved(f"everything is removed, but {self._shown} is still there: {failed.strerror}") from failed


def sweep(path: str) -> None:
    """Remove the temporary files that killed runs left beside a state. The caller holds the lock."""
    place = Path(path)
    left = re.compile(rf"\.{re.escape(place.name[:40])}(\.lock|\.v[0-9.]+bak)?\.[a-z0-9_]{{8}}")
    try:
        for each in place.parent.iterdir():
            if left.fullmatch(each.name):
                each.unlink(missing_ok=True)
    except OSError:
        # Such a file does no harm.
        pass


def _read(path: str) -> bytes | None:
    """Return the content of the file; None if it does not exist or cannot be read."""
    try:
        return read_file(path)
    except OSError:
        return None
