"""Spell the names and values of options as the language does, for findings about flows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from ncco_lang.diagnostics import Diagnostic, Facts, Fix, place_facts
from ncco_lang.source import Source, Span
from ncco_lang.values import units
from ncco_lang.vocabulary.option_specs import OptionSpec, flow_name
from ncco_lang.words import Spelling, shown

_BARE = re.compile(r"[a-z][a-z0-9_]*|[A-Za-z]{2,3}(-[A-Za-z0-9]+)+|[0-9*#]")


class FlowSpelling(Spelling):
    """The language's spelling of the wire's names and values: `barge_in`, `premium: true`, `2m`."""

    __slots__ = ()
    is_flow = True

    def name(self, wire: str) -> str:
        """Return the name of an option: `barge_in`."""
        return _names().get(wire) or flow_name(wire)

    def choice(self, value: object) -> str:
        """Return a value that an option has a list of, without quotes if it is a word, a key or a tag: `mp3`."""
        return _as_word(value) if isinstance(value, str) else shown(value)

    def member(self, wire: str, value: object) -> str:
        """Return an option with its value: `premium: true`."""
        return f"{self.name(wire)}: {self.choice(value)}"

    def amount(self, number: float, unit: str | None) -> str:
        """Return a number of units as a duration: `2m`."""
        return shown(number) if unit is None else units.show(number, unit)

    def numbers(self, unit: str | None) -> str:
        """Return the kind of values that an option of a unit takes: `a duration`."""
        return "a number" if unit is None else "a duration"


FLOW = FlowSpelling()


def flow_finding(
    source: Source,
    span: Span,
    facts: Facts,
    *,
    also: Sequence[Span | tuple[Span, Source]] = (),
    fix: Fix | None = None,
) -> Diagnostic:
    """Return the finding of facts about a flow; the further spans get the labels of the facts."""
    return place_facts(facts, source, span, FLOW, also=also, fix=fix)


def _as_word(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    return value.lower() if _BARE.fullmatch(value.lower()) else shown(value)


@cache
def _names() -> Mapping[str, str]:
    """Return every wire name of the schema with its name in the language."""
    # Imported here, because most runs have no finding to spell.
    from ncco_lang.vocabulary.statement_specs import actions

    return {option.key: option.name for action in actions().values() for option in _every(action.options)}


def _every(options: Sequence[OptionSpec]) -> Iterator[OptionSpec]:
    for option in options:
        yield option
        yield from _every(option.options)
        for variant in option.variants.values():
            yield from _every(variant.options)
