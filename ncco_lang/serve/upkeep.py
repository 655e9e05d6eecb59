"""Look after the call store while the server runs: notice that it fails or was deleted, and keep it small.

What waits for the disk is done in a thread that nothing else uses: lookups of names may take all threads of the loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TypeVar

from ncco_lang.serve.service import Service

_T = TypeVar("_T")
_SECOND = 1.0
_TIDY = 15
"""Seconds between two times at which the store is checked and tidied."""


class Upkeep:
    """Looks after the call store of a service.

    Args:
        clock: returns seconds.

    Attributes:
        is_suspected: the store has failed an event, so it is checked soon.
    """

    __slots__ = ("_checked", "_clock", "_failure", "_gate", "_service", "_thread", "_untidied", "is_suspected")

    def __init__(self, service: Service, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._service, self._clock = service, clock
        self._thread = ThreadPoolExecutor(1, "upkeep")
        self._gate = asyncio.Lock()
        self._checked = float("-inf")
        self._failure = self._untidied = ""
        self.is_suspected = False

    async def run(self) -> None:
        """Look after the store, for ever."""
        for second in count():
            is_time = second % _TIDY == 0
            if is_time or self.is_suspected or self._service.store.is_moved():
                await self.failure()
            if is_time:
                await self._tidy()
            await asyncio.sleep(_SECOND)

    async def failure(self) -> str:
        """Return why the call store cannot be used; empty if it can. Never raises.

        It is checked once a second at most, and the log says when it begins to fail, and when it works again.
        """
        async with self._gate:
            if self._clock() - self._checked >= _SECOND:
                self.is_suspected = False
                before, self._failure = self._failure, await self._check()
                self._checked = self._clock()
                if self._failure and self._failure != before:
                    self._service.warn(f"the call store fails: {self._failure}; calls go on without it")
                elif before and not self._failure:
                    self._service.warn("the call store works again")
        return self._failure

    async def _check(self) -> str:
        try:
            store = self._service.store
            if store.is_moved():
                # In the event loop, so that no event is in the middle of a transaction.
                store.go_on_with(await self._in_thread(self._service.renewed_store))
                self._service.warn("the call store was deleted or replaced; it is open again")
            await self._in_thread(self._service.probe_store)
            store.facts("")
        except Exception as failed:
            return str(failed) or type(failed).__name__
        return ""

    async def _tidy(self) -> None:
        now = time.time()
        try:
            await self._in_thread(lambda: self._service.tidy_store(now))
        except Exception as failed:
            words = f"the call store cannot be tidied: {failed}"
        else:
            words = ""
        if words and words != self._untidied:
            self._service.warn(words)
        self._untidied = words
        await self._in_thread(lambda: self._service.touch_versions(now))

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
