"""Guess the word that a misspelt one means, and say types and ranges of the schema in words."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import lru_cache

from ncco_lang.vocabulary.schema_validator import Schema

_MOST_GUESSES = 50

_TYPE_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def did_you_mean(word: str, choices: Iterable[str], *, nearness: float = 0.6) -> str | None:
    """Return the choice that a misspelt word most likely means, ignoring case and dashes; None if no choice is near.

    Args:
        nearness: how much of the two words is the same at least, from 0 to 1.
    """
    return _nearest(word[:80], tuple(choices), nearness)


class Guesses:
    """Guesses the names that the misspelt names of one file mean.

    Each guess takes time in proportion to the names of the file, so there are only 50, and a file of misspelt names takes
    time in proportion to its length.
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, Hashable], str | None] = {}

    def meant(self, word: str, choices: Iterable[str], place: Hashable = None) -> str | None:
        """Return the choice that a word most likely means; None if no choice is near, or after too many guesses.

        Args:
            choices: the same ones for the same place.
        """
        if (word, place) not in self._found and len(self._found) < _MOST_GUESSES:
            self._found[word, place] = did_you_mean(word, choices)
        return self._found.get((word, place))


@lru_cache(maxsize=1024)
def _nearest(word: str, choices: tuple[str, ...], nearness: float) -> str | None:
    """Cached, because a file usually repeats a misspelt word."""
    import difflib

    plain = {_plain(choice): choice for choice in choices}
    if _plain(word) in plain:
        return plain[_plain(word)]
    near = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=nearness)
    return plain[near[0]] if near else None


@lru_cache(maxsize=1024)
def is_slip(word: str, meant: str) -> bool:
    """Return whether two words differ by at most a letter or two, by case or by dashes."""
    import difflib

    return difflib.SequenceMatcher(None, _plain(word)[:80], _plain(meant)).ratio() > 0.84


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "").replace(" ", "")


def type_words(name: str) -> str:
    """Return a JSON Schema type in words, with its article; other words are returned as they are."""
    return _TYPE_WORDS.get(name, name)


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
