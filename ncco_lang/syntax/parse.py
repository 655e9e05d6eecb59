"""The text of a `.flow` file → its tree and what is wrong with it. Never raises on what a user wrote.

lark makes the tables; the loop here runs them token by token, watches how deep brackets nest, and turns the
first token that does not fit into a finding. The declarations before it are kept.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput
from lark.parsers.lalr_interactive_parser import InteractiveParser

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.resources import read_resource
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.build import Builder
from ncco_lang.syntax.errors import (
    FLOW_SYNTAX,
    STRAY_CHARACTER,
    TOO_DEEP,
    UNCLOSED_TEXT,
    describe_expected,
    finding,
)

DEEPEST_BLOCK = 50
DEEPEST_JSON = 100

_OPENING = {"LBRACE": "RBRACE", "LSQB": "RSQB", "LPAR": "RPAR"}
_CLOSING = frozenset(_OPENING.values())
# Behind these a brace opens the author's own data and not a block.
_BEFORE_DATA = frozenset({"_COLON", "_COMMA", "EQUAL", "LSQB", "LPAR"})
_QUOTES = {"'": "'", "‘": "’", "’": "’", "“": "”", "”": "”", "„": "“", "«": "»", "`": "`"}
_ADDRESS = re.compile(r"\b(https?|wss?|sips?):\S*$")
_LONGEST_SHOWN = 30


def parse_flow(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """Read a whole `.flow` file.

    Returns:
        The tree, with every declaration before the first syntax error, and the findings in no certain order.
    """
    builder = Builder(source)
    interactive = load_parser().parse_interactive(source.text)
    nesting = _Nesting(source)
    try:
        last = None
        for token in interactive.iter_parse():
            last = token
            # lark hands a token out before it uses it, so what is too deep never gets onto its stacks.
            problem = nesting.take(token)
            if problem is not None:
                return _kept(builder, interactive), [*builder.diagnostics, problem]
        tree = interactive.feed_eof(last)  # type: ignore[no-untyped-call]
    except UnexpectedCharacters as error:
        position: Any = error.pos_in_stream  # lark declares it None
        problem = _stray(source, position)
    except UnexpectedInput as error:
        problem = _unexpected(source, getattr(error, "token", None), interactive, nesting)
    else:
        file: ast.File = builder.build(tree)
        return file, builder.diagnostics
    return _kept(builder, interactive), [*builder.diagnostics, problem]


@cache
def load_parser() -> Lark:
    """The grammar's tables, made once a process."""
    return Lark(read_resource("grammar/flow.lark"), parser="lalr", lexer="contextual")


def _kept(builder: Builder, interactive: InteractiveParser) -> ast.File:
    """A file of the declarations that were complete when the parse stopped."""
    declarations: list[ast.Declaration] = []
    for part in interactive.parser_state.value_stack:
        if not isinstance(part, Tree):
            if part.type in ("_NL", "_SEMICOLON"):
                continue
            break
        if part.data.startswith("_"):
            # The helper that lark makes for the repetition in `start`, or a separator.
            declarations += (builder.build(child) for child in part.children if isinstance(child, Tree))
            continue
        node = builder.build(part)
        if not isinstance(node, ast.Flow | ast.Command | ast.NotYet):
            break
        declarations.append(node)
    return ast.File(span=Span(0, len(builder.source.text)), declarations=tuple(declarations))


class _Nesting:
    """The brackets that are open, and whether each holds data or statements."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[tuple[Token, bool]] = []
        self.previous = ""
        self.depth_of_data = 0

    def take(self, token: Token) -> Diagnostic | None:
        """Follow one token; a finding when it opens one bracket too many."""
        previous, self.previous = self.previous, token.type
        if token.type in _OPENING:
            inside = bool(self.open) and self.open[-1][1]
            self._push(token, token.type != "LBRACE" or inside or previous in _BEFORE_DATA)
            return self._too_deep(token)
        if token.type in _CLOSING and self.open:
            self.depth_of_data -= self.open.pop()[1]
        elif token.type == "_COLON" and previous == "STRING" and self.open and not self.open[-1][1]:
            # Only now does `raw { "action": …` tell itself from a block.
            self._push(self.open.pop()[0], True)
        return None

    def _push(self, token: Token, is_data: bool) -> None:
        self.open.append((token, is_data))
        self.depth_of_data += is_data

    def _too_deep(self, token: Token) -> Diagnostic | None:
        if self.depth_of_data > DEEPEST_JSON:
            message = f"nested deeper than {DEEPEST_JSON}"
            return finding(TOO_DEEP, self.source, _span(token), message, hint="take a part of it out")
        if len(self.open) - self.depth_of_data > DEEPEST_BLOCK:
            message = f"blocks nested deeper than {DEEPEST_BLOCK}"
            return finding(TOO_DEEP, self.source, _span(token), message, hint="make a step of what is inside")
        return None


def _span(token: Token) -> Span:
    assert token.start_pos is not None
    assert token.end_pos is not None
    return Span(token.start_pos, token.end_pos)


# ── What did not fit ───────────────────────────────────────────────────────────────────────────────────


def _unexpected(source: Source, token: Token | None, interactive: InteractiveParser, nesting: _Nesting) -> Diagnostic:
    """A finding for a token at which the grammar has no use for it."""
    if token is None or token.type == "$END":
        if nesting.open:
            opening = nesting.open[-1][0]
            message = f'this "{opening}" is never closed'
            return finding(FLOW_SYNTAX, source, _span(opening), message)
        end = len(source.text.rstrip())
        span, found = Span(end, end), "the end of the file"
    elif token.type == "_NL":
        start = _span(token).start
        span, found = Span(start, start), "the end of the line"
    else:
        text = str(token) if len(token) <= _LONGEST_SHOWN else f"{token[: _LONGEST_SHOWN - 1]}…"
        span, found = _span(token), text if text.startswith('"') else f'"{text}"'
    if token is not None and token.type in _CLOSING and not nesting.open:
        return finding(FLOW_SYNTAX, source, span, f"nothing is open that this {found} could close")
    accepts: set[str] = interactive.accepts()  # type: ignore[no-untyped-call]
    if nesting.open and nesting.open[-1][1]:
        accepts.discard("_NL")  # newlines are free between these brackets, so naming them is no help
    expected = describe_expected(accepts)
    message = f"found {found} where {expected} was expected" if expected else f"{found} has no place here"
    return finding(FLOW_SYNTAX, source, span, message, hint=_syntax_hint(source, span, token))


def _syntax_hint(source: Source, span: Span, token: Token | None) -> str | None:
    before = source.text[max(0, span.start - 200) : span.start].rpartition("\n")[2]
    if _ADDRESS.search(before):
        return 'an address is a text: put it in quotes, or what follows "//" is a comment'
    if token is not None and token.type == "HASH" and not before.strip():
        return "a comment begins with //; # is the telephone key"
    if source.text.startswith("/*", span.start):
        return "a comment begins with // and ends with the line"
    return None


def _stray(source: Source, position: int) -> Diagnostic:
    """A finding for a place where no token begins."""
    character = source.text[position]
    line = source.line_span(source.position(position).line)
    if character == '"':
        if source.text.startswith('"""', position):
            message = 'this text has no closing """'
            return finding(UNCLOSED_TEXT, source, Span(position, position + 3), message)
        message = "this text has no closing quote"
        how = 'a text over several lines stands between """ and """; a quote inside a text is \\"'
        return finding(UNCLOSED_TEXT, source, Span(position, line.end), message, hint=how)
    span = Span(position, position + 1)
    if character in _QUOTES:
        closing = source.text.find(_QUOTES[character], position + 1, line.end)
        edits = (Edit(span, '"'), Edit(Span(closing, closing + 1), '"'))
        return finding(
            STRAY_CHARACTER,
            source,
            span,
            f"a text stands in straight double quotes, not in {character}",
            fix=Fix("put the text in double quotes", edits) if closing > 0 else None,
        )
    if character.isspace() or not character.isprintable():
        message = f"an invisible character, U+{ord(character):04X}, stands here"
        fix = Fix("put a space in its place", (Edit(span, " "),))
        return finding(STRAY_CHARACTER, source, span, message, fix=fix)
    before = source.text[line.start : position]
    hint = "an address is a text: put it in quotes" if _ADDRESS.search(before) else None
    return finding(STRAY_CHARACTER, source, span, f"{character} means nothing outside a text", hint=hint)
