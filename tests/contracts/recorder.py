"""Run a small server on loopback that records requests and sends prepared responses."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded request; `target` is path and query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """A response for the requests with a method and a pattern (of the whole target); the first match is used."""

    method: str
    pattern: str
    status: int
    body: Any = None
    content: bytes = b""

    @property
    def data(self) -> bytes:
        return self.content if self.body is None else json.dumps(self.body).encode()


class Recorder:
    """The recorded requests, oldest first, and the address of the server."""

    __slots__ = ("address", "requests")

    def __init__(self, address: str) -> None:
        self.address = address
        self.requests: list[Recorded] = []

    def take(self) -> list[Recorded]:
        """Return the requests since the last call."""
        taken, self.requests = self.requests, []
        return taken


@contextmanager
def recording(replies: Sequence[Reply]) -> Iterator[Recorder]:
    """Run the server in a thread, on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are sent separately; otherwise the body waits until the client has acknowledged the head.
        disable_nagle_algorithm = True

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            recorder.requests.append(Recorded(self.command, self.path, dict(self.headers.items()), body))
            reply = reply_to(replies, self.command, self.path)
            self.send_response(reply.status)
            if reply.status != 204:
                media = "application/octet-stream" if reply.body is None else "application/json"
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(reply.data)))
            self.end_headers()
            self.wfile.write(reply.data)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False

    with Server(("127.0.0.1", 0), Handler) as server:
        recorder = Recorder(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()


def reply_to(replies: Sequence[Reply], method: str, target: str) -> Reply:
    """Return the response to a request; 501 if there is none, so that a forgotten one is noticed."""
    for reply in replies:
        if reply.method == method and re.fullmatch(reply.pattern, target):
            return reply
    return Reply(method, target, 501, {"title": f"no reply to {method} {target}"})
