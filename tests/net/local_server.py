"""Run a small HTTP server in the event loop of a test."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A received request. Names of headers are in lower case. `peer` has the rest of the connection."""

    server: LocalServer
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    peer: tuple[asyncio.StreamReader, asyncio.StreamWriter]

    async def end(self) -> None:
        """Wait until the client closes the connection."""
        await self.peer[0].read()

    async def write(self, data: bytes) -> None:
        """Send a part of the response, and let the other tasks run."""
        self.peer[1].write(data)
        await self.peer[1].drain()
        await asyncio.sleep(0)


Handler = Callable[[Asked], Awaitable[bytes | None]]
"""Returns the response to a request; None closes the connection."""


class LocalServer:
    """What a server has received: requests, and how many connections it has had and has open now."""

    def __init__(self, handler: Handler) -> None:
        self.asked: list[Asked] = []
        self.connections = self.open = 0
        self.port = 0
        self._handler = handler
        self._changed = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def until(self, is_so: Callable[[LocalServer], bool]) -> None:
        """Wait until something is so."""
        async with self._changed:
            await self._changed.wait_for(lambda: is_so(self))

    async def _count(self, *, opened: int = 0, asked: Asked | None = None) -> None:
        async with self._changed:
            self.open += opened
            self.connections += max(0, opened)
            if asked is not None:
                self.asked.append(asked)
            self._changed.notify_all()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(self._talk(reader, writer)))

    async def close(self) -> None:
        """Close the connections. Raises what a handler has raised."""
        for task in self._tasks:
            task.cancel()
        for end in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(end, Exception):
                raise end

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._count(opened=1)
        try:
            while True:
                asked = await self._read(reader, writer)
                await self._count(asked=asked)
                if (answer := await self._handler(asked)) is None:
                    break
                writer.write(answer)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()
            await self._count(opened=-1)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Asked(self, method, target, headers, body, (reader, writer))


def response(body: bytes = b"{}", *, status: int = 200, **headers: str) -> bytes:
    """Return the bytes of a response. In the names of headers, `_` is a hyphen."""
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "\r\n"]).encode() + body


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[LocalServer]:
    """Run a server on 127.0.0.1 until the block ends."""
    local = LocalServer(handler)
    server = await asyncio.start_server(local.accept, "127.0.0.1", 0, ssl=tls)
    local.port = server.sockets[0].getsockname()[1]
    try:
        yield local
    finally:
        server.close()
        await local.close()
