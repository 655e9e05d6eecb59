"""What the networks of all applications share: the account, the clock, and the tasks that are in progress."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account
    from ncco_lang.emulator.webhooks import Webhooks


class Clock:
    """The clock of all networks: seconds since the emulator began.

    Args:
        speed: how many pass in a second; 0: none, time goes to what comes next; None: none, until it is told to.
    """

    __slots__ = ("_began", "speed")

    def __init__(self, speed: float | None) -> None:
        self.speed = speed
        self._began = time.monotonic()

    def now(self) -> float:
        """Return the time, rounded down to milliseconds."""
        return math.floor((time.monotonic() - self._began) * (self.speed or 0.0) * 1000) / 1000

    @property
    def is_virtual(self) -> bool:
        """Whether time goes to what comes next, as soon as no webhook of a call is on its way."""
        return self.speed == 0


class Exchange:
    """The account, the clock, and the work in progress.

    Attributes:
        live: the ids of the calls in progress.
    """

    __slots__ = ("_late", "_tasks", "account", "clock", "live", "webhooks")

    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        self.account = account
        self.webhooks = webhooks
        self.clock = Clock(account.options.speed if account.options.pace is None else 1.0)
        self.live: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._late: set[asyncio.Task[None]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether so much is in progress that only calls may be added."""
        return len(self.live) + len(self._late) >= self.account.options.bounds.beside

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work in a task of its own."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def spawn_late(self, work: Coroutine[Any, Any, None]) -> None:
        """Start work that may take long, and that counts for `is_busy`."""
        task = self.spawn(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def settle(self) -> None:
        """Wait until all work is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def drop(self) -> None:
        """Drop all work."""
        for task in self._tasks:
            task.cancel()
        await self.settle()
