"""Read a file again with corrected braces, and report them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax import said
from ncco_lang.syntax.driver import SKIPPED, Parse, Token
from ncco_lang.syntax.lines import indent, line_end, line_start
from ncco_lang.syntax.recovery.brace_plan import Correction, Fault, plan_braces
from ncco_lang.syntax.recovery.budget import Budget
from ncco_lang.syntax.recovery.messages import not_closed
from ncco_lang.syntax.recovery.parser_stack import cut, go_to, start_again, statement_start
from ncco_lang.syntax.recovery.repair_search import find_opening
from ncco_lang.syntax.syntax_rules import leave_out, write

_FIRST = re.compile(r"\w+|\"[^\"\r\n]*\"|\S")
_WORD_FOR_BRACE = re.compile(r"[ \t]*(?::|\bthen|\bdo)\Z")
_BREAKS = re.compile(r"(?:[ \t]*(?://[^\r\n]*)?(?:\r\n?|\n))*[ \t]*")


class Braces:
    """The corrections of one file.

    Attributes:
        opened: an extra closing brace → where its opening brace is missing on the same line.
        unfit: where a planned opening brace does not fit.
        unclosed: an opening brace → where a closing one is inserted for it.
    """

    __slots__ = ("_corrections", "_opened", "unclosed", "unfit")

    def __init__(self, text: str) -> None:
        self._corrections = plan_braces(text)
        self._opened: dict[int, int] = {}
        self.unfit: set[int] = set()
        closings = (each for each in self._corrections if each.fault is Fault.CLOSING_MISSING)
        self.unclosed = {each.opening: each.place for each in closings}

    def read_again(self, parse: Parse) -> bool:
        """Go back to the start of the text with the corrections as the plan; return whether there are any."""
        if self._corrections:
            start_again(parse)
            plan = [_planned(parse.text, each) for each in self._corrections]
            plan += [
                each for token in plan if token.kind == "LBRACE" for each in _word_for_brace(parse.text, token.start)
            ]
            plan += [Token("RBRACE", each.closing, each.closing) for each in self._corrections if each.closing >= 0]
            parse.plan += sorted(plan, key=_in_order)
        return bool(self._corrections)

    def open_before(self, parse: Parse, token: Token, budget: Budget) -> bool:
        """Insert the brace that is missing before an extra one on the line of a token; return whether its place is found.

        The statement is then read again with the brace.
        """
        if parse.planned >= len(parse.plan):
            return False
        planned, here = parse.plan[parse.planned], statement_start(parse)
        start, read = token.start if here is None else here, None
        if planned.kind == SKIPPED and planned.end <= line_end(parse.text, start) and budget.look(planned.end - start):
            read = find_opening(parse, start, planned.end, "LBRACE")
        if read is None:
            return False
        place = read[-1].start
        self._opened[planned.end - 1] = place
        parse.plan[parse.planned] = Token("LBRACE", place, place)
        if here is not None:
            cut(parse)
        go_to(parse, start)
        return True

    def drop(self, parse: Parse, opening: int) -> None:
        """Insert no closing brace for an opening one that recovery leaves out."""
        place = self.unclosed.pop(opening, None)
        if place is None:
            return
        index = bisect_left(parse.plan, place, parse.planned, key=attrgetter("start"))
        while parse.plan[index].kind != "RBRACE":
            index += 1
        parse.plan[index] = Token(SKIPPED, place, place)

    def findings(self, source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
        """Return the findings about braces; without fixes beside other findings, after whose fixes they may be others."""
        return [replace(each, fix=None) if found else each for each in self._findings(source, found)]

    def _findings(self, source: Source, found: list[Diagnostic]) -> Iterator[Diagnostic]:
        """Yield the findings about braces; for an extra brace only if it is the first finding on its line."""
        lines = {line_start(source.text, each.span.start) for each in found}
        for each in self._corrections:
            line, opening = line_start(source.text, each.place), self._opened.get(each.place)
            if opening is not None:
                yield _wrong_brace(source, Correction(Fault.OPENING_MISSING, opening, -1, -1))
            elif (each.fault is Fault.OPENING_MISSING and each.place not in self.unfit) or (
                each.fault is Fault.CLOSING_MISSING and each.opening in self.unclosed
            ):
                yield _wrong_brace(source, each)
            elif each.fault in (Fault.OPENING_EXTRA, Fault.CLOSING_EXTRA) and line not in lines:
                lines.add(line)
                yield _wrong_brace(source, each)


def _in_order(token: Token) -> tuple[int, bool]:
    return token.start, token.kind != SKIPPED


def _word_for_brace(text: str, place: int) -> list[Token]:
    """Return the sign or word with which another language begins a block, to skip it: `if x == 1:`, `if x == 1 then`."""
    found = _WORD_FOR_BRACE.search(text, max(line_start(text, place), place - 40), place)
    return [] if found is None else [Token(SKIPPED, *found.span())]


def _planned(text: str, each: Correction) -> Token:
    if each.fault is Fault.OPENING_MISSING:
        return Token("LBRACE", each.place, each.place)
    if each.fault is Fault.CLOSING_MISSING:
        return Token("RBRACE", each.place, each.place)
    begin = line_start(text, each.place)
    before = len(text[begin : each.place].rstrip(" \t"))
    if before:
        return Token(SKIPPED, begin + before, each.place + 1)
    rest = _BREAKS.match(text, each.place + 1)
    return Token(SKIPPED, each.place, each.place + 1 if rest is None else rest.end())


def _wrong_brace(source: Source, each: Correction) -> Diagnostic:
    """Return the finding for a brace that is missing or extra, and not only by its place in the line."""
    at, text = Span(each.place, each.place), source.text
    if each.fault is Fault.CLOSING_MISSING:
        return not_closed(source, each.opening, each.before, each.place)
    if each.fault is Fault.OPENING_MISSING:
        word = next(iter(_word_for_brace(text, each.place)), None)
        at = at if word is None else word.span
        fix = write(at, " {", "put { in", unsafe=True)
        if each.closing >= 0:
            closing = Edit(Span(each.closing, each.closing), "\n" + " " * indent(text, each.place) + "}")
            fix = Fix("put { } around the block", (*fix.edits, closing), unsafe=True)
        if each.before < 0:
            return said.misread(source, at, said.BRACE_MISSING, fix=fix)
        first = _FIRST.match(text, each.before)
        span = Span(each.before, each.before + 1) if first is None else Span(*first.span())
        header = Span(line_start(text, each.place) + indent(text, each.place), each.place)
        return said.misread(source, span, said.BLOCK_WITHOUT_BRACE, also=(header,), fix=fix)
    span = Span(each.place, each.place + 1)
    what = "closes" if each.fault is Fault.CLOSING_EXTRA else "opens"
    brace = said.STRAY_BRACE if each.opening < 0 else said.EXTRA_BRACE
    return said.misread(source, span, brace, written=text[each.place], instead=what, fix=leave_out(span))
