"""Turn the faults of an expression into findings at what is written there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ncco_lang.program.name_rules import NO_SUCH_PART, NOT_SPEAKABLE, TOO_MUCH, UNKNOWN_FILTER, WRONG_OPERAND
from ncco_lang.program.name_values import NameValues
from ncco_lang.program.translate import Translation, wanted
from ncco_lang.syntax import ast
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.values.data import described, described_type, text_of, type_of
from ncco_lang.values.expressions import LONGEST_TEXT, MOST_VALUES, Fault, Unknown, fits
from ncco_lang.values.operators import OPERATORS
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.words import shown

_MOST_NAMED = 10
_TAKEN: Final = {
    **dict.fromkeys(("starts_with", "ends_with", "matches"), "texts"),
    "in": "a list or an object on its right",
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


def kind_words(value: Any) -> str:
    """Return in words what kind of value an operand is, with its article."""
    return described_type(value.type) if isinstance(value, Unknown) else described(value)


def _report_condition(names: NameValues, chain: ast.Chain, operand: Any, at: int) -> None:
    operator = chain.operators[max(at - 2, 0)]
    message = f"{operator.text} takes true or false, not {kind_words(operand)}"
    names.report(WRONG_OPERAND, operator.span, message)


def _report_operator(names: NameValues, operator: ast.Word, fault: Fault) -> None:
    word, operands = operator.text, fault.details
    types = OPERATORS[word].operands
    wrong = next((operand for operand, taken in zip(operands, types, strict=True) if not fits(operand, taken)), None)
    if wrong is not None:
        taken = _TAKEN.get(word, "numbers")
        message = f"{word} takes {taken}, not {kind_words(wrong)}"
    elif word == "/":
        message = "nothing can be divided by 0"
    else:
        message = f"the result of {word} is too large"
    names.report(WRONG_OPERAND, operator.span, message)


def _report_operand(names: NameValues, written: ast.Node, fault: Fault) -> None:
    match written:
        case ast.Unary():
            taken = "a number" if written.operator.text == "-" else "true or false"
            message = f"{written.operator.text} takes {taken}, not {kind_words(fault.details[0])}"
            names.report(WRONG_OPERAND, written.span, message)
        case ast.Arguments():
            names.report(WRONG_OPERAND, written.span, wanted(fault.expression[0]))
        case _:
            _report_part(names, written, fault)


def _report_part(names: NameValues, written: ast.Node, fault: Fault) -> None:
    container, key = fault.details
    message, hint = f"{kind_words(container)} has no part that {kind_words(key)} names", None
    if isinstance(container, dict):
        keys = ", ".join(list(container)[:_MOST_NAMED])
        if isinstance(key, str):
            near = did_you_mean(key, container)
            message = f'there is no "{key}" in it'
            hint = f'did you mean "{near}"?' if near else f"it has {keys}" if keys else None
        else:
            hint = f"its parts have names: {keys}" if keys else None
    elif isinstance(container, list):
        hint = "its items are counted from 0: [0] is the first"
        if type_of(key) == "number":
            message = f"there is no item {text_of(key)} in this list"
            hint = f"it has {len(container)}, counted from 0"
    names.report(NO_SUCH_PART, written.span, message, hint=hint)


def _report_unspeakable(names: NameValues, written: ast.Node, fault: Fault) -> None:
    assert isinstance(written, ast.Interpolation)
    hints = {
        "list": "read one of its items: {name[0]}",
        "table": "read one of its fields: {name.field}",
        "duration": "write it out as a text, as it should be said",
    }
    value = fault.details[0]
    message = f"{kind_words(value)} cannot be read into a text"
    found = value.type if isinstance(value, Unknown) else type_of(value)
    names.report(NOT_SPEAKABLE, written.value.span, message, hint=hints.get(found or ""))


def _report_filter(translation: Translation, each: ast.Filter) -> None:
    names, name = translation.names, each.name.text
    filters = {word: known for word, known in words_in("filters").items() if "(" not in word}
    if name not in filters:
        near = did_you_mean(name, filters)
        today = [word for word, known in filters.items() if known.is_offered]
        hint = f'did you mean "{near}"?' if near else f"filters are {', '.join(today)}"
        names.report(UNKNOWN_FILTER, each.name.span, f'there is no filter "{name}"', hint=hint)
    elif filters[name].planned:
        # What a call runs has a finding already.
        if translation.scope is None:
            names.later(each.span, f'the filter "{name}"', filters[name].today)
    else:
        hint = "digits(slow) reads with a pause after each digit"
        names.report(UNKNOWN_FILTER, each.span, f"{name} does not take these arguments", hint=hint)


def _report_unreadable(names: NameValues, written: ast.Node, fault: Fault) -> None:
    each, text = _filter_at(written, fault), fault.details[1]
    name = each.name.text
    what = "is not a telephone number in international form" if name == "phone" else "has no digits"
    names.report(NOT_SPEAKABLE, each.span, f"{shown(text)} {what}, so {name} cannot read it out")


def _filter_at(written: ast.Node, fault: Fault) -> ast.Filter:
    """Return the filter at fault: the same list as in the expression."""
    assert isinstance(written, ast.Interpolation)
    at = next(index for index, each in enumerate(fault.expression[2:]) if each is fault.details[0])
    return written.filters[at]


def _report_long(names: NameValues, written: ast.Node, _fault: Fault) -> None:
    message = f"this text has more than {LONGEST_TEXT} characters with all that is read into it"
    names.report(TOO_MUCH, written.span, message)


def report_many(names: NameValues, written: ast.Node, _fault: Fault | None = None) -> None:
    """Add a finding for a list or object with too many values."""
    names.report(TOO_MUCH, written.span, f"more than {MOST_VALUES} values have come together here")


def report_deep(names: NameValues, written: ast.Node, _fault: Fault | None = None) -> None:
    """Add a finding for lists and objects that nest too deeply."""
    names.report(TOO_MUCH, written.span, f"lists and objects have come to nest deeper than {DEEPEST_DATA}")


_REPORTS: Final[Mapping[str, Callable[[NameValues, ast.Node, Fault], None]]] = {
    "operand": _report_operand,
    "part": _report_part,
    "unspeakable": _report_unspeakable,
    "unreadable": _report_unreadable,
    "long": _report_long,
    "many": report_many,
    "deep": report_deep,
}
