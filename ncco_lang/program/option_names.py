"""Find the option that a name means, or say why there is no such option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.facts import NoSuchOption, WireName
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.option_specs import words_of
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot, forms
from ncco_lang.words import Wire, listed


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
    elsewhere = _elsewhere(scope, name.text)
    near = did_you_mean(name.text, scope.settings) if elsewhere is None else None
    fix = None
    if near is not None:
        scope.guessed.add(near)
        # If the author wrote it again, it would be given twice.
        fix = None if near in scope.given else Fix(f"write {near}", (Edit(name.span, near),), unsafe=True)
    facts = no_such_option(scope.title, name.text, near, scope.settings, elsewhere)
    return flow_finding(scope.source, name.span, facts, fix=fix)


def no_such_option(
    owner: str, name: str, near: str | None, settings: Mapping[str, OptionSlot], instead: str | None = None
) -> NoSuchOption:
    """Return the facts of an unknown option: `near` is the name that it may mean."""
    return NoSuchOption(
        owner=owner,
        option=name,
        near=None if near is None else Wire(settings[near].option.key),
        instead=instead,
        options=tuple(Wire(setting.option.key) for setting in settings.values()),
    )


def _elsewhere(scope: OptionScope, name: str) -> str | None:
    """Return a hint if the name is valid in another place."""
    if scope.form is None or scope.form.action.kind != "action":
        return None
    action = scope.form.action
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
