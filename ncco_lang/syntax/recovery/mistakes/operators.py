"""Operators of other languages: `!`, `&&`, `1 <= a <= 9`, `a in (1, 2)`; `spelling.py` has those that parse in part."""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.lines import line_start
from ncco_lang.syntax.recovery.mistakes.mistake import Finder, Misfit, Mistake, word_before
from ncco_lang.syntax.syntax_rules import write

_NAMING = {
    "fetch": 'fetch "…" into: NAME gives its answer a name',
    "ask": 'ask NAME "…" digits: 4 gives its answer a name',
}
_SIGNS = {"!": "not", "&&": "and"}
_IN = re.compile(r"(?:\bin|:|=)[ \t]*\Z")
_FUNCTIONS = frozenset({"defined", "exists", "isset", "length", "len", "open", "opens"})
_PATH = re.compile(r"[a-z_]\w*(?:\.\w+)*")
_CLOSES = re.compile(r"[ \t]*\)")
_LISTED = re.compile(r'(?P<first>"[^"\\\r\n]*")(?P<others>(?:[ \t]*,[ \t]*"[^"\\\r\n]*")+)')
_EXPECTED = re.compile(
    r"expect[ \t]+(?:that\b[ \t]*)?(?!(?:that|no|ring|fetch|hangup|hear|join|action)\b)(?=[\w\"(\[])"
)
_COMPARES = re.compile(r"[=!<>]|[+*/-]|(?:and|or|in|matches|starts_with|ends_with)\b")


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
    start = word.start() if word[0].startswith("in") else opening.start
    span = Span(start, end)
    return at.mistake(span, said.ROUND_LIST, "RPAR", to=end, fix=Fix("write [ ]", edits), quiet=end)


def _open_list(at: Misfit) -> Mistake | None:
    """`one_of: "Utrecht", "Zwolle"`: a list without its brackets."""
    start = at.text.rfind('"', 0, max(at.before - 1, 0))
    found = None if at.kind != "_COMMA" or at.kind_before != "STRING" else _LISTED.match(at.text, start)
    if found is None or found.end("first") != at.before or not at.text[:start].rstrip().endswith("one_of:"):
        return None
    edits = Edit(Span(start, start), "["), Edit(Span(found.end(), found.end()), "]")
    fix = Fix("put it in [ ]", edits)
    return at.mistake(Span(*found.span()), said.ROUND_LIST, to=found.end(), fix=fix, unread=start)


def _without_brackets(at: Misfit) -> Mistake | None:
    """`if defined call.from {`"""
    word = word_before(at.text, at.before)
    path = _PATH.match(at.text, at.start)
    if at.kind not in ("NAME", "FIELD") or word not in _FUNCTIONS or path is None or not at.fits(["LBRACE"]):
        return None
    if _CLOSES.match(at.text, path.end()):
        return None  # only the first of the brackets is missing
    start, known = (
        at.before - len(word),
        "defined" if word in ("exists", "isset") else "length" if word == "len" else word,
    )
    instead = f"{known}({path[0]})"
    span = Span(start, path.end())
    fix = write(span, instead)
    return at.mistake(span, said.WITHOUT_BRACKETS, to=path.end(), written=word, instead=instead, fix=fix)


def _statement_as_value(at: Misfit) -> Mistake | None:
    """`set found = fetch "https://…"`"""
    word = word_before(at.text, at.before)
    if at.kind != "STRING" or at.word not in ("set", "let") or word not in _NAMING or not at.fits(["_NL"]):
        return None
    start = at.before - len(word)
    end = at.closers.end_of_statement(at.start, at.parse.end, in_block=at.is_nested)
    return at.mistake(
        Span(start, at.before), said.STATEMENT_AS_VALUE, to=end, written=word, instead=_NAMING[word], quiet=end
    )


def _called_statement(at: Misfit) -> Mistake | None:
    """`set code = ask("Your code?", digits: 4)`"""
    opening = at.bracket.token
    word = "" if opening is None else word_before(at.text, opening.start)
    if at.kind != "_COLON" or opening is None or opening.kind != "LPAR" or word not in _NAMING:
        return None
    end = at.closers.find(opening.start)
    if end is None or not at.fits(["RPAR"]):
        return None
    span = Span(opening.start - len(word), end)
    return at.mistake(span, said.STATEMENT_AS_VALUE, "RPAR", to=end, written=word, instead=_NAMING[word], quiet=end)


def _condition_of_test(at: Misfit) -> Mistake | None:
    """`expect tries == 3` and `expect that tries == 3` in a test"""
    if at.word != "expect" or at.statement is None or _COMPARES.match(at.text, at.start) is None:
        return None
    found = _EXPECTED.match(at.text, at.statement)
    if found is None or at.statement < line_start(at.text, at.start):
        return None
    fix = write(Span(found.start(), found.end()), "expect that: ", "write expect that:")
    end = at.closers.end_of_statement(at.start, at.parse.end, in_block=at.is_nested)
    whole = Span(found.start(), found.start() + len("expect"))
    return at.mistake(whole, said.CONDITION_OF_TEST, "NAME", to=end, fix=fix, cuts=True, quiet=end)


OPERATOR_MISTAKES: tuple[Finder, ...] = (
    _condition_of_test,
    _sign,
    _comparison_chain,
    _round_list,
    _open_list,
    _without_brackets,
    _statement_as_value,
    _called_statement,
)
