"""Apply `default VERB options`: options for all statements of that verb that do not set them.

`default talk TAG …` is about one language: its options apply to what is spoken in it, and the first such line gives the
language of statements without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Path
from ncco_lang.program import facts
from ncco_lang.program.bare_words import unit_apart
from ncco_lang.program.model import BoundSet, DefaultLine, Slot
from ncco_lang.program.option_names import no_such_option
from ncco_lang.program.values import UNFIT, Known
from ncco_lang.program.walk import walk
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import not_yet
from ncco_lang.values.data import Tag
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.kinds import VOICE_LANGUAGE
from ncco_lang.vocabulary.language_words import targets
from ncco_lang.vocabulary.ncco_schema import current_actions
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot, StatementSpec, every_setting, spec_of
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.context import Context
    from ncco_lang.program.model import Bound
    from ncco_lang.program.option_values import OptionValues

_Key: TypeAlias = tuple[str, tuple[str, ...], str | None]
"""What a line applies to: the verb, the words after it and the language."""


_MENU = "menu"
"""The verb of the language whose options a `default` gives; the others are those of actions."""


class Defaults:
    """The defaults of one file."""

    __slots__ = ("_converted", "_first", "_slots", "_spoken", "context", "lines", "values")

    def __init__(self, values: OptionValues, context: Context) -> None:
        self.values = values
        self.context = context
        self.lines: dict[str, list[DefaultLine]] = {}
        self._first: dict[str, tuple[ast.Tag, DefaultLine]] = {}
        self._spoken: set[_Key] = set()
        self._slots: dict[_Key, dict[str, Slot]] = {}
        self._converted: dict[tuple[Span, Path], Slot] = {}

    def read(self, file: ast.File) -> Iterator[Diagnostic]:
        """Read every `default` of a file; yield findings about them."""
        for declaration in file.declarations:
            if not isinstance(declaration, ast.Default):
                continue
            verb = declaration.verb
            spec = spec_of(verb.text)
            if spec is not None and spec.planned and spec.options and verb.text not in targets():
                yield not_yet(self.values.source, declaration.span, f'"default {verb.text}"', spec.today)
            elif spec is None or spec.kind == "keyword" or not spec.options or verb.text in targets():
                near = did_you_mean(verb.text, (*current_actions(), _MENU))
                fix = Fix(f'write "{near}"', (Edit(verb.span, near),), unsafe=True) if near else None
                unknown = facts.NoSuchDefault(verb=verb.text, near=near, known=(*current_actions(), _MENU))
                yield flow_finding(self.values.source, verb.span, unknown, fix=fix)
            else:
                yield from self._read_line(declaration, spec)

    def _read_line(self, declaration: ast.Default, action: StatementSpec) -> Iterator[Diagnostic]:
        settings = every_setting(action.name)
        words: list[ast.Name] = []
        tag = None
        slots: dict[str, Slot] = {}
        parts = sorted((*declaration.operands, *declaration.options), key=lambda part: part.span)
        for before, part in zip((None, *parts), parts, strict=False):
            if isinstance(before, ast.Option) and isinstance(part, ast.Name):
                setting = settings.get(before.name.text)
                apart = unit_apart(self.values.source, before.value, part)
                if apart is not None and setting is not None and setting.option.unit is not None:
                    yield apart
                    slots.pop(before.name.text, None)
                    continue
            if isinstance(part, ast.Tag):
                if tag is not None or not any(_is_language(setting) for setting in settings.values()):
                    yield flow_finding(self.values.source, part.span, facts.NoLanguageHere(action=action.name))
                tag = tag or part
            elif isinstance(part, ast.Name) and part.text in action.words and not slots:
                words.append(part)
            else:
                yield from self._read_option(action.name, part, settings, slots)
        line = DefaultLine(declaration, tuple(words), tag, slots)
        for slot in slots.values():
            slot.origin = line
        yield from self._keep(line)

    def _read_option(
        self,
        title: str,
        part: ast.Name | ast.Option,
        settings: Mapping[str, OptionSlot],
        slots: dict[str, Slot],
    ) -> Iterator[Diagnostic]:
        """Read a flag or an option of a `default`."""
        source = self.values.source
        word = part.name if isinstance(part, ast.Option) else ast.Word(part.span, part.text)
        setting = settings.get(word.text)
        if isinstance(part, ast.Option) and isinstance(part.value, ast.Missing):
            return  # a missing value has its finding
        if setting is None:
            near = did_you_mean(word.text, settings)
            fix = Fix(f"write {near}", (Edit(word.span, near),), unsafe=True) if near else None
            yield flow_finding(source, word.span, no_such_option(title, word.text, near, settings), fix=fix)
            return
        if isinstance(part, ast.Name) and "boolean" not in setting.option.types:
            yield flow_finding(source, word.span, facts.NotAFlag(option=Wire(setting.option.key)))
            return
        if word.text in slots:
            twice = facts.OptionTwice(option=Wire(setting.option.key))
            yield flow_finding(source, part.span, twice, also=(_whole(slots[word.text]),))
        if isinstance(part, ast.Name):
            slot = Slot(setting.option, setting.path, Known(True, part), True, part, part.span, part.span)
        else:
            # A secret is known in a call only.
            context = self.context._replace(is_in_call=bool(setting.option.schema.get("x-secret")))
            value = self.values.value(setting.option, part.value, context)
            slot = Slot(setting.option, setting.path, value, UNFIT, part.name, part.name.span, part.value.span)
        slots.setdefault(word.text, slot)

    def _keep(self, line: DefaultLine) -> Iterator[Diagnostic]:
        """Keep a line; yield a finding for each option that an earlier line gives the same statements."""
        verb = line.node.verb.text
        self.lines.setdefault(verb, []).append(line)
        if line.tag is not None:
            self._first.setdefault(verb, (line.tag, line))
        given = self._slots.setdefault(_key(line), {})
        for name, slot in line.slots.items():
            if name in given:
                twice = facts.DefaultTwice(option=Wire(slot.option.key))
                yield flow_finding(self.values.source, _whole(slot), twice, also=(_whole(given[name]),))
            else:
                given[name] = slot

    # ── Filling in ────────────────────────────────────────────────────────────────────────────────────

    def added(self, verb: str, form: Form, given: set[str], language: str | None) -> list[Slot]:
        """Return the slots that the defaults add to a statement, in the order of the file.

        Args:
            verb: the statement's verb.
            form: its form.
            given: the names of the options that it sets itself.
            language: the language that it sets itself.
        """
        if verb not in self.lines:
            return []
        added: list[Slot] = []
        taken = set(given)
        first = self._first.get(verb)
        if language is None and first is not None and "language" in form.settings:
            tag, line = first
            language = tag.text
            setting = form.settings["language"]
            own = Slot(setting.option, setting.path, Known(Tag(language), tag), UNFIT, None, tag.span, tag.span, line)
            added.append(self._in_form(own, setting))
            taken.add("language")
        words = tuple(form.words)
        keys = {(verb, chosen, tag) for chosen in ((), words) for tag in (None, language)}
        self._spoken |= keys
        found = [slot for key in keys for slot in self._slots.get(key, {}).values()]
        for slot in sorted(found, key=lambda each: each.key):
            name = slot.option.name
            if name in form.settings and name not in taken:
                added.append(self._in_form(slot, form.settings[name]))
                taken.add(name)
                assert slot.origin is not None
                slot.origin.used.add(name)
        return sorted(added, key=lambda slot: slot.key)

    def _in_form(self, slot: Slot, setting: OptionSlot) -> Slot:
        """Return a slot of a default as a form has it; its value is converted once for each form."""
        key = (slot.key, setting.path)
        if key not in self._converted:
            value = slot.value
            wire = self.values.wires.option(setting.option, value) if type(value) is Known else UNFIT
            self._converted[key] = Slot(
                setting.option, setting.path, value, wire, slot.name, slot.key, slot.span, slot.origin
            )
        return self._converted[key]

    def idle(self, statements: Sequence[Bound]) -> Iterator[Diagnostic]:
        """Yield findings for options of defaults that no statement took; all `statements` of the file are bound."""
        every = [line for lines in self.lines.values() for line in lines]
        is_silent = any(line.tag is not None and _key(line) not in self._spoken for line in every)
        languages = _languages_set(statements) if is_silent else frozenset()
        for verb, lines in self.lines.items():
            for line in lines:
                if line.tag is not None and _key(line) not in self._spoken:
                    if languages is None or line.tag.text in languages:
                        continue
                    idle = facts.IdleLanguage(verb=verb, tag=line.tag.text)
                    yield flow_finding(self.values.source, line.node.span, idle)
                    continue
                for name, slot in line.slots.items():
                    if name not in line.used:
                        unused = facts.IdleDefault(verb=verb, option=Wire(slot.option.key))
                        yield flow_finding(self.values.source, _whole(slot), unused)


def _key(line: DefaultLine) -> _Key:
    words = tuple(word.text for word in line.words)
    return line.node.verb.text, words, None if line.tag is None else line.tag.text


def _languages_set(statements: Sequence[Bound]) -> frozenset[str] | None:
    """Return the languages that a call can `set`, in which texts without a language are spoken; None if it can be any."""
    values = [each.value for each in walk(statements) if type(each) is BoundSet and each.node.name.text == "language"]
    known = [value.data for value in values if type(value) is Known]
    return frozenset(map(str, known)) if len(known) == len(values) else None


def _is_language(setting: OptionSlot) -> bool:
    return setting.option.kind == VOICE_LANGUAGE


def _whole(slot: Slot) -> Span:
    return Span(slot.key.start, slot.span.end)
