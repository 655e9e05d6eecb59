"""Share the connections among kinds of requests, so that a kind that hangs leaves some for the others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Seats:
    """So many requests at once; more wait in turn.

    A kind gets a seat while it has fewer than are free. So one kind that hangs has half of them at most, two have two
    thirds, and a kind that has none gets one at once.
    """

    __slots__ = ("_free", "_taken", "_waiting")

    def __init__(self, count: int) -> None:
        self._free = count
        self._taken = Counter[str]()
        self._waiting: dict[asyncio.Future[None], str] = {}

    @asynccontextmanager
    async def seat(self, kind: str) -> AsyncIterator[None]:
        """Wait for a seat, and have it during the block."""
        # A kind of which some wait may take none, so nothing overtakes them.
        if self._may_take(kind):
            self._take(kind)
        else:
            await self._wait(kind)
        try:
            yield
        finally:
            self._leave(kind)

    def _may_take(self, kind: str) -> bool:
        return self._taken[kind] < self._free

    def _take(self, kind: str) -> None:
        self._free -= 1
        self._taken[kind] += 1

    async def _wait(self, kind: str) -> None:
        given = asyncio.get_running_loop().create_future()
        self._waiting[given] = kind
        try:
            await given
        except asyncio.CancelledError:
            if self._waiting.pop(given, None) is None:
                # It got a seat in the same moment.
                self._leave(kind)
            raise

    def _leave(self, kind: str) -> None:
        self._free += 1
        self._taken[kind] -= 1
        if not self._taken[kind]:
            del self._taken[kind]
        for given, waiting in list(self._waiting.items()):
            if self._may_take(waiting) and not given.done():
                del self._waiting[given]
                self._take(waiting)
                given.set_result(None)
