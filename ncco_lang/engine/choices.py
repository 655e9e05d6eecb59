"""The arms of a question that count in a state, and which of them an answer takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ncco_lang.bundle import (
    Arm,
    Arms,
    BlockId,
    EachArms,
    IfArms,
    Key,
    Outcome,
    Pattern,
    Phrase,
    QuestionId,
    Status,
    Valued,
)
from ncco_lang.engine.events import Heard, Input
from ncco_lang.engine.state import Values
from ncco_lang.engine.values import CallValues
from ncco_lang.values.constants import quote
from ncco_lang.values.data import KEYS, text_of
from ncco_lang.values.spoken import is_said, spoken_words

MOST_ITEMS = 9
"""Items of `each` in a question, because `key` is one digit (language description, Menu)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One pattern of an arm: `keys`, a `phrase` or an `outcome`, where it leads, and the names that it sets."""

    target: BlockId
    keys: str = ""
    phrase: str = ""
    outcome: str = ""
    names: Values = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name of the edge in a trail."""
        return self.keys or self.phrase or self.outcome


def choices_of(arms: Sequence[Arms], values: CallValues) -> Iterator[Choice]:
    """Yield the choices that the arms offer in a state, in their order."""
    for each in arms:
        match each:
            case Arm():
                for pattern in each.patterns:
                    yield from _of_pattern(pattern, each.target, values)
            case IfArms():
                if values.read(each.condition) is True:
                    yield from choices_of(each.arms, values)
            case EachArms():
                items = values.read(each.values)
                for number, item in enumerate(items[:MOST_ITEMS] if isinstance(items, list) else (), 1):
                    names = {each.slot: quote(item), each.key: number}
                    inside = values.beside({**values.state.frame, **names})
                    for choice in choices_of(each.arms, inside):
                        yield replace(choice, names={**names, **choice.names})


def choices_at(question: QuestionId, values: CallValues) -> Sequence[Choice]:
    """Return the choices that a question offers in a state."""
    arms = values.bundle.graph.questions[question].arms
    return values.prepared(("choices", question), lambda values: tuple(choices_of(arms, values)))


def _of_pattern(pattern: Pattern, target: BlockId, values: CallValues) -> Iterator[Choice]:
    match pattern:
        case Key():
            yield Choice(target, keys=pattern.keys)
        case Phrase():
            yield Choice(target, phrase=pattern.text)
        case Outcome():
            yield Choice(target, outcome=pattern.name)
        case Status():
            pass  # of a lookup, which asks the caller nothing
        case Valued():
            value = values.read(pattern.value)
            for text in filter(None, map(text_of, value if isinstance(value, list) else [value])):
                yield Choice(target, keys=text) if KEYS.fullmatch(text) else Choice(target, phrase=text)


def outcome(choices: Sequence[Choice], *names: str) -> Choice | None:
    """Return the choice of the first of some outcomes that has one."""
    return next((choice for name in names for choice in choices if choice.outcome == name), None)


def answered(
    choices: Sequence[Choice], event: Input, *, hash_ends: bool, most_keys: int, least_sure: float
) -> Choice | None:
    """Return the choice that an answer takes: by keys, by phrase, else `silence` or `otherwise`; None if it has none.

    Args:
        hash_ends: the key # ends the entry, and the platform may leave it out.
        most_keys: the entry ends after so many keys.
        least_sure: a phrase that the recogniser is less sure of does not count.
    """
    entered = event.digits
    tries = [entered, entered[:-1]] if entered.endswith("#") else [entered]
    said_nothing = not (event.heard or event.spoke)
    if hash_ends and not event.timed_out and said_nothing and len(entered) < most_keys:
        tries.append(f"{entered}#")
    for keys in filter(None, tries):
        for choice in choices:
            if choice.keys == keys:
                return choice
    if entered.strip("#"):
        return outcome(choices, "otherwise")
    for heard in event.heard:
        if heard.confidence >= least_sure and (said := _said(choices, heard)) is not None:
            return said
    return outcome(choices, "silence", "otherwise") if said_nothing else outcome(choices, "otherwise")


def _said(choices: Sequence[Choice], heard: Heard) -> Choice | None:
    """Return the choice of the longest phrase that is part of what was heard, the first one of several."""
    said = spoken_words(heard.text)
    found = [(words, choice) for choice in choices if is_said(words := spoken_words(choice.phrase), said)]
    return max(found, key=lambda each: (each[0].count(" "), len(each[0])))[1] if found else None
