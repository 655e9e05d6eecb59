"""What can be folded away: blocks, lists, long texts and runs of comments; what closes them stays in sight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.editor.types import FoldingRange
from ncco_lang.editor.walk import nodes
from ncco_lang.source import Source
from ncco_lang.syntax import ast

if TYPE_CHECKING:
    from ncco_lang.editor.analysis import Analysis

_JSON_PART = re.compile(r'"(?:[^"\\\r\n]++|\\[^\r\n])*+"?|[][{}]')
_CLOSED_BY = {"{": "}", "[": "]"}
_TOML_HEADER = re.compile(r"[ \t]*\[\[?[^\[\]\r\n]+\]\]?[ \t]*(?:#.*)?$")


def folds(analysis: Analysis) -> list[FoldingRange]:
    """The folds of a text, each with another first line, by that line."""
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
    """The lines from an opening sign up to the line of the closing one, which stays when it begins its line."""
    # Where a bracket is missing, the blank lines behind belong to nothing.
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
    """Runs of two lines and more that hold a comment only."""
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
    """By brackets; one that closes another kind closes nothing."""
    opened: list[tuple[str, int]] = []
    for match in _JSON_PART.finditer(source.text):
        part = match[0]
        if part in _CLOSED_BY:
            opened.append((_CLOSED_BY[part], match.start()))
        elif opened and part == opened[-1][0]:
            yield from _between(source, opened.pop()[1], match.end())


def _of_toml(source: Source) -> Iterator[FoldingRange]:
    """Each table, up to its last line that says something."""
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
