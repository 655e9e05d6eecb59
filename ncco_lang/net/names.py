"""Find the addresses of hosts: one question at a time about each, so that a name server that hangs blocks no other name."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""(name or unusual form of an address, port) → its addresses, the best one first. Raises OSError if there are none."""


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system's resolver orders them.

    The resolver cannot be interrupted, and may take half a minute. It runs in a thread of its own: the threads of the event
    loop are few, and the program would wait for them at its end.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[Any]] = loop.create_future()

    def ask() -> None:
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as failed:
            answer(found.set_exception, failed)
        else:
            answer(found.set_result, addresses)

    def answer(give: Callable[[Any], None], what: object) -> None:
        # The loop may be closed.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if found.done() else give(what))

    try:
        threading.Thread(target=ask, name="resolve", daemon=True).start()
    except RuntimeError:
        raise OSError(errno.EAGAIN, "no thread can be started") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in await found))


class Names:
    """A `Resolver` that asks another one; who asks for a name meanwhile waits for the same answer."""

    __slots__ = ("_asked", "_find")

    def __init__(self, find: Resolver) -> None:
        self._find = find
        self._asked: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        asked = self._asked.get((host, port))
        if asked is None:
            asked = self._asked[host, port] = asyncio.ensure_future(self._find(host, port))
            asked.add_done_callback(lambda done: self._end(host, port, done))
        return await asyncio.shield(asked)

    def close(self) -> None:
        """Cancel what is asked."""
        for asked in list(self._asked.values()):
            asked.cancel()

    def _end(self, host: str, port: int, done: asyncio.Future[Sequence[str]]) -> None:
        del self._asked[host, port]
        if not done.cancelled():
            # It may be that no request waits for it any more; asyncio would warn of an error that is not read.
            done.exception()
