"""The state of a call between two webhooks, and its JSON, which a token in an event URL carries."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

from ncco_lang.bundle import BlockId, Expression, Graph, QuestionId, SlotId
from ncco_lang.values.compact_json import compact_json

Values: TypeAlias = Mapping[SlotId, Expression]
"""The values of names, each as a constant of `values/constants.py`."""
Return: TypeAlias = tuple[BlockId, Values]
"""A return address of `do`: the block after it, and the values of the step that it is in."""
Mode: TypeAlias = Literal["call", "whisper", "beside"]


class StateError(ValueError):
    """Text that is not a state of a call of this bundle."""


_NONE: Final[Mapping[int, Any]] = {}


class State(NamedTuple):
    """What a call knows while it waits. A NamedTuple, because every block makes new ones.

    Attributes:
        block: the block whose exit waits.
        serial: the number of documents that this leg has been given.
        mode: `whisper` for a called leg before it is joined, `beside` for a handler.
        language: the language of voices and recognisers; None if the flow names none.
        values: the names of the call that are set.
        frame: those of the step.
        stack: the return addresses, the last one on top.
        counts: how often each question has been asked again.
        marks: the frame and the return addresses with which a marked question was entered.
        wait: the number of the document with the dial or recording that is waited for, and the time, in seconds since
            1970, by which the endpoint has rung out.
        endpoint: the index of the endpoint that rings.
        round: how often a result was waited for in vain.
    """

    block: BlockId
    serial: int = 0
    mode: Mode = "call"
    leg: str = ""
    conversation: str = ""
    caller: str | None = None
    called: str | None = None
    language: str | None = None
    values: Values = _NONE
    frame: Values = _NONE
    stack: tuple[Return, ...] = ()
    counts: Mapping[QuestionId, int] = _NONE
    marks: Mapping[QuestionId, tuple[Values, tuple[Return, ...]]] = _NONE
    wait: tuple[int, float] | None = None
    endpoint: int = 0
    round: int = 0

    # A walk changes these so often that the time of `_replace` matters.

    def at(self, block: BlockId) -> State:
        """Return the state at another block."""
        return State._make((block, *self[1:]))

    def for_document(self, values: Values) -> State:
        """Return the state in which the next document begins, with these values of the call."""
        begun = (self.block, self.serial + 1, *self[2:_VALUES], values, *self[_VALUES + 1 : _WAIT])
        return State._make((*begun, None, *self[_WAIT + 1 :]))

    def with_values(self, values: Values) -> State:
        """Return the state with other values of the call."""
        return State._make((*self[:_VALUES], values, *self[_VALUES + 1 :]))

    def with_frame(self, frame: Values) -> State:
        """Return the state with other values of the step."""
        return State._make((*self[:_FRAME], frame, *self[_FRAME + 1 :]))


_VALUES, _FRAME, _WAIT = map(State._fields.index, ("values", "frame", "wait"))


def dump_state(state: State) -> str:
    """Return a state as one short JSON array; what is empty at its end is left out."""
    row: list[Any] = [
        state.block,
        state.serial,
        _MODES.index(state.mode),
        state.leg,
        state.conversation,
        state.caller,
        state.called,
        state.language,
        _flat(state.values),
        _flat(state.frame),
        _rows(state.stack),
        _flat(state.counts),
        [part for key, (frame, stack) in state.marks.items() for part in (key, _flat(frame), _rows(stack))],
        list(state.wait) if state.wait is not None else None,
        state.endpoint,
        state.round,
    ]
    while len(row) > 1 and not row[-1]:
        row.pop()
    return compact_json(row)


def load_state(text: str, graph: Graph) -> State:
    """Return the state that a text has.

    Args:
        graph: the blocks that the call walks.

    Raises:
        StateError: the text is not a state, or an index in it leads nowhere.
    """
    try:
        row = json.loads(text)
        if not isinstance(row, list) or not 0 < len(row) <= len(_EMPTY):
            raise StateError("the state is not a list")
        return _read([*row, *_EMPTY[len(row) :]], graph)
    except StateError:
        raise
    except (ValueError, RecursionError):
        raise StateError("the state is not JSON") from None


_MODES: tuple[Mode, ...] = get_args(Mode)
_EMPTY: tuple[Any, ...] = (0, 0, 0, "", "", None, None, None, [], [], [], [], [], None, 0, 0)


def _flat(values: Mapping[int, Any]) -> list[Any]:
    return [part for pair in values.items() for part in pair]


def _rows(stack: tuple[Return, ...]) -> list[Any]:
    return [part for back, frame in stack for part in (back, _flat(frame))]


# ── Reading ────────────────────────────────────────────────────────────────────────────────────────────


def _read(row: list[Any], graph: Graph) -> State:
    block, serial, mode, leg, conversation, caller, called, language, values, frame, stack, counts, marks, *rest = row
    wait, endpoint, round = rest
    return State(
        block=_index(block, len(graph.blocks)),
        serial=_count(serial),
        mode=_MODES[_index(mode, len(_MODES))],
        leg=_of(leg, str),
        conversation=_of(conversation, str),
        caller=None if caller is None else _of(caller, str),
        called=None if called is None else _of(called, str),
        language=None if language is None else _of(language, str),
        values=_values(values, graph),
        frame=_values(frame, graph),
        stack=_stack(stack, graph),
        counts={_index(key, len(graph.questions)): _count(count) for key, count in _groups(counts, 2)},
        marks={
            _index(key, len(graph.questions)): (_values(frame, graph), _stack(stack, graph))
            for key, frame, stack in _groups(marks, 3)
        },
        wait=None if wait is None else _wait(wait),
        endpoint=_count(endpoint),
        round=_count(round),
    )


def _values(flat: Any, graph: Graph) -> Values:
    return {_index(slot, len(graph.names)): value for slot, value in _groups(flat, 2)}


def _stack(flat: Any, graph: Graph) -> tuple[Return, ...]:
    if flat == []:
        return ()
    return tuple((_index(back, len(graph.blocks)), _values(frame, graph)) for back, frame in _groups(flat, 2))


def _groups(flat: Any, size: int) -> Iterable[tuple[Any, ...]]:
    """Return the items of a flat list in groups."""
    if not isinstance(flat, list) or len(flat) % size:
        raise StateError("a list in the state has a wrong length")
    return zip(*[iter(flat)] * size, strict=True)


def _index(value: Any, size: int) -> int:
    if type(value) is not int or not 0 <= value < size:
        raise StateError("an index in the state leads nowhere")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise StateError("a number in the state is not a count")
    return value


def _of(value: Any, kind: type[Any]) -> Any:
    if type(value) is not kind:
        raise StateError(f"a value in the state is not of the type {kind.__name__}")
    return value


def _wait(value: Any) -> tuple[int, float]:
    if not isinstance(value, list) or len(value) != 2 or type(value[1]) not in (int, float):
        raise StateError("the wait in the state is not a number and a time")
    if not math.isfinite(value[1]):
        raise StateError("the wait in the state has no time")
    return _count(value[0]), float(value[1])
