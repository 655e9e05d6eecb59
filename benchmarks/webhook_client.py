"""A small client that sends webhooks over connections that stay open, each as soon as the one before is answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

_END = b"\r\n\r\n"
Message = Callable[[], bytes]
"""Returns the bytes of the next request."""


class ServerError(Exception):
    """A server did not answer with 200."""


def get(url: str, fields: Mapping[str, str]) -> bytes:
    """Return the request of a webhook by GET."""
    parts = urlsplit(url)
    return f"GET {parts.path}?{urlencode(fields)} HTTP/1.1\r\nhost: {parts.netloc}\r\n\r\n".encode()


def post(url: str, fields: Mapping[str, Any]) -> bytes:
    """Return the request of a webhook by POST, with the headers that the platform sends."""
    parts, body = urlsplit(url), json.dumps(fields)
    return (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\nuser-agent: benchmark\r\naccept: */*\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


def send(address: tuple[str, int], request: bytes) -> bytes:
    """Send one request and return the body of its response."""
    bodies: list[bytes] = []
    asyncio.run(_load(address, iter([request]), 1, lambda _, body: bodies.append(body)))
    return bodies[0]


def load(address: tuple[str, int], requests: Iterable[bytes], connections: int) -> list[float]:
    """Send requests over so many connections, and return the seconds from sending each to its answer."""
    taken: list[float] = []
    asyncio.run(_load(address, iter(requests), connections, lambda seconds, _: taken.append(seconds)))
    return taken


async def _load(
    address: tuple[str, int], requests: Iterable[bytes], connections: int, note: Callable[[float, bytes], None]
) -> None:
    waiting, loop = iter(requests), asyncio.get_running_loop()
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: _Connection(waiting, note, end), *address)  # type: ignore[misc]
    await asyncio.gather(*ends)


class _Connection(asyncio.Protocol):
    """One connection, which ends with the requests."""

    def __init__(self, requests: Iterable[bytes], note: Callable[[float, bytes], None], end: Any) -> None:
        self._requests, self._note, self._end = iter(requests), note, end
        self._data = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self._end.set_result(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(_END)
        if not end or len(body) < _length(head):
            return
        taken, self._data = time.perf_counter() - self._sent, b""
        if not head.startswith(b"HTTP/1.1 200"):
            self._transport.close()
            self._end.set_exception(ServerError(head.partition(b"\r\n")[0].decode("latin-1")))
            return
        self._note(taken, body)
        self._send()

    def connection_lost(self, failed: Exception | None) -> None:
        if not self._end.done():
            self._end.set_exception(failed or ServerError("the server closed the connection"))


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])
