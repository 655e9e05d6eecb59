"""The rules about single values of an NCCO: what the schema defines."""

from __future__ import annotations

from ncco_lang.diagnostics import Rule

NOT_AN_ARRAY = Rule(
    code="F107",
    name="not-an-array",
    severity="error",
    why="An NCCO is a list of actions, also with one action. Whether the platform takes anything else is not documented, so the call may end in silence.",
    bad='{"action": "talk", "text": "Hello"}',
    good='[{"action": "talk", "text": "Hello"}]',
)
SDK_ENVELOPE = Rule(
    code="F108",
    name="sdk-envelope",
    severity="error",
    why="The actions are inside an object, as an SDK or the call API wants them. An answer URL has to give the bare list, or the caller hears nothing.",
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
    why="The number lies outside what the option takes, so the platform refuses it or uses another one.",
    bad='[{"action": "talk", "text": "Hello", "level": 5}]',
    good='[{"action": "talk", "text": "Hello", "level": 1}]',
)
UNKNOWN_VALUE = Rule(
    code="F306",
    name="unknown-value",
    severity="error",
    why="The option takes one of a few values, and this is none of them; letter case counts.",
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
    why="The list holds too many entries, too few, or one twice.",
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
    why="A program should have put a number, an address or an id here. The platform can call no number and fetch nothing with it.",
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
