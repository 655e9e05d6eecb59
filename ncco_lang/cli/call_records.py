"""Format a call's record as JSON or as text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ncco_lang.api.types import Call, Endpoint
from ncco_lang.cli.text_table import render_fields

CURRENCY = "EUR"
"""The currency of all prices (Voice API, event objects)."""


def call_as_json(call: Call, **more: Any) -> dict[str, Any]:
    """Return the known fields of a call. Prices stay strings, so that no digit is lost; the duration is in seconds."""
    record = {
        "uuid": call.uuid,
        "status": call.status,
        **more,
        "direction": call.direction,
        "from": _endpoint_as_json(call.from_),
        "to": _endpoint_as_json(call.to),
        "conversation_uuid": call.conversation_uuid,
        "start_time": _with_zone(call.start_time),
        "end_time": _with_zone(call.end_time),
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
    """Return a value as one line of JSON without control characters, so that it cannot control a terminal."""
    line = json.dumps(value, ensure_ascii=False)
    return (line if line.isprintable() else json.dumps(value)) + "\n"


def render_call(call: Call, words: str | None = None) -> str:
    """Return a call's record as text, one line for each known field."""
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
            ("started", _local_time(call.start_time)),
            ("ended", _local_time(call.end_time)),
            ("duration", None if call.duration is None else f"{call.duration} s"),
            ("price", None if call.price is None else f"{CURRENCY} {plain_amount(call.price)}{_rate(call)}"),
            ("network", call.network),
        ]
    )


def _rate(call: Call) -> str:
    return "" if call.rate is None else f" ({plain_amount(call.rate)} a minute)"


def plain_amount(amount: str | None) -> str | None:
    """Return an amount of money without trailing zeros."""
    if amount is None or re.fullmatch(r"-?[0-9]+\.[0-9]+", amount) is None:
        return amount
    return amount.rstrip("0").rstrip(".")


def address_of(endpoint: Endpoint | None) -> str | None:
    """Return one side of a call as text: a telephone number with its plus sign, or the address as it is."""
    if endpoint is None:
        return None
    is_number = endpoint.type == "phone" and endpoint.address.isdigit()
    return f"+{endpoint.address}" if is_number else endpoint.address


def local_times(times: Sequence[str | None]) -> tuple[str | None, list[str | None]]:
    """Convert times of calls to local time, to the minute, for a table.

    Returns:
        the zone, such as `+01:00`, and the times without it, if all share one zone; else None, and times with zones.
    """
    moments = [None if time is None else _moment(time) for time in times]
    zones = {_zone(moment) for moment in moments if moment is not None}
    zone = zones.pop() if len(zones) == 1 else None
    shown = [
        time if moment is None else moment.isoformat(sep=" ", timespec="minutes").removesuffix(zone or "")
        for time, moment in zip(times, moments, strict=True)
    ]
    return zone, shown


def _local_time(time: str | None) -> str | None:
    """Return a time in local time: `2026-11-24 11:15:03+01:00`."""
    moment = None if time is None else _moment(time)
    return time if moment is None else moment.isoformat(sep=" ", timespec="seconds")


def _moment(time: str) -> datetime | None:
    """Parse a provider's time; None if it is invalid. A time without a zone is in UTC, as in KPN's examples."""
    try:
        moment = datetime.fromisoformat(time)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone()
    except (ValueError, OverflowError):
        return None


def _zone(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")[16:]


def _with_zone(time: str | None) -> str | None:
    """Return a provider's time as it is, with Z added if it has no zone."""
    try:
        bare = None if time is None else datetime.fromisoformat(time)
    except ValueError:
        bare = None
    return time if bare is None or bare.tzinfo is not None else f"{bare.isoformat()}Z"
