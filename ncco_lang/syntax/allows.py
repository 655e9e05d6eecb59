"""Read the comments that allow a finding, `// ncco: allow F301, unknown-action`, and the lines that each covers.

The comment is on a line of its own above the statement, or after it on its first line, and covers all of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast

_ALLOW = re.compile(r"//[ \t]*ncco:[ \t]*allow\b[ \t]*(.*)")
_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Allow:
    """A rule that is allowed on some lines; `alone` is True if its comment names no other rule."""

    comment: ast.Comment
    word: str
    span: Span
    lines: range
    alone: bool


def read_allows(file: ast.File, source: Source) -> list[Allow]:
    """Return every rule that the comments of a file allow, with the lines that it covers."""
    matches = [(comment, found) for comment in file.comments if (found := _ALLOW.match(comment.text))]
    if not matches:
        return []
    allows = []
    ends = last_lines(file.declarations, source)
    about = _Lines(source)
    for comment, found in matches:
        line = about.line_of(comment)
        lines = range(line, ends.get(line, line) + 1)
        words = list(_WORD.finditer(found[1])) or [found]
        for word in words:
            at = comment.span.start + (found.start(1) + word.start() if word is not found else 0)
            text = word[0] if word is not found else ""
            allows.append(Allow(comment, text, Span(at, at + len(word[0])), lines, len(words) == 1))
    return allows


def last_lines(declarations: Sequence[ast.Declaration], source: Source) -> dict[int, int]:
    """Return, by the line on which a statement, an option or a declaration begins, where the longest of them ends."""
    ends: dict[int, int] = {}
    waiting: list[ast.Node] = list(declarations)
    while waiting:
        node = waiting.pop()
        first, last = (source.position(place).line for place in node.span)
        ends[first] = max(last, ends.get(first, last))
        for name in ("block", "otherwise", "target"):
            block = getattr(node, name, None)
            waiting += block.entries if isinstance(block, ast.Block) else ()
        waiting += getattr(node, "branches", ())
    return ends


class _Lines:
    """Finds the line that a comment covers; reads each line once if the comments come in the order of the file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._below = 0

    def line_of(self, comment: ast.Comment) -> int:
        """Return the comment's own line if code comes before it there, else the next line with code."""
        source = self.source
        line = source.position(comment.span.start).line
        if source.text[source.line_span(line).start : comment.span.start].strip():
            return line
        below = max(self._below, line + 1)
        while below <= len(source.line_starts):
            span = source.line_span(below)
            text = source.text[span.start : span.end].strip()
            if text and not text.startswith("//"):
                break
            below += 1
        self._below = below
        return min(below, len(source.line_starts))
