"""What the platform reports of a leg beside its documents: status events and the keys of an asynchronous input.

The call store keeps it as facts of the leg, and only what some flow reads. Before each event of a call it becomes the
values of the names in `REPORTED`, so no token carries it and every process knows the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ncco_lang.bundle import ANSWERED_BY, KEYS, REPORTED, STATUS, Bundle, SlotId
from ncco_lang.engine.events import Fact, Facts, Note
from ncco_lang.engine.state import State

MOST_KEYS = 100
"""The most characters of `call.keys`."""
KEY: Final = "key"
"""The kind of the fact that a key was pressed beside the call."""
_RANKS: Final = {"started": 0, "ringing": 1, "answered": 2, "human": 2, "machine": 2}
"""The order of the statuses of a leg that runs a flow, however late their events come (voice-api.md A8). Who answered is
no status of its own: the leg is answered then."""
_NAMES: Final = ("started", "ringing", "answered")
_WHO: Final = frozenset({"human", "machine"})


def reported_slots(bundle: Bundle) -> Mapping[str, SlotId]:
    """Return the names of a flow that keep what the platform reports, with their slots; none if it reads nothing of it."""
    slots: Mapping[str, SlotId] | None = bundle.prepared.get("reported")
    if slots is None:
        names = enumerate(bundle.graph.names)
        slots = {name.text: slot for slot, name in names if name.text in REPORTED and name.scope == "call"}
        bundle.prepared["reported"] = slots
    return slots


def notes_of(fact: Fact, reads: Collection[str]) -> Iterator[Note]:
    """Yield the facts of an event that names of `REPORTED` are made of.

    Args:
        fact: a status, or a key pressed beside the call.
        reads: the names that flows read.
    """
    sent = fact.time if fact.sent is None else fact.sent
    if fact.kind == KEY and KEYS in reads:
        yield Note(KEY, 0, [sent, fact.value], fact.time)
    elif fact.kind == "status" and isinstance(fact.value, str) and fact.value in _RANKS:
        if STATUS in reads:
            yield Note("status", 0, fact.value, fact.time)
        if ANSWERED_BY in reads and fact.value in _WHO:
            yield Note("answered_by", 0, [sent, fact.value], fact.time)


def with_reports(bundle: Bundle, state: State, facts: Facts, time: float) -> State:
    """Return a state in which the names of `REPORTED` have what was reported until an event.

    Args:
        time: when the event came for the first time, so that its repetition sees the same.
    """
    slots = reported_slots(bundle)
    if not slots:
        return state
    notes = [note for note in facts.notes if note.time <= time]
    found = {ANSWERED_BY: _last(notes, "answered_by"), STATUS: _status(notes), KEYS: _keys(notes)}
    known = {slot: value for name, slot in slots.items() if (value := found[name]) is not None}
    return state._replace(values={**state.values, **known}) if known else state


def without_reports(bundle: Bundle, state: State) -> State:
    """Return a state without what was reported."""
    reported = reported_slots(bundle).values()
    if not reported:
        return state
    return state.with_values({slot: value for slot, value in state.values.items() if slot not in reported})


def _last(notes: Collection[Note], kind: str) -> str | None:
    """Return what was sent last, by the clock of the platform; None for nothing."""
    values = [note.value for note in notes if note.kind == kind]
    return max(values, key=lambda each: each[0])[1] if values else None


def _status(notes: Collection[Note]) -> str | None:
    """Return the furthest status; None if none was reported."""
    ranks = [_RANKS[note.value] for note in notes if note.kind == "status" and note.value in _RANKS]
    return _NAMES[max(ranks)] if ranks else None


def _keys(notes: Collection[Note]) -> str | None:
    """Return the keys in the order in which they were sent; None if there are none."""
    values = sorted((note.value for note in notes if note.kind == KEY), key=lambda each: each[0])
    return "".join(keys for _, keys in values)[:MOST_KEYS] or None
