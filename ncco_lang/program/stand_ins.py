"""Replace values from the environment, so that what is reported about a flow does not depend on them.

A flow is compiled with the values and again with their replacements. A finding of both runs is the same whatever the
values are, so it shows none of them in any form: not cut short, not escaped, not calculated with. `compiler.py` words
all other findings without the value, and `ncco/veil.py` hides the parts of an NCCO in which the two runs differ.

A replacement has the same length and kinds of characters as its value, so that the two runs differ in little else; but
each of its letters and digits differs from that of the value in the same place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ncco_lang.project.params import Given
from ncco_lang.syntax import ast
from ncco_lang.syntax.json import read_value
from ncco_lang.values.language_tags import may_be_tag
from ncco_lang.values.phone import e164_digits, number_verdict

_SCHEME = re.compile(r"(?:https?|wss?)://|sips?:|tel:", re.IGNORECASE)
_TAGS = ("nl-NL", "en-GB", "fr-FR")
_RINGS = ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")
"""Each character is replaced by one of the same ring, so that `%2F` stays an escape."""


def secret_params(file: ast.File, given: Mapping[str, Given]) -> tuple[str, ...]:
    """Return the names of the params of a flow whose values come from the environment, in the order of the flow."""
    params = [each for each in file.declarations if isinstance(each, ast.Param)]
    # That of a secret is not read here.
    declared = (each.name.text for each in params if each.type.text != "secret")
    return tuple(dict.fromkeys(name for name in declared if name in given and _is_read(given[name])))


def _is_read(given: Given) -> bool:
    return given.from_env and given.value is not None


def with_stand_ins(file: ast.File, given: Mapping[str, Given]) -> dict[str, Given]:
    """Return the same values, with those from the environment replaced."""
    kinds = {each.name.text: each.type.text for each in file.declarations if isinstance(each, ast.Param)}
    return {
        name: replace(each, value=stand_in(each.value, kinds.get(name, ""))) if each.from_env else each
        for name, each in given.items()
    }


def masked(params: Mapping[str, Given]) -> dict[str, Given]:
    """Return the values of params, with a mark in place of each value from the environment."""
    return {
        name: replace(given, value=f"‹{name}›", from_env=False) if _is_read(given) else given
        for name, given in params.items()
    }


def stand_in(value: Any, kind: str = "") -> Any:
    """Return another value of the same shape.

    Args:
        value: a text, or any value that TOML has.
        kind: the type that the param declares, such as `phone`.
    """
    match value:
        case bool():
            return not value
        case int() | float():
            return type(value)(_number(str(value)))
        case list():
            return [stand_in(item) for item in value]
        case dict():
            return {key: stand_in(item) for key, item in value.items()}
        case str():
            return _text(value, kind)
        case _:
            return value


def _text(text: str, kind: str) -> Any:
    if kind == "bool" and text in ("true", "false"):
        return "false" if text == "true" else "true"
    if kind in ("list", "table"):
        plain = read_value(text)
        return _turned(text, 1) if plain is None else stand_in(plain[0])
    if kind in ("number", "duration") and text[:1] in "-0123456789":
        return _number(text)
    if kind == "key" and text in ("*", "#"):
        return "0"
    if e164_digits(text) is not None:
        return _phone(text)
    if "-" in text and may_be_tag(text):
        language, _, region = text.lower().partition("-")
        return next(tag for tag in _TAGS if language not in tag and region not in tag.lower())
    scheme = _SCHEME.match(text)
    kept = "" if scheme is None else scheme[0]
    return kept + _turned(text[len(kept) :], 1)


def _number(text: str) -> str:
    """Return the nearest number that differs from the first in every digit."""
    turned = ["".join(_next(each, by) if each.isdigit() else each for each in text) for by in range(1, 10)]
    return min(turned, key=lambda each: (not re.search("[1-9]", each), abs(_size(each) - _size(text))))


def _size(text: str) -> Decimal:
    found = re.search(r"[0-9.]+", text)
    return Decimal(found[0].strip(".") or 0) if found and found[0].count(".") < 2 else Decimal(0)


def _phone(text: str) -> str:
    """Return a number that can be called if possible, since one that cannot has other findings."""
    turned = [_turned(text, by) for by in range(1, 10)]
    numbers = [(each, digits) for each in turned if (digits := e164_digits(each)) is not None]
    good = (each for each, digits in numbers if number_verdict(digits) == "assigned")
    return next(good, numbers[0][0] if numbers else turned[0])


def _turned(text: str, by: int) -> str:
    return "".join(_characters(text, by))


def _characters(text: str, by: int) -> Iterator[str]:
    for each in text:
        if each.isascii():
            yield _next(each, by)
        else:
            other = chr(ord(each) ^ 1)
            yield other if other.isalpha() == each.isalpha() else each


def _next(character: str, by: int) -> str:
    """Return the character so many places on in its ring; a character of no ring stays the same."""
    for ring in _RINGS:
        at = ring.find(character)
        if at >= 0:
            return ring[(at + by) % len(ring)]
    return character
