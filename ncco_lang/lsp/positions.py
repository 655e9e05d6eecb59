"""Convert offsets in code points ↔ lines and characters, both from 0, in the client's units: UTF-16 code units unless
another encoding was negotiated. Each conversion is a binary search, however long the lines are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Literal, TypeAlias

from lsprotocol import types

from ncco_lang.source import Source, Span

Encoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]

_WIDE = {"utf-8": re.compile("[^\x00-\x7f]"), "utf-16": re.compile("[\U00010000-\U0010ffff]")}


class Positions:
    """The positions of one version of a text. Every result lies in the text."""

    __slots__ = ("_before", "_wide", "encoding", "source")

    def __init__(self, source: Source, encoding: Encoding) -> None:
        self.source = source
        self.encoding = encoding
        # The offsets of characters longer than one unit, and the sum of the extra units before each.
        self._wide: list[int] = []
        self._before: list[int] = [0]
        if encoding != "utf-32" and not source.text.isascii():
            found = list(_WIDE[encoding].finditer(source.text))
            self._wide = [match.start() for match in found]
            self._before = list(accumulate((_longer(match[0], encoding) for match in found), initial=0))

    def position(self, offset: int) -> types.Position:
        """Return the line and character of an offset."""
        source = self.source
        offset = min(max(offset, 0), len(source.text))
        line = bisect_right(source.line_starts, offset) - 1
        offset = min(offset, source.line_span(line + 1).end)
        return types.Position(line, self._units(offset) - self._units(source.line_starts[line]))

    def offset(self, position: types.Position) -> int:
        """Return the offset of a line and character. A character after a line's end means its end, as LSP specifies."""
        source = self.source
        if position.line < 0:
            return 0
        if position.line >= len(source.line_starts):
            return len(source.text)
        start, end = source.line_span(position.line + 1)
        wanted = self._units(start) + max(position.character, 0)
        if not self._wide:
            return min(wanted, end)
        # A position inside a character counts as before it.
        return start + bisect_right(range(start + 1, end + 1), wanted, key=self._units)

    def range(self, span: Span) -> types.Range:
        """Return a span as a range."""
        return types.Range(self.position(span.start), self.position(span.end))

    def span(self, range_: types.Range) -> Span:
        """Return a range as a span; a reversed range is turned around."""
        one, other = self.offset(range_.start), self.offset(range_.end)
        return Span(min(one, other), max(one, other))

    def rows(self, spans: Iterable[Span]) -> Iterator[tuple[int, int, int]]:
        """Yield the line, first and last character of spans that are in order, none of them across a line end.

        Goes through the lines once, without a search for each span, because there are tens of thousands of tokens.
        """
        starts = [*self.source.line_starts, len(self.source.text) + 1]
        line = 0
        for start, end in spans:
            while starts[line + 1] <= start:
                line += 1
            shift = starts[line] if not self._wide else self._units(starts[line])
            if self._wide:
                start, end = self._units(start), self._units(end)
            yield line, start - shift, end - shift

    def _units(self, offset: int) -> int:
        """Return the number of units in the text before an offset."""
        return offset + self._before[bisect_left(self._wide, offset)]


def _longer(character: str, encoding: Encoding) -> int:
    return 1 if encoding == "utf-16" else len(character.encode("utf-8", "surrogatepass")) - 1
