"""What to do at a token that does not fit: one finding, and the smallest change after which the parse goes on.

In this order: a slip that people make (`=` for `:`, `#` for a comment, a curly quote, a quote left open), a token that
is missing and can be put in, a token too many that can be left out, and else the statement is given up: the stacks go
back to where it began, and the text on to where it ends. So one mistake costs one statement at the most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.source import Span
from ncco_lang.syntax.build import Builder
from ncco_lang.syntax.driver import CLOSING, Parse, Token
from ncco_lang.syntax.errors import (
    FLOW_SYNTAX,
    MISSING_BRACE,
    TOO_DEEP,
    describe_expected,
    finding,
)
from ncco_lang.syntax.slips import find_slip, hint_for
from ncco_lang.syntax.tables import END

DEEPEST_BLOCK = 50
DEEPEST_JSON = 100
MOST = 100
"""Syntax findings in one file; whoever gets that many has not written a flow."""

_CLOSERS = frozenset(CLOSING.values())
_PUNCTUATION = {
    "_COLON": ":",
    "_EQUAL": " =",
    "_ARROW": " ->",
    "_COMMA": ",",
    "_DOTS": "..",
    "RPAR": ")",
    "RSQB": "]",
    "LBRACE": " {",
}
_PUT_IN: tuple[tuple[str, ...], ...] = (
    ("_COLON",),
    ("_EQUAL",),
    ("_ARROW",),
    ("_COMMA",),
    ("NAME",),
    ("LBRACE",),
    ("RPAR",),
    ("RSQB",),
    ("_COLON", "NAME"),
    ("_EQUAL", "NAME"),
)
_DECLARATION = re.compile(
    r"""(?:step[ \t]+[a-z_]\w*[ \t]*[({]
      | (?:text|on)[ \t]+[a-z_]\w*[ \t]*\{
      | hours[ \t]+[a-z_]\w*[ \t]*"
      | let[ \t]+[a-z_]\w*[ \t]*=
      | (?:param|arg)[ \t]+[a-z_]\w*[ \t]*:
      | (?:flow|test)[ \t]+"
      | use[ \t]+[a-z_]\w*[ \t]*(?:,|from\b)
      | anywhere[ \t]*\{
      | default[ \t]+[a-z_]\w*[ \t]+[a-z])""",
    re.VERBOSE,
)
_SKIP = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""|"(?:\\.|[^"\\\r\n])*+"|//[^\r\n]*|[{}\[\]()]|;|\r\n?|\n|[^"/{}\[\]();\r\n]+|.'
)
_BREAK = re.compile(r"[ \t]*(?://[^\r\n]*)?(?:\r\n?|\n|;)")
_LINE_END = re.compile(r"[\r\n]")
_BLANKS = re.compile(r"[ \t]*")
_LEFT_OUT = _CLOSERS | {
    "_COMMA",
    "_COLON",
    "_EQUAL",
    "_DOTS",
    "DOT",
    "PLUS",
    "STAR",
    "SLASH",
    "CMP",
    "_BAR",
    "_SEMICOLON",
}
_LONGEST_SHOWN = 30


class Recoverer:
    """Makes the findings about one file's syntax."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.source = builder.source
        self.found: list[Diagnostic] = []
        self.told_until = -1
        self.unbalanced = False
        self.stuck = -1

    # ── What the driver tells ─────────────────────────────────────────────────────────────────────────

    def opened(self, parse: Parse) -> None:
        """Watch how deep brackets nest; beyond the bounds the rest of the file is not read."""
        brackets = parse.brackets
        if len(brackets) <= DEEPEST_BLOCK:
            return
        token = brackets[-1].token
        assert token is not None
        data = sum(bracket.is_data for bracket in brackets)
        if data > DEEPEST_JSON:
            message, hint = f"nested deeper than {DEEPEST_JSON}", "take a part of it out"
        elif len(brackets) - 1 - data > DEEPEST_BLOCK:
            message, hint = f"blocks nested deeper than {DEEPEST_BLOCK}", "make a step of what is inside"
        else:
            return
        self.found.append(finding(TOO_DEEP, self.source, _span(token), message, hint=hint))
        _give_up_file(parse)

    def began_line(self, parse: Parse, position: int) -> None:
        """A declaration that begins in a block, no deeper than the block itself, tells of a brace left out."""
        bracket = parse.brackets[-1]
        if bracket.token is None or bracket.is_data or _DECLARATION.match(parse.text, position) is None:
            return
        here = _indent(parse.text, position)
        unclosed = [bracket.token for bracket in parse.brackets if bracket.token is not None]
        if any(_indent(parse.text, token.start) < here for token in unclosed):
            return
        end = _end_before(parse.text, position)
        braces = "".join("\n" + " " * _indent(parse.text, token.start) + "}" for token in reversed(unclosed))
        fix = Fix("close it before the next declaration", (Edit(Span(end, end), braces),), unsafe=True)
        message = "this block is not closed before the next declaration"
        hint = 'put a "}" behind its last line'
        self._tell(finding(MISSING_BRACE, self.source, _span(unclosed[-1]), message, hint=hint, fix=fix), position)
        parse.pending += [Token("RBRACE", position, position)] * len(unclosed)
        parse.pending.append(Token("_NL", position, position))

    def recover(self, parse: Parse, token: Token) -> None:
        """Make a finding about a token that does not fit, and let the parse go on."""
        if len(self.found) >= MOST:
            _give_up_file(parse)
            return
        parse.pending.clear()
        slip = find_slip(parse, self.builder, token)
        if slip is not None:
            self._tell(slip.diagnostic, token.start)
            parse.position = slip.position
            if parse.fits([token.kind for token in slip.tokens]):
                parse.pending += slip.tokens
            else:
                self._give_up_statement(parse)
            return
        if token.kind == END:
            self._end(parse, token)
            return
        put_in = self._missing(parse, token)
        self._tell(self._unexpected(parse, token, put_in), token.start)
        if put_in:
            at = parse.previous_end
            parse.pending += [Token(kind, at, at) for kind in put_in]
        elif self._is_too_many(parse, token):
            parse.position = token.end
        else:
            self._give_up_statement(parse)

    # ── How to go on ──────────────────────────────────────────────────────────────────────────────────

    def _missing(self, parse: Parse, token: Token) -> Sequence[str]:
        """The tokens that are missing before one that does not fit; empty when no few of them would do."""
        if self.stuck == token.start:
            return ()
        self.stuck = token.start
        closers = _closers(parse)
        if closers and _begins_line(parse.text, token.start) and parse.fits([*closers, "_NL", token.kind]):
            return (*closers, "_NL")
        return next((kinds for kinds in _PUT_IN if parse.fits([*kinds, token.kind])), ())

    def _is_too_many(self, parse: Parse, token: Token) -> bool:
        """Whether the statement reads well without a token; only of punctuation is that believed."""
        if token.kind not in _LEFT_OUT:
            return False
        parse.position = token.end
        after = parse.next_token(parse.tables.rows[parse.states[-1]])
        return parse.fits([after.kind])

    def _end(self, parse: Parse, token: Token) -> None:
        """The text ends in the middle of something: close what is open, without the statement that is half done."""
        opening = parse.brackets[-1].token
        if opening is not None:
            message = f'this "{parse.text[opening.start : opening.end]}" is never closed'
            self._tell(finding(FLOW_SYNTAX, self.source, _span(opening), message), token.start)
        else:
            self._tell(self._unexpected(parse, token, ()), token.start)
        while len(parse.brackets) > 1 and parse.brackets[-1].is_data:
            parse.brackets.pop()
        if not parse.fits(["_NL", "RBRACE"] if len(parse.brackets) > 1 else ["_NL", END]):
            _cut(parse)
        if len(parse.brackets) > 1:
            at = [Token("RBRACE", token.start, token.start)]
            parse.pending += at if parse.fits(["RBRACE"]) else [Token("_NL", token.start, token.start), *at]

    def _give_up_statement(self, parse: Parse) -> None:
        """Forget the statement that is being read, and go on behind its end."""
        depth = 0
        while parse.brackets[-1].is_data and len(parse.brackets) > 1:
            parse.brackets.pop()
            depth += 1
        begun = parse.position
        _cut(parse)
        end = begun if self.unbalanced else self._end_of_statement(parse, begun, depth)
        if end is None or self.unbalanced:
            self.unbalanced = True
            end = _line_end(parse.text, begun)
        parse.position = max(end, begun)
        at_break = _BREAK.match(parse.text, parse.position)
        if at_break is not None:
            parse.position = at_break.end()
        elif (parse.position == begun and not parse.text.startswith("}", begun)) or (
            parse.position == begun and len(parse.brackets) == 1
        ):
            parse.position = begun + 1

    def _end_of_statement(self, parse: Parse, start: int, depth: int) -> int | None:
        """Where the statement ends that goes on at `start`, so many brackets deep; None when it never does."""
        here = _indent(parse.text, start)
        for match in _SKIP.finditer(parse.text, start, parse.end):
            first = match[0][0]
            if first in "{[(":
                depth += 1
            elif first in ")]}":
                if depth <= 0 and first == "}":
                    return match.start()
                depth -= 1
            elif first in "\r\n;":
                if depth <= 0:
                    return match.start()
                if _DECLARATION.match(parse.text, match.end()) and _indent(parse.text, match.end()) <= here:
                    return match.start()
        return parse.end if depth <= 0 else None

    # ── What to say ───────────────────────────────────────────────────────────────────────────────────

    def _tell(self, told: Diagnostic, position: int) -> None:
        """Keep a finding, unless it only follows from one on the same line."""
        if position >= self.told_until:
            self.found.append(told)
            self.told_until = max(_line_end(self.source.text, position), position + 1)

    def _unexpected(self, parse: Parse, token: Token, put_in: Sequence[str]) -> Diagnostic:
        """A finding for a token for which the grammar has no use."""
        source = self.source
        if token.kind in _CLOSERS and len(parse.brackets) == 1:
            message = f'nothing is open that this "{parse.text[token.start : token.end]}" could close'
            return finding(FLOW_SYNTAX, source, _span(token), message, fix=_left_out(token))
        span, found = _span(token), _shown(parse.text[token.start : token.end])
        if token.kind == END:
            at = len(parse.text.rstrip())
            span, found = Span(at, at), "the end of the file"
        elif token.kind == "_NL":
            span, found = Span(token.start, token.start), "the end of the line"
        accepted = {kind for kind in parse.tables.rows[parse.states[-1]] if kind.isupper() or kind[0] in "_$"}
        accepted = {kind for kind in accepted if parse.fits([kind])}
        if parse.brackets[-1].is_data:
            accepted.discard("_NL")  # newlines are free between these brackets, so naming them is no help
        expected = describe_expected(accepted)
        message = f"found {found} where {expected} was expected" if expected else f"{found} has no place here"
        fix = _fix(parse, token, put_in)
        return finding(FLOW_SYNTAX, source, span, message, hint=hint_for(source.text, span), fix=fix)


def _fix(parse: Parse, token: Token, put_in: Sequence[str]) -> Fix | None:
    written = "".join(_PUNCTUATION.get(kind, "") for kind in put_in if kind != "_NL")
    if not put_in or "NAME" in put_in or not written:
        return None
    at = parse.previous_end
    return Fix(f"put {written.strip()} in", (Edit(Span(at, at), written),), unsafe=True)


def _left_out(token: Token) -> Fix:
    return Fix("leave it out", (Edit(_span(token), ""),), unsafe=True)


def _give_up_file(parse: Parse) -> None:
    """Forget everything from the statement of the file that is being read on."""
    del parse.brackets[1:]
    parse.pending.clear()
    _cut(parse)
    parse.position = parse.end


def _cut(parse: Parse) -> None:
    """Take the statement that is being read in the innermost bracket from the stacks."""
    base = parse.brackets[-1].base
    del parse.states[base:]
    del parse.values[base - 1 :]
    parse.fresh = True


def _closers(parse: Parse) -> list[str]:
    """What would close every bracket that holds data, innermost first."""
    closers = []
    for bracket in reversed(parse.brackets):
        if bracket.token is None or not bracket.is_data:
            break
        closers.append(CLOSING[bracket.token.kind])
    return closers


def _span(token: Token) -> Span:
    return Span(token.start, token.end)


def _shown(text: str) -> str:
    short = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
    return short if short.startswith('"') else f'"{short}"'


def _line_end(text: str, position: int) -> int:
    found = _LINE_END.search(text, position)
    return found.start() if found is not None else len(text)


def _begins_line(text: str, position: int) -> bool:
    before = text[max(0, position - 200) : position].rstrip(" \t")
    return not before or before[-1] in "\r\n"


def _indent(text: str, position: int) -> int:
    """How many blanks begin the line of a position; a tab counts as four."""
    start = max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1
    blanks = _BLANKS.match(text, start)
    assert blanks is not None
    return len(blanks[0].expandtabs(4))


def _end_before(text: str, position: int) -> int:
    """Where the last line ends that holds something before a position; comments belong to what follows them."""
    lines = text[:position].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("//")):
        lines.pop()
    return len("".join(lines).rstrip())
