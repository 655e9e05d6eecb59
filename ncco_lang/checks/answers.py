"""Read what callers can answer to a question: the patterns of its arms, and the elements that it offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ncco_lang.program.model import BoundArm, BoundEach, BoundIf, BoundStatement, Program, Slot
from ncco_lang.program.values import Invalid, Known
from ncco_lang.program.walk import inner
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import KEYS, Key, Word, text_of
from ncco_lang.values.spoken import spoken_words

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value


class Answer(NamedTuple):
    """One answer that a question knows.

    Attributes:
        kind: `key`, `phrase`, `outcome`, `value` for one that is not known here, or `invalid`.
        text: the key or the outcome; of a phrase its words, without blanks.
        words: the words of a phrase, as `spoken_words` has them.
        owner: where what the answer leads to begins in the text; an element is its own owner.
        is_element: it is an element that the question offers, not the pattern of an arm.
    """

    kind: str
    text: str
    span: Span
    words: str = ""
    owner: tuple[int, ...] = ()
    is_element: bool = False


def answers_of(source: Source, bounds: Iterable[Bound]) -> Iterator[Answer]:
    """Yield what the arms among some statements are for."""
    for bound in bounds:
        if isinstance(bound, BoundArm):
            for value in bound.patterns:
                yield from _answers(source, value, (bound.node.span.start,))


def nested(bounds: Sequence[Bound]) -> Iterator[Bound]:
    """Yield the prompts and arms of a question in the order of the text, with those in `if` and `each`."""
    for bound in bounds:
        if isinstance(bound, (BoundIf, BoundEach)):
            yield from nested(inner(bound))
        else:
            yield bound


def _answers(source: Source, value: Value, owner: tuple[int, ...]) -> Iterator[Answer]:
    data, node = value.data if type(value) is Known else None, value.node
    if type(value) is Invalid:
        yield Answer("invalid", "", node.span)
    elif isinstance(data, Word):
        yield Answer("outcome", str(data), node.span)
    elif isinstance(data, Key) or (data is not None and isinstance(node, ast.Number)):
        yield Answer("key", source.text[slice(*node.span)], node.span, owner=owner)
    elif isinstance(data, list):
        yield from (_spoken_or_keyed(each, node.span, owner) for each in data)
    elif isinstance(data, str) and not isinstance(node, ast.Text):
        yield _spoken_or_keyed(data, node.span, owner)
    elif isinstance(data, str):
        yield _phrase(data, node.span, owner)
    else:
        yield Answer("value", "", node.span)


def _phrase(text: str, span: Span, owner: tuple[int, ...]) -> Answer:
    words = spoken_words(text)
    return Answer("phrase", words.replace(" ", ""), span, words, owner)


def _spoken_or_keyed(value: Any, span: Span, owner: tuple[int, ...]) -> Answer:
    """Return the answer of a value: digits are a key, and words a phrase."""
    text = text_of(value)
    if not text:
        return Answer("value", "", span)
    return Answer("key", text, span, owner=owner) if KEYS.fullmatch(text) else _phrase(text, span, owner)


def elements_of(program: Program, bound: BoundStatement) -> Iterator[Answer]:
    """Yield the elements that `one_of` of an `ask` offers, as far as they are known: those of a list or a table."""
    slot = option_slot(bound, "one_of")
    data = slot.value.data if slot is not None and type(slot.value) is Known else None
    if slot is None:
        return
    positions, node = program.positions, slot.value.node
    if isinstance(data, list):
        for index, element in enumerate(data):
            yield _spoken_or_keyed(element, positions.span(node, (index,)), (-1, index))._replace(is_element=True)
    elif isinstance(data, dict):
        for index, (key, said) in enumerate(data.items()):
            if KEYS.fullmatch(key):
                span = positions.key_span(node, (key,))
                yield Answer("key", key, span, owner=(-1, index), is_element=True)
            for text in said if isinstance(said, list) else [said]:
                shown = text_of(text)
                span = positions.span(node, (key,))
                found = _phrase(shown, span, (-1, index)) if shown else Answer("value", "", span)
                yield found._replace(is_element=True)


def option_slot(bound: BoundStatement, name: str) -> Slot | None:
    """Return an option of a statement; None if it is not given."""
    return next((slot for slot in bound.slots if slot.option.name == name), None)
