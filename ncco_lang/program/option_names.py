"""Find the option that a name means, or say why there is no such option."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.facts import NoSuchOption, WireName
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import elsewhere as own_elsewhere
from ncco_lang.vocabulary.legacy_table import elsewhere as elsewhere_words
from ncco_lang.vocabulary.misplaced import VOICE_NAMES
from ncco_lang.vocabulary.option_specs import words_of
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.raw_options import RAW
from ncco_lang.vocabulary.speech import legacy_voices
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot, forms
from ncco_lang.words import Wire, listed

_LONGEST = 80
"""How much of a text is looked at for the name of a voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionScope:
    """A statement or a nested block: the options it takes, and those given so far.

    `guessed` are options that a misspelt name or a mistake probably means: they are neither missing nor given twice.
    """

    source: Source
    title: str
    settings: Mapping[str, OptionSlot]
    form: Form | None
    given: dict[str, Span] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)


def find_option(scope: OptionScope, name: ast.Word) -> tuple[OptionSlot | None, Diagnostic | None]:
    """Return the setting that a name means, and a finding if the name is not spelled as it should be."""
    setting = scope.settings.get(name.text)
    if setting is not None:
        return setting, None
    for setting in scope.settings.values():
        if setting.option.key == name.text:
            right = setting.option.name
            fix = Fix(f"write {right}", (Edit(name.span, right),))
            facts = WireName(written=name.text, option=Wire(name.text))
            return setting, flow_finding(scope.source, name.span, facts, fix=fix)
    return None, _no_such_option(scope, name)


def _no_such_option(scope: OptionScope, name: ast.Word) -> Diagnostic:
    elsewhere = _elsewhere(scope, name.text, name.span.start)
    near = None
    if elsewhere is None:
        near = _counterpart(scope, name.text) or did_you_mean(name.text, scope.settings)
    fix = None
    if near is not None:
        scope.guessed.add(near)
        # If the author wrote it again, it would be given twice.
        fix = None if near in scope.given else Fix(f"write {near}", (Edit(name.span, near),), unsafe=True)
    facts = no_such_option(scope.title, name.text, near, scope.settings, elsewhere)
    return flow_finding(scope.source, name.span, facts, fix=fix)


def _counterpart(scope: OptionScope, name: str) -> str | None:
    """Return the option of this platform for one that another platform has, `level` for `volume`."""
    own = own_elsewhere("options", scope.title).get(name)
    if own is not None and own in scope.settings:
        return own
    owner = scope.title.split()
    titles = (owner[0], f"{owner[1]} endpoint") if len(owner) > 1 else owner
    for title in titles:
        key = elsewhere_words("options", title).get(name) or elsewhere_words("options", title).get(_camel(name))
        setting = next((each for each in scope.settings.values() if each.option.key == key), None)
        if setting is not None:
            return setting.option.name
    return None


def _voice(text: str, name: str) -> str:
    """Return what to write for an option that names a voice, `voice: Amy`, from the text that begins with it."""
    written = re.match(rf"{re.escape(name)}[ \t]*:[ \t]*\"?(?:[A-Za-z]+\.)?([A-Za-z]+)", text)
    voice = None if written is None else legacy_voices().get(written[1].capitalize())
    if voice is None:
        return "language and style choose the voice, such as language: en-GB style: 0"
    return f"write language: {voice['language']} style: {voice['style']}"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def no_such_option(
    owner: str, name: str, near: str | None, settings: Mapping[str, OptionSlot], instead: str | None = None
) -> NoSuchOption:
    """Return the facts of an unknown option: `near` is the name that it may mean."""
    return NoSuchOption(
        owner=owner,
        option=name,
        near=None if near is None else Wire(settings[near].option.key),
        instead=instead,
        options=tuple(Wire(each.option.key) for each in settings.values() if each.option.kind != RAW),
    )


def _elsewhere(scope: OptionScope, name: str, at: int) -> str | None:
    """Return a hint if the name is valid in another place."""
    if scope.form is None or scope.form.action.kind != "action":
        return None
    action = scope.form.action
    if action.name == "talk" and name in VOICE_NAMES:
        return _voice(scope.source.text[at : at + _LONGEST], name)
    for option in action.options:
        if option.flat and name in (option.key, option.name):
            if option is action.chooser:
                return f"write {listed([f'{action.name} {word}' for word in words_of(option)])}"
            if not any(part.name in scope.settings for part in option.options):
                return f"write {' '.join((scope.title, name))}"
            return f"its options are those of the statement itself: {', '.join(p.name for p in option.options)}"
    for other in forms(action):
        if name in other.settings:
            return f'"{name}" belongs to {other.title}'
    return None


def find_setting(name: str, settings: Mapping[str, OptionSlot]) -> OptionSlot | None:
    """Return the setting of a name in the language or on the wire."""
    setting = settings.get(name)
    if setting is None:
        setting = next((each for each in settings.values() if each.option.key == name), None)
    return setting
