"""Turn the value between the braces of a text into characters: apply filters, and escape for the text."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.names.literals import kind_of, said
from ncco_lang.names.rules import NOT_SPEAKABLE, UNKNOWN_FILTER
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding, not_yet
from ncco_lang.values.escape import escape_ssml, escape_url
from ncco_lang.values.spoken import spoken_digits, spoken_letters, spoken_phone
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.words import shown

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


def spoken(source: Source, piece: ast.Interpolation, value: ast.Value) -> str | Diagnostic | None:
    """Return the characters of an interpolation after its filters, or why there are none; None for a missing value."""
    if isinstance(value, ast.Missing):
        return None
    text = said(value)
    if text is None:
        message = f"{kind_of(value)} cannot be read into a text"
        return finding(NOT_SPEAKABLE, source, piece.value.span, message, hint=_how(value))
    for each in piece.filters:
        filtered = _filtered(source, each, text)
        if isinstance(filtered, Diagnostic):
            return filtered
        text = filtered
    return text


def _filtered(source: Source, each: ast.Filter, text: str) -> str | Diagnostic:
    name = each.name.text
    filters = {word: known for word, known in words_in("filters").items() if "(" not in word}
    if name in filters and filters[name].planned:
        return not_yet(source, each.span, f'the filter "{name}"', filters[name].today)
    if name not in filters:
        near = did_you_mean(name, filters)
        today = [word for word, known in filters.items() if known.is_offered]
        hint = f'did you mean "{near}"?' if near else f"filters are {', '.join(today)}"
        return finding(UNKNOWN_FILTER, source, each.name.span, f'there is no filter "{name}"', hint=hint)
    is_slow = _is_slow(each)
    if each.arguments and not is_slow:
        hint = "digits(slow) reads with a pause after each digit"
        return finding(UNKNOWN_FILTER, source, each.span, f"{name} does not take these arguments", hint=hint)
    if name == "spell":
        return spoken_letters(text)
    result = spoken_phone(text) if name == "phone" else spoken_digits(text, slow=is_slow)
    if result is None:
        what = "is not a telephone number in international form" if name == "phone" else "has no digits"
        return finding(NOT_SPEAKABLE, source, each.span, f"{shown(text)} {what}, so {name} cannot read it out")
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
