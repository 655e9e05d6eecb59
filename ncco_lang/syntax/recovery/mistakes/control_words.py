"""Statements of other languages: `for d in towns {`, `while x == 1 {`, `switch x {`, and slips in the head of an `each`.

The binder reports a word that is not a statement, so recovery only skips the rest of its line.
"""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.control_words import BLOCKS, HEADS, meant_each
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.lexicon import ELSE
from ncco_lang.syntax.lines import line_start, rest_of_line
from ncco_lang.syntax.recovery.mistakes.mistake import Finder, Misfit, Mistake
from ncco_lang.syntax.recovery.parser_stack import begin
from ncco_lang.syntax.syntax_rules import write

_WORD = re.compile(r"[a-z_]+\b")
_FOREIGN_BLOCK = re.compile(rf"[ \t]*(?:\}}[ \t]*)?(?:{'|'.join(sorted(BLOCKS))})\b(?![ \t]*(?:[:=]|->))")
_BRACE_BELOW = re.compile(r"[ \t]*(?:\r\n?|\n)[ \t]*\{(?=[ \t]*(?://|[\r\n]))")
_BARE_BLOCK = re.compile(
    r"(?:(?:then\b|:)[ \t]*)?(?P<rest>[a-z_]\w*(?:[ \t]+(?:\"[^\"\r\n]*\"|[^\s;}\"/{]+))*)(?=[ \t]*(?://|[;}\r\n]|$))"
)
_BEFORE_BLOCK = frozenset({"then", "do", "begin"})


def _foreign_block(at: Misfit) -> Mistake | None:
    """What is in `switch x { … }`: the cases of another language."""
    opening = at.bracket.token
    if opening is None or at.bracket.is_data or not _FOREIGN_BLOCK.match(at.text, line_start(at.text, opening.start)):
        return None
    end = at.closers.find(opening.start)
    return None if end is None or end <= at.start else Mistake(None, (), end - 1, quiet=end, is_whole=True)


def _foreign_head(at: Misfit) -> Mistake | None:
    """`for d in [1, 2] {`, `while (x == 1) {`: the verb and the block stay, and the rest is passed over."""
    start = _outer_start(at)
    word = None if start is None else _WORD.match(at.text, start)
    if start is None or word is None or word[0] not in HEADS or start < line_start(at.text, at.start):
        return None
    head = rest_of_line(at.text, start)
    if "->" in head or "=>" in head or head[word.end() - start :].lstrip().startswith(":"):
        return None  # a word before the pattern of an arm, or an option
    loop = meant_each(head)
    if loop is None:
        end = at.closers.end_of_statement(start, at.parse.end, in_block=_is_nested(at))
    else:
        end = start + len(loop.written)
    verb = Token("NAME", *word.span())
    return Mistake(None, (verb,), verb.end, quiet=max(end, at.start + 1), is_whole=True, skips=end)


def _each_head(at: Misfit) -> Mistake | None:
    """`each d of towns {`, `each (d in towns) {`, `each towns as d {`"""
    start = _outer_start(at)
    if start is None or not at.text.startswith("each", start) or start < line_start(at.text, at.start):
        return None
    head = rest_of_line(at.text, start)
    loop = meant_each(head)
    if loop is None:
        return None
    end = start + len(loop.written)
    name = Span(start + loop.name[0], start + loop.name[1])
    tokens = (
        Token("EACH", start, start + len("each")),
        Token("NAME", *name),
        Token("IN", end, end),
        Token("NAME", end, end),
    )
    span = Span(start, start + len(loop.written))
    fix = write(span, loop.meant, unsafe="," in head[: loop.name[0]])  # a name that goes may be read in the block
    return at.mistake(
        span, said.HEAD_OF_EACH, *tokens, to=end, instead=loop.meant, fix=fix, quiet=at.line_end, is_whole=True
    )


def _word_before_block(at: Misfit) -> Mistake | None:
    """`if x == "1" then {`"""
    if at.kind != "NAME" or at.written not in _BEFORE_BLOCK or not at.rest.lstrip().startswith("{"):
        return None
    if not at.fits(["LBRACE"]):
        return None
    fix = write(Span(at.before, at.end), "", "remove it")
    return at.mistake(at.span, said.NO_PLACE, to=at.end, written=f'"{at.written}"', fix=fix)


def _brace_below(at: Misfit) -> Mistake | None:
    """`if x == 1` with its `{` alone on the next line."""
    found = _BRACE_BELOW.match(at.text, at.start)
    if at.kind != "_NL" or found is None or not at.fits(["LBRACE"]):
        return None
    brace = found.end() - 1
    fix = write(Span(at.before, found.end()), " {", "put { on the line above")
    return at.mistake(Span(brace, found.end()), said.BRACE_BELOW, to=brace, fix=fix)


def _bare_block(at: Misfit) -> Mistake | None:
    """`if x == 1 goto bye`, `if x == 1 then goto bye`, `if x == 1: goto bye`, `else talk "…"`"""
    is_branch = at.kind_before == ELSE or at.word in ("if", "each")
    found = _BARE_BLOCK.match(at.text, at.start)
    if not is_branch or found is None or "{" in found["rest"] or not at.fits(["LBRACE"]):
        return None
    begin, end = found.start("rest"), found.end("rest")
    edits = Edit(Span(at.before, begin), " { "), Edit(Span(end, end), " }")
    fix = Fix("put it in { }", edits, unsafe=True)
    return at.mistake(Span(begin, end), said.BARE_BLOCK, "LBRACE", "NAME", "RBRACE", to=end, fix=fix, quiet=at.line_end)


def _outer_start(at: Misfit) -> int | None:
    """Return where the statement begins around the data that are open; None if nothing of it has been read."""
    brackets = at.parse.brackets
    place = max(index for index, each in enumerate(brackets) if each.token is None or not each.is_data)
    if place == len(brackets) - 1:
        return at.statement
    return begin(at.parse, brackets[place])


def _is_nested(at: Misfit) -> bool:
    return any(each.token is not None and not each.is_data for each in at.parse.brackets)


CONTROL_MISTAKES: tuple[Finder, ...] = (
    _foreign_block,
    _foreign_head,
    _each_head,
    _word_before_block,
    _brace_below,
    _bare_block,
)
