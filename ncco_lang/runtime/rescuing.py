"""What a call goes on with when all else has failed. Nothing here raises."""

from __future__ import annotations

import json
from typing import Any

from ncco_lang.bundle import Bundle
from ncco_lang.engine.explore import fallback_document
from ncco_lang.engine.state import State
from ncco_lang.engine.step import at_entry
from ncco_lang.engine.tail import SORRY

_SORRY = [{"action": "talk", "text": SORRY["en"]}]


def last_words(bundle: Bundle, state: State | None = None) -> list[dict[str, Any]]:
    """Return what a caller hears when nothing else can be made: the tail, or a sentence alone. Never raises."""
    try:
        return fallback_document(bundle, state) or _SORRY
    except Exception:
        return _SORRY


def outline(bundle: Bundle, text: str | None) -> State:
    """Return a state at the beginning of a bundle, with what the state of another version says of the leg."""
    state = at_entry(bundle)
    try:
        row = json.loads(text or "[]")
        serial, _, leg, conversation, caller, called = [*row, *([None] * 7)][1:7]
    except (ValueError, TypeError, RecursionError):
        return state
    return state._replace(
        serial=serial if isinstance(serial, int) else 0,
        leg=str(leg or ""),
        conversation=str(conversation or ""),
        caller=None if caller is None else str(caller),
        called=None if called is None else str(called),
    )
