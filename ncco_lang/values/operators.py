"""Operators, functions and filters on plain values, with the types that they take: one table for evaluating and checking.

A function here gets values of the types in its row, and never raises; `UNDEFINED` is a result that does not exist.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from typing import Any, Final, NamedTuple, TypeAlias

from ncco_lang.values import units
from ncco_lang.values.data import EXACT, UNDEFINED, Duration, Number, to_json, usual
from ncco_lang.values.spoken import spoken_digits, spoken_letters, spoken_phone

Types: TypeAlias = frozenset[str] | None
"""The types that an operand may have; None for any type."""
Filter: TypeAlias = Callable[[str], str | None]
"""Returns how a text is read out; None for one that it cannot read out."""

_NUMBER = frozenset({"number"})
_BOOL = frozenset({"bool"})
_EXACT_WHOLE: Final = 10**EXACT.prec
"""Whole results that are smaller are exact, so integers give the same."""
TEXT: Final = frozenset({"text", "phone", "url", "secret", "language", "key", "word"})


class Operator(NamedTuple):
    """An operator or a function.

    Attributes:
        operands: the types of each operand.
        result: the type of its result; None if that depends on the values.
        absent: its result if an operand is undefined.
        apply: its function.
    """

    operands: tuple[Types, ...]
    result: str | None
    absent: Any
    apply: Callable[..., Any]


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────


def _calculation(
    calculate: Callable[[Decimal, Decimal], Decimal], calculate_whole: Callable[[int, int], int | None]
) -> Operator:
    def apply(left: Number, right: Number) -> Any:
        if type(left) is int and type(right) is int:
            whole = calculate_whole(left, right)
            if whole is not None and -_EXACT_WHOLE < whole < _EXACT_WHOLE:
                return whole
        try:
            return usual(calculate(Decimal(left), Decimal(right)))
        except DecimalException:
            return UNDEFINED

    return Operator((_NUMBER, _NUMBER), "number", UNDEFINED, apply)


def _whole_quotient(left: int, right: int) -> int | None:
    return left // right if right and not left % right else None


def _comparison(compare: Callable[[Any, Any], bool]) -> Operator:
    return Operator((_NUMBER, _NUMBER), "bool", False, compare)


def _negative(number: Number) -> Any:
    return usual(EXACT.minus(Decimal(number)))


# ── Equality ──────────────────────────────────────────────────────────────────────────────────────────


def equal(left: Any, right: Any) -> bool:
    """Return whether two values are equal: numbers and durations by their size, texts by their characters."""
    if type(left) is str and type(right) is str:
        return left == right
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pairs += [(one[key], other[key]) for key in one]
        elif isinstance(one, bool) or isinstance(other, bool):
            if one is not other:
                return False
        elif isinstance(one, Duration) and isinstance(other, Duration):
            if units.convert(*one, "ms") != units.convert(*other, "ms"):
                return False
        elif one != other:
            return False
    return True


def _different(left: Any, right: Any) -> bool:
    return not equal(left, right)


def _contains(item: Any, values: Any) -> bool:
    if isinstance(values, dict):
        return isinstance(item, str) and item in values
    if type(item) is str:
        return item in values  # a text is only equal to texts
    return any(equal(item, value) for value in values)


def _member(container: Any, key: Any) -> Any:
    """Return an item of a list, counted from 0, or a value of a table; `UNDEFINED` if it is absent."""
    if isinstance(container, dict):
        return container.get(key, UNDEFINED) if isinstance(key, str) else UNDEFINED
    index = to_json(key)
    is_index = type(index) is int and 0 <= index < len(container)
    return container[index] if is_index else UNDEFINED


# ── Texts ─────────────────────────────────────────────────────────────────────────────────────────────


def matches(text: str, pattern: str) -> bool:
    """Return whether a text has the form of a pattern: `*` is any characters, `?` any one, and all else itself.

    Takes one step for each character of the text: bit n of `states` is set if the first n characters of the pattern
    without its stars match the text so far.
    """
    stars = anything = 0
    places: dict[str, int] = {}
    length = 0
    for character in pattern:
        if character == "*":
            stars |= 1 << length
            continue
        if character == "?":
            anything |= 1 << length
        else:
            places[character] = places.get(character, 0) | 1 << length
        length += 1
    states = 1
    for character in text:
        states = (states & (places.get(character, 0) | anything)) << 1 | states & stars
        if not states:
            return False
    return bool(states >> length & 1)


# ── The table ─────────────────────────────────────────────────────────────────────────────────────────


def _defined(_value: Any) -> bool:
    return True


OPERATORS: Final[Mapping[str, Operator]] = {
    "+": _calculation(EXACT.add, operator.add),
    "-": _calculation(EXACT.subtract, operator.sub),
    "*": _calculation(EXACT.multiply, operator.mul),
    "/": _calculation(EXACT.divide, _whole_quotient),
    "negative": Operator((_NUMBER,), "number", UNDEFINED, _negative),
    "<": _comparison(operator.lt),
    "<=": _comparison(operator.le),
    ">": _comparison(operator.gt),
    ">=": _comparison(operator.ge),
    "==": Operator((None, None), "bool", False, equal),
    "!=": Operator((None, None), "bool", False, _different),
    "in": Operator((None, frozenset({"list", "table"})), "bool", False, _contains),
    "starts_with": Operator((TEXT, TEXT), "bool", False, str.startswith),
    "ends_with": Operator((TEXT, TEXT), "bool", False, str.endswith),
    "matches": Operator((TEXT, TEXT), "bool", False, matches),
    "not": Operator((_BOOL,), "bool", True, operator.not_),
    "length": Operator((TEXT | {"list"},), "number", UNDEFINED, len),
    "defined": Operator((None,), "bool", False, _defined),
    "member": Operator((frozenset({"list", "table"}), None), None, UNDEFINED, _member),
}
"""Every operator that first evaluates its operands. `and`, `or`, `default`, `text`, `list` and `object` are in
`compiling.py`."""
CONDITION: Final = _BOOL
"""The types that `and` and `or` take."""
KEY: Final = TEXT
"""The types that a key of an object may have."""
SPEAKABLE: Final = TEXT | _NUMBER | _BOOL | {"null"}
"""The types that can be read into a text."""


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────────


def _slow_digits(text: str) -> str | None:
    return spoken_digits(text, slow=True)


FILTERS: Final[Mapping[tuple[str, ...], Filter]] = {
    ("digits",): spoken_digits,
    ("digits", "slow"): _slow_digits,
    ("spell",): spoken_letters,
    ("phone",): spoken_phone,
}
"""A filter with its arguments → its function."""
