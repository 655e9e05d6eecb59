"""Read the body of a create-call request, with the checks of each provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ncco_lang.api.calls_wire import ADDRESS_KEYS
from ncco_lang.emulator.applications import Hook, Stored
from ncco_lang.emulator.calls import CallRequest
from ncco_lang.emulator.request import ApiRequest, is_url, is_whole, one_of
from ncco_lang.emulator.responses import Refuse, invalid, missing
from ncco_lang.vocabulary.speech import kpn_voices

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account

Wrong = tuple[str, str]

MACHINE = ("continue", "hangup")
MODES = ("default", "detect", "detect_beep")
_NUMBER = re.compile(r"\+?[0-9]{7,15}")
_SIP = re.compile(r"sips?:[^\s@:][^\s]*", re.IGNORECASE)
_SOCKET = re.compile(r"wss?://[^\s/][^\s]*", re.IGNORECASE)
_LONGEST = 2000
_LONGEST_AT_KPN = 50
"""Characters of a SIP or websocket URI; Vonage's description of 2021 has the same limit, newer ones have none (conflict N25)."""
_KPN_TYPES = ("phone", "sip", "websocket")
_RATES = ("audio/l16;rate=8000", "audio/l16;rate=16000", "audio/l16;rate=24000")
_NOT_AT_KPN = ("ncco", "random_from_number", "advanced_machine_detection")
_KPN_OPTIONS = {"talk": ("text", "voiceName", "loop"), "stream": ("stream_url", "loop")}
_AUTHORIZATIONS = ("vonage", "custom")
_DTMF = re.compile(r"[0-9*#pA-D]{1,200}")


def read_order(account: Account, api_request: ApiRequest) -> CallRequest:
    """Return the request in a body. Raises Refuse, with everything that is wrong."""
    body = api_request.object()
    application = account.applications.get(api_request.application_id)
    if application is None:
        # It was deleted after the request arrived, but before it took effect.
        raise Refuse(missing(api_request.style, api_request.application_id))
    found = list(_wrong(account, application, body))
    if found:
        raise Refuse(invalid(api_request.style, found))
    to = dict(body["to"][0])
    address = to[ADDRESS_KEYS[to["type"]]]
    if to["type"] == "phone":
        address = to["number"] = address.removeprefix("+")
    detection = body.get("advanced_machine_detection", {})
    answer = body.get("answer_url")
    return CallRequest(
        to={name: value for name, value in to.items() if name not in ("dtmfAnswer", "shaken", "authorization")},
        from_=_from(account, application, body),
        address=address,
        ncco=body.get("ncco"),
        answer=None if answer is None else Hook(address=answer[0], method=body.get("answer_method", "GET")),
        event=_event(application, body),
        detection=detection.get("behavior", "continue") if detection else body.get("machine_detection"),
        beep=detection.get("mode") == "detect_beep",
        beside=detection.get("mode") == "default",
        beep_timeout=detection.get("beep_timeout", 45),
        length_timer=body.get("length_timer", 7200),
        ringing_timer=body.get("ringing_timer", 60),
    )


def _event(application: Stored, body: dict[str, Any]) -> Hook | None:
    url = body.get("event_url")
    if url:
        return Hook(address=url[0], method=body.get("event_method", "POST"), read=10.0)
    return application.event


def _from(account: Account, application: Stored, body: dict[str, Any]) -> dict[str, str]:
    """Return the caller as calls show it: `number` is digits or a SIP URI."""
    number = _caller(body.get("from"))
    if number:
        return {"type": "sip" if _SIP.fullmatch(number) else "phone", "number": number.removeprefix("+")}
    linked = [number.msisdn for number in account.numbers.values() if number.application_id == application.id]
    return {"type": "phone", "number": next(iter([*linked, *account.numbers, "12025550100"]))}


def _caller(given: Any) -> Any:
    """Return the number or SIP URI of a `from`, which is an endpoint or, at Vonage, the text itself."""
    if isinstance(given, dict):
        return given.get("uri" if given.get("type") == "sip" else "number")
    return given


def _wrong(account: Account, application: Stored, body: dict[str, Any]) -> Iterator[Wrong]:
    kpn = account.is_kpn
    yield from _wrong_to(body.get("to"), kpn=kpn)
    yield from _wrong_from(account, application, body)
    if kpn:
        yield from ((name, "is not supported") for name in _NOT_AT_KPN if name in body)
        if "answer_url" not in body:
            yield "answer_url", "is required"
    elif ("ncco" in body) == ("answer_url" in body):
        yield "ncco", "exactly one of ncco and answer_url is required"
    if "ncco" in body and not kpn:
        ncco = body["ncco"]
        if not isinstance(ncco, list) or not ncco or not all(isinstance(action, dict) for action in ncco):
            yield "ncco", "must be a list of actions"
    for name in ("answer_url", "event_url"):
        if name in body and not is_urls(body[name]):
            yield name, "must be a list with one valid URL"
    if "event_url" not in body and application.event is None:
        yield "event_url", "is required, because the application has none"
    for name in ("answer_method", "event_method"):
        if name in body and body[name] not in ("GET", "POST"):
            yield name, one_of(("GET", "POST"))
    yield from _wrong_settings(body, 7200 if kpn else 86_400)


def _wrong_settings(body: dict[str, Any], longest: int) -> Iterator[Wrong]:
    """Check detection and timers. The limits are those of the Voice API 1.10.0, and of KPN's description."""
    if "machine_detection" in body and body["machine_detection"] not in MACHINE:
        yield "machine_detection", one_of(MACHINE)
    for name, most in (("length_timer", longest), ("ringing_timer", 120)):
        if name in body and not is_whole(body[name], 1, most):
            yield name, f"must be between 1 and {most}"
    advanced = body.get("advanced_machine_detection", {})
    if not isinstance(advanced, dict):
        yield "advanced_machine_detection", "must be an object"
        return
    for name, words in (("behavior", MACHINE), ("mode", MODES)):
        if name in advanced and advanced[name] not in words:
            yield f"advanced_machine_detection.{name}", one_of(words)
    if "beep_timeout" in advanced and not is_whole(advanced["beep_timeout"], 30, 120):
        yield "advanced_machine_detection.beep_timeout", "must be between 30 and 120"


def _wrong_to(to: Any, *, kpn: bool) -> Iterator[Wrong]:
    if not isinstance(to, list) or len(to) != 1 or not isinstance(to[0], dict):
        yield "to", "must be a list with one endpoint"
        return
    endpoint = to[0]
    kinds = _KPN_TYPES if kpn else tuple(ADDRESS_KEYS)
    kind = endpoint.get("type")
    if kind not in kinds:
        yield "to.type", one_of(kinds)
        return
    name = ADDRESS_KEYS[kind]
    address = endpoint.get(name)
    if kind == "sip" and address is None and not kpn:
        # The newer form gives the user and the domain separately.
        parts = endpoint.get("user"), endpoint.get("domain")
        if all(isinstance(part, str) and part for part in parts):
            address = endpoint["uri"] = "sip:{}@{}".format(*parts)
    if kind == "phone":
        if not _is_number(address):
            yield "number", "can contain up to 15 digits prefixed with +"
    else:
        yield from _wrong_address(kind, name, address, _LONGEST_AT_KPN if kpn else _LONGEST)
    if kind == "websocket":
        yield from _wrong_websocket(endpoint, _RATES[:2] if kpn else _RATES)
    for name in ("headers", "standard_headers"):
        if name in endpoint and not isinstance(endpoint[name], dict):
            yield f"to.{name}", "must be an object"
    keys = endpoint.get("dtmfAnswer", "1")
    if not isinstance(keys, str) or not _DTMF.fullmatch(keys):
        yield "to.dtmfAnswer", "may contain 0-9, *, # and p"


def _wrong_address(kind: str, name: str, address: Any, longest: int) -> Iterator[Wrong]:
    if not isinstance(address, str) or not address or not address.isprintable():
        yield f"to.{name}", "is required"
    elif len(address) > longest:
        yield f"to.{name}", f"can contain up to {longest} characters"
    elif kind == "websocket" and not _SOCKET.fullmatch(address):
        yield "to.uri", "must begin with wss:// or ws://"


def _wrong_websocket(endpoint: dict[str, Any], rates: tuple[str, ...]) -> Iterator[Wrong]:
    if endpoint.get("content-type") not in rates:
        yield "to.content-type", one_of(rates)
    authorization = endpoint.get("authorization", {"type": "vonage"})
    if not isinstance(authorization, dict) or authorization.get("type") not in _AUTHORIZATIONS:
        yield "to.authorization.type", one_of(_AUTHORIZATIONS)
    elif authorization["type"] == "custom" and not isinstance(authorization.get("value"), str):
        yield "to.authorization.value", "is required"


def _wrong_from(account: Account, application: Stored, body: dict[str, Any]) -> Iterator[Wrong]:
    given, random = body.get("from"), body.get("random_from_number", False)
    if not isinstance(random, bool):
        yield "random_from_number", "must be true or false"
        return
    if given is None:
        if account.is_kpn or "from" in body:
            yield "from", "is required"
        elif random and not any(number.application_id == application.id for number in account.numbers.values()):
            yield "random_from_number", "no number is linked to the application"
        return
    if random:
        yield "random_from_number", "cannot be used together with from"
    if isinstance(given, dict):
        # At Vonage a SIP URI is the `number` of a phone (Voice API 1.10.0); KPN describes an endpoint of type sip.
        kinds = ("phone", "sip") if account.is_kpn else ("phone",)
        if given.get("type") not in kinds:
            yield "from.type", one_of(kinds)
            return
    elif account.is_kpn:
        yield "from", "must be an object"
        return
    number = _caller(given)
    if isinstance(number, str) and _SIP.fullmatch(number) and number.isprintable():
        longest = _LONGEST_AT_KPN if account.is_kpn else _LONGEST
        if len(number) > longest:
            yield "from.uri", f"can contain up to {longest} characters"
    elif not _is_number(number):
        yield "from.number", "can contain up to 15 digits prefixed with +"
    elif _needs_own_number(account, body) and number.removeprefix("+") not in account.numbers:
        example = next((f"such as {number}" for number in account.numbers), "which has none")
        yield "from.number", f"must be a number of the account, {example}"


def _needs_own_number(account: Account, body: dict[str, Any]) -> bool:
    """Return whether the caller's number has to be one of the account: at KPN always, at Vonage if a phone is called."""
    to = body.get("to")
    is_phone = isinstance(to, list) and any(isinstance(each, dict) and each.get("type") == "phone" for each in to)
    return account.is_kpn or is_phone


def check_kpn_options(account: Account, api_request: ApiRequest, body: dict[str, Any], what: str) -> None:
    """Refuse what KPN does not describe of `talk` and `stream` in a call: other options, and other voices."""
    if not account.is_kpn:
        return
    found = [(name[:40], "is not supported") for name in body if name not in _KPN_OPTIONS[what]]
    voices = kpn_voices()
    if body.get("voiceName", "Kimberly") not in voices:
        found.append(("voiceName", one_of(voices)))
    if found:
        raise Refuse(invalid(api_request.style, found))


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def is_urls(value: Any) -> bool:
    """Return whether a JSON value is a list of one URL; the platform takes lists, but only uses the first item."""
    return isinstance(value, list) and len(value) == 1 and is_url(value[0])
