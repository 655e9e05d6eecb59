"""Run `ncco` in processes that are forked from one that has imported it, which saves a third of a second for each.

A forked process has its own folder, environment, arguments, streams and exit code. What it does not show is what
importing and reading the package's data does and costs, and how the interpreter ends; `test_light_imports.py` and all
tests that start a process by themselves show that.

The server is this module run as a program. It reads a request and three file descriptors for the standard streams from
each connection, forks, and answers with the process id and, at its end, the wait status.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import logging
import os
import pkgutil
import random
import select
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn, TextIO
from uuid import uuid4

_MOST = 1 << 20
_LIBRARIES = (
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "fsspec",
    "httpx",
    "jsonschema",
    "jwt",
    "lark",
    "pathspec",
    "phonenumbers.phonenumberutil",
    "starlette.applications",
    "uvicorn",
)
_FLOW = 'talk "Hello."\n'
IS_AVAILABLE = hasattr(os, "pidfd_open") and hasattr(socket, "send_fds")


class ForkServer:
    """A server that lives as long as this process."""

    def __init__(self, command: Sequence[str], root: Path, environment: Mapping[str, str]) -> None:
        """Start it.

        Args:
            command: the interpreter with its options.
            root: the folder from which `tests` and `ncco_lang` are imported.
        """
        # Linux has addresses without a file.
        self._address = f"\0ncco-forks-{uuid4()}"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen(64)
            # The server ends when the other end of its standard input is closed.
            self._process = subprocess.Popen(
                [*command, "-m", __name__, str(listener.fileno())],
                cwd=root,
                env=environment,
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
            )
        atexit.register(self._close)

    def _close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def start(
        self,
        arguments: Sequence[str],
        streams: Sequence[int],
        *,
        folder: Path,
        env: Mapping[str, str],
        is_logged: bool = False,
    ) -> Forked:
        """Start `ncco` with three file descriptors as its standard streams, which stay open here.

        Args:
            is_logged: whether Python's `logging` prints everything, from all libraries.
        """
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._address)
        asked = {"arguments": list(arguments), "folder": str(folder), "env": dict(env), "is_logged": is_logged}
        request = json.dumps(asked).encode()
        socket.send_fds(connection, [len(request).to_bytes(4, "big")], streams)
        connection.sendall(request)
        return Forked(connection)

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str],
        input: bytes = b"",
        timeout: float,
        is_logged: bool = False,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `ncco` and return its result, as `subprocess.run` does with pipes.

        Raises:
            subprocess.TimeoutExpired: it took too long, and was killed.
        """
        pipes = [os.pipe() for _ in range(3)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        try:
            process = self.start(arguments, theirs, folder=folder, env=env, is_logged=is_logged)
        finally:
            for fd in theirs:
                os.close(fd)
        readers = [_Reader(os.fdopen(pipe[0], "rb", 0)) for pipe in pipes[1:]]
        feeder = _Feeder(os.fdopen(pipes[0][1], "wb", 0), input)
        try:
            code = process.wait(timeout)
        finally:
            for worker in (feeder, *readers):
                worker.join(timeout)
        out, err = (bytes(reader.data) for reader in readers)
        return subprocess.CompletedProcess(["ncco", *arguments], code, out, err)

    def write_command(self, path: Path) -> None:
        """Write a program that runs `ncco` in a forked process, for scripts that call it by its name."""
        client = Path(__file__).with_name("fork_client.py")
        # Without `site`, which takes as long as the rest; an argument cannot have the zero byte of the address.
        words = (sys.executable, "-IS", str(client), self._address[1:])
        path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
        path.chmod(0o755)


class Forked:
    """A forked process."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._answers = connection.makefile("r")
        self.pid = int(self._answers.readline())

    def has_ended(self) -> bool:
        """Return whether `wait` would return at once."""
        return bool(select.select([self._connection], [], [], 0)[0])

    def wait(self, timeout: float) -> int:
        """Return the exit code, or the negative number of the signal that ended it.

        Raises:
            subprocess.TimeoutExpired: it took too long, and was killed.
        """
        self._connection.settimeout(timeout)
        with self._connection, self._answers:
            try:
                return os.waitstatus_to_exitcode(int(self._answers.readline()))
            except TimeoutError:
                os.kill(self.pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired("ncco", timeout) from None


class ForkedPopen:
    """A forked process with pipes, with what tests of servers use of `subprocess.Popen`."""

    def __init__(self, server: ForkServer, arguments: Sequence[str], *, folder: Path, env: Mapping[str, str]) -> None:
        (out, their_out), (err, their_err) = os.pipe(), os.pipe()
        with Path(os.devnull).open("rb") as nothing:
            streams = (nothing.fileno(), their_out, their_err)
            self._forked = server.start(arguments, streams, folder=folder, env=env)
        os.close(their_out)
        os.close(their_err)
        self.pid = self._forked.pid
        self.returncode: int | None = None
        self.stdout, self.stderr = os.fdopen(out, "rb"), os.fdopen(err, "rb")

    def __enter__(self) -> ForkedPopen:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pipes, and wait for its end."""
        self.stdout.close()
        self.stderr.close()
        self.wait(60)

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.returncode is None and self._forked.has_ended():
            self.wait(10)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end, and return the exit code, or the negative number of the signal that ended it."""
        if self.returncode is None:
            self.returncode = self._forked.wait(timeout)
        return self.returncode

    def communicate(self, timeout: float) -> tuple[bytes, bytes]:
        """Read the rest of what it prints, and wait for its end."""
        readers = [None if pipe.closed else _Reader(pipe) for pipe in (self.stdout, self.stderr)]
        self.wait(timeout)
        out, err = (b"" if reader is None else reader.all(timeout) for reader in readers)
        return out, err

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


class _Reader(threading.Thread):
    """Reads a pipe to its end."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.data = bytearray()
        self._pipe = pipe
        self.start()

    def run(self) -> None:
        with self._pipe:
            while piece := self._pipe.read(1 << 16):
                self.data += piece

    def all(self, timeout: float) -> bytes:
        """Return what was read, at the end."""
        self.join(timeout)
        return bytes(self.data)


class _Feeder(_Reader):
    """Writes into a pipe, and closes it."""

    def __init__(self, pipe: IO[bytes], content: bytes) -> None:
        self._content = content
        super().__init__(pipe)

    def run(self) -> None:
        with contextlib.suppress(BrokenPipeError), self._pipe:
            left = memoryview(self._content)
            while left:
                left = left[self._pipe.write(left) :]


# ── The server ─────────────────────────────────────────────────────────────────────────────────────────


def preload() -> None:
    """Import the package and its libraries, and read the package's data: a flow is compiled, checked and formatted."""
    import ncco_lang
    from ncco_lang.checker import check_value

    for module in pkgutil.walk_packages(ncco_lang.__path__, "ncco_lang."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in _LIBRARIES:
        importlib.import_module(name)
    ncco_lang.compile_text(_FLOW)
    ncco_lang.format_text(_FLOW)
    check_value([{"action": "talk", "text": "Hello."}])
    gc.collect()
    # A collection in a forked process would copy every page.
    gc.freeze()


def _serve(listener: socket.socket) -> dict[str, Any]:
    """Fork a process for each connection; return the request, in a forked process."""
    running: dict[int, tuple[int, socket.socket]] = {}
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(0, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fd == 0:
                os._exit(0)
            if key.fd in running:
                pid, connection = running.pop(key.fd)
                _, status = os.waitpid(pid, 0)
                selector.unregister(key.fd)
                os.close(key.fd)
                with contextlib.suppress(OSError), connection:
                    connection.sendall(b"%d\n" % status)
                continue
            connection, request = _accept(listener)
            pid = os.fork()
            if pid == 0:
                selector.close()
                for each in (connection, listener, *(each for _, each in running.values())):
                    each.close()
                return request
            for fd in request["fds"]:
                os.close(fd)
            connection.sendall(b"%d\n" % pid)
            handle = os.pidfd_open(pid)
            running[handle] = pid, connection
            selector.register(handle, selectors.EVENT_READ)


def _accept(listener: socket.socket) -> tuple[socket.socket, dict[str, Any]]:
    connection, _ = listener.accept()
    size, fds, _, _ = socket.recv_fds(connection, 4, 3)
    request = b""
    while len(request) < int.from_bytes(size, "big"):
        request += connection.recv(_MOST)
    return connection, {**json.loads(request), "fds": fds}


def _become(request: dict[str, Any]) -> None:
    """Take over the streams, the folder, the environment and the arguments of a request."""
    for fd, wanted in zip(request["fds"], range(3), strict=True):
        os.dup2(fd, wanted)
    os.closerange(3, 256)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    random.seed()
    sys.argv = ["ncco", *request["arguments"]]
    for name, fd, errors in (("stdin", 0, "strict"), ("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        stream = _stream(fd, errors)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    if request["is_logged"]:
        logging.basicConfig(level=logging.DEBUG)


def _stream(fd: int, errors: str) -> TextIO:
    """Return a stream as the interpreter opens it at its start."""
    buffering = 1 if fd == 2 or os.isatty(fd) else -1
    return os.fdopen(fd, "w" if fd else "r", buffering=buffering, encoding="utf-8", errors=errors, closefd=False)


def _end(code: int) -> NoReturn:
    """End the process as the interpreter does, but without taking its thousand modules apart."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        code = 120
    os._exit(code)


def _main() -> NoReturn:
    preload()
    _become(_serve(socket.socket(fileno=int(sys.argv[1]))))
    from ncco_lang.cli.main import main

    code: Any = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
        code = 1
    _end(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    _main()
