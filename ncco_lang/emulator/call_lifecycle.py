"""Run one call, from `started` to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.webhooks import Fetched, why_invalid
from ncco_lang.simulate import bodies

if TYPE_CHECKING:
    from ncco_lang.emulator.applications import Hook
    from ncco_lang.emulator.call_scheduler import CallScheduler
    from ncco_lang.emulator.calls import Call


async def live(board: CallScheduler, call: Call) -> AsyncIterator[float]:
    """Take a call through its states; yield the seconds to wait, and check after each wait whether it was hung up."""
    pace = board.account.options.pace or 0.0
    ending, order = call.ending, call.order
    _post(board, call)
    yield pace
    if not call.is_hung_up() and ending.rings:
        call.status = "ringing"
        _post(board, call)
        yield float(order.ringing_timer) if ending.stays and ending.status != "completed" else pace
    if call.is_hung_up():
        _end(board, call, "cancelled")
        return
    if ending.status != "completed":
        _end(board, call, ending.status, detail=ending.detail, sip_code=ending.sip_code)
        return
    call.status, call.answered = "answered", board.account.now()
    _post(board, call)
    fetched = await first_ncco(board, call)
    if fetched.reason is not None and not call.is_hung_up():
        _post_error(board, call, fetched.reason)
        _end(board, call, "completed", disconnected_by="platform")
        return
    if _detect(board, call) and order.detection == "hangup":
        _end(board, call, "completed", disconnected_by="platform")
        return
    yield float(order.length_timer) if ending.stays else pace
    lasted = order.length_timer if ending.stays else min(board.account.options.duration, order.length_timer)
    by = "platform" if call.is_hung_up() else ending.by
    _end(board, call, "completed", None if call.is_hung_up() else lasted, disconnected_by=by, sip_code=200)


async def first_ncco(board: CallScheduler, call: Call) -> Fetched:
    """Return the first NCCO of an answered call: the inline one, or that of the answer URL or its fallback."""
    order = call.order
    if order.ncco is not None:
        return Fetched(ncco=order.ncco, reason=why_invalid(order.ncco))
    if order.answer is None:
        return Fetched(reason="there is no answer URL")
    application = board.account.applications.get(call.application_id)
    fields = bodies.answer_body(call.leg(), board.account.address)
    signer = board.signer(call)
    hook = _with_times(order.answer, application.answer if application is not None else None)
    fetched = await board.webhooks.fetch(hook, fields, signer=signer)
    if fetched.reason is None or application is None or application.fallback is None:
        return fetched
    original = {"url": order.answer.address, "type": "answer"}
    more = {**fields, "reason": fetched.reason, "original_request": original}
    return await board.webhooks.fetch(application.fallback, more, signer=signer)


def _with_times(hook: Hook, other: Hook | None) -> Hook:
    """Return a webhook of the request with the time-outs of the application's own."""
    from dataclasses import replace

    return hook if other is None else replace(hook, connect=other.connect, read=other.read)


async def transfer(board: CallScheduler, call: Call, ncco: list[Any] | None, hook: Hook | None) -> None:
    """Continue a call with another NCCO, in a new conversation; without one, the current one continues."""
    from uuid import uuid4

    if hook is not None:
        fetched = await board.webhooks.fetch(
            hook, bodies.answer_body(call.leg(), board.account.address), signer=board.signer(call)
        )
    else:
        fetched = Fetched(ncco=ncco, reason=why_invalid(ncco))
    if call.is_over:
        return
    if fetched.reason is not None:
        _post_error(board, call, fetched.reason)
        return
    before, call.conversation = call.conversation, f"CON-{uuid4()}"
    board.post(call, bodies.transfer_body(call.leg(), board.account.now(), before))


def _detect(board: CallScheduler, call: Call) -> bool:
    """Report what answered, if machine detection is on; return whether it is a machine."""
    order, ending = call.order, call.ending
    if order.detection is None:
        return False
    beep = ("beep_start" if ending.beep else "beep_timeout") if ending.machine and order.beep else None
    status = "machine" if ending.machine else "human"
    if ending.machine:
        call.status = status
    board.post(call, bodies.detection_body(call.leg(), board.account.now(), status, beep))
    return ending.machine


def _post(board: CallScheduler, call: Call, **more: Any) -> None:
    board.post(call, call.event(board.account.now(), **more))


def _post_error(board: CallScheduler, call: Call, reason: str) -> None:
    board.post(call, bodies.error_body(call.leg(), board.account.now(), reason))


def _end(board: CallScheduler, call: Call, status: str, lasted: int | None = None, **more: Any) -> None:
    call.end(status, board.account.now(), lasted)
    call.playing.clear()
    _post(board, call, **more)
