"""Make the bodies of the platform's webhooks: the fields of voice-api.md part C and of the actions in ncco.md."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ncco_lang.simulate.networks import network_of
from ncco_lang.simulate.state import Leg

RATE = Decimal("0.01200000")
"""Euro per minute; the platform's own prices differ by country."""
_BYTES_A_SECOND = {"mp3": 4000, "wav": 32000, "ogg": 4000}
"""For recordings: mp3 has 32 kbit/s, wav 16 bit at 16 kHz (guide on recording); ogg is assumed to be like mp3."""


def iso(seconds: float, *, milliseconds: bool = True) -> str:
    """Return a time as the platform writes it: ISO 8601 in UTC, with three decimals unless `milliseconds` is false."""
    whole = round(seconds, 3) if milliseconds else float(int(seconds))
    return datetime.fromtimestamp(whole, UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def duration_of(leg: Leg) -> int:
    """Return the seconds that an ended leg is charged for; 0 if it was not answered."""
    if leg.answered is None or leg.ended is None:
        return 0
    return max(1, math.ceil(round(leg.ended - leg.answered, 3)))


def charges_of(leg: Leg, network: str) -> dict[str, Any]:
    """Return the times and the price of a leg that was answered and has ended; nothing for others."""
    if leg.answered is None or leg.ended is None:
        return {}
    seconds = duration_of(leg)
    return {
        "start_time": iso(leg.answered, milliseconds=False),
        # Whole seconds, and the difference of both times is the duration, as in the documented events.
        "end_time": iso(int(leg.answered) + seconds, milliseconds=False),
        "duration": str(seconds),
        "rate": str(RATE),
        "price": str((RATE * seconds / 60).quantize(Decimal("0.00000001"))),
        "network": network,
    }


def status_body(leg: Leg, now: float, **more: Any) -> dict[str, Any]:
    """Return a status event of a leg (voice-api.md C2); numbers are strings."""
    body: dict[str, Any] = {
        "headers": leg.headers,
        "from": leg.from_ or "Unknown",
        "to": leg.to,
        "uuid": leg.id,
        "conversation_uuid": leg.conversation,
        "status": leg.status,
        "direction": leg.direction,
        "timestamp": iso(now),
    }
    if leg.status == "answered":
        body |= {"start_time": None, "rate": str(RATE), "network": None}
    elif leg.status == "completed" and leg.answered is not None:
        body |= {**charges_of(leg, network_of(leg.to)), "sip_code": 200, "disconnected_by": leg.by}
    elif leg.status == "disconnected":
        del body["direction"]
    body |= {name: value for name, value in more.items() if value is not None}
    return body


def detection_body(leg: Leg, now: float, status: str, sub_state: str | None) -> dict[str, Any]:
    """Return the event of machine detection, which has `call_uuid` instead of `uuid` and no `direction`."""
    body = {
        "headers": leg.headers,
        "from": leg.from_ or "Unknown",
        "to": leg.to,
        "call_uuid": leg.id,
        "conversation_uuid": leg.conversation,
        "status": status,
        "timestamp": iso(now),
    }
    return body if sub_state is None else {**body, "sub_state": sub_state}


def answer_body(leg: Leg, region_url: str | None) -> dict[str, Any]:
    """Return the fields of an answer webhook (voice-api.md C1); `from` is absent if the caller's number is unknown."""
    body = {"to": leg.to, "from": leg.from_, "conversation_uuid": leg.conversation, "uuid": leg.id}
    more = {"endpoint_type": leg.kind, "region_url": region_url}
    return {name: value for name, value in {**body, **more}.items() if value is not None}


def input_body(leg: Leg, now: float, speech: dict[str, Any], dtmf: dict[str, Any]) -> dict[str, Any]:
    """Return the result of an input (ncco.md 7.4)."""
    return {
        "speech": speech,
        "dtmf": dtmf,
        "from": leg.from_ or "Unknown",
        "to": leg.to,
        "uuid": leg.id,
        "conversation_uuid": leg.conversation,
        "timestamp": iso(now),
    }


def notify_body(leg: Leg, now: float, payload: Any) -> dict[str, Any]:
    """Return the body that `notify` posts, with the payload in it (ncco.md 8)."""
    return {"payload": payload, "conversation_uuid": leg.conversation, "timestamp": iso(now)}


def transfer_body(leg: Leg, now: float, before: str) -> dict[str, Any]:
    """Return the event of a leg that moved to another conversation (ncco.md 3)."""
    return {
        "conversation_uuid_from": before,
        "type": "transfer",
        "uuid": leg.id,
        "conversation_uuid_to": leg.conversation,
        "timestamp": iso(now),
    }


def error_body(leg: Leg, now: float, reason: str) -> dict[str, Any]:
    """Return an error event."""
    return {"reason": reason, "conversation_uuid": leg.conversation, "timestamp": iso(now)}


def record_body(recording: dict[str, Any], now: float) -> dict[str, Any]:
    """Return the event of a recording that has ended (ncco.md 2.3)."""
    seconds = max(0.0, now - recording["start"])
    return {
        "start_time": iso(recording["start"], milliseconds=False),
        "recording_url": recording["url"],
        "size": round(seconds * _BYTES_A_SECOND[recording["format"]]) + (44 if recording["format"] == "wav" else 0),
        "recording_uuid": recording["id"],
        "end_time": iso(now, milliseconds=False),
        "conversation_uuid": recording["conversation"],
        "timestamp": iso(now),
    }


def transcription_body(recording: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a transcription that is ready (ncco.md 2.3)."""
    return {
        "conversation_uuid": recording["conversation"],
        "type": "record",
        "recording_uuid": recording["id"],
        "status": "transcribed",
        "transcription_url": recording["transcription"],
    }
