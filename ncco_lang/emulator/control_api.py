"""Handle `/_emulator/…`: requests, faults, inbound calls, scripts. None of this is part of the provider's API."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.faults import read_faults
from ncco_lang.emulator.request import ApiRequest
from ncco_lang.emulator.responses import Answer, Refuse
from ncco_lang.simulate.nccos import read_ncco
from ncco_lang.simulate.scenario import read_act, read_scenario
from ncco_lang.simulate.transcript import VERSION
from ncco_lang.values.received import read_json

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account
    from ncco_lang.emulator.call_scheduler import CallScheduler
    from ncco_lang.emulator.calls import Call


def list_requests(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/requests`: method, path, query and status of each, oldest first."""
    return Answer(body=list(account.requests))


def forget_requests(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `DELETE /_emulator/requests`."""
    account.requests.clear()
    return Answer(status=204)


def list_events(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/events`: what the sink received, oldest first."""
    return Answer(body=list(account.events))


def forget_events(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `DELETE /_emulator/events`."""
    account.events.clear()
    return Answer(status=204)


def list_call_events(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/calls/{uuid}/events`: what a call posted, oldest first, whether or not it arrived."""
    return Answer(body=[each["body"] for each in account.posted if each["uuid"] == api_request.params["uuid"]])


def ring_in(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /_emulator/calls`: call a number of an application from outside."""
    body = _object(api_request, ("to", "from", "ncco", "script", "rings", "at"))
    to, from_ = _address(body, "to"), None if body.get("from") is None else _address(body, "from")
    linked = {number.msisdn: number.application_id for number in account.numbers.values() if number.application_id}
    if to not in linked:
        known = f"; these have one: {', '.join(linked)}" if linked else "; no number has one"
        raise _refuse(404, f"the number {to} is not linked to an application{known}")
    ncco = None
    if body.get("ncco") is not None:
        read = read_ncco(body["ncco"])
        if read.actions is None:
            raise _refuse(400, f"ncco is not a valid NCCO: {read.wrong}")
        ncco = read.actions
    try:
        scenario = read_scenario(body)
    except ValueError as failed:
        raise _refuse(400, str(failed)) from None
    call = board.ring_in(linked[to] or "", to, from_, ncco, scenario)
    about = {"uuid": call.uuid, "conversation_uuid": call.conversation, "status": call.status, "direction": "inbound"}
    return Answer(status=201, body=about)


def keep_script(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /_emulator/scripts`: what surrounds the next call that the application places to a number."""
    body = _object(api_request, ("to", "script", "rings", "at"))
    to = _address(body, "to")
    try:
        scenario = read_scenario(body)
    except ValueError as failed:
        raise _refuse(400, str(failed)) from None
    account.keep_scenario(to, scenario, body)
    return Answer(status=204)


def act(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /_emulator/calls/{uuid}/act`: one item of a script, done now by the person on a leg."""
    call = _call(account, api_request)
    if call.is_over:
        raise _refuse(404, "the call is over")
    try:
        what = read_act(_object(api_request, None))
    except ValueError as failed:
        raise _refuse(400, str(failed)) from None
    if not board.do(call, lambda phone: phone.act(call.uuid, what)):
        raise _refuse(404, "the call is over")
    return Answer(status=204)


def read_transcript(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/calls/{uuid}/transcript?from=N`: the lines from N on, and whether more will come.

    A line that is returned never changes: none is returned from the first webhook on that has no response yet.
    """
    first = account.calls.get(_call(account, api_request).leg.call)
    transcript = None if first is None else first.transcript
    if transcript is None:
        raise _refuse(404, "the transcript of the call is not kept any more")
    events = transcript.events[api_request.number("from", 0, 0) :]
    body = {"version": VERSION, "events": events, "problems": transcript.problems, "over": transcript.is_finished}
    return Answer(body=body)


def _call(account: Account, api_request: ApiRequest) -> Call:
    call = account.calls.get(api_request.params["uuid"])
    if call is None:
        raise _refuse(404, "there is no such call")
    return call


def _object(api_request: ApiRequest, names: tuple[str, ...] | None) -> dict[str, Any]:
    """Return the body, an object with no other members than these."""
    value, reason = read_json(api_request.body)
    if reason is not None:
        raise _refuse(400, f"the body {reason}")
    if not isinstance(value, dict):
        raise _refuse(400, "the body must be a JSON object")
    for unknown in value.keys() - set(names or value):
        raise _refuse(400, f"{unknown[:40]} is unknown; known are {', '.join(names or ())}")
    return value


def _address(body: dict[str, Any], name: str) -> str:
    """Return a number without its plus sign, or an address."""
    value = body.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 255 or not value.isprintable():
        raise _refuse(400, f"{name} must be a number or an address")
    return value.removeprefix("+")


def _refuse(status: int, words: str) -> Refuse:
    return Refuse(Answer(status=status, body={"error": words}))


def list_faults(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /_emulator/faults`: those in force."""
    return Answer(body=[{**asdict(fault), "headers": dict(fault.headers)} for fault in account.faults.left])


def put_faults(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT /_emulator/faults`: a JSON list that replaces all faults."""
    value, reason = read_json(api_request.body)
    faults, wrong = read_faults(value)
    if reason is not None or wrong is not None:
        return Answer(status=400, body={"error": wrong if reason is None else f"the body {reason}"})
    account.faults.put(faults)
    return Answer(status=204)


def revoke_tokens(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /_emulator/revoke`: revoke all tokens."""
    account.revoke()
    return Answer(status=204)
