"""Format a `.flow` file, keeping its meaning and its comments; see docs/design/formatting.md."""

from __future__ import annotations

from collections.abc import Container, Iterator, Set
from dataclasses import dataclass

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.formatter.gaps import Gaps, Rows
from ncco_lang.formatter.layout import lay_out
from ncco_lang.formatter.meaning import moved_allows, shape
from ncco_lang.formatter.parts import LIMIT, Row, flat_of
from ncco_lang.formatter.statements import add_entry
from ncco_lang.gc_pause import uncollected
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow

_WITH_BLOCK = (ast.Hours, ast.TextDeclaration, ast.Step, ast.Test, ast.On, ast.Anywhere)
_STATEMENTS = (ast.Command, ast.If, ast.Set, ast.Each)


@dataclass(frozen=True, slots=True)
class Formatted:
    """The result of formatting a text.

    Attributes:
        source: the text before formatting.
        text: the formatted text; None if a syntax error prevents formatting.
        diagnostics: the syntax errors and warnings.
    """

    source: Source
    text: str | None
    diagnostics: list[Diagnostic]

    @property
    def changed(self) -> bool:
        """Whether formatting changes the text."""
        return self.text is not None and self.text != self.source.text


def format_source(source: Source) -> Formatted:
    """Format a `.flow` file. A file with a syntax error is left unchanged."""
    with uncollected():
        file, found = parse_flow(source)
        if any(finding.severity == "error" for finding in found):
            return Formatted(source, None, found)
        return Formatted(source, with_ends_of(source.text, _same_meaning(file, source)), found)


def with_ends_of(text: str, formatted: str) -> str:
    """Return a formatted text with the line ends of the first line of the original."""
    has_crlf = text[: text.find("\n") + 1].endswith("\r\n")
    return formatted.replace("\r\n", "\n").replace("\n", "\r\n") if has_crlf and formatted != text else formatted


def _same_meaning(file: ast.File, source: Source) -> str:
    """Return the formatted text; statements whose meaning would change stay as written."""
    kept: set[int] = set()
    for _ in range(2):
        text = format_file(file, source, kept=kept)
        if text == source.text:
            return text
        formatted = Source(source.name, text)
        after, found = parse_flow(formatted)
        if any(finding.severity == "error" for finding in found) or shape(after) != shape(file):
            break
        moved = moved_allows(file, source, after, formatted)
        if not moved:
            return text
        kept = moved
    return source.text


def format_text(text: str, *, name: str = "<text>") -> Formatted:
    """Format the text of a `.flow` file; `name` is its name in findings."""
    return format_source(Source(name, text))


def format_file(
    file: ast.File,
    source: Source | None = None,
    *,
    apart: Container[ast.Node] = (),
    kept: Set[int] = frozenset(),
) -> str:
    """Return a tree as text.

    Args:
        file: a tree without syntax errors.
        source: the text that it was parsed from, which gives its comments, its blank lines, and the order of operands
            and options. None for a generated tree, whose spans mean nothing: declarations of different kinds are
            separated by a blank line, and a block with one entry is put on one line.
        apart: for a generated tree: declarations and entries with a blank line above them.
        kept: declarations, by index, that stay as they are written, with those that share a line with them.
    """
    gaps = Gaps(file, source, apart)
    rows = Rows(gaps, None)
    groups = [*_groups(file, source, kept)]
    for first, last, is_kept in groups:
        row = rows.begin(first, last)
        if is_kept:
            row.parts.append(gaps.written(first.span.start, last.span.end))
        else:
            add_entry(row, gaps, first)
    rows.close(file.span[1])
    for index in range(1, len(rows.rows)):
        before = groups[index - 1][1]
        after = groups[index][0] if index < len(groups) else None
        _separate(rows.rows[index - 1], before, rows.rows[index], after, source is None)
    return lay_out(rows.rows)


def _groups(
    file: ast.File, source: Source | None, kept: Set[int]
) -> Iterator[tuple[ast.Declaration, ast.Declaration, bool]]:
    """Yield the declarations of each row: one, or, if one of them is kept, all those that share lines with it."""
    group: list[int] = []
    for index, declaration in enumerate(file.declarations):
        if not kept or source is None:
            yield declaration, declaration, False
            continue
        end = file.declarations[group[-1]].span.end if group else 0
        if group and source.position(end).line < source.position(declaration.span.start).line:
            yield from _group(file, group, kept)
            group = []
        group.append(index)
    yield from _group(file, group, kept)


def _group(file: ast.File, group: list[int], kept: Set[int]) -> Iterator[tuple[ast.Declaration, ast.Declaration, bool]]:
    nodes = [file.declarations[index] for index in group]
    if kept.isdisjoint(group):
        yield from ((node, node, False) for node in nodes)
    else:
        yield nodes[0], nodes[-1], True


def _separate(above: Row, before: ast.Declaration, row: Row, after: ast.Declaration | None, by_kind: bool) -> None:
    """Put blank lines around declarations that have a block, including their comments."""
    same_kind = after is not None and _kind(before) is _kind(after)
    if by_kind and not same_kind:
        row.blank = True
    if same_kind and _is_one_line(above) and _is_one_line(row):
        return
    if isinstance(before, _WITH_BLOCK):
        if row.above:
            row.above[0].blank = True
        else:
            row.blank = True
    if isinstance(after, _WITH_BLOCK) and not row.blank:
        for line in reversed(row.above):
            if line.blank or line is row.above[0]:
                line.blank = True
                return
        row.blank = True


def _kind(declaration: ast.Declaration) -> type[ast.Node]:
    return ast.Command if isinstance(declaration, _STATEMENTS) else type(declaration)


def _is_one_line(row: Row) -> bool:
    flat = flat_of(row.parts)
    return flat is not None and len(flat) <= LIMIT and "\n" not in flat
