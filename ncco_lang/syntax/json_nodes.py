"""The tree of JSON with positions, and the offsets of characters in a literal, for both JSON parsers."""

from __future__ import annotations

import math
import re
from typing import Any

from ncco_lang.source import Span

LONE = re.compile("[\ud800-\udfff]")


class UnusualError(Exception):
    """The text needs the patient parser."""


class JsonNode:
    """A value in the text, with its span and contents.

    `value` is the plain value of a leaf; `items` the nodes of a list, `members` the entries of an object as
    (key, span of the key, node). `broken` marks a value that a finding has been made about already.
    """

    __slots__ = ("_by_key", "broken", "end", "items", "members", "start", "value")

    def __init__(self, start: int, end: int, value: Any = None) -> None:
        self.start = start
        self.end = end
        self.value = value
        self.items: list[JsonNode] | None = None
        self.members: list[tuple[str, Span, JsonNode]] | None = None
        self.broken = False
        self._by_key: dict[str, tuple[Span, JsonNode]] | None = None

    def to_value(self) -> Any:
        """Return the plain Python value; of a duplicate key the last one counts, as in most parsers."""
        if self.members is not None:
            return {key: node.to_value() for key, _, node in self.members}
        if self.items is not None:
            return [node.to_value() for node in self.items]
        return self.value

    def child(self, step: str | int) -> tuple[Span | None, JsonNode] | None:
        """Return (span of the key, node) of a key or an index. Call after the whole text is read."""
        if self.members is not None:
            if self._by_key is None:
                self._by_key = {key: (span, node) for key, span, node in self.members}
            return self._by_key.get(step) if isinstance(step, str) else None
        elif self.items is not None and isinstance(step, int) and 0 <= step < len(self.items):
            return None, self.items[step]
        return None


def finite(text: str) -> float:
    """Return the number a text spells; raises `UnusualError` for one too large to be a float."""
    number = float(text)
    if not math.isfinite(number):
        raise UnusualError(text)
    return number


_PIECE = re.compile(r"\\u([0-9a-fA-F]{4})|\\.|[^\\]", re.DOTALL)


def raw_offsets(literal: str, start: int, end: int) -> tuple[int, int]:
    """Return the raw offsets in the literal, quotes included, of offsets in the decoded text."""
    if "\\" not in literal:
        return 1 + min(start, len(literal) - 2), 1 + min(end, len(literal) - 2)
    begin: int | None = None
    count = raw = 0
    pos, last = 1, len(literal) - 1
    while pos < last and count < end:
        match = _PIECE.match(literal, pos)
        if match is None:
            break
        raw = pos
        pos = match.end()
        high = match[1] is not None and 0xD800 <= int(match[1], 16) < 0xDC00
        if high and re.match(r"\\u[dD][c-fC-F]", literal[pos : pos + 4]):
            pos += 6
        if count == start:
            begin = raw
        count += 1
    return (pos if begin is None else begin), pos
