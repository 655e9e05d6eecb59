"""The rules about legacy and misspelt forms, and their facts. `schemas/legacy-forms.json` has the forms themselves."""

from __future__ import annotations

from typing import Any

from ncco_lang.diagnostics import Facts, Rule
from ncco_lang.vocabulary.limits import OutOfRange
from ncco_lang.vocabulary.phrases import type_words
from ncco_lang.vocabulary.schema_rules import MALFORMED_VALUE, MISSING_OPTION, WRONG_TYPE, Conflict
from ncco_lang.words import Spelling, Wire, Words

_E164 = "write the country code and the number, in digits only"
_PHONE = '"endpoint": [{"type": "phone", "number": "442079460000"}], "from": "442079460001"'

TEXT_FOR_LIST = Rule(
    code="F350",
    name="text-for-list",
    severity="warning",
    why="The option takes a list, even with one entry. The platform has accepted a single value, but the reference does not allow it.",
    bad='[{"action": "stream", "streamUrl": "https://example.com/music.mp3"}]',
    good='[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
)
LIST_FOR_TEXT = Rule(
    code="F351",
    name="list-for-text",
    severity="warning",
    why="The option takes one text, not a list of one.",
    bad='[{"action": "connect", ' + _PHONE + ', "ringbackTone": ["https://example.com/tone.mp3"]}]',
    good='[{"action": "connect", ' + _PHONE + ', "ringbackTone": "https://example.com/tone.mp3"}]',
)
TEXT_FOR_VALUE = Rule(
    code="F352",
    name="text-for-value",
    severity="warning",
    why="true, false and numbers have no quotes. The platform has accepted them in quotes, but the reference does not allow it.",
    bad='[{"action": "talk", "text": "Hello", "premium": "true"}]',
    good='[{"action": "talk", "text": "Hello", "premium": true}]',
)
OLDER_NAME = Rule(
    code="F353",
    name="older-name",
    severity="warning",
    why="The option has this name elsewhere, or had it once. The platform may ignore it under this name.",
    bad='[{"action": "transfer", "conversation_id": "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}]',
    good='[{"action": "transfer", "conversationId": "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}]',
)
FLAT_INPUT = Rule(
    code="F354",
    name="flat-input",
    severity="warning",
    why="Before May 2020 the settings for keys were in the action itself. Today's form has type and dtmf, and posts a result of another shape: change the program that reads it at the same time.",
    bad='[{"action": "input", "maxDigits": 1, "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/keys"]}]',
)
INPUT_WITHOUT_TYPE = Rule(
    code="F355",
    name="input-without-type",
    severity="warning",
    why="An input says in type whether it takes keys, speech or both. Without it the platform uses an old form, and the result may have another shape.",
    bad='[{"action": "input", "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/keys"]}]',
)
MISSPELT_VALUE = Rule(
    code="F356",
    name="misspelt-value",
    severity="warning",
    why="Some program writes this spelling, and the reference does not have it.",
    bad='[{"action": "input", "type": ["dtmf"], "mode": "asyncronous", "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": ["https://example.com/keys"]}]',
)
OLDER_RANGE = Rule(
    code="F357",
    name="older-range",
    severity="warning",
    why="The number is outside the documented range, though some source allows it or the platform takes the nearest one.",
    bad='[{"action": "wait", "timeout": 9000}, {"action": "talk", "text": "Hello"}]',
    good='[{"action": "wait", "timeout": 7200}, {"action": "talk", "text": "Hello"}]',
)
SEVERAL_URLS = Rule(
    code="F358",
    name="several-urls",
    severity="warning",
    why="The list takes one address. The platform never calls a second one.",
    bad='[{"action": "record", "endOnKey": "#", "eventUrl": ["https://example.com/a", "https://example.com/b"]}]',
    good='[{"action": "record", "endOnKey": "#", "eventUrl": ["https://example.com/a"]}]',
)
CHANNELS_WITHOUT_SPLIT = Rule(
    code="F359",
    name="channels-without-split",
    severity="warning",
    why="channels works only with split, so the recording has all participants on one channel.",
    bad='[{"action": "record", "endOnKey": "#", "channels": 2}]',
    good='[{"action": "record", "endOnKey": "#", "channels": 2, "split": "conversation"}]',
)
NUMBER_FORM = Rule(
    code="F361",
    name="number-form",
    severity="warning",
    why="Numbers are written in E.164 form without the plus sign: country code and digits. A number in another form may reach no telephone.",
    bad='[{"action": "connect", "endpoint": [{"type": "phone", "number": "+44 20 7946 0000"}], "from": "442079460001"}]',
    good='[{"action": "connect", ' + _PHONE + "}]",
)
EMPTY_DTMF = Rule(
    code="F362",
    name="empty-dtmf",
    severity="warning",
    why="An asynchronous input takes no settings for keys. Some readers ignore an empty dtmf, others refuse it.",
    bad='[{"action": "input", "type": ["dtmf"], "dtmf": {}, "mode": "asynchronous", "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": ["https://example.com/keys"]}]',
)
SETTINGS_WITHOUT_TYPE = Rule(
    code="F364",
    name="settings-without-type",
    severity="warning",
    why="Settings for keys or speech have no effect if type does not name them: the platform ignores what the caller presses or says.",
    bad='[{"action": "input", "type": ["speech"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/said"]}]',
    good='[{"action": "input", "type": ["speech", "dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/said"]}]',
)

EMPTY_EVENT_URL = Rule(
    code="F365",
    name="empty-event-url",
    severity="warning",
    why="The list has no address. An official SDK writes it by itself; the reference does not allow it.",
    bad='[{"action": "connect", ' + _PHONE + ', "eventUrl": []}]',
    good='[{"action": "connect", ' + _PHONE + "}]",
)

RULES = (
    TEXT_FOR_LIST,
    LIST_FOR_TEXT,
    TEXT_FOR_VALUE,
    OLDER_NAME,
    FLAT_INPUT,
    INPUT_WITHOUT_TYPE,
    MISSPELT_VALUE,
    OLDER_RANGE,
    SEVERAL_URLS,
    CHANNELS_WITHOUT_SPLIT,
    NUMBER_FORM,
    EMPTY_DTMF,
    SETTINGS_WITHOUT_TYPE,
    EMPTY_EVENT_URL,
)


class TextForList(Facts):
    """A text in place of a list: `given` is the kind of value in words."""

    rule = TEXT_FOR_LIST
    message = "{option} takes a list, even with one entry, not {given:s}"
    hint = "put it into a list"
    option: str
    given: str


class ObjectForList(TextForList):
    """An object in place of a list."""

    rule = WRONG_TYPE


class ListForObject(Facts):
    """A list in place of an object: an empty one, or `one` object in a list."""

    rule = WRONG_TYPE
    message = "{option} takes an object, not a list"
    option: str
    one: bool

    def words(self, spelling: Spelling) -> Words:
        empty = "write {empty:s}: an empty array of PHP becomes a list"
        return self.say(spelling, self.message, "take it out of the list" if self.one else empty, empty="{}")


class EmptyEventUrl(Facts):
    """A list without an address, where one official SDK writes it by itself."""

    rule = EMPTY_EVENT_URL
    message = "{option} has no address"
    hint = "leave it out; then the application's event URL is asked"
    option: str


class ListForText(Facts):
    """A list of one text in place of the text."""

    rule = LIST_FOR_TEXT
    message = "{option} takes one text, not a list"
    hint = "take it out of the list"
    option: str


class TextForValue(Facts):
    """A text in place of the boolean or the number that it spells, `value`: `wanted` is a JSON type."""

    rule = TEXT_FOR_VALUE
    option: str
    wanted: str
    value: bool | float

    def words(self, spelling: Spelling) -> Words:
        message = "{option} takes {type:s}, not a text"
        return self.say(spelling, message, "write {value} without quotes", type=type_words(self.wanted))


class OlderName(Facts):
    """An option under a name that it has elsewhere, or had once."""

    rule = OLDER_NAME
    message = "{option} is named {name} in an NCCO"
    hint = "rename it to {name}"
    option: str
    name: Wire


class FlatInput(Facts):
    """Settings for keys in the action itself; `obstacle` says why they cannot be moved: `taken` or `misspelt`."""

    rule = FLAT_INPUT
    message = "these settings belong in {into} since May 2020"
    labels = ("and this",)
    options: tuple[Wire, ...]
    into: Wire
    obstacle: str | None
    names: tuple[Wire, ...] = ()

    def words(self, spelling: Spelling) -> Words:
        if self.names and self.obstacle is None:
            return self.say(spelling, "an input has {names} inside {into}, not {options}", "write it there")
        hint = "move them into {into}; the result changes its shape, so change the program that reads it"
        if self.obstacle == "taken":
            hint = "{into} has this too: keep one of the two, there"
        elif self.obstacle == "misspelt":
            hint = "correct the spelling of {into}, then move them into it"
        return self.say(spelling, self.message, hint)


class InputWithoutType(Facts):
    """An object without an option that older programs leave out; `value` is what they mean."""

    rule = INPUT_WITHOUT_TYPE
    message = "{owner:s} needs {option}"
    owner: str
    option: Wire
    value: Any

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "add {member:s}", member=spelling.member(self.option, self.value))


class LeftOut(InputWithoutType):
    """An object without an option that the platform requires, and one SDK does not."""

    rule = MISSING_OPTION


class MisspeltValue(Facts):
    """A value that some program misspells."""

    rule = MISSPELT_VALUE
    message = "{value} is a misspelling of {right:choice}"
    hint = "write {right:choice}"
    option: str
    value: str
    right: str


class OlderRange(OutOfRange):
    """A number that some source allows; `reason` says which."""

    rule = OLDER_RANGE
    reason: str

    def words(self, spelling: Spelling) -> Words:
        message = "{option} of {value} is outside the documented range"
        return self.say(spelling, message)._replace(hint=f"{super().words(spelling).hint}: {self.reason}")


class ClampedNumber(OutOfRange):
    """A number in place of which the platform takes the limit."""

    rule = OLDER_RANGE
    limit: float

    def words(self, spelling: Spelling) -> Words:
        message = super().words(spelling).message + "; the platform takes {limit}"
        return self.say(spelling, message, "write {limit}")


class SeveralUrls(Facts):
    """Several addresses of which the platform calls only the first."""

    rule = SEVERAL_URLS
    message = "{option} has {count} addresses; the platform calls only the first"
    hint = "keep the first address"
    option: str
    count: int


class NumberForm(Facts):
    """A telephone number in another form than E.164: `digits` are that form, if they are certain."""

    rule = NUMBER_FORM
    message = "{value} is not in E.164 form"
    value: str
    digits: str | None = None

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "write {digits}" if self.digits else _E164)


class NoSuchNumber(NumberForm):
    """Digits that no telephone number has."""

    message = "no telephone number can be {value}"


class LenientCountry(NumberForm):
    """A telephone number without a country code where a source allows it; `country` is the one that may be meant."""

    message = "{value} has no country code"
    country: str | None

    def words(self, spelling: Spelling) -> Words:
        hint = "begin with the country code: is it {country:s}?" if self.country else _E164
        return self.say(spelling, self.message, hint)


class ShownText(NumberForm):
    """A text that is no number, shown to something else than a telephone."""

    message = "{value} is shown as it is; no telephone shows it"
    hint = "keep it, as long as no telephone is called"

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, self.hint)


class MissingCountry(LenientCountry):
    """A telephone number without a country code."""

    rule = MALFORMED_VALUE


class ChannelsWithoutSplit(Conflict):
    """Channels without split."""

    rule = CHANNELS_WITHOUT_SPLIT


class EmptyDtmf(Conflict):
    """An empty dtmf in an asynchronous input."""

    rule = EMPTY_DTMF


class SettingsWithoutType(Conflict):
    """Settings for keys or speech that type does not name."""

    rule = SETTINGS_WITHOUT_TYPE


CONFLICTS: dict[str, type[Conflict]] = {
    each.rule.name: each for each in (ChannelsWithoutSplit, EmptyDtmf, SettingsWithoutType)
}
"""The facts of a constraint of the schema by the rule of its legacy form."""
