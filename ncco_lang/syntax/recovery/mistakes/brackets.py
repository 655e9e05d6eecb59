"""A bracket that closes without one that opens, on one line."""

from __future__ import annotations

from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.brackets import CLOSED_BY, CLOSING, CLOSING_SIGNS, KINDS
from ncco_lang.syntax.lines import line_end, line_start
from ncco_lang.syntax.recovery.mistakes.mistake import Misfit, Mistake
from ncco_lang.syntax.recovery.repair_search import find_opening
from ncco_lang.syntax.recovery.unclosed_brackets import parts
from ncco_lang.syntax.syntax_rules import write

_OPENING = {closing: opening for opening, closing in CLOSED_BY.items()}


def find_missing_opening(at: Misfit) -> Mistake | None:
    """`step book slot: text) {`, `let towns = "Ede", "Epe"]`: find where the opening bracket is missing."""
    start = at.start if at.statement is None else at.statement
    if line_end(at.text, start) < at.start or not at.closers.budget.look(at.line_end - start):
        return None
    closing = _unopened(at.text, line_start(at.text, start), at.line_end)
    around = at.bracket.token
    if closing is None or closing < start or (around is not None and KINDS[at.text[closing]] == CLOSING[around.kind]):
        return None
    opening = _OPENING[at.text[closing]]
    read = find_opening(at.parse, start, closing + 1, KINDS[opening])
    if read is None:
        return None
    place = read[-1].start
    written = f" {opening}" if opening != "(" and at.text[place - 1] not in "([" else opening
    fix = write(Span(place, place), written, f"put {opening} in", unsafe=True)
    what, cuts = said.BRACE_MISSING if opening == "{" else said.BRACKET_MISSING, not at.parse.fresh
    return at.mistake(Span(place, place), what, *read, to=place, instead=opening, fix=fix, cuts=cuts)


def _unopened(text: str, start: int, end: int) -> int | None:
    """Return the first bracket of a line that closes none; None if it is of the wrong kind only."""
    opened: list[str] = []
    for place, part, _, _ in parts(text, start, end):
        if part in CLOSED_BY:
            opened.append(CLOSED_BY[part])
        elif part in CLOSING_SIGNS and opened and opened[-1] == part:
            opened.pop()
        elif part in CLOSING_SIGNS:
            return None if opened and opened[-1] not in text[place:end] else place
    return None
