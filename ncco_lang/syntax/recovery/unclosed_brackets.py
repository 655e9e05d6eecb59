"""Where closing brackets are missing, by the indent of the lines: who forgets a brace still indents what is inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_PART = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""|"(?:\\.|[^"\\\r\n])*+"|//[^\r\n]*|[{}\[\]()]|(?:\r\n?|\n)[ \t]*|[^"/{}\[\]()\r\n]+|.'
)
_BLANKS = re.compile(r"[ \t]*")
_TAB_WIDTH = 4
_MOST_STEPS = 10_000
_DEEPEST = 200
CLOSED_BY = {"{": "}", "[": "]", "(": ")"}
_CLOSERS = frozenset(CLOSED_BY.values())


class Unclosed(NamedTuple):
    """A bracket that should have been closed before a line: its place, and that of the line's first character."""

    opening: int
    before: int


def indent(text: str, position: int) -> int:
    """How many blanks begin the line of a position; a tab counts as four."""
    start = max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1
    blanks = _BLANKS.match(text, start)
    return 0 if blanks is None else len(blanks[0].expandtabs(_TAB_WIDTH))


def find_unclosed(text: str, start: int, end: int) -> list[Unclosed] | None:
    """The brackets between two places that a line tells to be closed already, by standing no deeper than theirs.

    None where that does not explain all of them: the indent is no guide then.
    """
    found: list[Unclosed] = []
    opened: list[tuple[int, int]] = []
    for place, part, depth, is_first in parts(text, start, end):
        while is_first and opened and (depth, part in _CLOSERS) <= (opened[-1][1], False):
            found.append(Unclosed(opened.pop()[0], place))
        if part in CLOSED_BY:
            opened.append((place, depth))
        elif part in _CLOSERS:
            if not opened:
                return None
            opened.pop()
    depth = -1 if end >= len(text) else indent(text, end)
    while opened and depth <= opened[-1][1]:
        found.append(Unclosed(opened.pop()[0], end))
    return None if opened else found


class Closers:
    """Finds the ends of brackets in one text, and remembers them. Past a bound of steps it finds none any more."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[int, int | None] = {}
        self._left = _MOST_STEPS + 10 * len(text)

    def find(self, opening: int) -> int | None:
        """The end of the bracket that closes the one at `opening`; None where other brackets or the indent tell of none."""
        if opening not in self._found:
            self._found[opening] = self._look(opening)
        return self._found[opening]

    def _look(self, opening: int) -> int | None:
        expected: list[str] = []
        here = indent(self.text, opening)
        for place, part, depth, is_first in parts(self.text, opening, len(self.text)):
            self._left -= len(part)
            if self._left < 0 or len(expected) > _DEEPEST or (is_first and (depth, part in _CLOSERS) <= (here, False)):
                return None
            if part in CLOSED_BY:
                expected.append(CLOSED_BY[part])
            elif part in _CLOSERS and part in expected:  # one that is not expected is too many, and closes nothing
                while expected.pop() != part:
                    pass
                if not expected:
                    return place + 1
        return None


def parts(text: str, start: int, end: int) -> Iterator[tuple[int, str, int, bool]]:
    """What stands in a part of a text: place, characters, indent of its line, and whether it is the line's first."""
    depth = indent(text, start)
    is_first = False
    for match in _PART.finditer(text, start, end):
        part = match[0]
        if part[0] in "\r\n":
            depth, is_first = len(part.lstrip("\r\n").expandtabs(_TAB_WIDTH)), True
        elif not part.startswith("//") and not part.isspace():
            yield match.start(), part, depth, is_first
            is_first = False
