"""Estimate how much the values of a call can take in a token: of each name, and of all that one block needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ncco_lang.blocks.live import LiveValues
from ncco_lang.blocks.reads import Part
from ncco_lang.blocks.slot_types import Types, find_slot_types
from ncco_lang.bundle import Ask, BlockId, Expression, Fetch, Graph, Set, SlotId
from ncco_lang.values.expressions import type_of_expression

_OF_TYPES: Mapping[str | None, int] = {
    "number": 12,
    "bool": 5,
    "phone": 15,
    "duration": 8,
    "language": 14,
    "key": 20,
    "date": 16,
    "time": 16,
    "null": 4,
    "undefined": 0,
}
"""The most characters of a value of a type, as far as that is known."""
_MOST_KEYS = 20
_SPOKEN = 300
"""What a caller says: seldom more than three sentences."""
_FIELD = 100
"""A value of a lookup that is read alone, and a text that is given to a call: of any length, but seldom long."""
_NO_LIMIT = frozenset({"list", "table", None})


class Load(NamedTuple):
    """What a token has to carry at a block: the names whose values have no limit, and the characters of all others."""

    at: BlockId
    unlimited: tuple[SlotId, ...]
    characters: int


def find_loads(live: LiveValues) -> Iterator[Load]:
    """Yield what a token carries at each block that can wait."""
    sizes = _slot_sizes(live.graph)
    for at in live.waiting():
        parts = [each for each in live.things(live.at_wait(at)) if isinstance(each, Part)]
        whole = {each.slot for each in parts if each.members is None}
        known = [size for slot in whole if (size := sizes[slot]) is not None]
        fields = sum(_FIELD for each in parts if each.slot not in whole and each.members)
        yield Load(at, tuple(sorted(slot for slot in whole if sizes[slot] is None)), sum(known) + fields)


def _slot_sizes(graph: Graph) -> list[int | None]:
    """Return the most characters of the value of each name; None for one without a limit."""
    types = find_slot_types(graph)
    found: list[list[int | None]] = [[] for _ in graph.names]
    copies: list[tuple[SlotId, SlotId]] = []
    for slot, name in enumerate(graph.names):
        if name.scope == "arg" or (name.scope == "frame" and name.type is not None):
            found[slot].append(_size(types.of_slots.get(slot)))
    for block in graph.blocks:
        for action in block.actions:
            match action:
                case Set(slot, ["slot", int(other)]):
                    copies.append((slot, other))
                case Set(slot, value):
                    found[slot].append(_set_size(value, types))
                case _:
                    pass  # it sets nothing
        exit = block.exit
        if isinstance(exit, Ask) and (asked := graph.questions[exit.question].name) is not None:
            found[asked].append(_answer_size(exit))
        elif isinstance(exit, Fetch) and exit.into is not None:
            found[exit.into].append(None)
    sizes = [_most(each) for each in found]
    for slot, other in copies:
        found[slot].append(sizes[other])
    return [_most(each) for each in found]


def _most(sizes: list[int | None]) -> int | None:
    """Return the largest of the sizes of a name; that of a field for the name of an `each`, which has none."""
    return None if None in sizes else max((each for each in sizes if each is not None), default=_FIELD)


def _size(kind: str | None) -> int | None:
    return None if kind in _NO_LIMIT else _OF_TYPES.get(kind, _FIELD)


def _set_size(value: Expression, types: Types) -> int | None:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list) and value[:1] == ["member"]:
        return _FIELD  # a part of a lookup or of a list, which is set to keep little
    return _size(type_of_expression(value, types))


def _answer_size(exit: Ask) -> int:
    listen = exit.listen
    if listen.form == "speech":
        return _SPOKEN
    if listen.form == "digits" and type(listen.of) is int:
        return listen.of
    match listen.of:
        case ["list", *items]:
            return max((len(each) for each in items if isinstance(each, str)), default=_MOST_KEYS)
        case ["object", *items]:
            return max((len(each) for each in items[::2] if isinstance(each, str)), default=_MOST_KEYS)
        case _:
            return _MOST_KEYS if listen.form == "digits" else _FIELD
