"""The answers that a question offers in a state: its arms that count, and the elements of a list or a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ncco_lang.bundle import (
    Arm,
    Arms,
    Ask,
    BlockId,
    EachArms,
    IfArms,
    Key,
    Outcome,
    Pattern,
    Phrase,
    QuestionId,
    SlotId,
    Status,
    Valued,
)
from ncco_lang.engine.state import Values
from ncco_lang.engine.values import CallValues
from ncco_lang.values.constants import quote
from ncco_lang.values.data import KEYS, MOST_ITEMS, text_of


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: `keys`, a `phrase` or an `outcome`, where it leads, and the names that it sets.

    `is_good` tells an answer that the question asks for from those of its arms, and `value` is the label of the arm of a
    value.
    """

    target: BlockId
    keys: str = ""
    phrase: str = ""
    outcome: str = ""
    names: Values = field(default_factory=dict)
    is_good: bool = False
    value: str = ""

    @property
    def label(self) -> str:
        """The name of the edge in a trail."""
        return "good" if self.is_good else self.value or self.keys or self.phrase or self.outcome


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
                for number, item in enumerate(values.items(each.values, each.slot)[:MOST_ITEMS], 1):
                    names = {each.slot: item, each.key: number}
                    inside = values.beside({**values.state.frame, **names})
                    for choice in choices_of(each.arms, inside):
                        yield replace(choice, names={**names, **choice.names})


def has_more_items(arms: Sequence[Arms], values: CallValues) -> bool:
    """Return whether a list has more items than the arms offer."""
    for each in arms:
        if isinstance(each, EachArms) and len(values.items(each.values, each.slot)) > MOST_ITEMS:
            return True
        if isinstance(each, (IfArms, EachArms)) and has_more_items(each.arms, values):
            return True
    return False


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
            yield from _of_value(values.read(pattern.value), Choice(target, value=pattern.label))


def elements_of(ask: Ask, values: CallValues) -> Iterator[Choice]:
    """Yield the choices for the elements of a list or a table, in their order; those of a range are not listed.

    Digits are keys, and words are a phrase. Of a table the caller keys in the key or says the value.
    """
    elements, name = values.read(ask.listen.of), values.bundle.graph.questions[ask.question].name
    match elements:
        case list():
            for element in elements:
                yield from _of_value(element, Choice(ask.good, names=_kept(name, element), is_good=True))
        case dict():
            for key, said in elements.items():
                good = Choice(ask.good, names=_kept(name, key), is_good=True)
                if KEYS.fullmatch(key):
                    yield replace(good, keys=key)
                for text in _texts(said):
                    yield replace(good, phrase=text)
        case _:
            pass


def _kept(name: SlotId | None, value: Any) -> Values:
    return {} if name is None else {name: quote(value)}


def _texts(value: Any) -> Iterator[str]:
    """Yield the characters of a value, or of each item of a list, as far as it has any."""
    return filter(None, map(text_of, value if isinstance(value, list) else [value]))


def _of_value(value: Any, choice: Choice) -> Iterator[Choice]:
    for text in _texts(value):
        yield replace(choice, keys=text) if KEYS.fullmatch(text) else replace(choice, phrase=text)


def outcome(choices: Sequence[Choice], *names: str) -> Choice | None:
    """Return the choice of the first of some outcomes that has one."""
    return next((choice for name in names for choice in choices if choice.outcome == name), None)
