"""Bind a verb of the language: its operands by role, as `schemas/flow-statements.json` has them, and its options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.program import facts
from ncco_lang.program.fetch_mistakes import fetch_as_meant
from ncco_lang.program.jump_mistakes import JUMPS, find_jump_mistake
from ncco_lang.program.model import BoundStatement
from ncco_lang.program.operand_mistakes import find_stray_comma
from ncco_lang.program.option_binder import OptionBinder
from ncco_lang.program.option_names import OptionScope, find_option
from ncco_lang.program.values import Invalid, Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import Word
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.statement_specs import Form, OperandSpec, OptionSlot, StatementSpec, own_form
from ncco_lang.vocabulary.statement_specs import form as talk_form
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.binder import Binder
    from ncco_lang.program.bindings import Scope
    from ncco_lang.program.context import Context
    from ncco_lang.program.values import Value

_WORDS = frozenset({"name", "word", "step"})
"""The kinds of operands that are bare words."""
_SPEECH = "speech"
"""The kind of operands that are said."""
_FETCH = "fetch"
_AGAIN = frozenset({"retry", "repeat"})
_QUESTIONS = frozenset({"question", "result"})
"""The kinds of names that `retry NAME` can mean."""


class VerbBinder(OptionBinder):
    """Binds one statement of a verb of the language."""

    __slots__ = ("form", "operands", "speech")

    def __init__(self, binder: Binder, command: ast.Command, spec: StatementSpec, context: Context) -> None:
        form = form_of(spec, command)
        scope = OptionScope(source=binder.source, title=form.title, settings=form.settings, form=None)
        super().__init__(binder, command, spec, scope, context)
        self.form = form
        self.operands: list[tuple[str, Value]] = []
        self.speech: list[BoundStatement] = []

    def bind(self) -> BoundStatement:
        """Return the bound statement."""
        command, scope = self.command, self.scope
        if self.spec.name in JUMPS and (mistake := find_jump_mistake(self.source, command)) is not None:
            self.found.append(mistake)
            return BoundStatement(command, self.spec, self.form)
        written = command
        if self.spec.name == _FETCH:
            command, wrong = fetch_as_meant(self.source, command, self.context.names)
            self.found += () if wrong is None else (wrong,)
        roles = operand_roles(command, self.spec, self.scope.settings, self.context.names)
        apart = self._apart(roles, command)
        for index, (node, role) in enumerate(zip(command.operands, roles, strict=True)):
            if index in apart:
                continue
            if isinstance(node, ast.Missing):
                self._is_incomplete = True
            elif role is not None:
                self.operands += self._operand(role, node)
            else:
                self._other(node)
        for index in command.listed:
            if roles[index] is None or roles[index + 1 : index + 2] != [roles[index]]:
                self.found += find_stray_comma(self.source, command, index)
        for option in command.options:
            self._is_incomplete = self._option(scope, option) or self._is_incomplete
        if command.block is not None:
            self._block(scope, command.block.entries)
        self.slots.sort(key=lambda slot: slot.key)
        added = self.binder.defaults.added(self.spec.name, self.form, set(self.scope.given), None)
        self.slots += added
        self.scope.given.update({slot.option.name: slot.key for slot in added})
        if not self._is_incomplete:
            self._check_missing()
        return BoundStatement(
            written,
            self.spec,
            self.form,
            slots=tuple(self.slots),
            operands=tuple(self.operands),
            unknown=tuple(self.unknown),
            body=tuple(self.body),
            speech=tuple(self.speech),
        )

    def _apart(self, roles: list[OperandSpec | None], command: ast.Command) -> set[int]:
        """Return the operands that are an option and its value without a colon between them, and report each pair."""
        found: set[int] = set()
        operands = command.operands
        for index, (name, value) in enumerate(pairwise(operands)):
            if roles[index] is not None or roles[index + 1] is not None or isinstance(value, ast.Missing):
                continue
            setting = self.scope.settings.get(name.text) if isinstance(name, ast.Name) else None
            if index in found or setting is None or "boolean" in setting.option.types:
                continue
            fix = Fix("add the colon", (Edit(Span(name.span.end, name.span.end), ":"),))
            colon = facts.MissingColon(option=Wire(setting.option.key))
            self.found.append(flow_finding(self.source, name.span, colon, fix=fix))
            self.scope.guessed.add(setting.option.name)
            found |= {index, index + 1}
        return found

    def _operand(self, role: OperandSpec, node: ast.Value) -> Iterator[tuple[str, Value]]:
        """Yield an operand with its role; the arguments of a step follow it."""
        if role.kind == "address" and self.form.operand is not None:
            option = self.form.operand.option
            self.scope.given[option.name] = node.span
            yield role.role, self.values.value(option, node, self.context)
        elif role.kind == _SPEECH and self.spec.name in _AGAIN and self._is_unknown_question(node):
            yield role.role, Invalid(node)
        elif role.kind not in _WORDS:
            value = self.values.operand(role.kind, node, self.context)
            if role.kind == _SPEECH:
                self.speech.append(self._talk(value))
            yield role.role, value
        elif isinstance(node, ast.Name):
            yield role.role, Known(Word(node.text), node)
        elif isinstance(node, ast.Ref):
            yield role.role, Known(Word(node.name.text), node)
            for value in self.values.arguments(node, self.context):
                self._is_incomplete = self._is_incomplete or type(value) is Invalid
                yield "argument", value

    def _is_unknown_question(self, node: ast.Value) -> bool:
        """Report the first word of a `retry` that nothing has as its name; return whether it is one."""
        names = self.context.names
        is_first = not self.speech and not self.operands
        if not isinstance(node, ast.Name) or not is_first or node.text in names or not node.text:
            return False
        questions = [name for name in names if (found := names.find(name)) is not None and found.kind == "question"]
        near = self.values.guesses.meant(node.text, questions, (names, self.spec.name))
        unknown = facts.UnknownQuestion(verb=self.spec.name, name=node.text, near=near)
        fix = Fix(f"write {near}", (Edit(node.span, near),), unsafe=True) if near else None
        self.found.append(flow_finding(self.source, node.span, unknown, fix=fix))
        return True

    def _talk(self, value: Value) -> BoundStatement:
        """Return the talk that a text of the statement becomes, with what the defaults of talk add."""
        form, node = _talk_form(), value.node
        setting = form.settings["text"]
        slot = self.values.slot_of(setting, value, node.span)
        added = self.binder.defaults.added("talk", form, {"text"}, None)
        command = ast.Command(node.span, ast.Word(node.span, "talk"), (node,), (), None)
        return BoundStatement(command, form.action, form, slots=(slot, *added))

    def _other(self, node: ast.Value) -> None:
        """Bind a word that is no operand: a flag, or what has no place in the statement."""
        if isinstance(node, ast.Name):
            setting, problem = find_option(self.scope, ast.Word(node.span, node.text))
            self.found += () if problem is None else (problem,)
            if setting is not None:
                self._flag(node, setting)
            return
        self.found.append(flow_finding(self.source, node.span, facts.NoPlace(owner=self.spec.name)))

    def _check_missing(self) -> None:
        span, name = self.command.verb.span, self.spec.name
        given = {each for each, _ in self.operands}
        for operand in self.spec.operands:
            if operand.required and operand.role not in given:
                missing = facts.MissingValue(owner=name, option=operand.role, form="role")
                self.found.append(flow_finding(self.source, span, missing))
        if self.spec.one_of and (self.scope.given.keys() | self.scope.guessed).isdisjoint(self.spec.one_of):
            one_of = facts.NeedsOneOf(owner=name, options=tuple(map(Wire, self.spec.one_of)))
            self.found.append(flow_finding(self.source, span, one_of))
        self._missing(self.scope, span)


def form_of(spec: StatementSpec, command: ast.Command) -> Form:
    """Return the form of a statement of the language; a word after the verb can choose it."""
    words = {word for operand in spec.operands for word in operand.words}
    first = command.operands[:1]
    return own_form(spec.name, tuple(each.text for each in first if isinstance(each, ast.Name) and each.text in words))


def operand_roles(
    command: ast.Command, spec: StatementSpec, settings: Mapping[str, OptionSlot], names: Scope
) -> list[OperandSpec | None]:
    """Return the role of each operand of a statement of the language; None for a flag and for what has no place.

    Args:
        settings: the options of the statement.
        names: the names that it can read; a word that is not one of them may be a flag.
    """
    roles: list[OperandSpec | None] = []
    left = iter(spec.operands)
    role = next(left, None)
    for node in command.operands:
        while role is not None and not role.required and not _fits(role, node, settings, names):
            role = next(left, None)
        fits = role is not None and not isinstance(node, ast.Missing) and _fits(role, node, settings, names)
        roles.append(role if fits else None)
        if fits and role is not None and not role.many:
            role = next(left, None)
    return roles


def _fits(role: OperandSpec, node: ast.Value, settings: Mapping[str, OptionSlot], names: Scope) -> bool:
    match role.kind, node:
        case "word", _:
            return isinstance(node, ast.Name) and node.text in role.words
        case "name", ast.Name() if not role.required:
            binding = names.find(node.text)
            return binding is not None and binding.kind in _QUESTIONS
        case "name", _:
            return isinstance(node, ast.Name)
        case "step", _:
            return isinstance(node, (ast.Name, ast.Ref))
        case _, ast.Name():
            return node.text not in settings or node.text in names
        case _:
            return True


def _talk_form() -> Form:
    found = talk_form("talk")
    assert found is not None
    return found
