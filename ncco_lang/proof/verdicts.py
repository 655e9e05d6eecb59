"""Say what a condition is in every call, from what its names can be where it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from ncco_lang.bundle import Expression, SlotId
from ncco_lang.proof.reaching import Choices, Digits, Whole
from ncco_lang.values.constants import CONSTANTS, quote
from ncco_lang.values.data import UNDEFINED
from ncco_lang.values.environment import Names
from ncco_lang.values.expressions import evaluate, references

ChoicesOf: TypeAlias = Callable[[SlotId], Choices]
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""Operators with their sides exchanged."""
_OPERATORS = frozenset({*_TURNED, "starts_with", "ends_with", "matches", "in"})


class Never(NamedTuple):
    """A comparison of a name with a value that it never has; `choices` are those that it can have."""

    slot: SlotId
    value: Any
    choices: tuple[Any, ...]


def verdict(condition: Expression, choices_of: ChoicesOf) -> bool | None:
    """Return what a condition is in every call; None if that depends on the call."""
    match condition:
        case bool():
            return bool(condition)
        case ["not", inner]:
            found = verdict(inner, choices_of)
            return None if found is None else not found
        case ["and" | "or" as word, *operands]:
            all_found = [verdict(each, choices_of) for each in operands]
            decides: bool = word == "or"
            if decides in all_found:
                return decides
            return None if None in all_found else not decides
        case ["slot", int(slot)]:
            choices = choices_of(slot)
            return None if choices is None else _same(each if isinstance(each, bool) else None for each in choices)
        case _:
            compared = _compared(condition)
            if compared is None:
                return None
            word, side, value = compared
            choices = _choices(side, choices_of)
            return None if choices is None else _same(_holds(word, each, value) for each in choices)


def never_equal(condition: Expression, choices_of: ChoicesOf) -> Iterator[Never]:
    """Yield the comparisons with a value that a name never has, among several that it can have, in the order of the text."""
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list) and part[:1] in (["and"], ["or"], ["not"]):
            waiting += reversed(part[1:])
            continue
        compared = _compared(part)
        if compared is None or compared[1][0] != "slot" or compared[0] not in ("==", "!=", "in"):
            continue
        word, (_, slot), value = compared
        choices = choices_of(slot)
        if choices is None or (len(choices) == 1 and not isinstance(choices[0], (Digits, Whole))):
            continue
        values = value if word == "in" and isinstance(value, list) else [value]
        if word == "in" and not isinstance(value, list):
            continue
        for each in values:
            is_scalar = each is None or isinstance(each, (str, int, Decimal))
            if is_scalar and all(_holds("==", choice, each) is False for choice in choices):
                yield Never(slot, each, choices)


def can_be(choices: tuple[Any, ...], value: Any) -> bool:
    """Return whether one of some choices can be a value."""
    return any(_holds("==", choice, value) is not False for choice in choices)


def _same(found: Iterable[bool | None]) -> bool | None:
    """Return what all of some verdicts are; None if they differ, or one of them is not known."""
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else None


def _compared(part: Expression) -> tuple[str, list[Any], Any] | None:
    """Return an operator, the name or its length on the left, and the constant on the right; None for another part."""
    match part:
        case [str(word), one, other] if word in _OPERATORS:
            if _is_name(one) and _is_constant(other):
                return word, one, _value(other)
            if word in _TURNED and _is_name(other) and _is_constant(one):
                return _TURNED[word], other, _value(one)
    return None


def _is_name(part: Expression) -> bool:
    match part:
        case ["slot", int()] | ["length", ["slot", int()]]:
            return True
        case _:
            return False


def _is_constant(part: Expression) -> bool:
    is_list = isinstance(part, list) and part[:1] == ["list"]
    return not isinstance(part, list) or part[0] in CONSTANTS or (is_list and next(references(part), None) is None)


def _value(part: Expression) -> Any:
    return evaluate(part, Names())


def _choices(side: list[Any], choices_of: ChoicesOf) -> Choices:
    if side[0] == "slot":
        return choices_of(side[1])
    return tuple(map(_length, choices_of(side[1][1]) or ())) or None


def _length(choice: Any) -> Any:
    if isinstance(choice, Digits):
        return Whole(choice.least, choice.most)
    return len(choice) if isinstance(choice, (str, list)) else UNDEFINED


def _holds(word: str, choice: Any, value: Any) -> bool | None:
    """Return whether a comparison holds for each value of a choice; None if that differs, or is an error."""
    if choice is UNDEFINED:
        return False
    if word == "in" and isinstance(choice, (Digits, Whole)):
        are_equal = isinstance(value, list) and all(_holds("==", choice, each) is False for each in value)
        return False if are_equal else None
    if isinstance(choice, Digits):
        return _holds_for_digits(word, choice, value)
    if isinstance(choice, Whole):
        return _holds_for_numbers(word, choice, value)
    found = evaluate([word, quote(choice), quote(value)], Names())
    return found if isinstance(found, bool) else None


def _holds_for_digits(word: str, choice: Digits, value: Any) -> bool | None:
    if not isinstance(value, str):
        return {"==": False, "!=": True}.get(word)
    pattern = value.translate({ord("*"): None, ord("?"): None}) if word == "matches" else value
    least = len(value.replace("*", ""))
    are_digits = pattern.isascii() and (pattern.isdigit() or not pattern)
    is_longer = least > choice.most or (word in ("==", "!=") and least < choice.least)
    is_shorter = word == "matches" and "*" not in value and least < choice.least
    if are_digits and not is_longer and not is_shorter:
        return None
    return word == "!="


def _holds_for_numbers(word: str, choice: Whole, value: Any) -> bool | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return {"==": False, "!=": True}.get(word)
    low, high = choice.low, choice.high
    match word:
        case "==" | "!=":
            is_possible = low <= value <= high and value == int(value)
            return None if is_possible else word == "!="
        case "<":
            return True if high < value else False if low >= value else None
        case "<=":
            return True if high <= value else False if low > value else None
        case ">":
            return True if low > value else False if high <= value else None
        case ">=":
            return True if low >= value else False if high < value else None
        case _:
            return None
