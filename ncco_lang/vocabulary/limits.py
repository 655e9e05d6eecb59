"""The limits of the schema on one value: type, range, choices, form, length and count.

`check_limits` is the only check of them: a JSON document's values and a flow's, brought to their wire form, get the same
facts. The spelling decides the rule (F304 to F309 in JSON, F336 to F342 in a flow) and the words.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ncco_lang.diagnostics import Facts, Path
from ncco_lang.values.address_form import AddressFault, find_address_fault
from ncco_lang.values.phone import number_fault
from ncco_lang.values.units import EXAMPLES
from ncco_lang.vocabulary import option_rules as flow
from ncco_lang.vocabulary import schema_rules as rules
from ncco_lang.vocabulary.kinds import HTTP_ADDRESSES, WEB_ADDRESSES
from ncco_lang.vocabulary.legacy_table import is_default
from ncco_lang.vocabulary.meant import meant_choices
from ncco_lang.vocabulary.ncco_schema import ncco_validator
from ncco_lang.vocabulary.phrases import type_words
from ncco_lang.vocabulary.schema_validator import Schema, Violation, is_type
from ncco_lang.words import Spelling, Wire, Words, kind_words, listed, shown

_SOUND_FILE = 'the address of a sound file, such as "https://example.com/hold.mp3", or "/hold.mp3" below the base URL'
_INTERNATIONAL = 'a plus sign, the country code and the number, such as "+44 20 7946 0123"'
DURATION = "a duration"
"""What `WrongType.wanted` is for a duration, which JSON does not have."""
_WHOLE = {"s": "whole seconds", "ms": "whole milliseconds"}


class WrongType(Facts):
    """A value of another type than the option takes: `wanted` is a JSON type or words, `given` are words."""

    rule = rules.WRONG_TYPE
    flow_rule = flow.WRONG_KIND
    option: str
    wanted: str
    given: str
    choices: tuple[Any, ...] = ()

    def words(self, spelling: Spelling) -> Words:
        hint = "write {choices:choice}" if self.choices else "write {type:s}"
        if self.wanted == DURATION:
            hint = f"write {DURATION}, such as {EXAMPLES}"
        return self.say(spelling, "{option} takes {type:s}, not {given:s}", hint, type=type_words(self.wanted))


class LeftOutNull(WrongType):
    """A null in place of an option that may be absent."""

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, "{option} takes {type:s}, not null", "leave it out", type=type_words(self.wanted))


class EndpointShape(WrongType):
    """A text in place of an endpoint: `number` are its digits in E.164, if it is a telephone number."""

    number: str | None

    def words(self, spelling: Spelling) -> Words:
        shape = f'{{"type": "phone", "number": "{self.number or "442079460000"}"}}'
        written = f"[{shape}]" if self.wanted == "array" else shape
        return self.say(spelling, super().words(spelling).message, "write {shape:s}", shape=written)


class NumberShape(WrongType):
    """An endpoint in place of its number."""

    number: str

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, super().words(spelling).message, "write {number}")


class UnevenDuration(Facts):
    """A fraction of a unit of which the platform counts whole ones; `near` are the whole numbers that fit beside it."""

    rule = rules.WRONG_TYPE
    flow_rule = flow.UNEVEN_DURATION
    option: str
    value: float
    unit: str
    near: tuple[int, ...]

    def words(self, spelling: Spelling) -> Words:
        near = listed([spelling.amount(each, self.unit) for each in self.near])
        more = {"whole": _WHOLE[self.unit], "amount": spelling.amount(self.value, self.unit), "near": near}
        return self.say(spelling, "{option} takes {whole:s}, not {amount:s}", "write {near:s}", **more)


class OutOfRange(Facts):
    """A number outside of the range of its option; the number is more than `above`, if there is one."""

    rule = rules.OUT_OF_RANGE
    flow_rule = flow.OUTSIDE_RANGE
    option: str
    value: float
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    unit: str | None = None

    def words(self, spelling: Spelling) -> Words:
        takes = range_in_words(spelling, self.unit, self.minimum, self.maximum, self.above)
        more = {"amount": spelling.amount(self.value, self.unit), "range": takes}
        return self.say(spelling, "{option} cannot be {amount:s}", "write {range:s}", **more)


def range_in_words(
    spelling: Spelling, unit: str | None, minimum: float | None, maximum: float | None, above: float | None = None
) -> str:
    """Return the numbers that an option takes, in words: `a number from 0 to 1`, `a duration of at most 2h`."""
    low, high, more = (None if each is None else spelling.amount(each, unit) for each in (minimum, maximum, above))
    limit = "" if high is None else f" of at most {high}"
    if low is not None:
        limit = f" of at least {low}" if high is None else f" from {low} to {high}"
    elif more is not None:
        limit = f" above {more}"
    return spelling.numbers(unit) + limit


class FractionOutOfRange(OutOfRange):
    """A fraction outside of a range of whole units: in JSON it has the wrong type, in a flow it is out of range."""

    rule = rules.WRONG_TYPE


class NotAChoice(Facts):
    """A value that is not among the choices of its option; `near` are those that it may mean, an item all of them."""

    rule = rules.UNKNOWN_VALUE
    flow_rule = flow.NOT_AMONG_CHOICES
    option: str
    value: Any
    choices: tuple[Any, ...]
    near: tuple[str, ...] = ()
    is_item: bool = False

    def words(self, spelling: Spelling) -> Words:
        hint = "did you mean {near:choice}?" if self.near else "write {choices:choice}"
        if self.is_item and self.near:
            hint = f"did you mean {' and '.join(map(spelling.choice, self.near))}?"
        return self.say(spelling, "{option} cannot be {value}", hint)


class MeansDefault(Facts):
    """A value that the option does not have, for what happens without the option."""

    rule = rules.UNKNOWN_VALUE
    flow_rule = flow.NOT_AMONG_CHOICES
    message = "{value} is what happens without {option}"
    hint = "leave it out"
    option: str
    value: Any


class EmptyText(Facts):
    """An empty text where the option needs one; `kind` is the schema's `x-kind`, `expected` what to write, in words."""

    rule = rules.MALFORMED_VALUE
    flow_rule = flow.WRONG_FORM
    message = "{option} is empty"
    option: str
    expected: str | None = None
    kind: str | None = None

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "write {form:s}", form=_form(self.expected, self.kind, spelling))


class TooLong(Facts):
    """A text of more characters than the option takes."""

    rule = rules.MALFORMED_VALUE
    flow_rule = flow.WRONG_FORM
    message = "{option} has {length:,} characters; {longest:,} are allowed"
    hint = "shorten the text"
    option: str
    length: int
    longest: int


class WrongForm(EmptyText):
    """A text that has not the form that the option needs."""

    message = "{option} cannot be {value}"
    value: str


class FaultyAddress(WrongForm):
    """A web address with one certain fault: `what` it has and what to write `instead`, in words."""

    message = "{option} has {what:s}"
    hint = "{instead:s}"
    what: str
    instead: str

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, self.hint)


class NotInternational(WrongForm):
    """A telephone number without its country code, or no number at all."""

    flow_rule = flow.NOT_INTERNATIONAL
    message = "{value} is not an international telephone number"

    def words(self, spelling: Spelling) -> Words:
        fault = number_fault(self.value)
        return super().words(spelling) if fault is None else self.say(spelling, self.message, fault)


class WrongCount(Facts):
    """A list with too few or too many entries."""

    rule = rules.WRONG_COUNT
    option: str
    count: int
    least: int
    most: int | None

    def words(self, spelling: Spelling) -> Words:
        takes = f"{self.least} to {self.most}" if self.most is not None else f"{self.least} or more"
        takes = f"exactly {self.least}" if self.least == self.most else takes
        has = f"{self.count or 'no'} {'entry' if self.count == 1 else 'entries'}"
        if not self.count and self.option.endswith("Url"):
            return self.say(
                spelling, "{option} has {has:s}; it takes {takes:s}", "write one address", has=has, takes=takes
            )
        is_hunt = self.option == "endpoint" and self.count > 1
        hint = (
            "write a connect for each endpoint, one after the other"
            if is_hunt
            else f"write {takes} {'entry' if takes == 'exactly 1' else 'entries'}"
        )
        return self.say(spelling, "{option} has {has:s}; it takes {takes:s}", hint, has=has, takes=takes)


class EntryTwice(Facts):
    """A list that has an entry twice."""

    rule = rules.WRONG_COUNT
    message = "{option} has an entry twice"
    hint = "keep each entry once"
    option: str


class NotAllowed(Facts):
    """A value that the schema does not allow at its place."""

    rule = rules.MALFORMED_VALUE
    message = "{option} is not allowed here"
    hint = "leave it out"
    option: str


class Limit(NamedTuple):
    """A limit that a value breaks: the path below the value, and the facts."""

    path: Path
    facts: Facts


def check_limits(schema: Schema, value: Any, option: str) -> Iterator[Limit]:
    """Yield each limit of an option's schema that a value in wire form breaks. Objects are checked by their options.

    Args:
        schema: of the option, references filled in or not.
        value: a JSON value.
        option: the name that messages give to the value, and to its items if it is a list: a `Wire` name, or a key of
            the author's own.
    """
    for broken in ncco_validator().check(schema)(value) or ():
        yield Limit(broken.path, limit_facts(broken, option))


def limit_facts(broken: Violation, option: str) -> Facts:
    """Return the facts of a violation of a keyword about one value."""
    schema, value = broken.schema, broken.value
    match broken.keyword:
        case "type" if is_default(option, value):
            return MeansDefault(option=option, value=value)
        case "type":
            return _wrong_type(schema, value, option)
        case "enum" | "const":
            return _not_a_choice(broken, option)
        case "minimum" | "maximum" | "exclusiveMinimum":
            return _out_of_range(OutOfRange, schema, value, option)
        case "minItems" | "maxItems":
            least, most = schema.get("minItems", 0), schema.get("maxItems")
            return WrongCount(option=option, count=len(value), least=least, most=most)
        case "uniqueItems":
            return EntryTwice(option=option)
        case "maxLength":
            return TooLong(option=option, length=len(value), longest=schema["maxLength"])
        case "minLength" | "pattern":
            expected, kind = schema.get("x-expected"), schema.get("x-kind")
            if kind == "phone":
                return NotInternational(option=option, value=value, expected=expected, kind=kind)
            if not value:
                return EmptyText(option=option, expected=expected, kind=kind)
            if kind in WEB_ADDRESSES and (fault := address_fault(value, kind)) is not None:
                said = {"what": fault.what, "instead": fault.instead}
                return FaultyAddress(option=option, value=value, expected=expected, kind=kind, **said)
            return WrongForm(option=option, value=value, expected=expected, kind=kind)
        case _:
            return NotAllowed(option=option)


def address_fault(text: str, kind: str) -> AddressFault | None:
    """Return the fault of a web address of that kind, or None."""
    return find_address_fault(text, ("https", "http") if kind in HTTP_ADDRESSES else ("wss", "ws"))


def named(path: Path) -> str:
    """Return how messages name the value at a path: by its option, or by its key in an object of the author's own."""
    steps = [step for step in path if isinstance(step, str)]
    if not steps:
        return Wire("this")
    return steps[-1] if own_data().intersection(steps[:-1]) else Wire(steps[-1])


@cache
def own_data() -> frozenset[str]:
    """Return the options that hold objects of the author's own."""
    parts = ncco_validator().document["definitions"].values()
    return frozenset(key for part in parts for key, option in part.get("properties", {}).items() if "x-data" in option)


def _wrong_type(schema: Schema, value: Any, option: str) -> Facts:
    unit = schema.get("x-unit")
    if unit is not None and schema["type"] == "integer" and is_type(value, "number"):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        if not low <= value <= high:
            return _out_of_range(FractionOutOfRange, schema, value, option)
        near = tuple(each for each in (int(value), int(value) + 1) if low <= each <= high)
        return UnevenDuration(option=option, value=value, unit=unit, near=near)
    is_fraction = schema["type"] == "integer" and is_type(value, "number")
    given = shown(value) if is_fraction else kind_words(value)
    return WrongType(option=option, wanted=schema["type"], given=given, choices=tuple(schema.get("enum", ())))


def _not_a_choice(broken: Violation, option: str) -> Facts:
    schema, value = broken.schema, broken.value
    if is_default(option, value):
        return MeansDefault(option=option, value=value)
    choices = tuple(schema["enum"]) if "enum" in schema else (schema["const"],)
    if all(isinstance(each, str) for each in choices):
        if not isinstance(value, str):
            return WrongType(option=option, wanted="string", given=kind_words(value), choices=choices)
        is_item, near = bool(broken.path) and isinstance(broken.path[-1], int), tuple(meant_choices(value, choices))
        return NotAChoice(option=option, value=value, choices=choices, near=near, is_item=is_item)
    given = kind_words(value) if isinstance(value, (list, dict)) else value
    return NotAChoice(option=option, value=given, choices=choices)


def _out_of_range(kind: type[OutOfRange], schema: Schema, value: Any, option: str) -> Facts:
    return kind(
        option=option,
        value=value,
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        above=schema.get("exclusiveMinimum"),
        unit=schema.get("x-unit"),
    )


def _form(expected: str | None, kind: str | None, spelling: Spelling) -> str:
    """Return what to write in place of a text that has not the form of its option."""
    if spelling.is_flow and kind in _IN_FLOWS:
        return _IN_FLOWS[kind]
    return expected or "a text"


_IN_FLOWS = {"phone": _INTERNATIONAL, "audio-url": _SOUND_FILE}
"""Kind of a value → what to write in a flow, where a number may have blanks and an address may begin with a slash."""
