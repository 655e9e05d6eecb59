"""What a tree becomes before it becomes lines: strings, and the few things in which a line may end.

A `Part` is a string without a line end, or something that can take several lines. Parts in a row stand on one line as
long as none of them needs more. How wide a thing is on one line is found out once, when it is made, so the layout
takes the same time for each line however deep brackets nest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

LIMIT = 100
"""The width of a line that is kept wherever the grammar lets a line end."""

INDENT = 4


class CommentLine:
    """A comment that has a line of its own; `blank` is whether a blank line stands above it."""

    __slots__ = ("blank", "text")

    def __init__(self, text: str, blank: bool) -> None:
        self.text = text
        self.blank = blank


class Row:
    """An entry, an item or a declaration, with the comments that belong to it.

    Attributes:
        above: comments on the lines above it.
        blank: whether a blank line stands above it, behind those comments.
        parts: what it is; empty behind the last entry, where only comments stand.
        note: the comment behind it, on its line.
        head: how wide the patterns of an arm are; 0 where it is none. They begin the first part.
    """

    __slots__ = ("above", "blank", "head", "note", "parts")

    def __init__(self, above: list[CommentLine], blank: bool, parts: list[Part], head: int = 0) -> None:
        self.above = above
        self.blank = blank
        self.parts = parts
        self.head = head
        self.note: str | None = None

    @property
    def is_bare(self) -> bool:
        """Whether no comment belongs to it."""
        return not self.above and self.note is None


class Group:
    """Brackets and what stands between them: on one line, or a row on each line.

    Attributes:
        style: which brackets.
        rows: what stands between them.
        note: the comment behind the opening bracket.
        flat: all of it on one line; None where that cannot be.
    """

    __slots__ = ("flat", "note", "rows", "style")

    def __init__(self, style: Style, rows: list[Row], note: str | None, may_be_flat: bool = True) -> None:
        self.style = style
        self.rows = rows
        self.note = note
        self.flat = _flat_fold(self) if may_be_flat or not rows else None


class Style:
    """A kind of brackets: what stands at their ends, inside beside them, and between two things in them."""

    __slots__ = ("between", "closing", "comma", "opening", "pad")

    def __init__(self, opening: str, closing: str, pad: str, comma: str, between: str) -> None:
        self.opening = opening
        self.closing = closing
        self.pad = pad
        self.comma = comma
        self.between = between


BLOCK = Style("{", "}", " ", "", "; ")
OBJECT = Style("{", "}", " ", ",", ", ")
LIST = Style("[", "]", "", ",", ", ")
ARGUMENTS = Style("(", ")", "", ",", ", ")


class Long:
    """A text in three quotes over several lines; its first line stands behind the quotes where `at_once` is set."""

    __slots__ = ("at_once", "lines")

    def __init__(self, lines: list[str], at_once: bool = False) -> None:
        self.lines = lines
        self.at_once = at_once


class Branches:
    """An `if` with all its blocks: on one line altogether, or with no block on one line.

    Attributes:
        parts: all of it; the blocks are the folds in `blocks`.
    """

    __slots__ = ("blocks", "flat", "parts")

    def __init__(self, parts: list[Part], blocks: list[Group]) -> None:
        self.parts = parts
        self.blocks = blocks
        flat = flat_of(parts)
        self.flat = flat if flat is not None and len(flat) <= LIMIT else None


class Options:
    """The last options of a statement with its block: on its line, or all of them in the block.

    Attributes:
        line: what follows on the line, its own block last where there is one.
        flat: all of that on one line; None where that cannot be.
        head: the line up to the block and the opening brace; None where there is no block, or a value needs more lines.
        block: the options and the entries of the block, a line each; None where a comment follows the opening brace.
    """

    __slots__ = ("block", "flat", "head", "line")

    def __init__(self, line: list[Part], options: list[list[Part]], own: Group | None) -> None:
        self.line = line
        head = flat_of(line)
        self.head = None if own is None or head is None else f"{head} {own.style.opening}"
        if own is not None:
            self.line += [" ", own]
        self.flat = flat_of(self.line)
        rows = [Row([], False, option) for option in options]
        has_note = own is not None and own.note is not None
        self.block = None if has_note else Group(BLOCK, rows + (own.rows if own is not None else []), None, False)


class Between:
    """What stands between a `}` and its `else` where comments do: the one behind the `}`, and those on lines below."""

    __slots__ = ("lines", "note")

    def __init__(self, note: str | None, lines: list[str]) -> None:
        self.note = note
        self.lines = lines


Part: TypeAlias = str | Group | Long | Branches | Options | Between


def flat_of(parts: Sequence[Part]) -> str | None:
    """The parts on one line; None where that cannot be."""
    strings: list[str] = []
    for part in parts:
        if isinstance(part, str):
            strings.append(part)
        elif isinstance(part, (Group, Branches, Options)) and part.flat is not None:
            strings.append(part.flat)
        else:
            return None
    return "".join(strings)


def on_one_line(parts: Sequence[Part]) -> str:
    """The parts on one line, however wide: for a place where no line may end."""
    strings: list[str] = []
    for part in parts:
        if isinstance(part, str):
            strings.append(part)
        elif isinstance(part, Group):
            style = part.style
            inner = style.between.join([on_one_line(row.parts) for row in part.rows])
            strings.append(f"{style.opening}{style.pad}{inner}{style.pad}{style.closing}")
        elif isinstance(part, Long):
            strings.append('"""' + "\\n".join(part.lines) + '"""')
    return "".join(strings)


def _flat_fold(fold: Group) -> str | None:
    style = fold.style
    if fold.note is not None:
        return None
    if not fold.rows:
        return style.opening + style.closing
    rows: list[str] = []
    width = 2 + 2 * len(style.pad)
    for row in fold.rows:
        if not row.is_bare:
            return None
        flat = flat_of(row.parts)
        if flat is None:
            return None
        width += len(flat) + len(style.between)
        if width > LIMIT + len(style.between):
            return None
        rows.append(flat)
    return f"{style.opening}{style.pad}{style.between.join(rows)}{style.pad}{style.closing}"
