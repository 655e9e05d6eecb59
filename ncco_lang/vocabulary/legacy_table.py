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
def _forms() -> dict[tuple[str, ...], Form]:
    """Return the forms by their marks."""
    return {_key(form["see"]): form for form in load_json_resource("schemas/legacy-forms.json")["forms"]}


def _key(see: dict[str, Any]) -> tuple[str, ...]:
    names = ("wanted", "given", "constraint", "in", "at", "option", "value")
    return (see["kind"], *(str(see[name]) for name in names if name in see))
