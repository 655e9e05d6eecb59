"""What to do at a token that does not fit: one finding, and the smallest change after which the parse goes on.

In this order: a slip that people make (`=` for `:`, `#` for a comment, a quote left open), a bracket that nothing closes,
a token put in or left out after which the line reads (`trial`), a value given up, and else the statement: the stacks go
back to where it began, and the text on to where it ends. A brace that is missing shows itself only later; then the
statement is read once more with the brace where the indent says it belongs. So one mistake costs one statement at most.
"""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Span
from ncco_lang.syntax.depth import DEEPEST_BLOCK, DEEPEST_DATA
from ncco_lang.syntax.driver import BEFORE_DATA, CLOSING, Parse, Token
from ncco_lang.syntax.lexicon import END
from ncco_lang.syntax.recovery.messages import not_closed, not_closed_data, too_many, unexpected
from ncco_lang.syntax.recovery.mistakes.mistake import Slip, line_end
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
from ncco_lang.syntax.recovery.repair_search import ALL, ENOUGH, find_repair, reach, reach_behind
from ncco_lang.syntax.recovery.unclosed_brackets import Closers, Unclosed, find_unclosed, indent
from ncco_lang.syntax.syntax_rules import TOO_DEEP, finding
from ncco_lang.syntax.tree_builder import Builder

MOST = 1000
"""Syntax findings in one file; whoever gets that many has not written a flow."""
_MOST_IN_LINE = 50
_MOST_TRIES = 6
"""How often one place may be mended, before the statement is given up for good."""

_KINDS = {"{": "RBRACE", "[": "RSQB", "(": "RPAR"}
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
_BLOCK = re.compile(r"\{[ \t]*(?://[^\r\n]*)?[\r\n](?!\s*\"[^\"\r\n]*\"[ \t]*:)")
_ENDS = re.compile(r"[ \t]*(?://|[\r\n;]|$)")


class Recoverer:
    """Makes the findings about one file's syntax.

    Attributes:
        found: the findings.
        told_until: up to there everything follows from what has been told.
        closings: what to put in before a line, found out when the statement was read before.
        loose: where blocks without braces begin.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.source = builder.source
        self.found: list[Diagnostic] = []
        self.told_until = -1
        self.closings: dict[int, list[str]] = {}
        self.loose: set[int] = set()
        self.closers = Closers(builder.text)
        self._read_again = -1
        self._furthest = -1
        self._tries = 0
        self._line = (-1, 0)
        self._total = 0

    # ── What the driver tells ─────────────────────────────────────────────────────────────────────────

    def opened(self, parse: Parse) -> None:
        """Watch how deep brackets nest; beyond the bounds the rest of the file is not read."""
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
        self.found.append(finding(TOO_DEEP, self.source, Span(token.start, token.end), message, hint=hint))
        cut_file(parse)
        parse.position = parse.end

    def began_line(self, parse: Parse, position: int) -> None:
        """A declaration that begins in a block, no deeper than the block itself, tells of a brace left out."""
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
        """Make a finding about a token that does not fit, and let the parse go on."""
        parse.pending.clear()
        if token.kind == END and token.start in self.closings:
            self.began_line(parse, token.start)
            return
        if not self._is_worth(parse, token):
            return
        # Most files have no mistake, and the patterns of all known ones take time to compile.
        from ncco_lang.syntax.recovery.mistakes.signs import find_slip

        slip = find_slip(parse, self.builder, token)
        if slip is not None:
            self._follow(parse, slip)
        elif token.kind == END:
            self._end(parse, token)
        elif not self._close_data(parse, token):
            self._mend(parse, token)

    def _is_worth(self, parse: Parse, token: Token) -> bool:
        """Whether to look for a change; else the file, the line or the place has had its share, and is given up."""
        self._total += 1
        if len(self.found) >= MOST or self._total > 5 * MOST:
            cut_file(parse)
            parse.position = parse.end
            return False
        if token.start >= self._line[0]:
            self._line = line_end(parse.text, token.start), 0
        self._line = self._line[0], self._line[1] + 1
        if token.start > self._furthest:
            self._furthest, self._tries = token.start, 0
        self._tries += 1
        if self._line[1] <= _MOST_IN_LINE and self._tries <= _MOST_TRIES:
            return True
        if token.kind == END:
            cut_to_end(parse)
            return False
        furthest = self._line[0] if self._line[1] > _MOST_IN_LINE else self._furthest + 1
        parse.position = max(parse.position, token.end, furthest)
        self._give_up_statement(parse)
        return False

    # ── How to go on ──────────────────────────────────────────────────────────────────────────────────

    def _follow(self, parse: Parse, slip: Slip) -> None:
        """Go on as if what was meant stood there."""
        self._tell(slip.diagnostic, slip.diagnostic.span.start, max(slip.position, slip.quiet))
        if slip.unread is not None:
            unread(parse, slip.unread)
        if slip.cuts:
            cut(parse)
        if any(token.kind == "LBRACE" for token in slip.tokens):
            self.loose.add(slip.position)
        if slip.closes is not None:
            self.closings.setdefault(slip.closes, []).append("RBRACE")
        go_to(parse, slip.position)
        if parse.fits([token.kind for token in slip.tokens]):
            parse.pending += slip.tokens
        else:
            self._give_up(parse)

    def _mend(self, parse: Parse, token: Token) -> None:
        """Put a token in, leave one out, or give up what is being read."""
        data = open_data(parse)
        is_closed = bool(data) and (self.closers.find(data[-1].start) or 0) > token.end
        repair = find_repair(parse, token, may_close=not is_closed)
        told = unexpected(self.source, parse, token, repair)
        self._tell(told, token.start, line_end(parse.text, token.start))
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
        """Whether a list or an object is open that is never closed, and the parse goes on without it."""
        data = open_data(parse)
        opening = next((each for each in reversed(data) if self.closers.find(each.start) is None), None)
        if opening is None:
            return False
        closers = [CLOSING[each.kind] for each in data]
        here, at = token.start, parse.previous_end
        if token.kind in CLOSING.values() and reach_behind(parse, closers[:1], token.end) >= ALL:
            return False  # it is of the wrong kind only
        line = ("_NL",) if _begins_line(parse.text, here) else ()
        if (line or token.kind == "_NL") and parse.fits([*closers, *line, token.kind]):
            self._tell(not_closed_data(self.source, data[0], closers, at), here, here)
            parse.pending += zero(at, *closers, *line)
            return True
        before = parse.states[: place_of(parse, opening) + 1]
        if reach(parse, before, opening.end) >= ENOUGH:
            self._tell(too_many(self.source, opening), here, here)
            drop_from(parse, opening)
            go_to(parse, opening.end)
            return True
        self._tell(not_closed_data(self.source, opening, [], None), here, line_end(parse.text, opening.end))
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
        """The text ends in the middle of something: close what is open, without the statement that is half done."""
        opened = [each.token for each in parse.brackets if each.token is not None]
        if not opened:
            self._tell(unexpected(self.source, parse, token, None), token.start, token.start)
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
        """Brackets are open where none can be: close them where the indent says. Whether the statement is read again."""
        if len(self.found) >= MOST:
            cut_file(parse)
            parse.position = parse.end
            return True
        text, start = parse.text, begin(parse, parse.brackets[0]) or 0
        is_first_time = start > self._read_again
        missing = find_unclosed(text, start, position) if is_first_time else None
        if is_first_time:
            self._read_again = start
            known = [Unclosed(token.start, position) for token in unclosed[-1:] if token.end > token.start]
            told = [not_closed(self.source, each) for each in missing or known]
            if missing and any(each.before < position for each in missing):
                self._forget(parse, start)
                self.found += told
                for each in missing:
                    if each.before < position:
                        self.closings.setdefault(each.before, []).append(_KINDS[text[each.opening]])
                return True
            self.found += told
        if position < len(text):
            parse.pending += zero(position, *(CLOSING[token.kind] for token in reversed(unclosed)), "_NL")
        return False

    def _forget(self, parse: Parse, start: int) -> None:
        """Go back to where a statement of the file begins, as if it had never been read."""
        for findings in (self.builder.diagnostics, self.found):
            while findings and findings[-1].span.start >= start:
                findings.pop()
        while parse.comments and parse.comments[-1].start >= start:
            parse.comments.pop()
        del parse.brackets[1:]
        cut(parse)
        go_to(parse, start)
        self.told_until = self._furthest = start - 1

    def _give_up(self, parse: Parse) -> None:
        """Give up the value that is being read where that is enough, else the statement."""
        data = open_data(parse)
        end = self.closers.find(data[-1].start) if data else None
        if end is not None and end > parse.position:
            drop_from(parse, data[-1])
            go_to(parse, end)
            kinds = ("NAME",) if parse.fits(["NAME"]) else ()
            if kinds or reach_behind(parse, (), end):
                self.told_until = max(self.told_until, end)
                parse.pending += zero(end, *kinds)
                return
        self._give_up_statement(parse)

    def _give_up_statement(self, parse: Parse) -> None:
        """Forget the statement that is being read, and go on behind its end; one of no verb stands in its place."""
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
        self.told_until = max(self.told_until, end)
        go_to(parse, end)
        parse.pending += zero(end, *kinds)

    def _end_of_statement(self, parse: Parse, start: int) -> int:
        """Where the statement ends that goes on at `start`, with the brackets that open on that line."""
        text, position, is_clear = parse.text, start, True
        while position < parse.end:
            found = _SKIP.match(text, position, parse.end)
            assert found is not None
            first = found[0][0]
            if first in "\r\n;" or (first == "}" and len(parse.brackets) > 1) or _opens_block(text, position):
                break
            closer = self.closers.find(position) if first in _KINDS and is_clear else None
            # Behind a bracket that nothing closes, the others of the line are no guide either.
            is_clear = is_clear and (first not in _KINDS or closer is not None)
            position = found.end() if closer is None else closer
        return position

    def _tell(self, told: Diagnostic, position: int, until: int) -> None:
        """Keep a finding, unless it only follows from an earlier one."""
        if position >= self.told_until:
            self.found.append(told)
            self.told_until = max(until, told.span.end, position + 1)


def _opens_block(text: str, position: int) -> bool:
    """Whether a brace stands there that ends its line, with something other than data below."""
    return _BLOCK.match(text, position) is not None


def _before_block(parse: Parse) -> tuple[str, ...] | None:
    """What has to come before a block, so that it belongs to what has been read; None where it cannot."""
    choices = (("NAME",), ()) if parse.previous_kind in BEFORE_DATA else ((), ("NAME",), ("_COLON", "NAME"))
    return next((kinds for kinds in choices if parse.fits([*kinds, "LBRACE"])), None)


def _begins_line(text: str, position: int) -> bool:
    before = text[max(0, position - 200) : position].rstrip(" \t")
    return not before or before[-1] in "\r\n"
