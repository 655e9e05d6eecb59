"""Operators of other languages: `!`, `&&`, `1 <= a <= 9`, `a in (1, 2)`; `spelling.py` has those that parse in part."""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.recovery.mistakes.mistake import Finder, Misfit, Mistake
from ncco_lang.syntax.syntax_rules import write

_SIGNS = {"!": "not", "&&": "and"}
_IN = re.compile(r"\bin[ \t]*\Z")


def _sign(at: Misfit) -> Mistake | None:
    """`!` and `&&`"""
    sign = next((each for each in _SIGNS if at.text.startswith(each, at.start)), None)
    if sign is None or at.text.startswith("!=", at.start):
        return None
    word, span = _SIGNS[sign], Span(at.start, at.start + len(sign))
    if not at.fits([word.upper()]):
        return None
    before = " " if at.text[span.start - 1 : span.start].strip() and sign != "!" else ""
    after = " " if at.text[span.end : span.end + 1].strip() else ""
    fix = write(span, before + word + after, f"write {word}")
    return at.mistake(span, said.OPERATOR, Token(word.upper(), *span), to=span.end, instead=word, written=sign, fix=fix)


def _comparison_chain(at: Misfit) -> Mistake | None:
    """`1 <= a <= 9`"""
    if at.kind not in ("CMP", "IN") or not at.fits(["AND", "NAME", at.kind]):
        return None
    here = Token("AND", at.start, at.start), Token("NAME", at.start, at.start), Token(at.kind, *at.span)
    return at.mistake(at.span, said.COMPARISON_CHAIN, *here, to=at.end)


def _round_list(at: Misfit) -> Mistake | None:
    """`code in ("1", "2")`"""
    opening = at.bracket.token
    if at.kind != "_COMMA" or opening is None or opening.kind != "LPAR" or not at.fits(["RPAR"]):
        return None
    end, word = at.closers.find(opening.start), _IN.search(at.text, max(0, opening.start - 9), opening.start)
    if end is None or word is None:
        return None
    edits = Edit(opening.span, "["), Edit(Span(end - 1, end), "]")
    span = Span(word.start(), end)
    return at.mistake(span, said.ROUND_LIST, "RPAR", to=end, fix=Fix("write [ ]", edits), quiet=end)


OPERATOR_MISTAKES: tuple[Finder, ...] = (_sign, _comparison_chain, _round_list)
