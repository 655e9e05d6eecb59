"""The telephone network of one application: a phone in which its calls run, and the task that lets time pass there.

Everything happens in the server's loop. Whoever does something to the phone calls `do`: time passes first, up to now, so
that what happens has its right time.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ncco_lang.emulator.bounds import size_of
from ncco_lang.emulator.calls import Call, CallRequest
from ncco_lang.emulator.outbox import Outbox
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.script import Person, next_at
from ncco_lang.simulate.transcript import Transcript
from ncco_lang.simulate.types import Act, Answer, Happened, Hook, Output, Request, Settings

if TYPE_CHECKING:
    from ncco_lang.emulator import applications
    from ncco_lang.emulator.applications import Stored
    from ncco_lang.emulator.exchange import Exchange

STEPS = 200
"""Steps of a phone without a pause for other work of the server."""
_UNPOSTED = ("answer", "on_answer")
"""Kinds of webhooks that are requests for an NCCO, and no events."""


class Live:
    """A call in progress, or with webhooks in progress.

    Attributes:
        root: its first leg, with its transcript. legs: all its legs, by id.
        size: about how many bytes the transcript takes.
        pending: the number of webhooks without a response.
    """

    __slots__ = ("legs", "outbox", "pending", "root", "size")

    def __init__(self, root: Call, outbox: Outbox) -> None:
        self.root = root
        self.outbox = outbox
        self.legs = {root.uuid: root}
        self.size = 0
        self.pending = 0

    @property
    def is_over(self) -> bool:
        """Whether all its legs have ended."""
        return all(each.is_over for each in self.legs.values())


class Network:
    """The network of one application, for as long as it has calls.

    Args:
        settled: called whenever nothing more happens at a moment.

    Attributes:
        live: its calls by the id of their first leg.
    """

    __slots__ = (
        "_changes",
        "_hooks",
        "_people",
        "_settled",
        "_skipped",
        "_touched",
        "_wake",
        "application_id",
        "exchange",
        "live",
        "phone",
    )

    def __init__(self, exchange: Exchange, application_id: str, settled: Callable[[], None]) -> None:
        self.exchange = exchange
        self._settled = settled
        self.application_id = application_id
        self.live: dict[str, Live] = {}
        self.phone = Phone(Settings(), now=self.exchange.clock.now(), ids=lambda _: str(uuid4()))
        self._hooks: tuple[Any, ...] = ()
        self._people: list[Person] = []
        self._wake = asyncio.Event()
        self._skipped = 0.0
        self._changes = 0
        self._touched: set[str] = set()

    # ── Calls ──────────────────────────────────────────────────────────────────────────────────────────

    def begin(
        self,
        ring: Callable[[Phone], str],
        script: tuple[Act, ...] = (),
        *,
        order: CallRequest | None = None,
        content: Any = None,
    ) -> Call:
        """Begin a call; return its first leg.

        Args:
            ring: rings in or out, and returns the id of the leg.
            script: what the person on it does.
            order: the request that creates it, if one does. content: the NCCO that the emulator keeps for it.
        """
        self._up_to_now()
        id = ring(self.phone)
        leg = self.phone.board.leg(id)
        call = Call(self.application_id, leg, order)
        call.transcript = Transcript(leg.started)
        self.live[id] = Live(call, self._outbox(id))
        self.exchange.live.add(id)
        self.exchange.account.calls.put(id, call, [call.to, content])
        if script:
            self._people.append(Person(id, script))
        self.settle()
        self._wake.set()
        return call

    def do(self, call: Call, what: Callable[[Phone], object]) -> bool:
        """Do something to a leg; return whether it was live."""
        self._up_to_now()
        if call.is_over:
            return False
        self._guarded(partial(what, self.phone), call.uuid)
        self.settle()
        self._wake.set()
        return True

    def answered(self, call: str, request: Request, answer: Answer) -> None:
        """Take the response to a webhook."""
        live = self.live.get(call)
        if live is None:
            return
        self._up_to_now()
        self._guarded(partial(self.phone.answer, request.id, answer), call)
        live.pending -= 1
        self._touched.add(call)
        self.settle()
        self._wake.set()

    def _outbox(self, call: str) -> Outbox:
        """Return the outbox of a call, which stops the clock of the call if that would not wait for webhooks otherwise."""

        def hold() -> None:
            self.phone.board.hold(self.phone.board.leg(call))

        def release() -> None:
            if call in self.live:
                self.phone.board.release(self.phone.board.leg(call))
                self._wake.set()

        is_virtual = self.exchange.clock.is_virtual
        return Outbox(
            self.exchange,
            self.application_id,
            lambda request, answer: self.answered(call, request, answer),
            hold if is_virtual else _nothing,
            release if is_virtual else _nothing,
        )

    def drop(self, call: str) -> list[str]:
        """Drop a live call: it sends no more webhooks, and nothing more happens to it; return the ids of its legs."""
        live = self.live.pop(call)
        self.exchange.live.discard(call)
        live.outbox.close()
        self.phone.forget(call)
        self._people = [person for person in self._people if person.leg not in live.legs]
        # Others may have waited for the end of its recording.
        self._touched |= self.live.keys()
        self._wake.set()
        return list(live.legs)

    # ── Time ───────────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Let time pass until there are no more calls."""
        while self.live:
            self._wake.clear()
            if self._pass(self._due()):
                await asyncio.sleep(0)
                continue
            try:
                async with asyncio.timeout(self._seconds_left()):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _up_to_now(self) -> None:
        """Let time pass up to now, before something is done to the phone. Virtual time has no now."""
        self._refresh()
        if not self.exchange.clock.is_virtual:
            due = self._due()
            while self._pass(due):
                pass

    def _pass(self, due: float) -> bool:
        """Let time pass; return whether the work was interrupted for other work of the server."""
        self._refresh()
        self.settle()
        for _ in range(STEPS):
            at = next_at(self.phone, self._people)
            if at is None or at > due:
                break
            self._guarded(partial(self.phone.advance, at), None)
            self.settle()
        else:
            return True
        if due < math.inf:
            self.phone.advance(due)
        return False

    async def next_status(self) -> None:
        """Let time go on to the next change of a status, with the webhooks before and after it; not if it is virtual."""
        await self._join()
        before = self._changes
        while self._changes == before and not self.exchange.clock.is_virtual:
            at = next_at(self.phone, self._people)
            if at is None:
                return
            self._skipped = round(self._skipped + max(0.0, at - self._due()), 3)
            self._up_to_now()
            self._wake.set()
            await self._join()

    async def _join(self) -> None:
        """Wait until no webhook is on its way."""
        for live in list(self.live.values()):
            await live.outbox.join()

    def _due(self) -> float:
        """Return the time up to which things happen now."""
        return math.inf if self.exchange.clock.is_virtual else round(self.exchange.clock.now() + self._skipped, 3)

    def _seconds_left(self) -> float | None:
        """Return the seconds until something happens by itself; None if nothing does."""
        speed, at = self.exchange.clock.speed, next_at(self.phone, self._people)
        return None if not speed or at is None else max(0.001, (at - self._due()) / speed)

    # ── What happens ───────────────────────────────────────────────────────────────────────────────────

    def settle(self) -> None:
        """Take what has happened, and let people act, until nothing more happens at this moment."""
        is_new = True
        while is_new:
            for output in self.phone.take():
                self._take(output)
            is_new = False
            for person in list(self._people):
                is_new |= self._guarded(partial(person.act, self.phone), person.leg)
        self.exchange.account.keep_files(self.phone.take_files())
        touched, self._touched = self._touched, set()
        for id in touched:
            live = self.live.get(id)
            if live is not None and live.is_over and not live.pending:
                self._close(id, live)
        self._settled()

    def _take(self, output: Output) -> None:
        """Add an output to the transcript of its call; send webhooks."""
        leg = self.phone.board.state.legs.get(output.leg)
        live = None if leg is None else self.live.get(leg.call)
        if leg is None or live is None:
            return
        if leg.id not in live.legs:
            call = live.legs[leg.id] = Call(self.application_id, leg)
            self.exchange.account.calls.put(leg.id, call, call.to)
        self._touched.add(leg.call)
        self._write(live, output)
        if isinstance(output, Request):
            self._post(live, output)
        elif output.what == "status":
            self._changes += 1

    def _write(self, live: Live, output: Output) -> None:
        """Add a line to a transcript, unless it is full; a response is always added, because its webhook is there."""
        is_answer = isinstance(output, Happened) and output.what == "answer"
        if live.size < self.exchange.account.options.bounds.transcript_bytes or is_answer:
            size = size_of(output.data if isinstance(output, Happened) else output.fields)
            live.size += size
            self.exchange.account.calls.grow(live.root.uuid, size)
            assert live.root.transcript is not None
            live.root.transcript.add(output)

    def _post(self, live: Live, request: Request) -> None:
        account, body = self.exchange.account, dict(request.fields)
        if request.kind not in _UNPOSTED:
            account.tell(
                f"call {request.leg}: {body.get('status') or body.get('type') or body.get('reason') or request.kind}"
            )
            account.posted.append({"uuid": request.leg, "body": body})
        live.pending += 1
        live.outbox.put(request)

    def _close(self, id: str, live: Live) -> None:
        """Finish the transcript of a call that is over, and forget the call."""
        transcript = live.root.transcript
        if self.phone.is_needed(id) or transcript is None:
            return
        for person in self._people:
            if person.leg in live.legs and (unused := person.unused(self.phone)) is not None:
                transcript.add(unused)
        transcript.finish()
        self._people = [person for person in self._people if person.leg not in live.legs]
        del self.live[id]
        self.exchange.live.discard(id)
        self.phone.forget(id)
        for call in live.legs.values():
            call.leg.doing = None

    def _guarded(self, work: Callable[[], object], leg: str | None) -> bool:
        """Do work of the phone. A bug in it ends the call that it is about, and no other; return the work's result."""
        self.phone.board.working = leg
        try:
            return bool(work())
        except Exception as failed:
            leg = self.phone.board.working
            for id, live in list(self.live.items()):
                if leg is None or leg in live.legs:
                    self._fail(id, live, type(failed).__name__)
            return False

    def _fail(self, id: str, live: Live, why: str) -> None:
        self.exchange.account.tell(f"call {id}: the emulator itself failed: {why}")
        for call in live.legs.values():
            if not call.is_over:
                call.leg.status, call.leg.ended = "failed", self.phone.board.time_of(call.leg)
        if live.root.transcript is not None:
            live.root.transcript.finish()
        self.drop(id)

    def _refresh(self) -> None:
        """Take over the webhooks of the application; those of a deleted one stay as they were."""
        application = self.exchange.account.applications.get(self.application_id)
        if application is None or self._hooks == _hooks_of(application):
            return
        self._hooks = _hooks_of(application)
        address = self.exchange.account.address
        self.phone.board.settings = Settings(
            answer=phone_hook(application.answer),
            event=phone_hook(application.event),
            fallback=phone_hook(application.fallback),
            region_url=address,
            files=f"{address}/v1/files",
        )


def _nothing() -> None:
    pass


def _hooks_of(application: Stored) -> tuple[Any, ...]:
    return (application.answer, application.event, application.fallback)


def phone_hook(hook: applications.Hook | None, times: applications.Hook | None = None) -> Hook | None:
    """Return a webhook as the phone has it, with the time-outs of another one if that is given."""
    if hook is None:
        return None
    times = times or hook
    method: Any = hook.method
    return Hook(url=hook.address, method=method, connect=times.connect, read=times.read)
