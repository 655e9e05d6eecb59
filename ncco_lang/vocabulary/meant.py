"""Guess the meaning of a misspelt key or value from itself and from the values around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.vocabulary.legacy_table import form
from ncco_lang.vocabulary.phrases import did_you_mean, is_slip
from ncco_lang.vocabulary.schema_validator import Schema

_BETWEEN_WORDS = re.compile(r"[\s,;|/+&]+")


class Surroundings:
    """The document of a violation, for questions about the values around it.

    Attributes:
        value: the document.
    """

    __slots__ = ("_claims", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self._claims: dict[int, tuple[dict[str, Any], Counter[str]]] = {}

    def at(self, path: Path) -> Any:
        """Return the value at a path that the document has."""
        found = self.value
        for step in path:
            found = found[step]
        return found

    def number_beside(self, path: Path) -> str:
        """Return the `from` number of the action at a path; empty if it has none."""
        for length in range(len(path) + 1):
            holder = self.at(path[:length])
            if isinstance(holder, dict) and "action" in holder:
                return holder["from"] if isinstance(holder.get("from"), str) else ""
        return ""

    def claims(self, holder: dict[str, Any], schema: Schema, owner: str) -> Counter[str]:
        """Count how many unknown keys of an object a fix would rename to each name; counted once per object."""
        if id(holder) not in self._claims:
            unknown = (key for key in holder if key not in schema.get("properties", {}))
            meant = (meant_option(key, holder, schema, owner) for key in unknown)
            # The object is kept too, so that no other object gets its id.
            self._claims[id(holder)] = holder, Counter(name for name in meant if name is not None)
        return self._claims[id(holder)][1]


def meant_option(key: str, holder: dict[str, Any], schema: Schema, owner: str) -> str | None:
    """Return the option that an unknown key means, by an older name or a typing error of a letter or two, or None."""
    older = form("option", owner, key)
    if older is not None:
        name: str | None = older["fix"].get("to")
        return name
    near = did_you_mean(key, [name for name in schema.get("properties", {}) if name not in holder])
    return near if near is not None and is_slip(key, near) else None


def meant_choices(value: Any, allowed: Sequence[str]) -> list[str]:
    """Return the words of an enum that a value names: a misspelt one, or several in one text (`"dtmf, speech"`)."""
    if not isinstance(value, str):
        return []
    plain = {each.lower(): each for each in allowed}
    words = [word for word in _BETWEEN_WORDS.split(value.strip().lower()) if word not in ("", "and")]
    if len(words) > 1 and all(word in plain for word in words):
        return list(dict.fromkeys(plain[word] for word in words))
    # Single keys are all equally near: "10" is not a typing error for "1".
    near = did_you_mean(value, [each for each in allowed if len(each) > 1])
    return [near] if near is not None and (len(words) == 1 or is_slip(value, near)) else []
