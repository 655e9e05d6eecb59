"""Servers of the menu of `menus.py`, each in a process of its own that says how much CPU time it has taken.

`python -m benchmarks.menu_servers KIND` prints the answer URL. Then it prints the CPU seconds of the process for every line
of its standard input, and ends with that.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

import uvicorn

from benchmarks.menu_by_hand import make_app as make_by_hand
from benchmarks.menus import FILE, MENU
from benchmarks.processes import ROOT
from ncco_lang.runtime.call_store import MemoryStore
from ncco_lang.serve.app import make_app
from ncco_lang.serve.applications import Sources
from ncco_lang.serve.call_store import SqliteStore
from ncco_lang.serve.keys import make_serve_folder, read_keys
from ncco_lang.serve.server import configure, serve
from ncco_lang.serve.service import CALLS, Service, read_settings
from ncco_lang.workspace.projects import Choices

Kind: TypeAlias = Literal["by-hand", "event", "serve"]
"""`event` is ours without what by hand does not have: its store is in memory, and it writes no log."""
KINDS: tuple[Kind, ...] = get_args(Kind)
_BY_HAND = f"ncco-{'0' * 22}"


class Server:
    """A server in a process.

    Attributes:
        answer_url: its answer webhook.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.answer_url = self._read()

    def seconds(self) -> float:
        """Return the CPU time that the process has taken so far: user and system."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._read())

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a server of the benchmark has ended")
        return line.strip()


@contextmanager
def started(kind: Kind) -> Iterator[Server]:
    """Start a server in an empty folder, and end it at last."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, kind],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield Server(process)
        finally:
            process.kill()
            process.communicate()


class _InMemory(MemoryStore):
    def close(self) -> None:
        """Close nothing."""


def _run_by_hand(listener: socket.socket) -> None:
    base = f"http://127.0.0.1:{listener.getsockname()[1]}/{_BY_HAND}"
    _tell(f"{base}/answer")
    config = uvicorn.Config(make_by_hand(base), loop="uvloop", http="httptools", log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def _run_ours(listener: socket.socket, *, is_whole: bool) -> None:
    Path(FILE).write_text(MENU, encoding="utf-8")
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sources = Sources((FILE,), Choices(base_url=base_url))
    settings = read_settings(sources)
    make_serve_folder(settings.folder)
    keys = read_keys(settings.key, settings.project.folder, settings.folder)
    store = SqliteStore(settings.folder / CALLS) if is_whole else cast("SqliteStore", _InMemory())
    service = Service(sources, settings, keys, store, _log if is_whole else _ignore, lambda _: None)
    service.load()
    (served,) = service.applications
    url = f"{served.flow.base}/answer"
    config = configure(make_app(service), request_seconds=settings.request_seconds)
    serve(config, listener, started=lambda: _tell(url))


def _log(line: str) -> None:
    """Print a line as `ncco serve` does."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def _ignore(_: str) -> None:
    pass


def _tell(line: str) -> None:
    print(line, flush=True)


def _tell_time() -> None:
    for _ in sys.stdin:
        _tell(repr(time.process_time()))


def main(kind: str) -> None:
    """Run a server until the process is killed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=_tell_time, daemon=True).start()
    if kind == "by-hand":
        _run_by_hand(listener)
    else:
        _run_ours(listener, is_whole=kind == "serve")


if __name__ == "__main__":
    main(sys.argv[1])
