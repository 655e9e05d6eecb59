"""Lay out rows as the lines of a file."""

from __future__ import annotations

from collections.abc import Sequence

from ncco_lang.formatter.parts import (
    INDENT,
    LIMIT,
    Between,
    Branches,
    Group,
    Long,
    Options,
    Part,
    Row,
    flat_of,
)
from ncco_lang.syntax.depth import DEEPEST_BLOCK

_WIDEST_PATTERNS = 40
"""The widest patterns of an arm whose arrow is lined up with others."""
_BEFORE_COMMENT = "  "
_TAIL_OF_BLOCK = 2


def lay_out(rows: Sequence[Row]) -> str:
    """Return the rows of a file as text that ends with a line end."""
    writer = _Writer()
    writer.rows(rows, 0, "")
    return "".join(writer.chunks[1:]) + "\n" if writer.chunks else ""


class _Writer:
    """Writes lines; `column` is the width of the last one."""

    __slots__ = ("chunks", "column")

    def __init__(self) -> None:
        self.chunks: list[str] = []
        self.column = 0

    def write(self, text: str) -> None:
        self.chunks.append(text)
        self.column += len(text)

    def begin_line(self, indent: int, blank: bool = False) -> None:
        self.chunks += ["\n\n" if blank else "\n", " " * indent]
        self.column = indent

    def rows(self, rows: Sequence[Row], indent: int, comma: str) -> None:
        """Write each row on its own line; the first has no blank line above it."""
        pads = arrow_pads(rows, indent)
        last = len(rows) - 1
        if last >= 0 and not rows[last].parts:
            last -= 1  # a row of comments only: no comma precedes it
        blank_first = False
        for index, row in enumerate(rows):
            for line in row.above:
                self.begin_line(indent, line.blank and blank_first)
                self.write(line.text)
                blank_first = True
            if row.parts:
                self.begin_line(indent, row.blank and blank_first)
                self.row(row, indent, pads.get(index, 0), comma if index < last else "")
                blank_first = True
            if row.note is not None:
                self.write(_BEFORE_COMMENT + row.note)

    def row(self, row: Row, indent: int, pad: int, comma: str) -> None:
        parts = row.parts
        if pad and isinstance(parts[0], str):
            parts = [parts[0][: row.head] + " " * pad + parts[0][row.head :], *parts[1:]]
        self.parts(parts, indent, len(comma))
        if comma:
            self.write(comma)

    def parts(self, parts: Sequence[Part], indent: int, tail: int) -> None:
        """Write consecutive parts; `tail` is the width of what must follow on the last line."""
        for index, part in enumerate(parts):
            if isinstance(part, str):
                self.write(part)
            elif isinstance(part, Group):
                if part.flat is not None and self.column + len(part.flat) + _glued(parts, index + 1, tail) <= LIMIT:
                    self.write(part.flat)
                else:
                    self.fold(part, indent)
            elif isinstance(part, Branches):
                if part.flat is not None and self.column + len(part.flat) <= LIMIT:
                    self.write(part.flat)
                else:
                    self.branches(part, indent)
            elif isinstance(part, Long):
                self.long(part, indent + INDENT)
            elif isinstance(part, Options):
                self.options(part, indent, tail)
            else:
                self.between(part, indent)

    def fold(self, fold: Group, indent: int) -> None:
        """Write brackets with one row per line between them; empty brackets stay together."""
        self.write(fold.style.opening)
        if fold.note is not None:
            self.write(_BEFORE_COMMENT + fold.note)
        elif not fold.rows:
            self.write(fold.style.closing)
            return
        self.rows(fold.rows, indent + INDENT, fold.style.comma)
        self.begin_line(indent)
        self.write(fold.style.closing)

    def branches(self, branches: Branches, indent: int) -> None:
        """Write an `if` with every block on several lines."""
        for block in branches.blocks:
            if block.rows:
                block.flat = None
        self.parts(branches.parts, indent, 0)

    def options(self, options: Options, indent: int, tail: int) -> None:
        """Write options on the line of their statement if they fit, otherwise in its block."""
        room = LIMIT - self.column
        may_nest = indent < DEEPEST_BLOCK * INDENT
        fits = options.flat is not None and len(options.flat) + tail <= room
        if options.block is None or not may_nest or fits or (options.head is not None and len(options.head) <= room):
            self.parts(options.line, indent, tail)
        else:
            self.write(" ")
            self.fold(options.block, indent)

    def between(self, between: Between, indent: int) -> None:
        """Write the comments before an `else`, which then has its own line."""
        if between.note is not None:
            self.write(_BEFORE_COMMENT + between.note)
        for line in between.lines:
            self.begin_line(indent)
            self.write(line)
        self.begin_line(indent)

    def long(self, text: Long, indent: int) -> None:
        """Write a triple-quoted text; its lines and the closing quotes share an indent."""
        self.write('"""')
        for index, line in enumerate(text.lines):
            if index or not text.at_once:
                self.begin_line(indent if line else 0)
            self.write(line)
        self.begin_line(indent)
        self.write('"""')


def _glued(parts: Sequence[Part], start: int, tail: int) -> int:
    """Return the width that must follow a bracket on its line: up to the next blank, or the next bracket."""
    width = 0
    for index in range(start, len(parts)):
        part = parts[index]
        if isinstance(part, Options):
            return width + _TAIL_OF_BLOCK
        if not isinstance(part, str):
            return width
        if part == " " and index + 1 < len(parts) and isinstance(parts[index + 1], Group):
            return width + _TAIL_OF_BLOCK
        blank = part.find(" ")
        if blank >= 0:
            return width + blank
        width += len(part)
    return width + tail


def arrow_pads(rows: Sequence[Row], indent: int) -> dict[int, int]:
    """Return for rows, by index, the number of blanks that lines their arrow up with those of their neighbours.

    Arms on adjacent lines are lined up if each is on one line. The condition must also hold for the result, or
    formatting twice would change more.
    """
    pads: dict[int, int] = {}
    run: list[int] = []
    for index, row in enumerate([*rows, Row([], True, [])]):
        lines_up = 0 < row.head <= _WIDEST_PATTERNS and _fits(row, indent, 0)
        if run and (not lines_up or row.blank or any(line.blank for line in row.above)):
            _line_up(rows, run, indent, pads)
            run = []
        if lines_up:
            run.append(index)
    return pads


def _line_up(rows: Sequence[Row], run: Sequence[int], indent: int, pads: dict[int, int]) -> None:
    """Line up a run of arms; if some would become too wide, line up the parts of the run between those."""
    widest = max(rows[index].head for index in run)
    wide = [not _fits(rows[index], indent, widest - rows[index].head) for index in run]
    if not any(wide):
        pads.update((index, widest - rows[index].head) for index in run)
        return
    part: list[int] = []
    for index, is_too_wide in zip([*run, -1], [*wide, True], strict=True):
        if not is_too_wide:
            part.append(index)
        elif part:
            widest = max(rows[each].head for each in part)
            pads.update((each, widest - rows[each].head) for each in part)
            part = []


def _fits(row: Row, indent: int, pad: int) -> bool:
    """Return whether a row is on one line, or cannot be folded to become narrower."""
    flat = flat_of(row.parts)
    if flat is None:
        return False
    return indent + pad + len(flat) <= LIMIT or not any(
        isinstance(part, Options) or (isinstance(part, Group) and part.rows) for part in row.parts
    )
