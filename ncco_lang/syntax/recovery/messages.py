"""Make the findings about a token that does not fit and about a bracket that is not closed."""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Diagnostic, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax import said
from ncco_lang.syntax.brackets import CLOSING_KINDS
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.lexicon import END
from ncco_lang.syntax.lines import indent, line_start, rest_of_line
from ncco_lang.syntax.recovery.repair_search import SIGNS, Repair
from ncco_lang.syntax.syntax_rules import describe_expected, leave_out, write

_SIGNS = {
    "_COLON": ":",
    "_EQUAL": " =",
    "_ARROW": " ->",
    "_COMMA": ",",
    "RPAR": ")",
    "RSQB": "]",
    "RBRACE": "}",
    "LBRACE": " {",
    "_NL": "\n",
    "_ELSE": " else",
}
_OPERATORS = frozenset({"CMP", "PLUS", "STAR", "SLASH"})
"""Signs between two values, without which their statement would mean something else."""
_LONGEST_SHOWN = 30
_DECLARING = re.compile(r"[ \t]*(step(?=[ \t]+[a-z_])|anywhere(?=[ \t]*\{))")
_WORD_END = re.compile(r"[^\s/]*")


def unexpected(source: Source, parse: Parse, token: Token, repair: Repair | None) -> Diagnostic:
    """Return the finding for a token that does not fit."""
    if token.kind in CLOSING_KINDS and len(parse.brackets) == 1:
        fix = leave_out(token.span)
        return said.misread(source, token.span, said.NOTHING_OPEN, written=_shown(source, token), fix=fix)
    if repair is not None and repair.too_many is not None and repair.is_read:
        return too_many(source, repair.too_many)
    span, found = token.span, _shown(source, token)
    if token.kind == END:
        at = len(parse.text.rstrip())
        span, found = Span(at, at), "end of file"
    elif token.kind == "_NL":
        span, found = Span(token.start, token.start), "end of line"
    accepted = parse.expected()
    if parse.brackets[-1].is_data:
        accepted.discard("_NL")  # newlines are free between these brackets, so naming them does not help
    expected = describe_expected(accepted - {token.kind})
    what = said.UNEXPECTED if expected else said.NO_PLACE
    if expected == "a name" and token.kind == "NUMBER":
        what = said.DIGIT_FIRST
    return said.misread(source, span, what, written=found, instead=expected, fix=_fix(parse, token, repair))


def not_closed(source: Source, opening: int, before: int, last: int) -> Diagnostic:
    """Return the finding for a brace that should be closed before a line.

    Args:
        opening: where the brace is.
        before: where the line begins.
        last: where the last line of the block ends, or a place after it.
    """
    text = source.text
    end = _end_before(text, before)
    is_short = line_start(text, last) == line_start(text, opening) and rest_of_line(text, opening + 1).strip()
    closing = " }" if is_short else "\n" + " " * indent(text, opening) + "}"
    title = "put } at the end of the line" if is_short else "put } after its last line"
    if is_short:
        word = _WORD_END.match(text, last)  # the parser may have read a shorter word in place of a misspelt one
        end = last if word is None else word.end()
    fix = write(Span(end, end), closing, title, unsafe=True)
    span = Span(opening, opening + 1)
    if before >= len(text):
        return said.misread(source, span, said.NEVER_CLOSED, fix=fix)
    line = source.line_span(source.position(before).line)
    below = Span(before, max(line.end, before))
    declared = _DECLARING.match(text, before)
    if declared is not None:
        return said.misread(source, span, said.DECLARED_INSIDE, written=declared[1], also=(below,), fix=fix)
    return said.misread(source, span, said.NOT_CLOSED, also=(below,), fix=fix)


def not_closed_data(source: Source, opening: Token, closers: list[str], at: int | None) -> Diagnostic:
    """Return the finding for a list or an object that is not closed; its fix closes it at `at`."""
    written = "".join(_SIGNS[kind] for kind in closers)
    fix = None
    if at is not None:
        end = _end_before(source.text, at)
        fix = write(Span(end, end), written, f"put {written} in", unsafe=True)
    what = said.OBJECT_NOT_CLOSED if opening.kind == "LBRACE" else said.LIST_NOT_CLOSED
    return said.misread(source, opening.span, what, written=source.text[opening.start : opening.end], fix=fix)


def no_value(source: Source, brace: Token) -> Diagnostic:
    """Return the finding for a brace that begins a block where a value is missing."""
    return said.misread(source, brace.span, said.BLOCK_FOR_VALUE)


def too_many(source: Source, token: Token) -> Diagnostic:
    """Return the finding for a token to leave out."""
    fix = leave_out(token.span)
    return said.misread(source, token.span, said.NO_PLACE, written=_shown(source, token), fix=fix)


def _fix(parse: Parse, token: Token, repair: Repair | None) -> Fix | None:
    if repair is None:
        return None
    if not repair.kinds and repair.too_many is not None:
        may_go = repair.too_many.kind in SIGNS and repair.too_many.kind not in _OPERATORS
        return leave_out(repair.too_many.span) if may_go else None
    written = "".join(_SIGNS.get(kind, "") for kind in repair.kinds)
    if "NAME" in repair.kinds or not written:
        return None
    if repair.too_many is not None:
        return write(token.span, written.strip(), unsafe=True)
    at = parse.previous_end
    title = "begin a new line" if written == "\n" else f"put {written.strip()} in"
    return write(Span(at, at), written, title, unsafe=True)


def _shown(source: Source, token: Token) -> str:
    text = source.text[token.start : token.end].strip()
    short = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
    return short if short.startswith('"') else f'"{short}"'


def _end_before(text: str, position: int) -> int:
    """Return where the last line before a position ends that is not blank or a comment."""
    end = position
    while end > 0:
        start = line_start(text, end)
        line = text[start:end].strip()
        if line and not line.startswith("//"):
            return start + len(text[start:end].rstrip())
        end = start - 1
    return 0
