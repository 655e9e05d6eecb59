"""The intermediate form between a tree and its lines: strings, and the few things that may contain a line end.

A `Part` is a string without a line end, or something that can take several lines. Consecutive parts are on one line
unless one of them needs more. The width of a part on one line is computed once, when it is made, so the layout takes
the same time for each line however deep brackets nest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

LIMIT = 100
"""The line width that is kept wherever the grammar allows a line end."""

INDENT = 4


class CommentLine:
    """A comment on its own line; `blank` is whether a blank line is above it."""

    __slots__ = ("blank", "text")

    def __init__(self, text: str, blank: bool) -> None:
        self.text = text
        self.blank = blank


class Row:
    """An entry, an item or a declaration, with the comments that belong to it.

    Attributes:
        above: comments on the lines above it.
        blank: whether a blank line is above it, after those comments.
        parts: its content; empty after the last entry, where there are only comments.
        note: the comment after it, on its line.
        head: the width of the patterns of an arm, which begin the first part; 0 for other rows.
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
        """Whether it has no comments."""
        return not self.above and self.note is None


class Group:
    """Brackets and their content: on one line, or one row per line.

    Attributes:
        style: the kind of brackets.
        rows: the content.
        note: the comment after the opening bracket.
        flat: all of it on one line; None if that is not possible.
    """

    __slots__ = ("flat", "note", "rows", "style")

    def __init__(self, style: Style, rows: list[Row], note: str | None, may_be_flat: bool = True) -> None:
        self.style = style
        self.rows = rows
        self.note = note
        self.flat = _flat_fold(self) if may_be_flat or not rows else None


class Style:
    """A kind of brackets: the brackets, the padding inside them, and the separator of two items."""

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
    """A triple-quoted text over several lines; its first line is next to the quotes if `at_once` is set."""

    __slots__ = ("at_once", "lines")

    def __init__(self, lines: list[str], at_once: bool = False) -> None:
        self.lines = lines
        self.at_once = at_once


class Branches:
    """An `if` with all its blocks: all on one line, or every block on several lines.

    Attributes:
        parts: all of it; the blocks are those in `blocks`.
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
        line: what follows on the line, with its own block last if there is one.
        flat: all of that on one line; None if that is not possible.
        head: the line up to the block and the opening brace; None if there is no block, or a value needs more lines.
        block: the options and the entries of the block, a line each; None if a comment follows the opening brace.
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
    """Comments between a `}` and its `else`: the one after the `}`, and those on the lines below."""

    __slots__ = ("lines", "note")

    def __init__(self, note: str | None, lines: list[str]) -> None:
        self.note = note
        self.lines = lines


Part: TypeAlias = str | Group | Long | Branches | Options | Between


def flat_of(parts: Sequence[Part]) -> str | None:
    """Return the parts on one line; None if that is not possible."""
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
    """Return the parts on one line of any width, for a place where no line may end."""
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
