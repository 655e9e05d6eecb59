"""Bind the options of a statement: flags, options of its line, options and blocks of options in its block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, assert_never

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program import facts
from ncco_lang.program.model import Slot
from ncco_lang.program.option_names import OptionScope, find_option, find_setting
from ncco_lang.program.planned import not_compiled
from ncco_lang.program.values import UNFIT, Invalid, Known
from ncco_lang.program.verb_facts import DeclarationInside
from ncco_lang.program.verbs import first_line
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.said import NO_ARROW, misread
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import outcomes
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.raw_options import RAW
from ncco_lang.vocabulary.statement_specs import OptionSlot, StatementSpec, planned_settings, spec_of
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.binder import Binder
    from ncco_lang.program.context import Context
    from ncco_lang.program.model import Bound


class OptionBinder:
    """Binds one statement; actions and verbs of the language differ in their operands only.

    Attributes:
        binder: binds the statements and arms in the statement's block.
        command: the statement.
        spec: what it takes.
        context: where it is: the names that it can read, and what is reported about it already.
        scope: its options, and those given so far.
        found: the findings.
        slots: its options so far.
        body: what its block holds beside options.
        unknown: names of options that it does not have.
    """

    __slots__ = (
        "_is_incomplete",
        "_is_silent",
        "binder",
        "body",
        "command",
        "context",
        "found",
        "planned",
        "scope",
        "slots",
        "source",
        "spec",
        "unknown",
        "values",
    )

    def __init__(
        self,
        binder: Binder,
        command: ast.Command,
        spec: StatementSpec,
        scope: OptionScope,
        context: Context,
    ) -> None:
        self.binder, self.values, self.source = binder, binder.values, binder.source
        self.command, self.spec, self.scope, self.context = command, spec, scope, context
        self.found: list[Diagnostic] = binder.found
        self.planned: Mapping[str, OptionSlot] = planned_settings(spec.name)
        self.slots: list[Slot] = []
        self.body: list[Bound] = []
        self.unknown: list[ast.Word] = []
        self._is_silent = False
        self._is_incomplete = False

    def _slot(
        self, setting: OptionSlot, node: ast.Value, name: ast.Word | None, key: Span, *, is_reported: bool = False
    ) -> Slot:
        if not (is_reported or self._is_silent):
            return self.values.slot(setting, node, name, key, self.context)
        value = self.values.value(setting.option, node, self.context)
        return Slot(setting.option, setting.path, value, UNFIT, name, key, node.span)

    def _flag(self, flag: ast.Name, setting: OptionSlot) -> None:
        option = setting.option
        self._once(self.scope, option, flag.span)
        is_flag = "boolean" in option.types
        value = Known(True, flag) if is_flag else Invalid(flag)
        self.slots.append(Slot(option, setting.path, value, True if is_flag else UNFIT, flag, flag.span, flag.span))
        if not is_flag:
            bare = facts.NotAFlag(option=Wire(option.key), is_block=option.is_block)
            self.found.append(flow_finding(self.source, flag.span, bare))

    def _option(self, scope: OptionScope, option: ast.Option, *, is_reported: bool = False) -> bool:
        """Bind an option; return whether its value is missing or has a finding already."""
        name, value = option.name, option.value
        if not name.text:
            return isinstance(value, ast.Missing)
        setting = self._setting(scope, name, is_reported=is_reported)
        if isinstance(value, ast.Missing):
            scope.guessed.add(name.text if setting is None else setting.option.name)
        elif setting is not None and not is_reported:
            self._once(scope, setting.option, name.span)
        if setting is None:
            self.unknown.append(name)
            return isinstance(value, ast.Missing)
        slot = self._slot(setting, value, name, name.span, is_reported=is_reported)
        self.slots.append(slot)
        return type(slot.value) is Invalid

    def _setting(self, scope: OptionScope, name: ast.Word, *, is_reported: bool) -> OptionSlot | None:
        """Return what an option with a colon sets; report a name that the statement does not have."""
        setting = scope.settings.get(name.text)
        if scope is self.scope and (setting is None or setting.option.is_block):
            # `on_answer: step(…)` is of the language, `on_answer { … }` of the platform.
            setting = self.planned.get(name.text, setting)
        if setting is None and is_reported:
            return find_setting(name.text, scope.settings)
        if setting is None and scope is self.scope and name.text in self.spec.arms and name.text in outcomes():
            colon = Span(name.span.end, name.span.end + 1)
            if self.source.text[slice(*colon)] == ":":  # any other sign has its finding
                fix = Fix("write ->", (Edit(colon, " ->"),))
                self.found.append(misread(self.source, colon, NO_ARROW, written=":", fix=fix))
        elif setting is None:
            setting, problem = find_option(scope, name)
            self.found += () if problem is None else (problem,)
        return setting

    def _block(self, scope: OptionScope, entries: Iterable[ast.Entry]) -> None:
        for entry in entries:
            match entry:
                case ast.Option():
                    self._option(scope, entry)
                case ast.Command():
                    self._entry(scope, entry)
                case ast.Arm() if scope is self.scope:
                    self.body += self._inside(entry)
                case ast.If() | ast.Set() | ast.Each() if scope is self.scope and self.spec.block is not None:
                    self.body += self._inside(entry)
                case ast.Arm():
                    self.found.append(not_compiled(self.source, entry))
                case ast.If() | ast.Set() | ast.Each():
                    span = first_line(self.source, entry.span)
                    self.found.append(flow_finding(self.source, span, facts.StatementInOptions(owner=scope.title)))
                case _:
                    assert_never(entry)

    def _entry(self, scope: OptionScope, command: ast.Command) -> None:
        """Bind an entry of a block that looks like a statement: a nested block, or an option without its colon."""
        verb = command.verb
        if not verb.text:
            self._is_incomplete = self._is_incomplete or scope is self.scope
            return
        if verb.text in ("step", "anywhere") and command.block is not None:
            self.found.append(flow_finding(self.source, verb.span, DeclarationInside(word=verb.text)))
            return
        spec = None if verb.text in scope.settings and not _is_raw_action(command) else spec_of(verb.text)
        if spec is not None and spec.kind != "keyword":
            if self.spec.block is not None and scope is self.scope:
                self.body += self._inside(command)
                return
            self.found.append(flow_finding(self.source, verb.span, facts.StatementInOptions(owner=scope.title)))
            return
        setting, problem = find_option(scope, verb)
        self.found += () if problem is None else (problem,)
        if setting is None:
            self.unknown.append(verb)
            return
        option = setting.option
        self._once(scope, option, verb.span)
        if option.is_block and command.block is not None:
            self._nested(setting, command, command.block)
            if not command.operands and not command.options:
                return
        self._without_colon(command, option)

    def _inside(self, entry: ast.Entry) -> list[Bound]:
        """Return an entry that holds statements or is one."""
        mark = len(self.binder.found)
        bound = self.binder.entries((entry,), self.context.inside(self.spec))
        if self._is_silent:
            del self.binder.found[mark:]
        return bound

    def _nested(self, setting: OptionSlot, command: ast.Command, block: ast.Block) -> None:
        """Bind the options of a nested block."""
        verb, option = command.verb, setting.option
        empty = Known({}, ast.Object(block.span, ()))
        self.slots.append(Slot(option, setting.path, empty, {}, verb, verb.span, command.span))
        settings = {part.name: OptionSlot(option=part, path=(*setting.path, part.key)) for part in option.options}
        inner = OptionScope(source=self.source, title=option.name, settings=settings, form=None)
        is_whole = not command.operands and not command.options
        found, is_planned = self.found, self._is_silent
        if not is_whole:
            self.found, self._is_silent = [], True  # what is beside the block is the one mistake to report
        self._block(inner, block.entries)
        self.found, self._is_silent = found, is_planned
        if is_whole and not self._is_silent and not any(map(is_gap, block.entries)):
            self._missing(inner, verb.span)

    def _without_colon(self, command: ast.Command, option: OptionSpec) -> None:
        verb = command.verb
        end = Span(verb.span.end, verb.span.end)
        is_boolean = "boolean" in option.types and not command.operands and command.block is None
        fix = None
        if not option.is_block and is_boolean:
            fix = Fix(f"write {verb.text}: true", (Edit(end, ": true"),))
        elif not option.is_block and (len(command.operands) == 1 or (option.data and command.block is not None)):
            colon = facts.MissingColon(option=Wire(option.key))
            fix = Fix("add the colon", (Edit(end, ":"),))
            self.found.append(flow_finding(self.source, verb.span, colon, fix=fix))
            return
        needs = facts.NeedsValue(option=Wire(option.key), is_block=option.is_block, is_boolean=is_boolean)
        self.found.append(flow_finding(self.source, verb.span, needs, fix=fix))

    def _once(self, scope: OptionScope, option: OptionSpec, span: Span) -> None:
        """Note that an option is given; report it if it was given before."""
        if option.name in scope.given:
            twice = facts.OptionTwice(option=Wire(option.key))
            self.found.append(flow_finding(self.source, span, twice, also=(scope.given[option.name],)))
        scope.given.setdefault(option.name, span)

    def _missing(self, scope: OptionScope, span: Span) -> None:
        operand = scope.form.operand if scope.form is not None else None
        for name, setting in scope.settings.items():
            option = setting.option
            if not option.required or name in scope.given or name in scope.guessed or option.key in scope.guessed:
                continue
            form = "operand" if operand is not None and setting is operand else "block" if option.is_block else "option"
            missing = facts.MissingValue(owner=scope.title, option=Wire(option.key), form=form)
            self.found.append(flow_finding(self.source, span, missing))


def _is_raw_action(command: ast.Command) -> bool:
    """Return whether an entry of a block is the statement `raw { "action": … }`, not the option without its colon."""
    first = command.operands[0] if command.operands and command.verb.text == RAW else None
    return isinstance(first, ast.Object) and any(pair.key.value == "action" for pair in first.pairs)


def is_gap(entry: ast.Entry) -> bool:
    """Return whether an entry of a block replaces something that could not be read."""
    return isinstance(entry, ast.Command) and not entry.verb.text
