"""The loop that runs lark's tables over a text: tokens in, builders called, one value out.

It lexes as lark's contextual lexer does: at each place the first terminal, in lark's order, that the grammar can use
there. One pattern finds the first of all terminals; only where the grammar cannot use that one are the others tried
singly. Tests compare every token and tree with lark's own.

At a token that does not fit, the loop hands over to a `Recovery`, which changes the stacks so that it can go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from ncco_lang.source import Span
from ncco_lang.syntax.tables import ELSE, END, END_OF_TEXT, Tables, terminal

Part: TypeAlias = Any
"""What stands on the stack: the span of a token that the tree needs, or what a rule was built into."""


class Token(NamedTuple):
    """A token: the terminal of the grammar, and where it stands."""

    kind: str
    start: int
    end: int


class Bracket:
    """A bracket that is open, or the file itself.

    Attributes:
        token: the opening one; None for the file.
        is_data: it holds values, so newlines are free in it, and no statement begins there.
        base: how many states stood on the stack before the statement that is being read in it.
    """

    __slots__ = ("base", "is_data", "token")

    def __init__(self, token: Token | None, is_data: bool, base: int) -> None:
        self.token = token
        self.is_data = is_data
        self.base = base


class Recovery(Protocol):
    """Who is asked when something is wrong, and told what might be."""

    def recover(self, parse: Parse, token: Token) -> None:
        """Change the stacks, the position or the pending tokens so that the run can go on."""

    def opened(self, parse: Parse) -> None:
        """A bracket has been opened."""

    def began_line(self, parse: Parse, position: int) -> None:
        """A statement may begin at `position`."""


STRAY = "STRAY"
"""The kind of a character with which no token begins."""

CLOSING = {"LBRACE": "RBRACE", "LSQB": "RSQB", "LPAR": "RPAR"}
_CLOSERS = frozenset(CLOSING.values())
_BREAKS = frozenset({"_NL", "_SEMICOLON"})
_SPECIAL = frozenset(CLOSING) | _CLOSERS | _BREAKS
_BEFORE_DATA = frozenset({"_COLON", "_COMMA", "_EQUAL", "LSQB", "LPAR"})
DEEP = 400
"""How much of the stack is copied to try something out: more than any rule takes from it."""
_BLANKS = re.compile(r"[ \t]*")
_KEY = re.compile(r'\s*"(?:[^"\\\r\n]|\\.)*+"\s*:')

Maker: TypeAlias = Callable[[Any, list[Part]], Part]
"""What builds a rule: called with the context of the run and the children."""


class Step(NamedTuple):
    """A rule together with its builder; `make` is None for a list, and `passes` for a rule that its child stands for."""

    origin: str
    size: int
    make: Maker | None
    passes: bool
    kept: tuple[int, ...]
    plain: bool


def join(tables: Tables, makers: Mapping[str, Maker]) -> list[Step]:
    """The rules with who builds them.

    Raises:
        KeyError: a rule has no builder.
    """
    return [
        Step(rule.origin, rule.size, makers[rule.builder] if rule.builder else None, rule.builder is None, *rule[3:])
        for rule in tables.rules
    ]


class Parse:
    """One run over a text, or over a part of it.

    Attributes:
        position: where the next token is looked for.
        states, values: the two stacks; `values[n]` was made on the way to `states[n + 1]`.
        brackets: those that are open, the file first.
        pending: tokens that recovery invented; they come before those of the text.
        comments: where tokens lie that hold comments.
        previous_kind, previous_end: of the last token that was taken.
        fresh: the next token is the first of a statement.
    """

    def __init__(
        self,
        tables: Tables,
        text: str,
        steps: Sequence[Step],
        context: Any,
        recovery: Recovery,
        *,
        start: str = "start",
        begin: int = 0,
        end: int | None = None,
    ) -> None:
        self.tables, self.text, self.steps, self.context, self.recovery = tables, text, steps, context, recovery
        self.position = begin
        self.end = len(text) if end is None else end
        first, self.last = tables.starts[start]
        self.states = [first]
        self.values: list[Part] = []
        self.brackets = [Bracket(None, start != "start", 1)]
        self.pending: list[Token] = []
        self.comments: list[Token] = []
        self.previous_kind, self.previous_end = END, begin
        self.fresh = True

    def run(self) -> Part:
        """Read to the end; what the start symbol was built into."""
        rows, steps, states, values, context = self.tables.rows, self.steps, self.states, self.values, self.context
        match, keywords, text, end = self.tables.token.match, self.tables.keywords, self.text, self.end
        chains = self.tables.chains
        row = rows[states[-1]]
        while True:
            # The usual token is read here; whatever is unusual about it, `next_token` knows.
            found = None if self.pending or ELSE in row else match(text, self.position, end)
            if found is None:
                kind, start, stop = self.next_token(row)
            else:
                kind = found.lastgroup or END
                start, stop = found.span(kind)
                if kind == "NAME" and (keyword := keywords.get(text[start:stop])) is not None and keyword in row:
                    kind = keyword
                elif kind == "_NL" and kind in row:
                    self._keep_comments(start, stop)
                elif kind not in row:
                    kind, start, stop = self.next_token(row)
            action = row.get(kind)
            while action is not None and action < 0:
                origin, size, make, passes, kept, plain = steps[-1 - action]
                if passes:
                    chain = (states[-2], states[-1], kind)
                    states[-1] = state = chains[chain] if chain in chains else self._passed(chain)
                else:
                    parts = values[-size:] if size else []
                    if size:
                        del states[-size:], values[-size:]
                    if not plain:
                        parts = _poured(parts, kept)
                    values.append(parts if make is None else make(context, parts))
                    state = rows[states[-1]][origin]
                    states.append(state)
                row = rows[state]
                action = row.get(kind)
            if action is None:
                if kind == END and states[-1] == self.last:
                    return values[-1]
                self.position = start
                self.recovery.recover(self, Token(kind, start, stop))
                row = rows[states[-1]]
                continue
            if self.fresh:
                self.fresh = False
                self.brackets[-1].base = len(states)
            states.append(action)
            values.append(None if kind[0] == "_" else Span(start, stop))
            self.position = stop
            if kind in _SPECIAL:
                self._follow(Token(kind, start, stop))
                action = states[-1]
            self.previous_kind, self.previous_end = kind, stop
            row = rows[action]

    def _passed(self, chain: tuple[int, int, str]) -> int:
        """The state behind a row of rules of which each stands for its one child, from `atom` up to `expr`.

        Every value goes through that row, so where it leads is kept.
        """
        below, state, kind = chain
        rows, steps = self.tables.rows, self.steps
        while (action := rows[state].get(kind, 0)) < 0 and steps[-1 - action].passes:
            state = rows[below][steps[-1 - action].origin]
        self.tables.chains[chain] = state
        return state

    def next_token(self, row: Mapping[str, int]) -> Token:
        """The next token that the grammar could use; where there is none, the one that stands there."""
        if self.pending:
            return self.pending.pop(0)
        tables, text, end = self.tables, self.text, self.end
        at = self.position
        while True:
            if ELSE in row:
                found = tables.otherwise.match(text, at, end)
                if found is not None:
                    self._keep_comments(at, found.end())
                    return Token(ELSE, at, found.end())
            found = tables.token.match(text, at, end)
            if found is None:
                blanks = _BLANKS.match(text, at, end)
                start = at if blanks is None else blanks.end()
                return Token(STRAY, start, start + 1)
            kind = found.lastgroup or END
            start, at = found.span(kind)
            if kind == "NAME":
                keyword = tables.keywords.get(text[start:at])
                if keyword is not None and keyword in row:
                    return Token(keyword, start, at)
            if kind in row:
                if kind == "_NL" and at - start > 2:
                    self._keep_comments(start, at)
                return Token(kind, start, at)
            if kind in tables.ignored:
                self._keep_comments(start, at)
                continue
            if kind == END_OF_TEXT:
                return Token(END, start, at)
            return self._other(row, Token(kind, start, at))

    def _other(self, row: Mapping[str, int], first: Token) -> Token:
        """The first terminal that the grammar can use here; `first`, which it cannot, where there is none."""
        for kind, pattern in self.tables.terminals:
            if kind in row and kind != first.kind:
                found = terminal(pattern).match(self.text, first.start, self.end)
                if found is not None:
                    return Token(kind, first.start, found.end())
        return first

    def _keep_comments(self, start: int, end: int) -> None:
        if self.text.find("//", start, end) >= 0:
            self.comments.append(Token("comments", start, end))

    def _follow(self, token: Token) -> None:
        """Follow brackets and line ends, which say where statements begin."""
        kind = token.kind
        if kind in CLOSING:
            inside = self.brackets[-1].is_data
            is_data = kind != "LBRACE" or inside or self.previous_kind in _BEFORE_DATA
            is_data = is_data or _KEY.match(self.text, token.end, self.end) is not None
            self.brackets.append(Bracket(token, is_data, len(self.states)))
            self.fresh = True
            self.recovery.opened(self)
        elif kind in _BREAKS:
            self.fresh = True
            self.recovery.began_line(self, token.end)
        elif len(self.brackets) > 1:
            self.brackets.pop()

    def fits(self, kinds: Sequence[str]) -> bool:
        """Whether the grammar could use these tokens next, one after the other."""
        states = self.states[-DEEP:]
        return all(self.shifts(states, kind) for kind in kinds)

    def shifts(self, states: list[int], kind: str) -> bool:
        """Take a token on a copy of the stack, of which the top is enough; whether the grammar could use it."""
        rows, steps = self.tables.rows, self.steps
        action = rows[states[-1]].get(kind)
        while action is not None and action < 0:
            step = steps[-1 - action]
            if step.size >= len(states):
                return False
            if step.size:
                del states[-step.size :]
            states.append(rows[states[-1]][step.origin])
            action = rows[states[-1]].get(kind)
        if action is None:
            return kind == END and states[-1] == self.last
        states.append(action)
        return True


def _poured(parts: list[Part], kept: Sequence[int]) -> list[Part]:
    """The children of a rule, lists among its symbols poured out; the first list is filled further, not copied."""
    if kept and kept[0] == -1:
        children: list[Part] = parts[0]
        kept = kept[1:]
    else:
        children = []
    for index in kept:
        if index < 0:
            children += parts[-1 - index]
        else:
            children.append(parts[index])
    return children
