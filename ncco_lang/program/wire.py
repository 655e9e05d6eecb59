"""Convert the value of an option to JSON, and report a value of a kind that the option does not take.

Ranges, choices and patterns are limits of the JSON value: `checks/limits.py` checks them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix, Path
from ncco_lang.program import value_facts as facts
from ncco_lang.program.positions import Positions
from ncco_lang.program.values import UNFIT, Known
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values import units
from ncco_lang.values.data import Date, Duration, Key, Range, Tag, TimeRange, Word, described, json_number, number_text
from ncco_lang.values.phone import e164_digits
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.limits import DURATION, NotInternational, WrongType
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value
from ncco_lang.words import Wire

_OWN_WORDS = {
    "name": "a name without quotes",
    "step": "a step",
    "number-or-range": "a number or a range such as 4..6",
    "flag-or-language": "true or a language tag",
    "choices": "a list, a table or a range",
    "json": "a value",
}
OWN_KINDS = frozenset(_OWN_WORDS)
"""The kinds of values that only options of the language have (`schemas/flow-statements.json`)."""
_NO_JSON = (Tag, Key, Word, Date, TimeRange, Duration, Range)


class WireWriter:
    """Converts the values of one file."""

    __slots__ = ("_node", "found", "positions", "source")

    def __init__(self, source: Source, positions: Positions, found: list[Diagnostic]) -> None:
        self.source = source
        self.positions = positions
        self.found = found
        self._node: ast.Value

    def option(self, option: OptionSpec, value: Known) -> Any:
        """Return the JSON of an option's value; `UNFIT`, with a finding, if the option does not take such a value."""
        self._node = value.node
        return self._option(option, value.data, ())

    def json(self, value: Known) -> Any:
        """Return the JSON of a value of the author's own; `UNFIT`, with a finding, if JSON cannot hold a part of it."""
        self._node = value.node
        return self._json(value.data, ())

    def _option(self, option: OptionSpec, data: Any, path: Path) -> Any:
        if data is UNFIT:
            return UNFIT
        if option.kind in OWN_KINDS:
            return self._own(option, data, path)
        if option.is_block:
            return self._report(facts.ObjectForBlock(option=Wire(option.key)), path)
        if option.data:
            return self._json(data, path) if type(data) is dict else self._wrong_kind(option, data, path)
        if option.single and option.item is not None:
            return self._single(option, option.item, data, path)
        types = option.types
        if "array" in types:
            return self._list(option, data, path)
        if option.unit is not None:
            return self._duration(option, option.unit, data, path)
        if option.enum:
            return self._choice(option, data, path)
        if "string" in types:
            return self._string(option, data, path)
        if "boolean" in types:
            return data if data is True or data is False else self._wrong_kind(option, data, path)
        return self._number(option, data, path)

    def _own(self, option: OptionSpec, data: Any, path: Path) -> Any:
        """Return the value of an option that only the language has: a name, a step, a range, choices, any JSON."""
        match option.kind, data:
            case (("name" | "step"), Word()):
                return str(data)
            case "number-or-range", Range():
                return [json_number(data.low), json_number(data.high)]
            case "number-or-range", _:
                return self._number(option, data, path)
            case "flag-or-language", (Tag() | True):
                return data
            case "choices", Range():
                return [json_number(data.low), json_number(data.high)]
            case "choices", (list() | dict()):
                return self._json(data, path)
            case "json", _:
                return self._json(data, path)
            case _:
                return self._report(_wrong(option, _OWN_WORDS[option.kind or ""], data), path)

    # ── Lists and objects ─────────────────────────────────────────────────────────────────────────────

    def _json(self, data: Any, path: Path) -> Any:
        kind = type(data)
        if kind is str or kind is int or data is None or kind is bool:
            return data
        if kind is dict:
            table = {key: self._json(item, (*path, key)) for key, item in data.items()}
            return UNFIT if UNFIT in table.values() else table
        if kind is list:
            items = [self._json(item, (*path, index)) for index, item in enumerate(data)]
            return UNFIT if UNFIT in items else items
        if data is UNFIT:
            return UNFIT
        if isinstance(data, Decimal):
            return json_number(data)
        assert isinstance(data, _NO_JSON)
        return self._report(facts.NotJson(kind=described(data).partition(" ")[2]), path, fix=self._quote(path))

    def _single(self, option: OptionSpec, item: OptionSpec, data: Any, path: Path) -> Any:
        if type(data) is not list:
            wire = self._option(item, data, path)
            return UNFIT if wire is UNFIT else [wire]
        fix = None
        if len(data) == 1:
            inner = self.positions.span(self._node, (*path, 0))
            whole = self.positions.span(self._node, path)
            fix = Fix("remove the brackets", (Edit(whole, self.source.text[inner.start : inner.end]),))
        return self._report(facts.ListForOne(option=Wire(option.key)), path, fix=fix)

    def _list(self, option: OptionSpec, data: Any, path: Path) -> Any:
        if type(data) is not list:
            span = self.positions.span(self._node, path)
            fix = Fix("put it into a list", (Edit(span, f"[{self.source.text[slice(*span)]}]"),))
            return self._report(_wrong(option, "array", data), path, fix=fix)
        item = option.item
        if item is None or "object" in item.types:
            return self._json(data, path)
        wires = [self._option(item, each, (*path, index)) for index, each in enumerate(data)]
        return UNFIT if UNFIT in wires else wires

    # ── Numbers and durations ─────────────────────────────────────────────────────────────────────────

    def _number(self, option: OptionSpec, data: Any, path: Path) -> Any:
        if not _is_number(data):
            return self._wrong_kind(option, data, path)
        number = json_number(data)
        return int(number) if "integer" in option.types and number == int(number) else number

    def _duration(self, option: OptionSpec, unit: str, data: Any, path: Path) -> Any:
        if type(data) is Duration:
            return units.plain(units.convert(data.amount, data.unit, unit))
        if _is_number(data):
            return self._bare_duration(option, unit, data, path)
        return self._report(_wrong(option, DURATION, data), path)

    def _bare_duration(self, option: OptionSpec, wire: str, data: int | Decimal, path: Path) -> Any:
        """Report a number without a unit; the finding has a fix if only one unit gives an allowed value."""
        text = number_text(data)
        written = units.written(text)
        fitting = [f"{written}{unit}" for unit in ("ms", "s") if _fits(option, units.convert(written, unit, wire))]
        span = self.positions.span(self._node, path)
        fix = Fix(f"write {fitting[0]}", (Edit(span, fitting[0]),), unsafe=True) if len(fitting) == 1 else None
        bare = facts.BareDuration(
            option=Wire(option.key),
            number=text,
            near=tuple(fitting),
            minimum=option.minimum,
            maximum=option.maximum,
            unit=wire,
        )
        return self._report(bare, path, fix=fix)

    # ── Words and texts ───────────────────────────────────────────────────────────────────────────────

    def _choice(self, option: OptionSpec, data: Any, path: Path) -> Any:
        word = choice_word(data)
        if word is None:
            return self._wrong_kind(option, data, path)
        value = enum_value(option, word, bare=type(data) is Word)
        return word if value is None else value

    def _string(self, option: OptionSpec, data: Any, path: Path) -> Any:
        if option.kind in LANGUAGES and isinstance(data, (Tag, Word)):
            return str(data)
        if type(data) is not str:
            return self._wrong_kind(option, data, path)
        if option.kind != "phone":
            return data
        digits = e164_digits(data)
        if digits is not None:
            return digits
        return self._report(NotInternational(option=Wire(option.key), value=data, kind="phone"), path)

    # ── Messages ──────────────────────────────────────────────────────────────────────────────────────

    def _report(self, facts: Facts, path: Path, *, fix: Fix | None = None) -> Any:
        self.found.append(flow_finding(self.source, self.positions.span(self._node, path), facts, fix=fix))
        return UNFIT

    def _wrong_kind(self, option: OptionSpec, data: Any, path: Path) -> Any:
        if option.kind == "phone" and _is_number(data):
            return self._report(facts.NumberInDigits(), path, fix=self._quote(path))
        fix = None
        if type(data) is str and "string" not in option.types and _fits_bare(option, data):
            fix = Fix("remove the quotes", (Edit(self.positions.span(self._node, path), data),))
        elif "string" in option.types and (_is_number(data) or isinstance(data, (Tag, Key, Duration))):
            fix = self._quote(path)
        return self._report(_wrong(option, option.types[0], data), path, fix=fix)

    def _quote(self, path: Path) -> Fix:
        return quote(self.source, self.positions.span(self._node, path))


def _wrong(option: OptionSpec, wanted: str, data: Any) -> WrongType:
    """Return the facts of a value of another kind than an option takes: `wanted` is a JSON type or words."""
    return WrongType(option=Wire(option.key), wanted=wanted, given=described(data), choices=option.enum)


def quote(source: Source, span: Span) -> Fix:
    """Return the fix that puts what is written in quotes."""
    return Fix("put it in quotes", (Edit(span, f'"{source.text[span.start : span.end]}"'),))


def choice_word(data: Any) -> str | None:
    """Return the text of a value that may be a word of an enum, None for any other value."""
    if type(data) is str or isinstance(data, (Word, Key)):
        return str(data)
    return number_text(data) if _is_number(data) else None


def is_outside(option: OptionSpec, number: float) -> bool:
    """Return whether a number is outside an option's range."""
    return (option.minimum is not None and number < option.minimum) or (
        option.maximum is not None and number > option.maximum
    )


def _is_number(data: Any) -> bool:
    return isinstance(data, (int, Decimal)) and not isinstance(data, bool)


def _fits(option: OptionSpec, amount: Decimal) -> bool:
    """Return whether an option can take an amount of its unit."""
    return not is_outside(option, float(amount)) and ("integer" not in option.types or units.is_whole(amount))


def _fits_bare(option: OptionSpec, text: str) -> bool:
    if "boolean" in option.types:
        return text in ("true", "false")
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None
