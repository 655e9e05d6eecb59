"""Convert the value of an option to JSON as `vocabulary/wire.py` does, and report what the option does not take.

Ranges, choices and patterns are limits of the JSON value: `checks/slots.py` checks them.
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
from ncco_lang.values.data import UNDEFINED, Duration, Key, Tag, described, number_text
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.limits import DURATION, NotInternational, WrongType
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.wire import Misfit, data_json, is_number, option_json
from ncco_lang.words import Wire

_OWN_WORDS = {
    "name": "a name without quotes",
    "step": "a step",
    "number-or-range": "a number or a range such as 4..6",
    "flag-or-language": "true or a language tag",
    "choices": "a list, a table or a range",
    "json": "a value",
}


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
        wire = option_json(option, value.data, self._misfit)
        return UNFIT if wire is UNDEFINED else wire

    def json(self, value: Known) -> Any:
        """Return the JSON of a value of the author's own; `UNFIT`, with a finding, if JSON cannot hold a part of it."""
        self._node = value.node
        wire = data_json(value.data, self._misfit)
        return UNFIT if wire is UNDEFINED else wire

    def _misfit(self, misfit: Misfit, option: OptionSpec | None, data: Any, path: Path) -> None:
        """Report a part of the value that has no form on the wire."""
        span = self.positions.span(self._node, path)
        if option is None:
            self._report(span, facts.NotJson(kind=described(data).partition(" ")[2]), self._quote(span))
            return
        match misfit:
            case "kind" if option.kind == "phone" and is_number(data):
                self._report(span, facts.NumberInDigits(), self._quote(span))
            case "kind":
                self._report(span, _wrong(option, option.types[0], data), self._fix_of_kind(option, data, span))
            case "own":
                self._report(span, _wrong(option, _OWN_WORDS[option.kind or ""], data))
            case "block":
                self._report(span, facts.ObjectForBlock(option=Wire(option.key)))
            case "list for one":
                self._report(span, facts.ListForOne(option=Wire(option.key)), self._fix_of_list(data, path))
            case "not a list":
                fix = Fix("put it into a list", (Edit(span, f"[{self.source.text[slice(*span)]}]"),))
                self._report(span, _wrong(option, "array", data), fix)
            case "duration":
                self._report(span, _wrong(option, DURATION, data))
            case "bare":
                self._report_bare(option, option.unit or "s", data, span)
            case _:
                self._report(span, NotInternational(option=Wire(option.key), value=data, kind="phone"))

    def _report_bare(self, option: OptionSpec, wire: str, data: int | Decimal, span: Span) -> None:
        """Report a number without a unit; the finding has a fix if only one unit gives an allowed value."""
        text = number_text(data)
        written = units.written(text)
        fitting = [f"{written}{unit}" for unit in ("ms", "s") if _fits(option, units.convert(written, unit, wire))]
        fix = Fix(f"write {fitting[0]}", (Edit(span, fitting[0]),), unsafe=True) if len(fitting) == 1 else None
        bare = facts.BareDuration(
            option=Wire(option.key),
            number=text,
            near=tuple(fitting),
            minimum=option.minimum,
            maximum=option.maximum,
            unit=wire,
        )
        self._report(span, bare, fix)

    def _report(self, span: Span, facts: Facts, fix: Fix | None = None) -> None:
        self.found.append(flow_finding(self.source, span, facts, fix=fix))

    def _fix_of_list(self, data: list[Any], path: Path) -> Fix | None:
        if len(data) != 1:
            return None
        inner, whole = self.positions.span(self._node, (*path, 0)), self.positions.span(self._node, path)
        return Fix("remove the brackets", (Edit(whole, self.source.text[inner.start : inner.end]),))

    def _fix_of_kind(self, option: OptionSpec, data: Any, span: Span) -> Fix | None:
        if type(data) is str and "string" not in option.types and _fits_bare(option, data):
            return Fix("remove the quotes", (Edit(span, data),))
        is_literal = is_number(data) or isinstance(data, (Tag, Key, Duration))
        return self._quote(span) if "string" in option.types and is_literal else None

    def _quote(self, span: Span) -> Fix:
        return Fix("put it in quotes", (Edit(span, f'"{self.source.text[span.start : span.end]}"'),))


def _wrong(option: OptionSpec, wanted: str, data: Any) -> WrongType:
    """Return the facts of a value of another kind than an option takes: `wanted` is a JSON type or words."""
    return WrongType(option=Wire(option.key), wanted=wanted, given=described(data), choices=option.enum)


def _fits(option: OptionSpec, amount: Decimal) -> bool:
    """Return whether an option can take an amount of its unit."""
    number = float(amount)
    is_outside = (option.minimum is not None and number < option.minimum) or (
        option.maximum is not None and number > option.maximum
    )
    return not is_outside and ("integer" not in option.types or units.is_whole(amount))


def _fits_bare(option: OptionSpec, text: str) -> bool:
    if "boolean" in option.types:
        return text in ("true", "false")
    if option.unit is not None:
        return re.fullmatch(r"[0-9]+(\.[0-9]+)?(ms|s|m|h)", text) is not None
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None
