"""Values as constants of expressions, and back: `Decimal("0.1")` ↔ `["number", "0.1"]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from ncco_lang.values import units
from ncco_lang.values.data import (
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
        case list():
            return ["list", *(quote(item) for item in value)]
        case dict():
            return ["object", *(part for key, item in value.items() for part in (key, quote(item)))]
        case _:
            return ["undefined"]
