"""Check the value of an option in a `.flow` file against the vocabulary: kind, range, choices, form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import assert_never

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.names.literals import kind_of
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.reserved import NAME
from ncco_lang.syntax.syntax_rules import finding
from ncco_lang.values import units
from ncco_lang.values.phone import e164_digits
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.option_rules import (
    BARE_DURATION,
    NOT_AMONG_CHOICES,
    NOT_INTERNATIONAL,
    OBJECT_FOR_BLOCK,
    OUTSIDE_RANGE,
    UNEVEN_DURATION,
    WRONG_FORM,
    WRONG_KIND,
)
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value
from ncco_lang.vocabulary.phrases import did_you_mean, type_words
from ncco_lang.words import listed, shown

_KEYS = {"hash": "#", "pound": "#", "number_sign": "#", "star": "*", "asterisk": "*"}


def check_option_value(source: Source, option: OptionSpec, value: ast.Value) -> Iterator[Diagnostic]:
    """Yield a finding for each way in which a value does not fit its option."""
    if isinstance(value, ast.Missing):
        return
    if option.is_block:
        hint = f"write it as a block of its own: {option.name} {{ … }}"
        yield finding(OBJECT_FOR_BLOCK, source, value.span, f"{option.name} is a block, not a value", hint=hint)
    elif option.data:
        yield from _check_data(source, option, value)
    elif option.single and option.item is not None:
        yield from _check_single(source, option, option.item, value)
    elif "array" in option.types:
        yield from _check_list(source, option, value)
    elif option.unit is not None:
        yield from _check_duration(source, option, value)
    elif option.enum:
        yield from _check_choice(source, option, value)
    elif "string" in option.types:
        yield from _check_string(source, option, value)
    elif "boolean" in option.types:
        if not isinstance(value, ast.Constant) or value.value is None:
            yield _wrong_kind(source, option, value)
    else:
        yield from _check_number(source, option, value)


def check_json(source: Source, value: ast.Value) -> Iterator[Diagnostic]:
    """Yield a finding for each part of a value that JSON cannot hold."""
    match value:
        case ast.Text() | ast.Number() | ast.Constant() | ast.Missing():
            pass
        case ast.List():
            for item in value.items:
                yield from check_json(source, item)
        case ast.Object():
            for pair in value.pairs:
                yield from check_json(source, pair.key)
                yield from check_json(source, pair.value)
        case (
            ast.Name()
            | ast.Duration()
            | ast.Tag()
            | ast.Key()
            | ast.Date()
            | ast.TimeRange()
            | ast.Range()
            | ast.Ref()
            | ast.Group()
            | ast.Unary()
            | ast.Chain()
        ):
            message = f"JSON has no {kind_of(value).partition(' ')[2]}"
            yield finding(WRONG_KIND, source, value.span, message, hint="write a text", fix=_quote(source, value.span))
        case _:
            assert_never(value)


# ── Lists and objects ──────────────────────────────────────────────────────────────────────────────────


def _check_data(source: Source, option: OptionSpec, value: ast.Value) -> Iterator[Diagnostic]:
    if isinstance(value, ast.Object):
        yield from check_json(source, value)
    else:
        yield _wrong_kind(source, option, value)


def _check_single(source: Source, option: OptionSpec, item: OptionSpec, value: ast.Value) -> Iterator[Diagnostic]:
    if not isinstance(value, ast.List):
        yield from check_option_value(source, item, value)
        return
    fix = None
    if len(value.items) == 1:
        inner = value.items[0].span
        fix = Fix("take the brackets away", (Edit(value.span, source.text[inner.start : inner.end]),))
    message = f"{option.name} takes one value, not a list"
    hint = "the list that the platform wants is made when compiling"
    yield finding(WRONG_KIND, source, value.span, message, hint=hint, fix=fix)


def _check_list(source: Source, option: OptionSpec, value: ast.Value) -> Iterator[Diagnostic]:
    if not isinstance(value, ast.List):
        written = source.text[value.span.start : value.span.end]
        fix = Fix("put it into a list", (Edit(value.span, f"[{written}]"),))
        yield finding(WRONG_KIND, source, value.span, f"{option.name} takes a list, not {kind_of(value)}", fix=fix)
        return
    for item in value.items:
        if option.item is None or "object" in option.item.types:
            yield from check_json(source, item)
        else:
            yield from check_option_value(source, option.item, item)


# ── Numbers and durations ──────────────────────────────────────────────────────────────────────────────


def _check_number(source: Source, option: OptionSpec, value: ast.Value) -> Iterator[Diagnostic]:
    if not isinstance(value, ast.Number):
        yield _wrong_kind(source, option, value)
    elif "integer" in option.types and isinstance(value.value, float) and not value.value.is_integer():
        yield finding(WRONG_KIND, source, value.span, f"{option.name} takes a whole number, not {value.text}")
    elif _is_outside(option, value.value):
        hint = _range_hint(option, lambda number: f"{number:g}")
        yield finding(OUTSIDE_RANGE, source, value.span, f"{option.name} cannot be {shown(value.value)}", hint=hint)


def _check_duration(source: Source, option: OptionSpec, value: ast.Value) -> Iterator[Diagnostic]:
    assert option.unit is not None
    if isinstance(value, ast.Number):
        yield _bare_duration(source, option, option.unit, value)
        return
    if not isinstance(value, ast.Duration):
        yield finding(
            WRONG_KIND,
            source,
            value.span,
            f"{option.name} takes a duration, not {kind_of(value)}",
            hint=f"a duration is written like {units.EXAMPLES}",
        )
        return
    amount = units.convert(value.amount, value.unit, option.unit)
    written = f"{value.amount}{value.unit}"
    if _is_outside(option, float(amount)):
        hint = _range_hint(option, lambda number: units.show(number, option.unit or "s"))
        yield finding(OUTSIDE_RANGE, source, value.span, f"{option.name} cannot be {written}", hint=hint)
    elif "integer" in option.types and not units.is_whole(amount):
        below = int(amount)
        near = [n for n in (below, below + 1) if not _is_outside(option, n)]
        whole = {"s": "seconds", "ms": "milliseconds"}[option.unit]
        yield finding(
            UNEVEN_DURATION,
            source,
            value.span,
            f"{option.name} cannot be {written}: the platform counts whole {whole} here",
            hint="write " + " or ".join(units.show(n, option.unit) for n in near),
        )


def _bare_duration(source: Source, option: OptionSpec, wire: str, value: ast.Number) -> Diagnostic:
    """Return a finding for a number without a unit; it has a fix if only one unit gives an allowed value."""
    written = units.written(value.text)
    fitting = [f"{written}{unit}" for unit in ("ms", "s") if _fits(option, units.convert(written, unit, wire))]
    hint = f"write {' or '.join(fitting)}"
    if not fitting:
        hint = f"a duration is written like {units.EXAMPLES}"
        if option.minimum is not None or option.maximum is not None:
            hint += f"; {_range_hint(option, lambda number: units.show(number, wire))}"
    fix = Fix(hint, (Edit(value.span, fitting[0]),), unsafe=True) if len(fitting) == 1 else None
    message = f"{option.name} needs a unit: {value.text} of what?"
    return finding(BARE_DURATION, source, value.span, message, hint=hint, fix=fix)


def _fits(option: OptionSpec, amount: Decimal) -> bool:
    """Return whether an option can take an amount of its unit."""
    return not _is_outside(option, float(amount)) and ("integer" not in option.types or units.is_whole(amount))


def _is_outside(option: OptionSpec, number: float) -> bool:
    return (option.minimum is not None and number < option.minimum) or (
        option.maximum is not None and number > option.maximum
    )


def _range_hint(option: OptionSpec, show: Callable[[float], str]) -> str:
    if option.minimum is not None and option.maximum is not None:
        return f"it goes from {show(option.minimum)} to {show(option.maximum)}"
    if option.minimum is not None:
        return f"it is {show(option.minimum)} or more"
    assert option.maximum is not None
    return f"it is {show(option.maximum)} at most"


# ── Words and texts ────────────────────────────────────────────────────────────────────────────────────


def _check_choice(source: Source, option: OptionSpec, value: ast.Value) -> Iterator[Diagnostic]:
    word = choice_word(value)
    if word is None:
        yield _wrong_kind(source, option, value)
        return
    if enum_value(option, word, bare=isinstance(value, ast.Name)) is not None:
        return
    written = [_as_choice(choice) for choice in option.enum]
    # Single keys are all equally near.
    near = did_you_mean(word, (str(choice) for choice in option.enum if len(str(choice)) > 1))
    if (key := _KEYS.get(word.lower())) in option.enum:
        near = key
    hint = f"it takes {listed(written)}"
    fix = None
    if near is not None:
        hint = f"did you mean {_as_choice(near)}?"
        fix = Fix(f"write {_as_choice(near)}", (Edit(value.span, _as_choice(near)),), unsafe=True)
    yield finding(NOT_AMONG_CHOICES, source, value.span, f"{option.name} cannot be {shown(word)}", hint=hint, fix=fix)


def choice_word(value: ast.Value) -> str | None:
    """Return the text of a value that may be a word of an enum, None for any other value."""
    match value:
        case ast.Text():
            return value.value
        case ast.Name() | ast.Key() | ast.Number():
            return value.text
        case _:
            return None


def _as_choice(choice: str) -> str:
    """Return a word of an enum as the language writes it: bare if it is a name or a key, else in quotes."""
    bare = choice.lower()
    return bare if NAME.fullmatch(bare) or re.fullmatch(r"[0-9*#]", bare) else f'"{choice}"'


def _check_string(source: Source, option: OptionSpec, value: ast.Value) -> Iterator[Diagnostic]:
    if option.kind in LANGUAGES and isinstance(value, ast.Tag | ast.Name):
        return
    if not isinstance(value, ast.Text):
        yield _wrong_kind(source, option, value)
        return
    text = value.value
    if option.kind == "phone":
        if e164_digits(text) is None:
            message = f"{shown(text)} is not a number in international form"
            hint = 'begin with a plus sign and the country code: "+44 20 7946 0123"'
            yield finding(NOT_INTERNATIONAL, source, value.span, message, hint=hint)
        return
    expected = option.schema.get("x-expected")
    longest = option.schema.get("maxLength")
    pattern = option.schema.get("pattern")
    form = f"write {expected}" if expected else None
    if option.kind == "audio-url":
        form = (
            'write where the sound file is: "https://example.com/hold.mp3", or "/hold.mp3" for one below the base URL'
        )
    if len(text) < option.schema.get("minLength", 0) or (pattern is not None and not text):
        yield finding(WRONG_FORM, source, value.span, f"{option.name} is empty", hint=form)
    elif longest is not None and len(text) > longest:
        message = f"{option.name} has {len(text)} characters, and {longest} are allowed"
        yield finding(WRONG_FORM, source, value.span, message)
    elif pattern is not None and re.search(pattern, text) is None:
        yield finding(WRONG_FORM, source, value.span, f"{option.name} cannot be {shown(text)}", hint=form)


# ── Messages ───────────────────────────────────────────────────────────────────────────────────────────


def _wrong_kind(source: Source, option: OptionSpec, value: ast.Value) -> Diagnostic:
    if option.kind == "phone" and isinstance(value, ast.Number):
        message = "a telephone number is a text: it needs quotes"
        return finding(WRONG_KIND, source, value.span, message, fix=_quote(source, value.span))
    wanted = f"one of {listed([_as_choice(choice) for choice in option.enum])}" if option.enum else ""
    wanted = wanted or type_words(option.types[0])
    message = f"{option.name} takes {wanted}, not {kind_of(value)}"
    fix = None
    if isinstance(value, ast.Text) and "string" not in option.types and _fits_bare(option, value.value):
        fix = Fix("take the quotes away", (Edit(value.span, value.value),))
    elif "string" in option.types and isinstance(value, ast.Number | ast.Tag | ast.Key | ast.Duration):
        fix = _quote(source, value.span)
    return finding(WRONG_KIND, source, value.span, message, fix=fix)


def _fits_bare(option: OptionSpec, text: str) -> bool:
    if "boolean" in option.types:
        return text in ("true", "false")
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _quote(source: Source, span: Span) -> Fix:
    return Fix("put it in quotes", (Edit(span, f'"{source.text[span.start : span.end]}"'),))
