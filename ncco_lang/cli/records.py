"""A call's record, as a dict for JSON lines and as lines for people."""

from __future__ import annotations

import json
import re
from typing import Any

from ncco_lang.api.types import Call, Endpoint
from ncco_lang.cli.table import render_fields

CURRENCY = "EUR"
"""What providers count prices in (Voice API, event objects)."""


def call_as_json(call: Call, **more: Any) -> dict[str, Any]:
    """What is known of a call; prices stay texts, so that no digit is lost, and the duration is seconds."""
    record = {
        "uuid": call.uuid,
        "status": call.status,
        **more,
        "direction": call.direction,
        "from": _endpoint_as_json(call.from_),
        "to": _endpoint_as_json(call.to),
        "conversation_uuid": call.conversation_uuid,
        "start_time": call.start_time,
        "end_time": call.end_time,
        "duration": _seconds(call.duration),
        "rate": call.rate,
        "price": call.price,
        "currency": None if call.price is None and call.rate is None else CURRENCY,
        "network": call.network,
    }
    return {name: value for name, value in record.items() if value is not None}


def _endpoint_as_json(endpoint: Endpoint | None) -> dict[str, str] | None:
    return None if endpoint is None else {"type": endpoint.type, "address": endpoint.address}


def _seconds(duration: str | None) -> int | str | None:
    return int(duration) if duration is not None and re.fullmatch("[0-9]{1,9}", duration) else duration


def json_line(value: Any) -> str:
    """A value as one line, which cannot steer a terminal."""
    line = json.dumps(value, ensure_ascii=False)
    return (line if line.isprintable() else json.dumps(value)) + "\n"


def render_call(call: Call, words: str | None = None) -> str:
    """A call's record, one line for each thing that is known."""
    status = call.status or "unknown"
    if words is not None:
        status = words if words.startswith(status) else f"{status} ({words})"
    return render_fields(
        [
            ("uuid", call.uuid),
            ("status", status),
            ("direction", call.direction),
            ("from", address_of(call.from_)),
            ("to", address_of(call.to)),
            ("conversation", call.conversation_uuid),
            ("started", call.start_time),
            ("ended", call.end_time),
            ("duration", None if call.duration is None else f"{call.duration} s"),
            ("price", None if call.price is None else f"{CURRENCY} {call.price}{_rate(call)}"),
            ("network", call.network),
        ]
    )


def _rate(call: Call) -> str:
    return "" if call.rate is None else f" ({call.rate} a minute)"


def address_of(endpoint: Endpoint | None) -> str | None:
    """One side of a call for people: a number with its plus sign, or what stands for it."""
    if endpoint is None:
        return None
    is_number = endpoint.type == "phone" and endpoint.address.isdigit()
    return f"+{endpoint.address}" if is_number else endpoint.address


def short_time(time: str | None) -> str | None:
    """A time to the minute, without what tables have no room for: `2026-11-24 10:15`."""
    return None if time is None else re.sub(r"(?<=\d)T(?=\d)", " ", time)[:16]
