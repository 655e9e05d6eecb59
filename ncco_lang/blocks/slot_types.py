"""Find the type that each name of a call has, from all that sets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ncco_lang.bundle import Ask, Expression, Fetch, Graph, Name, Set, SlotId
from ncco_lang.values.environment import Unknown
from ncco_lang.values.expressions import type_of_expression

_OF_REFERENCES = {"language": "language", "now": "text", "open": "bool", "opens": "text"}
_OF_CALLS = {"from": "phone", "to": "phone", "duration": "number", "keys": "text"}
_ROUNDS = 5
"""How far a type goes from a name to those that are set to its value."""


class Types:
    """The types of the references of an expression, as an environment for `type_of_expression`."""

    __slots__ = ("of_slots",)

    def __init__(self, of_slots: Mapping[SlotId, str | None]) -> None:
        self.of_slots = of_slots

    def look_up(self, reference: list[Any]) -> Unknown:
        """Return the type of a reference; None if it can be of several."""
        match reference:
            case ["slot", int(slot)]:
                return Unknown(self.of_slots.get(slot))
            case ["call", str(name)]:
                return Unknown(_OF_CALLS.get(name))
            case [str(kind), *_]:
                return Unknown(_OF_REFERENCES.get(kind))
            case _:
                return Unknown()


def find_slot_types(graph: Graph) -> Types:
    """Return the types of the names of a graph, of those that always have the same one or no value."""
    sets = list(_sets(graph))
    types = Types({slot: name.type for slot, name in enumerate(graph.names)})
    for _ in range(_ROUNDS):
        found: dict[SlotId, set[str | None]] = {}
        for slot, value in sets:
            found.setdefault(slot, set()).add(_type(value, types))
        following = Types({slot: _only(name, found.get(slot, set())) for slot, name in enumerate(graph.names)})
        if following.of_slots == types.of_slots:
            break
        types = following
    return types


def _only(name: Name, found: set[str | None]) -> str | None:
    if name.type is not None:
        return name.type
    found = found - {"undefined"}
    return next(iter(found)) if len(found) == 1 else None


def _type(value: Expression | tuple[str | None], types: Types) -> str | None:
    given: str | None = value[0] if isinstance(value, tuple) else type_of_expression(value, types)
    return given


def _sets(graph: Graph) -> Iterator[tuple[SlotId, Expression | tuple[str | None]]]:
    """Yield each value that a name is set to, or its type in a tuple."""
    for block in graph.blocks:
        yield from ((action.slot, action.value) for action in block.actions if isinstance(action, Set))
        exit = block.exit
        if isinstance(exit, Ask):
            name = graph.questions[exit.question].name
            if name is not None:
                yield name, ("text",)
                if exit.listen.form == "one_of":
                    yield from ((name, (kind,)) for kind in _elements(exit.listen.of))
        elif isinstance(exit, Fetch) and exit.into is not None:
            yield exit.into, (None,)


def _elements(offered: Expression) -> Sequence[str | None]:
    """Return the types of what an answer can be: an element of a list, a number of a range, a key of a table."""
    match offered:
        case ["list", *items]:
            return [type_of_expression(item, Types({})) for item in items]
        case ["range", *_]:
            return ["number"]
        case ["object", *_]:
            return ["text"]
        case _:
            return [None]
