"""Change the stacks of a run for recovery: forget a value or a statement, and find where one begins."""

from __future__ import annotations

import re

from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.driver import BEFORE_DATA, Bracket, Parse, Token
from ncco_lang.syntax.lexicon import END

_NAMED = re.compile(r"(?:param|arg|let)\b")
_ENDINGS: tuple[tuple[str, ...], ...] = ((), ("NAME",), ("_COLON", "NAME"), ("_EQUAL", "NAME"))


def zero(position: int, *kinds: str) -> tuple[Token, ...]:
    """Return tokens of no characters at a position."""
    return tuple(Token(kind, position, position) for kind in kinds)


def go_to(parse: Parse, position: int) -> None:
    """Read on from a position; tokens that are inserted get this position too."""
    parse.position = parse.previous_end = position


def begin(parse: Parse, bracket: Bracket) -> int | None:
    """Return where the last statement in a bracket begins; None if nothing of it has been read, or only a sign."""
    part = parse.values[bracket.base - 1] if bracket.base <= len(parse.values) else None
    while isinstance(part, list) and part:
        part = part[0]
    if isinstance(part, tuple):
        return int(part[0])
    return part.span.start if isinstance(part, ast.Node) else None


def statement_start(parse: Parse) -> int | None:
    """Return where the statement begins that is being read; None if nothing of it has been read."""
    return None if parse.fresh else begin(parse, parse.brackets[-1])


def open_data(parse: Parse) -> list[Token]:
    """Return the opening brackets of the data that are open, innermost first."""
    found = []
    for bracket in reversed(parse.brackets):
        if bracket.token is None or not bracket.is_data:
            break
        found.append(bracket.token)
    return found


def place_of(parse: Parse, opening: Token) -> int:
    """Return the index of an open bracket on the stack of values."""
    at = len(parse.values) - 1
    while parse.values[at] != Span(opening.start, opening.end):
        at -= 1
    return at


def drop_from(parse: Parse, opening: Token) -> None:
    """Forget what has been read from an open bracket on."""
    at = place_of(parse, opening)
    del parse.values[at:]
    del parse.states[at + 1 :]
    while parse.brackets.pop().token != opening:
        pass
    # The statement around it goes on, unless it begins with that bracket.
    parse.fresh = len(parse.values) < parse.brackets[-1].base


def cut(parse: Parse) -> None:
    """Forget the statement that is being read in the innermost bracket."""
    base = parse.brackets[-1].base
    del parse.states[base:]
    del parse.values[base - 1 :]
    parse.fresh = True


def start_anew(parse: Parse) -> None:
    """Go back to where a statement can begin: forget the one being read, and those around it if necessary."""
    while not parse.fits(["NAME"]) or not parse.fresh:
        if not parse.fresh:
            cut(parse)
        elif len(parse.brackets) > 1:
            parse.brackets.pop()
            cut(parse)
        else:
            parse.states.pop()
            parse.values.pop()


def start_again(parse: Parse) -> None:
    """Go back to the start of the text, as if nothing had been read."""
    del parse.states[1:], parse.brackets[1:]
    parse.values.clear()
    parse.comments.clear()
    parse.brackets[0].base = 1
    parse.position = parse.previous_end = 0
    parse.previous_kind = END
    parse.fresh = True


def cut_file(parse: Parse) -> None:
    """Forget the statement of the file that is being read, with everything in it."""
    parse.pending.clear()
    if len(parse.brackets) > 1 or not parse.fresh:
        del parse.brackets[1:]
        cut(parse)


def cut_to_end(parse: Parse) -> None:
    """Forget no more than is necessary for the file to end here."""
    del parse.brackets[1:]
    while not parse.fits([END]):
        parse.states.pop()
        parse.values.pop()


def unread(parse: Parse, start: int) -> None:
    """Replace the value that was read last by a missing one, if it begins at `start`."""
    top = parse.values[-1] if parse.values else None
    if isinstance(top, ast.Option) and top.value.span.start == start:
        parse.values[-1] = ast.Option(top.span, top.name, ast.Missing(top.value.span))
    elif isinstance(top, (ast.Number, ast.Name)) and top.span.start == start:
        parse.values[-1] = ast.Missing(top.span)


def ending_of(parse: Parse) -> tuple[str, ...] | None:
    """Return the tokens that end the statement as far as it has been read; None if it cannot stay.

    A `param` or a `let` stays for its name, a statement that ends with its block is complete, and of one that begins on
    an earlier line most has been read.
    """
    start = statement_start(parse)
    if start is None:
        return None
    is_long = "\n" in parse.text[start : parse.previous_end]
    if not (is_long or _NAMED.match(parse.text, start) or parse.previous_kind == "RBRACE"):
        return None
    return next((kinds for kinds in _ENDINGS if parse.fits([*kinds, "_NL"])), None)


def before_block(parse: Parse) -> tuple[str, ...] | None:
    """Return the tokens before a block that make it part of what has been read; None if it cannot be."""
    choices = (("NAME",), ()) if parse.previous_kind in BEFORE_DATA else ((), ("NAME",), ("_COLON", "NAME"))
    return next((kinds for kinds in choices if parse.fits([*kinds, "LBRACE"])), None)
