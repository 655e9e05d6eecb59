"""Show an NCCO with a mark in place of every value that depends on the environment.

Such values are found by comparing with the same NCCO compiled from stand-ins (`program/stand_ins.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ncco_lang.diagnostics import Facts, Path
from ncco_lang.values.escape import escape_ssml, escape_url
from ncco_lang.values.phone import e164_digits
from ncco_lang.values.spoken import spoken_digits, spoken_letters, spoken_phone
from ncco_lang.words import Spelling, Words, listed

_ANY_MARK = "‹from the environment›"
_FEWEST = 4
"""The fewest characters of a text from the environment to search other documents for; shorter ones are too common."""


_MOST_NAMED = 3


class FromEnvironment(Facts):
    """A value from the environment that does not fit: its params, and the code of the rule that says what is wanted."""

    names: tuple[str, ...]
    code: str

    def words(self, spelling: Spelling) -> Words:
        names = listed(self.names) if len(self.names) <= _MOST_NAMED else "a param"
        hint = "the value is not shown; ncco explain {code:s} says what is wanted"
        return self.say(spelling, "{params:s} from the environment does not fit here", hint, params=names)


@dataclass(frozen=True, slots=True)
class Veil:
    """The values of an NCCO that must be hidden.

    Attributes:
        shown: the NCCO with marks in place of hidden values.
        mark: the mark.
        slots: the paths of hidden values: the name of the action and the keys, without indexes.
        open: texts that may be shown: they do not depend on the environment, or have a mark in them.
        marked: the open texts with a mark, longest first.
        texts: the hidden texts that are long enough to search for, longest first.
    """

    shown: list[dict[str, Any]]
    mark: str
    slots: frozenset[Path]
    open: frozenset[str]
    marked: tuple[str, ...]
    texts: tuple[str, ...]


def veil_of(ncco: list[dict[str, Any]], other: list[dict[str, Any]] | None, names: Sequence[str]) -> Veil | None:
    """Compare an NCCO with the one compiled from stand-ins.

    Args:
        other: the NCCO of the stand-ins; None if they do not compile.
        names: the params whose values come from the environment.

    Returns:
        the veil; None if the two differ too much to find what depends on the environment, so that nothing may be shown.
    """
    if other is None or [list(action) for action in ncco] != [list(action) for action in other]:
        return None
    mark = f"‹{names[0]}›" if len(names) == 1 else _ANY_MARK
    pairs = [each for action, twin in zip(ncco, other, strict=True) for each in _leaves(action, twin, (_kind(action),))]
    hidden = [(slot, value, twin) for slot, value, twin in pairs if not _is_same(value, twin)]
    shown_texts = {text for _, value, twin in pairs if isinstance(text := _hide(value, twin, mark), str)}
    texts = {text for _, value, twin in hidden for text in _hidden_texts(value, twin) if len(text) >= _FEWEST}
    return Veil(
        shown=[_hide(action, twin, mark) for action, twin in zip(ncco, other, strict=True)],
        mark=mark,
        slots=frozenset(slot for slot, _, _ in hidden),
        open=frozenset(shown_texts),
        marked=_longest_first(text for text in shown_texts if mark in text),
        texts=_longest_first(texts),
    )


def veil_of_texts(values: Iterable[Any]) -> Veil:
    """Return a veil for documents of a flow that no longer reads the environment.

    Args:
        values: the environment's values of params that the flow does not use.
    """
    texts = {form for value in values for text in _hidden_texts(value, None) for form in _forms(text)}
    return Veil(
        shown=[],
        mark=_ANY_MARK,
        slots=frozenset(),
        open=frozenset(),
        marked=(),
        texts=_longest_first(texts),
    )


def _forms(text: str) -> Iterator[str]:
    """Yield a text from the environment in every form in which a flow can interpolate it."""
    if len(text) >= _FEWEST:
        forms = (escape_url(text), escape_ssml(text), spoken_letters(text), spoken_digits(text, slow=False))
        yield from (
            form
            for form in (text, *forms, spoken_digits(text, slow=True), spoken_phone(text), e164_digits(text))
            if form
        )


def veil_document(document: Any, veil: Veil) -> Any:
    """Return another document with marks in place of hidden values, even older ones at the same paths."""
    if not isinstance(document, list):
        return veil.mark
    return [_hide_slots(action, (_kind(action),), veil) for action in document]


def _leaves(value: Any, twin: Any, slot: Path) -> Iterator[tuple[Path, Any, Any]]:
    """Yield the innermost parts of a value with the same shape as its twin: slot, part and twin."""
    if isinstance(value, dict) and isinstance(twin, dict) and list(value) == list(twin):
        for key, inner in value.items():
            yield from _leaves(inner, twin[key], (*slot, key))
    elif isinstance(value, list) and isinstance(twin, list) and len(value) == len(twin):
        for inner, other in zip(value, twin, strict=True):
            yield from _leaves(inner, other, slot)
    else:
        yield slot, value, twin


def _hide(value: Any, twin: Any, mark: str) -> Any:
    if isinstance(value, dict) and isinstance(twin, dict) and list(value) == list(twin):
        return {key: _hide(inner, twin[key], mark) for key, inner in value.items()}
    if isinstance(value, list) and isinstance(twin, list) and len(value) == len(twin):
        return [_hide(inner, other, mark) for inner, other in zip(value, twin, strict=True)]
    if _is_same(value, twin):
        return value
    if isinstance(value, str) and isinstance(twin, str):
        start, end = _differing(value, twin)
        return value[:start] + mark + value[end:]
    return mark


def _hidden_texts(value: Any, twin: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str):
            yield each[slice(*_differing(each, twin))] if isinstance(twin, str) else each


def _hide_slots(value: Any, slot: Path, veil: Veil) -> Any:
    if isinstance(value, list):
        return [_hide_slots(inner, slot, veil) for inner in value]
    is_hidden = any(slot[: len(each)] == each for each in veil.slots)
    if isinstance(value, dict) and not is_hidden:
        return {_without(key, veil): _hide_slots(inner, (*slot, key), veil) for key, inner in value.items()}
    text = _without(value, veil) if isinstance(value, str) else value
    if not is_hidden or (isinstance(text, str) and text in veil.open):
        return text
    return next(
        (each for each in veil.marked if isinstance(value, str) and _is_made_like(value, each, veil)), veil.mark
    )


def _is_made_like(value: str, shown: str, veil: Veil) -> bool:
    """Return whether a text equals a shown text except for the marked part, as an older value does."""
    before, mark, after = shown.partition(veil.mark)
    return bool(mark) and value.startswith(before) and value.endswith(after) and len(value) >= len(before + after)


def _without(text: str, veil: Veil) -> str:
    for each in veil.texts:
        text = text.replace(each, veil.mark)
    return text


def _longest_first(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts, key=lambda text: (-len(text), text)))


def _is_same(value: Any, twin: Any) -> bool:
    return type(value) is type(twin) and bool(value == twin)


def _differing(value: str, twin: str) -> tuple[int, int]:
    """Return where a text begins and ends to differ from another."""
    short = min(len(value), len(twin))
    start = next((at for at in range(short) if value[at] != twin[at]), short)
    rest = short - start
    tail = next((at for at in range(rest) if value[-1 - at] != twin[-1 - at]), rest)
    return start, len(value) - tail


def _kind(action: Any) -> str:
    kind = action.get("action") if isinstance(action, dict) else None
    return kind if isinstance(kind, str) else ""
