"""What the references of an expression mean: values, and in place of those that are not known yet, their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

_NOTHING: Final[Mapping[Any, Any]] = {}


class Unknown:
    """In place of a value that is not known yet: the expression for it, and its type, None if it may be of any.

    `depth` says how many of its operators are in each other.
    """

    __slots__ = ("depth", "expression", "type")

    def __init__(self, type: str | None = None, expression: Any = None, depth: int = 1) -> None:
        self.type = type
        self.expression = expression
        self.depth = depth


class Environment(Protocol):
    """What references mean. Its values are no deeper than `DEEPEST_DATA`; `from_json` returns such values."""

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a reference, `UNDEFINED` if it has none, or an `Unknown` with its type."""


class Names:
    """An environment of values by their references as tuples: `{("slot", 3): "x"}`, and the types of other references."""

    __slots__ = ("types", "values")

    def __init__(
        self, values: Mapping[tuple[Any, ...], Any] = _NOTHING, types: Mapping[tuple[Any, ...], str] = _NOTHING
    ) -> None:
        self.values = values
        self.types = types

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a reference, or an `Unknown` with its type."""
        key = tuple(reference)
        return self.values[key] if key in self.values else Unknown(self.types.get(key))
