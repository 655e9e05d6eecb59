"""Find the end of a bracket in a text that may not parse, by the other brackets and the indent of the lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ncco_lang.syntax.brackets import CLOSED_BY, CLOSING_SIGNS
from ncco_lang.syntax.lines import TAB_WIDTH, indent
from ncco_lang.syntax.recovery.budget import Budget
from ncco_lang.syntax.skip_patterns import COMMENT, SKIPPED_TO_QUOTE

_PART = re.compile(SKIPPED_TO_QUOTE + r'|[{}\[\]()]|(?:\r\n?|\n)[ \t]*|[^"/{}\[\]()\r\n]+|.')
_BLOCK = re.compile(rf"\{{[ \t]*(?:{COMMENT})?[\r\n]" r'(?!\s*"[^"\r\n]*"[ \t]*:)')
_DEEPEST = 200


def opens_block(text: str, position: int) -> bool:
    """Return whether a brace ends its line here, with something other than data on the next line."""
    return _BLOCK.match(text, position) is not None


class Closers:
    """Finds the ends of brackets in one text, and remembers them. Finds none once the budget is spent."""

    def __init__(self, text: str, budget: Budget) -> None:
        self.text, self.budget = text, budget
        self._found: dict[int, int | None] = {}

    def find(self, opening: int) -> int | None:
        """Return the end of the bracket that closes the one at `opening`.

        None if there is none, as other brackets or the indent show.
        """
        if opening not in self._found:
            self._found[opening] = self._look(opening)
        return self._found[opening]

    def _look(self, opening: int) -> int | None:
        expected: list[str] = []
        here = indent(self.text, opening)
        for place, part, depth, is_first in parts(self.text, opening, len(self.text)):
            is_outside = is_first and (depth, part in CLOSING_SIGNS) <= (here, False)
            if not self.budget.look(len(part)) or len(expected) > _DEEPEST or is_outside:
                return None
            if part in CLOSED_BY:
                expected.append(CLOSED_BY[part])
            elif part in CLOSING_SIGNS and part in expected:  # a closer that is not expected is one too many
                while expected.pop() != part:
                    pass
                if not expected:
                    return place + 1
        return None


def parts(text: str, start: int, end: int) -> Iterator[tuple[int, str, int, bool]]:
    """Yield what is written in a part of a text: place, characters, indent of its line, and whether it begins the line."""
    depth = indent(text, start)
    is_first = False
    for match in _PART.finditer(text, start, end):
        part = match[0]
        if part[0] in "\r\n":
            depth, is_first = len(part.lstrip("\r\n").expandtabs(TAB_WIDTH)), True
        elif not part.startswith("//") and not part.isspace():
            yield match.start(), part, depth, is_first
            is_first = False
