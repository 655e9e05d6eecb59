"""Find contradictions in a state that its schema allows, such as those from a bad merge of two state files."""

from __future__ import annotations

from collections.abc import Iterable

from ncco_lang.deploy.state import State


def contradiction(state: State) -> str | None:
    """Return a sentence about the first contradiction in a state, or None.

    Each would harm a live application: if two keys share an id and one of them is removed from the settings, the
    application of the other is deleted.
    """
    applications = state.applications.items()
    ids = [(each.id, key) for key, each in applications]
    marks = {*((each.mark, key) for key, each in applications), *((mark, key) for key, mark in state.begun.items())}
    files = [(each.key_file, key) for key, each in applications if each.key_file is not None]
    for what, pairs in (("id", ids), ("mark", sorted(marks)), ("key_file", files)):
        shared = _shared(pairs)
        if shared is not None:
            value, first, second = shared
            return f"{first} and {second} have the same {what}, {value}"
    live = dict(ids)
    for id in sorted(state.leaving):
        if id in live:
            return f"{live[id]} has the id {id}, which is also to be deleted"
    return None


def _shared(pairs: Iterable[tuple[str, str]]) -> tuple[str, str, str] | None:
    """Return a value that two keys share, with both keys."""
    seen: dict[str, str] = {}
    for value, key in pairs:
        other = seen.setdefault(value, key)
        if other != key:
            return value, other, key
    return None
