"""Convert calls to and from JSON: Vonage and KPN use the same names, KPN fewer (voice-api.md A4, A5, B3, B5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ncco_lang.api.json_access import id_of, text_of
from ncco_lang.api.types import Call, CallFilter, Endpoint, NewCall, Played

ADDRESS_KEYS: Mapping[str, str] = {
    "phone": "number",
    "sip": "uri",
    "websocket": "uri",
    "vbc": "extension",
    "app": "user",
}
"""Type of an endpoint → the key of its address."""


def call_body(call: NewCall) -> dict[str, Any]:
    """Return the body that creates a call.

    Raises:
        ValueError: the type of an endpoint is unknown, or not exactly one of `ncco` and `answer_url` is given.
    """
    if (call.ncco is None) == (call.answer_url is None):
        raise ValueError("a call wants either an NCCO or an answer_url")
    if call.random_from_number and call.from_number is not None:
        raise ValueError("a call has either a number that it comes from, or a random one")
    body: dict[str, Any] = {"to": [endpoint_body(call.to)]}
    if call.from_number is not None:
        body["from"] = {"type": "phone", "number": call.from_number}
    if call.random_from_number:
        body["random_from_number"] = True
    for key in ("ncco", "answer_method", "event_method", "machine_detection", "length_timer", "ringing_timer"):
        if (value := getattr(call, key)) is not None:
            body[key] = value
    for key in ("answer_url", "event_url"):
        if (value := getattr(call, key)) is not None:
            body[key] = [value]
    if call.advanced_machine_detection is not None:
        body["advanced_machine_detection"] = dict(call.advanced_machine_detection)
    return body


def endpoint_body(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint as JSON. Raises ValueError if its type is not one of the Voice API's."""
    key = ADDRESS_KEYS.get(endpoint.type)
    if key is None:
        raise ValueError(f"{endpoint.type!r} is no type of endpoint")
    return {"type": endpoint.type, key: endpoint.address, **endpoint.options}


def read_endpoint(data: Any) -> Endpoint | None:
    """Return one side of a call: an object, a list with one, or only a number (conflicts.md R6)."""
    if isinstance(data, list):
        data = data[0] if data else None
    if isinstance(data, str):
        return Endpoint(type="phone", address=data)
    if not isinstance(data, dict):
        return None
    kind = text_of(data, "type") or "phone"
    keys = [ADDRESS_KEYS.get(kind, "number"), *ADDRESS_KEYS.values()]
    key = next((key for key in keys if text_of(data, key) is not None), None)
    if key is None:
        return None
    options = {name: value for name, value in data.items() if name not in ("type", key)}
    return Endpoint(type=kind, address=text_of(data, key) or "", options=options)


def read_call(data: Any) -> Call | None:
    """Return a call of a response; None if it has no uuid."""
    uuid = id_of(data, "uuid")
    if not uuid:
        return None
    return Call(
        uuid=uuid,
        status=text_of(data, "status"),
        direction=text_of(data, "direction"),
        conversation_uuid=text_of(data, "conversation_uuid"),
        to=read_endpoint(data.get("to")),
        from_=read_endpoint(data.get("from")),
        rate=text_of(data, "rate"),
        price=text_of(data, "price"),
        duration=text_of(data, "duration"),
        start_time=text_of(data, "start_time"),
        end_time=text_of(data, "end_time"),
        network=text_of(data, "network"),
        raw=data,
    )


def filter_query(which: CallFilter) -> tuple[tuple[str, str], ...]:
    """Return a filter as parameters of a query."""
    names = ("status", "date_start", "date_end", "conversation_uuid", "order")
    return tuple((name, value) for name in names if (value := getattr(which, name)) is not None)


def read_played(data: Any) -> Played:
    """Return what a response says about a talk, a stream or keys; it may be empty."""
    return Played(
        message=text_of(data, "message"), uuid=id_of(data, "uuid"), raw=data if isinstance(data, dict) else {}
    )


def same_side(endpoint: Endpoint | None, wanted: Endpoint) -> bool:
    """Return whether a listed call goes to the wanted endpoint; a plus sign before a number makes no difference."""
    return (
        endpoint is not None
        and endpoint.type == wanted.type
        and endpoint.address.removeprefix("+") == wanted.address.removeprefix("+")
    )
