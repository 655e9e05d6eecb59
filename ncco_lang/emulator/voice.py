"""Handle the Voice API's requests about calls, for both providers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ncco_lang.emulator.applications import Hook, Stored
from ncco_lang.emulator.call_requests import check_kpn_options, is_urls, read_order
from ncco_lang.emulator.calls import Call
from ncco_lang.emulator.network import phone_hook
from ncco_lang.emulator.request import ApiRequest, is_whole, one_of
from ncco_lang.emulator.responses import Answer, Refuse, invalid, missing, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ncco_lang.emulator.account import Account
    from ncco_lang.emulator.call_scheduler import CallScheduler
    from ncco_lang.simulate.phone import Phone

STATUSES = "started ringing answered machine completed busy cancelled failed rejected timeout unanswered".split()
ACTIONS = ("hangup", "mute", "unmute", "earmuff", "unearmuff", "transfer")
_DIGITS = re.compile(r"[0-9*#p]{1,500}")
_FILTERS = ("status", "date_start", "date_end", "conversation_uuid", "order")


def create_call(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /v1/calls`."""
    call = board.ring_out(api_request.application_id, read_order(account, api_request))
    body = {
        "uuid": call.uuid,
        "status": "started",
        "direction": "outbound",
        "conversation_uuid": call.conversation,
    }
    return Answer(status=201, body=body)


def list_calls(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /v1/calls`: the application's calls, with filters; `record_index` counts records."""
    size, index = api_request.number("page_size", 10, 1, 100), api_request.number("record_index", 0, 0)
    shown = [_shown(account, call) for call in _filtered(account, api_request)]
    path = _address(account)
    kept = [(name, api_request.given[name]) for name in _FILTERS if name in api_request.given]
    last = max(0, (len(shown) - 1) // size * size)
    begins = {"self": index, "first": 0, "last": last}
    if index + size < len(shown):
        begins["next"] = index + size
    if index > 0:
        begins["prev"] = max(0, index - size)
    links = {
        name: {"href": f"{path}?{urlencode([('page_size', size), ('record_index', begin), *kept])}"}
        for name, begin in begins.items()
    }
    body = {
        "count": len(shown),
        "page_size": size,
        "record_index": index,
        "_embedded": {"calls": shown[index : index + size]},
        "_links": links,
    }
    return Answer(body=body)


def _address(account: Account) -> str:
    """Return the address of calls in links. The Node SDK needs an absolute one (A9 of conflicts); KPN describes `/calls`."""
    return "/calls" if account.is_kpn else f"{account.address}/v1/calls"


def _shown(account: Account, call: Call) -> dict[str, Any]:
    link = {"self": {"href": f"{_address(account)}/{call.uuid}"}}
    return {"_links": link, **call.show(kpn=account.is_kpn)}


def _filtered(account: Account, api_request: ApiRequest) -> list[Call]:
    given = api_request.given
    status = given.get("status")
    order = given.get("order", "asc")
    statuses = [each for each in STATUSES if each != "unanswered"] if account.is_kpn else STATUSES
    if status is not None and status not in statuses:
        raise Refuse(invalid(api_request.style, [("status", one_of(statuses))]))
    if order not in ("asc", "desc"):
        raise Refuse(invalid(api_request.style, [("order", one_of(("asc", "desc")))]))
    begin, end = _time(api_request, "date_start"), _time(api_request, "date_end")
    conversation = given.get("conversation_uuid")
    found = [
        call
        for call in account.calls.values()
        if call.application_id == api_request.application_id
        and (status is None or call.show(kpn=account.is_kpn)["status"] == status)
        and (conversation is None or call.conversation == conversation)
        and (begin is None or call.started >= begin)
        and (end is None or call.started <= end)
    ]
    return found if order == "asc" else found[::-1]


def _time(api_request: ApiRequest, name: str) -> float | None:
    """Return a time of the query; a date without a time zone is UTC. Raises Refuse."""
    text = api_request.given.get(name)
    if text is None:
        return None
    try:
        # A plus sign in a query that was not escaped has become a blank.
        time = datetime.fromisoformat(text.replace(" ", "+", 1) if "T" in text else text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise Refuse(invalid(api_request.style, [(name, "must be a date in ISO 8601")])) from None


def read_call(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET /v1/calls/{uuid}`."""
    return Answer(body=_shown(account, _named(account, api_request)))


def change_call(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT /v1/calls/{uuid}`."""
    call = _live(account, api_request)
    body = api_request.object() if api_request.body or not account.is_kpn else {}
    action = body.get("action", "mute" if account.is_kpn else None)
    match action:
        case "hangup":
            _do(board, api_request, call, lambda phone: phone.hang_up(call.uuid))
        case "mute" | "unmute" | "earmuff" | "unearmuff":
            _do(board, api_request, call, lambda phone: phone.hearing(call.uuid, action))
        case "transfer":
            _must_talk(api_request, call)
            if board.is_busy:
                raise Refuse(refusal(api_request.style, 429, **{"Retry-After": "1"}))
            ncco, hook = _destination(account, api_request, body.get("destination"))
            to = ncco if hook is None else phone_hook(hook, _application(account, api_request).answer)
            _do(board, api_request, call, lambda phone: phone.transfer(call.uuid, to))
        case _:
            raise Refuse(invalid(api_request.style, [("action", one_of(ACTIONS))]))
    return Answer(status=204)


def _destination(account: Account, api_request: ApiRequest, destination: Any) -> tuple[list[Any] | None, Hook | None]:
    if not isinstance(destination, dict) or destination.get("type") != "ncco":
        raise Refuse(invalid(api_request.style, [("destination", "must be an object of type ncco")]))
    ncco, url = destination.get("ncco"), destination.get("url")
    if ncco is not None and not account.is_kpn and url is None:
        if isinstance(ncco, list) and ncco and all(isinstance(action, dict) for action in ncco):
            return ncco, None
        raise Refuse(invalid(api_request.style, [("destination.ncco", "must be a list of actions")]))
    if ncco is None and isinstance(url, list) and is_urls(url):
        return None, Hook(address=url[0], method="GET")
    raise Refuse(invalid(api_request.style, [("destination.url", "must be a list with one valid URL")]))


def start_talk(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT …/talk`."""
    call, body = _talking(account, api_request), api_request.object()
    if not isinstance(body.get("text"), str) or not body["text"]:
        raise Refuse(invalid(api_request.style, [("text", "is required")]))
    _check_playing(api_request, body)
    check_kpn_options(account, api_request, body, "talk")
    for name in ("language", "voice_name", "voiceName"):
        if not isinstance(body.get(name, ""), str):
            raise Refuse(invalid(api_request.style, [(name, "must be a string")]))
    if "style" in body and not is_whole(body["style"], 0, 1000):
        raise Refuse(invalid(api_request.style, [("style", "must be a number")]))
    action: dict[str, Any] = {
        name: body[name] for name in ("text", "language", "style", "premium", "voiceName", "loop") if name in body
    }
    if "voice_name" in body:
        action["voiceName"] = body["voice_name"]
    return _play(board, api_request, call, {"action": "talk", **action, **_level(body)})


def stop_talk(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `DELETE …/talk`."""
    return _stop(board, api_request, _talking(account, api_request), "talk")


def start_stream(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT …/stream`."""
    call, body = _talking(account, api_request), api_request.object()
    if not is_urls(body.get("stream_url")):
        raise Refuse(invalid(api_request.style, [("stream_url", "must be a list with one valid URL")]))
    _check_playing(api_request, body)
    check_kpn_options(account, api_request, body, "stream")
    action = {"action": "stream", "streamUrl": body["stream_url"], "loop": body.get("loop", 1)}
    return _play(board, api_request, call, {**action, **_level(body)})


def stop_stream(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `DELETE …/stream`."""
    return _stop(board, api_request, _talking(account, api_request), "stream")


def send_dtmf(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT …/dtmf`."""
    call, body = _talking(account, api_request), api_request.object()
    digits = body.get("digits")
    if not isinstance(digits, str) or _DIGITS.fullmatch(digits) is None:
        raise Refuse(invalid(api_request.style, [("digits", "may contain 0-9, *, # and p")]))
    _do(board, api_request, call, lambda phone: phone.tones(call.uuid, digits))
    return Answer(body={"message": "DTMF sent", "uuid": call.uuid})


def listen(board: CallScheduler, account: Account, api_request: ApiRequest) -> Answer:
    """Handle `PUT` and `DELETE …/input/dtmf`: 200 without a body (Voice API 1.10.0, and the SDKs)."""
    call, hook = _talking(account, api_request), None
    if api_request.method == "PUT":
        url = api_request.object().get("event_url")
        if not is_urls(url) or url is None:
            raise Refuse(invalid(api_request.style, [("event_url", "must be a list with one valid URL")]))
        hook = phone_hook(Hook(address=url[0], method="POST", read=10.0), _application(account, api_request).event)
    _do(board, api_request, call, lambda phone: phone.post_keys(call.uuid, hook))
    return Answer()


def _check_playing(api_request: ApiRequest, body: dict[str, Any]) -> None:
    if "loop" in body and not is_whole(body["loop"], 0, 1_000_000):
        raise Refuse(invalid(api_request.style, [("loop", "must be 0 or more")]))
    level = body.get("level", 0)
    try:
        fits = not isinstance(level, bool) and isinstance(level, int | float | str) and -1 <= float(level) <= 1
    except ValueError:
        fits = False
    except OverflowError:
        fits = False
    if not fits:
        raise Refuse(invalid(api_request.style, [("level", "must be between -1 and 1")]))


def _level(body: dict[str, Any]) -> dict[str, float]:
    """Return the level as in an NCCO; here it may be a text."""
    return {"level": float(body["level"])} if "level" in body else {}


def _play(board: CallScheduler, api_request: ApiRequest, call: Call, action: dict[str, Any]) -> Answer:
    _do(board, api_request, call, lambda phone: phone.play(call.uuid, action))
    return Answer(body={"message": f"{action['action'].title()} started", "uuid": call.uuid})


def _stop(board: CallScheduler, api_request: ApiRequest, call: Call, what: str) -> Answer:
    _do(board, api_request, call, lambda phone: phone.stop(call.uuid, what))
    return Answer(body={"message": f"{what.title()} stopped", "uuid": call.uuid})


def _do(board: CallScheduler, api_request: ApiRequest, call: Call, what: Callable[[Phone], object]) -> None:
    """Do something to a call. Raises Refuse if it has ended at this moment."""
    if not board.do(call, what):
        raise Refuse(missing(api_request.style, call.uuid))


def _application(account: Account, api_request: ApiRequest) -> Stored:
    """Return the application. Raises Refuse if it was deleted before a late request took effect."""
    application = account.applications.get(api_request.application_id)
    if application is None:
        raise Refuse(missing(api_request.style, api_request.application_id))
    return application


def _named(account: Account, api_request: ApiRequest) -> Call:
    call = account.calls.get(api_request.params["uuid"])
    if call is None or call.application_id != api_request.application_id:
        raise Refuse(missing(api_request.style, api_request.params["uuid"]))
    return call


def _live(account: Account, api_request: ApiRequest) -> Call:
    """Return a call that has not ended. Raises Refuse for an ended one, as if it did not exist."""
    call = _named(account, api_request)
    if call.is_over:
        raise Refuse(missing(api_request.style, call.uuid))
    return call


def _talking(account: Account, api_request: ApiRequest) -> Call:
    call = _live(account, api_request)
    _must_talk(api_request, call)
    return call


def _must_talk(api_request: ApiRequest, call: Call) -> None:
    if not call.is_talking:
        raise Refuse(refusal(api_request.style, 400, "the call has not been answered"))
