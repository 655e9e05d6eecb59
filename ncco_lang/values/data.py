"""The values of the language as plain data: what a literal, an operator or a lookup yields.

A text is a `str`, a number an `int` or a `Decimal`, and true, false, null, lists and tables are Python's own. A literal
that JSON has no form for is a small class of its own, so that no later pass needs its syntax node.
"""

from __future__ import annotations

import math
import re
from decimal import Context, Decimal
from functools import cache
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

Number: TypeAlias = int | Decimal

DEEPEST_DATA = 100
"""Lists and objects in each other, in a flow, in JSON and in settings (language description, bounds)."""
MOST_ITEMS = 9
"""Items of `each` in a question, because `key` is one digit (language description, Menu)."""
EXACT: Final = Context(prec=28)
"""Numbers are decimals, so that 0.1 + 0.2 is 0.3. Every calculation has this context, whatever its thread has."""
KEYS: Final = re.compile(r"[0-9*#]+")
"""The form of the keys of a telephone, as a caller presses them; `fullmatch` it."""
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_LARGEST = 10**300
"""A double can hold an integer of this size, and few larger ones."""


class Undefined:
    """The type of `UNDEFINED`: the result where a value is missing or has another type than an operator takes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined()


class Tag(str):
    """A language tag: `en-GB`."""

    __slots__ = ()


class Key(str):
    """A telephone key other than a digit: `*` or `#`."""

    __slots__ = ()


class Word(str):
    """A bare word that means itself: a word of an enum."""

    __slots__ = ()


class Date(str):
    """`2026-12-24` or `25 december`."""

    __slots__ = ()


class TimeRange(str):
    """`09:00-17:30`"""

    __slots__ = ()


class Duration(NamedTuple):
    """`1.5s`: the amount as it is written, and its unit, one of `units.SECONDS`."""

    amount: str
    unit: str


class Range(NamedTuple):
    """`4..6`"""

    low: Number
    high: Number


class Numeral(Decimal):
    """A number with its spelling, since `1.50` is read out as it is written and `007` may be keys.

    Attributes:
        text: the number as its author wrote it. A calculation yields a number without it.
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Numeral:
        """Return the number of a literal."""
        self = super().__new__(cls, text)
        self.text = text
        return self


_TYPES: Final[dict[type, str]] = {
    str: "text",
    int: "number",
    Decimal: "number",
    Numeral: "number",
    bool: "bool",
    type(None): "null",
    list: "list",
    dict: "table",
    Tag: "language",
    Key: "key",
    Word: "word",
    Date: "date",
    TimeRange: "time range",
    Duration: "duration",
    Range: "range",
}
_WORDS: Final = {
    "text": "a text",
    "number": "a number",
    "bool": "true or false",
    "null": "null",
    "list": "a list",
    "table": "an object",
    "language": "a language tag",
    "key": "a telephone key",
    "date": "a date",
    "time range": "a time of day",
    "duration": "a duration",
    "range": "a range",
    "phone": "a telephone number",
    "url": "an address",
    "hours": "a schedule",
    "secret": "a secret",
}


def type_of(value: Any) -> str:
    """Return the type of a value in the language: `text`, `number`, `bool`, `language`, `table` …; `undefined`."""
    return _TYPES.get(type(value), "undefined")


@cache
def classes_of(types: frozenset[str] | None) -> frozenset[type]:
    """Return the classes of the values that have one of some types; those of all values for None."""
    return frozenset(each for each, name in _TYPES.items() if types is None or name in types)


def described_type(name: str | None) -> str:
    """Return a type in words, with its article."""
    return _WORDS.get(name or "", "a value")


def described(value: Any) -> str:
    """Return in words what kind of value it is, with its article: "a number", "a language tag"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'the word "{value}"' if isinstance(value, Word) else described_type(type_of(value))


def number(text: str) -> Number:
    """Return the number that a literal means; its spelling is kept unless it is that of a plain integer.

    Raises:
        ArithmeticError: the text is not a number.
    """
    # Python refuses to convert more than 4,300 digits.
    is_plain = len(text) < 400 and _INTEGER.fullmatch(text) is not None and text != "-0"
    return int(text) if is_plain else Numeral(text)


def number_text(value: Number) -> str:
    """Return a number as its author wrote it; a result as an author would, with an exponent only if it is long."""
    if isinstance(value, Numeral):
        return value.text
    if isinstance(value, int):
        return str(value)
    return f"{value:f}" if abs(value.adjusted()) < 30 else f"{value:e}"


def json_number(value: Number) -> int | float:
    """Return a number as JSON has it: an integer if its literal has no fraction and no exponent."""
    if isinstance(value, int):
        return value
    written = value.text if isinstance(value, Numeral) else str(value)
    return int(written) if written.removeprefix("-").isdigit() else float(value)


def text_of(value: Any) -> str | None:
    """Return the characters of a value that can be read into a text; None for a value of another type."""
    if type(value) is str:
        return value
    match value:
        case Date() | TimeRange():
            return None
        case str():
            return str(value)
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case int() | Decimal():
            return number_text(value)
        case _:
            return None


def to_json(value: Any) -> Any:
    """Return a value as JSON has it: without what is undefined; what JSON has no type for is the text that a flow has."""
    match value:
        case list():
            return [to_json(item) for item in value if item is not UNDEFINED]
        case dict():
            return {key: to_json(item) for key, item in value.items() if item is not UNDEFINED}
        case Decimal():
            return json_number(value)
        case str():
            return str(value)
        case Duration():
            return value.amount + value.unit
        case Range():
            return f"{text_of(value.low)}..{text_of(value.high)}"
        case _:
            return value


def from_json(value: Any, deepest: int = DEEPEST_DATA) -> Any:
    """Return a value of JSON or TOML as a value of the language; `UNDEFINED` for a value that JSON does not have.

    `UNDEFINED` too for numbers outside a double's range, and for what nests deeper than `deepest`.
    """
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) < _LARGEST else UNDEFINED
        case float():
            # A double is written with as few digits as it takes, and 2.0 is the number 2.
            return usual(Decimal(repr(value))) if math.isfinite(value) else UNDEFINED
        case Decimal():
            return value if math.isfinite(value) else UNDEFINED
        case list() if deepest:
            items = [from_json(item, deepest - 1) for item in value]
            return UNDEFINED if any(item is UNDEFINED for item in items) else items
        case dict() if deepest:
            pairs = {key: from_json(item, deepest - 1) for key, item in value.items()}
            return UNDEFINED if any(item is UNDEFINED for item in pairs.values()) else pairs
        case _:
            return UNDEFINED


def has_more_values(value: Any, most: int) -> bool:
    """Return whether a value of JSON has more than `most` values in it, with itself; it looks at no more than those."""
    found, waiting = 0, [value]
    while waiting and found <= most:
        found += 1
        match waiting.pop():
            case list(items):
                waiting += items[: most + 1]
            case dict(pairs):
                waiting += islice(pairs.values(), most + 1)
            case _:
                pass
    return found > most


def usual(number: Decimal) -> Number | Undefined:
    """Return a finite result without zeros at its end, an `int` if it is whole; `UNDEFINED` if no double can hold it."""
    if not number.is_finite() or (number.adjusted() > 300 and not math.isfinite(float(number))):
        return UNDEFINED
    number = number.normalize(EXACT)
    if number.adjusted() < 30 and number == number.to_integral_value():
        return int(number)
    return number
