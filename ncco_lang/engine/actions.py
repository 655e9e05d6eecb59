"""An action of a block → the NCCO of it, with the values and the voice of the call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ncco_lang.bundle import Fields, Say
from ncco_lang.engine.values import CallValues
from ncco_lang.values.constants import quote
from ncco_lang.values.data import UNDEFINED, Tag, Word
from ncco_lang.values.ssml import is_ssml
from ncco_lang.vocabulary.ncco_schema import is_valid, ncco_validator
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.raw_options import RAW, with_raw
from ncco_lang.vocabulary.statement_specs import form
from ncco_lang.vocabulary.wire import action_json, data_json, option_json

LONGEST_SPEECH = 1500
"""The most characters of one talk (`x-max-spoken` of the schema)."""
_SENTENCE = re.compile(r"(?<=[.!?…。])\s+")


class UnusableError(Exception):
    """An action lacks an option that it needs, so it cannot be sent."""


def actions_of(say: Say, values: CallValues) -> list[dict[str, Any]]:
    """Return the NCCO of an action; a long speech is several.

    Raises:
        UnusableError: an option that the action needs has no value, or one that the platform does not take.
    """
    if say.verb == RAW:
        wire = data_json(values.read(say.fields[0][1] if say.fields else None))
        if not isinstance(wire, dict) or not isinstance(wire.get("action"), str):
            raise UnusableError
        return [wire]
    try:
        chosen = form(say.verb, say.words)
    except KeyError:
        chosen = None
    if chosen is None:
        raise UnusableError
    fields = say.fields if say.verb != "talk" else (*say.fields, *_voice(say.fields, values))
    added: Any = next((data_json(values.read(value)) for name, value in fields if name == RAW), {})
    settings = [(chosen.settings[name], value) for name, value in fields if name in chosen.settings and name != RAW]
    given = [(setting, values.read_option(setting.option, value)) for setting, value in settings]
    # Nearly every action is valid as it is, so its options are checked one by one only if it is not.
    for is_checked in (False, True):
        options = ((setting.path, _wire(setting.option, data, is_checked=is_checked)) for setting, data in given)
        action = action_json(chosen, (each for each in options if each[1] is not UNDEFINED))
        if is_valid([action]):
            actions = _spoken(action) if say.verb == "talk" else (action,)
            return [with_raw(each, added) for each in actions] if isinstance(added, dict) and added else list(actions)
    raise UnusableError


def _voice(fields: Fields, values: CallValues) -> Iterator[tuple[str, Any]]:
    """Yield the options of the voice that a talk does not set itself: those of its language, else of the call's."""
    given = dict(fields)
    written = values.read(given.get("language", ["undefined"]))
    voices, language = values.bundle.voices, values.state.language
    if isinstance(written, (Tag, Word)):
        language = str(written)
    if language is not None and language not in voices:
        yield from (("language", quote(Tag(language))),) if "language" not in given else ()
    chosen = voices.get(language or "", voices.get("", ()))
    yield from ((name, value) for name, value in chosen if name not in given)


def _wire(option: OptionSpec, data: Any, *, is_checked: bool) -> Any:
    """Return the JSON of an option; `UNDEFINED` if it has none or, where it is checked, the platform does not take it."""
    wire = _block(option, data, is_checked=is_checked) if option.is_block else option_json(option, data)
    if is_checked and wire is not UNDEFINED and ncco_validator().check(option.schema)(wire) is not None:
        return UNDEFINED
    return wire


def _block(option: OptionSpec, data: Any, *, is_checked: bool) -> Any:
    if not isinstance(data, dict):
        return UNDEFINED
    inner = {each.name: each for each in option.options}
    parts = {inner[name].key: _wire(inner[name], data[name], is_checked=is_checked) for name in data if name in inner}
    return {key: value for key, value in parts.items() if value is not UNDEFINED}


def _spoken(action: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a talk, in several parts if it is longer than the platform speaks at once; a repeated one stays whole."""
    text = action["text"]
    if len(text) <= LONGEST_SPEECH or is_ssml(text) or action.get("loop", 1) != 1:
        yield action
        return
    part = ""
    for sentence in _SENTENCE.split(text):
        if part and len(part) + 1 + len(sentence) > LONGEST_SPEECH:
            yield {**action, "text": part}
            part = ""
        part = f"{part} {sentence}" if part else sentence
        while len(part) > LONGEST_SPEECH:
            cut = part.rfind(" ", 1, LONGEST_SPEECH + 1)
            cut = LONGEST_SPEECH if cut < 0 else cut
            yield {**action, "text": part[:cut]}
            part = part[cut:].lstrip()
    if part:
        yield {**action, "text": part}
