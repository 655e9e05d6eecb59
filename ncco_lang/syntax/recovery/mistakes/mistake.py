"""What a slip is, and what its finders ask about the statement that is being read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.recovery.parser_stack import statement_start

_LAST_WORD = re.compile(r"[A-Za-z_]\w*$")
_WORD = re.compile(r"\w+|#")


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that was recognised: what to say, and how the text goes on as if what was meant stood there.

    Attributes:
        tokens: what was meant; put in before `position`.
        position: where the text goes on.
        quiet: nothing is said about what stands before that place.
        unread: the value that was read last and begins there is not what was meant.
        cuts: what has been read of the statement is forgotten.
        closes: the block that `tokens` open is closed before the line that begins there.
    """

    diagnostic: Diagnostic
    tokens: tuple[Token, ...]
    position: int
    quiet: int = 0
    unread: int | None = None
    cuts: bool = False
    closes: int | None = None


def first_word(parse: Parse) -> str:
    """The word, or the hash, with which the statement begins that is being read."""
    start = statement_start(parse)
    found = None if start is None else _WORD.match(parse.text, start)
    return "" if found is None else found[0]


def word_before(text: str, end: int) -> str:
    """The word that ends at a place."""
    found = _LAST_WORD.search(text, max(0, end - 80), end)
    return "" if found is None else found[0]


def line_end(text: str, position: int) -> int:
    """Where the line of a position ends."""
    feed = text.find("\n", position)
    end = feed if feed >= 0 else len(text)
    carriage = text.find("\r", position, end)
    return carriage if carriage >= 0 else end


def line_start(text: str, position: int) -> int:
    """Where the line of a position begins."""
    return max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1


def next_line(text: str, position: int) -> int:
    """Where the line below the one of a position begins; the end of the text where there is none."""
    end = line_end(text, position)
    return end + (2 if text.startswith("\r\n", end) else end < len(text))


def rest_of_line(text: str, position: int) -> str:
    """What stands from a position on up to the end of its line."""
    return text[position : line_end(text, position)]
