"""Servers of flows and of the same by hand, each in a process of its own that says how much CPU time it has taken.

`python -m benchmarks.servers KIND FLOW SHOP` prints the answer URL; SHOP is the address of the server that the flow looks
up. Then it prints the CPU seconds of the process for every line of its standard input, and ends with that.
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
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks import asking_by_hand, menu_by_hand
from benchmarks.asking_flows import LOOKUPS, ORDERS, SHOP, VALUES
from benchmarks.menus import MENU
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
Name: TypeAlias = Literal["menu", "values", "lookups"]
FLOWS: dict[Name, str] = {"menu": MENU, "values": VALUES, "lookups": LOOKUPS}
_BY_HAND = f"ncco-{'0' * 22}"


class Server:
    """A server in a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @cached_property
    def answer_url(self) -> str:
        """The answer webhook; that of a shop is its address. It is read late, so that several servers start at once."""
        return self._read()

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
def started(kind: Kind | Literal["shop"], name: Name, shop: str = SHOP) -> Iterator[Server]:
    """Start a server in an empty folder, and end it at last.

    Args:
        kind: `shop` for the server that is looked up.
        name: the flow.
        shop: the address of the server that is looked up.
    """
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, kind, name, shop],
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

    def is_moved(self) -> bool:
        """Return that no file was deleted."""
        return False

    def hold(self, _key: str, _number: int, holder: str, _now: float, _until: float) -> str:
        """Hold an event; no other process serves."""
        return holder

    def release(self, key: str, holder: str) -> None:
        """Let another one hold an event."""


async def _order(request: Request) -> Response:
    found = ORDERS.get(request.path_params["number"])
    return JSONResponse(found) if found is not None else Response(status_code=404)


def _run_by_hand(listener: socket.socket, name: Name, shop: str) -> None:
    base = f"http://127.0.0.1:{listener.getsockname()[1]}/{_BY_HAND}"
    match name:
        case "menu":
            app = menu_by_hand.make_app(base)
        case "values":
            app = asking_by_hand.make_app(asking_by_hand.Water(base))
        case "lookups":
            app = asking_by_hand.make_app(asking_by_hand.Bakery(base, shop))
    _run(listener, app, f"{base}/answer")


def _run_shop(listener: socket.socket) -> None:
    app = Starlette(routes=[Route("/orders/{number}", _order)])
    _run(listener, app, f"http://127.0.0.1:{listener.getsockname()[1]}")


def _run(listener: socket.socket, app: Starlette, url: str) -> None:
    _tell(url)
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def _run_ours(listener: socket.socket, name: Name, shop: str, *, is_whole: bool) -> None:
    file = f"{name}.flow"
    Path(file).write_text(FLOWS[name].replace(SHOP, shop), encoding="utf-8")
    Path("ncco.toml").write_text('edition = 2026\n\n[serve]\nallow = ["127.0.0.1"]\n', encoding="utf-8")
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sources = Sources((file,), Choices(base_url=base_url))
    settings = read_settings(sources)
    make_serve_folder(settings.folder)
    keys = read_keys(settings.key, settings.project.folder, settings.folder)
    store = SqliteStore(settings.folder / CALLS) if is_whole else cast("SqliteStore", _InMemory())
    tell = _log if is_whole else _ignore
    service = Service(sources, settings, keys, store, tell, tell, lambda _: None)
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


def main(kind: str, name: Name, shop: str) -> None:
    """Run a server until the process is killed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=_tell_time, daemon=True).start()
    if kind == "shop":
        _run_shop(listener)
    elif kind == "by-hand":
        _run_by_hand(listener, name, shop)
    else:
        _run_ours(listener, name, shop, is_whole=kind == "serve")


if __name__ == "__main__":
    main(sys.argv[1], cast("Name", sys.argv[2]), sys.argv[3])
