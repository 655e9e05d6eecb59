"""Bind the tests of a file: every word with its operands and options, as `tests` of `flow-statements.json` has them.

A test is not part of what the flow compiles to: `Program.tests` has it, and no pass over the statements sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program import facts
from ncco_lang.program.declarations import word_of
from ncco_lang.program.findings_of_tests import (
    BareCondition,
    NoCall,
    NoSuchTestWord,
    NoTime,
    NotInOther,
    NotInTest,
    TestTwice,
    TimesAgain,
    TimeWithoutZone,
    TwoAnswers,
)
from ncco_lang.program.model import BoundDeclaration, BoundStatement
from ncco_lang.program.option_binder import OptionBinder
from ncco_lang.program.option_names import OptionScope, find_option
from ncco_lang.program.values import Known
from ncco_lang.program.verbs import first_line
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import not_yet
from ncco_lang.values.data import Word
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.statement_specs import Form, OperandSpec
from ncco_lang.vocabulary.words_of_tests import (
    EXPECT,
    FETCH,
    GIVEN,
    OF_OTHER,
    OTHER,
    THAT,
    form_of_test_word,
    meant_by,
    offered_words,
    word_of_test,
)
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.binder import Binder
    from ncco_lang.program.bindings import Scope
    from ncco_lang.program.context import Context

_CONDITION = re.compile(r"expect[ \t]+(?:that\b[ \t]*(?=\()|(?=not\b|[a-z_]\w*(?:[.\[(]|[ \t]+in\b)))")
_AT = "at"
"""The option of `call` that has times."""
_OF_ANSWER = frozenset({"returns", "status", "after"})
"""The options of `given fetch` that say how a server answers."""

_SHAPES = {ast.Arm: "an arm (->)", ast.Option: "an option alone"}


def bind_tests(
    binder: Binder, tests: Sequence[ast.Test], context: Context, of_call: Scope
) -> tuple[BoundDeclaration, ...]:
    """Return the tests of a file in written order; their findings are those of the binder.

    Args:
        of_call: the names that a call of the flow knows, which conditions read.
    """
    first: dict[str, ast.Test] = {}
    for test in tests:
        other = first.setdefault(test.name.value, test)
        if other is not test:
            twice = TestTwice(name=test.name.value)
            binder.found.append(flow_finding(binder.source, test.name.span, twice, also=(other.name.span,)))
    return tuple([_bound(binder, test, context, of_call) for test in tests])


def _bound(binder: Binder, test: ast.Test, context: Context, of_call: Scope) -> BoundDeclaration:
    binder.values.fold(test.name, context)  # for its findings
    body = tuple(_words(binder, test.block.entries, context, of_call))
    binder.found += _check_calls(binder.source, body)
    beginning = next((each for each in test.block.entries if not _is_given(each)), None)
    is_read = isinstance(beginning, ast.Command) and bool(beginning.verb.text)
    if beginning is None:
        missing = NoCall(word=None)
        binder.found.append(flow_finding(binder.source, first_line(binder.source, test.span), missing))
    elif is_read and isinstance(beginning, ast.Command) and beginning.verb.text in _known_verbs() - {"call"}:
        early = NoCall(word=beginning.verb.text)
        at = Span(beginning.span.start, beginning.span.start)
        fix = Fix("add call", (Edit(at, f"call{_before(binder.source, at.start)}"),))
        binder.found.append(flow_finding(binder.source, beginning.verb.span, early, fix=fix))
    return BoundDeclaration(test, body)


def _before(source: Source, start: int) -> str:
    """Return what separates a line of a test from one that is put before it."""
    indent = source.text[source.line_span(source.position(start).line).start : start]
    return "; " if indent.strip() else f"\n{indent}"


def _is_given(entry: ast.Entry) -> bool:
    return isinstance(entry, ast.Command) and entry.verb.text == GIVEN


def _known_verbs() -> frozenset[str]:
    return frozenset(word.partition(" ")[0] for word in words_in("tests"))


def _words(binder: Binder, entries: Iterable[ast.Entry], context: Context, of_call: Scope) -> Iterator[BoundStatement]:
    for entry in entries:
        if not isinstance(entry, ast.Command):
            what = _SHAPES.get(type(entry), f'"{word_of(entry)}"')
            span = first_line(binder.source, entry.span)
            binder.found.append(flow_finding(binder.source, span, NotInTest(what=what)))
            continue
        bound = _statement(binder, entry, context, of_call)
        if bound is not None:
            yield bound


def _statement(binder: Binder, command: ast.Command, context: Context, of_call: Scope) -> BoundStatement | None:
    """Return a line of a test; None, with a finding, if it is of a later version or has no known word."""
    source, verb = binder.source, command.verb
    if not verb.text:
        return None  # a missing verb has its finding
    following = tuple(each.text if isinstance(each, ast.Name) else "" for each in command.operands[:2])
    word, taken = word_of_test(verb.text, following)
    if verb.text == EXPECT and any(option.name.text == "that" for option in command.options):
        word = THAT
    form = form_of_test_word(word)
    if form is None:
        binder.found.append(_unknown(source, command, word))
        return None
    if form.action.planned:
        binder.found.append(not_yet(source, first_line(source, command.span), f'"{word}"', form.action.today))
        return None
    if context.owner is not None and word not in OF_OTHER:
        binder.found.append(flow_finding(source, verb.span, NotInOther(word=word)))
        return None
    if word == THAT:
        context = context._replace(names=of_call, is_in_call=True)
    return _WordBinder(binder, command, form, context, of_call, taken).bind()


def _unknown(source: Source, command: ast.Command, word: str) -> Diagnostic:
    """Return the finding about a line that begins with no word of tests."""
    verb = command.verb
    bare = _CONDITION.match(source.text, verb.span.start) if verb.text == EXPECT else None
    if bare is not None:
        edit = Edit(Span(verb.span.start, bare.end()), "expect that: ")
        return flow_finding(source, verb.span, BareCondition(), fix=Fix("write expect that:", (edit,)))
    is_first = verb.text in (GIVEN, EXPECT)
    near = None if is_first else did_you_mean(verb.text, sorted(_known_verbs()))
    near = meant_by(word) or near or did_you_mean(word, offered_words())
    # A second word is written only in place of one: `given` alone does not say which of its words is meant.
    is_meant = near is not None and near != verb.text and (" " in word if is_first else " " not in near)
    fix = _write_word(command, word, near) if near is not None and is_meant else None
    known = offered_words()
    if is_first:
        known = tuple(each for each in known if each.startswith(verb.text))
    return flow_finding(source, verb.span, NoSuchTestWord(word=word, near=near, known=known), fix=fix)


def _write_word(command: ast.Command, word: str, near: str) -> Fix | None:
    """Return the fix that writes a word of tests in place of another; None if `no` is between the two parts of that."""
    written = (command.verb, *command.operands)[: len(word.split())]
    if " ".join(each.text for each in written if isinstance(each, (ast.Word, ast.Name))) != word:
        return None
    return Fix(f"write {near}", (Edit(Span(written[0].span.start, written[-1].span.end), near),), unsafe=True)


class _WordBinder(OptionBinder):
    """Binds one line of a test."""

    __slots__ = ("_of_call", "_taken", "form", "operands")

    def __init__(
        self, binder: Binder, command: ast.Command, form: Form, context: Context, of_call: Scope, taken: int
    ) -> None:
        """Args: `taken` is how many operands belong to the word itself."""
        name = form.action.name
        scope = OptionScope(source=binder.source, title=name, settings=form.settings, form=form)
        super().__init__(binder, command, form.action, scope, context)
        self.form, self._of_call, self._taken = form, of_call, taken
        self.operands: list[tuple[str, Known]] = []

    def bind(self) -> BoundStatement:
        """Return the bound line."""
        command = self.command
        if self._taken == 2:  # `expect no ring`
            self.operands.append(("no", Known(Word("no"), command.operands[0])))
        for node in command.operands[self._taken :]:
            self._operand(node)
        for option in command.options:
            self._is_incomplete = self._option(self.scope, option) or self._is_incomplete
        if command.block is not None:
            self._entries(command.block)
        if not self._is_incomplete:
            self._check_missing()
        for slot in self.slots:
            given = slot.option
            if given.today is not None:
                what = f'"{self.spec.name}" with {given.name}:'
                self.found.append(not_yet(self.source, slot.key, what, given.today))
            if given.name == _AT and isinstance(slot.value, Known):
                self.found += _check_times(self.source, slot.span, slot.value.data)
        return BoundStatement(
            command,
            self.spec,
            self.form,
            words=tuple(each for each in command.operands[: self._taken] if isinstance(each, ast.Name)),
            slots=tuple(self.slots),
            operands=tuple(self.operands),
            unknown=tuple(self.unknown),
            body=tuple(self.body),
        )

    def _operand(self, node: ast.Value) -> None:
        if isinstance(node, ast.Missing):
            self._is_incomplete = True
            return
        role = self._role()
        word = node.text if isinstance(node, ast.Name) and node.text not in self.context.names else None
        if role is not None and isinstance(node, ast.Name) and node.text in role.words:
            self.operands.append((role.role, Known(Word(node.text), node)))
            return
        filled = self.form.operand
        is_value = word is None or (role is None and word not in self.form.settings)
        if filled is not None and filled.option.name not in self.scope.given and is_value:
            self.scope.given[filled.option.name] = node.span
            slot = self._slot(filled, node, None, self.command.verb.span)
            self.slots.append(slot)
            return
        self._other(node)

    def _role(self) -> OperandSpec | None:
        """Return the next word that the line can have; `no` comes before all others."""
        given = {"no", *(role for role, _ in self.operands)}
        return next((each for each in self.spec.operands if each.role not in given), None)

    def _other(self, node: ast.Value) -> None:
        """Report a value that has no place, or a word that is not one of the line's."""
        role = self._role()
        if isinstance(node, ast.Name) and role is not None:
            words = role.words
            self._is_incomplete = True
            filled = self.form.operand
            is_given = filled is None or filled.option.name in self.scope.given
            near = did_you_mean(node.text, words if is_given else (*words, *self.context.names))
            fix = Fix(f"write {near}", (Edit(node.span, near),), unsafe=True) if near else None
            unknown = facts.UnknownWord(statement=self.spec.name, forms=words, word=node.text, near=near)
            self.found.append(flow_finding(self.source, node.span, unknown, fix=fix))
            return
        if isinstance(node, ast.Name) and self.form.settings:
            _, problem = find_option(self.scope, ast.Word(node.span, node.text))
            self.found += () if problem is None else (problem,)
            if problem is not None:
                return
        self.found.append(flow_finding(self.source, node.span, facts.NoPlace(owner=self.spec.name)))

    def _entries(self, block: ast.Block) -> None:
        """Bind a block: the lines of `other`, or options one per line."""
        if self.spec.name == OTHER:
            self.body += _words(self.binder, block.entries, self.context._replace(owner=self.spec), self._of_call)
        else:
            self._block(self.scope, block.entries)

    def _check_missing(self) -> None:
        span, given = self.command.verb.span, {role for role, _ in self.operands}
        for operand in self.spec.operands:
            if operand.required and operand.role not in given:
                missing = facts.MissingValue(owner=self.spec.name, option=operand.role, form="role")
                self.found.append(flow_finding(self.source, span, missing))
        if self.spec.name == FETCH and self.operands:
            _, word = self.operands[0]
            for slot in self.slots:
                if slot.option.name in _OF_ANSWER:
                    twice = TwoAnswers(outcome=str(word.data), option=Wire(slot.option.key))
                    self.found.append(flow_finding(self.source, slot.key, twice))
        is_empty = self.spec.name == "hear" and not given and self.scope.given.keys().isdisjoint({"text"})
        if is_empty:
            missing = facts.MissingValue(owner=self.spec.name, option=Wire("text"), form="operand")
            self.found.append(flow_finding(self.source, span, missing))
        self._missing(self.scope, span)


def _check_calls(source: Source, body: Iterable[BoundStatement]) -> Iterator[Diagnostic]:
    """Yield the findings about several times of a call that is not the first of its test."""
    calls = [each for each in body if each.spec is not None and each.spec.name == "call"]
    for slot in (slot for call in calls[1:] for slot in call.slots):
        if slot.option.name == _AT and isinstance(slot.value, Known) and isinstance(slot.value.data, list):
            yield flow_finding(source, slot.span, TimesAgain())


def _check_times(source: Source, span: Span, times: Any) -> Iterator[Diagnostic]:
    """Yield the findings about the times of a call."""
    for time in times if isinstance(times, list) else [times]:
        try:
            moment = datetime.fromisoformat(time)
        except (TypeError, ValueError):
            yield flow_finding(source, span, NoTime())
            return
        if moment.tzinfo is None:
            yield flow_finding(source, span, TimeWithoutZone(time=time))
