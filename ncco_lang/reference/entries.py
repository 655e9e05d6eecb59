"""Gather what the reference has about each statement: how it is written, its options, the outcomes it routes, examples.

A topic is what `ncco explain` takes: `talk`, `connect.timeout`, `connect.phone.number`. It is also the anchor in
`docs/reference.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Literal, TypeAlias

from ncco_lang.diagnostics import Path
from ncco_lang.reference.examples import TEST
from ncco_lang.reference.option_words import wire_of
from ncco_lang.vocabulary.flow_spelling import FlowSpelling
from ncco_lang.vocabulary.language_words import Word, words_in
from ncco_lang.vocabulary.ncco_schema import definition, merged
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import (
    Form,
    OperandSpec,
    OptionSlot,
    StatementSpec,
    actions,
    forms,
    own_form,
    spec_of,
)
from ncco_lang.vocabulary.words_of_tests import EXPECT, NO, form_of_test_word
from ncco_lang.words import fill

Group: TypeAlias = Literal["Actions", "Statements of the language", "Declarations", "Words of tests"]
_TESTS: Group = "Words of tests"
_ARM = "->"


class _QuotedSpelling(FlowSpelling):
    """The language's spelling, with options between backticks."""

    __slots__ = ()

    def name(self, wire: str) -> str:
        return f"`{super().name(wire)}`"

    def member(self, wire: str, value: object) -> str:
        return f"`{super().name(wire)}: {self.choice(value)}`"


_QUOTED = _QuotedSpelling()


@dataclass(frozen=True, slots=True)
class OptionEntry:
    """An option of a statement.

    Attributes:
        topic: `connect.phone.on_answer.url`.
        name: as an author writes it; an option of a block after the block's, `on_answer.url`.
        form: the words after the verb with which the statement has it; empty if it always has.
        wire: its place in the action of an NCCO; empty if it is not sent.
        is_operand: a value after the verb fills it too.
    """

    topic: str
    name: str
    option: OptionSpec
    form: str
    wire: str
    is_operand: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement, a declaration or a word of tests.

    Attributes:
        topic: its name; that of a word of tests begins with `test`, `test hear`.
        usages: how it is written, one line for each form; none for a declaration.
        options: by form, those that every form has first.
        limits: what a check says about options that do not go together, in sentences.
        arms: the outcomes that it can route.
        examples: the names of its examples.
    """

    topic: str
    spec: StatementSpec
    group: Group
    usages: tuple[str, ...]
    options: tuple[OptionEntry, ...]
    limits: tuple[str, ...]
    arms: tuple[Word, ...]
    examples: tuple[str, ...]

    @property
    def title(self) -> str:
        """The statement by its name, and what it is if that is not plain."""
        return f"{self.spec.name} (in a test)" if self.group == _TESTS else self.spec.name

    def options_by_form(self) -> Iterator[tuple[str, list[OptionEntry]]]:
        """Yield the options that every form has under an empty title, and then those of each form."""
        for form, options in groupby(self.options, key=lambda each: each.form):
            yield (f"{self.spec.name} {form}" if form else ""), list(options)


@cache
def entries() -> Mapping[str, Entry]:
    """Return every entry that this version compiles by its topic, in the order of the reference."""
    own = [spec for name in words_in("statements") if (spec := spec_of(name)) is not None and not spec.planned]
    found = [
        *map(_action, actions().values()),
        *(_own(spec, "Statements of the language") for spec in own if spec.kind == "verb" or spec.name == _ARM),
        *(_own(spec, "Declarations") for spec in own if spec.kind == "keyword" and spec.name != _ARM),
        *(_of_test(name, form) for name in words_in("tests") if (form := _test_form(name)) is not None),
    ]
    return {entry.topic: entry for entry in found}


def _test_form(name: str) -> Form | None:
    return form_of_test_word(name) if words_in("tests")[name].is_offered else None


def _action(spec: StatementSpec) -> Entry:
    every = list(forms(spec))
    names = (" ".join((spec.name, *form.words)).replace(" ", "_") for form in every)
    return Entry(
        topic=spec.name,
        spec=spec,
        group="Actions",
        usages=tuple(map(_usage, every)),
        options=tuple(_options(spec.name, every)),
        limits=tuple(_limits(spec)),
        arms=_arms(spec),
        examples=() if spec.deprecated else tuple(names),
    )


def _own(spec: StatementSpec, group: Group) -> Entry:
    form = own_form(spec.name) if spec.kind == "verb" else None
    return Entry(
        topic="arm" if spec.name == _ARM else spec.name,
        spec=spec,
        group=group,
        usages=() if form is None else (_usage(form),),
        options=() if form is None else tuple(_options(spec.name, [form], is_sent=False)),
        limits=(),
        arms=_arms(spec),
        examples=("arm" if spec.name == _ARM else spec.name,),
    )


def _of_test(name: str, form: Form) -> Entry:
    topic = f"test {name}"
    return Entry(
        topic=topic,
        spec=form.action,
        group=_TESTS,
        usages=(_usage(form),),
        options=tuple(_options(topic, [form], is_sent=False)),
        limits=(),
        arms=(),
        examples=(TEST,),
    )


def _limits(spec: StatementSpec) -> Iterator[str]:
    """Yield the rules between the options of an action, and of each shape of its endpoint, with options in backticks."""
    shapes = [definition(spec.name)]
    if spec.chooser is not None and spec.chooser.variants:
        shape = merged(spec.chooser.schema["items"])
        shapes += [merged(branch["then"]) for branch in shape["allOf"]]
    # The words after the verb choose the form, so a flow cannot break what is about them.
    chosen = "" if spec.chooser is None else f"`{spec.chooser.key}`"
    for each in (part for shape in shapes for part in shape.get("allOf", ()) if "x-message" in part):
        if not chosen or chosen not in each["x-message"]:
            yield ": ".join(fill(each[key], {}, _QUOTED) for key in ("x-message", "x-hint"))


def _arms(spec: StatementSpec) -> tuple[Word, ...]:
    """Return the outcomes that a statement can route; an arm has all of them."""
    names = words_in("arms") if spec.name == _ARM else spec.arms
    return tuple(word for name in names if (word := words_in("arms")[name]).is_offered)


def anchor_of(topic: str) -> str:
    """Return the anchor of a topic in `docs/reference.md`."""
    return topic.replace(" ", "-")


# ── Options ────────────────────────────────────────────────────────────────────────────────────────────


def _options(topic: str, every: list[Form], *, is_sent: bool = True) -> Iterator[OptionEntry]:
    """Yield the options of all forms once, those that every form has first."""
    shared = [slot for slot in every[0].settings.values() if all(slot in form.settings.values() for form in every)]
    yield from _listed(topic, "", shared, every[0].operand, is_sent=is_sent)
    seen = list(shared)
    for form in every:
        own = [slot for slot in form.settings.values() if slot not in seen]
        seen += own
        words = " ".join(form.words)
        yield from _listed(f"{topic}.{words}", words, own, form.operand, is_sent=is_sent)


def _listed(
    topic: str, form: str, slots: Iterable[OptionSlot], operand: OptionSlot | None, *, is_sent: bool
) -> Iterator[OptionEntry]:
    for slot in slots:
        if slot.option.today is not None:
            continue
        for name, option, path in _with_inner(slot.option.name, slot.option, slot.path):
            wire = wire_of(path) if is_sent else ""
            yield OptionEntry(f"{topic}.{name}", name, option, form, wire, is_operand=slot == operand)


def _with_inner(name: str, option: OptionSpec, path: Path) -> Iterator[tuple[str, OptionSpec, Path]]:
    """Yield an option, and those of its block."""
    yield name, option, path
    if option.is_block:
        for part in option.options:
            yield from _with_inner(f"{name}.{part.name}", part, (*path, part.key) if path else ())


# ── How a statement is written ─────────────────────────────────────────────────────────────────────────


def _usage(form: Form) -> str:
    """Return how a form is written: `connect phone NUMBER [OPTION: VALUE …]`."""
    words = list(form.words)
    # The operands of an action are its form's words and its value.
    given = () if form.action.kind == "action" else form.action.operands
    shown = [each for each in given if not each.planned and each.role != NO]
    # A word that is required follows the value: `given ring ENDPOINT busy`.
    before = [each for each in shown if form.operand is None or not each.required]
    words += map(_shown, before)
    if form.operand is not None:
        name = form.operand.option.name.upper()
        words.append(name if form.operand.option.required else f"[{name}]")
    words += (_shown(each) for each in shown if each not in before)
    if sum(each.option.today is None for each in form.settings.values()) > (form.operand is not None):
        words.append("[OPTION: VALUE …]")
    if form.action.block is not None:
        words.append("{ … }")
    elif form.action.arms:
        words.append("{ OUTCOME -> TARGET … }" if form.action.kind == "verb" else "[{ OUTCOME -> TARGET … }]")
    name = form.action.name
    if any(each.role == NO for each in given):
        name = name.replace(f"{EXPECT} ", f"{EXPECT} [{NO}] ")
    return " ".join((name, *words))


def _shown(operand: OperandSpec) -> str:
    shown = " | ".join(operand.words) if operand.kind == "word" else operand.role.upper()
    shown = f"{shown}, …" if operand.many else shown
    return shown if operand.required else f"[{shown}]"
