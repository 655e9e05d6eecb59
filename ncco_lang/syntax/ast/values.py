"""Values: the nodes after a colon or a verb, and inside a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.syntax.ast.nodes import Node

if TYPE_CHECKING:
    from ncco_lang.source import Span
    from ncco_lang.syntax.ast.nodes import Missing, Word


class Piece(Node):
    """A run of plain characters of a text, or one escape.

    `written` is its spelling in the file, `value` its meaning; they are equal without an escape.
    """

    __slots__ = ("value", "written")

    def __init__(self, span: Span, value: str, written: str) -> None:
        self.span = span
        self.value = value
        self.written = written


class Filter(Node):
    """`| name(arguments)` inside an interpolation; `arguments` is None without parentheses."""

    __slots__ = ("name", "arguments")

    def __init__(self, span: Span, name: Word, arguments: tuple[Value, ...] | None) -> None:
        self.span = span
        self.name = name
        self.arguments = arguments


class Interpolation(Node):
    """`{value | filter}` inside a text, braces included."""

    __slots__ = ("value", "filters")

    def __init__(self, span: Span, value: Value, filters: tuple[Filter, ...]) -> None:
        self.span = span
        self.value = value
        self.filters = filters


class Text(Node):
    """A text in quotes, decoded. The common indent is not part of any piece.

    `is_long` is True between triple quotes.
    """

    __slots__ = ("pieces", "is_long")

    def __init__(self, span: Span, pieces: tuple[Piece | Interpolation, ...], is_long: bool = False) -> None:
        self.span = span
        self.pieces = pieces
        self.is_long = is_long

    @property
    def value(self) -> str:
        """The characters that are said or sent, without interpolations."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Piece):
            return self.pieces[0].value
        return "".join(piece.value for piece in self.pieces if isinstance(piece, Piece))


class Number(Node):
    """A number as it is written, since `007` may be keys; a leading minus belongs to it."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text

    @property
    def value(self) -> int | float:
        """The number; an integer if it is written without a point and an exponent."""
        digits = self.text.removeprefix("-")
        return int(self.text) if digits.isdigit() else float(self.text)


class Duration(Node):
    """`500ms`, `2s`, `3m`, `1h`: the amount as it is written, and its unit."""

    __slots__ = ("amount", "unit")

    def __init__(self, span: Span, amount: str, unit: str) -> None:
        self.span = span
        self.amount = amount
        self.unit = unit


class Tag(Node):
    """A language tag: `en-GB`."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class Constant(Node):
    """`true`, `false` or `null`."""

    __slots__ = ("value",)

    def __init__(self, span: Span, value: bool | None) -> None:
        self.span = span
        self.value = value


class Key(Node):
    """A telephone key other than a digit: `*` or `#`."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class Date(Node):
    """`2026-12-24` or `25 december`."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class TimeRange(Node):
    """`09:00-17:30`"""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class Range(Node):
    """`4..6`"""

    __slots__ = ("low", "high")

    def __init__(self, span: Span, low: Number, high: Number) -> None:
        self.span = span
        self.low = low
        self.high = high


class Name(Node):
    """A bare word in place of a value: a flag, a word of an enum, or a reference."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class Field(Node):
    """`.name` after a reference."""

    __slots__ = ("name",)

    def __init__(self, span: Span, name: Word) -> None:
        self.span = span
        self.name = name


class Index(Node):
    """`[value]` after a reference."""

    __slots__ = ("value",)

    def __init__(self, span: Span, value: Value) -> None:
        self.span = span
        self.value = value


class Arguments(Node):
    """`(value, …)` after a reference."""

    __slots__ = ("values",)

    def __init__(self, span: Span, values: tuple[Value, ...]) -> None:
        self.span = span
        self.values = values


class Ref(Node):
    """A name with accessors: `call.from`, `order["order-id"]`, `open(office)`. A bare one is a `Name`."""

    __slots__ = ("name", "trailers")

    def __init__(self, span: Span, name: Word, trailers: tuple[Field | Index | Arguments, ...]) -> None:
        self.span = span
        self.name = name
        self.trailers = trailers


class List(Node):
    """`[…]`"""

    __slots__ = ("items",)

    def __init__(self, span: Span, items: tuple[Value, ...]) -> None:
        self.span = span
        self.items = items


class Pair(Node):
    """A key of a JSON object, with its value."""

    __slots__ = ("key", "value")

    def __init__(self, span: Span, key: Text, value: Value) -> None:
        self.span = span
        self.key = key
        self.value = value


class Object(Node):
    """`{ "key": value }`: the author's own data."""

    __slots__ = ("pairs",)

    def __init__(self, span: Span, pairs: tuple[Pair, ...]) -> None:
        self.span = span
        self.pairs = pairs


class Group(Node):
    """`(value)`"""

    __slots__ = ("value",)

    def __init__(self, span: Span, value: Value) -> None:
        self.span = span
        self.value = value


class Unary(Node):
    """`not value` or `-value`; a minus before a number belongs to the `Number`."""

    __slots__ = ("operator", "operand")

    def __init__(self, span: Span, operator: Word, operand: Value) -> None:
        self.span = span
        self.operator = operator
        self.operand = operand


class Chain(Node):
    """Operands with operators of one rank between them: `a or b or c`, `a - b + c`, `a < b`.

    The node is flat, so that a long one does not exhaust the stack; it has one operator fewer than operands.
    """

    __slots__ = ("operands", "operators")

    def __init__(self, span: Span, operands: tuple[Value, ...], operators: tuple[Word, ...]) -> None:
        self.span = span
        self.operands = operands
        self.operators = operators


if TYPE_CHECKING:
    # Unions cost at run time, and only annotations need them.
    Value: TypeAlias = (
        Text
        | Number
        | Duration
        | Tag
        | Constant
        | Key
        | Date
        | TimeRange
        | Range
        | Name
        | Ref
        | List
        | Object
        | Group
        | Unary
        | Chain
        | Missing
    )
