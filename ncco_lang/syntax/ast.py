"""The tree of a `.flow` file: what its author wrote, nothing derived.

Nodes are frozen and compared by identity; shapes are compared with `dump`, which leaves spans out. What is
found out about a node lives in tables beside the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from ncco_lang.source import Span


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NotYet:
    """A piece of the language that parses and that this version does not compile.

    Attributes:
        what: the thing in words, as a message names it: `"menu"`, `arithmetic`.
    """

    span: Span
    what: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Word:
    """A name in its place: a verb, or the name of an option."""

    span: Span
    text: str


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """A run of characters of a text: as they stand in the file, or one escape and what it stands for.

    A run has as many characters as its span; an escape usually has not.
    """

    span: Span
    value: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Text:
    """A text in quotes, decoded. Line starts that the common indent took away are in no piece."""

    span: Span
    pieces: tuple[Piece | NotYet, ...]

    @property
    def value(self) -> str:
        """The characters that are said or sent; an interpolation counts as nothing."""
        return "".join(piece.value for piece in self.pieces if isinstance(piece, Piece))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Number:
    """A number as it is written, since `007` may be keys; a leading minus belongs to it."""

    span: Span
    text: str

    @property
    def value(self) -> int | float:
        """The number; whole when it is written without a point and an exponent."""
        digits = self.text.removeprefix("-")
        return int(self.text) if digits.isdigit() else float(self.text)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Duration:
    """`500ms`, `2s`, `3m`, `1h`: the amount as it is written, and its unit."""

    span: Span
    amount: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tag:
    """A language tag: `en-GB`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constant:
    """`true`, `false` or `null`."""

    span: Span
    value: bool | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Key:
    """A telephone key that is no digit: `*` or `#`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Name:
    """A bare word where a value may stand: a flag, a word of an enum, or a reference."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class List:
    """`[…]`"""

    span: Span
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """A key of a JSON object, with its value."""

    span: Span
    key: Text
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Object:
    """`{ "key": value }`: the author's own data."""

    span: Span
    pairs: tuple[Pair, ...]


Value: TypeAlias = Text | Number | Duration | Tag | Constant | Key | Name | List | Object | NotYet


# ── Statements ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Option:
    """`name: value`"""

    span: Span
    name: Word
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """`{ … }` behind a statement."""

    span: Span
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Command:
    """The one statement shape: `verb operand… option… block?`.

    A bare option (`premium`) is an operand here, and so is the word behind a verb (`connect phone`): only the
    vocabulary knows which is which.
    """

    span: Span
    verb: Word
    operands: tuple[Value, ...]
    options: tuple[Option, ...]
    block: Block | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """`flow "Title"`"""

    span: Span
    title: Text
    options: tuple[Option, ...]


Statement: TypeAlias = Command | NotYet
Entry: TypeAlias = Command | Option | NotYet
Declaration: TypeAlias = Flow | Command | NotYet


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class File:
    """A whole file, in the order it is written."""

    span: Span
    declarations: tuple[Declaration, ...]


Node: TypeAlias = File | Declaration | Entry | Block | Value | Pair | Piece | Word


# ── Showing a tree ─────────────────────────────────────────────────────────────────────────────────────


def dump(node: Node) -> str:
    """The shape of a tree as text, one node a line, without spans."""
    return "\n".join(_lines(node, "", "")) + "\n"


def _lines(node: Any, label: str, indent: str) -> list[str]:
    plain: list[str] = []
    below: list[str] = []
    for field in fields(node):
        value = getattr(node, field.name)
        if field.name == "span" or (value is None and field.name == "block"):
            continue
        if isinstance(value, tuple):
            for item in value:
                below += _lines(item, "", indent + "  ")
        elif hasattr(value, "span"):
            below += _lines(value, f"{field.name}: ", indent + "  ")
        else:
            plain.append(f" {value!r}")
    return [f"{indent}{label}{type(node).__name__}{''.join(plain)}", *below]
