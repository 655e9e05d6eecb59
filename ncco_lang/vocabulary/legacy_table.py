"""Look up the legacy and misspelt forms of NCCO by their marks: `schemas/legacy-forms.json`."""

from __future__ import annotations

from functools import cache
from typing import Any

from ncco_lang.resources import load_json_resource

Form = dict[str, Any]


def form(kind: str, *names: str) -> Form | None:
    """Return the legacy form with these marks, as in `schemas/legacy-forms.json`, or None."""
    return _forms().get((kind, *names))


@cache
def elsewhere(section: str, owner: str | None = None) -> dict[Any, str]:
    """Return words of other platforms, each with what is written here.

    Args:
        section: `actions` (with a hint), `options`, `values`, `voice-languages` or `recogniser-languages`.
        owner: the title of the object that has the options.
    """
    found = load_json_resource("schemas/legacy-forms.json")["elsewhere"][section]
    meant = found if owner is None else found.get(owner, {})
    return {word: right for right, words in meant.items() for word in words}


def is_default(option: str, value: Any) -> bool:
    """Return whether a value of an option, which the platform does not know, names what happens without the option."""
    defaults: dict[str, list[Any]] = load_json_resource("schemas/legacy-forms.json")["elsewhere"]["defaults"]
    word = value.lower() if isinstance(value, str) else value
    return isinstance(word, (str, bool)) and word in defaults.get(option, ())


@cache
def _forms() -> dict[tuple[str, ...], Form]:
    """Return the forms by their marks."""
    return {_key(form["see"]): form for form in load_json_resource("schemas/legacy-forms.json")["forms"]}


def _key(see: dict[str, Any]) -> tuple[str, ...]:
    names = ("wanted", "given", "constraint", "in", "at", "option", "value")
    return (see["kind"], *(str(see[name]) for name in names if name in see))
