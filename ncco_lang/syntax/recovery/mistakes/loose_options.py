"""Options on indented lines below their statement, without the braces of a block.

The parser reads the lines as the block of a statement without a verb. After the file is read, that block moves to the
statement above it, so the checks see what the author meant, and the one finding per statement gets its fix.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast, said
from ncco_lang.syntax.brackets import CLOSED_BY, CLOSING_SIGNS
from ncco_lang.syntax.lines import BLANKS, indent, line_end, line_start
from ncco_lang.syntax.recovery.mistakes.mistake import Misfit, Mistake, word_before
from ncco_lang.syntax.recovery.unclosed_brackets import parts
from ncco_lang.syntax.syntax_rules import MISSING_BRACE

_OPENS = re.compile(r"\{[ \t]*(?://[^\"]*)?$")
_HOLDERS = ("declarations", "entries")
_INSIDE = ("block", "otherwise", "target", "branches")


def find_loose_options(at: Misfit) -> Mistake | None:
    """Return how to read the options that begin at a name with a colon; None if no statement above can own them."""
    text, end = at.text, at.before
    word = word_before(text, end)
    start = end - len(word)
    if at.kind != "_COLON" or not word or at.statement != start or at.is_nested:
        return None
    owner = _owner_line(text, start)
    if owner is None:
        return None
    closes: int | None = _end_of_lines(at, start, indent(text, owner))
    if text.startswith("}", closes):
        closes = None  # only the opening brace was left out
    span, below = Span(start, end), said.OPTION_BELOW
    return at.mistake(span, below, "NAME", "LBRACE", to=start, written=word, cuts=True, closes=closes)


def _end_of_lines(at: Misfit, start: int, depth: int) -> int:
    """Return where the first line begins that is indented at most `depth`, outside brackets that open on the way."""
    first, opened = len(at.text), 0
    for place, part, here, is_first in parts(at.text, start, len(at.text)):
        if is_first and here <= depth:
            if not opened:
                return place
            first = min(first, place)
        opened += (part in CLOSED_BY) - (part in CLOSING_SIGNS)
        if not at.closers.budget.look(len(part)):
            break
    return first if opened else len(at.text)


def _owner_line(text: str, start: int) -> int | None:
    """Return where the line begins that owns the line of `start`; None if that line cannot have a block."""
    line = line_start(text, start)
    depth = indent(text, start)
    if text[line:start].strip():
        return None
    while line:
        line = line_start(text, line - 2 if text.startswith("\r\n", line - 2) else line - 1)
        written = text[line : line_end(text, line)].strip()
        if written and not written.startswith("//") and indent(text, line) < depth:
            return None if written[0] in "}])" or _OPENS.search(written) else line
    return None


def give_back(file: ast.File, source: Source, found: list[Diagnostic], starts: set[int]) -> None:
    """Give each loose block to its statement, and its fix to each finding about one. Changes `file` and `found` in place.

    Args:
        found: the findings, among them one for each loose block.
        starts: where the loose blocks begin.
    """
    fixes: dict[int, tuple[Fix | None, Label]] = {}
    waiting: list[ast.Node] = [file]
    while waiting:
        node = waiting.pop()
        for name in _HOLDERS:
            inside = getattr(node, name, None)
            if isinstance(inside, tuple):
                entries = _given_back(inside, source, starts, fixes)
                setattr(node, name, entries)
                waiting += entries
        for name in _INSIDE:
            below = getattr(node, name, None)
            waiting += below if isinstance(below, tuple) else [below] if isinstance(below, ast.Node) else []
    for index, each in enumerate(found):
        if each.rule is MISSING_BRACE and each.span.start in fixes:
            fix, label = fixes[each.span.start]
            found[index] = replace(each, fix=fix, labels=(label,))


def _given_back(
    entries: tuple[ast.Node, ...], source: Source, starts: set[int], fixes: dict[int, tuple[Fix | None, Label]]
) -> tuple[ast.Node, ...]:
    """Return the entries of a block with each loose block moved into the statement above it."""
    if not any(_is_loose(entry, starts) for entry in entries):
        return entries
    kept: list[ast.Node] = []
    for entry in entries:
        if not isinstance(entry, ast.Command) or entry.block is None or not _is_loose(entry, starts):
            kept.append(entry)
            continue
        depth = indent(source.text, entry.span.start)
        at = len(kept)
        while at and isinstance(kept[at - 1], ast.Command) and indent(source.text, kept[at - 1].span.start) >= depth:
            at -= 1
        owner = kept[at - 1] if at else None
        if not isinstance(owner, ast.Command) or owner.block is not None:
            kept.append(entry)
            continue
        inside = (*kept[at:], *entry.block.entries)
        span = Span(inside[0].span.start, max(each.span.end for each in inside))
        fixes[entry.span.start] = (
            _braces(source, owner, span, entry.block.span.end),
            Label(owner.verb.span, "an option of this statement"),
        )
        block = ast.Block(
            span,
            tuple(
                each
                for each in inside
                if isinstance(each, (ast.Command, ast.Option, ast.Arm, ast.If, ast.Set, ast.Each))
            ),
        )
        whole = Span(owner.span.start, span.end)
        kept[at - 1 :] = [ast.Command(whole, owner.verb, owner.operands, owner.options, block, owner.listed)]
    return tuple(kept)


def _is_loose(entry: ast.Node, starts: set[int]) -> bool:
    return isinstance(entry, ast.Command) and not entry.verb.text and entry.verb.span.start in starts


def _braces(source: Source, owner: ast.Command, inside: Span, stop: int) -> Fix | None:
    """Return the fix that puts the lines of a block in braces; None if code follows the statement on its line.

    Args:
        stop: where the block ends.
    """
    text, end = source.text, owner.span.end
    rest = text[end : line_end(text, end)].strip()
    if rest and not rest.startswith("//"):
        return None
    opening = Edit(Span(end, end), " {")
    if stop > inside.end and text[stop - 1] == "}":
        return Fix("put { in", (opening,))
    last = line_end(text, inside.end)
    last = max(inside.end, last - (len(text[inside.end : last]) - len(text[inside.end : last].rstrip())))
    start = line_start(text, owner.span.start)
    blanks = BLANKS.match(text, start)
    newline = "\r\n" if text.startswith("\r\n", line_end(text, end)) else "\n"
    closing = newline + (blanks[0] if blanks is not None else "") + "}"
    return Fix("put the options in { }", (opening, Edit(Span(last, last), closing)))
