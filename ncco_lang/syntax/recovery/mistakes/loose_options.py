"""Options on indented lines below their statement, without the braces of a block.

The parser reads the lines as the block of a statement without a verb. When the file is read, that block goes to the
statement above it, so the checks see what the author meant, and the one finding per statement gets its fix.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.recovery.mistakes.mistake import Slip, line_end, line_start, word_before
from ncco_lang.syntax.recovery.parser_stack import statement_start, zero
from ncco_lang.syntax.recovery.unclosed_brackets import CLOSED_BY, indent, parts
from ncco_lang.syntax.syntax_rules import MISSING_BRACE, finding
from ncco_lang.syntax.tree_builder import Builder

_BLANKS = re.compile(r"[ \t]*")
_OPENS = re.compile(r"\{[ \t]*(?://[^\"]*)?$")
_HOLDERS = ("declarations", "entries")
_INSIDE = ("block", "otherwise", "target", "branches")


def find_loose_options(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """Return how to read the options that begin at a name with a colon; None where no statement above can own them."""
    text, at = parse.text, parse.previous_end
    word = word_before(text, at)
    start = at - len(word)
    if token.kind != "_COLON" or not word or statement_start(parse) != start or len(parse.brackets) > 1:
        return None
    owner = _owner_line(text, start)
    if owner is None:
        return None
    closes: int | None = _end_of_lines(text, start, indent(text, owner))
    if text.startswith("}", closes):
        closes = None  # only the opening brace was left out
    message = f"{word} is an option, so it needs the line of its statement or {{ }}"
    told = finding(MISSING_BRACE, builder.source, Span(start, at), message)
    return Slip(told, zero(start, "NAME", "LBRACE"), start, cuts=True, closes=closes)


def _end_of_lines(text: str, start: int, depth: int) -> int:
    """Where the first line begins that is indented no deeper than `depth`, outside of brackets that open on the way."""
    first, opened = len(text), 0
    for place, part, here, is_first in parts(text, start, len(text)):
        if is_first and here <= depth:
            if not opened:
                return place
            first = min(first, place)
        opened += (part in CLOSED_BY) - (part in CLOSED_BY.values())
    return first if opened else len(text)


def _owner_line(text: str, start: int) -> int | None:
    """Where the line begins that the line of `start` is indented below; None where that line cannot have a block."""
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
    """Give each loose block its statement, and each finding about one its fix; both are changed in place.

    Args:
        file: the tree.
        source: the text it was read from.
        found: the findings, one for each loose block among them.
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
    for index, told in enumerate(found):
        if told.rule is MISSING_BRACE and told.span.start in fixes:
            fix, label = fixes[told.span.start]
            found[index] = replace(told, fix=fix, labels=(label,))


def _given_back(
    entries: tuple[ast.Node, ...], source: Source, starts: set[int], fixes: dict[int, tuple[Fix | None, Label]]
) -> tuple[ast.Node, ...]:
    """The entries of one block, with each loose block moved into the statement above it."""
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
    """The braces around the lines of a block that ends at `stop`; None where code follows the statement on its line."""
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
    blanks = _BLANKS.match(text, start)
    newline = "\r\n" if text.startswith("\r\n", line_end(text, end)) else "\n"
    closing = newline + (blanks[0] if blanks is not None else "") + "}"
    return Fix("put the options in { }", (opening, Edit(Span(last, last), closing)))
