"""Bind an action: its operand, its options and blocks of options become slots; what has no place in its form is reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, assert_never

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label
from ncco_lang.names.bare_words import no_such_word
from ncco_lang.program.model import UNFIT, BoundStatement, Slot
from ncco_lang.program.operand_mistakes import LineSlips, find_slips
from ncco_lang.program.option_names import OptionScope, find_option, find_setting
from ncco_lang.program.planned import not_compiled
from ncco_lang.program.values import Invalid, Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding, not_yet
from ncco_lang.vocabulary.kinds import VOICE_LANGUAGE
from ncco_lang.vocabulary.option_rules import (
    MISPLACED_STATEMENT,
    MISSING_VALUE,
    OPTION_TWICE,
    OPTION_WITHOUT_VALUE,
    STRAY_VALUE,
)
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import (
    Form,
    OperandBinding,
    OptionSlot,
    spec_of,
)

if TYPE_CHECKING:
    from ncco_lang.program.defaults import Defaults
    from ncco_lang.program.option_values import OptionValues


class ActionBinder:
    """Binds one statement whose form is known."""

    __slots__ = (
        "_is_incomplete",
        "_is_planned",
        "binding",
        "command",
        "defaults",
        "form",
        "found",
        "scope",
        "slots",
        "source",
        "unknown",
        "values",
    )

    def __init__(
        self,
        values: OptionValues,
        defaults: Defaults,
        command: ast.Command,
        binding: OperandBinding,
        form: Form,
        *,
        is_planned: bool,
    ) -> None:
        self.values, self.defaults, self.source = values, defaults, values.source
        self.command, self.binding, self.form = command, binding, form
        self.scope = OptionScope(source=values.source, title=form.title, settings=form.settings, form=form)
        self.found: list[Diagnostic] = [] if is_planned else values.found
        self.slots: list[Slot] = []
        self.unknown: list[ast.Word] = []
        self._is_planned = is_planned
        self._is_incomplete = False

    def bind(self) -> BoundStatement:
        """Return the bound statement."""
        node, form, scope = self.command, self.form, self.scope
        self._read_loose_words()
        command, binding = self.command, self.binding
        slips = find_slips(scope, command, binding) if self._may_have_slips() else _NO_SLIPS
        self.found += slips.findings
        scope.guessed.update(slips.options)
        operand = self._operand(slips)
        self._is_incomplete = operand is not None and type(operand.value) is Invalid
        for index in binding.flags:
            flag = command.operands[index]
            if isinstance(flag, ast.Name) and index not in slips.operands:
                self._flag(flag, form.settings[flag.text])
        for index in binding.extra:
            if index not in slips.operands:
                self._extra(command.operands[index])
        for option in command.options:
            is_missing = self._option(scope, form.settings, option, is_reported=option.name.text in slips.options)
            self._is_incomplete = self._is_incomplete or is_missing
        if command.block is not None:
            self._block(scope, form.settings, command.block.entries)
        if len(self.slots) > 1:
            self.slots.sort(key=lambda slot: slot.key)
        if operand is not None:
            self.slots.insert(0, operand)
        self._add_defaults()
        words = tuple([word for at in binding.words if isinstance(word := command.operands[at], ast.Name)])
        if not (self._is_planned or self._is_incomplete):
            start = command.verb.span.start
            self._missing(scope, Span(start, words[-1].span.end if words else command.verb.span.end))
        return BoundStatement(node, form.action, form, words, tuple(self.slots), (), tuple(self.unknown))

    def _may_have_slips(self) -> bool:
        """Return whether the parts of the statement can have a mistake between them; most statements cannot."""
        return bool(self.binding.extra or self.command.listed)

    def _read_loose_words(self) -> None:
        """Report words in place of the operand, a misspelt name or a text without its quotes, and leave them out."""
        binding, operands = self.binding, list(self.command.operands)
        if self.form.operand is None or binding.operand is not None or not binding.extra:
            return
        first = next((at for at in binding.extra if isinstance(operands[at], ast.Name)), None)
        if first is None:
            return
        last = first
        while last + 1 in binding.extra and isinstance(operands[last + 1], ast.Name):
            last += 1
        span = Span(operands[first].span.start, operands[last].span.end)
        known = [*self.values.names, *self.form.settings]
        self.values.found.append(no_such_word(self.source, self.form.operand.option, span, known))
        for at in range(first, last + 1):
            operands[at] = ast.Missing(operands[at].span)
        extra = tuple(at for at in binding.extra if at != first)
        self.binding = binding._replace(operand=first, extra=extra)
        whole = self.command
        self.command = ast.Command(whole.span, whole.verb, tuple(operands), whole.options, whole.block, whole.listed)

    # ── Operands ──────────────────────────────────────────────────────────────────────────────────────

    def _operand(self, slips: LineSlips) -> Slot | None:
        at, setting = self.binding.operand, self.form.operand
        if at is None or setting is None:
            return None
        node = self.command.operands[at]
        self.scope.given[setting.option.name] = node.span
        return self._slot(setting, node, None, self.command.verb.span, is_reported=at in slips.operands)

    def _slot(
        self, setting: OptionSlot, node: ast.Value, name: ast.Word | None, key: Span, *, is_reported: bool = False
    ) -> Slot:
        if not (is_reported or self._is_planned):
            return self.values.slot(setting, node, name, key)
        value = self.values.value(setting.option, node)
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

    def _extra(self, value: ast.Value) -> None:
        """Report an operand that has no place in the statement."""
        if isinstance(value, ast.Missing):
            self._is_incomplete = True
            return
        if isinstance(value, ast.Name):
            setting, problem = find_option(self.scope, ast.Word(span=value.span, text=value.text))
            self.found += () if problem is None else (problem,)
            if setting is not None:
                self._flag(ast.Name(span=value.span, text=setting.option.name), setting)
            return
        form = self.form
        if form.operand is not None:
            several = next((operand.today for operand in form.action.operands if operand.today), None)
            if several is not None:
                what = f"a second {form.operand.option.name}"
                self.found.append(not_yet(self.source, value.span, what, several))
                return
            message, hint = f"{form.title} takes one value", "write a second statement for a second one"
        else:
            message, hint = f"{form.title} takes options only", "an option is a name, a colon and a value"
        self.found.append(finding(STRAY_VALUE, self.source, value.span, message, hint=hint))

    # ── Options ───────────────────────────────────────────────────────────────────────────────────────

    def _option(
        self, scope: OptionScope, settings: Mapping[str, OptionSlot], option: ast.Option, *, is_reported: bool = False
    ) -> bool:
        """Bind an option; return whether its value is missing or has a finding already."""
        name, value = option.name, option.value
        if not name.text:
            return isinstance(value, ast.Missing)
        setting = settings.get(name.text)
        if is_reported:
            setting = setting or find_setting(name.text, settings)
        elif setting is None:
            setting, problem = find_option(scope, name)
            self.found += () if problem is None else (problem,)
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

    def _block(self, scope: OptionScope, settings: Mapping[str, OptionSlot], entries: Iterable[ast.Entry]) -> None:
        for entry in entries:
            match entry:
                case ast.Option():
                    self._option(scope, settings, entry)
                case ast.Command():
                    self._entry(scope, settings, entry)
                case ast.Arm() | ast.If() | ast.Set() | ast.Each():
                    self.found.append(not_compiled(self.source, entry))
                case _:
                    assert_never(entry)

    def _entry(self, scope: OptionScope, settings: Mapping[str, OptionSlot], command: ast.Command) -> None:
        """Bind an entry of a block that looks like a statement: a nested block, or an option without its colon."""
        verb = command.verb
        if not verb.text:
            self._is_incomplete = self._is_incomplete or scope is self.scope
            return
        spec = None if verb.text in settings else spec_of(verb.text)
        if spec is not None and spec.kind != "keyword":
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
        found, is_planned = self.found, self._is_planned
        if not is_whole:
            self.found, self._is_planned = [], True  # what is beside the block is the one mistake to report
        self._block(inner, settings, block.entries)
        self.found, self._is_planned = found, is_planned
        if is_whole and not self._is_planned and not any(map(is_gap, block.entries)):
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

    def _add_defaults(self) -> None:
        if self.command.verb.text not in self.defaults.lines:
            return
        language = None
        for slot in self.slots:
            if slot.option.kind == VOICE_LANGUAGE and len(slot.path) == 1 and type(slot.value) is Known:
                language = str(slot.value.data) if isinstance(slot.value.data, str) else None
        added = self.defaults.added(self.form.action.name, self.form, self._own_names(), language)
        for slot in added:
            self.scope.given.setdefault(slot.option.name, slot.key)
            self._is_incomplete = self._is_incomplete or type(slot.value) is Invalid
        self.slots += added

    def _own_names(self) -> set[str]:
        """Return the names of the options that the statement sets itself."""
        command = self.command
        entries = command.block.entries if command.block is not None else ()
        own = {operand.text for operand in command.operands if isinstance(operand, ast.Name)}
        own |= {option.name.text for option in (*command.options, *entries) if isinstance(option, ast.Option)}
        own |= {entry.verb.text for entry in entries if isinstance(entry, ast.Command)}
        if self.binding.operand is not None and self.form.operand is not None:
            own.add(self.form.operand.option.name)
        return own

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


_NO_SLIPS = LineSlips()


def is_gap(entry: ast.Entry) -> bool:
    """Return whether an entry of a block replaces something that could not be read."""
    return isinstance(entry, ast.Command) and not entry.verb.text
