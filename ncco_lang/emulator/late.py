"""Delay effects, like a backend that finishes its work after the gateway or the client gave up."""

from __future__ import annotations

import asyncio


class Late:
    """Requests that wait for the time at which they take effect, oldest first. Used in the server's loop only."""

    __slots__ = ("_waiting", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self._waiting: dict[asyncio.Future[None], None] = {}

    async def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until `release` is called, or until `most` later ones wait."""
        due = asyncio.get_running_loop().create_future()
        self._waiting[due] = None
        if len(self._waiting) > self.most:
            _set(next(iter(self._waiting)))
        try:
            async with asyncio.timeout(seconds):
                await due
        except TimeoutError:
            pass
        finally:
            self._waiting.pop(due, None)

    async def release(self) -> None:
        """Let all of them take effect now, in the order in which they arrived."""
        for due in self._waiting:
            _set(due)
        # They continue in the loop's next round, before this does.
        await asyncio.sleep(0)

    def __len__(self) -> int:
        return len(self._waiting)


def _set(due: asyncio.Future[None]) -> None:
    if not due.done():
        due.set_result(None)
