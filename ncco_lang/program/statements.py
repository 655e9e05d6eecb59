"""Bind a statement: find what each of its parts fills, and report what has no place in its spec."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program import facts
from ncco_lang.program.actions import ActionBinder
from ncco_lang.program.expression_facts import WrongOperand
from ncco_lang.program.jumps import misfit
from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundEach, BoundIf, BoundSet, BoundStatement, Slot
from ncco_lang.program.operand_mistakes import find_loose_units
from ncco_lang.program.option_binder import is_gap
from ncco_lang.program.option_names import OptionScope, find_option
from ncco_lang.program.planned import is_planned, not_compiled, planned_outcome, planned_part
from ncco_lang.program.scopes import SET_VALUES
from ncco_lang.program.value_types import check_operand
from ncco_lang.program.values import UNFIT, Invalid, Known
from ncco_lang.program.verb_binder import VerbBinder
from ncco_lang.program.verb_facts import DeclarationInside
from ncco_lang.program.verbs import (
    first_line,
    is_option_below,
    loose_word,
    missing_word,
    no_such_verb,
)
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import NOT_YET, not_yet
from ncco_lang.values.data import Word, described_type
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import elsewhere, outcomes
from ncco_lang.vocabulary.ncco_schema import definition
from ncco_lang.vocabulary.option_specs import talk_options, words_of
from ncco_lang.vocabulary.raw_options import RAW
from ncco_lang.vocabulary.statement_specs import (
    StatementSpec,
    bind_operands,
    every_setting,
    known_verbs,
    own_form,
    spec_of,
)

_MENU = "menu"
"""The verb whose arms `anywhere` has."""
_NOW = "now"
"""The value of every call that no option and no word of an action is named like."""
_FALLBACK = "fallback"
"""The verb that is outside of steps only."""

_Bound = TypeVar("_Bound")

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Scopes
    from ncco_lang.program.context import Context
    from ncco_lang.program.defaults import Defaults
    from ncco_lang.program.model import Bound
    from ncco_lang.program.option_values import OptionValues
    from ncco_lang.program.values import Value


class StatementBinder:
    """Binds the statements of one file.

    Attributes:
        values: evaluates the values of options.
        defaults: the `default` lines of the file.
        scopes: its names.
        found: the findings.
    """

    __slots__ = ("defaults", "found", "scopes", "source", "values")

    def __init__(self, values: OptionValues, defaults: Defaults, scopes: Scopes) -> None:
        self.values = values
        self.defaults = defaults
        self.scopes = scopes
        self.source = values.source
        self.found: list[Diagnostic] = values.found

    def entries(self, entries: Iterable[ast.Declaration | ast.Entry], context: Context) -> list[Bound]:
        """Return statements, arms and declarations in written order."""
        bound: list[Bound] = []
        above: ast.Command | None = None
        for entry in entries:
            if isinstance(entry, ast.Command):
                if above is not None and is_option_below(self.source, above, entry):
                    self.found.append(loose_word(self.source, above, entry))
                    continue
                bound.append(self.statement(entry, context))
                above = entry
            else:
                above = None
                nested = self._nested(entry, context)
                bound += () if nested is None else (nested,)
        return bound

    def _nested(self, entry: ast.Declaration | ast.Entry, context: Context) -> Bound | None:
        """Return an entry that holds others, or sets a variable."""
        if not context.is_later and is_planned(entry):
            self.found.append(not_compiled(self.source, entry))
            context = context._replace(is_inside=True, is_in_call=True, is_later=True)
            return self._reported(lambda: self._nested(entry, context))
        match entry:
            case ast.Flow():
                self.values.fold(entry.title, context._replace(is_in_call=False))
                self.found += (_of_flow(self.source, option) for option in entry.options)
            case ast.If():
                return self._if(entry, context)
            case ast.Each():
                values = self.values.fold(entry.values, context)
                self.found += check_operand(self.source, "each", values)
                inner = context._replace(names=self.scopes.scope_at(entry.block), is_inside=True)
                return BoundEach(entry, values, tuple(self.entries(entry.block.entries, inner)))
            case ast.Set():
                return self._set(entry, context)
            case ast.Arm():
                return self._arm(entry, context)
            case ast.Step() | ast.On():
                names = self.scopes.scope_at(entry.block)
                inner = context._replace(names=names, owner=None, is_inside=True, is_in_call=True)
                return BoundDeclaration(entry, tuple(self.entries(entry.block.entries, inner)))
            case ast.Anywhere():
                return BoundDeclaration(
                    entry, tuple(self.entries(entry.block.entries, context.inside(own_form(_MENU).action)))
                )
            case ast.Option():
                name = entry.name.text
                is_known = any(name in every_setting(verb) for verb in known_verbs())
                alone = facts.OptionAlone(option=name, is_known=is_known)
                self.found.append(flow_finding(self.source, entry.name.span, alone))
            case _:
                pass
        return None

    def _reported(self, bind: Callable[[], _Bound]) -> _Bound:
        """Bind what a later version compiles, and keep findings about all else: its own says what can be written today."""
        mark = len(self.found)
        bound = bind()
        self.found[mark:] = [each for each in self.found[mark:] if each.rule is not NOT_YET]
        return bound

    def _set(self, entry: ast.Set, context: Context) -> BoundSet:
        if context.owner is not None:
            among = facts.StatementInArms(owner=context.owner.name)
            self.found.append(flow_finding(self.source, entry.span, among))
        name, value = entry.name.text, self.values.fold(entry.value, context, is_kept=True)
        binding = self.scopes.file_scope.names.get(name)
        if name in SET_VALUES:
            self.found += check_operand(self.source, "set language", value)
        elif binding is not None and binding.kind == "arg" and (given := misfit(binding.type or "", value)) is not None:
            wrong = WrongOperand(operator=name, wanted=described_type(binding.type), given=given)
            self.found.append(flow_finding(self.source, value.node.span, wrong))
        return BoundSet(entry, value)

    def _if(self, entry: ast.If, context: Context) -> BoundIf:
        branches: list[tuple[Value | None, tuple[Bound, ...]]] = []
        context = context._replace(is_inside=True)
        for branch in entry.branches:
            condition = self.values.fold(branch.condition, context, is_kept=True)
            self.found += check_operand(self.source, "if", condition)
            branches.append((condition, tuple(self.entries(branch.block.entries, context))))
        if entry.otherwise is not None:
            branches.append((None, tuple(self.entries(entry.otherwise.entries, context))))
        return BoundIf(entry, tuple(branches))

    def _arm(self, arm: ast.Arm, context: Context) -> BoundArm:
        """Bind an arm: its patterns, and its target."""
        owner, target = context.owner, arm.target
        if owner is None or not (owner.arms or owner.planned_arms):
            self.found.append(flow_finding(self.source, first_line(self.source, arm.span), facts.ArmAlone()))
        patterns = tuple([self._pattern(each, context) for each in arm.patterns])
        inner = context._replace(owner=None, is_inside=True, is_in_call=True)
        if isinstance(target, ast.Jump) and self.scopes.is_statement(target):
            target = ast.Command(target.span, target.name, (), (), None)
        if isinstance(target, ast.Jump):
            arguments = tuple([self.values.fold(value, context, is_kept=True) for value in target.arguments or ()])
            return BoundArm(arm, patterns, arguments, ())
        entries = target.entries if isinstance(target, ast.Block) else (target,)
        return BoundArm(arm, patterns, (), tuple(self.entries(entries, inner)))

    def _pattern(self, pattern: ast.Pattern, context: Context) -> Value:
        """Return the outcome, the key, the phrase or the value that an arm is for."""
        owner, names = context.owner, context.names
        if isinstance(pattern, ast.Status):
            return Known(Word(pattern.text), ast.Name(pattern.span, pattern.text))
        if not isinstance(pattern, ast.Name):
            return self.values.fold(pattern, context)
        if not pattern.text:
            return Invalid(pattern)  # a missing pattern has its finding
        arms = () if owner is None else (*owner.arms, *owner.planned_arms)
        known = tuple(each for each in arms if each in outcomes())
        if pattern.text in names and pattern.text not in known:
            return self.values.fold(pattern, context)
        if pattern.text in known or owner is None:
            planned = None if owner is None or context.is_later else planned_outcome(owner, pattern.text)
            if planned is not None:
                self.found.append(not_yet(self.source, pattern.span, *planned))
            return Known(Word(pattern.text), pattern)
        choices = chain(known, names)
        near = next((each for each in (elsewhere("arms").get(pattern.text),) if each in known), None)
        near = near or self.values.guesses.meant(pattern.text, choices, (names, owner.name))
        fix = Fix(f'write "{near}"', (Edit(pattern.span, near),), unsafe=True) if near else None
        unknown = facts.NoSuchOutcome(owner=owner.name, outcome=pattern.text, near=near, known=known)
        self.found.append(flow_finding(self.source, pattern.span, unknown, fix=fix))
        return Invalid(pattern)

    def statement(self, command: ast.Command, context: Context) -> BoundStatement:
        """Return a statement with its options as slots."""
        verb, spec = command.verb.text, spec_of(command.verb.text)
        planned = None if context.is_later else planned_part(command)
        if planned is not None:
            self.found.append(not_yet(self.source, first_line(self.source, command.span), *planned))
            context = context._replace(is_inside=True, is_in_call=True, is_later=True)
            return self._reported(lambda: self.statement(command, context))
        if not verb:
            return BoundStatement(command, None)  # a missing verb has its finding
        if verb == RAW and not (context.is_later and (command.options or command.block)):
            return self._raw(command, spec, context)
        if spec is None or spec.kind == "keyword":
            self.found.append(no_such_verb(self.source, command, context.names))
            return BoundStatement(command, spec)
        if verb == _FALLBACK and context.is_inside and not context.is_later:
            self.found.append(flow_finding(self.source, command.verb.span, DeclarationInside(word=verb)))
            context = context._replace(is_later=True)
        if spec.kind == "verb":
            return VerbBinder(self, command, spec, context).bind()
        if context.owner is not None and definition(verb).get("x-role") != "prompt":
            among = facts.StatementInArms(owner=context.owner.name)
            self.found.append(flow_finding(self.source, command.verb.span, among))
        binding = bind_operands(spec, bare_words(spec, command, context.names))
        if binding.form is None:
            return self._without_form(command, spec)
        return ActionBinder(self, command, binding, binding.form, context).bind()

    def _raw(self, command: ast.Command, spec: StatementSpec | None, context: Context) -> BoundStatement:
        first = command.operands[0] if command.operands else None
        operands = tuple(
            ("action", self.values.fold(each, context)) for each in command.operands if isinstance(each, ast.Object)
        )
        statement = BoundStatement(command, spec, operands=operands)
        has_gap = command.block is not None and any(map(is_gap, command.block.entries))
        if isinstance(first, ast.Missing) or has_gap:
            return statement
        if not isinstance(first, ast.Object):
            self.found.append(flow_finding(self.source, command.verb.span, facts.RawWithoutAction()))
            return statement
        value = operands[0][1]
        if type(value) is Known:
            statement = BoundStatement(command, spec, operands=operands, wire=self.values.wires.json(value))
        for part in (*command.operands[1:], *command.options, *((command.block,) if command.block else ())):
            self.found.append(flow_finding(self.source, part.span, facts.AfterRaw()))
        return statement

    def _without_form(self, command: ast.Command, spec: StatementSpec) -> BoundStatement:
        """Bind the options of a statement whose kind is missing by their names; their values are not evaluated."""
        scope = OptionScope(source=self.source, title=spec.name, settings=every_setting(spec.name), form=None)
        found: list[Diagnostic] = []
        slots, unknown = [], []
        found.append(missing_word(self.source, spec, command))
        found += find_loose_units(scope, command)
        kinds = words_of(spec.chooser) if spec.chooser is not None else ()
        for option in command.options:
            is_target = option is command.options[0] and isinstance(option.value, ast.Text) and not command.operands
            if option.name.text in kinds or (is_target and option.name.text not in scope.settings):
                continue  # `connect phone: "…"`, `connect to: "…"`, which the finding about the missing word is about
            setting, problem = find_option(scope, option.name)
            found += () if problem is None else (problem,)
            if setting is None:
                unknown.append(option.name)
                continue
            value = Invalid(option.value)
            name, span = option.name, option.value.span
            slots.append(Slot(setting.option, setting.path, value, UNFIT, name, name.span, span))
        self.found += found
        return BoundStatement(command, spec, slots=tuple(slots), unknown=tuple(unknown))


def _of_flow(source: Source, option: ast.Option) -> Diagnostic:
    name, flow = option.name.text, spec_of("flow")
    planned = {each.name: each.today for each in flow.planned_options} if flow is not None else {}
    if name in planned:
        return not_yet(source, option.span, f"{name}: of a flow", planned[name])
    return flow_finding(source, option.name.span, facts.NoFlowOption(option=name, is_of_talk=name in talk_options()))


def bare_words(action: StatementSpec, command: ast.Command, names: Container[str]) -> tuple[str | None, ...]:
    """Return each operand as `bind_operands` takes it: a bare word that is not a name as its text, all else as None."""
    operands = command.operands
    if len(operands) == 1 and type(operands[0]) is not ast.Name:
        return (None,)
    # `raw` needs a value, so the word alone can only be a name.
    flags, known, most = every_setting(action.name).keys() - {RAW}, action.words, action.most_words
    words: list[str | None] = []
    for operand in operands:
        word = operand.text if isinstance(operand, ast.Name) else None
        chooses = word in known and len(words) < most and None not in words
        is_value = word == _NOW or word in names
        words.append(None if is_value and word not in flags and not chooses else word)
    return tuple(words)
