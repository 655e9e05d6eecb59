"""An action of a block → the NCCO of it, with the values and the voice of the call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ncco_lang.bundle import Expression, Say
from ncco_lang.diagnostics import Path
from ncco_lang.engine.values import CallValues
from ncco_lang.values.constants import quote
from ncco_lang.values.data import UNDEFINED, Tag, Word
from ncco_lang.values.ssml import is_ssml
from ncco_lang.vocabulary.ncco_schema import are_options_apart, is_valid, ncco_validator, needed_options
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.raw_options import RAW, with_raw
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot, form
from ncco_lang.vocabulary.wire import action_json, data_json, option_json

LONGEST_SPEECH = 1500
"""The most characters of one talk (`x-max-spoken` of the schema)."""
_SILENT = re.compile(r"\s*(?:<speak>\s*</speak>\s*)?")
_SENTENCE = re.compile(r"(?<=[.!?…。])\s+")


class UnusableError(Exception):
    """An action lacks an option that it needs, so it cannot be sent."""


class _Option(NamedTuple):
    """An option of an action: the expression of its value, and its JSON; `UNDEFINED` where a call has to evaluate it."""

    setting: OptionSlot
    value: Expression
    wire: Any = UNDEFINED


class Template(NamedTuple):
    """An action for calls in one language.

    Attributes:
        form: None for an action that is JSON of the author's own.
        options: those that it sets, with those of its voice.
        added: the expression of JSON that is added.
        actions: the NCCO, if it is the same in every call; else None.
        frame: the action with null for each option that a call has to evaluate, if it is valid whenever these are; else None.
    """

    form: Form | None
    options: tuple[_Option, ...]
    added: Expression
    actions: list[dict[str, Any]] | None = None
    frame: Mapping[str, Any] | None = None


def template_of(say: Say, values: CallValues) -> Template:
    """Return the template of an action, for `CallValues.prepared`: it reads names only to choose the voice.

    Raises:
        UnusableError: as `actions_of`, if the action is the same in every call.
    """
    template = _template(say, values)
    evaluated = [_evaluated(option, values.apart()) for option in template.options]
    options = tuple([option for option in evaluated if option is not None])
    template = template._replace(options=options)
    apart = values.apart()
    apart.read(template.added)
    if apart.names_read or any(option.wire is UNDEFINED for option in options):
        return template._replace(frame=_frame(template))
    return template._replace(actions=filled(template, values))


def _frame(template: Template) -> dict[str, Any] | None:
    """Return the frame of a template, if the options of its action are valid or invalid each on its own."""
    if template.form is None or not are_options_apart(template.form.action.name):
        return None
    if any(len(path) != 1 or not _fits(option, wire) for (option, path), _, wire in template.options):
        return None
    wires = ((path, None if wire is UNDEFINED else wire) for (_, path), _, wire in template.options)
    frame = action_json(template.form, wires)
    return frame if needed_options(template.form.action.name) <= frame.keys() else None


def actions_of(say: Say, values: CallValues) -> list[dict[str, Any]]:
    """Return the NCCO of an action; a long speech is several.

    Raises:
        UnusableError: an option that the action needs has no value, or one that the platform does not take.
    """
    return filled(_template(say, values), values)


def filled(template: Template, values: CallValues) -> list[dict[str, Any]]:
    """Return the NCCO of a template. Raises UnusableError as `actions_of`."""
    if template.actions is not None:
        return template.actions
    added: Any = data_json(values.read(template.added))
    if template.form is None:
        if not isinstance(added, dict) or not isinstance(added.get("action"), str):
            raise UnusableError
        return [added]
    action = None if template.frame is None else _framed(template, template.frame, values)
    if action is None:
        # Nearly every action is valid as it is, so its options are checked one by one only if it is not.
        action = action_json(template.form, _wires(template, values, is_checked=False))
        if not is_valid([action]):
            action = action_json(template.form, _wires(template, values, is_checked=True))
            if not is_valid([action]):
                raise UnusableError
    if template.form.action.name == "talk":
        if is_silent(action["text"]) and any(
            option.key == "text" and wire is UNDEFINED for (option, _), _, wire in template.options
        ):
            return []
        actions = _spoken(action)
    else:
        actions = [action]
    return [with_raw(each, added) for each in actions] if isinstance(added, dict) and added else actions


def _framed(template: Template, frame: Mapping[str, Any], values: CallValues) -> dict[str, Any] | None:
    """Return the action in its frame; None if an option has no value, or one that the platform does not take."""
    action = dict(frame)
    for (option, (key, *_)), value, wire in template.options:
        if wire is UNDEFINED:
            wire = action[key] = _wire(option, values.read_option(option, value), is_checked=True)  # type: ignore[index]
            if wire is UNDEFINED:
                return None
    return action


def _template(say: Say, values: CallValues) -> Template:
    fields = dict(say.fields)
    if say.verb == RAW:
        return Template(None, (), next(iter(fields.values()), None))
    try:
        chosen = form(say.verb, say.words)
    except KeyError:
        chosen = None
    if chosen is None:
        raise UnusableError
    given = say.fields if say.verb != "talk" else (*say.fields, *_voice(fields, values))
    options = [
        _Option(chosen.settings[name], value) for name, value in given if name in chosen.settings and name != RAW
    ]
    return Template(chosen, tuple(options), dict(given).get(RAW))


def _evaluated(option: _Option, values: CallValues) -> _Option | None:
    """Return an option with its JSON, if that is the same in every call; None if it never has any."""
    data = values.read_option(option.setting.option, option.value)
    if values.names_read:
        return option
    wire = _wire(option.setting.option, data, is_checked=False)
    return None if wire is UNDEFINED else option._replace(wire=wire)


def _wires(template: Template, values: CallValues, *, is_checked: bool) -> Iterator[tuple[Path, Any]]:
    """Yield the path and the JSON of each option; if they are checked, of each that the platform takes."""
    for (option, path), value, wire in template.options:
        if is_checked or wire is UNDEFINED:
            wire = _wire(option, values.read_option(option, value), is_checked=is_checked)
        if wire is not UNDEFINED:
            yield path, wire


def _voice(given: Mapping[str, Expression], values: CallValues) -> Iterator[tuple[str, Any]]:
    """Yield the options of the voice that a talk does not set itself: those of its language, else of the call's."""
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
    return UNDEFINED if is_checked and not _fits(option, wire) else wire


def _fits(option: OptionSpec, wire: Any) -> bool:
    """Return whether the platform takes the JSON of an option; an undefined one is not sent."""
    return wire is UNDEFINED or ncco_validator().check(option.schema)(wire) is None


def _block(option: OptionSpec, data: Any, *, is_checked: bool) -> Any:
    if not isinstance(data, dict):
        return UNDEFINED
    inner = {each.name: each for each in option.options}
    parts = {inner[name].key: _wire(inner[name], data[name], is_checked=is_checked) for name in data if name in inner}
    return {key: value for key, value in parts.items() if value is not UNDEFINED}


def _spoken(action: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a talk, in several parts if it is longer than the platform speaks at once; a repeated one stays whole."""
    text = action["text"]
    if len(text) <= LONGEST_SPEECH or is_ssml(text) or action.get("loop", 1) != 1:
        return [action]
    return [{**action, "text": part} for part in _parts(text)]


def is_silent(text: str) -> bool:
    """Return whether nothing of a text can be heard: it has only blanks, also as SSML."""
    return _SILENT.fullmatch(text) is not None


def _parts(text: str) -> Iterator[str]:
    """Yield a speech in parts that end where a sentence or a word does."""
    part = ""
    for sentence in _SENTENCE.split(text):
        if part and len(part) + 1 + len(sentence) > LONGEST_SPEECH:
            yield part
            part = ""
        part = f"{part} {sentence}" if part else sentence
        while len(part) > LONGEST_SPEECH:
            cut = part.rfind(" ", 1, LONGEST_SPEECH + 1)
            cut = LONGEST_SPEECH if cut < 0 else cut
            yield part[:cut]
            part = part[cut:].lstrip()
    if part:
        yield part
