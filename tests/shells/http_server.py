"""Run a small HTTP server on this machine that sends scripted responses and records requests."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to a request.

    Attributes:
        json: the body, unless `body` is given.
        cut: where the connection is closed: `before` any response, or in the `middle` of the body; `silent` keeps it
            open and sends nothing until the server is closed.
    """

    status: int = 200
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: Literal["before", "middle", "silent"] | None = None

    @property
    def content(self) -> bytes:
        if self.body is not None:
            return self.body
        return b"" if self.json is None else json.dumps(self.json).encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """A received request. Names of headers are in lower case; `target` is as in the request line."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    target: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


Scripted = Answer | Callable[[Asked], Answer]


class Scripts:
    """The responses: a list for each method and path, whose last one is repeated."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[Asked] = []
        self.unexpected: list[str] = []
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], list[Scripted]] = {}
        self.closing = threading.Event()

    def on(self, method: str, path: str, *answers: Scripted) -> None:
        """Set the responses from now on."""
        with self._lock:
            self._rows[method, path] = list(answers)

    def of(self, method: str, path: str) -> list[Asked]:
        """Return the received requests of one kind, in order."""
        with self._lock:
            return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    def answer(self, asked: Asked) -> Answer:
        """Return the next response; an unexpected request gets 418 and is kept in `unexpected`."""
        with self._lock:
            self.asked.append(asked)
            row = self._rows.get((asked.method, asked.path))
            if not row:
                self.unexpected.append(f"{asked.method} {asked.path}")
                return Answer(418)
            scripted = row.pop(0) if len(row) > 1 else row[0]
        return scripted(asked) if callable(scripted) else scripted


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    scripts: Scripts

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.open: set[socket.socket] = set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors: a client that cuts a connection is part of the test."""

    def cut_all(self) -> None:
        """Close the connections that clients keep open, so that their threads end too."""
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Send a response in one piece, because two small ones would be delayed.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def _any(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(
            method=self.command,
            path=parts.path,
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("content-length", "0"))),
            target=self.path,
        )
        answer = self.server.scripts.answer(asked)
        if answer.cut == "silent":
            self.server.scripts.closing.wait()
        if answer.cut in ("silent", "before"):
            self.close_connection = True
            return
        content = answer.content
        self.send_response(answer.status)
        for name, value in {"content-type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        if answer.cut == "middle":
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)

    def send_response(self, code: int, message: str | None = None) -> None:
        # Without `Date` and `Server`: a test that needs the server's clock sets it.
        self.send_response_only(code, message)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_CONNECT = _any  # noqa: N815


@contextmanager
def serving(certificate: ssl.SSLContext | None = None) -> Iterator[Scripts]:
    """Run a server on a free port of this machine for the duration of the block; with TLS if a context is given."""
    server = _Server()
    if certificate is not None:
        server.socket = certificate.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "http" if certificate is None else "https"
    server.scripts = Scripts(f"{scheme}://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield server.scripts
    finally:
        server.scripts.closing.set()
        server.shutdown()
        thread.join()
        server.cut_all()
        server.server_close()


@contextmanager
def speaking(pieces: Callable[[], Iterable[bytes]], pause: float = 0.0) -> Iterator[str]:
    """Run a server that answers each connection with these pieces, and return its address."""
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65536)
                        for piece in pieces():
                            connection.sendall(piece)
                            if pause and closing.wait(pause):
                                return
                    except OSError:
                        pass
                    if closing.is_set():
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            closing.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
