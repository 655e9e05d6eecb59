"""Words for findings: "did you mean", lists of choices, types in plain English."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from ncco_lang.vocabulary.schema_validator import Schema

_TYPE_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def did_you_mean(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that a misspelt word most likely means, ignoring case and dashes; None if no choice is near."""
    return _nearest(word[:80], tuple(choices))


@lru_cache(maxsize=1024)
def _nearest(word: str, choices: tuple[str, ...]) -> str | None:
    """Cached, because a file usually repeats a misspelt word."""
    import difflib

    plain = {_plain(choice): choice for choice in choices}
    if _plain(word) in plain:
        return plain[_plain(word)]
    near = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=0.6)
    return plain[near[0]] if near else None


@lru_cache(maxsize=1024)
def is_slip(word: str, meant: str) -> bool:
    """Return whether two words differ by at most a letter or two, by case or by dashes."""
    import difflib

    return difflib.SequenceMatcher(None, _plain(word)[:80], _plain(meant)).ratio() > 0.84


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "").replace(" ", "")


def type_words(name: str) -> str:
    """Return a JSON Schema type in words, with its article."""
    return _TYPE_WORDS[name]


def kind_words(value: Any) -> str:
    """Return in words what kind of JSON value it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "a number"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def shown(value: Any, limit: int = 40) -> str:
    """Return a value as JSON, cut short, safe to print."""
    if isinstance(value, str) and len(value) > limit:
        value = value[:limit] + "…"
    if isinstance(value, (list, dict)):
        return kind_words(value)
    text = (
        json.dumps(value, ensure_ascii=False, default=str)
        if not isinstance(value, int) or isinstance(value, bool)
        else _digits(value, limit)
    )
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _digits(number: int, limit: int) -> str:
    """Return a whole number, cut short: Python refuses to format enormous ones."""
    return str(number) if abs(number) < 10**limit else f"a number of more than {limit} digits"


def listed(words: Sequence[str]) -> str:
    """`a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def choice_words(choices: Iterable[Any]) -> str:
    """`"a", "b" or "c"`."""
    return listed([shown(choice) for choice in choices])


def range_words(schema: Schema) -> str:
    """Return the range of a number in words, with its unit: `1 to 120 seconds`."""
    unit = {"s": " seconds", "ms": " milliseconds"}.get(schema.get("x-unit", ""), "")
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}{unit}"
    if high is not None:
        return f"at most {high}{unit}"
    return f"more than {low}{unit}" if "exclusiveMinimum" in schema else f"{low} or more{unit}"
