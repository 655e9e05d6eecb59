"""Find mistakes between the parts of a statement: a comma, a separate unit, a split number, a missing colon."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program import facts
from ncco_lang.program.bare_words import unit_apart
from ncco_lang.program.option_names import OptionScope
from ncco_lang.program.value_facts import NumberInDigits
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.lines import indent, line_start
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import planned_verbs
from ncco_lang.vocabulary.statement_specs import OperandBinding, known_verbs
from ncco_lang.words import Wire


@dataclass(frozen=True, slots=True)
class LineMistakes:
    """The mistakes between the parts of one statement.

    `operands` (by index) and `options` (by name) are already reported, so other checks skip them.
    """

    findings: list[Diagnostic] = field(default_factory=list)
    operands: set[int] = field(default_factory=set)
    options: set[str] = field(default_factory=set)


def find_mistakes(scope: OptionScope, command: ast.Command, binding: OperandBinding) -> LineMistakes:
    """Return the mistakes between the parts of a statement."""
    mistakes = LineMistakes()
    _find_commas(mistakes, scope, command, binding)
    _find_inner_quotes(mistakes, scope, command)
    _find_split_number(mistakes, scope, command, binding)
    for index in binding.extra:
        _find_loose_unit(mistakes, scope, command, index, binding.operand)
    _find_second_statement(mistakes, scope, command, binding)
    for index in binding.flags:
        flag = command.operands[index]
        assert isinstance(flag, ast.Name)
        if index + 1 in binding.extra and "boolean" not in scope.settings[flag.text].option.types:
            fix = Fix("add the colon", (Edit(Span(flag.span.end, flag.span.end), ":"),))
            colon = facts.MissingColon(option=Wire(scope.settings[flag.text].option.key))
            mistakes.findings.append(flow_finding(scope.source, flag.span, colon, fix=fix))
            mistakes.operands.update((index, index + 1))
            mistakes.options.add(flag.text)
    return mistakes


def find_loose_units(scope: OptionScope, command: ast.Command) -> list[Diagnostic]:
    """Return findings for units that are apart from their numbers, in a statement whose operands are not known."""
    mistakes = LineMistakes()
    for index in range(len(command.operands)):
        _find_loose_unit(mistakes, scope, command, index, None)
    return mistakes.findings


def _find_commas(mistakes: LineMistakes, scope: OptionScope, command: ast.Command, binding: OperandBinding) -> None:
    """`talk "Hello", premium`"""
    for index in () if binding.extra else command.listed:
        mistakes.findings.extend(find_stray_comma(scope.source, command, index))


def find_stray_comma(source: Source, command: ast.Command, index: int) -> list[Diagnostic]:
    """Return the finding for the comma after an operand, in a list; empty if recovery inserted it."""
    text, end = source.text, command.operands[index].span.end
    at = text.find(",", end)
    if at < 0 or text[end:at].strip():
        return []
    fix = Fix("remove it", (Edit(Span(at, at + 1), "" if text[at + 1 : at + 2].isspace() else " "),))
    return [flow_finding(source, Span(at, at + 1), facts.StrayComma(), fix=fix)]


def _find_inner_quotes(mistakes: LineMistakes, scope: OptionScope, command: ast.Command) -> None:
    """`talk "She said "yes" to it."`: a quote that touches a word does not end the text."""
    source, first = (
        scope.source,
        next((at for at, each in enumerate(command.operands) if isinstance(each, ast.Text)), -1),
    )
    last = max((at for at, each in enumerate(command.operands) if isinstance(each, ast.Text)), default=-1)
    if first == last or not source.text[command.operands[first].span.end].isalnum():
        return
    span = Span(command.operands[first].span.start, command.operands[last].span.end)
    inside = re.sub(r'(?<!\\)"', r'\\"', source.text[span.start + 1 : span.end - 1])
    fix = Fix('write \\" inside it', (Edit(span, f'"{inside}"'),), unsafe=True)
    mistakes.findings.append(flow_finding(source, span, facts.QuoteInside(), fix=fix))
    mistakes.operands.update(range(first, last + 1))


def _find_split_number(
    mistakes: LineMistakes, scope: OptionScope, command: ast.Command, binding: OperandBinding
) -> None:
    """`connect phone 020 7946 0123`: several numbers where the author means one telephone number."""
    first, operand = binding.operand, scope.form.operand if scope.form is not None else None
    if first is None or operand is None or operand.option.kind != "phone":
        return
    last = first
    while last + 1 in binding.extra and isinstance(command.operands[last + 1], ast.Number):
        last += 1
    if last == first or not isinstance(command.operands[first], ast.Number):
        return
    span = Span(command.operands[first].span.start, command.operands[last].span.end)
    fix = Fix("put it in quotes", (Edit(span, f'"{scope.source.text[slice(*span)]}"'),))
    mistakes.findings.append(flow_finding(scope.source, span, NumberInDigits(), fix=fix))
    mistakes.operands.update(range(first, last + 1))


def _find_second_statement(
    mistakes: LineMistakes, scope: OptionScope, command: ast.Command, binding: OperandBinding
) -> None:
    """`talk "Hello" talk "Goodbye"`"""
    for index in binding.extra:
        word = command.operands[index]
        if index and isinstance(word, ast.Name) and word.text in {*known_verbs(), *planned_verbs()} - {*scope.settings}:
            line = scope.source.text[line_start(scope.source.text, word.span.start) : word.span.start]
            gap = Span(word.span.start - len(line) + len(line.rstrip()), word.span.start)
            fix = Fix(
                "begin a new line", (Edit(gap, "\n" + " " * indent(scope.source.text, word.span.start)),), unsafe=True
            )
            second = facts.SecondStatement(verb=word.text)
            mistakes.findings.append(flow_finding(scope.source, word.span, second, fix=fix))
            mistakes.operands.update(range(index, len(command.operands)))
            mistakes.options.update(
                option.name.text for option in command.options if option.span.start > word.span.start
            )
            return


def _find_loose_unit(
    mistakes: LineMistakes, scope: OptionScope, command: ast.Command, index: int, operand: int | None
) -> None:
    """`timeout: 45 s`, `wait 5 s`"""
    word = command.operands[index]
    if not isinstance(word, ast.Name):
        return
    filled = scope.form.operand if scope.form is not None else None
    is_time = filled is not None and filled.option.unit is not None
    if is_time and operand is not None and _is_apart(mistakes, scope, command.operands[operand], word):
        mistakes.operands.update((operand, index))
    for option in command.options:
        setting = scope.settings.get(option.name.text)
        if setting is not None and setting.option.unit is not None and _is_apart(mistakes, scope, option.value, word):
            mistakes.operands.add(index)
            mistakes.options.add(option.name.text)


def _is_apart(mistakes: LineMistakes, scope: OptionScope, value: ast.Value, word: ast.Name) -> bool:
    """Report a word that is the unit of the number before it, and return whether it is."""
    found = unit_apart(scope.source, value, word)
    if found is not None:
        mistakes.findings.append(found)
    return found is not None
