"""A state of a call without what no later part of the call reads: what a token carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from ncco_lang.bundle import BlockId, Bundle, Expression, Needs, QuestionId, SlotId
from ncco_lang.engine.state import Return, State, Values

_Parts: TypeAlias = "dict[str, _Parts | None]"
"""The members of a table that are kept, each with those of its own; None for a whole value."""


class _Kept(NamedTuple):
    names: Mapping[SlotId, _Parts | None]
    questions: frozenset[QuestionId]


class _Live(NamedTuple):
    waits: Mapping[BlockId, _Kept]
    starts: Mapping[BlockId, _Kept]


def live_state(bundle: Bundle, state: State) -> State:
    """Return a state that waits, without the values, counts and marks that no later part of the call reads."""
    live = bundle.prepared.get("live")
    if live is None:
        live = bundle.prepared["live"] = _prepare(bundle.needs)
    kept = live.waits.get(state.block)
    if kept is None:
        return state
    stack, marks = state.stack, state.marks
    if stack:
        stack = _live_stack(live, stack)
    if marks:
        starts = {question: bundle.graph.questions[question].start for question in marks}
        marks = {
            question: (_live_values(live.starts.get(starts[question]), frame), _live_stack(live, entered))
            for question, (frame, entered) in marks.items()
            if question in kept.questions
        }
    return state._replace(
        values=_live_values(kept, state.values),
        frame=_live_values(kept, state.frame),
        stack=stack,
        counts={question: count for question, count in state.counts.items() if question in kept.questions},
        marks=marks,
    )


def _live_stack(live: _Live, stack: tuple[Return, ...]) -> tuple[Return, ...]:
    return tuple((back, _live_values(live.starts.get(back), frame)) for back, frame in stack)


def _live_values(kept: _Kept | None, values: Values) -> Values:
    """Return the values that are kept; all of them where it is not known what is needed."""
    if kept is None or not values:
        return values
    names = kept.names
    return {slot: _live_part(value, names[slot]) for slot, value in values.items() if slot in names}


def _live_part(constant: Expression, parts: _Parts | None) -> Expression:
    """Return a constant with the members that are read; one that is not a table has none, like an empty table."""
    if parts is None or (isinstance(constant, list) and constant[:1] == ["call"]):
        return constant  # whole, or a value that the compiler does not know
    kept: list[Any] = ["object"]
    if isinstance(constant, list) and constant[:1] == ["object"]:
        for key, value in zip(constant[1::2], constant[2::2], strict=False):
            if key in parts:
                kept += (key, _live_part(value, parts[key]))
    return kept


def _prepare(needs: tuple[Needs, ...]) -> _Live:
    waits: dict[BlockId, _Kept] = {}
    starts: dict[BlockId, _Kept] = {}
    for need in needs:
        names: dict[SlotId, _Parts | None] = dict.fromkeys(need.slots)
        for slot, members in need.parts:
            _add(names.setdefault(slot, {}), members)
        kept = _Kept(names, frozenset(need.questions))
        waits |= dict.fromkeys(need.waits, kept)
        starts |= dict.fromkeys(need.starts, kept)
    return _Live(waits, starts)


def _add(parts: _Parts | None, members: tuple[str, ...]) -> None:
    """Add the part that some members lead to; a whole value has it already."""
    for at, member in enumerate(members):
        if parts is None:
            return
        if at == len(members) - 1:
            parts[member] = None
        elif member not in parts:
            parts[member] = {}
        parts = parts[member]
