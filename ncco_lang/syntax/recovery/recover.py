"""Recover at a token that does not fit: make one finding, and the smallest change after which reading goes on.

At the first such token, the braces of the file are compared with its indent, and it is read again with corrected braces
(`braces`). After that the changes are tried in this order: a brace of a block that was read as one of an object, a known
mistake (`mistakes/`), a bracket that is not closed, a token inserted or left out (`repair_search`), a value given up, and last
the statement: the stacks go back to where it begins, and reading goes on after its end. So one mistake costs at most one
statement. `budget` bounds what all of this may try.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.syntax import said
from ncco_lang.syntax.brackets import CLOSING, CLOSING_KINDS
from ncco_lang.syntax.depth import DEEPEST_BLOCK, DEEPEST_DATA
from ncco_lang.syntax.driver import SKIPPED, Parse, Token
from ncco_lang.syntax.lexicon import END
from ncco_lang.syntax.lines import begins_line, indent, line_end, line_start
from ncco_lang.syntax.recovery.budget import ALL, ENOUGH, LOOK_AHEAD, MOST_FINDINGS, Budget
from ncco_lang.syntax.recovery.messages import no_value, not_closed, not_closed_data, too_many, unexpected
from ncco_lang.syntax.recovery.parser_stack import (
    before_block,
    cut,
    cut_file,
    cut_to_end,
    drop_from,
    ending_of,
    go_to,
    open_data,
    place_of,
    start_anew,
    unread,
    zero,
)
from ncco_lang.syntax.recovery.repair_search import find_repair, reach, read_after
from ncco_lang.syntax.recovery.unclosed_brackets import Closers, opens_block
from ncco_lang.syntax.syntax_rules import UNCLOSED_TEXT
from ncco_lang.syntax.tree_builder import Builder

if TYPE_CHECKING:
    from ncco_lang.syntax.recovery.braces import Braces
    from ncco_lang.syntax.recovery.mistakes.mistake import Mistake

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
_BEGINNING = re.compile(r"\s*" + _DECLARATION.pattern, re.VERBOSE)
_OPTION = re.compile(r"[A-Za-z_][\w-]*[ \t]*:")
_ENDS = re.compile(r"[ \t]*(?://|[\r\n;]|$)")


class Recoverer:
    """Makes the findings about the syntax of one file.

    Attributes:
        found: the findings.
        quiet_until: what does not fit before this position only follows from an earlier finding.
        braces: the braces that are missing or extra; None before the first token that does not fit.
        loose: where blocks without braces begin.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.source = builder.source
        self.found: list[Diagnostic] = []
        self.quiet_until = -1
        self.braces: Braces | None = None
        self.loose: set[int] = set()
        self.budget = Budget(builder.text)
        self.closers = Closers(builder.text, self.budget)

    # ── What the driver calls ─────────────────────────────────────────────────────────────────────────

    def opened(self, parse: Parse) -> None:
        """Check how deep brackets nest; at a deeper one, stop reading the file."""
        brackets = parse.brackets
        if len(brackets) <= DEEPEST_BLOCK:
            return
        token = brackets[-1].token
        assert token is not None
        data = sum(bracket.is_data for bracket in brackets)
        if data > DEEPEST_DATA:
            deep, most = said.NESTED_DATA, DEEPEST_DATA
        elif len(brackets) - 1 - data > DEEPEST_BLOCK:
            deep, most = said.NESTED_BLOCKS, DEEPEST_BLOCK
        else:
            return
        self.found.append(said.misread(self.source, token.span, deep, written=str(most)))
        _stop(parse)

    def began_line(self, parse: Parse, position: int) -> None:
        """Close the blocks in which a declaration begins that is indented no deeper than they are."""
        bracket = parse.brackets[-1]
        if bracket.token is None or bracket.is_data or _DECLARATION.match(parse.text, position) is None:
            return
        if parse.planned < len(parse.plan) and parse.plan[parse.planned].start <= position:
            return  # the plan closes it
        here = indent(parse.text, position)
        unclosed = [each.token for each in parse.brackets if each.token is not None]
        if all(indent(parse.text, token.start) >= here for token in unclosed) and not self._read_again(parse):
            self._report_unclosed(unclosed[-1], position)
            parse.pending += zero(position, *(CLOSING[token.kind] for token in reversed(unclosed)), "_NL")

    def recover(self, parse: Parse, token: Token) -> None:
        """Make a finding about a token that does not fit, and change the run so that it can go on."""
        parse.pending.clear()
        if self._read_again(parse):
            return
        if token.kind == END and parse.planned < len(parse.plan):
            parse.position = parse.end
            return
        if token.start == token.end and token.kind in ("LBRACE", "RBRACE"):
            # The plan inserts this brace. A closing one is inserted again when the statement before it is complete.
            if token.kind == "LBRACE":
                if self.braces is not None:
                    self.braces.unfit.add(token.start)
                return
            parse.planned -= 1
            token = Token("_NL", token.start, token.start)
        place = self.budget.try_at(token.start, len(self.found))
        if place is None:
            _stop(parse)
        elif place == token.start:
            self._change(parse, token)
        elif token.kind == END:
            cut_to_end(parse)
        else:
            parse.position = max(parse.position, token.end, place)
            self._give_up_statement(parse)

    def findings(self) -> list[Diagnostic]:
        """Return the findings about literals, tokens and braces, without those that follow from a quote left open."""
        text = self.builder.text
        unclosed = {line_start(text, each.span.start) for each in self.found if each.rule is UNCLOSED_TEXT}
        literals = [each for each in self.builder.diagnostics if line_start(text, each.span.start) not in unclosed]
        braces = [] if self.braces is None else self.braces.findings(self.source, self.found)
        return [*literals, *[*self.found, *braces][:MOST_FINDINGS]]

    # ── How to go on ──────────────────────────────────────────────────────────────────────────────────

    def _change(self, parse: Parse, token: Token) -> None:
        # Compiling the patterns of the known mistakes takes time.
        from ncco_lang.syntax.recovery.mistakes.find import find_mistake
        from ncco_lang.syntax.recovery.mistakes.mistake import Misfit

        if self._correct_brace(parse, token) or self._reopen(parse, token):
            return
        mistake = find_mistake(Misfit(parse, self.builder, token, self.closers))
        if mistake is not None:
            self._follow(parse, mistake)
        elif token.kind == END:
            self._end(parse, token)
        elif not self._close_data(parse, token):
            self._repair(parse, token)

    def _read_again(self, parse: Parse) -> bool:
        """Begin to read the file again with corrected braces, at the first call; return whether it is read again."""
        from ncco_lang.syntax.recovery.braces import Braces  # most files have no error

        is_first, self.braces = self.braces is None, self.braces or Braces(parse.text)
        if not is_first or not self.braces.read_again(parse):
            return False
        self.builder.diagnostics.clear()
        self.builder.unclosed.clear()
        return True

    def _follow(self, parse: Parse, mistake: Mistake) -> None:
        """Go on as if the author had written what they meant."""
        quiet = max(mistake.position, mistake.quiet)
        if mistake.diagnostic is None:
            self.quiet_until = max(self.quiet_until, quiet)
        else:
            self._report(mistake.diagnostic, mistake.diagnostic.span.start, quiet)
        if mistake.unread is not None:
            unread(parse, mistake.unread)
        if mistake.is_whole and (data := open_data(parse)):
            drop_from(parse, data[-1])
        if mistake.cuts or (mistake.is_whole and not parse.fresh):
            cut(parse)
        if any(token.kind == "LBRACE" for token in mistake.tokens):
            self.loose.add(mistake.position)
        if mistake.closes is not None:
            parse.plan[parse.planned : parse.planned] = zero(mistake.closes, "RBRACE", "_NL")
        go_to(parse, mistake.position)
        if mistake.skips is not None:
            parse.plan.insert(parse.planned, Token(SKIPPED, mistake.position, mistake.skips))
        if parse.fits([token.kind for token in mistake.tokens]):
            parse.pending += mistake.tokens
        else:
            self._give_up(parse)

    def _repair(self, parse: Parse, token: Token) -> None:
        """Insert a token, leave one out, or give up what is being read."""
        data = open_data(parse)
        is_closed = bool(data) and (self.closers.find(data[-1].start) or 0) > token.end
        closing = self.closers.find(token.start) if token.kind in CLOSING else None
        may_stay = closing is not None and closing <= line_end(parse.text, token.start)
        may_go = token.kind != "_NL" or _BEGINNING.match(parse.text, token.end) is None
        repair = find_repair(parse, token, may_close=not is_closed, may_stay=may_stay, may_go=may_go)
        found = unexpected(self.source, parse, token, repair)
        self._report(found, token.start, line_end(parse.text, token.start))
        if repair is None:
            self._give_up(parse)
            return
        at = parse.previous_end if repair.too_many is None else repair.position
        if repair.too_many is not None and repair.too_many.kind == "LBRACE" and self.braces is not None:
            self.braces.drop(parse, repair.too_many.start)
        if repair.is_read:
            if parse.brackets[-1].token == repair.too_many:
                parse.brackets.pop()
                parse.fresh = False
            parse.states.pop()
            parse.values.pop()
        go_to(parse, repair.position)
        parse.pending += zero(at, *repair.kinds)

    def _correct_brace(self, parse: Parse, token: Token) -> bool:
        """Insert a brace that is missing on the line of a token, or leave out one that is not closed on it."""
        braces = self.braces
        if braces is None or braces.open_before(parse, token, self.budget):
            return braces is not None
        opening = token if token.start in braces.unclosed else parse.brackets[-1].token
        if opening is None or opening.start not in braces.unclosed or line_end(parse.text, opening.start) < token.start:
            return False
        if opening != token:
            if reach(parse, parse.states[: place_of(parse, opening) + 1], opening.end) < LOOK_AHEAD:
                return False
            drop_from(parse, opening)
        braces.drop(parse, opening.start)
        self._report(too_many(self.source, opening), opening.start, opening.end)
        go_to(parse, opening.end)
        return True

    def _reopen(self, parse: Parse, token: Token) -> bool:
        """Read a brace as that of a block if it was read as that of an object; return whether a statement shows it.

        Then a value or a closing bracket is missing before the brace.
        """
        text, opening = parse.text, parse.brackets[-1].token
        if (
            opening is None
            or opening.end == opening.start
            or token.kind in ("STRING", "RBRACE")
            or parse.fits(["NAME"])
        ):
            return False
        place, is_short = place_of(parse, opening), not opens_block(text, opening.start)
        if len(parse.values) > place + 2 - is_short or (is_short and parse.brackets[-1].is_data):
            return False
        line = () if is_short else ("_NL",)
        end = self.closers.find(opening.start)
        outer = [each.token for each in parse.brackets[:-1] if each.token is not None and each.is_data]
        is_whole = not outer or self.closers.find(outer[0].start) is not None
        if is_whole and _OPTION.match(text, token.start) and "->" not in text[opening.end : end or opening.end]:
            return False  # the author means an object
        closers = [CLOSING[each.kind] for each in reversed(outer)]
        trials = ((kinds, parse.try_from(parse.states[: place + 1])) for kinds in (closers, ["NAME", *closers]))
        fitting = (kinds for kinds, trial in trials if all(map(trial.takes, [*kinds, "LBRACE", *line, "NAME"])))
        kinds = next(fitting, None)
        if kinds is None:
            return False
        begin = line_start(text, opening.start)
        at = begin + len(text[begin : opening.start].rstrip())
        found = (
            no_value(self.source, opening) if kinds != closers else not_closed_data(self.source, outer[0], kinds, at)
        )
        self._report(found, opening.start, token.start)
        drop_from(parse, opening)
        go_to(parse, opening.start)
        parse.pending += zero(at, *kinds)
        return True

    def _close_data(self, parse: Parse, token: Token) -> bool:
        """Go on without a list or an object that is never closed; return whether there is one."""
        data = open_data(parse)
        opening = next((each for each in reversed(data) if self.closers.find(each.start) is None), None)
        if opening is None:
            return False
        closers, here, at = [CLOSING[each.kind] for each in data], token.start, parse.previous_end
        if token.kind in CLOSING_KINDS and read_after(parse, closers[:1], token.end) >= ALL:
            return False  # it is of the wrong kind only
        line = ("_NL",) if begins_line(parse.text, here) else ()
        if (line or token.kind == "_NL") and parse.fits([*closers, *line, token.kind]):
            self._report(not_closed_data(self.source, data[0], closers, at), here, here)
            parse.pending += zero(at, *closers, *line)
            return True
        if read_after(parse, closers, here) >= ALL:
            self._report(not_closed_data(self.source, data[0], closers, at), here, here)
            parse.pending += zero(at, *closers)
            return True
        before = parse.states[: place_of(parse, opening) + 1]
        if reach(parse, before, opening.end) >= ENOUGH:
            self._report(too_many(self.source, opening), here, here)
            drop_from(parse, opening)
            go_to(parse, opening.end)
            return True
        self._report(not_closed_data(self.source, opening, [], None), here, line_end(parse.text, opening.end))
        drop_from(parse, opening)
        if len(data) > 1 and open_data(parse):
            self._give_up(parse)
            return True
        end = line_end(parse.text, opening.end)
        brace = parse.text.rfind("{", opening.end, end)
        is_block = brace >= 0 and opens_block(parse.text, brace)
        go_to(parse, brace if is_block else end)
        kinds = before_block(parse) if is_block else ("NAME",) if parse.fits(["NAME"]) else None
        if kinds is None:
            self._give_up_statement(parse)
        else:
            parse.pending += zero(parse.position, *kinds)
        return True

    def _end(self, parse: Parse, token: Token) -> None:
        """Close what is open where the text ends, and forget a statement that is not complete."""
        opened = [each.token for each in parse.brackets if each.token is not None]
        if opened:
            self._report_unclosed(opened[-1], token.start)
        else:
            self._report(unexpected(self.source, parse, token, None), token.start, token.start)
        data = open_data(parse)
        if data:
            drop_from(parse, data[-1])
        closer = "RBRACE" if len(parse.brackets) > 1 else END
        ending = next((kinds for kinds in ((), ("NAME",)) if parse.fits([*kinds, "_NL", closer])), None)
        if ending is None:
            start_anew(parse)
        parse.pending[:] = zero(token.start, *(ending or ()), "_NL", *(["RBRACE"] if len(parse.brackets) > 1 else []))

    def _report_unclosed(self, token: Token, position: int) -> None:
        """Report a brace that is not closed before a position, unless recovery inserted it."""
        if token.end > token.start:
            self.found.append(not_closed(self.source, token.start, position, position))

    def _give_up(self, parse: Parse) -> None:
        """Give up the value that is being read if that is enough, else the statement."""
        data = open_data(parse)
        end = self.closers.find(data[-1].start) if data else None
        if end is not None and end > parse.position:
            drop_from(parse, data[-1])
            go_to(parse, end)
            kinds = ("NAME",) if parse.fits(["NAME"]) else ()
            if kinds or read_after(parse, (), end):
                self.quiet_until = max(self.quiet_until, end)
                parse.pending += zero(end, *kinds)
                return
        self._give_up_statement(parse)

    def _give_up_statement(self, parse: Parse) -> None:
        """Forget the statement that is being read, and go on after its end with a statement without a verb in its place."""
        data = open_data(parse)
        if data:
            drop_from(parse, data[-1])
        begun = parse.position
        end = self.closers.end_of_statement(begun, parse.end, in_block=len(parse.brackets) > 1)
        if opens_block(parse.text, end):
            kinds = before_block(parse)
        else:
            kinds = ending_of(parse)
        if kinds is None:
            start_anew(parse)
            kinds = ("NAME",)
        is_end = _ENDS.match(parse.text, end) or (parse.text.startswith("}", end) and len(parse.brackets) > 1)
        if end == begun and not is_end and not opens_block(parse.text, end):
            end = begun + 1
        self.quiet_until = max(self.quiet_until, end)
        go_to(parse, end)
        parse.pending += zero(end, *kinds)

    def _report(self, found: Diagnostic, position: int, until: int) -> None:
        """Keep a finding, unless it only follows from an earlier one."""
        if position >= self.quiet_until:
            self.found.append(found)
            self.quiet_until = max(until, found.span.end, position + 1)


def _stop(parse: Parse) -> None:
    """Give up the rest of the file."""
    cut_file(parse)
    parse.position = parse.end
