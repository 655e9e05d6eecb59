"""The facts of the findings about values of options; `vocabulary/limits.py` has those that JSON shares."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts
from ncco_lang.program.name_rules import UNKNOWN_NAME
from ncco_lang.syntax.reserved import reserved
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
        takes = range_in_words(spelling, self.unit, self.minimum, self.maximum)
        hint = f"write {listed(self.near)}" if self.near else f"write {takes}, such as {EXAMPLES}"
        return self.say(spelling, self.message, hint)


class UnitApart(Facts):
    """A number and its unit with a blank between them; `together` is the duration."""

    rule = rules.BARE_DURATION
    message = "a duration is written without a blank: {together:s}"
    together: str


class LongUnit(UnitApart):
    """A number and the name of its unit."""

    message = "a duration is written with a short unit: {together:s}"


class NoSuchWord(Facts):
    """A bare word that is not a name: `takes` says what its option takes, `near` is the name that may be meant."""

    rule = UNKNOWN_NAME
    message = "nothing is named {word}"
    option: Wire
    word: str
    near: str | None
    takes: str

    def words(self, spelling: Spelling) -> Words:
        instead = _INSTEAD[self.takes]
        if self.word in reserved():
            instead = instead.removesuffix(_DECLARE)
        return self.say(spelling, self.message, "did you mean {near}?" if self.near else instead)


_DECLARE = ", or declare the name: let {word:s} = …"
_INSTEAD = {
    "boolean": "write true or false",
    "duration": f"write a duration, such as {EXAMPLES}",
    "phone": "put the telephone number in quotes" + _DECLARE,
    "address": "put the address in quotes" + _DECLARE,
    "text": "put what is said or sent in quotes",
    "data": "declare it: let {word:s} = …",
    "number": "write a number" + _DECLARE,
}
"""What an option takes → what to write in place of a word that nothing is named."""
