"""Send the webhooks of one call, and hand their responses to its network.

Webhooks that the call does not wait for go out one after another, in order. One that it waits for goes out after them,
but waits for that at most a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from ncco_lang.simulate.types import CLOSED, Answer, Request

if TYPE_CHECKING:
    from ncco_lang.emulator.exchange import Exchange

PATIENCE = 1.0
"""Seconds that a webhook which the call waits for lets others go first."""


class Outbox:
    """The webhooks of one call that have no response yet.

    Args:
        taken: takes a webhook's response.
        hold, release: called when a webhook that the call does not wait for is put in, and when it has been sent.
    """

    __slots__ = (
        "_application_id",
        "_awaited",
        "_exchange",
        "_hold",
        "_is_awaiting",
        "_plain",
        "_release",
        "_sent",
        "_taken",
        "_tasks",
    )

    def __init__(
        self,
        exchange: Exchange,
        application_id: str,
        taken: Callable[[Request, Answer], None],
        hold: Callable[[], None],
        release: Callable[[], None],
    ) -> None:
        self._exchange = exchange
        self._application_id = application_id
        self._taken = taken
        self._hold = hold
        self._release = release
        self._plain: deque[Request] = deque()
        self._awaited: deque[Request] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_awaiting = False
        self._sent = asyncio.Event()
        self._sent.set()

    def __len__(self) -> int:
        return len(self._plain)

    def put(self, request: Request) -> None:
        """Send a webhook in its turn; beyond the most that are kept, the oldest one is dropped."""
        if request.waits:
            self._awaited.append(request)
            if not self._is_awaiting:
                self._is_awaiting = True
                self._spawn(self._send_awaited())
            return
        self._hold()
        self._plain.append(request)
        if len(self._plain) > self._exchange.account.options.bounds.outbox:
            dropped = self._plain.popleft()
            answer = Answer(failure=CLOSED, words="it was not sent: too many webhooks of the call wait")
            # Not now: the network is handing out what has happened.
            asyncio.get_running_loop().call_soon(self._done, dropped, answer)
        elif self._sent.is_set():
            self._sent.clear()
            self._spawn(self._send_plain())

    def close(self) -> None:
        """Drop all webhooks."""
        self._plain.clear()
        self._awaited.clear()
        for task in self._tasks:
            task.cancel()

    async def join(self) -> None:
        """Wait until nothing is on its way; webhooks that come late do not count."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._exchange.spawn(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_plain(self) -> None:
        try:
            while self._plain:
                await self._send_event(self._plain.popleft())
        finally:
            self._sent.set()

    async def _send_awaited(self) -> None:
        try:
            while self._awaited:
                try:
                    async with asyncio.timeout(PATIENCE):
                        await self._sent.wait()
                except TimeoutError:
                    pass
                request = self._awaited.popleft()
                self._take(request, await self._send(request))
        finally:
            self._is_awaiting = False

    async def _send_event(self, request: Request) -> None:
        fault = self._exchange.account.faults.take_webhook()
        times = 2 if fault is not None and fault.double else 1
        if fault is not None and fault.late > 0 and not self._exchange.is_busy:
            # The webhooks after it overtake it.
            self._exchange.spawn_late(self._send_late(request, fault.late, times))
            self._release()
        else:
            self._done(request, await self._send_times(request, times))

    async def _send_late(self, request: Request, seconds: float, times: int) -> None:
        await asyncio.sleep(seconds)
        self._take(request, await self._send_times(request, times))

    async def _send_times(self, request: Request, times: int) -> Answer:
        answers = [await self._send(request) for _ in range(times)]
        return answers[0]

    async def _send(self, request: Request) -> Answer:
        try:
            return await self._exchange.webhooks.send(request, self._application_id)
        except Exception as failed:
            # A bug of the emulator must not leave a call waiting.
            self._exchange.account.tell(f"the emulator itself failed: {type(failed).__name__} with a webhook")
            return Answer(failure=CLOSED, words="the emulator itself failed")

    def _done(self, request: Request, answer: Answer) -> None:
        self._release()
        self._take(request, answer)

    def _take(self, request: Request, answer: Answer) -> None:
        if not request.waits and answer.failure is not None:
            self._exchange.account.tell(
                f"an event of call {request.leg} did not arrive: {answer.words or answer.failure}"
            )
        self._taken(request, answer)
