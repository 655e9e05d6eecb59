"""Bind the options of a statement: flags, options of its line, options and blocks of options in its block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, assert_never

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label
from ncco_lang.program.model import Slot
from ncco_lang.program.option_names import OptionScope, find_option, find_setting
from ncco_lang.program.planned import not_compiled
from ncco_lang.program.values import UNFIT, Invalid, Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding
from ncco_lang.vocabulary.option_rules import MISPLACED_STATEMENT, MISSING_VALUE, OPTION_TWICE, OPTION_WITHOUT_VALUE
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import OptionSlot, StatementSpec, planned_settings, spec_of

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
        *,
        is_silent: bool = False,
    ) -> None:
        self.binder, self.values, self.source = binder, binder.values, binder.source
        self.command, self.spec, self.scope, self.context = command, spec, scope, context
        self.found: list[Diagnostic] = [] if is_silent else binder.found
        self.planned: Mapping[str, OptionSlot] = planned_settings(spec.name)
        self.slots: list[Slot] = []
        self.body: list[Bound] = []
        self.unknown: list[ast.Word] = []
        self._is_silent = is_silent
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
            hint = f"write it in a block: {{ {flag.text} {{ … }} }}" if option.is_block else f"write {flag.text}: …"
            message = f"{flag.text} is not true or false by itself"
            self.found.append(finding(OPTION_WITHOUT_VALUE, self.source, flag.span, message, hint=hint))

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
        if setting is None:
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
                case ast.Arm() | ast.If() | ast.Set() | ast.Each() if scope is self.scope:
                    if not self._is_silent:
                        self.body += self.binder.entries((entry,), self.context.inside(self.spec))
                case ast.Arm() | ast.If() | ast.Set() | ast.Each():
                    self.found.append(not_compiled(self.source, entry))
                case _:
                    assert_never(entry)

    def _entry(self, scope: OptionScope, command: ast.Command) -> None:
        """Bind an entry of a block that looks like a statement: a nested block, or an option without its colon."""
        verb = command.verb
        if not verb.text:
            self._is_incomplete = self._is_incomplete or scope is self.scope
            return
        spec = None if verb.text in scope.settings else spec_of(verb.text)
        if spec is not None and spec.kind != "keyword":
            if self.spec.block is not None and scope is self.scope:
                self.body += self.binder.entries((command,), self.context.inside(self.spec))
                return
            message = f"a statement cannot be among the options of {scope.title}"
            hint = "put it after the block"
            self.found.append(finding(MISPLACED_STATEMENT, self.source, verb.span, message, hint=hint))
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
        message, how, fix = f"{verb.text} needs a colon and its value", None, None
        if option.is_block:
            message, how = f"{verb.text} needs its block", f"write {verb.text} {{ … }}"
        elif "boolean" in option.types and not command.operands and command.block is None:
            message, how = f"in a block {verb.text} needs its value", f"write {verb.text}: true"
            fix = Fix(f"write {verb.text}: true", (Edit(end, ": true"),))
        elif len(command.operands) == 1 or (option.data and command.block is not None):
            fix = Fix("put a colon in", (Edit(end, ":"),))
        self.found.append(finding(OPTION_WITHOUT_VALUE, self.source, verb.span, message, hint=how, fix=fix))

    def _once(self, scope: OptionScope, option: OptionSpec, span: Span) -> None:
        """Note that an option is given; report it if it was given before."""
        if option.name in scope.given:
            message = f"{option.name} is given twice"
            labels = (Label(scope.given[option.name], "here first"),)
            hint = "keep one of the two"
            self.found.append(finding(OPTION_TWICE, self.source, span, message, hint=hint, labels=labels))
        scope.given.setdefault(option.name, span)

    def _missing(self, scope: OptionScope, span: Span) -> None:
        operand = scope.form.operand if scope.form is not None else None
        for name, setting in scope.settings.items():
            option = setting.option
            if not option.required or name in scope.given or name in scope.guessed or option.key in scope.guessed:
                continue
            if operand is not None and setting is operand:
                hint = f'write it after {scope.title}: {scope.title} "…"'
            else:
                hint = f"add {name} {{ … }}" if option.is_block else f"add {name}: …"
            message = f"{scope.title} needs its {name}"
            self.found.append(finding(MISSING_VALUE, self.source, span, message, hint=hint))


def is_gap(entry: ast.Entry) -> bool:
    """Return whether an entry of a block replaces something that could not be read."""
    return isinstance(entry, ast.Command) and not entry.verb.text
