"""The rules about single values of an NCCO, which the schema defines, and their facts; `limits.py` has those of limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ncco_lang.diagnostics import Facts, Rule
from ncco_lang.words import Spelling, Wire, Words, listed

NOT_AN_ARRAY = Rule(
    code="F107",
    name="not-an-array",
    severity="error",
    why="An NCCO is a list of actions, even with one action. It is not documented whether the platform takes anything else, so the call may end in silence.",
    bad='{"action": "talk", "text": "Hello"}',
    good='[{"action": "talk", "text": "Hello"}]',
)
SDK_ENVELOPE = Rule(
    code="F108",
    name="sdk-envelope",
    severity="error",
    why="The actions are inside an object, as an SDK or the call API wants them. An answer URL must give the list itself, or the caller hears nothing.",
    bad='{"ncco": [{"action": "talk", "text": "Hello"}]}',
    good='[{"action": "talk", "text": "Hello"}]',
)
UNKNOWN_ACTION = Rule(
    code="F301",
    name="unknown-action",
    severity="error",
    why="The platform does not know this action and refuses the whole NCCO: the caller hears the fallback, or the call ends.",
    bad='[{"action": "tlak", "text": "Hello"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
UNKNOWN_OPTION = Rule(
    code="F302",
    name="unknown-option",
    severity="error",
    why="The action has no such option. At best it does nothing, so the caller gets the default; names are case-sensitive.",
    bad='[{"action": "talk", "text": "Hello", "volume": 1}]',
    good='[{"action": "talk", "text": "Hello", "level": 1}]',
)
MISSING_OPTION = Rule(
    code="F303",
    name="missing-option",
    severity="error",
    why="The action cannot work without this option, and the platform refuses the NCCO.",
    bad='[{"action": "talk"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
WRONG_TYPE = Rule(
    code="F304",
    name="wrong-type",
    severity="error",
    why="The value is of another kind than the option takes, and the platform refuses the NCCO.",
    bad='[{"action": "talk", "text": 42}]',
    good='[{"action": "talk", "text": "42"}]',
)
OUT_OF_RANGE = Rule(
    code="F305",
    name="out-of-range",
    severity="error",
    why="The number is outside the range of the option, so the platform refuses it or uses another one.",
    bad='[{"action": "talk", "text": "Hello", "level": 5}]',
    good='[{"action": "talk", "text": "Hello", "level": 1}]',
)
UNKNOWN_VALUE = Rule(
    code="F306",
    name="unknown-value",
    severity="error",
    why="The option takes one of a few values, and this is not one of them. Letter case counts.",
    bad='[{"action": "record", "endOnKey": "#", "format": "MP3"}]',
    good='[{"action": "record", "endOnKey": "#", "format": "mp3"}]',
)
MALFORMED_VALUE = Rule(
    code="F307",
    name="malformed-value",
    severity="error",
    why="The text does not have the form that the option needs, so the platform cannot call, play or post what was meant.",
    bad='[{"action": "stream", "streamUrl": ["music.mp3"]}]',
    good='[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
)
CONFLICTING_OPTIONS = Rule(
    code="F308",
    name="conflicting-options",
    severity="error",
    why="Options exclude or need each other, and the platform does not say which one it follows.",
    bad='[{"action": "connect", "endpoint": [{"type": "phone", "number": "442079460000"}], "from": "442079460001", "randomFromNumber": true}]',
    good='[{"action": "connect", "endpoint": [{"type": "phone", "number": "442079460000"}], "from": "442079460001"}]',
)
WRONG_COUNT = Rule(
    code="F309",
    name="wrong-count",
    severity="error",
    why="The list has too many entries, too few, or one entry twice.",
    bad='[{"action": "stream", "streamUrl": []}]',
    good='[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
)
EMPTY_NCCO = Rule(
    code="F310",
    name="empty-ncco",
    severity="error",
    why="Without an action the call ends at once. (As the answer to an event an empty list means: go on.)",
    bad="[]",
    good='[{"action": "talk", "text": "Hello"}]',
)
PLACEHOLDER = Rule(
    code="F312",
    name="placeholder",
    severity="error",
    why="A program should have replaced this by a number, an address or an id. The platform can neither call nor fetch it.",
    bad='[{"action": "stream", "streamUrl": ["${BASE_URL}/music.mp3"]}]',
    good='[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
)

RULES = (
    NOT_AN_ARRAY,
    SDK_ENVELOPE,
    UNKNOWN_ACTION,
    UNKNOWN_OPTION,
    MISSING_OPTION,
    WRONG_TYPE,
    OUT_OF_RANGE,
    UNKNOWN_VALUE,
    MALFORMED_VALUE,
    CONFLICTING_OPTIONS,
    WRONG_COUNT,
    EMPTY_NCCO,
    PLACEHOLDER,
)


class EmptyNcco(Facts):
    """A document without an action."""

    rule = EMPTY_NCCO
    message = "there is no action here, so the call ends at once"
    hint = 'add an action: {"action": "talk", "text": "Hello"}'


class Envelope(Facts):
    """A list of actions inside an object."""

    rule = SDK_ENVELOPE
    message = "an answer URL gives the list of actions, not an object"
    hint = "keep only the list"


class LoneAction(Facts):
    """An action outside of a list."""

    rule = NOT_AN_ARRAY
    message = "an NCCO is a list, even with one action"
    hint = "put it between [ and ]"


class NotAList(Facts):
    """A document that is no list: `given` is the kind of value in words."""

    rule = NOT_AN_ARRAY
    message = "an NCCO is a list of actions, not {given:s}"
    hint = 'write [{"action": "talk", "text": "Hello"}]'
    given: str


class NotAnAction(Facts):
    """A list entry that is no object: `given` is the kind of value in words."""

    rule = WRONG_TYPE
    message = "an action is an object, not {given:s}"
    hint = 'write {"action": "talk", "text": "Hello"}'
    given: str


class UnknownAction(Facts):
    """An action that the platform does not have."""

    rule = UNKNOWN_ACTION
    message = "there is no action {action}"
    hint = "write {known}"
    action: str
    near: str | None
    known: tuple[str, ...]
    _instead: str = ""

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, self._instead) if self._instead else super().words(spelling)


class UnknownOption(Facts):
    """An option that its object does not have.

    Attributes:
        owner: the object: the title of an action or an endpoint, or a `Wire` name.
        option: the key.
        near: the option that is meant.
        homes: titles of the parts of the action, or of the actions, that have such an option.
        options: those that the object has and that are not set.
    """

    rule = UNKNOWN_OPTION
    message = "{owner:s} has no option {option}"
    owner: str
    option: str
    near: Wire | None
    homes: tuple[str, ...]
    options: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        hint = "use {options}" if self.options else "leave it out"
        if self.near is not None:
            hint = "did you mean {near}?"
        elif self.homes:
            hint = f"{{option}} is an option of {listed(self.homes)}"
        return self.say(spelling, self.message, hint)


class NoVoiceName(UnknownOption):
    """A voice by its name; `language` and `style` are those of an older name, if it is one."""

    language: str | None
    style: int | None

    def words(self, spelling: Spelling) -> Words:
        hint = "`language` and `style` choose the voice"
        if self.language is not None:
            hint = 'write `"language": {language}`, `"style": {style}`'
        return self.say(spelling, self.message, hint)


class NothingPosted(UnknownOption):
    """An address for events at an action that has none."""

    message = "{owner:s} posts nothing, so it has no {option}"

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "put a notify after it, which posts to its `eventUrl`")


class OfInput(UnknownOption):
    """A setting for keys at a prompt: `setting` is its name in `dtmf` of an input."""

    setting: Wire

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "write {setting} in `dtmf` of the input after it")


class MissingOption(Facts):
    """An option that its object needs: `near` is a key that may mean it, `description` says what the option is."""

    rule = MISSING_OPTION
    message = "{owner:s} needs {option}"
    owner: str
    option: Wire
    near: str | None = None
    description: str = ""

    def words(self, spelling: Spelling) -> Words:
        hint = "add {option}: {description:s}" if self.description else "add {option}"
        return self.say(spelling, self.message, "did you mean {option} by {near}?" if self.near else hint)


class MissingAction(Facts):
    """An action that does not say which one it is."""

    rule = MISSING_OPTION
    message = 'an action needs "action"'
    hint = "write {known}"
    known: tuple[str, ...]


class OtherCase(Facts):
    """A key of an action in other letters."""

    rule = MISSING_OPTION
    message = 'an action needs "action"; {key} is another key'
    hint = "keys are case-sensitive: write {right}"
    key: str
    right: str


class OtherKey(Facts):
    """The name of an action under the key of another platform."""

    rule = MISSING_OPTION
    message = 'an action needs "action", not {key}'
    hint = 'write "action" for {key}'
    key: str


class ActionAsKey(Facts):
    """The name of an action as the only key of its object."""

    rule = MISSING_OPTION
    message = 'an action needs "action"; here its name is the key'
    hint = 'begin with "action": {action}'
    action: str


class Placeholder(Facts):
    """A placeholder that a program should have replaced by what is `wanted`, in words."""

    rule = PLACEHOLDER
    message = "{placeholder} was never replaced by a value for {option}"
    hint = "write {wanted:s}"
    option: str
    placeholder: str
    wanted: str


class MissingValue(Facts):
    """What a program wrote for a value that was missing: `undefined`."""

    rule = PLACEHOLDER
    message = "{leak} is what a program writes for a missing value"
    hint = "find out why the value for {option} was missing"
    option: str
    leak: str


class Conflict(Facts):
    """Options that exclude or need each other, in the words of the schema; `constraint` is the name there."""

    rule = CONFLICTING_OPTIONS
    labels = ("with this",)
    constraint: str
    options: tuple[Wire, ...]
    _says: str
    _instead: str

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self._says, self._instead)


def titled(title: str) -> str:
    """Return the title of an object of the schema as a message names it: an action by its name, the others with "a"."""
    return f"a {title}" if title.endswith(("endpoint", "prompt")) else title


def conflict_facts(kind: type[Conflict], schema: Mapping[str, Any]) -> Conflict:
    """Return the facts of a branch of the schema with an `x-constraint`."""
    options = tuple(Wire(key) for key in (schema["x-blame"], *schema.get("x-also", ())))
    return kind(
        constraint=schema["x-constraint"], options=options, _says=schema["x-message"], _instead=schema["x-hint"]
    )
