"""Values as constants of expressions, and back: `Decimal("0.1")` ↔ `["number", "0.1"]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from ncco_lang.values import units
from ncco_lang.values.data import (
    DEEPEST_DATA,
    UNDEFINED,
    Date,
    Duration,
    Key,
    Range,
    Tag,
    TimeRange,
    Undefined,
    Word,
    from_json,
    number,
    text_of,
)

_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")
_AMOUNT = re.compile(r"[0-9]{1,300}(\.[0-9]{1,300})?")
_UNIT = re.compile("|".join(units.SECONDS))
_ANY = re.compile(r"[\s\S]*")


def _number(text: str) -> Any:
    return from_json(number(text))


def _range(low: str, high: str) -> Any:
    ends = Range(_number(low), _number(high))
    return UNDEFINED if UNDEFINED in ends else ends


def _undefined() -> Undefined:
    return UNDEFINED


CONSTANTS: Final[Mapping[str, tuple[Callable[..., Any], tuple[re.Pattern[str], ...]]]] = {
    "undefined": (_undefined, ()),
    "number": (_number, (_NUMBER,)),
    "duration": (Duration, (_AMOUNT, _UNIT)),
    "range": (_range, (_NUMBER, _NUMBER)),
    "tag": (Tag, (_ANY,)),
    "key": (Key, (_ANY,)),
    "word": (Word, (_ANY,)),
    "date": (Date, (_ANY,)),
    "time": (TimeRange, (_ANY,)),
}
"""The first item of a constant → what makes its value, and the pattern of each of its texts."""
_PLAIN: Final = frozenset({str, int, bool, type(None)})
"""The classes of the values that are expressions of themselves."""
_NAMES: Final = {Tag: "tag", Key: "key", Word: "word", Date: "date", TimeRange: "time"}


def read_constant(constant: list[Any]) -> Any:
    """Return the value of a constant whose first item is one of `CONSTANTS`; `UNDEFINED` for a malformed one."""
    make, patterns = CONSTANTS[constant[0]]
    texts = constant[1:]
    if len(texts) != len(patterns):
        return UNDEFINED
    is_well_formed = all(
        isinstance(text, str) and pattern.fullmatch(text) for text, pattern in zip(texts, patterns, strict=True)
    )
    return make(*texts) if is_well_formed else UNDEFINED


def quote(value: Any) -> Any:
    """Return the expression whose value is this value."""
    return value if type(value) in _PLAIN else Shared().quote(value)


class Shared:
    """The lists and tables that expressions have in common: each is measured and quoted once."""

    __slots__ = ("_measures", "_quoted")

    def __init__(self) -> None:
        # Each value is kept, so that no other one gets its id.
        self._measures: dict[int, tuple[Any, int, int]] = {}
        self._quoted: dict[int, tuple[Any, list[Any]]] = {}

    def name(self, value: Any, expression: Any) -> None:
        """Let a list or a table be quoted as an expression that refers to it; values of other types are as they are."""
        if isinstance(value, (list, dict)):
            self._quoted[id(value)] = (value, expression)

    def measure(self, value: Any, deepest: int = DEEPEST_DATA) -> tuple[int, int]:
        """Return the number of values in a value, with itself, and their depth, which is counted to `deepest` and one."""
        if not isinstance(value, (list, dict)):
            return 1, 0
        if deepest < 0:
            return 1, 1
        if id(value) not in self._measures:
            parts = value if isinstance(value, list) else value.values()
            inner = [self.measure(part, deepest - 1) for part in parts]
            size, depth = 1 + sum(size for size, _ in inner), 1 + max((depth for _, depth in inner), default=0)
            self._measures[id(value)] = (value, size, depth)
        return self._measures[id(value)][1:]

    def quote(self, value: Any) -> Any:
        """Return the expression whose value is this value."""
        match value:
            case None | bool() | int():
                return value
            case Decimal():
                return ["number", text_of(value)]
            case str():
                name = _NAMES.get(type(value))
                return value if name is None else [name, str(value)]
            case Duration():
                return ["duration", *value]
            case Range():
                return ["range", text_of(value.low), text_of(value.high)]
            case list() | dict():
                if id(value) not in self._quoted:
                    self._quoted[id(value)] = (value, self._quoted_parts(value))
                return self._quoted[id(value)][1]
            case _:
                return ["undefined"]

    def _quoted_parts(self, value: list[Any] | dict[str, Any]) -> list[Any]:
        if isinstance(value, list):
            return ["list", *map(self.quote, value)]
        return ["object", *(part for key, item in value.items() for part in (key, self.quote(item)))]
