"""Spell JSON values as an author would: `120` seconds is `2m`, a phone number has its plus sign.

A value without a spelling in the language is None, and its action is written with `raw`. A value that even `raw` cannot
hold raises `UnwritableError`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.syntax.reserved import NAME, WORDS
from ncco_lang.values import units
from ncco_lang.values.language_tags import is_language, is_tag
from ncco_lang.values.phone import e164_digits
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value

NOWHERE = Span(0, 0)
"""The span of a generated node, which is in no text yet."""

LARGEST = 10**300
"""The smallest whole number that is too large for a flow."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "{": "{{", "}": "}}", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r"}
_ESCAPES["\t"] = "\\t"
_SIGNS = re.compile(r'["\\{}]')
_SPECIAL = re.compile(r'["\\{}]|[^\x20-\x7e]')
_SIGNS_IN_LONG = re.compile(r'"(?="")|[\\{}]')
_SPECIAL_IN_LONG = re.compile(r'"(?="")|[\\{}]|[^\x20-\x7e\n]')
_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs", "Co"})
_MANY_QUOTES = 4
_JOINERS = "\u200c\u200d"


class UnwritableError(Exception):
    """A value that cannot be written in any `.flow` file, not even with `raw`; the message says why."""


# ── Values of options ──────────────────────────────────────────────────────────────────────────────────


def spell(option: OptionSpec, value: Any, *, over_lines: bool = True) -> ast.Value | None:
    """Return what an author writes after the option's colon for a value on the wire; None without a spelling.

    Args:
        over_lines: triple-quote texts that read better over several lines.
    """
    if option.data:
        return spell_json(value) if isinstance(value, dict) else None
    if option.single and option.item is not None:
        is_one = isinstance(value, list) and len(value) == 1
        return spell(option.item, value[0], over_lines=over_lines) if is_one else None
    if "array" in option.types:
        return _list(option, value) if isinstance(value, list) else None
    if option.unit is not None:
        return _duration(option.unit, value)
    if option.enum:
        return _choice(option, value)
    if isinstance(value, bool):
        return ast.Constant(NOWHERE, value)
    if isinstance(value, int | float):
        return spell_json(int(value) if isinstance(value, float) and value.is_integer() else value)
    return _text(option, value, over_lines) if isinstance(value, str) else None


def _list(option: OptionSpec, value: list[Any]) -> ast.List | None:
    if option.item is None or "object" in option.item.types:
        return ast.List(NOWHERE, tuple(spell_json(item) for item in value))
    items = [spell(option.item, item) for item in value]
    known = tuple(item for item in items if item is not None)
    return ast.List(NOWHERE, known) if len(known) == len(items) else None


def _duration(unit: str, value: Any) -> ast.Duration | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST:
        return None
    written = units.show(value, unit)
    amount = written.rstrip("msh")
    name = written[len(amount) :]
    is_same = units.plain(units.convert(amount, name, unit)) == value
    return ast.Duration(NOWHERE, amount, name) if is_same else None


def _choice(option: OptionSpec, value: Any) -> ast.Value | None:
    if not isinstance(value, str) or value not in option.enum:
        return None
    bare = value.lower()
    if value in ("*", "#"):
        return ast.Key(NOWHERE, value)
    if len(value) == 1 and value.isdigit():
        return ast.Number(NOWHERE, value)
    if NAME.fullmatch(bare) and bare not in WORDS and enum_value(option, bare, bare=True) == value:
        return ast.Name(NOWHERE, bare)
    return spell_text(value)


def _text(option: OptionSpec, value: str, over_lines: bool) -> ast.Value | None:
    if option.kind == "phone":
        return spell_text(f"+{value}") if e164_digits(f"+{value}") == value else None
    if option.kind in LANGUAGES:
        if is_tag(value):
            return ast.Tag(NOWHERE, value)
        if is_language(value) and value not in WORDS:
            return ast.Name(NOWHERE, value)
    return spell_text(value, over_lines=over_lines)


# ── JSON ───────────────────────────────────────────────────────────────────────────────────────────────


def spell_json(value: Any, depth: int = 1) -> ast.Value:
    """Return a JSON value as it is written in a JSON object of a flow.

    Raises:
        UnwritableError: the value, or one inside it, cannot be written.
    """
    match value:
        case None | bool():
            return ast.Constant(NOWHERE, value)
        case str():
            return spell_text(value)
        case int() | float():
            return _number(value)
        case list() | dict() if depth > DEEPEST_DATA:
            raise UnwritableError(f"lists and objects nest deeper than {DEEPEST_DATA} here")
        case list():
            return ast.List(NOWHERE, tuple(spell_json(item, depth + 1) for item in value))
        case dict():
            return spell_object(value, depth)
        case _:
            raise UnwritableError(f"JSON has no values of the type {type(value).__name__}")


def spell_object(value: dict[str, Any], depth: int = 1) -> ast.Object:
    """Return a JSON object as it is written in a flow; raises as `spell_json` does."""
    pairs = []
    for key, item in value.items():
        if not isinstance(key, str):
            raise UnwritableError(f"a key in JSON is a text, not of the type {type(key).__name__}")
        pairs.append(ast.Pair(NOWHERE, spell_text(key), spell_json(item, depth + 1)))
    return ast.Object(NOWHERE, tuple(pairs))


def _number(value: int | float) -> ast.Number:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnwritableError("JSON has no such number")
    elif abs(value) >= LARGEST:
        raise UnwritableError("a number of more than 300 digits")
    return ast.Number(NOWHERE, repr(value))


# ── Texts ──────────────────────────────────────────────────────────────────────────────────────────────


def spell_text(text: str, *, over_lines: bool = False) -> ast.Text:
    """Return a text in quotes, with special and invisible characters escaped.

    Args:
        over_lines: triple-quote a text that reads better over several lines, if it is parsed back unchanged.
    """
    if over_lines and _reads_better_on_lines(text):
        return ast.Text(NOWHERE, tuple(_lines(text)), is_long=True)
    if not text:
        return ast.Text(NOWHERE, ())
    special = _SIGNS if _is_plain(text) else _SPECIAL
    return ast.Text(NOWHERE, (ast.Piece(NOWHERE, text, special.sub(_escape, text)),))


def _reads_better_on_lines(text: str) -> bool:
    """Return whether a text has several lines or many quotes, and triple quotes would keep the blanks of its lines."""
    if "\n" not in text.strip("\n") and text.count('"') < _MANY_QUOTES:
        return False
    lines = [line for line in text.split("\n") if line]
    return not any(line.endswith(" ") for line in lines) and not all(line.startswith(" ") for line in lines)


def _lines(text: str) -> list[ast.Piece]:
    pieces: list[ast.Piece] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            pieces.append(ast.Piece(NOWHERE, "\n", "\n"))
        if line:
            special = _SIGNS_IN_LONG if _is_plain(line) else _SPECIAL_IN_LONG
            pieces.append(ast.Piece(NOWHERE, line, special.sub(_escape, line)))
    return pieces


def _is_plain(text: str) -> bool:
    """Return whether no character needs a closer look, which is fast and true for nearly all texts."""
    return text.isprintable() and not unicodedata.category(text[0]).startswith("M")


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if "\ud800" <= sign <= "\udfff":
        raise UnwritableError("a text has half of a surrogate pair")
    if not _is_hidden(sign, match.string, match.start()):
        return sign
    code = ord(sign)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def _is_hidden(sign: str, text: str, at: int) -> bool:
    """Return whether a character is invisible in its context, or looks like another one."""
    if sign in _JOINERS:
        # Between letters of some scripts, and between the parts of an emoji, joiners have a visible effect.
        around = text[at - 1 : at] + text[at + 1 : at + 2]
        return len(around) < 2 or around.isascii()
    category = unicodedata.category(sign)
    return category in _HIDDEN or ord(sign) & 0xFFFE == 0xFFFE or (at == 0 and category.startswith("M"))


# ── As it looks ────────────────────────────────────────────────────────────────────────────────────────


def written(value: ast.Value) -> str:
    """Return a spelled value on one line, for counting columns and for comparing values."""
    match value:
        case ast.Text():
            return '"' + "".join(piece.written for piece in value.pieces if isinstance(piece, ast.Piece)) + '"'
        case ast.Duration():
            return value.amount + value.unit
        case ast.Constant():
            return {True: "true", False: "false", None: "null"}[value.value]
        case ast.Number() | ast.Tag() | ast.Name() | ast.Key():
            return value.text
        case ast.List():
            return f"[{', '.join(map(written, value.items))}]"
        case ast.Object():
            pairs = ", ".join(f"{written(pair.key)}: {written(pair.value)}" for pair in value.pairs)
            return f"{{ {pairs} }}" if pairs else "{}"
        case _:
            raise AssertionError(f"{type(value).__name__} is never spelt")
