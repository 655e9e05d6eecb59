"""Bind a verb of the language: its operands by role, as `schemas/flow-statements.json` has them, and its options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.program.model import BoundStatement
from ncco_lang.program.option_binder import OptionBinder
from ncco_lang.program.option_names import OptionScope, find_option
from ncco_lang.program.values import Invalid, Known
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding
from ncco_lang.values.data import Word
from ncco_lang.vocabulary.option_rules import MISSING_VALUE, STRAY_VALUE
from ncco_lang.vocabulary.statement_specs import OperandSpec, StatementSpec, own_form

if TYPE_CHECKING:
    from ncco_lang.program.binder import Binder
    from ncco_lang.program.context import Context
    from ncco_lang.program.values import Value

_WORDS = frozenset({"name", "word", "step"})
"""The kinds of operands that are bare words."""
_QUESTIONS = frozenset({"question", "result"})
"""The kinds of names that `retry NAME` can mean."""


class VerbBinder(OptionBinder):
    """Binds one statement of a verb of the language."""

    __slots__ = ("form", "operands")

    def __init__(self, binder: Binder, command: ast.Command, spec: StatementSpec, context: Context) -> None:
        words = {word for operand in spec.operands for word in operand.words}
        chosen = tuple(each.text for each in command.operands[:1] if isinstance(each, ast.Name) and each.text in words)
        form = own_form(spec.name, chosen)
        scope = OptionScope(source=binder.source, title=form.title, settings=form.settings, form=None)
        super().__init__(binder, command, spec, scope, context)
        self.form = form
        self.operands: list[tuple[str, Value]] = []

    def bind(self) -> BoundStatement:
        """Return the bound statement."""
        command, scope = self.command, self.scope
        left = iter(self.spec.operands)
        role = next(left, None)
        for node in command.operands:
            while role is not None and not self._fits(role, node) and not role.required:
                role = next(left, None)
            if isinstance(node, ast.Missing):
                self._is_incomplete = True
            elif role is not None and self._fits(role, node):
                self.operands += self._operand(role, node)
                role = role if role.many else next(left, None)
            else:
                self._other(node)
        for option in command.options:
            self._is_incomplete = self._option(scope, option) or self._is_incomplete
        if command.block is not None:
            self._block(scope, command.block.entries)
        self.slots.sort(key=lambda slot: slot.key)
        if not self._is_incomplete:
            self._check_missing(role, left)
        return BoundStatement(
            command,
            self.spec,
            self.form,
            slots=tuple(self.slots),
            operands=tuple(self.operands),
            unknown=tuple(self.unknown),
            body=tuple(self.body),
        )

    def _fits(self, role: OperandSpec, node: ast.Value) -> bool:
        if role.kind == "word":
            return isinstance(node, ast.Name) and node.text in role.words
        if role.kind == "name":
            is_name = isinstance(node, ast.Name)
            if role.required or not isinstance(node, ast.Name):
                return is_name
            binding = self.context.names.find(node.text)
            return binding is not None and binding.kind in _QUESTIONS
        if role.kind == "step":
            return isinstance(node, (ast.Name, ast.Ref))
        return not self._is_flag(node)

    def _is_flag(self, node: ast.Value) -> bool:
        return isinstance(node, ast.Name) and node.text in self.scope.settings and node.text not in self.context.names

    def _operand(self, role: OperandSpec, node: ast.Value) -> Iterator[tuple[str, Value]]:
        """Yield an operand with its role; the arguments of a step follow it."""
        if role.kind == "address" and self.form.operand is not None:
            option = self.form.operand.option
            self.scope.given[option.name] = node.span
            yield role.role, self.values.value(option, node, self.context)
        elif role.kind not in _WORDS:
            yield role.role, self.values.operand(role.kind, node, self.context)
        elif isinstance(node, ast.Name):
            yield role.role, Known(Word(node.text), node)
        elif isinstance(node, ast.Ref):
            yield role.role, Known(Word(node.name.text), node)
            for value in self.values.arguments(node, self.context):
                self._is_incomplete = self._is_incomplete or type(value) is Invalid
                yield "argument", value

    def _other(self, node: ast.Value) -> None:
        """Bind a word that is no operand: a flag, or what has no place in the statement."""
        if isinstance(node, ast.Name):
            setting, problem = find_option(self.scope, ast.Word(node.span, node.text))
            self.found += () if problem is None else (problem,)
            if setting is not None:
                self._flag(node, setting)
            return
        message = f"{self.spec.name} has no place for this value"
        self.found.append(finding(STRAY_VALUE, self.source, node.span, message, hint="take it out"))

    def _check_missing(self, role: OperandSpec | None, left: Iterator[OperandSpec]) -> None:
        span, name = self.command.verb.span, self.spec.name
        given = {each for each, _ in self.operands}
        for operand in (*(() if role is None else (role,)), *left):
            if operand.required and operand.role not in given:
                message, hint = f"{name} needs its {operand.role}", f"write it after {name}"
                self.found.append(finding(MISSING_VALUE, self.source, span, message, hint=hint))
        if self.spec.one_of and self.scope.given.keys().isdisjoint(self.spec.one_of):
            choices = " or ".join(self.spec.one_of)
            message, hint = f"{name} needs one of {choices}", f"add {self.spec.one_of[0]}: …"
            self.found.append(finding(MISSING_VALUE, self.source, span, message, hint=hint))
        self._missing(self.scope, span)
