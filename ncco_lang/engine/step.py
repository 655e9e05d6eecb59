"""The engine: one event of a call → its answer. A pure function, run again with each result, never suspended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, assert_never

from ncco_lang.bundle import BEGUN, Ask, Bundle, Dial, Exit
from ncco_lang.engine.choices import choices_at, outcome
from ncco_lang.engine.events import (
    Connect,
    Ended,
    Event,
    Fact,
    Facts,
    Input,
    Joined,
    Lookup,
    Moved,
    Note,
    Reply,
    Result,
    RoomLeft,
    Started,
    Whisper,
    Woken,
)
from ncco_lang.engine.listening import choice_of
from ncco_lang.engine.reports import notes_of, reported_slots, with_reports
from ncco_lang.engine.state import State
from ncco_lang.engine.values import CallValues
from ncco_lang.engine.walk import Walk
from ncco_lang.values.constants import quote

FAILURES = frozenset({"busy", "timeout", "unanswered", "failed", "rejected", "cancelled"})
"""The statuses of a called leg that did not answer (language description, Connect)."""
_GRACE = 5.0
"""Seconds beyond its `timeout` in which an endpoint can have rung (language description, Connect)."""
_NO_FACTS = Facts()


def step(
    bundle: Bundle, state: State | None, event: Event, results: Sequence[Result] = (), facts: Facts = _NO_FACTS
) -> Reply | Lookup:
    """Return what an event is answered with, or the lookup whose result it depends on.

    Args:
        state: the state that the event's token carries; None for a call that begins.
        results: the results of the lookups of this event so far, in their order.
        facts: what is known of the leg.
    """
    if isinstance(event, Started):
        begun = with_reports(bundle, begin(bundle, event), facts, event.time)
        return Walk(bundle, begun, event.time, results, event).run(begun.block)
    if state is None:
        return Reply()
    state = with_reports(bundle, state, facts, event.time)
    match event:
        case Input():
            return _answered(bundle, state, event, results)
        case Joined():
            return _joined(bundle, state, event, facts, results)
        case Connect():
            return _dialled(bundle, state, event, facts, results)
        case Fact():
            return Reply(notes=tuple(notes_of(event, reported_slots(bundle))), state=state)
        case Whisper() | Moved() | Ended() | RoomLeft() | Woken():
            return Reply(state=state)
        case _:
            assert_never(event)


def at_entry(bundle: Bundle) -> State:
    """Return the state in which every call begins: the first block, in the first language, with the defaults of args."""
    names = enumerate(bundle.graph.names)
    return State(
        block=bundle.graph.entry,
        language=next(filter(None, bundle.voices), None),
        values={slot: name.default for slot, name in names if name.default is not None},
    )


def begin(bundle: Bundle, event: Started) -> State:
    """Return the state of a call that begins."""
    state = at_entry(bundle)
    of_call = {BEGUN: int(event.time), "call.user": event.user, "call.sip": dict(event.sip) or None}
    known = {"arg": event.arguments, "call": {name: value for name, value in of_call.items() if value is not None}}
    own = {
        slot: quote(known[name.scope][name.text])
        for slot, name in enumerate(bundle.graph.names)
        if name.text in known.get(name.scope, ())
    }
    return state._replace(
        leg=event.leg,
        conversation=event.conversation,
        caller=event.caller,
        called=event.called,
        values={**state.values, **own},
    )


def _exit(bundle: Bundle, state: State) -> Exit:
    return bundle.graph.blocks[state.block].exit


def _answered(bundle: Bundle, state: State, event: Input, results: Sequence[Result]) -> Reply | Lookup:
    """Follow the arm that an answer takes; a question without one is asked again."""
    exit, walk = _exit(bundle, state), Walk(bundle, state, event.time, results, event)
    if not isinstance(exit, Ask):
        return walk.resume()
    choice = choice_of(exit, CallValues(bundle, state, event.time), event)
    return walk.follow(choice) if choice is not None else walk.ask_again(exit.question)


def _joined(bundle: Bundle, state: State, event: Joined, facts: Facts, results: Sequence[Result]) -> Reply | Lookup:
    """Go on after the document: after a connect by what is noted about it."""
    exit, walk = _exit(bundle, state), Walk(bundle, state, event.time, results, event)
    if not isinstance(exit, Dial):
        return walk.resume()
    statuses = _noted(state, facts)
    choices = choices_at(exit.question, CallValues(bundle, state, event.time))
    if "answered" in statuses:
        return walk.lead(exit.good, "good")
    failed = next((status for status in statuses if status in FAILURES), None)
    if failed is None and state.wait is not None and event.time > state.wait[1] + _GRACE:
        return walk.lead(exit.good, "good")  # it took longer than the endpoint rings, so its events were lost
    choice = outcome(choices, failed or "unanswered", "otherwise")
    return walk.follow(choice) if choice is not None else walk.rescue()


def _dialled(bundle: Bundle, state: State, event: Connect, facts: Facts, results: Sequence[Result]) -> Reply | Lookup:
    """Note a status of a called leg; a failure is answered with its arm, while its document runs and the endpoint has not answered."""
    exit = _exit(bundle, state)
    if not isinstance(exit, Dial) or event.status not in FAILURES | {"answered"}:
        return Reply(state=state)
    note = Note("connect", _dial_of(state), event.status, event.time)
    is_old = facts.serial is not None and facts.serial > state.serial
    if is_old or event.status == "answered" or "answered" in _noted(state, facts):
        return Reply(notes=(note,), state=state)
    choice = outcome(choices_at(exit.question, CallValues(bundle, state, event.time)), event.status, "otherwise")
    walk = Walk(bundle, state, event.time, results, event)
    reply = walk.follow(choice) if choice is not None else walk.rescue()
    return replace(reply, notes=(note, *reply.notes)) if isinstance(reply, Reply) else reply


def _noted(state: State, facts: Facts) -> list[Any]:
    """Return the statuses of the connect that a state waits for."""
    return [note.value for note in facts.notes if note.kind == "connect" and note.wait == _dial_of(state)]


def _dial_of(state: State) -> int:
    return state.serial if state.wait is None else state.wait[0]
