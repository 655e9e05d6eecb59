"""Find the smallest change after which the text reads on at a token that does not fit, by trials on copied stacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ncco_lang.source import Span
from ncco_lang.syntax.brackets import CLOSING, CLOSING_KINDS
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.lark_parser import Trial
from ncco_lang.syntax.lexicon import END
from ncco_lang.syntax.recovery.budget import ALL, ENOUGH, LOOK_AHEAD, PLENTY
from ncco_lang.syntax.recovery.unclosed_brackets import opens_block

_PUT_IN: tuple[tuple[str, ...], ...] = (
    ("_COLON",),
    ("_EQUAL",),
    ("_ARROW",),
    ("_COMMA",),
    ("RPAR",),
    ("RSQB",),
    ("_NL",),
    ("IN",),
    ("_ELSE",),
)
_PUT_IN_NAMES: tuple[tuple[str, ...], ...] = (
    ("NAME",),
    ("_COLON", "NAME"),
    ("_EQUAL", "NAME"),
    ("_ARROW", "NAME"),
)
_LONGEST = 40
"""The tokens of a line among which a missing brace is looked for."""
_SIGNS = frozenset("HASH _COMMA _COLON _EQUAL _ARROW _DOTS DOT PLUS STAR SLASH CMP _BAR _SEMICOLON STRAY".split())
"""Signs and brackets that may be one too many; to leave one out needs little evidence."""
SIGNS = _SIGNS | CLOSING_KINDS | frozenset(CLOSING)


class Repair(NamedTuple):
    """Tokens to insert before reading goes on at `position`.

    Attributes:
        too_many: the token to leave out.
        is_read: that token has been read already, and is the last on the stacks.
    """

    kinds: tuple[str, ...]
    position: int
    too_many: Token | None = None
    is_read: bool = False


def find_repair(parse: Parse, token: Token, *, may_close: bool, may_stay: bool, may_go: bool) -> Repair | None:
    """Return the change after which most of the line reads; None if no change leads far enough.

    Args:
        may_close: a list or an object may be closed here; False if its own bracket follows.
        may_stay: the token opens a bracket that is closed on its line.
        may_go: the token may be left out; False for the end of a line before a declaration.
    """
    best, most = None, ENOUGH - 1
    for repair in _repairs(parse, token, may_stay):
        if (not may_close and not CLOSING_KINDS.isdisjoint(repair.kinds)) or (not may_go and repair.too_many == token):
            continue
        states, depth = parse.states, data_depth(parse)
        if repair.is_read and repair.too_many is not None:
            states = states[:-1]
            depth -= repair.too_many.kind in CLOSING
        read = _reach(parse, states, repair.kinds, repair.position, depth)
        if read > most:
            best, most = repair, read
        if read >= ALL:
            break
    if best is None and may_go and _reach(parse, parse.states, (), token.end, data_depth(parse)) >= PLENTY:
        return Repair((), token.end, token)
    return best


def reach(parse: Parse, states: Sequence[int], position: int) -> int:
    """Return how many tokens fit from a position on, on a stack without open data."""
    return _reach(parse, states, (), position, 0)


def read_after(parse: Parse, kinds: Sequence[str], position: int) -> int:
    """Return how many tokens fit from a position on, after tokens of these kinds."""
    return _reach(parse, parse.states, kinds, position, data_depth(parse))


def begins_with(parse: Parse, kind: str, start: int) -> bool:
    """Return whether the statement that is being read, from `start` on, reads to its end after a token of this kind."""
    return _reach(parse, parse.states[: parse.brackets[-1].base], (kind,), start, 0) >= LOOK_AHEAD


def find_opening(parse: Parse, start: int, closing: int, kind: str) -> list[Token] | None:
    """Find where an opening bracket lets a statement read as far as its closing bracket, and on from there.

    Args:
        start: where the statement begins.
        closing: the end of the closing bracket.
        kind: the terminal of the opening bracket.

    Returns:
        The tokens of the statement up to the opening bracket, which is the last; None if there is no such place.
    """
    base = len(parse.states) if parse.fresh else parse.brackets[-1].base
    kept, comments = (parse.position, parse.pending, parse.plan), len(parse.comments)
    parse.position, parse.pending, parse.plan = start, [], []
    trial, read, found = parse.try_from(parse.states[:base]), list[Token](), None
    while len(read) < _LONGEST and found is None:
        at = parse.position
        if _closes(parse, trial, closing, kind):
            found = [*read, Token(kind, at, at)]
        parse.position = at
        token = parse.next_token(trial.row)
        if token.end >= closing or not trial.takes(token.kind):
            break
        read.append(token)
        parse.position = token.end
    parse.position, parse.pending, parse.plan = kept
    del parse.comments[comments:]
    return found


def _closes(parse: Parse, before: Trial, closing: int, kind: str) -> bool:
    """Return whether the text up to a closing bracket and the token after it fit, after an opening bracket."""
    trial = parse.try_from(before.states)
    if not trial.takes(kind):
        return False
    for _ in range(_LONGEST):
        token = parse.next_token(trial.row)
        if not trial.takes(token.kind):
            return False
        if parse.position >= closing:
            return True
        parse.position = token.end
    return False


def data_depth(parse: Parse) -> int:
    """Return how many brackets of data are open."""
    return sum(bracket.is_data for bracket in parse.brackets if bracket.token is not None)


def _repairs(parse: Parse, token: Token, may_stay: bool) -> Iterator[Repair]:
    for kinds in _PUT_IN:
        yield Repair(kinds, token.start)
    opening = parse.brackets[-1].token
    if token.kind in CLOSING_KINDS and opening is not None and parse.brackets[-1].is_data:
        yield Repair((CLOSING[opening.kind],), token.end, token)
    if token.kind in SIGNS and not (token.kind in CLOSING and may_stay):
        yield Repair((), token.end, token)
    for kinds in _PUT_IN_NAMES:
        yield Repair(kinds, token.start)
    if token.kind == "_NL":
        yield Repair(("LBRACE",), token.start)
    kind, end = parse.previous_kind, parse.previous_end
    start = end - (2 if kind in ("_ARROW", "_DOTS") else 1)
    if kind in SIGNS and parse.values and parse.values[-1] == (None if kind[0] == "_" else Span(start, end)):
        yield Repair((), token.start, Token(kind, start, end), is_read=True)


def _reach(parse: Parse, states: Sequence[int], kinds: Sequence[str], position: int, depth: int) -> int:
    """Return how many tokens fit from a position on, after those of `kinds`; `ALL` if the statement ends well."""
    trial = parse.try_from(states)
    if not all(trial.takes(kind) for kind in kinds):
        return 0
    was, comments, pending, planned = parse.position, len(parse.comments), parse.pending, parse.planned
    parse.position, parse.pending = position, []
    depth += sum((kind in CLOSING) - (kind in CLOSING_KINDS) for kind in kinds)
    read = 0
    while read < LOOK_AHEAD:
        token = parse.next_token(trial.row)
        if not trial.takes(token.kind):
            break
        read += 1
        parse.position = token.end
        if token.kind in ("_NL", "_SEMICOLON", END) and depth <= 0:
            read = ALL
        if token.kind == "LBRACE" and depth <= 0 and opens_block(parse.text, token.start):
            read = ALL
        depth += (token.kind in CLOSING) - (token.kind in CLOSING_KINDS)
    parse.position, parse.pending, parse.planned = was, pending, planned
    del parse.comments[comments:]
    return read
