"""Read what the platform sends to a webhook: its fields → an event of the engine (voice-api.md C, ncco.md 7.4, 8 and 13)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from ncco_lang.bundle import Bundle, Say
from ncco_lang.engine.events import Connect, Ended, Event, Fact, Heard, Input, Joined, Started, Whisper
from ncco_lang.engine.reports import KEY
from ncco_lang.engine.state import State
from ncco_lang.values.event_urls import Webhook

LONGEST_TEXT = 256
"""Characters of an id, a number or a status; longer ones are not the platform's."""
_MOST_HEARD = 20
_LONGEST_HEARD = 4000
_KEY = re.compile(r"[0-9*#]")
_MOST_KEYS = 100
_SIP, _MOST_HEADERS = "SipHeader_", 50
"""How the fields of SIP headers begin (voice-api.md C1), and how many are read."""
_WITHHELD = frozenset({"anonymous", "private", "restricted", "unavailable", "unknown", "withheld"})
"""What networks send in place of a number that the caller withholds; the platform's pages do not name it."""
_SPOKE = frozenset({"end_on_silence_timeout", "max_duration"})
_NOT_SPOKEN = frozenset({"Speech overridden by DTMF", "Speech was not enabled"})
"""The errors of `speech` that say nothing about what the caller did (ncco.md 7.3)."""
_MOVES = frozenset({"conversation", "transfer", "raw"})
ENDS = frozenset({"completed", "busy", "cancelled", "failed", "rejected", "timeout", "unanswered"})
"""The statuses after which a leg is over (voice-api.md A8)."""


class Malformed(NamedTuple):
    """Fields that are not those of the webhook; `why` is a sentence without any of their values."""

    why: str


def read_event(webhook: Webhook, fields: Mapping[str, Any], time: float) -> Event | Malformed:
    """Return the event that a webhook reports. Never raises.

    Args:
        webhook: its kind.
        fields: its JSON body, or its query for GET, in which inner objects are JSON texts.
        time: seconds since 1970.
    """
    match webhook:
        case "answer" | "fallback":
            return _started(fields, time)
        case "event":
            status = _text(fields, "status")
            if status in ENDS:
                return Ended(time=time)
            return Fact(time=time, kind="status", value=status, sent=_sent(fields))
        case "i":
            return _input(fields, time)
        case "j":
            if "payload" not in fields and "conversation_uuid" not in fields:
                return Malformed("the body is not that of a notify")
            return Joined(time=time)
        case "c":
            return _connect(fields, time)
        case "w":
            return Whisper(time=time, leg=leg_of(fields))
        case "k":
            return _key(fields, time)
        case "r":
            return Fact(time=time, kind="recording", value=_text(fields, "recording_url"))


def leg_of(fields: Mapping[str, Any]) -> str:
    """Return the id of the leg that a webhook is about; empty if it has none. Machine detection calls it `call_uuid`."""
    return _text(fields, "uuid") or _text(fields, "call_uuid") or ""


def conversation_of(fields: Mapping[str, Any]) -> str:
    """Return the id of the conversation that a webhook names; empty if it names none."""
    return _text(fields, "conversation_uuid") or ""


def is_of_call(event: Event, fields: Mapping[str, Any], state: State, bundle: Bundle) -> bool:
    """Return whether a webhook can be about the call of a token. A field that is missing says nothing.

    The event of a connect has the called leg, and that of a notify no leg, so the conversation counts as well (ncco.md 7.4
    and 8, voice-api.md C2). A leg that joins another conversation has the id of that one from then on.
    """
    leg, conversation = leg_of(fields), _text(fields, "conversation_uuid")
    if leg and state.leg and _plain(leg) == _plain(state.leg):
        return True
    if conversation is None or not state.conversation:
        is_of_leg = isinstance(event, Input) or (isinstance(event, Fact) and event.kind == KEY)
        return not (is_of_leg and leg and state.leg)
    return conversation == state.conversation or _changes_conversation(bundle)


def _plain(leg: str) -> str:
    """Return the id of a leg without what differs between webhooks: inbound legs may have no dashes (voice-api.md C1)."""
    return leg.replace("-", "").lower()


def _changes_conversation(bundle: Bundle) -> bool:
    """Return whether a flow has an action that brings a leg into another conversation."""
    known = bundle.prepared.get("changes_conversation")
    if known is None:
        verbs = {action.verb for block in bundle.graph.blocks for action in block.actions if isinstance(action, Say)}
        known = bundle.prepared["changes_conversation"] = not verbs.isdisjoint(_MOVES)
    return bool(known)


def _started(fields: Mapping[str, Any], time: float) -> Started | Malformed:
    if not leg_of(fields) and not _text(fields, "conversation_uuid"):
        return Malformed("the request has no uuid, so it is not that of an answer webhook")
    return Started(
        time=time,
        leg=leg_of(fields),
        conversation=_text(fields, "conversation_uuid") or "",
        caller=_caller(fields),
        called=_text(fields, "to"),
        user=_text(fields, "from_user"),
        sip=dict(islice(_sip_headers(fields), _MOST_HEADERS)),
    )


def _caller(fields: Mapping[str, Any]) -> str | None:
    """Return the number of the caller; None if it is withheld, or if a user of an app calls."""
    caller = _text(fields, "from")
    return None if caller is None or caller.casefold() in _WITHHELD else caller


def _sip_headers(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the headers of a SIP call, `SipHeader_X-UserId` as `X-UserId`."""
    for name in fields:
        value = _text(fields, name)
        if name.startswith(_SIP) and value is not None and len(name) <= LONGEST_TEXT:
            yield name.removeprefix(_SIP), value


def _connect(fields: Mapping[str, Any], time: float) -> Event | Malformed:
    status = _text(fields, "status")
    if status is not None:
        return Connect(time=time, status=status, leg=leg_of(fields))
    if "reason" in fields or "type" in fields:
        return Fact(time=time, kind="other")
    return Malformed("the body has no status, so it is not that of an event of a call")


# ── Input ──────────────────────────────────────────────────────────────────────────────────────────────


def _input(fields: Mapping[str, Any], time: float) -> Input | Malformed:
    if "dtmf" not in fields and "speech" not in fields:
        return Malformed("the body has neither dtmf nor speech, so it is not the result of an input")
    dtmf, speech = _inner(fields, "dtmf"), _inner(fields, "speech")
    digits = _keys(dtmf.get("digits"))
    heard = tuple(_heard(speech.get("results")))
    error = speech.get("error")
    failed = isinstance(error, str) and error not in _NOT_SPOKEN
    # Without digits and a time-out, the key # ended the entry, unless it was the recogniser that ended it.
    ended_by_speech = not digits and "timeout_reason" in speech
    return Input(
        time=time,
        digits=digits,
        timed_out=_is_true(dtmf.get("timed_out", True)) or ended_by_speech,
        heard=heard,
        spoke=bool(heard) or speech.get("timeout_reason") in _SPOKE or failed,
    )


def _key(fields: Mapping[str, Any], time: float) -> Fact | Malformed:
    """Return the event of an asynchronous input. Its body is not documented: like that of an input with one key (ncco.md 7.4)."""
    if "dtmf" not in fields:
        return Malformed("the body has no dtmf, so it is not that of an asynchronous input")
    dtmf = fields["dtmf"]
    digits = dtmf if isinstance(dtmf, str) and dtmf[:1] != "{" else _inner(fields, "dtmf").get("digits")
    return Fact(time=time, kind=KEY, value=_keys(digits), sent=_sent(fields))


def _keys(digits: Any) -> str:
    return "".join(_KEY.findall(str(digits or ""))[:_MOST_KEYS])


def _heard(results: Any) -> Iterator[Heard]:
    for each in results[:_MOST_HEARD] if isinstance(results, list) else ():
        text = each.get("text") if isinstance(each, dict) else None
        if isinstance(text, str) and text.strip():
            yield Heard(text[:_LONGEST_HEARD], _confidence(each.get("confidence")))


def _confidence(value: Any) -> float:
    """Return how sure the recogniser is; the platform writes it as a text. Without a number it is not sure at all."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(1.0, max(0.0, number)) if math.isfinite(number) else 0.0


def _inner(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object of the fields; in a query it is a JSON text."""
    value = fields.get(name)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _is_true(value: Any) -> bool:
    return value is True or value == "true"


def _sent(fields: Mapping[str, Any]) -> float | None:
    """Return the `timestamp` of a webhook, in seconds since 1970; None if it has none that is a time."""
    try:
        moment = datetime.fromisoformat(_text(fields, "timestamp") or "")
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a field that is an id, a number or a status; None if it is missing, empty, too long or something else."""
    value = fields.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT else None
