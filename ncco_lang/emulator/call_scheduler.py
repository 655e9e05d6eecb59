"""Schedule calls: one task per call, and one that sends its webhooks in order. All run in the server's loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import TYPE_CHECKING, Any

from ncco_lang.net.types import TransportError

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account
    from ncco_lang.emulator.calls import Call
    from ncco_lang.emulator.webhooks import Webhooks


class CallScheduler:
    """The calls in progress."""

    __slots__ = ("_tasks", "account", "webhooks")

    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        self.account = account
        self.webhooks = webhooks
        self._tasks: set[asyncio.Task[None]] = set()

    def place(self, call: Call, states: AsyncIterator[float]) -> None:
        """Start a call, and take it through `states`, which yields the seconds to wait before the next one."""
        calls, order = self.account.calls, call.order
        calls.put(call.uuid, call, [dict(order.to), order.ncco])
        while (oldest := calls.surplus(call.uuid, lambda each: each.is_over)) is not None:
            self._forget(calls[oldest])
        call.tasks = (self.spawn(self._deliver(call)), self.spawn(self._run(call, states)))

    def _forget(self, call: Call) -> None:
        """Drop a call, with the webhooks it has not sent."""
        self.account.calls.drop(call.uuid)
        for task in call.tasks:
            task.cancel()
        call.tasks = ()
        while not call.outbox.empty():
            # Otherwise `advance` would wait for it.
            call.outbox.get_nowait()
            call.outbox.task_done()

    @property
    def is_busy(self) -> bool:
        """Whether so much is in progress that only calls may be added."""
        return len(self._tasks) >= self.account.options.bounds.beside

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work in a task of its own."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def hang_up(self, call: Call) -> None:
        """End a call; its task notices before anything else happens to it."""
        call.hangup = True
        call.wake.set()

    def post(self, call: Call, body: dict[str, Any]) -> None:
        """Put a webhook into the outbox of a call."""
        self.account.tell(f"call {call.uuid}: {body.get('status') or body.get('type') or body.get('reason')}")
        self.account.posted.append({"uuid": call.uuid, "body": body})
        self._put(call, body)

    def _put(self, call: Call, body: dict[str, Any] | None) -> None:
        if not call.tasks:
            return
        if call.outbox.qsize() >= self.account.options.bounds.outbox:
            call.outbox.get_nowait()
            call.outbox.task_done()
        call.outbox.put_nowait(body)

    async def advance(self) -> None:
        """Let late effects happen, then move every call to its next state and send its webhooks (if `pace` is None)."""
        await self.account.late.release()
        calls = [call for call in self.account.calls.values() if not call.is_over]
        for call in calls:
            await call.settled.wait()
            call.settled.clear()
            call.wake.set()
        for call in calls:
            await call.settled.wait()
            await call.outbox.join()

    async def settle(self) -> None:
        """Wait until every call has ended and its webhooks are sent."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def drop(self) -> None:
        """Drop all calls and other work."""
        for task in self._tasks:
            task.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(self, call: Call, states: AsyncIterator[float]) -> None:
        try:
            async for seconds in states:
                await self._pause(call, seconds)
        except Exception as failed:
            # A bug of the emulator must not leave a call hanging.
            self.account.tell(f"call {call.uuid}: the emulator itself failed: {type(failed).__name__}")
            call.end("failed", self.account.now())
        finally:
            call.settled.set()
            self._put(call, None)

    async def _pause(self, call: Call, seconds: float) -> None:
        """Wait until the time is over, the call is hung up, or `advance` is called."""
        if call.hangup:
            return
        call.settled.set()
        try:
            async with asyncio.timeout(None if self.account.options.pace is None else seconds):
                await call.wake.wait()
        except TimeoutError:
            pass
        call.wake.clear()
        call.settled.clear()

    async def _deliver(self, call: Call) -> None:
        while True:
            body = await call.outbox.get()
            try:
                if body is None:
                    return
                await self._send(call, body)
            finally:
                call.outbox.task_done()

    async def _send(self, call: Call, body: dict[str, Any]) -> None:
        fault = self.account.faults.take_webhook()
        times = 2 if fault is not None and fault.double else 1
        if fault is not None and fault.late > 0 and not self.is_busy:
            # The webhooks after it overtake it.
            self.spawn(self._send_late(call, body, fault.late, times))
            return
        for _ in range(times):
            await self._send_once(call, body)

    async def _send_late(self, call: Call, body: dict[str, Any], seconds: float, times: int) -> None:
        await asyncio.sleep(seconds)
        for _ in range(times):
            await self._send_once(call, body)

    async def _send_once(self, call: Call, body: dict[str, Any]) -> None:
        hook = call.order.event
        if hook is None:
            return
        try:
            await self.webhooks.send(hook, body, signer=self.signer(call))
        except (TransportError, ValueError) as failed:
            self.account.tell(f"an event of call {call.uuid} did not arrive: {failed}")

    def signer(self, call: Call) -> str | None:
        """Return the application that signs the call's webhooks, if it does."""
        application = self.account.applications.get(call.application_id)
        return application.id if application is not None and application.signed else None
