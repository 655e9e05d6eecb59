"""What recovery may spend on one file. Every search draws from it, so recovery is linear in the length of the file.

A *try* is one token that does not fit: it pays for a fixed number of trials, and each trial reads at most `LOOK_AHEAD`
tokens. A *step* is a character that a search without such a bound looks at, such as one for a closing bracket.
"""

from __future__ import annotations

from ncco_lang.syntax.lines import line_end

MOST_FINDINGS = 1000
"""Syntax findings in one file; a text with more is not a flow."""
LOOK_AHEAD = 12
"""The tokens that a trial reads after a change."""
ENOUGH = 4
"""The tokens that must fit after a change to accept it."""
PLENTY = 8
"""The same for leaving out a word or a value."""
ALL = 100
"""The result of a trial in which the statement ends well: more than any number of tokens."""
LONGEST_ADDRESS = 2000
LONGEST_SENTENCE = 500
"""The characters in which an address or a sentence without quotes is looked for."""

_MOST_TRIES = 5 * MOST_FINDINGS
_MOST_IN_LINE = 50
_MOST_AT_PLACE = 6
_MOST_STEPS = 10_000
_STEPS_PER_CHARACTER = 10


class Budget:
    """What is left of the tries and steps of one file."""

    __slots__ = ("_at_place", "_furthest", "_in_line", "_line_end", "_steps", "_text", "_tries")

    def __init__(self, text: str) -> None:
        self._text = text
        self._steps = _MOST_STEPS + _STEPS_PER_CHARACTER * len(text)
        self._tries = _MOST_TRIES
        self._line_end, self._in_line = -1, 0
        self._furthest, self._at_place = -1, 0

    def try_at(self, position: int, found: int) -> int | None:
        """Draw a try at a position.

        Args:
            found: how many findings there are.

        Returns:
            `position` if the try is granted, a later place if its line or place has no tries left, None if the file
            has none left.
        """
        self._tries -= 1
        if found >= MOST_FINDINGS or self._tries < 0:
            return None
        if position >= self._line_end:
            self._line_end, self._in_line = line_end(self._text, position), 0
        if position > self._furthest:
            self._furthest, self._at_place = position, 0
        self._in_line += 1
        self._at_place += 1
        if self._in_line > _MOST_IN_LINE:
            return max(position + 1, self._line_end)
        return position if self._at_place <= _MOST_AT_PLACE else self._furthest + 1

    def look(self, characters: int) -> bool:
        """Draw steps; return whether there were enough."""
        self._steps -= characters
        return self._steps >= 0
