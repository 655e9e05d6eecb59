"""Bind an action: its operand, its options and blocks of options become slots; what has no place in its form is reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ncco_lang.program import facts
from ncco_lang.program.bare_words import no_such_word
from ncco_lang.program.model import BoundArm, BoundStatement, Slot
from ncco_lang.program.operand_mistakes import LineMistakes, find_mistakes
from ncco_lang.program.option_binder import OptionBinder
from ncco_lang.program.option_names import OptionScope, find_option
from ncco_lang.program.values import Invalid, Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import not_yet
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.kinds import VOICE_LANGUAGE
from ncco_lang.vocabulary.raw_options import RAW
from ncco_lang.vocabulary.statement_specs import Form, OperandBinding, OperandSpec, StatementSpec
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.binder import Binder
    from ncco_lang.program.context import Context
    from ncco_lang.program.values import Value


class ActionBinder(OptionBinder):
    """Binds one action whose form is known."""

    __slots__ = ("binding", "extra", "form")

    def __init__(
        self,
        binder: Binder,
        command: ast.Command,
        binding: OperandBinding,
        form: Form,
        context: Context,
    ) -> None:
        scope = OptionScope(source=binder.source, title=form.title, settings=form.settings, form=form)
        super().__init__(binder, command, form.action, scope, context)
        self.binding, self.form = binding, form
        self.extra: list[tuple[str, Value]] = []

    def bind(self) -> BoundStatement:
        """Return the bound statement."""
        node, form, scope = self.command, self.form, self.scope
        self._read_loose_words()
        command, binding = self.command, self.binding
        mistakes = find_mistakes(scope, command, binding) if self._may_have_mistakes() else _NO_MISTAKES
        self.found += mistakes.findings
        scope.guessed.update(mistakes.options)
        operand = self._operand(mistakes)
        self._is_incomplete = operand is not None and type(operand.value) is Invalid
        for index in binding.flags:
            flag = command.operands[index]
            if isinstance(flag, ast.Name) and index not in mistakes.operands:
                self._flag(flag, form.settings[flag.text])
        for index in binding.extra:
            if index not in mistakes.operands:
                is_listed = index in command.listed or index - 1 in command.listed
                self._extra(command.operands[index], is_listed=is_listed)
        for option in command.options:
            is_missing = self._option(scope, option, is_reported=option.name.text in mistakes.options)
            self._is_incomplete = self._is_incomplete or is_missing
        if command.block is not None:
            self._block(scope, command.block.entries)
        if len(self.slots) > 1:
            self.slots.sort(key=lambda slot: slot.key)
        if operand is not None:
            self.slots.insert(0, operand)
        self._add_defaults()
        if not any(isinstance(each, BoundArm) for each in self.body):
            self.found += (
                flow_finding(self.source, slot.key, facts.OnlyWithArms(option=Wire(slot.option.key), owner=form.title))
                for slot in self.slots
                if not slot.path and slot.origin is None and slot.option.kind != RAW
            )
        words = tuple([word for at in binding.words if isinstance(word := command.operands[at], ast.Name)])
        if not (self._is_silent or self._is_incomplete):
            start = command.verb.span.start
            self._missing(scope, Span(start, words[-1].span.end if words else command.verb.span.end))
        return BoundStatement(
            node, form.action, form, words, tuple(self.slots), tuple(self.extra), tuple(self.unknown), tuple(self.body)
        )

    def _may_have_mistakes(self) -> bool:
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
        option, guesses = self.form.operand.option, self.values.guesses
        self.values.found.append(no_such_word(self.source, option, span, self.context.names, guesses))
        for at in range(first, last + 1):
            operands[at] = ast.Missing(operands[at].span)
        extra = tuple(at for at in binding.extra if at != first)
        self.binding = binding._replace(operand=first, extra=extra)
        whole = self.command
        self.command = ast.Command(whole.span, whole.verb, tuple(operands), whole.options, whole.block, whole.listed)

    # ── Operands ──────────────────────────────────────────────────────────────────────────────────────

    def _operand(self, mistakes: LineMistakes) -> Slot | None:
        at, setting = self.binding.operand, self.form.operand
        if at is None or setting is None:
            return None
        node = self.command.operands[at]
        self.scope.given[setting.option.name] = node.span
        return self._slot(setting, node, None, self.command.verb.span, is_reported=at in mistakes.operands)

    def _extra(self, value: ast.Value, *, is_listed: bool) -> None:
        """Bind an operand beyond the first: one more address, an option without its colon, or a stray value.

        A word with a comma before or after it (`is_listed`) is an address where a statement takes several.
        """
        form, context = self.form, self.context
        is_address = is_listed and form.operand is not None and _several(form.action) is not None
        if isinstance(value, ast.Missing):
            self._is_incomplete = True
        elif isinstance(value, ast.Name) and value.text not in context.names and not is_address:
            setting, problem = find_option(self.scope, ast.Word(span=value.span, text=value.text))
            self.found += () if problem is None else (problem,)
            if setting is not None:
                self._flag(ast.Name(span=value.span, text=setting.option.name), setting)
        elif context.is_later and (planned := _planned(form.action, self.extra)) is not None:
            self.extra.append((planned.role, self.values.operand(planned.kind, value, context)))
        elif form.operand is not None and (several := _several(form.action)) is not None:
            address = self.values.value(form.operand.option, value, context)
            self.extra.append((several.role, address))
            if not context.is_later and type(address) is not Invalid:
                what = f"a second {form.operand.option.name}"
                self.found.append(not_yet(self.source, value.span, what, several.today))
        elif form.operand is not None:
            self.found.append(flow_finding(self.source, value.span, facts.OneValue(owner=form.title)))
        else:
            self.found.append(flow_finding(self.source, value.span, facts.OptionsOnly(owner=form.title)))

    def _add_defaults(self) -> None:
        if self.command.verb.text not in self.binder.defaults.lines:
            return
        language = None
        for slot in self.slots:
            if slot.option.kind == VOICE_LANGUAGE and len(slot.path) == 1 and type(slot.value) is Known:
                language = str(slot.value.data) if isinstance(slot.value.data, str) else None
        added = self.binder.defaults.added(self.form.action.name, self.form, self._own_names(), language)
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


_NO_MISTAKES = LineMistakes()


def _several(action: StatementSpec) -> OperandSpec | None:
    """Return the operand of which a later version takes several."""
    return next((operand for operand in action.operands if operand.many and operand.today), None)


def _planned(action: StatementSpec, given: Sequence[tuple[str, Value]]) -> OperandSpec | None:
    """Return the operand that a later version adds to an action, unless it is given."""
    taken = {role for role, _ in given}
    return next((operand for operand in action.operands if operand.planned and operand.role not in taken), None)
