"""JSON text → a value with positions, and findings about the text.

`read_value` is the fast way for text that is plain JSON: no positions, None when anything is unusual. `parse_json` is
the patient way: it keeps a place for everything, goes on behind the usual slips (a trailing comma, a comment, quotes
of the wrong kind), and stops at the first thing it cannot guess. Neither raises on any text.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import Any

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Source, Span

MAX_DEPTH = 100
"""How deep lists and objects may nest (language.md, Bounds)."""

LONE = re.compile("[\ud800-\udfff]")


class UnusualError(Exception):
    """Inside this module: the text needs the patient parser."""


class JsonNode:
    """A value in the text: where it stands and what stands in it.

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
        """The plain Python value; of a key that stands twice the last one counts, as in most readers."""
        if self.members is not None:
            return {key: node.to_value() for key, _, node in self.members}
        if self.items is not None:
            return [node.to_value() for node in self.items]
        return self.value

    def child(self, step: str | int) -> tuple[Span | None, JsonNode] | None:
        """The entry with that key, or the item with that index: (span of the key, node); asked when all is read."""
        if self.members is not None:
            if self._by_key is None:
                self._by_key = {key: (span, node) for key, span, node in self.members}
            return self._by_key.get(step) if isinstance(step, str) else None
        elif self.items is not None and isinstance(step, int) and 0 <= step < len(self.items):
            return None, self.items[step]
        return None


def _refuse_constant(name: str) -> Any:
    raise UnusualError(name)


def finite(text: str) -> float:
    """The number a text spells; raises `UnusualError` for one too large to be a float."""
    number = float(text)
    if not math.isfinite(number):
        raise UnusualError(text)
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise UnusualError
    return entries


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=finite)


def read_value(text: str) -> tuple[Any] | None:
    """The value of plain JSON text in a tuple of one, or None when `parse_json` has something to say about it."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _deep(text):
        return None
    try:
        value = _DECODER.decode(text)
    except (ValueError, UnusualError, RecursionError):
        return None
    return None if "\\u" in text and LONE.search(json.dumps(value, ensure_ascii=False)) else (value,)


def _deep(text: str) -> bool:
    """Whether brackets nest deeper than allowed, brackets inside texts counted too (so at times without need)."""
    depth = deepest = 0
    for match in re.finditer(r"[][{}]", text):
        depth += 1 if match[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH


def parse_json(source: Source) -> tuple[JsonNode | None, list[Diagnostic]]:
    """The tree of a JSON text and the findings about the text; the tree is None where it could not be read."""
    # Here and not above: most texts are plain JSON and never need the patient parser.
    from ncco_lang.syntax.json_parser import Parser
    from ncco_lang.syntax.json_tokens import StopError

    parser = Parser(source)
    try:
        root = parser.document()
    except StopError:
        return None, _before_the_line(source, parser.found)
    parser.duplicates(root)
    return root, parser.found


def _before_the_line(source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
    """Findings about a text that could not be read, without the fixes on the line where reading stopped.

    What was taken for a comma, a key or a comment there may stand inside a text whose quotes are wrong.
    """
    first = source.line_span(source.position(found[-1].span.start).line).start
    return [replace(each, fix=None) if each.fix and each.fix.edits[-1].span.end >= first else each for each in found]


_PIECE = re.compile(r"\\u([0-9a-fA-F]{4})|\\.|[^\\]", re.DOTALL)


def raw_offsets(literal: str, start: int, end: int) -> tuple[int, int]:
    """Where characters of the decoded text stand in the literal (quotes included): decoded offsets → raw offsets."""
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
