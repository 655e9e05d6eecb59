"""The Voice API's requests about calls, for both providers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from ncco_lang.emulator.answers import Answer, Refuse, invalid, missing, refusal
from ncco_lang.emulator.applications import Hook
from ncco_lang.emulator.asked import Asked, is_whole, one_of
from ncco_lang.emulator.calls import Call
from ncco_lang.emulator.life import transfer
from ncco_lang.emulator.orders import is_urls, read_order

if TYPE_CHECKING:
    from ncco_lang.emulator.switchboard import Switchboard
    from ncco_lang.emulator.world import World

STATUSES = "started ringing answered machine completed busy cancelled failed rejected timeout unanswered".split()
ACTIONS = ("hangup", "mute", "unmute", "earmuff", "unearmuff", "transfer")
_DIGITS = re.compile(r"[0-9*#p]{1,500}")
_FILTERS = ("status", "date_start", "date_end", "conversation_uuid", "order")


def create_call(world: World, asked: Asked) -> Answer:
    """`POST /v1/calls`."""
    order = read_order(world, asked)
    call = Call(asked.application_id, order, world.now())
    _board(world).place(call)
    body = {
        "uuid": call.uuid,
        "status": call.status,
        "direction": "outbound",
        "conversation_uuid": call.conversation,
    }
    return Answer(status=201, body=body)


def list_calls(world: World, asked: Asked) -> Answer:
    """`GET /v1/calls`: the application's, with filters; `record_index` counts records."""
    size, index = asked.number("page_size", 10, 1, 100), asked.number("record_index", 0, 0)
    shown = [call.show(kpn=world.is_kpn) for call in _filtered(world, asked)]
    path = "/calls" if world.is_kpn else "/v1/calls"
    kept = [(name, asked.given[name]) for name in _FILTERS if name in asked.given]
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


def _filtered(world: World, asked: Asked) -> list[Call]:
    given = asked.given
    status = given.get("status")
    order = given.get("order", "asc")
    if status is not None and status not in STATUSES:
        raise Refuse(invalid(asked.style, [("status", one_of(STATUSES))]))
    if order not in ("asc", "desc"):
        raise Refuse(invalid(asked.style, [("order", one_of(("asc", "desc")))]))
    begin, end = _time(asked, "date_start"), _time(asked, "date_end")
    conversation = given.get("conversation_uuid")
    found = [
        call
        for call in world.calls.values()
        if call.application_id == asked.application_id
        and (status is None or call.show(kpn=world.is_kpn)["status"] == status)
        and (conversation is None or call.conversation == conversation)
        and (begin is None or call.started >= begin)
        and (end is None or call.started <= end)
    ]
    return found if order == "asc" else found[::-1]


def _time(asked: Asked, name: str) -> float | None:
    """A time of the query; a date without a time zone is UTC. Raises Refuse."""
    text = asked.given.get(name)
    if text is None:
        return None
    try:
        # A plus sign in a query that was not escaped has become a blank.
        time = datetime.fromisoformat(text.replace(" ", "+", 1) if "T" in text else text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise Refuse(invalid(asked.style, [(name, "must be a date in ISO 8601")])) from None


def read_call(world: World, asked: Asked) -> Answer:
    """`GET /v1/calls/{uuid}`."""
    return Answer(body=_named(world, asked).show(kpn=world.is_kpn))


def change_call(world: World, asked: Asked) -> Answer:
    """`PUT /v1/calls/{uuid}`."""
    call = _live(world, asked)
    body = asked.object() if asked.body or not world.is_kpn else {}
    action = body.get("action", "mute" if world.is_kpn else None)
    board = _board(world)
    match action:
        case "hangup":
            board.hang_up(call)
        case "mute" | "unmute":
            call.muted = action == "mute"
        case "earmuff" | "unearmuff":
            call.earmuffed = action == "earmuff"
        case "transfer":
            _must_talk(asked, call)
            if board.is_busy:
                raise Refuse(refusal(asked.style, 429, **{"Retry-After": "1"}))
            ncco, hook = _destination(world, asked, body.get("destination"))
            board.spawn(transfer(board, call, ncco, hook))
        case _:
            raise Refuse(invalid(asked.style, [("action", one_of(ACTIONS))]))
    return Answer(status=204)


def _destination(world: World, asked: Asked, destination: Any) -> tuple[list[Any] | None, Hook | None]:
    if not isinstance(destination, dict) or destination.get("type") != "ncco":
        raise Refuse(invalid(asked.style, [("destination", "must be an object of type ncco")]))
    ncco, url = destination.get("ncco"), destination.get("url")
    if ncco is not None and not world.is_kpn and url is None:
        if isinstance(ncco, list) and ncco and all(isinstance(action, dict) for action in ncco):
            return ncco, None
        raise Refuse(invalid(asked.style, [("destination.ncco", "must be a list of actions")]))
    if ncco is None and isinstance(url, list) and is_urls(url):
        return None, Hook(address=url[0], method="GET")
    raise Refuse(invalid(asked.style, [("destination.url", "must be a list with one valid URL")]))


def start_talk(world: World, asked: Asked) -> Answer:
    """`PUT …/talk`."""
    call, body = _talking(world, asked), asked.object()
    if not isinstance(body.get("text"), str) or not body["text"]:
        raise Refuse(invalid(asked.style, [("text", "is required")]))
    _check_playing(asked, body)
    for name in ("language", "voice_name", "voiceName"):
        if not isinstance(body.get(name, ""), str):
            raise Refuse(invalid(asked.style, [(name, "must be a string")]))
    if "style" in body and not is_whole(body["style"], 0, 1000):
        raise Refuse(invalid(asked.style, [("style", "must be a number")]))
    return _play(call, "talk", on=True)


def stop_talk(world: World, asked: Asked) -> Answer:
    """`DELETE …/talk`."""
    return _play(_talking(world, asked), "talk", on=False)


def start_stream(world: World, asked: Asked) -> Answer:
    """`PUT …/stream`."""
    call, body = _talking(world, asked), asked.object()
    if not is_urls(body.get("stream_url")):
        raise Refuse(invalid(asked.style, [("stream_url", "must be a list with one valid URL")]))
    _check_playing(asked, body)
    return _play(call, "stream", on=True)


def stop_stream(world: World, asked: Asked) -> Answer:
    """`DELETE …/stream`."""
    return _play(_talking(world, asked), "stream", on=False)


def send_dtmf(world: World, asked: Asked) -> Answer:
    """`PUT …/dtmf`."""
    call, body = _talking(world, asked), asked.object()
    digits = body.get("digits")
    if not isinstance(digits, str) or _DIGITS.fullmatch(digits) is None:
        raise Refuse(invalid(asked.style, [("digits", "may contain 0-9, *, # and p")]))
    return Answer(body={"message": "DTMF sent", "uuid": call.uuid})


def listen(world: World, asked: Asked) -> Answer:
    """`PUT` and `DELETE …/input/dtmf`: what they answer is not documented; 204 is assumed."""
    _talking(world, asked)
    if asked.method == "PUT" and not is_urls(asked.object().get("event_url")):
        raise Refuse(invalid(asked.style, [("event_url", "must be a list with one valid URL")]))
    return Answer(status=204)


def _check_playing(asked: Asked, body: dict[str, Any]) -> None:
    if "loop" in body and not is_whole(body["loop"], 0, 1_000_000):
        raise Refuse(invalid(asked.style, [("loop", "must be 0 or more")]))
    level = body.get("level", 0)
    try:
        fits = not isinstance(level, bool) and isinstance(level, int | float | str) and -1 <= float(level) <= 1
    except ValueError:
        fits = False
    except OverflowError:
        fits = False
    if not fits:
        raise Refuse(invalid(asked.style, [("level", "must be between -1 and 1")]))


def _play(call: Call, what: Literal["talk", "stream"], *, on: bool) -> Answer:
    if on:
        call.playing.add(what)
    else:
        call.playing.discard(what)
    return Answer(body={"message": f"{what.title()} {'started' if on else 'stopped'}", "uuid": call.uuid})


def _board(world: World) -> Switchboard:
    assert world.switchboard is not None
    return world.switchboard


def _named(world: World, asked: Asked) -> Call:
    call = world.calls.get(asked.params["uuid"])
    if call is None or call.application_id != asked.application_id:
        raise Refuse(missing(asked.style, asked.params["uuid"]))
    return call


def _live(world: World, asked: Asked) -> Call:
    """A call that has not ended; one that has is gone."""
    call = _named(world, asked)
    if call.is_over or call.hangup:
        raise Refuse(missing(asked.style, call.uuid))
    return call


def _talking(world: World, asked: Asked) -> Call:
    call = _live(world, asked)
    _must_talk(asked, call)
    return call


def _must_talk(asked: Asked, call: Call) -> None:
    if not call.is_talking:
        raise Refuse(refusal(asked.style, 400, "the call has not been answered"))
