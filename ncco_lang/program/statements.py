"""Bind a statement: find what each of its parts fills, and report what has no place in its spec."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.actions import ActionBinder, is_gap
from ncco_lang.program.model import UNFIT, BoundStatement, Slot
from ncco_lang.program.operand_mistakes import find_loose_units
from ncco_lang.program.option_names import OptionScope, find_option
from ncco_lang.program.planned import planned_part
from ncco_lang.program.values import Invalid, Known
from ncco_lang.program.verbs import RAW, first_line, missing_word, no_such_verb, without_line
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding, not_yet
from ncco_lang.vocabulary.option_rules import (
    MISSING_VALUE,
    STRAY_VALUE,
)
from ncco_lang.vocabulary.statement_specs import (
    StatementSpec,
    bind_operands,
    every_setting,
    spec_of,
)

if TYPE_CHECKING:
    from ncco_lang.program.defaults import Defaults
    from ncco_lang.program.option_values import OptionValues


class StatementBinder:
    """Binds the statements of one file.

    Attributes:
        values: evaluates the values of options.
        defaults: the `default` lines of the file.
        found: the findings.
    """

    __slots__ = ("defaults", "found", "source", "values")

    def __init__(self, values: OptionValues, defaults: Defaults) -> None:
        self.values = values
        self.defaults = defaults
        self.source = values.source
        self.found: list[Diagnostic] = values.found

    def bind(self, command: ast.Command, *, is_last: bool) -> BoundStatement:
        """Return a statement with its options as slots.

        Args:
            is_last: no statement follows it in the file.
        """
        verb, spec = command.verb.text, spec_of(command.verb.text)
        planned = planned_part(command)
        if planned is not None:
            is_idle = verb == "go_on" or (verb == "hangup" and is_last)
            fix = without_line(self.source, command.span) if is_idle else None
            self.found.append(not_yet(self.source, first_line(self.source, command.span), *planned, fix=fix))
        if not verb:
            return BoundStatement(command, None)  # a missing verb has its finding
        if verb == RAW:
            return self._raw(command, spec, is_planned=planned is not None)
        if spec is None or spec.kind != "action":
            if planned is None:
                self.found.append(no_such_verb(self.source, command))
            return BoundStatement(command, spec)
        binding = bind_operands(spec, bare_words(spec, command, self.values.names))
        if binding.form is None:
            return self._without_form(command, spec, is_planned=planned is not None)
        is_planned = planned is not None
        return ActionBinder(self.values, self.defaults, command, binding, binding.form, is_planned=is_planned).bind()

    def _raw(self, command: ast.Command, spec: StatementSpec | None, *, is_planned: bool) -> BoundStatement:
        first = command.operands[0] if command.operands else None
        operands = tuple(
            ("action", self.values.fold(each)) for each in command.operands if isinstance(each, ast.Object)
        )
        statement = BoundStatement(command, spec, operands=operands)
        has_gap = command.block is not None and any(map(is_gap, command.block.entries))
        if is_planned or isinstance(first, ast.Missing) or has_gap:
            return statement
        if not isinstance(first, ast.Object):
            message = f"{RAW} needs the action as a JSON object"
            hint = f'{RAW} {{ "action": "talk", "text": "Hello" }}'
            self.found.append(finding(MISSING_VALUE, self.source, command.verb.span, message, hint=hint))
            return statement
        value = operands[0][1]
        if type(value) is Known:
            statement = BoundStatement(command, spec, operands=operands, wire=self.values.wires.json(value))
        for part in (*command.operands[1:], *command.options, *((command.block,) if command.block else ())):
            self.found.append(finding(STRAY_VALUE, self.source, part.span, f"nothing may follow the object of {RAW}"))
        return statement

    def _without_form(self, command: ast.Command, spec: StatementSpec, *, is_planned: bool) -> BoundStatement:
        """Bind the options of a statement whose kind is missing by their names; their values are not evaluated."""
        scope = OptionScope(source=self.source, title=spec.name, settings=every_setting(spec.name), form=None)
        found: list[Diagnostic] = []
        slots, unknown = [], []
        found.append(missing_word(self.source, spec, command))
        found += find_loose_units(scope, command)
        for option in command.options:
            setting, problem = find_option(scope, option.name)
            found += () if problem is None else (problem,)
            if setting is None:
                unknown.append(option.name)
                continue
            value = Invalid(option.value)
            name, span = option.name, option.value.span
            slots.append(Slot(setting.option, setting.path, value, UNFIT, name, name.span, span))
        self.found += () if is_planned else found
        return BoundStatement(command, spec, slots=tuple(slots), unknown=tuple(unknown))


def bare_words(action: StatementSpec, command: ast.Command, names: Container[str]) -> tuple[str | None, ...]:
    """Return each operand as `bind_operands` takes it: a bare word that is not a name as its text, all else as None."""
    operands = command.operands
    if len(operands) == 1 and type(operands[0]) is not ast.Name:
        return (None,)
    flags, known, most = every_setting(action.name), action.words, action.most_words
    words: list[str | None] = []
    for operand in operands:
        word = operand.text if isinstance(operand, ast.Name) else None
        chooses = word in known and len(words) < most and None not in words
        words.append(None if word in names and word not in flags and not chooses else word)
    return tuple(words)
