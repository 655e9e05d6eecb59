"""Turn the faults of an expression into findings at what is written there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ncco_lang.diagnostics import Facts
from ncco_lang.program import expression_facts as facts
from ncco_lang.program.name_values import NameValues
from ncco_lang.program.translate import Translation, wrong_arguments
from ncco_lang.syntax import ast
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.values.data import described, described_type, text_of, type_of
from ncco_lang.values.environment import Unknown
from ncco_lang.values.evaluation import LONGEST_TEXT, MOST_VALUES, Fault, fits
from ncco_lang.values.operators import OPERATORS
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.phrases import did_you_mean

_MOST_NAMED = 10
_TAKEN: Final = {
    **dict.fromkeys(("starts_with", "ends_with", "matches"), "texts"),
    "in": "a list or object on its right",
}
"""Operators that do not take numbers → what they take, in words."""


def report_faults(translation: Translation, faults: list[Fault]) -> None:
    """Add a finding for each fault of a translated expression, one for a chain of operators."""
    chains: set[int] = set()
    for fault in faults:
        written = translation.written_for(fault.expression)
        match written:
            case (ast.Chain() as chain, ast.Word() as operator):
                if id(chain) not in chains:
                    chains.add(id(chain))
                    _report_operator(translation.names, operator, fault)
            case ast.Chain():
                if id(written) not in chains:
                    chains.add(id(written))
                    _report_condition(translation.names, written, *fault.details)
            case ast.Interpolation() if fault.kind == "filter":
                _report_filter(translation, _filter_at(written, fault))
            case ast.Node():
                _REPORTS[fault.kind](translation.names, written, fault)
            case _:
                pass  # a part of an invalid calculation, or a consequence of another fault


def without_later_filters(translation: Translation, faults: list[Fault]) -> list[Fault]:
    """Report filters of a later version in an expression that a call runs, where they stay; return the other faults."""
    if translation.scope is None:
        return faults
    filters = words_in("filters")
    others = []
    for fault in faults:
        known = filters.get(fault.details[0][0]) if fault.kind == "filter" else None
        written = None if known is None or not known.planned else translation.written_for(fault.expression)
        if isinstance(written, ast.Interpolation):
            _report_filter(translation, _filter_at(written, fault))
        else:
            others.append(fault)
    return others


def kind_words(value: Any) -> str:
    """Return in words what kind of value an operand is, with its article."""
    return described_type(value.type) if isinstance(value, Unknown) else described(value)


def _report_condition(names: NameValues, chain: ast.Chain, operand: Any, at: int) -> None:
    operator = chain.operators[max(at - 2, 0)]
    wrong = facts.WrongOperand(operator=operator.text, wanted="true or false", given=kind_words(operand))
    names.report(operator.span, wrong)


def _report_operator(names: NameValues, operator: ast.Word, fault: Fault) -> None:
    word, operands = operator.text, fault.details
    types = OPERATORS[word].operands
    wrong = next((operand for operand, taken in zip(operands, types, strict=True) if not fits(operand, taken)), None)
    found: Facts = facts.DividedByZero() if word == "/" else facts.ResultTooLarge(operator=word)
    if wrong is not None:
        found = facts.WrongOperand(operator=word, wanted=_TAKEN.get(word, "numbers"), given=kind_words(wrong))
    names.report(operator.span, found)


def _report_operand(names: NameValues, written: ast.Node, fault: Fault) -> None:
    match written:
        case ast.Unary():
            word, given = written.operator.text, kind_words(fault.details[0])
            taken = "a number" if word == "-" else "true or false"
            names.report(written.span, facts.WrongOperand(operator=word, wanted=taken, given=given))
        case ast.Arguments():
            names.report(written.span, wrong_arguments(fault.expression[0]))
        case _:
            _report_part(names, written, fault)


def _report_part(names: NameValues, written: ast.Node, fault: Fault) -> None:
    container, key = fault.details
    keys = tuple(container)[:_MOST_NAMED] if isinstance(container, dict) else ()
    found: Facts
    if isinstance(container, dict) and isinstance(key, str):
        found = facts.NoSuchKey(key=str(key), near=did_you_mean(key, container), keys=keys)
    elif isinstance(container, list) and type_of(key) == "number":
        found = facts.NoSuchItem(index=text_of(key) or "", count=len(container))
    else:
        is_list = isinstance(container, list)
        found = facts.NoParts(given=kind_words(container), key=kind_words(key), is_list=is_list, keys=keys)
    names.report(written.span, found)


def _report_unspeakable(names: NameValues, written: ast.Node, fault: Fault) -> None:
    assert isinstance(written, ast.Interpolation)
    value = fault.details[0]
    found = value.type if isinstance(value, Unknown) else type_of(value)
    names.report(written.value.span, facts.Unspeakable(given=kind_words(value), type=found or ""))


def _report_filter(translation: Translation, each: ast.Filter) -> None:
    names, name = translation.names, each.name.text
    filters = {word: known for word, known in words_in("filters").items() if "(" not in word}
    if name not in filters:
        today = tuple(word for word, known in filters.items() if known.is_offered)
        unknown = facts.NoSuchFilter(name=name, near=did_you_mean(name, filters), filters=today)
        names.report(each.name.span, unknown)
    elif not filters[name].planned:
        names.report(each.span, facts.WrongFilterArguments(filter=name))
    else:
        names.later(each.span, f'the filter "{name}"', filters[name].today)


def _report_unreadable(names: NameValues, written: ast.Node, fault: Fault) -> None:
    each = _filter_at(written, fault)
    names.report(each.span, facts.Unreadable(filter=each.name.text, text=fault.details[1]))


def _filter_at(written: ast.Node, fault: Fault) -> ast.Filter:
    """Return the filter at fault: the same list as in the expression."""
    assert isinstance(written, ast.Interpolation)
    at = next(index for index, each in enumerate(fault.expression[2:]) if each is fault.details[0])
    return written.filters[at]


def _report_long(names: NameValues, written: ast.Node, _fault: Fault) -> None:
    names.report(written.span, facts.TextTooLong(most=LONGEST_TEXT))


def report_many(names: NameValues, written: ast.Node, _fault: Fault | None = None) -> None:
    """Add a finding for a list or object with too many values."""
    names.report(written.span, facts.TooManyValues(most=MOST_VALUES))


def report_deep(names: NameValues, written: ast.Node, _fault: Fault | None = None) -> None:
    """Add a finding for lists and objects that nest too deeply."""
    names.report(written.span, facts.TooDeep(most=DEEPEST_DATA))


_REPORTS: Final[Mapping[str, Callable[[NameValues, ast.Node, Fault], None]]] = {
    "operand": _report_operand,
    "part": _report_part,
    "unspeakable": _report_unspeakable,
    "unreadable": _report_unreadable,
    "long": _report_long,
    "many": report_many,
    "deep": report_deep,
}
