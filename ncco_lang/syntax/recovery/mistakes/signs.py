"""The slips that people make, each with its own words and mend: `=` for `:`, `#` for a comment, a tab, a stray comma.

Those about what stands in quotes, or should, are in `strings`, those in declarations in `declarations`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.lexicon import ELSE
from ncco_lang.syntax.recovery.mistakes.declarations import DECLARATION_SLIPS, TYPES
from ncco_lang.syntax.recovery.mistakes.loose_options import find_loose_options
from ncco_lang.syntax.recovery.mistakes.mistake import (
    Slip,
    first_word,
    line_end,
    line_start,
    next_line,
    rest_of_line,
    word_before,
)
from ncco_lang.syntax.recovery.mistakes.strings import TEXT_SLIPS
from ncco_lang.syntax.recovery.parser_stack import statement_start, zero
from ncco_lang.syntax.recovery.repair_search import ENOUGH, reach_behind
from ncco_lang.syntax.recovery.unclosed_brackets import indent
from ncco_lang.syntax.syntax_rules import (
    BLOCK_COMMENT,
    FLOW_SYNTAX,
    HASH_COMMENT,
    MISSING_BRACE,
    TAB,
    WRONG_SIGN,
    finding,
)
from ncco_lang.syntax.tree_builder import Builder

_SIGNS = {"_COLON": ":", "_EQUAL": "=", "_ARROW": "->"}
_BETWEEN = {
    "_COLON": "between a name and its value stands a colon",
    "_EQUAL": "between a declaration and its value stands an equals sign",
    "_ARROW": "between an answer and what follows it stands an arrow",
}
_MISTAKEN = frozenset({"_COLON", "_EQUAL", "_ARROW", "CMP", "MINUS"})
_ARROWS = re.compile(r"=+>|-+>|→|⇒|--?|>")
_UNIT = re.compile(r"(ms|s|m|h|(milli)?sec(ond)?s?|min(ute)?s?|hours?)\b")
_NUMBER = re.compile(r"(?<![\w.])[0-9]+(\.[0-9]+)?$")
_DECIMALS = re.compile(r"[0-9]+(ms|s|m|h)?\b")
_CALL = re.compile(r"\(([^()\r\n]*)\)[ \t]*(?=//|;|\r|\n|$)")
_TAB_INDENT = re.compile(r"^ *\t[ \t]*", re.MULTILINE)
_LONG_TEXT = re.compile(r'"""(?:\\[\s\S]|[^\\])*?"""')
_TAB_WIDTH = 4
_MOST_LINES = 200


def find_slip(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """The slip that explains a token which does not fit; None when it is nothing that is known."""
    for explain in _SLIPS:
        slip = explain(parse, builder, token)
        if slip is not None:
            return slip
    return None


def check_tabs(source: Source) -> Iterator[Diagnostic]:
    """One finding for all lines of a file that are indented with tabs; its mend is about each of them."""
    if "\t" not in source.text:
        return
    # In a text over several lines a tab may be what is said.
    texts = [match.span() for match in _LONG_TEXT.finditer(source.text)]
    starts = [start for start, _ in texts]
    found = [
        match
        for match in _TAB_INDENT.finditer(source.text)
        if not (at := bisect_right(starts, match.start())) or texts[at - 1][1] <= match.start()
    ]
    if found:
        edits = tuple(Edit(Span(*match.span()), match[0].expandtabs(_TAB_WIDTH)) for match in found)
        message = "a tab indents this line" if len(found) == 1 else f"tabs indent {len(found)} lines, this one first"
        fix = Fix("write blanks instead", edits)
        yield finding(TAB, source, edits[0].span, message, fix=fix)


# ── Comments ───────────────────────────────────────────────────────────────────────────────────────────


def _hash_comment(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`# …` at the begin of a line, behind a statement, or where an arm could stand."""
    text = parse.text
    start, cuts = token.start, False
    if token.kind != "HASH":
        # In a block the hash could be the key of an arm, so only what follows it does not fit.
        start = parse.previous_end - 1
        cuts = True
        if parse.previous_kind != "HASH" or first_word(parse) != "#" or "->" in rest_of_line(text, start):
            return None
    elif _is_stray(parse, token):
        return None
    end = line_end(text, start)
    fix = Fix("write //", (Edit(Span(start, start + 1), "//"),))
    message = "a comment begins with //; # is the telephone key"
    told = finding(HASH_COMMENT, builder.source, Span(start, end), message, fix=fix)
    return Slip(told, (), _behind(parse, end, cuts), cuts=cuts)


def _block_comment(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`/* … */`, to its end, or to the end of the line where it has none."""
    text = parse.text
    if token.kind != "SLASH" or not text.startswith("/*", token.start):
        return None
    closing = text.find("*/", token.start + 2)
    end = closing + 2 if closing >= 0 else line_end(text, token.start)
    span = Span(token.start, token.start + 2)
    if closing < 0 and _is_stray(parse, Token("SLASH", *span)):
        end = span.end
    fix = None
    if closing >= 0 and not rest_of_line(text, end).strip():
        lines = text[span.end : closing].rstrip().splitlines(keepends=True)
        said = [
            re.sub(r"^([ \t]*)\**[ \t]?", r"\1// ", line) if index else f"//{line}" for index, line in enumerate(lines)
        ]
        fix = Fix("write //", (Edit(Span(token.start, end), "".join(said) or "//"),))
    message = "a comment begins with // and ends with its line"
    return Slip(finding(BLOCK_COMMENT, builder.source, span, message, fix=fix), (), _behind(parse, end))


def _behind(parse: Parse, end: int, cuts: bool = False) -> int:
    """Where the text goes on behind a comment: one that has its line to itself takes the end of the line along."""
    is_alone = (parse.fresh or cuts) and not rest_of_line(parse.text, end).strip()
    return next_line(parse.text, end) if is_alone else end


def _is_stray(parse: Parse, token: Token) -> bool:
    """Whether the line reads without a sign, and not without all that follows it."""
    text = parse.text
    begins_line = not text[line_start(text, token.start) : token.start].strip()
    if begins_line or reach_behind(parse, (), token.end) < ENOUGH:
        return False
    is_loose = not text[max(0, token.start - 1) : token.start].strip()
    return not is_loose or reach_behind(parse, (), line_end(text, token.start)) < ENOUGH


# ── Signs ──────────────────────────────────────────────────────────────────────────────────────────────


def _verb_with_sign(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`talk: "…"`, `talk = "…"`, `talk("…")`: the sign behind a verb."""
    text, at = parse.text, parse.previous_end
    word = word_before(text, at)
    kinds = ("_COLON", "_EQUAL", "LPAR")
    if token.kind not in kinds or not word or first_word(parse) != word or parse.fits([token.kind]):
        return None
    if token.kind == "_EQUAL" and parse.fits(["_COLON"]):
        return None  # the name of an option in a block
    if not parse.fits(["STRING"]) or statement_start(parse) != at - len(word):
        return None
    if token.kind == "LPAR":
        call = _CALL.match(text, token.start)
        if call is None:
            return None
        span = Span(*call.span())
        edits = (Edit(Span(at, token.end), " "), Edit(Span(call.end(1), call.end(1) + 1), ""))
        told = finding(FLOW_SYNTAX, builder.source, span, f"what {word} takes stands behind it without brackets")
        return Slip(_with(told, Fix("take the brackets away", edits)), (), token.end, quiet=span.end)
    span, edit = (
        Span(token.start, token.end),
        Edit(Span(at, token.end), "" if text[token.end : token.end + 1] == " " else " "),
    )
    # Behind a word that is no verb an equals sign gives a value a name; which word is one is not known here.
    fix = Fix("take it out", (edit,), unsafe=token.kind == "_EQUAL")
    told = finding(WRONG_SIGN, builder.source, span, f"no {text[slice(*span)]} stands behind the verb {word}", fix=fix)
    return Slip(told, (), token.end)


def _end_of_entries(text: str, at: int) -> int | None:
    """The end of the brace behind some lines that are indented like the entries of a block; None where there is none."""
    start = line_start(text, at)
    depth = indent(text, at)
    for _ in range(_MOST_LINES if depth else 0):
        start = next_line(text, start)
        line = rest_of_line(text, start)
        if line.strip() and indent(text, start) < depth:
            return start + line.index("}") + 1 if line.lstrip().startswith("}") else None
    return None


def _loose_entry(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """An option, an answer or a pair behind the statement that it belongs to: a brace is missing, or one too many.

    It is read as one of a statement without a verb, and so are those behind it: nothing more is said about them.
    """
    text, span = parse.text, Span(token.start, token.end)
    what = "answer"
    if token.kind == "_COLON":
        word = word_before(text, parse.previous_end)
        span, what = Span(parse.previous_end - len(word), parse.previous_end), "option"
        if not word or statement_start(parse) != span.start:
            return None
    elif not parse.fresh or token.kind not in ("STRING", "NUMBER", "STAR", "HASH"):
        return None
    elif "->" not in rest_of_line(text, token.end):
        what = "pair"
        if token.kind != "STRING" or not rest_of_line(text, token.end).lstrip().startswith(":"):
            return None
    end = _end_of_entries(text, span.start) if len(parse.brackets) == 1 else None
    if end is None:
        return None
    hint = "above it a { is missing at the end of a line, or a } is too many"
    told = finding(MISSING_BRACE, builder.source, span, f"this {what} stands in no block", hint=hint)
    return Slip(told, zero(span.start, "NAME"), span.start, quiet=end, cuts=not parse.fresh)


def _arrow_for_another(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`let title => "x"`, `timeout -> 20s`"""
    text, at = parse.text, parse.previous_end
    if parse.previous_kind == "_EQUAL" and token.start == at and text.startswith(">", at):
        span = Span(at - 1, at + 1)
        fix = Fix("write =", (Edit(Span(at, at + 1), ""),))
        told = finding(WRONG_SIGN, builder.source, span, f"{_BETWEEN['_EQUAL']}, not =>", fix=fix)
        return Slip(told, (), at + 1)
    if parse.previous_kind == "_ARROW" and token.kind in (*TYPES, "LONGSTRING", "STAR", "HASH"):
        span = Span(at - 2, at)
        begin = len(text[: at - 2].rstrip())
        fix = Fix("write :", (Edit(Span(begin, at), ":"),))
        told = finding(WRONG_SIGN, builder.source, span, f"{_BETWEEN['_COLON']}, not ->", fix=fix)
        return Slip(told, zero(token.end, "NAME"), token.end, cuts=True)
    return None


def _wrong_sign(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """One of `:`, `=` and `->` for another."""
    source, text = builder.source, parse.text
    if token.kind not in _MISTAKEN and not (token.kind == "STRAY" and text[token.start] in "→⇒"):
        return None
    if rest_of_line(text, token.end).strip() == "{" and reach_behind(parse, (), token.end) >= ENOUGH:
        return None  # no sign stands before a block
    written = text[token.start : token.end]
    meant = next((kind for kind in _SIGNS if kind != token.kind and parse.fits([kind])), None)
    arrow = _ARROWS.match(text, token.start)
    if arrow is not None and parse.fits(["_ARROW"]):
        meant, written = "_ARROW", arrow[0]
    span = Span(token.start, token.start + len(written))
    if meant is None and token.kind == "_EQUAL" and parse.fits(["CMP"]):
        fix = Fix("write ==", (Edit(span, "=="),))
        told = finding(WRONG_SIGN, source, span, "two values are compared with ==", fix=fix)
        return Slip(told, (Token("CMP", *span),), span.end)
    if meant is None or (meant != "_ARROW" and token.kind in ("CMP", "MINUS")):
        return None
    sign = _SIGNS[meant]
    before = text[parse.previous_end : token.start]
    edit = Edit(Span(parse.previous_end, span.end), sign if meant == "_COLON" else (before or " ") + sign)
    if meant == "_COLON" and not text[span.end : span.end + 1].isspace():
        edit = Edit(edit.span, ": ")
    told = finding(WRONG_SIGN, source, span, f"{_BETWEEN[meant]}, not {written}", fix=Fix(f"write {sign}", (edit,)))
    return Slip(told, (Token(meant, *span),), span.end)


# ── Shapes ─────────────────────────────────────────────────────────────────────────────────────────────


def _trailing_comma(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`{ "a": 1, }`: JSON has no comma behind the last pair."""
    if (
        token.kind != "RBRACE"
        or not parse.brackets[-1].is_data
        or not parse.fits(["STRING", "_COLON", "NAME", "RBRACE"])
    ):
        return None
    comma = parse.text.rfind(",", 0, token.start)
    if parse.text[comma + 1 : token.start].strip() or comma < 0:
        return None
    span = Span(comma, comma + 1)
    fix = Fix("take it out", (Edit(span, ""),))
    told = finding(FLOW_SYNTAX, builder.source, span, "no comma stands behind the last entry of an object", fix=fix)
    at = token.start
    return Slip(told, zero(at, "STRING", "_COLON", "NAME"), at)


def _loose_unit(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`2 m` or `2min` for `2m`."""
    text, at = parse.text, parse.previous_end
    unit = _UNIT.match(text, token.start)
    number = _NUMBER.search(text, max(0, at - 50), at)
    if token.kind != "NAME" or unit is None or number is None or text[at : token.start].strip(" \t"):
        return None
    written = number[0] + _short(unit[0])
    span = Span(number.start(), unit.end())
    fix = Fix(f"write {written}", (Edit(span, written),))
    message = f"a duration is written {'without a blank' if token.start > at else 'with a short unit'}: {written}"
    told = finding(FLOW_SYNTAX, builder.source, span, message, fix=fix)
    return Slip(told, (), unit.end(), unread=number.start())


def _decimal_comma(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`level: 1,5`"""
    at = parse.previous_end
    number = _NUMBER.search(parse.text, max(0, at - 50), at)
    tail = _DECIMALS.match(parse.text, token.end)
    if token.kind != "_COMMA" or at != token.start or number is None or tail is None or parse.brackets[-1].is_data:
        return None
    span, written = Span(number.start(), tail.end()), f"{number[0]}.{tail[0]}"
    fix = Fix(f"write {written}", (Edit(span, written),), unsafe=True)
    told = finding(FLOW_SYNTAX, builder.source, span, f"a number has a point, not a comma: {written}", fix=fix)
    return Slip(told, (), span.end, unread=number.start())


def _short(unit: str) -> str:
    """A unit as durations have it."""
    return "ms" if unit.startswith(("ms", "milli")) else unit[0]


def _lonely_else(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """An `else` behind something that is no `if`: its block is read as one of nobody."""
    if token.kind != ELSE:
        return None
    span = Span(token.end - 4, token.end)
    told = finding(
        FLOW_SYNTAX, builder.source, span, 'this "else" belongs to no "if"', hint="one if has one else at most"
    )
    return Slip(told, zero(token.end, "_NL", "NAME"), token.end)


def _with(told: Diagnostic, fix: Fix) -> Diagnostic:
    return finding(told.rule, told.source, told.span, told.message, fix=fix)


_SLIPS: tuple[Callable[[Parse, Builder, Token], Slip | None], ...] = (
    find_loose_options,
    _loose_entry,
    _hash_comment,
    _block_comment,
    *TEXT_SLIPS,
    *DECLARATION_SLIPS,
    _verb_with_sign,
    _arrow_for_another,
    _wrong_sign,
    _trailing_comma,
    _loose_unit,
    _decimal_comma,
    _lonely_else,
)
