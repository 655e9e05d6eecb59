"""The slips that people make, each with its own words and mend: curly quotes, `=` for `:`, `#` for a comment, tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax.build import Builder
from ncco_lang.syntax.driver import STRAY, Parse, Token
from ncco_lang.syntax.errors import (
    BLOCK_COMMENT,
    HASH_COMMENT,
    STRAY_CHARACTER,
    TAB,
    UNCLOSED_TEXT,
    WRONG_SIGN,
    finding,
)

_QUOTES = {"'": "'", "‘": "’", "’": "’", "“": "”", "”": "”", "„": "“", "«": "»", "`": "`"}
_ADDRESS = re.compile(r"\b(https?|wss?|sips?):\S*$")
_SIGNS = {"_COLON": ":", "_EQUAL": "=", "_ARROW": "->"}
_MISTAKEN = frozenset({"_COLON", "_EQUAL", "_ARROW", "CMP"})
_TAB_INDENT = re.compile(r"^ *\t[ \t]*", re.MULTILINE)
_TAB_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that was recognised: what to say, what was meant instead, and where the text goes on."""

    diagnostic: Diagnostic
    tokens: tuple[Token, ...]
    position: int


def find_slip(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """The slip that explains a token which does not fit; None when it is nothing that is known."""
    if token.kind == STRAY:
        return _stray(builder, token)
    if token.kind == "HASH" and parse.fresh:
        return _hash_comment(builder.source, token)
    if token.kind == "SLASH" and parse.text.startswith("/*", token.start):
        return _block_comment(builder.source, token)
    if token.kind in _MISTAKEN:
        return _wrong_sign(parse, builder.source, token)
    return None


def check_tabs(source: Source) -> Iterator[Diagnostic]:
    """One finding for all lines of a file that are indented with tabs; its mend is about each of them."""
    if "\t" not in source.text:
        return
    found = list(_TAB_INDENT.finditer(source.text))
    if found:
        edits = tuple(Edit(Span(*match.span()), match[0].expandtabs(_TAB_WIDTH)) for match in found)
        message = "a tab indents this line" if len(found) == 1 else f"tabs indent {len(found)} lines, this one first"
        fix = Fix("write blanks instead", edits)
        yield finding(TAB, source, edits[0].span, message, fix=fix)


def hint_for(text: str, span: Span) -> str | None:
    """A hint at what was probably meant where nothing fits."""
    before = text[max(0, span.start - 200) : span.start].rpartition("\n")[2]
    if _ADDRESS.search(before):
        return 'an address is a text: put it in quotes, or what follows "//" is a comment'
    return None


def _hash_comment(source: Source, token: Token) -> Slip:
    end = source.line_span(source.position(token.start).line).end
    fix = Fix("write //", (Edit(Span(token.start, token.end), "//"),))
    message = "a comment begins with //; # is the telephone key"
    return Slip(finding(HASH_COMMENT, source, Span(token.start, end), message, fix=fix), (), end)


def _block_comment(source: Source, token: Token) -> Slip:
    """`/* … */`, to its end, or to the end of the line where it has none."""
    line = source.line_span(source.position(token.start).line)
    closing = source.text.find("*/", token.start + 2)
    end = closing + 2 if closing >= 0 else line.end
    opening = Span(token.start, token.start + 2)
    fix = None
    if closing >= 0 and end <= line.end and not source.text[end : line.end].strip():
        said = source.text[opening.end : closing].rstrip()
        fix = Fix("write //", (Edit(Span(token.start, line.end), f"//{said}"),))
    message = "a comment begins with // and ends with its line"
    return Slip(finding(BLOCK_COMMENT, source, opening, message, fix=fix), (), end)


def _wrong_sign(parse: Parse, source: Source, token: Token) -> Slip | None:
    written = source.text[token.start : token.end]
    end = token.end
    if written == "=" and source.text.startswith("=>", token.start):
        written, end = "=>", token.start + 2
    span = Span(token.start, end)
    meant = next((kind for kind in _SIGNS if kind != token.kind and parse.fits([kind])), None)
    if meant is None and token.kind == "_EQUAL" and parse.fits(["CMP"]):
        fix = Fix("write ==", (Edit(span, "=="),))
        message = "two values are compared with =="
        return Slip(finding(WRONG_SIGN, source, span, message, fix=fix), (Token("CMP", *span),), end)
    if meant is None or (token.kind == "CMP" and written != ">"):
        return None
    sign = _SIGNS[meant]
    between = {
        "_COLON": "between a name and its value stands a colon",
        "_EQUAL": "between a declaration and its value stands an equals sign",
        "_ARROW": "between an answer and what follows it stands an arrow",
    }[meant]
    fix = Fix(f"write {sign}", (Edit(span, sign),))
    if meant == "_COLON" and source.text[token.start - 1 : token.start] == " ":
        fix = Fix(f"write {sign}", (Edit(Span(parse.previous_end, end), sign),))
    return Slip(
        finding(WRONG_SIGN, source, span, f"{between}, not {written}", fix=fix),
        (Token(meant, token.start, end),),
        end,
    )


# ── Characters that begin no token ─────────────────────────────────────────────────────────────────────


def _stray(builder: Builder, token: Token) -> Slip | None:
    source, at = builder.source, token.start
    character = source.text[at]
    line = source.line_span(source.position(at).line)
    if character == '"':
        return _unclosed(builder, at, line)
    span = Span(at, at + 1)
    if character in _QUOTES:
        return _quoted(source, span, line)
    if character.isspace() or not character.isprintable():
        message = f"an invisible character, U+{ord(character):04X}, stands here"
        fix = Fix("put a space in its place", (Edit(span, " "),))
        return Slip(finding(STRAY_CHARACTER, source, span, message, fix=fix), (), at + 1)
    before = source.text[line.start : at]
    hint = "an address is a text: put it in quotes" if _ADDRESS.search(before) else None
    message = f"{character} means nothing outside a text"
    return Slip(finding(STRAY_CHARACTER, source, span, message, hint=hint), (Token(STRAY, *span),), at)


def _unclosed(builder: Builder, at: int, line: Span) -> Slip:
    source = builder.source
    builder.unclosed.add(at)
    if source.text.startswith('"""', at):
        message = 'this text has no closing """'
        told = finding(UNCLOSED_TEXT, source, Span(at, at + 3), message, hint='put """ behind its last line')
        return Slip(told, (Token("LONGSTRING", at, len(source.text)),), len(source.text))
    end = at + len(source.text[at : line.end].rstrip())
    fix = Fix("close it at the end of the line", (Edit(Span(end, end), '"'),), unsafe=True)
    how = 'a text over several lines stands between """ and """; a quote inside a text is \\"'
    told = finding(UNCLOSED_TEXT, source, Span(at, end), "this text has no closing quote", hint=how, fix=fix)
    return Slip(told, (Token("STRING", at, end),), end)


def _quoted(source: Source, span: Span, line: Span) -> Slip:
    """A text in other quotes than `"`."""
    character = source.text[span.start]
    closing = min(
        (found for mark in (_QUOTES[character], '"') if (found := source.text.find(mark, span.end, line.end)) > 0),
        default=-1,
    )
    message = f"a text stands in straight double quotes, not in {character}"
    if closing < 0:
        return Slip(finding(STRAY_CHARACTER, source, span, message), (Token(STRAY, *span),), span.start)
    edits = (Edit(span, '"'), Edit(Span(closing, closing + 1), '"'))
    told = finding(STRAY_CHARACTER, source, span, message, fix=Fix("put the text in double quotes", edits))
    return Slip(told, (Token("STRING", span.start, closing + 1),), closing + 1)
