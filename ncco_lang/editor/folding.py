"""Find what can be folded: blocks, lists, long texts and runs of comments. The closing bracket stays visible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.editor.types import FoldingRange
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.syntax.brackets import JSON_CLOSED_BY
from ncco_lang.syntax.skip_patterns import IN_JSON_TEXT

if TYPE_CHECKING:
    from ncco_lang.editor.analysis import Analysis

_JSON_PART = re.compile(rf'"{IN_JSON_TEXT}"?|[][{{}}]')
_TOML_HEADER = re.compile(r"[ \t]*\[\[?[^\[\]\r\n]+\]\]?[ \t]*(?:#.*)?$")


def folds(analysis: Analysis) -> list[FoldingRange]:
    """Return the folds of a text, at most one per first line, sorted by that line."""
    source = analysis.source
    found: Iterator[FoldingRange]
    match analysis.kind:
        case "flow":
            assert analysis.file is not None
            found = _of_flow(source, analysis.file)
        case "ncco":
            found = _of_json(source)
        case "toml":
            found = _of_toml(source)
    widest: dict[int, FoldingRange] = {}
    for fold in found:
        if fold.first not in widest or fold.last > widest[fold.first].last:
            widest[fold.first] = fold
    return sorted(widest.values(), key=lambda fold: fold.first)


def _between(source: Source, start: int, end: int) -> Iterator[FoldingRange]:
    """Yield the lines from an opening bracket to the closing one; that line stays visible if the bracket begins it."""
    # Without a closing bracket, the blank lines at the end belong to no fold.
    while end > start and source.text[end - 1].isspace():
        end -= 1
    first, last = source.position(start).line, source.position(max(start, end - 1)).line
    line = source.line_span(last)
    before = source.text[line.start : max(line.start, end - 1)]
    if not before.strip(' \t"]})'):
        last -= 1
    if last > first:
        yield FoldingRange(first, last)


# ── Flows ──────────────────────────────────────────────────────────────────────────────────────────────


def _of_flow(source: Source, file: ast.File) -> Iterator[FoldingRange]:
    for node in nodes(file):
        match node:
            case ast.Block() | ast.List() | ast.Object() | ast.Arguments():
                yield from _between(source, *node.span)
            case ast.Text(is_long=True):
                yield from _between(source, *node.span)
            case _:
                pass
    yield from _comments(source, file)


def _comments(source: Source, file: ast.File) -> Iterator[FoldingRange]:
    """Yield runs of two or more lines that hold only a comment."""
    first = last = 0
    for comment in file.comments:
        line = source.position(comment.span.start).line
        if source.text[source.line_span(line).start : comment.span.start].strip(" \t\ufeff"):
            continue
        if line != last + 1 or not first:
            if last > first:
                yield FoldingRange(first, last, "comment")
            first = line
        last = line
    if last > first:
        yield FoldingRange(first, last, "comment")


# ── JSON and TOML ──────────────────────────────────────────────────────────────────────────────────────


def _of_json(source: Source) -> Iterator[FoldingRange]:
    """Yield the folds between matching brackets; a bracket of another kind closes nothing."""
    opened: list[tuple[str, int]] = []
    for match in _JSON_PART.finditer(source.text):
        part = match[0]
        if part in JSON_CLOSED_BY:
            opened.append((JSON_CLOSED_BY[part], match.start()))
        elif opened and part == opened[-1][0]:
            yield from _between(source, opened.pop()[1], match.end())


def _of_toml(source: Source) -> Iterator[FoldingRange]:
    """Yield each table, up to its last line that is not blank."""
    first = last = 0
    for number in range(1, len(source.line_starts) + 1):
        span = source.line_span(number)
        line = source.text[span.start : span.end]
        if _TOML_HEADER.match(line):
            if last > first > 0:
                yield FoldingRange(first, last)
            first = number
        if line.strip():
            last = number
    if last > first > 0:
        yield FoldingRange(first, last)
