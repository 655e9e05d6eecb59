"""Slips in declarations: a type that is missing or one too many, a let by another word."""

from __future__ import annotations

import re
from collections.abc import Callable

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Span
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.lexicon import END
from ncco_lang.syntax.recovery.mistakes.mistake import Slip, first_word, word_before
from ncco_lang.syntax.recovery.parser_stack import statement_start, zero
from ncco_lang.syntax.recovery.unclosed_brackets import Closers
from ncco_lang.syntax.syntax_rules import FLOW_SYNTAX, finding, not_yet
from ncco_lang.syntax.tree_builder import Builder

TYPES = {"STRING": "text", "NUMBER": "number", "DURATION": "duration", "LANG": "language", "CONSTANT": "bool"}
_TYPE = re.compile(r":[ \t]*[a-z_]\w*[ \t]*(?==)")
_LATER_SHAPES = {"use": ("USE", "STRING"), "hours": ("NAME", "LBRACE")}
_ELSEWHERE_LET = re.compile(r"(var|const|val|def|define)[ \t]+([a-z_][a-z0-9_]*)[ \t]*")


def _untyped_param(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`param count = 5`, `param count`: the type is missing."""
    is_bare = token.kind in ("_NL", "_SEMICOLON", END)
    if (
        not (is_bare or token.kind == "_EQUAL")
        or first_word(parse) not in ("param", "arg")
        or not parse.fits(["_COLON"])
    ):
        return None
    at = parse.previous_end
    parse.position = token.end
    kind = "text" if is_bare else TYPES.get(parse.next_token(parse.row).kind, "text")
    word = first_word(parse)
    name = word_before(parse.text, at)
    fix = Fix(f"write {name}: {kind}", (Edit(Span(at, at), f": {kind}"),), unsafe=True)
    message = f"a {word} says of which type it is: {word} {name}: {kind}" + ("" if is_bare else " = …")
    told = finding(FLOW_SYNTAX, builder.source, Span(at - len(name), at), message, fix=fix)
    return Slip(told, zero(at, "_COLON", "NAME"), token.start)


def _capital_type(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`param shop: String = …`"""
    if token.kind != "FIELD" or parse.previous_kind != "_COLON" or first_word(parse) not in ("param", "arg"):
        return None
    span = Span(token.start, token.end)
    written = parse.text[slice(*span)].lower()
    told = finding(
        FLOW_SYNTAX,
        builder.source,
        span,
        "a type has small letters",
        fix=Fix(f"write {written}", (Edit(span, written),)),
    )
    return Slip(told, zero(token.end, "NAME"), token.end)


def _typed_let(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`let name: text = "…"`"""
    found = _TYPE.match(parse.text, token.start)
    if token.kind != "_COLON" or found is None or first_word(parse) != "let":
        return None
    span = Span(token.start, token.start + len(found[0].rstrip()))
    fix = Fix("take the type out", (Edit(span, ""),))
    told = finding(FLOW_SYNTAX, builder.source, span, "a let has no type: its value tells it", fix=fix)
    return Slip(told, (), found.end())


def _let_elsewhere(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`var name = "…"`: what other languages call a let."""
    start = statement_start(parse)
    found = None if start is None else _ELSEWHERE_LET.match(parse.text, start)
    if token.kind != "_EQUAL" or found is None or found.end() != token.start or len(parse.brackets) > 1:
        return None
    word, name = Span(*found.span(1)), Span(*found.span(2))
    fix = Fix("write let", (Edit(word, "let"),))
    message = f"a value gets its name with let: let {found[2]} = …"
    told = finding(FLOW_SYNTAX, builder.source, word, message, fix=fix)
    return Slip(told, (Token("LET", *word), Token("NAME", *name)), token.start, cuts=True)


def _other_shape(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`use "common.flow"`, `hours office { … }`: another shape of what a later version compiles, read as what it is."""
    word, end = first_word(parse), token.end
    if len(parse.brackets) > 1 or _LATER_SHAPES.get(word) != (parse.previous_kind, token.kind):
        return None
    if token.kind == "LBRACE":
        closing = Closers(parse.text).find(token.start)
        if closing is None:
            return None
        end = closing
    start = statement_start(parse)
    assert start is not None
    told = not_yet(builder.source, Span(start, parse.previous_end), f'"{word}"', word)
    return Slip(told, zero(end, "NAME"), end, quiet=end, cuts=True)


DECLARATION_SLIPS: tuple[Callable[[Parse, Builder, Token], Slip | None], ...] = (
    _untyped_param,
    _capital_type,
    _typed_let,
    _let_elsewhere,
    _other_shape,
)
