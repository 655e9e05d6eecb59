"""Find the end of a bracket in a text that may not parse, by the other brackets and the indent of the lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ncco_lang.syntax.brackets import CLOSED_BY, CLOSING_SIGNS
from ncco_lang.syntax.lines import TAB_WIDTH, indent, line_end
from ncco_lang.syntax.recovery.budget import Budget
from ncco_lang.syntax.skip_patterns import COMMENT, SKIPPED_TO_QUOTE

_OTHER = r'|[{}\[\]();]|(?:\r\n?|\n)[ \t]*|[^"/{}\[\]();\r\n]+|.'
_PART = re.compile(SKIPPED_TO_QUOTE + _OTHER)
# A line that does not close a text closes no later one either, so it is searched once for the end of a text.
_PART_AFTER_QUOTE = re.compile(COMMENT + _OTHER)
_LINE_ENDS = re.compile(r"[\r\n]")
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
            # A quote that is not closed on its line was looked for to the end of the line.
            seen = line_end(self.text, place) - place if part == '"' else len(part)
            if not self.budget.look(seen) or len(expected) > _DEEPEST or is_outside:
                return None
            if part in CLOSED_BY:
                expected.append(CLOSED_BY[part])
            elif part in CLOSING_SIGNS and part in expected:  # a closer that is not expected is one too many
                while expected.pop() != part:
                    pass
                if not expected:
                    return place + 1
        return None

    def end_of_statement(self, start: int, end: int, *, in_block: bool) -> int:
        """Return where the statement ends that goes on at `start`, with the brackets that open on that line."""
        text, position, is_clear, pattern = self.text, start, True, _PART
        while position < end:
            found = pattern.match(text, position, end)
            assert found is not None
            first = found[0][0]
            if first in "\r\n;" or (first == "}" and in_block) or opens_block(text, position):
                break
            closer = self.find(position) if first in CLOSED_BY and is_clear else None
            # After a bracket that is not closed, the others of the line are not a guide either.
            is_clear = is_clear and (first not in CLOSED_BY or closer is not None)
            if found[0] == '"':
                pattern = _PART_AFTER_QUOTE
            elif closer is not None and _LINE_ENDS.search(text, position, closer):
                pattern = _PART
            position = found.end() if closer is None else closer
        return position


def parts(text: str, start: int, end: int) -> Iterator[tuple[int, str, int, bool]]:
    """Yield what is written in a part of a text: place, characters, indent of its line, and whether it begins the line."""
    depth = indent(text, start)
    is_first = False
    pattern = _PART
    while (match := pattern.match(text, start, end)) is not None:
        part, start = match[0], match.end()
        if part[0] in "\r\n":
            depth, is_first, pattern = len(part.lstrip("\r\n").expandtabs(TAB_WIDTH)), True, _PART
        elif not part.startswith("//") and not part.isspace():
            yield match.start(), part, depth, is_first
            is_first = False
            if part == '"':
                pattern = _PART_AFTER_QUOTE
