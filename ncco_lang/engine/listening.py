"""The `input` of a question: what it listens for is derived from what is asked and from the arms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ncco_lang.bundle import Ask, Expression, Fields, Listen, Say
from ncco_lang.engine.actions import actions_of
from ncco_lang.engine.choices import Choice, choices_at, elements_of
from ncco_lang.engine.events import Input
from ncco_lang.engine.understanding import Ear, samples, understood
from ncco_lang.engine.values import CallValues
from ncco_lang.values import units
from ncco_lang.values.constants import quote
from ncco_lang.values.data import UNDEFINED, Duration, Range, Tag
from ncco_lang.values.spoken import spoken_words
from ncco_lang.vocabulary.answer_times import answer_times
from ncco_lang.vocabulary.speech import recognisers

MOST_KEYS = 20
"""The most keys of one entry (`maxDigits` in the schema)."""
LEAST_SURE = 0.4
"""The `min_confidence` of a question without one (language description, Menu)."""
_OWN = frozenset({"timeout", "language", "submit_on_hash", "min_confidence"})
"""The options of a menu that `input` does not have in the same form."""


def input_of(ask: Ask, values: CallValues) -> Say:
    """Return the action that waits for an answer: keys, speech or both, as the question and its arms need."""
    ear, options = ear_of(ask, values), dict(ask.listen.options)
    phrases = list(dict.fromkeys(each.phrase for each in ear.choices if each.phrase))
    speaks = bool(phrases) or ear.is_free
    presses = any(each.keys for each in ear.choices) or ear.lengths is not None or ear.numbers is not None or not speaks
    fields: list[tuple[str, Expression]] = []
    if presses:
        fields.append(("max_digits", ear.most_keys))
        fields += [("timeout", _time(options["timeout"], "dtmf", values))] if "timeout" in options else []
        fields += [("submit_on_hash", True)] if ear.hash_ends else []
    if speaks:
        fields += _speech(ask.listen, options, values)
        fields += [("context", quote(phrases))] if phrases else []
    words = ("dtmf", "speech") if presses and speaks else ("speech",) if speaks else ("dtmf",)
    return Say("input", words, tuple(fields), "generated")


def input_action(ask: Ask, values: CallValues) -> dict[str, Any]:
    """Return the NCCO of the action that waits for an answer."""
    (action,) = actions_of(input_of(ask, values), values)
    return action


def ear_of(ask: Ask, values: CallValues) -> Ear:
    """Return how the answers to a question are understood in a state."""
    return values.prepared(("ear", ask.question), lambda values: _ear(ask, values))


def _ear(ask: Ask, values: CallValues) -> Ear:
    listen, options = ask.listen, dict(ask.listen.options)
    sure, submits = (values.read(options.get(name, ["undefined"])) for name in ("min_confidence", "submit_on_hash"))
    asked = values.read(listen.of) if listen.form in ("digits", "one_of") else UNDEFINED
    choices = [*choices_at(ask.question, values), *(elements_of(ask, values) if listen.form == "one_of" else ())]
    lengths = _lengths(asked) if listen.form == "digits" else None
    numbers = asked if listen.form == "one_of" and isinstance(asked, Range) else None
    keys = [choice.keys for choice in choices if choice.keys]
    is_range = listen.form == "digits" and isinstance(asked, Range)
    if is_range or (lengths is not None and submits is True):
        most = MOST_KEYS
    elif lengths is not None:
        most = lengths[1]
    else:
        most = max((*map(len, keys), 1 if numbers is None else len(str(int(numbers.high)))), default=1)
    return Ear(
        choices=tuple(choices),
        phrases=tuple((spoken_words(choice.phrase), choice) for choice in choices if choice.phrase),
        hash_ends=submits if isinstance(submits, bool) else is_range or "#" in keys,
        most_keys=min(MOST_KEYS, most),
        least_sure=float(sure) if isinstance(sure, (int, Decimal)) else LEAST_SURE,
        lengths=lengths,
        numbers=numbers,
        is_free=listen.form == "speech",
        good=ask.good,
        name=values.bundle.graph.questions[ask.question].name,
    )


def is_askable(ask: Ask, values: CallValues) -> bool:
    """Return whether what is asked for can be answered: a number of digits in its limits, or at least one element."""
    return ask.listen.form not in ("digits", "one_of") or values.prepared(
        ("askable", ask.question), lambda values: _is_askable(ask, values)
    )


def _is_askable(ask: Ask, values: CallValues) -> bool:
    asked = values.read(ask.listen.of)
    if isinstance(asked, Range) or ask.listen.form == "digits":
        low, high = asked if isinstance(asked, Range) else (asked, asked)
        if not isinstance(low, (int, Decimal)) or not isinstance(high, (int, Decimal)) or low > high:
            return False
        return ask.listen.form == "one_of" or (low >= 1 and high <= MOST_KEYS and low == int(low))
    return any(True for _ in elements_of(ask, values))


def _lengths(asked: Any) -> tuple[int, int]:
    """Return how many digits a good entry has, from and to; any number of them for what is neither a number nor a range."""
    low, high = asked if isinstance(asked, Range) else (asked, asked)
    if not isinstance(low, (int, Decimal)) or not isinstance(high, (int, Decimal)):
        return 1, MOST_KEYS
    return max(1, int(low)), min(MOST_KEYS, max(1, int(high)))


def choice_of(ask: Ask, values: CallValues, event: Input) -> Choice | None:
    """Return the choice that an answer takes; None if no arm takes it."""
    return understood(ear_of(ask, values), event)


def sample_choices(ask: Ask, values: CallValues) -> list[Choice]:
    """Return the choices of the arms of a question, and one good answer if it has any."""
    ear = ear_of(ask, values)
    name = "" if ear.name is None else values.bundle.graph.names[ear.name].text
    return list(samples(ear, f"{{{name}}}"))


def _speech(listen: Listen, options: dict[str, Expression], values: CallValues) -> Fields:
    """Return the options of the recogniser: its language is that of the question, else that of the call."""
    asked = values.read(listen.of) if listen.form == "speech" else None
    written = asked if isinstance(asked, str) else values.read(options["language"]) if "language" in options else None
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
