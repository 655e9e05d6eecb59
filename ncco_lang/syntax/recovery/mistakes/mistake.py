"""What the finders of known mistakes share: the token that does not fit with its surroundings, and their result."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ncco_lang.diagnostics import Diagnostic, Fix
from ncco_lang.source import Span
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.lines import line_end, rest_of_line
from ncco_lang.syntax.recovery.budget import ENOUGH
from ncco_lang.syntax.recovery.parser_stack import statement_start
from ncco_lang.syntax.recovery.repair_search import begins_with, read_after
from ncco_lang.syntax.recovery.unclosed_brackets import Closers
from ncco_lang.syntax.said import Said, misread
from ncco_lang.syntax.tree_builder import Builder

_WORD = re.compile(r"\w+|#")
_LAST_WORD = re.compile(r"[A-Za-z_]\w*$")
_LAST_NUMBER = re.compile(r"(?<![\w.])[0-9]+(\.[0-9]+)?$")
_LOOK_BACK = 80


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known mistake: its finding, and how to read on as if the author had written what they meant.

    Attributes:
        diagnostic: None for one that gets its finding when statements are bound.
        tokens: the tokens the author meant; inserted before `position`.
        position: where reading goes on.
        quiet: no findings are made before this position.
        unread: the last value that was read, which begins here, is not what the author meant.
        cuts: forget what has been read of the statement.
        is_whole: forget it with the lists and objects that are open in it.
        skips: the text from the end of `tokens` up to here is passed over.
        closes: close the block that `tokens` open before the line that begins here.
    """

    diagnostic: Diagnostic | None
    tokens: tuple[Token, ...]
    position: int
    quiet: int = 0
    unread: int | None = None
    cuts: bool = False
    closes: int | None = None
    is_whole: bool = False
    skips: int | None = None


class Misfit:
    """A token that does not fit, and its surroundings.

    Attributes:
        kind, start, end, span: of the token.
        text, source: the text being read, and the file it belongs to.
        before, kind_before: the end and the kind of the token before it.
        bracket: the innermost open bracket.
        is_nested: it is in a block or in data.
        statement: where the statement begins that is being read; None if nothing of it has been read.
        word: the word or hash that begins the statement; "" if none does.
    """

    def __init__(self, parse: Parse, builder: Builder, token: Token, closers: Closers) -> None:
        self.parse, self.builder, self.closers = parse, builder, closers
        self.kind, self.start, self.end = token
        self.span = token.span
        self.text, self.source = parse.text, builder.source
        self.before, self.kind_before = parse.previous_end, parse.previous_kind
        self.bracket, self.is_nested = parse.brackets[-1], len(parse.brackets) > 1
        self.fits = parse.fits
        self.statement = statement_start(parse)
        word = None if self.statement is None else _WORD.match(parse.text, self.statement)
        self.word = "" if word is None else word[0]

    @property
    def written(self) -> str:
        """The token as it is written."""
        return self.text[self.start : self.end]

    @property
    def rest(self) -> str:
        """The rest of the line after the token."""
        return rest_of_line(self.text, self.end)

    @property
    def line_end(self) -> int:
        """Where the line of the token ends."""
        return line_end(self.text, self.start)

    def reads_on(self, position: int, *kinds: str, enough: int = ENOUGH) -> bool:
        """Return whether the text reads on from a position, after tokens of these kinds."""
        return read_after(self.parse, kinds, position) >= enough

    def begins(self, start: int, kind: str) -> bool:
        """Return whether the statement at `start` reads to the end of its line after a token of this kind."""
        return begins_with(self.parse, kind, start)

    def mistake(
        self,
        span: Span,
        what: Said,
        *meant: str | Token,
        to: int,
        written: str = "",
        instead: str = "",
        fix: Fix | None = None,
        quiet: int = 0,
        unread: int | None = None,
        cuts: bool = False,
        closes: int | None = None,
        is_whole: bool = False,
    ) -> Mistake:
        """Make the finding about a mistake, and say how to read on; see `Mistake`.

        Args:
            meant: the tokens the author meant; a kind alone is a token of no characters at `to`.
            to: where reading goes on.
            written: what the author wrote, for the words of the mistake.
            instead: what they mean.
        """
        tokens = tuple(Token(each, to, to) if isinstance(each, str) else each for each in meant)
        found = misread(self.source, span, what, written=written, instead=instead, fix=fix)
        return Mistake(found, tokens, to, quiet, unread, cuts, closes, is_whole)


Finder: TypeAlias = Callable[[Misfit], Mistake | None]
"""A function that explains a misfit; None if it is not this mistake."""


def word_before(text: str, end: int) -> str:
    """Return the word that ends at a position; "" if none does."""
    found = _LAST_WORD.search(text, max(0, end - _LOOK_BACK), end)
    return "" if found is None else found[0]


def number_before(text: str, end: int) -> str:
    """Return the number that ends at a position; "" if none does."""
    found = _LAST_NUMBER.search(text, max(0, end - _LOOK_BACK), end)
    return "" if found is None else found[0]
