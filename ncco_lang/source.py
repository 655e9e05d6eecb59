"""A text and the positions in it: offsets, spans, lines and columns.

Offsets count code points of a Python string, from 0. Lines and columns count from 1, columns in code points;
`Source.utf16_column` counts as editors and SARIF do. A line ends at LF, CR LF or a lone CR.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

LINE_END = re.compile(r"\r\n?|\n")


class Span(NamedTuple):
    """A half-open range of offsets, `text[start:end]`."""

    start: int
    end: int

    def touches(self, other: Span) -> bool:
        """Return whether two spans overlap or are adjacent: a cursor right after a word is at the word."""
        return self.start <= other.end and other.start <= self.end


class Position(NamedTuple):
    """A line and a column, both from 1, the column in code points."""

    line: int
    column: int


class Source:
    """A text with its name and the offsets of its lines.

    `name` is the name in messages: a path as the user gave it, or `<stdin>`.
    """

    __slots__ = ("_starts", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """The offset of each line's first character; computed once, when first used."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in LINE_END.finditer(self.text))]
        return self._starts

    def position(self, offset: int) -> Position:
        """Return line and column of an offset; one past the text is allowed."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line_span(self, line: int) -> Span:
        """Return the span of a line (from 1) without its line end."""
        start = self.line_starts[line - 1]
        stop = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        while stop > start and self.text[stop - 1] in "\r\n":
            stop -= 1
        return Span(start, stop)

    def utf16_column(self, offset: int) -> int:
        """Return the column of an offset in UTF-16 code units, from 1 (as editors and SARIF count)."""
        start = self.line_starts[bisect_right(self.line_starts, offset) - 1]
        before = self.text[start:offset]
        return 1 + (len(before) if before.isascii() else len(before.encode("utf-16-le", "surrogatepass")) // 2)
