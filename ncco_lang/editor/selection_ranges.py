"""Grow a selection: the word at a position, then each thing around it, up to the whole text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.rename import declaration_at
from ncco_lang.editor.symbols import symbols
from ncco_lang.editor.types import Symbol
from ncco_lang.editor.words import word_at
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes


def selections(analysis: Analysis, offsets: Sequence[int]) -> list[list[Span]]:
    """Return for each offset the spans around it, smallest first; each contains the one before it and more."""
    text, file = analysis.source.text, analysis.file
    outline = [] if file is not None else list(_spans_of(symbols(analysis)))
    found = []
    for offset in offsets:
        declaration = None if file is None else declaration_at(file, offset)
        inner = outline if declaration is None else list(_spans_in(declaration))
        found.append(_nested([word_at(text, offset), *inner, Span(0, len(text))], offset))
    return found


def _spans_in(declaration: ast.Declaration) -> Iterator[Span]:
    for node in nodes(declaration):
        yield node.span
        if isinstance(node, ast.Text) and not node.is_long and node.span.end - node.span.start > 1:
            yield Span(node.span.start + 1, node.span.end - 1)


def _spans_of(outline: Sequence[Symbol]) -> Iterator[Span]:
    for symbol in outline:
        yield symbol.span
        yield from _spans_of(symbol.children)


def _nested(spans: Sequence[Span], offset: int) -> list[Span]:
    """Return the spans around an offset that contain each other; the last of `spans` contains all of them."""
    around = {span for span in spans[:-1] if span.start <= offset <= span.end and span.start < span.end}
    chain: list[Span] = []
    for span in (*sorted(around - {spans[-1]}, key=lambda span: span.end - span.start), spans[-1]):
        if not chain or (span.start <= chain[-1].start and chain[-1].end <= span.end):
            chain.append(span)
    return chain
