"""Read a file again with corrected braces, and report them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Source
from ncco_lang.syntax.driver import SKIPPED, Parse, Token
from ncco_lang.syntax.lines import line_end, line_start
from ncco_lang.syntax.recovery.brace_plan import Correction, Fault, plan_braces
from ncco_lang.syntax.recovery.budget import Budget
from ncco_lang.syntax.recovery.messages import wrong_brace
from ncco_lang.syntax.recovery.parser_stack import cut, go_to, start_again, statement_start
from ncco_lang.syntax.recovery.repair_search import find_opening

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
            plan += [Token("RBRACE", each.closing, each.closing) for each in self._corrections if each.closing >= 0]
            parse.plan += sorted(plan, key=attrgetter("start"))
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
                yield wrong_brace(source, Correction(Fault.OPENING_MISSING, opening, -1, -1))
            elif (each.fault is Fault.OPENING_MISSING and each.place not in self.unfit) or (
                each.fault is Fault.CLOSING_MISSING and each.opening in self.unclosed
            ):
                yield wrong_brace(source, each)
            elif each.fault in (Fault.OPENING_EXTRA, Fault.CLOSING_EXTRA) and line not in lines:
                lines.add(line)
                yield wrong_brace(source, each)


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
