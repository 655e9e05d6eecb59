"""Find which applications are ours: by their ids in the state, and by the marks in their answer URLs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ncco_lang.api.types import Application
from ncco_lang.deploy.state import State

_MARK = re.compile(r"/([0-9a-f]{16})(?=/)")


def mark_of(document: str) -> str:
    """Return the mark in the name of a document."""
    return document.partition("/")[0]


def has_mark(application: Application, mark: str) -> bool:
    """Return whether an application's answer URL has a mark in its path."""
    return mark in _MARK.findall(application.settings.answer_url or "")


def held_ids(state: State) -> frozenset[str]:
    """Return the ids in the state: of deployed applications, and of replaced ones that are still to be deleted."""
    return frozenset((*(each.id for each in state.applications.values()), *state.leaving))


def keys_by_mark(state: State) -> dict[str, str]:
    """Return the marks that applications have, had, or were to have, each with the key of its application."""
    found = {
        mark_of(each.document): key
        for version in state.history
        for key, each in version.changed.items()
        if each.document
    }
    found.update(state.given_up)
    found.update((mark, key) for key, mark in state.begun.items())
    found.update((each.mark, key) for key, each in state.applications.items())
    return found


def marks_of(state: State, scope: Collection[str] | None) -> frozenset[str]:
    """Return the marks of some applications, or all marks if `scope` is None."""
    found = frozenset(mark for mark, key in keys_by_mark(state).items() if scope is None or key in scope)
    return found | {mark_of(name) for name in state.documents} if scope is None else found


def find_surplus(state: State, listed: Iterable[Application]) -> dict[str, str]:
    """Return the ids of applications that carry a mark of ours and that the state does not hold, with their keys."""
    keys, held = keys_by_mark(state), held_ids(state)
    found = {}
    for application in listed:
        for mark in _MARK.findall(application.settings.answer_url or ""):
            if mark in keys and application.id not in held:
                found[application.id] = keys[mark]
    return found
