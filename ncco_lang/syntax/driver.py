"""Feed lark's parser the tokens of a text, and return the value that it builds.

It lexes as lark's contextual lexer does: at each place the first terminal, in lark's order, that the grammar can use
there. One pattern finds the first of all terminals; only where the grammar cannot use that one are the others tried
singly. Tests compare every token and tree with lark's own.

At a token that does not fit, the loop hands over to a `Recovery`, which changes the stacks so that it can go on.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import NamedTuple, Protocol

from lark import UnexpectedToken

from ncco_lang.source import Span
from ncco_lang.syntax.brackets import CLOSING, CLOSING_KINDS
from ncco_lang.syntax.lark_parser import Callbacks, Parser, Part, Row, Trial
from ncco_lang.syntax.lexicon import ELSE, END, END_OF_TEXT, STRAY, compile_terminal
from ncco_lang.syntax.lines import BLANKS, line_end
from ncco_lang.syntax.skip_patterns import TEXT_TO_QUOTE


class Token(NamedTuple):
    """A token: the terminal of the grammar, and its place in the text."""

    kind: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The place as a span."""
        return Span(self.start, self.end)


class Bracket:
    """A bracket that is open, or the file itself.

    Attributes:
        token: the opening bracket; None for the file.
        is_data: it holds values, so newlines are free in it and no statement begins in it.
        base: the number of states on the stack before the statement that is being read in it.
    """

    __slots__ = ("base", "is_data", "token")

    def __init__(self, token: Token | None, is_data: bool, base: int) -> None:
        self.token = token
        self.is_data = is_data
        self.base = base


class Recovery(Protocol):
    """What the driver calls at a token that does not fit, and where statements and brackets begin."""

    def recover(self, parse: Parse, token: Token) -> None:
        """Change the stacks, the position or the pending tokens so that the run can go on."""

    def opened(self, parse: Parse) -> None:
        """Handle a bracket that was opened."""

    def began_line(self, parse: Parse, position: int) -> None:
        """Handle a position at which a statement may begin."""


SKIPPED = "SKIPPED"
"""The kind of a part of the text that the driver skips."""
_BREAKS = frozenset({"_NL", "_SEMICOLON"})
_SPECIAL = frozenset(CLOSING) | CLOSING_KINDS | _BREAKS
BEFORE_DATA = frozenset({"_COLON", "_COMMA", "_EQUAL", "LSQB", "LPAR"})
DEEP = 400
"""How much of the stack a trial copies: more than any rule takes from it."""
OBJECT_KEY = re.compile(rf"\s*{TEXT_TO_QUOTE}\s*:")


class Parse:
    """One run over a text, or over a part of it.

    Attributes:
        position: where the search for the next token begins.
        states, values: the two stacks; `values[n]` was made on the way to `states[n + 1]`.
        brackets: the open brackets, the file first.
        pending: tokens that recovery inserts before those of the text.
        plan: tokens that recovery inserts where they begin, and parts of the text to skip, of the kind `SKIPPED`.
        planned: how many of the plan have been used.
        comments: the tokens that contain comments.
        previous_kind, previous_end: of the last token that fitted.
        fresh: the next token is the first of a statement.
    """

    def __init__(
        self,
        parser: Parser,
        text: str,
        callbacks: Callbacks,
        recovery: Recovery,
        *,
        start: str = "start",
        begin: int = 0,
        end: int | None = None,
    ) -> None:
        self.parser, self.text, self.recovery = parser, text, recovery
        self.position = begin
        self.end = len(text) if end is None else end
        self._run = parser.begin(start, callbacks)
        self.states, self.values = self._run.states, self._run.values
        self.brackets = [Bracket(None, start != "start", 1)]
        self.pending: list[Token] = []
        self.plan: list[Token] = []
        self.planned = 0
        self.comments: list[Token] = []
        self.previous_kind, self.previous_end = END, begin
        self.fresh = True

    def run(self) -> Part:
        """Read to the end; return the value of the start symbol."""
        feed, tokens, rows, states, values = (
            self._run.feed,
            self.parser.tokens,
            self._run.rows,
            self.states,
            self.values,
        )
        while True:
            kind, start, stop = self.next_token(rows[states[-1]])
            try:
                built = feed(tokens[kind])
            except UnexpectedToken:
                self.position = start
                self.recovery.recover(self, Token(kind, start, stop))
                continue
            if kind == END:
                return built
            values[-1] = None if kind[0] == "_" else Span(start, stop)
            if self.fresh:
                self.fresh = False
                self.brackets[-1].base = len(states) - 1
            self.position = stop
            if kind in _SPECIAL:
                self._follow(Token(kind, start, stop))
            self.previous_kind, self.previous_end = kind, stop

    def next_token(self, row: Container[str]) -> Token:
        """Return the next token that the grammar can use; the next token at all if it can use none."""
        if self.pending:
            return self.pending.pop(0)
        if self.plan and (planned := self._next_planned()) is not None:
            return planned
        lexicon, text, end = self.parser.lexicon, self.text, self.end
        at = self.position
        while True:
            if ELSE in row:
                found = lexicon.otherwise.match(text, at, end)
                if found is not None:
                    self._keep_comments(at, found.end())
                    return Token(ELSE, at, found.end())
            found = lexicon.token.match(text, at, end)
            if found is None:
                blanks = BLANKS.match(text, at, end)
                start = at if blanks is None else blanks.end()
                return Token(STRAY, start, start + 1)
            kind = found.lastgroup or END
            start, at = found.span(kind)
            if kind == "NAME":
                keyword = lexicon.keywords.get(text[start:at])
                if keyword is not None and keyword in row:
                    return Token(keyword, start, at)
            if kind in row:
                if kind == "_NL" and at - start > 2:
                    self._keep_comments(start, at)
                return Token(kind, start, at)
            if kind in lexicon.ignored:
                self._keep_comments(start, at)
                continue
            if kind == END_OF_TEXT:
                return Token(END, start, at)
            return self._other(row, Token(kind, start, at))

    def _next_planned(self) -> Token | None:
        """Return the token that the plan inserts here, if it inserts one; skip what it skips here."""
        plan = self.plan
        while self.planned < len(plan) and plan[self.planned].start <= self.position:
            token = plan[self.planned]
            self.planned += 1
            if line_end(self.text, token.start) < self.position:
                continue  # recovery gave up a part of the text with this place in it
            if token.kind != SKIPPED:
                return Token(token.kind, self.position, self.position)
            self.position = max(self.position, token.end)
        return None

    def _other(self, row: Container[str], first: Token) -> Token:
        """Return the first terminal that the grammar accepts here; `first` if it accepts no terminal."""
        for kind, pattern in self.parser.lexicon.terminals:
            if kind in row and kind != first.kind:
                found = compile_terminal(pattern).match(self.text, first.start, self.end)
                if found is not None:
                    return Token(kind, first.start, found.end())
        return first

    def _keep_comments(self, start: int, end: int) -> None:
        if self.text.find("//", start, end) >= 0:
            self.comments.append(Token("comments", start, end))

    def _follow(self, token: Token) -> None:
        """Follow brackets and line ends, after which statements begin."""
        kind = token.kind
        if kind in CLOSING:
            inside = self.brackets[-1].is_data
            is_data = kind != "LBRACE" or inside or self.previous_kind in BEFORE_DATA
            is_data = is_data or OBJECT_KEY.match(self.text, token.end, self.end) is not None
            self.brackets.append(Bracket(token, is_data, len(self.states)))
            self.fresh = True
            self.recovery.opened(self)
        elif kind in _BREAKS:
            self.fresh = True
            self.recovery.began_line(self, token.end)
        elif len(self.brackets) > 1:
            self.brackets.pop()

    @property
    def row(self) -> Row:
        """What the grammar can use next, by symbol."""
        return self._run.rows[self.states[-1]]

    def expected(self) -> set[str]:
        """Return the terminals that the grammar can use next."""
        return {kind for kind in self.row if kind.isupper() and self.fits([kind])}

    def fits(self, kinds: Sequence[str]) -> bool:
        """Return whether the grammar can use these tokens next, one after the other."""
        trial = self.try_from(self.states)
        return all(trial.takes(kind) for kind in kinds)

    def try_from(self, states: Sequence[int]) -> Trial:
        """Begin a trial on a copy of the top of a stack."""
        return self._run.try_from(list(states[-DEEP:]))
