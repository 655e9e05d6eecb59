"""The `input` of a question: what it listens for is derived from the arms."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ncco_lang.bundle import Ask, Expression, Fields, Listen, Say
from ncco_lang.engine.choices import Choice, answered, choices_at
from ncco_lang.engine.events import Input
from ncco_lang.engine.values import CallValues
from ncco_lang.values import units
from ncco_lang.values.constants import quote
from ncco_lang.values.data import Duration, Tag
from ncco_lang.vocabulary.answer_times import answer_times
from ncco_lang.vocabulary.speech import recognisers

MOST_KEYS = 20
"""The most keys of one entry (`maxDigits` in the schema)."""
LEAST_SURE = 0.4
"""The `min_confidence` of a question without one (language description, Menu)."""
_OWN = frozenset({"timeout", "language", "submit_on_hash", "min_confidence", "retries"})
"""The options of a menu that `input` does not have in the same form."""


def input_of(listen: Listen, choices: Sequence[Choice], values: CallValues) -> Say:
    """Return the action that waits for an answer: keys, speech or both, as the arms need."""
    keys, phrases = _keys(choices), list(dict.fromkeys(each.phrase for each in choices if each.phrase))
    options = dict(listen.options)
    fields: list[tuple[str, Expression]] = []
    if keys or not phrases:
        fields.append(("max_digits", _most_keys(choices)))
        fields += [("timeout", _time(options["timeout"], "dtmf", values))] if "timeout" in options else []
        fields += [("submit_on_hash", True)] if _hash_ends(listen, choices, values) else []
    if phrases:
        fields += _speech(options, values)
        fields.append(("context", quote(phrases)))
    words = ("dtmf", "speech") if keys and phrases else ("speech",) if phrases else ("dtmf",)
    return Say("input", words, tuple(fields), "generated")


class Ear(NamedTuple):
    """How an answer is understood: by its choices, and as `answered` describes it."""

    choices: Sequence[Choice]
    hash_ends: bool
    most_keys: int
    least_sure: float


def ear_of(ask: Ask, values: CallValues) -> Ear:
    """Return how the answers to a question are understood in a state."""
    return values.prepared(("ear", ask.question), lambda values: _ear(ask, values))


def _ear(ask: Ask, values: CallValues) -> Ear:
    choices = choices_at(ask.question, values)
    sure = values.read(dict(ask.listen.options).get("min_confidence", ["undefined"]))
    least_sure = float(sure) if isinstance(sure, (int, Decimal)) else LEAST_SURE
    return Ear(choices, _hash_ends(ask.listen, choices, values), _most_keys(choices), least_sure)


def choice_of(ask: Ask, values: CallValues, event: Input) -> Choice | None:
    """Return the choice that an answer takes; None if no arm takes it."""
    choices, hash_ends, most_keys, least_sure = ear_of(ask, values)
    return answered(choices, event, hash_ends=hash_ends, most_keys=most_keys, least_sure=least_sure)


def _keys(choices: Sequence[Choice]) -> list[str]:
    return [choice.keys for choice in choices if choice.keys]


def _most_keys(choices: Sequence[Choice]) -> int:
    return min(MOST_KEYS, max(map(len, _keys(choices)), default=1))


def _hash_ends(listen: Listen, choices: Sequence[Choice], values: CallValues) -> bool:
    own = values.read(dict(listen.options).get("submit_on_hash", ["undefined"]))
    return own if isinstance(own, bool) else "#" in _keys(choices)


def _speech(options: dict[str, Expression], values: CallValues) -> Fields:
    """Return the options of the recogniser: its language is that of the question, else that of the call."""
    written = values.read(options["language"]) if "language" in options else None
    language = _recogniser(str(written) if isinstance(written, str) else values.state.language)
    fields: list[tuple[str, Expression]] = [] if language is None else [("language", quote(Tag(language)))]
    if "timeout" in options and "start_timeout" not in options:
        fields.append(("start_timeout", _time(options["timeout"], "speech", values)))
    return (*fields, *((name, value) for name, value in options.items() if name not in _OWN))


def _time(written: Expression, kind: str, values: CallValues) -> Expression:
    """Return a time as the platform takes it for a kind of answer: in whole seconds, the nearest within its limits."""
    time, limits = values.read(written), answer_times(kind)
    if not isinstance(time, Duration):
        return written
    seconds = round(units.convert(time.amount, time.unit, "s"))
    return quote(Duration(str(min(limits["maximum"], max(limits["minimum"], seconds))), "s"))


def _recogniser(tag: str | None) -> str | None:
    """Return the recogniser for a language; voices have more forms of tags, such as `en-GB-WLS`."""
    parts = (tag or "").split("-")
    return next(
        (short for size in range(len(parts), 0, -1) if (short := "-".join(parts[:size])) in recognisers()), None
    )
