"""Make findings for undeclared bare words: what the option takes instead, or a unit apart from its number."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.name_rules import UNKNOWN_NAME
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding
from ncco_lang.values import units
from ncco_lang.vocabulary.kinds import ADDRESSES
from ncco_lang.vocabulary.option_rules import BARE_DURATION
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.phrases import did_you_mean

_TRUTH = {"yes": "true", "on": "true", "enabled": "true", "no": "false", "off": "false", "disabled": "false"}

_STRICT = {"phone": "a telephone number", **dict.fromkeys(ADDRESSES, "an address")}

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
    return finding(
        BARE_DURATION,
        source,
        span,
        f"a duration is written {'without a blank' if between else 'with a short unit'}: {together}",
        fix=fix,
    )


def no_such_word(source: Source, option: OptionSpec, span: Span, known: Iterable[str]) -> Diagnostic:
    """Return a finding for an unknown word, or several in a row.

    Args:
        option: the option that they are given to.
        span: from the first to the last of them.
        known: the names that the author may mean.
    """
    text = source.text[slice(*span)]
    word = text.split()[0].rstrip(",")
    message = f'nothing is named "{word}"'
    near = did_you_mean(word, known) if word == text else None
    truth = _TRUTH.get(word.lower()) or (word.lower() if word.lower() in _TRUTH.values() else None)
    fix: Fix | None = None
    if near is not None:
        hint, fix = f'did you mean "{near}"?', Fix(f'write "{near}"', (Edit(span, near),), unsafe=True)
    elif "boolean" in option.types:
        hint = f"{option.name} is true or false"
        fix = Fix(f"write {truth}", (Edit(span, truth),)) if truth is not None and word == text else None
    elif option.unit is not None:
        hint = f"a duration is written like {units.EXAMPLES}"
    elif option.kind in _STRICT:
        hint = f"{_STRICT[option.kind]} needs quotes; or declare the name: let {word} = …"
    elif "string" in option.types:
        hint = "what is said or sent needs quotes"
        fix = Fix("put it in quotes", (Edit(span, f'"{text}"'),), unsafe=True)
    elif option.data or "array" in option.types:
        hint = f"declare it: let {word} = …"
    else:
        hint = f"{option.name} takes a number; or declare the name: let {word} = …"
    return finding(UNKNOWN_NAME, source, span, message, hint=hint, fix=fix)
