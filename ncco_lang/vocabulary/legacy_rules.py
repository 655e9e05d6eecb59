"""The rules about legacy and misspelt forms. `schemas/legacy-forms.json` has the forms and their severities."""

from __future__ import annotations

from ncco_lang.diagnostics import Rule

_PHONE = '"endpoint": [{"type": "phone", "number": "442079460000"}], "from": "442079460001"'

TEXT_FOR_LIST = Rule(
    code="F350",
    name="text-for-list",
    severity="warning",
    why="The option takes a list, also with one entry. The platform has been lenient about it, but the reference is not.",
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
    why="true, false and numbers have no quotes. The platform has been lenient about it, but the reference is not.",
    bad='[{"action": "talk", "text": "Hello", "premium": "true"}]',
    good='[{"action": "talk", "text": "Hello", "premium": true}]',
)
OLDER_NAME = Rule(
    code="F353",
    name="older-name",
    severity="warning",
    why="The option has this name elsewhere or had it once. Under it the platform may pass the option over.",
    bad='[{"action": "transfer", "conversation_id": "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}]',
    good='[{"action": "transfer", "conversationId": "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}]',
)
FLAT_INPUT = Rule(
    code="F354",
    name="flat-input",
    severity="warning",
    why="Before May 2020 the settings for keys stood in the action itself. Today's form has type and dtmf, and posts a result of another shape: change the program that reads it at the same time.",
    bad='[{"action": "input", "maxDigits": 1, "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/keys"]}]',
)
INPUT_WITHOUT_TYPE = Rule(
    code="F355",
    name="input-without-type",
    severity="warning",
    why="An input says in type whether it takes keys, speech or both. Without it the platform falls back to an old form, and the result may have another shape.",
    bad='[{"action": "input", "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/keys"]}]',
)
MISSPELT_VALUE = Rule(
    code="F356",
    name="misspelt-value",
    severity="warning",
    why="A spelling that some program writes and that the reference does not have.",
    bad='[{"action": "input", "type": ["dtmf"], "mode": "asyncronous", "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": ["https://example.com/keys"]}]',
)
OLDER_RANGE = Rule(
    code="F357",
    name="older-range",
    severity="warning",
    why="The number lies outside the documented range, though some source allows it or the platform takes the nearest one.",
    bad='[{"action": "wait", "timeout": 9000}, {"action": "talk", "text": "Hello"}]',
    good='[{"action": "wait", "timeout": 7200}, {"action": "talk", "text": "Hello"}]',
)
SEVERAL_URLS = Rule(
    code="F358",
    name="several-urls",
    severity="warning",
    why="The list may hold one address; a second one is never called.",
    bad='[{"action": "record", "endOnKey": "#", "eventUrl": ["https://example.com/a", "https://example.com/b"]}]',
    good='[{"action": "record", "endOnKey": "#", "eventUrl": ["https://example.com/a"]}]',
)
CHANNELS_WITHOUT_SPLIT = Rule(
    code="F359",
    name="channels-without-split",
    severity="warning",
    why="channels works only with split, so the recording has everybody on one channel.",
    bad='[{"action": "record", "endOnKey": "#", "channels": 2}]',
    good='[{"action": "record", "endOnKey": "#", "channels": 2, "split": "conversation"}]',
)
NUMBER_FORM = Rule(
    code="F361",
    name="number-form",
    severity="warning",
    why="Numbers are written in E.164 form without the plus sign: country code and digits. Other forms are not promised to reach anybody.",
    bad='[{"action": "connect", "endpoint": [{"type": "phone", "number": "+44 20 7946 0000"}], "from": "442079460001"}]',
    good='[{"action": "connect", ' + _PHONE + "}]",
)
EMPTY_DTMF = Rule(
    code="F362",
    name="empty-dtmf",
    severity="warning",
    why="An asynchronous input takes no settings for keys; an empty dtmf is harmless in some readers and refused by others.",
    bad='[{"action": "input", "type": ["dtmf"], "dtmf": {}, "mode": "asynchronous", "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": ["https://example.com/keys"]}]',
)
SETTINGS_WITHOUT_TYPE = Rule(
    code="F364",
    name="settings-without-type",
    severity="warning",
    why="Settings for keys or speech have no effect when type does not name them: the caller presses or speaks in vain.",
    bad='[{"action": "input", "type": ["speech"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/said"]}]',
    good='[{"action": "input", "type": ["speech", "dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://example.com/said"]}]',
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
)
