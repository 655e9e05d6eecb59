"""What an answer to a question means: which arm it takes, or whether it is good, and the value that the name gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ncco_lang.bundle import BlockId, SlotId
from ncco_lang.engine.choices import Choice, outcome
from ncco_lang.engine.events import Heard, Input
from ncco_lang.values.constants import quote
from ncco_lang.values.data import UNDEFINED, Range
from ncco_lang.values.spoken import is_said, same_words, spoken_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """How the answers to a question are understood in a state.

    Attributes:
        choices: those of its arms, then those of the elements that it offers.
        phrases: the words of the choices that have a phrase, from `spoken_words`.
        hash_ends: the key # ends the entry, and the platform may leave it out.
        most_keys: the entry ends after so many keys.
        least_sure: what the recogniser is less sure of does not count.
        lengths: how many digits a good entry has, from and to; None if digits are not asked for.
        numbers: the first and the last number of a range that is asked for.
        is_free: everything that is said is good.
        good: where a good answer leads.
        name: the slot that keeps the answer; None for a menu.
    """

    choices: Sequence[Choice]
    phrases: Sequence[tuple[str, Choice]]
    hash_ends: bool
    most_keys: int
    least_sure: float
    lengths: tuple[int, int] | None = None
    numbers: Range | None = None
    is_free: bool = False
    good: BlockId = -1
    name: SlotId | None = None


def understood(ear: Ear, event: Input) -> Choice | None:
    """Return the choice that an answer takes: by keys, by speech, else `silence` or `otherwise`; None if it has none."""
    entered = event.digits
    tries = [entered, entered[:-1]] if entered.endswith("#") else [entered]
    said_nothing = not (event.heard or event.spoke)
    if ear.hash_ends and not event.timed_out and said_nothing and len(entered) < ear.most_keys:
        tries.append(f"{entered}#")
    for keys in filter(None, tries):
        for choice in ear.choices:
            if choice.keys == keys:
                return choice
    keys = entered.rstrip("#")
    if keys:
        value = _value_of(ear, keys)
        return _otherwise(ear, keys) if value is UNDEFINED else _good(ear, value)
    for heard in event.heard:
        if heard.confidence >= ear.least_sure and (said := _said(ear, heard)) is not None:
            return said
    if said_nothing:
        return outcome(ear.choices, "silence") or _otherwise(ear, UNDEFINED)
    return _otherwise(ear, event.heard[0].text.strip() if event.heard else UNDEFINED)


def samples(ear: Ear, named: str) -> Iterator[Choice]:
    """Yield the choices of the arms, with one good answer: an element, digits, a number or, for words, a name in braces.

    Args:
        named: the text that stands for what the caller says.
    """
    good: Choice | None = None
    for choice in ear.choices:
        if choice.is_good:
            good = good or choice
        elif choice.outcome == "otherwise":
            yield _holding(ear, choice, named)
        else:
            yield choice
    if ear.lengths is not None:
        good = _good(ear, "12345678901234567890"[: ear.lengths[0]])
    elif ear.numbers is not None:
        good = _good(ear, ear.numbers.low)
    elif good is None and ear.name is not None:
        good = _good(ear, named)  # words, or an element of a list that only a call knows
    if good is not None:
        yield good


def _value_of(ear: Ear, keys: str) -> Any:
    """Return the value of a good entry that no choice is for; `UNDEFINED` for another."""
    is_number = keys.isascii() and keys.isdigit()
    if ear.lengths is not None and is_number and ear.lengths[0] <= len(keys) <= ear.lengths[1]:
        return keys
    if ear.numbers is not None and is_number and str(int(keys)) == keys:
        number = int(keys)
        return number if ear.numbers.low <= number <= ear.numbers.high else UNDEFINED
    return UNDEFINED


def _good(ear: Ear, value: Any) -> Choice:
    names = {} if ear.name is None else {ear.name: quote(value)}
    return Choice(ear.good, names=names, is_good=True)


def _otherwise(ear: Ear, entered: Any) -> Choice | None:
    """Return the choice of `otherwise`, with which the name holds what was entered."""
    choice = outcome(ear.choices, "otherwise")
    return choice if choice is None or entered is UNDEFINED else _holding(ear, choice, entered)


def _holding(ear: Ear, choice: Choice, entered: str) -> Choice:
    return choice if ear.name is None else replace(choice, names={**choice.names, ear.name: entered})


def _said(ear: Ear, heard: Heard) -> Choice | None:
    """Return the choice of the longest phrase that is part of what was heard, the first one of several.

    Where everything that is said is good, a phrase has to be all of it.
    """
    said = spoken_words(heard.text)
    is_meant = same_words if ear.is_free else is_said
    found = [(words, choice) for words, choice in ear.phrases if is_meant(words, said)]
    if found:
        return max(found, key=lambda each: (each[0].count(" "), len(each[0])))[1]
    return _good(ear, heard.text.strip()) if ear.is_free else None
