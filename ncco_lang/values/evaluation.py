"""One evaluation of an expression: what its parts have in common, and all that is not the usual case.

The usual case, in which every operand has a value that its operator takes, is in the functions of `compiling.py`. They come
here with what is undefined, of another type, or not known yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple, TypeAlias

from ncco_lang.values.constants import Shared
from ncco_lang.values.data import DEEPEST_DATA, UNDEFINED, Undefined, text_of, type_of
from ncco_lang.values.environment import Unknown
from ncco_lang.values.operators import KEY, OPERATORS, SPEAKABLE, Filter, Types

Expression: TypeAlias = Any
"""JSON data, as `expressions.py` describes it."""

LONGEST_TEXT = 64 * 1024
"""Characters of one text with all that is put into it (language description, bounds: 64 KiB of compile-time text)."""
MOST_VALUES = 10_000
"""Values in one list or object, including those of nested lists and objects each time they are read."""


FaultKind: TypeAlias = Literal["operand", "part", "unspeakable", "filter", "unreadable", "long", "many", "deep"]


class Fault(NamedTuple):
    """Why a value is undefined.

    Attributes:
        expression: the very list in the expression, not a copy, so that a caller can find its place by its `id`.
        kind: `operand` (of another type, or without a result), `part` (a list or table does not have it),
            `unspeakable` (cannot be read into a text), `filter` (there is none), `unreadable` (the filter cannot read the
            text out), `long` (a text), `many` (values), `deep` (lists and objects, or operators in each other).
        details: the operands, each a value or an `Unknown`; for `and` and `or` the operand and its index in the list; for
            filters the filter and the text.
    """

    expression: Expression
    kind: FaultKind
    details: tuple[Any, ...] = ()


class Evaluation:
    """One evaluation, or several with the same environment.

    Attributes:
        faults: why parts are undefined.
        is_partial: what is not known is left in the result; else it is undefined.
    """

    __slots__ = ("_shared", "faults", "is_partial")

    def __init__(
        self, faults: list[Fault] | None = None, *, is_partial: bool = False, shared: Shared | None = None
    ) -> None:
        """Args: `shared` is that of expressions that have lists in common with this one."""
        self.faults = [] if faults is None else faults
        self.is_partial = is_partial
        self._shared = shared

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a reference, as `Environment` does."""
        raise NotImplementedError

    @property
    def shared(self) -> Shared:
        """What measures and quotes lists and tables."""
        if self._shared is None:
            self._shared = Shared()
        return self._shared

    def fault(self, expression: list[Any], kind: FaultKind, *details: Any) -> Undefined:
        """Add a fault; return the undefined value."""
        self.faults.append(Fault(expression, kind, details))
        return UNDEFINED

    def forgive(self, start: int) -> None:
        """Drop the faults about missing parts from `start` on, because the author expects that they are missing."""
        if len(self.faults) > start:
            self.faults[start:] = [each for each in self.faults[start:] if each.kind != "part"]

    def operated(self, expression: list[Any], *operands: Any) -> Any:
        """Return the result of an operator of `OPERATORS`."""
        operator = OPERATORS[expression[0]]
        if any(operand is UNDEFINED for operand in operands):
            return operator.absent
        are_fit = all(fits(operand, types) for operand, types in zip(operands, operator.operands, strict=True))
        if not are_fit:
            self.fault(expression, "operand", *operands)
        if any(type(operand) is Unknown for operand in operands):
            return left_of(expression[:1], operands, operator.result, self.shared)
        if not are_fit:
            return UNDEFINED
        result = operator.apply(*operands)
        if result is UNDEFINED:
            return self.fault(expression, "part" if expression[0] == "member" else "operand", *operands)
        return result

    def default_left(self, expression: list[Any], value: Unknown, other: Any) -> Unknown:
        """Return what is left of a `default` whose value is not known."""
        other_type = other.type if type(other) is Unknown else type_of(other)
        found = value.type if value.type == other_type else None
        return left_of(expression[:1], [value, other], found, self.shared)

    # ── Texts, lists and objects ──────────────────────────────────────────────────────────────────────

    def text_left(self, place: str, pieces: Sequence[Any]) -> Unknown:
        """Return what is left of a text, from its escaped pieces and those that are not known."""
        parts: list[Any] = []
        for is_text, group in groupby(pieces, lambda piece: isinstance(piece, str)):
            run = list(group)
            parts += ["".join(run)] if is_text else [piece.expression for piece in run]
        depth = 1 + max(piece.depth for piece in pieces if type(piece) is Unknown)
        return Unknown("text", ["text", place, *parts], depth)

    def put(self, expression: list[Any], value: Any, filters: Sequence[tuple[Any, Filter | None]]) -> Any:
        """Return the text that a value is in a text, or what is left of it.

        Args:
            expression: that of the value with its filters.
            value: the value.
            filters: each filter of it, with its function; None for one that does not exist.
        """
        if not fits(value, SPEAKABLE):
            self.fault(expression, "unspeakable", value)
        if type(value) is Unknown:
            for each in (each for each, apply in filters if apply is None):
                self.fault(expression, "filter", each)
            return Unknown("text", [expression[0], value.expression, *expression[2:]], value.depth + 1)
        text = text_of(value)
        for at, (each, apply) in enumerate(filters):
            if text is None:
                return UNDEFINED
            if apply is None:
                self.fault(expression, "filter", each)
                return Unknown("text", [expression[0], text, *expression[2 + at :]]) if self.is_partial else UNDEFINED
            filtered = apply(text)
            if filtered is None:
                self.fault(expression, "unreadable", each, text)
            text = filtered
        return UNDEFINED if text is None else text

    def list_of(self, expression: list[Any], items: list[Any]) -> Any:
        """Return a list of the items that are defined, or what is left of it."""
        items = [item for item in items if item is not UNDEFINED]
        if any(type(item) is Unknown for item in items):
            return left_of(["list"], items, "list", self.shared)
        return self._bounded(expression, items)

    def table_of(self, expression: list[Any], parts: list[Any]) -> Any:
        """Return a table of the keys and values that are defined, or what is left of it."""
        left: list[Any] = []
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if not fits(key, KEY):
                self.fault(expression, "operand", key)
            if value is not UNDEFINED and isinstance(key, (str, Unknown)):
                left += (key, value)
        if any(type(part) is Unknown for part in left):
            return left_of(["object"], left, "table", self.shared)
        return self._bounded(expression, {str(key): value for key, value in zip(left[::2], left[1::2], strict=True)})

    def _bounded(self, expression: list[Any], value: list[Any] | dict[str, Any]) -> Any:
        """Return a list or object, unless it has become too large."""
        size, depth = self.shared.measure(value)
        if size > MOST_VALUES:
            return self.fault(expression, "many")
        return self.fault(expression, "deep") if depth > DEEPEST_DATA else value


def fits(value: Any, types: Types) -> bool:
    """Return whether a value is, or may be, of one of the types."""
    if types is None or value is UNDEFINED:
        return True
    found = value.type if isinstance(value, Unknown) else type_of(value)
    return found is None or found in types


def left_of(head: list[Any], operands: Sequence[Any], type: str | None, shared: Shared) -> Unknown:
    """Return what is left of a list, from its first items and its operands, of which one or more are unknown."""
    depth = 1 + max(each.depth for each in operands if isinstance(each, Unknown))
    left = [each.expression if isinstance(each, Unknown) else shared.quote(each) for each in operands]
    return Unknown(type, [*head, *left], depth)
