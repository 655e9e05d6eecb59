"""The facts of the findings about values of options; `vocabulary/limits.py` has those that JSON shares."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts
from ncco_lang.values.units import EXAMPLES
from ncco_lang.vocabulary import option_rules as rules
from ncco_lang.vocabulary.limits import range_in_words
from ncco_lang.words import Spelling, Wire, Words, listed


class NumberInDigits(Facts):
    """A telephone number that is written as a number."""

    rule = rules.WRONG_KIND
    message = "a telephone number is a text, so it needs quotes"
    hint = "put it in quotes"


class ObjectForBlock(Facts):
    """A value in place of a block."""

    rule = rules.OBJECT_FOR_BLOCK
    message = "{option} is a block, not a value"
    hint = "write {option} { … }"
    option: Wire


class ListForOne(Facts):
    """A list in place of its one value."""

    rule = rules.WRONG_KIND
    message = "{option} takes one value, not a list"
    hint = "write the value alone: compiling makes the list of it"
    option: Wire


class NotJson(Facts):
    """A value that JSON does not have: `kind` is in words, without an article."""

    rule = rules.WRONG_KIND
    message = "JSON has no {kind:s}"
    hint = "write a text"
    kind: str


class BareDuration(Facts):
    """A number without its unit; `near` are the durations that fit."""

    rule = rules.BARE_DURATION
    message = "{option} needs a unit after {number:s}"
    option: Wire
    number: str
    near: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    unit: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        takes = range_in_words(spelling, self.unit, self.minimum, self.maximum)
        hint = f"write {listed(self.near)}" if self.near else f"write {takes}, such as {EXAMPLES}"
        return self.say(spelling, self.message, hint)
