"""Find what a position in a flow is: the parser reads the declaration around it with a marker in place of the word there.

So half-typed text is read as every other text is, with the parser's recovery. What the marker is (a verb, an operand, the
name of an option, the target of an arm) is what a word at the position would be.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ncco_lang.editor.words import word_at
from ncco_lang.source import LINE_END, Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import children
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.statement_specs import spec_of

MARKER = "zz_cursor_zz"
_IDLE = "zz_idle_zz"
_LONG = 4000
"""Characters of a declaration that is read as it is."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A position in a flow. The nodes are of a tree of its own, so only their order counts, not their places.

    Attributes:
        kind: among tokens, inside a text or in a comment.
        word: the word at the position; empty between words.
        path: the declaration, and each node in it down to the marker; empty if the parser dropped the marker.
        inside: the text between the quotes, for a position in a text.
    """

    kind: Literal["code", "text", "comment"]
    word: Span
    path: tuple[ast.Node, ...] = ()
    inside: Span | None = None

    @property
    def is_in_braces(self) -> bool:
        """Whether the position is in the braces of a text, where names are read."""
        return any(isinstance(node, ast.Interpolation) for node in self.path)


def find_spot(text: str, file: ast.File | None, offset: int) -> Spot:
    """Return what an offset is; an offset outside the text is moved to its nearest end.

    Args:
        file: the tree of the text, which says where declarations begin.
    """
    offset = max(0, min(offset, len(text)))
    word = word_at(text, offset)
    parts = _around(text, file, _region(text, file, offset, word), word)
    spot, is_whole = _read(parts, word, MARKER)
    if not is_whole and not spot.is_in_braces:
        # The brace of a text, or the bracket of arguments, may not be closed yet.
        closed, _ = _read(parts, word, MARKER + "}")
        if closed.is_in_braces:
            return closed
        if not spot.path and spot.kind == "code":
            return _read(parts, word, MARKER + ")")[0]
    return spot


def _region(text: str, file: ast.File | None, offset: int, word: Span) -> Span:
    """Return the declaration before an offset, with what follows it up to the next one."""
    declarations = () if file is None else file.declarations
    at = bisect_right(declarations, offset, key=lambda declaration: declaration.span.start)
    begin = declarations[at - 1].span.start if at else 0
    # What begins after the offset on the same line may be the rest of the statement that is being written.
    after = at + (at < len(declarations) and not LINE_END.search(text, offset, declarations[at].span.start))
    end = declarations[after].span.start if after < len(declarations) else len(text)
    return Span(min(begin, word.start), max(end, word.end))


def _around(text: str, file: ast.File | None, region: Span, word: Span) -> tuple[str, str]:
    """Return what is read before the word and after it.

    In a long declaration, runs of statements that do not matter at the word are read as one word, so that the cost does
    not depend on its length.
    """
    runs: list[Span] = []
    if file is not None and region.end - region.start > _LONG:
        for node in path_to(file, word.start):
            runs += _idle(node.entries, word) if isinstance(node, ast.Block) else ()
    return _without(text, Span(region.start, word.start), runs), _without(text, Span(word.end, region.end), runs)


def _without(text: str, part: Span, runs: list[Span]) -> str:
    pieces, begin = [], part.start
    for run in sorted(runs):
        if part.start <= run.start and run.end <= part.end:
            pieces += [text[begin : run.start], _IDLE]
            begin = run.end
    return "".join((*pieces, text[begin : part.end]))


def _idle(entries: tuple[ast.Entry, ...], word: Span) -> Iterator[Span]:
    """Yield the runs of statements that are not next to the word."""
    at = bisect_right(entries, word.start, key=lambda entry: entry.span.start)
    near = entries[max(0, at - 2) : at + 1]
    for is_idle, run in groupby(entries, lambda entry: _is_statement(entry) and entry not in near):
        if is_idle:
            whole = list(run)
            yield Span(whole[0].span.start, whole[-1].span.end)


def _is_statement(entry: ast.Entry) -> bool:
    """Return whether an entry is a statement, about which nothing matters elsewhere, unlike about options and arms."""
    return isinstance(entry, ast.Set) or (isinstance(entry, ast.Command) and spec_of(entry.verb.text) is not None)


def _read(parts: tuple[str, str], word: Span, marker: str) -> tuple[Spot, bool]:
    """Return the position between two parts that is read with a marker, and whether there are no syntax errors then."""
    read, at = marker.join(parts), len(parts[0])
    file, found = parse_flow(Source("", read))
    is_whole = not any(each.severity == "error" for each in found)
    if any(each.span.start + 1 < at <= each.span.end for each in file.comments):
        return Spot("comment", word), is_whole
    path = path_to(file, at)
    node = path[-1] if path else None
    if isinstance(node, (ast.Piece, ast.Text)):
        written = next(each for each in reversed(path) if isinstance(each, ast.Text))
        return Spot("text", word, path, _inside(read, written, word.start - at, word, marker)), is_whole
    if isinstance(node, (ast.Name, ast.Word)) and node.text == MARKER:
        return Spot("text" if any(isinstance(each, ast.Text) for each in path) else "code", word, path), is_whole
    return Spot("code", word), is_whole


def path_to(file: ast.File, offset: int) -> tuple[ast.Node, ...]:
    """Return the declaration at an offset, and each node in it down to the smallest that contains the offset."""
    at = bisect_right(file.declarations, offset, key=lambda declaration: declaration.span.start)
    path: list[ast.Node] = []
    inside: list[ast.Node] = [*file.declarations[max(at - 1, 0) : at]]
    while (node := next((each for each in inside if each.span.start <= offset < each.span.end), None)) is not None:
        path.append(node)
        inside = children(node)
    return tuple(path)


def _inside(read: str, node: ast.Text, begin: int, word: Span, marker: str) -> Span:
    """Return the span in the document of what is between the quotes of a text that contains the marker."""
    quote = '"""' if node.is_long else '"'
    start = node.span.start + len(quote)
    is_closed = read.endswith(quote, start, node.span.end)
    end = node.span.end - (len(quote) if is_closed else 0)
    grown = len(marker) - (word.end - word.start)
    return Span(begin + start, max(begin + end - grown, word.end))
