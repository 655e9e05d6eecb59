"""Recover at a token that does not fit: make one finding, and the smallest change after which reading goes on.

The changes are tried in this order: a known mistake (`mistakes/`), a bracket that is not closed, a token inserted or left
out (`repair_search`), a value given up, and last the statement: the stacks go back to where it begins, and reading goes on
after its end. A missing brace shows only later; then the statement is read again, with the brace where the indent says it
belongs. So one mistake costs at most one statement. `budget` bounds what all of this may try.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.syntax.brackets import CLOSED_BY, CLOSING, CLOSING_KINDS, KINDS
from ncco_lang.syntax.depth import DEEPEST_BLOCK, DEEPEST_DATA
from ncco_lang.syntax.driver import BEFORE_DATA, Parse, Token
from ncco_lang.syntax.lexicon import END
from ncco_lang.syntax.lines import begins_line, indent, line_end
from ncco_lang.syntax.recovery.budget import ALL, ENOUGH, MOST_FINDINGS, Budget
from ncco_lang.syntax.recovery.messages import not_closed, not_closed_data, too_many, unexpected
from ncco_lang.syntax.recovery.parser_stack import (
    begin,
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
from ncco_lang.syntax.recovery.unclosed_brackets import Closers, Unclosed, find_unclosed
from ncco_lang.syntax.skip_patterns import COMMENT, SKIPPED_TO_QUOTE
from ncco_lang.syntax.syntax_rules import TOO_DEEP, finding
from ncco_lang.syntax.tree_builder import Builder

if TYPE_CHECKING:
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
_SKIP = re.compile(SKIPPED_TO_QUOTE + r'|[{}\[\]();]|\r\n?|\n|[^"/{}\[\]();\r\n]+|.')
_BLOCK = re.compile(rf"\{{[ \t]*(?:{COMMENT})?[\r\n]" r'(?!\s*"[^"\r\n]*"[ \t]*:)')
_ENDS = re.compile(r"[ \t]*(?://|[\r\n;]|$)")


class Recoverer:
    """Makes the findings about the syntax of one file.

    Attributes:
        found: the findings.
        quiet_until: what does not fit before this position only follows from an earlier finding.
        closings: closers to insert before a line, found when the statement was read the first time.
        loose: where blocks without braces begin.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.source = builder.source
        self.found: list[Diagnostic] = []
        self.quiet_until = -1
        self.closings: dict[int, list[str]] = {}
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
            message, hint = f"nested deeper than {DEEPEST_DATA}", "take a part of it out"
        elif len(brackets) - 1 - data > DEEPEST_BLOCK:
            message, hint = f"blocks nested deeper than {DEEPEST_BLOCK}", "make a step of what is inside"
        else:
            return
        self.found.append(finding(TOO_DEEP, self.source, token.span, message, hint=hint))
        _stop(parse)

    def began_line(self, parse: Parse, position: int) -> None:
        """Close what is known to end here, and a block in which a declaration begins that is indented no deeper."""
        if position in self.closings:
            for kind in self.closings.pop(position):
                parse.pending += zero(position, kind, "_NL")
            return
        bracket = parse.brackets[-1]
        if bracket.token is None or bracket.is_data or _DECLARATION.match(parse.text, position) is None:
            return
        here = indent(parse.text, position)
        unclosed = [each.token for each in parse.brackets if each.token is not None]
        if all(indent(parse.text, token.start) >= here for token in unclosed):
            self._close(parse, unclosed, position)

    def recover(self, parse: Parse, token: Token) -> None:
        """Make a finding about a token that does not fit, and change the run so that it can go on."""
        parse.pending.clear()
        if token.kind == END and token.start in self.closings:
            self.began_line(parse, token.start)
            return
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

    # ── How to go on ──────────────────────────────────────────────────────────────────────────────────

    def _change(self, parse: Parse, token: Token) -> None:
        # Most files have no mistake, and compiling the patterns of the known mistakes takes time.
        from ncco_lang.syntax.recovery.mistakes.find import find_mistake
        from ncco_lang.syntax.recovery.mistakes.mistake import Misfit

        mistake = find_mistake(Misfit(parse, self.builder, token, self.closers))
        if mistake is not None:
            self._follow(parse, mistake)
        elif token.kind == END:
            self._end(parse, token)
        elif not self._close_data(parse, token):
            self._repair(parse, token)

    def _follow(self, parse: Parse, mistake: Mistake) -> None:
        """Go on as if the author had written what they meant."""
        self._report(mistake.diagnostic, mistake.diagnostic.span.start, max(mistake.position, mistake.quiet))
        if mistake.unread is not None:
            unread(parse, mistake.unread)
        if mistake.cuts:
            cut(parse)
        if any(token.kind == "LBRACE" for token in mistake.tokens):
            self.loose.add(mistake.position)
        if mistake.closes is not None:
            self.closings.setdefault(mistake.closes, []).append("RBRACE")
        go_to(parse, mistake.position)
        if parse.fits([token.kind for token in mistake.tokens]):
            parse.pending += mistake.tokens
        else:
            self._give_up(parse)

    def _repair(self, parse: Parse, token: Token) -> None:
        """Insert a token, leave one out, or give up what is being read."""
        data = open_data(parse)
        is_closed = bool(data) and (self.closers.find(data[-1].start) or 0) > token.end
        repair = find_repair(parse, token, may_close=not is_closed)
        found = unexpected(self.source, parse, token, repair)
        self._report(found, token.start, line_end(parse.text, token.start))
        if repair is None:
            self._give_up(parse)
            return
        at = parse.previous_end if repair.too_many is None else repair.position
        if repair.is_read:
            if parse.brackets[-1].token == repair.too_many:
                parse.brackets.pop()
                parse.fresh = False
            parse.states.pop()
            parse.values.pop()
        go_to(parse, repair.position)
        parse.pending += zero(at, *repair.kinds)

    def _close_data(self, parse: Parse, token: Token) -> bool:
        """Go on without a list or an object that is never closed; return whether there is one."""
        data = open_data(parse)
        opening = next((each for each in reversed(data) if self.closers.find(each.start) is None), None)
        if opening is None:
            return False
        closers = [CLOSING[each.kind] for each in data]
        here, at = token.start, parse.previous_end
        if token.kind in CLOSING_KINDS and read_after(parse, closers[:1], token.end) >= ALL:
            return False  # it is of the wrong kind only
        line = ("_NL",) if begins_line(parse.text, here) else ()
        if (line or token.kind == "_NL") and parse.fits([*closers, *line, token.kind]):
            self._report(not_closed_data(self.source, data[0], closers, at), here, here)
            parse.pending += zero(at, *closers, *line)
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
        go_to(parse, line_end(parse.text, opening.end))
        if parse.fits(["NAME"]):
            parse.pending += zero(parse.position, "NAME")
        else:
            self._give_up_statement(parse)
        return True

    def _end(self, parse: Parse, token: Token) -> None:
        """Close what is open where the text ends, and forget a statement that is not complete."""
        opened = [each.token for each in parse.brackets if each.token is not None]
        if not opened:
            self._report(unexpected(self.source, parse, token, None), token.start, token.start)
        elif self._close(parse, opened, token.start):
            return
        data = open_data(parse)
        if data:
            drop_from(parse, data[-1])
        closer = "RBRACE" if len(parse.brackets) > 1 else END
        ending = next((kinds for kinds in ((), ("NAME",)) if parse.fits([*kinds, "_NL", closer])), None)
        if ending is None:
            start_anew(parse)
        parse.pending[:] = zero(token.start, *(ending or ()), "_NL", *(["RBRACE"] if len(parse.brackets) > 1 else []))

    def _close(self, parse: Parse, unclosed: list[Token], position: int) -> bool:
        """Close brackets where the indent says that they end; return whether the statement is read again."""
        if len(self.found) >= MOST_FINDINGS:
            _stop(parse)
            return True
        text, start = parse.text, begin(parse, parse.brackets[0]) or 0
        if self.budget.read_again(start):
            missing = find_unclosed(text, start, position)
            known = [Unclosed(token.start, position) for token in unclosed[-1:] if token.end > token.start]
            found = [not_closed(self.source, each) for each in missing or known]
            if missing and any(each.before < position for each in missing):
                self._forget(parse, start)
                self.found += found
                for each in missing:
                    if each.before < position:
                        self.closings.setdefault(each.before, []).append(CLOSING[KINDS[text[each.opening]]])
                return True
            self.found += found
        if position < len(text):
            parse.pending += zero(position, *(CLOSING[token.kind] for token in reversed(unclosed)), "_NL")
        return False

    def _forget(self, parse: Parse, start: int) -> None:
        """Go back to where a statement of the file begins, as if it had not been read."""
        for findings in (self.builder.diagnostics, self.found):
            while findings and findings[-1].span.start >= start:
                findings.pop()
        while parse.comments and parse.comments[-1].start >= start:
            parse.comments.pop()
        del parse.brackets[1:]
        cut(parse)
        go_to(parse, start)
        self.quiet_until = start - 1
        self.budget.go_back(start)

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
        end = self._end_of_statement(parse, begun)
        if _opens_block(parse.text, end):
            kinds = _before_block(parse)
        else:
            kinds = ending_of(parse)
        if kinds is None:
            start_anew(parse)
            kinds = ("NAME",)
        is_end = _ENDS.match(parse.text, end) or (parse.text.startswith("}", end) and len(parse.brackets) > 1)
        if end == begun and not is_end and not _opens_block(parse.text, end):
            end = begun + 1
        self.quiet_until = max(self.quiet_until, end)
        go_to(parse, end)
        parse.pending += zero(end, *kinds)

    def _end_of_statement(self, parse: Parse, start: int) -> int:
        """Return where the statement ends that goes on at `start`, with the brackets that open on that line."""
        text, position, is_clear = parse.text, start, True
        while position < parse.end:
            found = _SKIP.match(text, position, parse.end)
            assert found is not None
            first = found[0][0]
            if first in "\r\n;" or (first == "}" and len(parse.brackets) > 1) or _opens_block(text, position):
                break
            closer = self.closers.find(position) if first in CLOSED_BY and is_clear else None
            # After a bracket that is not closed, the others of the line are not a guide either.
            is_clear = is_clear and (first not in CLOSED_BY or closer is not None)
            position = found.end() if closer is None else closer
        return position

    def _report(self, found: Diagnostic, position: int, until: int) -> None:
        """Keep a finding, unless it only follows from an earlier one."""
        if position >= self.quiet_until:
            self.found.append(found)
            self.quiet_until = max(until, found.span.end, position + 1)


def _stop(parse: Parse) -> None:
    """Give up the rest of the file."""
    cut_file(parse)
    parse.position = parse.end


def _opens_block(text: str, position: int) -> bool:
    """Return whether a brace ends its line here, with something other than data on the next line."""
    return _BLOCK.match(text, position) is not None


def _before_block(parse: Parse) -> tuple[str, ...] | None:
    """Return the tokens before a block that make it part of what has been read; None if it cannot be."""
    choices = (("NAME",), ()) if parse.previous_kind in BEFORE_DATA else ((), ("NAME",), ("_COLON", "NAME"))
    return next((kinds for kinds in choices if parse.fits([*kinds, "LBRACE"])), None)
