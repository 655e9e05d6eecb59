"""Make findings for undeclared bare words: what the option takes instead, or a unit apart from its number."""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.bindings import Scope
from ncco_lang.program.value_facts import LongUnit, NoSuchWord, UnitApart
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.kinds import ADDRESSES
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.phrases import Guesses, is_slip
from ncco_lang.words import Wire

_TRUTH = {"yes": "true", "on": "true", "enabled": "true", "no": "false", "off": "false", "disabled": "false"}

_STRICT = {"phone": "phone", **dict.fromkeys(ADDRESSES, "address")}

_UNIT = re.compile(r"(ms|s|m|h|(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|hours?)")


def unit_apart(source: Source, value: ast.Value, word: ast.Name) -> Diagnostic | None:
    """Return a finding for a number and its unit, apart or spelt out; None if they are not a number and a unit."""
    if not isinstance(value, ast.Number) or _UNIT.fullmatch(word.text) is None:
        return None
    between = source.text[value.span.end : word.span.start]
    if between.strip(" \t"):
        return None
    unit = "ms" if word.text.startswith(("ms", "milli")) else word.text[0]
    span, together = Span(value.span.start, word.span.end), value.text + unit
    fix = Fix(f"write {together}", (Edit(span, together),))
    kind = UnitApart if between else LongUnit
    return flow_finding(source, span, kind(together=together), fix=fix)


def no_such_word(source: Source, option: OptionSpec, span: Span, known: Scope, guesses: Guesses) -> Diagnostic:
    """Return a finding for an unknown word, or several in a row.

    Args:
        option: the option that they are given to.
        span: from the first to the last of them.
        known: the names that the author may mean.
        guesses: finds the one that the author most likely means.
    """
    text = source.text[slice(*span)]
    word = text.split()[0].rstrip(",")
    near, takes = guesses.meant(word, known, known) if word == text else None, _taken(option)
    if near is not None and takes == "text" and not is_slip(word, near):
        near = None  # a word without its quotes is more likely
    fix: Fix | None = None
    if near is not None:
        fix = Fix(f'write "{near}"', (Edit(span, near),), unsafe=True)
    elif takes == "boolean":
        truth = _TRUTH.get(word.lower()) or (word.lower() if word.lower() in _TRUTH.values() else None)
        fix = Fix(f"write {truth}", (Edit(span, truth),)) if truth is not None and word == text else None
    elif takes == "text":
        fix = Fix("put it in quotes", (Edit(span, f'"{text}"'),), unsafe=True)
    facts = NoSuchWord(option=Wire(option.key), word=word, near=near, takes=takes)
    return flow_finding(source, span, facts, fix=fix)


def _taken(option: OptionSpec) -> str:
    """Return what an option takes, as `NoSuchWord` says it."""
    if "boolean" in option.types:
        return "boolean"
    if option.unit is not None:
        return "duration"
    if option.kind in _STRICT:
        return _STRICT[option.kind]
    if "string" in option.types:
        return "text"
    return "data" if option.data or "array" in option.types else "number"
