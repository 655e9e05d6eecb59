"""Run `ncco` as a process, as a user or a program does."""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.shells import fork_server

ROOT = Path(__file__).resolve().parents[2]
# A warning of Python or of a library is an error here too.
NCCO = (sys.executable, "-W", "error", "-m", "ncco_lang")
LONGEST = 60.0
Process: TypeAlias = "subprocess.Popen[bytes] | fork_server.ForkedPopen"


as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
# Without its capabilities root may only open its own files, like any user.
_POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


def powerless() -> tuple[str, ...]:
    """Return the command prefix that runs a command as a user who may not read and write every file."""
    if os.geteuid() != 0:
        return ()
    if shutil.which(_POWERLESS[0]) is None:
        pytest.skip("root may read and write everything, and setpriv is not here")
    return _POWERLESS


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return this environment without variables that colour output or change encodings, and with `more`."""
    left_out = ("NO_COLOR", "FORCE_COLOR", "TERM", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONWARNINGS", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "TERM": "xterm", "PYTHONDONTWRITEBYTECODE": "1", **more}


def imported(folder: Path, *arguments: str, codes: Collection[int] = (0,)) -> set[str]:
    """Return the modules that a run of Python imports; it has to end with one of the exit codes."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=folder,
        env=environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode in codes, done.stderr
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


def run(
    arguments: Sequence[str],
    folder: Path,
    env: Mapping[str, str],
    stdin: bytes = b"",
    *,
    before: Sequence[str] = (),
    is_logged: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run `ncco` in a folder: forked from a prepared process, unless an interpreter has to read the environment.

    Args:
        before: a command prefix.
        is_logged: whether Python's `logging` prints everything, from all libraries.
    """
    if fork_server.IS_AVAILABLE and not before and not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in env):
        return forks().run(
            arguments, folder=folder, env=environment(env), input=stdin, timeout=LONGEST, is_logged=is_logged
        )
    command = [sys.executable, "-W", "error", "-c", _LOGGED] if is_logged else NCCO
    return subprocess.run(
        [*before, *command, *arguments],
        cwd=folder,
        env=environment(env),
        input=stdin,
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )


_LOGGED = "import logging; logging.basicConfig(level=logging.DEBUG); from ncco_lang.cli.main import main; main()"


@functools.cache
def forks() -> fork_server.ForkServer:
    """Return the server of this process; it starts when it is first needed."""
    return fork_server.ForkServer(NCCO[:3], ROOT, environment({}))


@functools.cache
def path_of_commands() -> str:
    """Return a PATH for scripts, whose `ncco` is forked from a prepared process where that is possible."""
    folders = [str(Path(sys.executable).parent), os.environ["PATH"]]
    if fork_server.IS_AVAILABLE:
        folder = tempfile.mkdtemp(prefix="ncco-commands-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        forks().write_command(Path(folder, "ncco"))
        folders.insert(0, folder)
    return os.pathsep.join(folders)


class Shell:
    """Runs `ncco` in a folder; `before` is the command prefix."""

    def __init__(self, folder: Path, before: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.before = before

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    def __call__(
        self, *arguments: str, code: int, stdin: str | bytes = b"", env: Mapping[str, str] | None = None
    ) -> tuple[str, str]:
        """Run it and check its exit code; return its standard output and standard error."""
        content = stdin if isinstance(stdin, bytes) else stdin.encode("utf-8")
        done = run(arguments, self.folder, env or {}, content, before=self.before)
        out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        assert done.returncode == code, out + err
        assert "Traceback" not in err
        return out, err

    def start(self, arguments: Sequence[str], **more: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*NCCO, *arguments], cwd=self.folder, env=environment({}), **more)

    def begin(self, *arguments: str) -> Process:
        """Start it with pipes for its output, forked where that is possible."""
        if fork_server.IS_AVAILABLE:
            return fork_server.ForkedPopen(forks(), arguments, folder=self.folder, env=environment({}))
        return self.start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def serve(self, *arguments: str) -> Process:
        """Start `ncco serve`."""
        return self.begin("serve", *arguments)

    def files(self) -> list[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*"))


def codes(out: str) -> list[tuple[str, str]]:
    """Return the findings in printed text: (file, code)."""
    return re.findall(r"^(\S+?):\d+:\d+: (?:error|warning|info) ([FLPQS]\d+) ", out, re.MULTILINE)


def limited(ncco: Shell, blocks: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with files limited to so many blocks of 512 or 1024 bytes."""
    return in_shell(ncco, f'ulimit -f {blocks}; exec "$@"', *arguments)


def in_shell(ncco: Shell, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in which `"$@"` is the command with its arguments."""
    return subprocess.run(
        ["/bin/sh", "-c", script, "sh", *NCCO, *arguments],
        cwd=ncco.folder,
        env=environment({}),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
