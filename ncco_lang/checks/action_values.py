"""Rules about values that the schema allows: unusual, retired or undocumented values, addresses, numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from ncco_lang.checks.action_list import Document
from ncco_lang.diagnostics import Place, Problem, Repair, ReplaceInside, Rule
from ncco_lang.vocabulary.kinds import WEB_ADDRESSES
from ncco_lang.vocabulary.ncco_schema import OptionValue, ncco_validator
from ncco_lang.vocabulary.schema_validator import Schema
from ncco_lang.words import choice_words, shown

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
    why="The option is known from the SDKs of 2026 only; the reference does not have it, so nothing is promised.",
    bad='[{"action": "talk", "text": "Hello", "provider": "Google"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
RETIRED_ACTION = Rule(
    code="F316",
    name="retired-action",
    severity="error",
    why='The action is gone from the reference, and the platform may refuse the whole NCCO. Whose account still has it sets "retired-action" to "warning" in ncco.toml.',
    bad='[{"action": "pay", "amount": 9.99}]',
    good='[{"action": "talk", "text": "You can pay on our web site."}]',
)
TOO_MUCH_DATA = Rule(
    code="F317",
    name="too-much-data",
    severity="warning",
    why="More data than the platform passes on: the rest is cut, or the connection is refused.",
    bad='[{"action": "connect", "from": "442079460001", "endpoint": [{"type": "websocket", "uri": "wss://example.com/s", "content-type": "audio/l16;rate=16000", "headers": {"note": "'
    + "x" * 520
    + '"}}]}]',
    good='[{"action": "connect", "from": "442079460001", "endpoint": [{"type": "websocket", "uri": "wss://example.com/s", "content-type": "audio/l16;rate=16000", "headers": {"note": "x"}}]}]',
)
PLAIN_HTTP = Rule(
    code="F320",
    name="plain-http",
    severity="warning",
    why="Over http and ws anybody on the way reads and changes what callers say and hear. Use https and wss.",
    bad='[{"action": "stream", "streamUrl": ["http://example.com/music.mp3"]}]',
    good='[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
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
    why="The length fits the country, but no operator hands out numbers that begin like this one. Often a digit is wrong; numbers in examples are meant to be so.",
    bad='[{"action": "connect", "endpoint": [{"type": "phone", "number": "15555551234"}], "from": "442079460958"}]',
    good='[{"action": "connect", "endpoint": [{"type": "phone", "number": "442079460958"}], "from": "442079460958"}]',
)

RULES = (
    UNUSUAL_VALUE,
    UNDOCUMENTED_OPTION,
    RETIRED_ACTION,
    TOO_MUCH_DATA,
    PLAIN_HTTP,
    IMPOSSIBLE_NUMBER,
    UNASSIGNED_NUMBER,
)


def check_values(document: Document) -> Iterator[Problem]:
    """Yield every finding of this module, in the order of the document."""
    for action in document.actions:
        if "x-deprecated" in action.schema:
            message = f'"{action.name}" is {action.schema["x-deprecated"]}'
            hint = "take the payment outside of the call"
            yield Problem(rule=RETIRED_ACTION, place=Place(action.at("action")), message=message, hint=hint)
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
            yield Problem(
                rule=UNUSUAL_VALUE,
                severity=advice["severity"],
                place=place,
                message=advice["message"],
                hint=advice["hint"],
            )


def _check_setting(setting: OptionValue) -> Iterator[Problem]:
    schema, value = setting.schema, setting.value
    if schema.get("x-since") == "sdk-2026" and setting.path and setting.owner != "authorization":
        message = f"{setting.path[-1]} is known to the SDKs of 2026, not to the reference"
        yield Problem(
            rule=UNDOCUMENTED_OPTION,
            place=Place(setting.path, "key"),
            message=message,
            hint="try it with your account before you rely on it",
        )
    if (
        "x-step" in schema
        and isinstance(value, float)
        and math.isfinite(value)
        and abs(value / schema["x-step"] - round(value / schema["x-step"])) > 1e-6
    ):
        message = f"{shown(value)} is finer than the steps of {schema['x-step']} that the platform has"
        yield Problem(rule=UNUSUAL_VALUE, place=Place(setting.path), message=message, hint=f"write {round(value, 1)}")
    if "x-suggest" in schema and isinstance(value, str) and value not in schema["x-suggest"]:
        message = f"{shown(value)} is not a {setting.path[-1]} that any SDK knows"
        yield Problem(
            rule=UNUSUAL_VALUE,
            place=Place(setting.path),
            message=message,
            hint=f"known are {choice_words(schema['x-suggest'])}",
        )
    if "x-max-bytes" in schema and isinstance(value, dict):
        size = len(json.dumps(value, ensure_ascii=True, separators=(",", ":")))
        if size > schema["x-max-bytes"]:
            message = f"{setting.path[-1]} come to {size} bytes, and {schema['x-max-bytes']} are passed on"
            yield Problem(
                rule=TOO_MUCH_DATA,
                place=Place(setting.path, "key"),
                message=message,
                hint="send an id, and keep the data where the server finds it",
            )


def _check_text(setting: OptionValue, shows: Any) -> Iterator[Problem]:
    if setting.kind in WEB_ADDRESSES:
        yield from _check_address(setting)
    elif setting.kind == "phone" and ncco_validator().check(setting.schema)(setting.value) is None:
        yield from _check_number(setting, shows if isinstance(shows, str) else "")


def _check_address(setting: OptionValue) -> Iterator[Problem]:
    for scheme in ("http://", "ws://"):
        if setting.value.lower().startswith(scheme):
            secure = "https" if scheme == "http://" else "wss"
            length = len(scheme) - 3
            repair = Repair(f"use {secure}", (ReplaceInside(setting.path, 0, length, secure),), unsafe=True)
            message = f"{scheme[:-3]} can be read and changed on the way"
            place = Place(setting.path, "inside", 0, length)
            yield Problem(
                rule=PLAIN_HTTP, place=place, message=message, hint=f"use {secure} if the server has it", repair=repair
            )


def _check_number(setting: OptionValue, near: str) -> Iterator[Problem]:
    from ncco_lang.values.phone import meant_country, number_verdict

    verdict = number_verdict(setting.value)
    if verdict == "impossible":
        country = meant_country(setting.value, near if near != setting.value else "")
        hint = "check the number of digits after the country code"
        if country is not None:
            hint = f"the country code is missing: {country}?"
        yield Problem(
            rule=IMPOSSIBLE_NUMBER,
            place=Place(setting.path),
            message=f"no number can be {shown(setting.value)}",
            hint=hint,
        )
    elif verdict == "unassigned":
        message = f"no operator has numbers like {shown(setting.value)}"
        yield Problem(rule=UNASSIGNED_NUMBER, place=Place(setting.path), message=message, hint="look for a wrong digit")
