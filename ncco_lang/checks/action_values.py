"""Rules about values that the schema allows: unusual, retired or undocumented values, addresses, numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from ncco_lang.checks.action_list import Document
from ncco_lang.checks.addresses import check_address
from ncco_lang.diagnostics import Facts, Place, Problem, Rename, Repair, Rule
from ncco_lang.vocabulary.kinds import ADDRESSES
from ncco_lang.vocabulary.ncco_schema import OptionValue, ncco_validator
from ncco_lang.vocabulary.schema_validator import Schema
from ncco_lang.words import Spelling, Wire, Words

UNUSUAL_VALUE = Rule(
    code="F313",
    name="unusual-value",
    severity="warning",
    why="The value is allowed, but it rarely does what was meant, or the sources disagree about it.",
    bad='[{"action": "talk", "text": "Hello", "level": 0.25}]',
    good='[{"action": "talk", "text": "Hello", "level": 0.2}]',
)
UNDOCUMENTED_OPTION = Rule(
    code="F315",
    name="undocumented-option",
    severity="info",
    why="Only the SDKs of 2026 have this option. The reference does not, so nothing is promised.",
    bad='[{"action": "talk", "text": "Hello", "provider": "Google"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
RETIRED_ACTION = Rule(
    code="F316",
    name="retired-action",
    severity="error",
    why='The action is gone from the reference, and the platform may refuse the whole NCCO. If your account still has it, set "retired-action" to "warning" in ncco.toml.',
    bad='[{"action": "pay", "amount": 9.99}]',
    good='[{"action": "talk", "text": "You can pay on our web site."}]',
)
TOO_MUCH_DATA = Rule(
    code="F317",
    name="too-much-data",
    severity="warning",
    why="The data are longer than the platform passes on: the rest is cut, or the connection is refused.",
    bad='[{"action": "connect", "from": "442079460001", "endpoint": [{"type": "websocket", "uri": "wss://example.com/s", "content-type": "audio/l16;rate=16000", "headers": {"note": "'
    + "x" * 520
    + '"}}]}]',
    good='[{"action": "connect", "from": "442079460001", "endpoint": [{"type": "websocket", "uri": "wss://example.com/s", "content-type": "audio/l16;rate=16000", "headers": {"note": "x"}}]}]',
)
IMPOSSIBLE_NUMBER = Rule(
    code="F321",
    name="impossible-number",
    severity="warning",
    why="No telephone number of this country has this length, so the call cannot be placed.",
    bad='[{"action": "connect", "endpoint": [{"type": "phone", "number": "442079460000123"}], "from": "442079460001"}]',
    good='[{"action": "connect", "endpoint": [{"type": "phone", "number": "442079460000"}], "from": "442079460001"}]',
)
UNASSIGNED_NUMBER = Rule(
    code="F322",
    name="unassigned-number",
    severity="info",
    why="The length fits the country, but no operator hands out numbers that begin like this one. Often a digit is wrong. Numbers for examples are like this on purpose.",
    bad='[{"action": "connect", "endpoint": [{"type": "phone", "number": "15555551234"}], "from": "442079460958"}]',
    good='[{"action": "connect", "endpoint": [{"type": "phone", "number": "442079460958"}], "from": "442079460958"}]',
)

RULES = (
    UNUSUAL_VALUE,
    UNDOCUMENTED_OPTION,
    RETIRED_ACTION,
    TOO_MUCH_DATA,
    IMPOSSIBLE_NUMBER,
    UNASSIGNED_NUMBER,
)


class Advice(Facts):
    """A value or a combination of options about which the schema has advice (`x-advice`), in its words."""

    rule = UNUSUAL_VALUE
    option: Wire | None
    _says: str
    _instead: str

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self._says, self._instead)


class TooFine(Facts):
    """A number finer than the steps in which the platform counts."""

    rule = UNUSUAL_VALUE
    message = "{option} counts in steps of {step}, so {value} is too fine"
    hint = "write {near}"
    option: Wire
    value: float
    step: float
    near: float


class DoubledPrefix(Facts):
    """A SIP header with the prefix that the platform adds; `plain` is its name without it."""

    rule = UNUSUAL_VALUE
    message = "the platform sends {key} as X-{key:s}"
    hint = "write {plain}"
    key: str
    plain: str


class NotSuggested(Facts):
    """A text that no source knows as a value of its option."""

    rule = UNUSUAL_VALUE
    message = "no SDK knows the {option} {value}"
    hint = "write {known}, or try it before you rely on it"
    option: Wire
    value: str
    known: tuple[str, ...]


class UndocumentedOption(Facts):
    """An option that only the SDKs of 2026 have."""

    rule = UNDOCUMENTED_OPTION
    message = "the SDKs of 2026 have {option}; the reference does not"
    hint = "try it with your account before you rely on it"
    option: Wire


class RetiredAction(Facts):
    """An action that is gone from the reference."""

    rule = RETIRED_ACTION
    message = "{action} is {reason:s}"
    hint = "take the payment outside the call"
    action: str
    reason: str


class TooMuchData(Facts):
    """Data of the author's own that are longer than the platform passes on."""

    rule = TOO_MUCH_DATA
    message = "{option} has {size:,} bytes; the platform passes on {limit:,}"
    hint = "send an id, and keep the data on your server"
    option: Wire
    size: int
    limit: int


class ImpossibleNumber(Facts):
    """A telephone number of a length that its country does not have; `country` is the code that may be missing."""

    rule = IMPOSSIBLE_NUMBER
    number: str
    country: str | None

    def words(self, spelling: Spelling) -> Words:
        hint = "check the number of digits after the country code"
        if self.country is not None:
            hint = "begin with the country code: is it {country:s}?"
        return self.say(spelling, "no telephone number can be {number}", hint)


class UnassignedNumber(Facts):
    """A telephone number whose first digits no operator hands out."""

    rule = UNASSIGNED_NUMBER
    message = "no operator has numbers like {number}"
    hint = "look for a wrong digit"
    number: str


def check_values(document: Document) -> Iterator[Problem]:
    """Yield every finding of this module, in the order of the document."""
    for action in document.actions:
        if "x-deprecated" in action.schema:
            facts = RetiredAction(action=action.name, reason=action.schema["x-deprecated"])
            yield Problem(facts=facts, place=Place(action.at("action")))
        yield from _advice(action.schema, action.options, action.path)
        for setting in action.kinds:
            if isinstance(setting.value, str):
                yield from _check_text(setting, action.options.get("from"))
        for setting in action.settings:
            if setting.remarked:
                yield from _advice(setting.schema, setting.value, setting.path)
                yield from _check_setting(setting)


def _advice(schema: Schema, value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    """Yield a finding for each `x-advice` of the schema that the value matches."""
    for advice in schema.get("x-advice", ()):
        if ncco_validator().check(advice["if"])(value) is None:
            blame = advice.get("blame")
            place = Place(path) if blame is None else Place((*path, blame), "value" if blame == "action" else "key")
            option = next((Wire(step) for step in reversed(place.path) if isinstance(step, str)), None)
            facts = Advice(option=option, _says=advice["message"], _instead=advice["hint"])
            yield Problem(facts=facts, severity=advice["severity"], place=place)


def _check_setting(setting: OptionValue) -> Iterator[Problem]:
    schema, value = setting.schema, setting.value
    option = Wire(next(step for step in reversed(setting.path) if isinstance(step, str)))
    if schema.get("x-since") == "sdk-2026" and setting.path and setting.owner != "authorization":
        yield Problem(facts=UndocumentedOption(option=option), place=Place(setting.path, "key"))
    if (
        "x-step" in schema
        and isinstance(value, float)
        and math.isfinite(value)
        and abs(value / schema["x-step"] - round(value / schema["x-step"])) > 1e-6
    ):
        facts = TooFine(option=option, value=value, step=schema["x-step"], near=round(value, 1))
        yield Problem(facts=facts, place=Place(setting.path))
    if "x-suggest" in schema and isinstance(value, str) and value not in schema["x-suggest"]:
        suggestion = NotSuggested(option=option, value=value, known=tuple(schema["x-suggest"]))
        yield Problem(facts=suggestion, place=Place(setting.path))
    if setting.owner == "sip endpoint" and option == "headers" and isinstance(value, dict):
        yield from _check_headers(setting)
    if "x-max-bytes" in schema and isinstance(value, dict):
        size = len(json.dumps(value, ensure_ascii=True, separators=(",", ":")))
        if size > schema["x-max-bytes"]:
            excess = TooMuchData(option=option, size=size, limit=schema["x-max-bytes"])
            yield Problem(facts=excess, place=Place(setting.path, "key"))


def _check_headers(setting: OptionValue) -> Iterator[Problem]:
    """Check the keys of SIP headers, to which the platform adds `X-`."""
    for key in setting.value:
        if key[:2].lower() == "x-" and len(key) > 2:
            plain, path = key[2:], (*setting.path, key)
            repair = None if plain in setting.value else Repair((Rename(path, plain),), unsafe=True)
            yield Problem(facts=DoubledPrefix(key=key, plain=plain), place=Place(path, "key"), repair=repair)


def _check_text(setting: OptionValue, shows: Any) -> Iterator[Problem]:
    if setting.kind in ADDRESSES:
        yield from check_address(setting)
    elif setting.kind == "phone" and ncco_validator().check(setting.schema)(setting.value) is None:
        yield from _check_number(setting, shows if isinstance(shows, str) else "")


def _check_number(setting: OptionValue, near: str) -> Iterator[Problem]:
    from ncco_lang.values.phone import meant_country, number_verdict

    verdict = number_verdict(setting.value)
    if verdict == "impossible":
        country = meant_country(setting.value, near if near != setting.value else "")
        yield Problem(facts=ImpossibleNumber(number=setting.value, country=country), place=Place(setting.path))
    elif verdict == "unassigned":
        yield Problem(facts=UnassignedNumber(number=setting.value), place=Place(setting.path))
