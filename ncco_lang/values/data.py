"""The plain values of the language: what an expression evaluates to.

A text, a bool, null, a list and a table are Python's own. A number is an int, or a `Numeral` if it is not written as a
plain integer. What JSON has no type for is a small class here; each but a duration and a range is a text at run time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple


class Tag(str):
    """A language tag: `en-GB`."""

    __slots__ = ()


class Key(str):
    """A telephone key other than a digit: `*` or `#`."""

    __slots__ = ()


class Word(str):
    """A bare word that means itself, such as a word of an enum."""

    __slots__ = ()


class Date(str):
    """`2026-12-24` or `25 december`."""

    __slots__ = ()


class TimeRange(str):
    """`09:00-17:30`"""

    __slots__ = ()


class Numeral(Decimal):
    """A number with its spelling, since `1.50` is read out as it is written and `007` may be keys.

    Attributes:
        text: the number as its author wrote it.
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Numeral:
        """Return the number that a text of the language's form writes."""
        self = super().__new__(cls, text)
        self.text = text
        return self


class Duration(NamedTuple):
    """`500ms`, `2s`, `3m`, `1h`: the amount as it is written, and its unit."""

    amount: str
    unit: str


class Range(NamedTuple):
    """`4..6`, both ends included."""

    low: int | Decimal
    high: int | Decimal


def number(text: str) -> int | Numeral:
    """Return the number that a literal writes; its spelling is kept unless it is that of a plain integer."""
    digits = text.removeprefix("-")
    is_plain = digits.isdigit() and (digits[0] != "0" or digits == "0") and text != "-0"
    return int(text) if is_plain else Numeral(text)


def json_number(value: int | Decimal) -> int | float:
    """Return a number as JSON writes it: an integer if it is written without a point and an exponent."""
    if isinstance(value, int):
        return value
    written = value.text if isinstance(value, Numeral) else str(value)
    return int(written) if written.removeprefix("-").isdigit() else float(value)


def described(value: Any) -> str:
    """Return in words what kind of value it is, with an article."""
    match value:
        case bool() | None:
            return "null" if value is None else "true" if value else "false"
        case int() | Decimal():
            return "a number"
        case Tag():
            return "a language tag"
        case Key():
            return "a telephone key"
        case Date():
            return "a date"
        case TimeRange():
            return "a time of day"
        case Word():
            return f'the word "{value}"'
        case str():
            return "a text"
        case Duration():
            return "a duration"
        case Range():
            return "a range"
        case list():
            return "a list"
        case _:
            return "an object"
