"""Guess the meaning of a misspelt key or value from itself and from the values around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.vocabulary.language_words import elsewhere as verbs_elsewhere
from ncco_lang.vocabulary.legacy_table import elsewhere, form
from ncco_lang.vocabulary.ncco_schema import Shape, action_shape, current_actions
from ncco_lang.vocabulary.phrases import did_you_mean, is_slip
from ncco_lang.vocabulary.schema_validator import Schema

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
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

    def is_optional(self, path: Path) -> bool:
        """Return whether the action or the object in it that has this option can be without it; no for a list's item."""
        value, shape, owner = self.value, None, None
        for step in path:
            if shape is None and isinstance(value, dict) and isinstance(value.get("action"), str):
                shape = action_shape()
            if shape is not None:
                shape, owner = _below(shape, value, step)
            value = value[step]
        return shape is not None and owner is not None and path[-1] not in owner.schema.get("required", ())

    def claims(self, holder: dict[str, Any], schema: Schema, owner: str) -> Counter[str]:
        """Count how many unknown keys of an object a fix would rename to each name; counted once per object."""
        if id(holder) not in self._claims:
            unknown = (key for key in holder if key not in schema.get("properties", {}))
            meant = (meant_option(key, holder, schema, owner) for key in unknown)
            # The object is kept too, so that no other object gets its id.
            self._claims[id(holder)] = holder, Counter(name for name in meant if name is not None)
        return self._claims[id(holder)][1]


def _below(shape: Shape, value: Any, step: str | int) -> tuple[Shape | None, Shape | None]:
    """Return the shape of an entry of a value, and that of the object that has it as an option."""
    if isinstance(step, int):
        return shape.items, None
    owner = shape.chosen(value)
    return owner.part(step), owner


def meant_option(key: str, holder: dict[str, Any], schema: Schema, owner: str) -> str | None:
    """Return the option that an unknown key means, or None.

    It may be an older name, that of another platform, or a typing error of a letter or two.
    """
    older = form("option", owner, key)
    if older is not None:
        name: str | None = older["fix"].get("to")
        return name
    other = elsewhere("options", owner).get(key)
    if other is not None and other not in holder:
        return other
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
    word = value.strip().lower()
    if (other := elsewhere("values").get(word)) in allowed:
        return [str(other)]
    if word not in plain and (same := _with_other_number("".join(word.split()), allowed)):
        return [same]
    # Single keys are all equally near: "10" is not a typing error for "1".
    # "asynchronous" is the opposite of "synchronous", not a typing error for it.
    opposites = {f"{prefix}{each}" for each in plain for prefix in ("a", "un", "non", "no-", "non-", "not ")}
    near = None if word in opposites else did_you_mean(value, [each for each in allowed if len(each) > 1])
    return [near] if near is not None and (len(words) == 1 or is_slip(value, near)) else []


def _with_other_number(word: str, allowed: Sequence[str]) -> str | None:
    """Return the choice that differs from a word only in a number. If several do, no one is nearer: the first is usual."""
    letters = _NUMBER.sub("", word)
    same = [each for each in allowed if letters and letters != word and _NUMBER.sub("", each) == letters]
    return word if word in same else same[0] if same else None


def meant_action(word: str) -> tuple[str | None, str]:
    """Return the action that a word means, and a hint instead if another platform's action has no counterpart.

    An action that is retired is never meant.
    """
    plain = word.strip().lower()
    if (hint := elsewhere("actions").get(plain)) is not None:
        return None, hint
    verb = verbs_elsewhere("statements").get(plain, "").partition(" ")[0]
    # Of the statements that are no action, `ask` alone becomes one.
    action = "input" if verb == "ask" else verb
    if action in current_actions():
        return action, ""
    return did_you_mean(word, current_actions()), ""
