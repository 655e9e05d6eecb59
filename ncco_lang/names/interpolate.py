"""Turn the value between the braces of a text into characters: apply filters, and escape for the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ncco_lang.names.literals import kind_of, said
from ncco_lang.names.rules import NOT_SPEAKABLE, UNKNOWN_FILTER
from ncco_lang.syntax import ast
from ncco_lang.values.escape import escape_ssml, escape_url
from ncco_lang.values.spoken import spoken_digits, spoken_letters, spoken_phone
from ncco_lang.vocabulary.phrases import did_you_mean, shown

if TYPE_CHECKING:
    from ncco_lang.names.evaluate import Evaluator

FILTERS = ("digits", "spell", "phone")
LATER_FILTERS = ("weekday", "date", "time", "money", "count", "ordinal")

EscapeContext: TypeAlias = Literal["plain", "speech", "ssml", "url"]
"""The context of a text, which decides how values in it are escaped. A speech may turn out to be SSML."""


def escape_context_of(text: ast.Text, escape_context: EscapeContext) -> EscapeContext:
    """Return `ssml` for a speech that begins as SSML does; else the context itself."""
    first = text.pieces[0]
    if escape_context == "speech" and isinstance(first, ast.Piece) and text.value.lstrip().startswith("<speak"):
        return "ssml"
    return escape_context


def escaped(said: str, escape_context: EscapeContext) -> str:
    """Return the characters of an interpolation, escaped for their context."""
    if escape_context == "ssml":
        return escape_ssml(said)
    return escape_url(said) if escape_context == "url" else said


def spoken(evaluator: Evaluator, piece: ast.Interpolation, value: ast.Value) -> str | None:
    """Return the characters of an interpolation after its filters; None, with a finding, if there are none."""
    if isinstance(value, ast.Missing):
        return None
    text = said(value)
    if text is None:
        message = f"{kind_of(value)} cannot be read into a text"
        evaluator.tell(NOT_SPEAKABLE, piece.value.span, message, hint=_how(value))
        return None
    for each in piece.filters:
        filtered = _filtered(evaluator, each, text)
        if filtered is None:
            return None
        text = filtered
    return text


def _filtered(evaluator: Evaluator, each: ast.Filter, text: str) -> str | None:
    name = each.name.text
    if name in LATER_FILTERS:
        evaluator.later(each.span, f'the filter "{name}"', name)
        return None
    if name not in FILTERS:
        near = did_you_mean(name, (*FILTERS, *LATER_FILTERS))
        hint = f'did you mean "{near}"?' if near else f"filters are {', '.join(FILTERS)}"
        evaluator.tell(UNKNOWN_FILTER, each.name.span, f'there is no filter "{name}"', hint=hint)
        return None
    is_slow = _is_slow(each)
    if each.arguments and not is_slow:
        hint = "digits(slow) reads with a pause behind each digit"
        evaluator.tell(UNKNOWN_FILTER, each.span, f"{name} does not take these arguments", hint=hint)
        return None
    if name == "spell":
        return spoken_letters(text)
    result = spoken_phone(text) if name == "phone" else spoken_digits(text, slow=is_slow)
    if result is None:
        what = "is no telephone number in international form" if name == "phone" else "has no digits"
        evaluator.tell(NOT_SPEAKABLE, each.span, f"{shown(text)} {what}, so {name} cannot read it out")
    return result


def _is_slow(each: ast.Filter) -> bool:
    arguments = each.arguments or ()
    only = arguments[0] if len(arguments) == 1 else None
    return each.name.text == "digits" and isinstance(only, ast.Name) and only.text == "slow"


def _how(value: ast.Value) -> str | None:
    match value:
        case ast.List():
            return "read one of its items: {name[0]}"
        case ast.Object():
            return "read one of its fields: {name.field}"
        case ast.Duration():
            return "write it out as a text, as it should be said"
        case _:
            return None
