"""The words of the language by what they are: statements, arms, functions, filters, operators, types, values of a call.

Reads `schemas/flow-statements.json`. `statement_specs` has what a statement takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, TypeAlias

from ncco_lang.resources import load_json_resource

Section: TypeAlias = Literal["statements", "arms", "functions", "filters", "operators", "types", "values", "tests"]


class Word(NamedTuple):
    """A word of the language.

    Attributes:
        doc: one line about it.
        is_offered: statements can use it, so completion and hints propose it.
        planned: only a later version compiles it.
        today: what to write instead while it is planned.
        signature: how a function is called, and the type of its value if there is one; None for other words.
    """

    name: str
    doc: str
    is_offered: bool
    planned: bool
    today: str | None
    signature: str | None


class Field(NamedTuple):
    """A field of a value of a call.

    Attributes:
        doc: one line about it.
        type: its type in the language.
        values: all that it can be; empty if there is no list of them.
    """

    doc: str
    type: str
    values: tuple[str, ...] = ()


def flow_statements() -> Mapping[str, Any]:
    """Return the document; callers must not change it."""
    document: Mapping[str, Any] = load_json_resource("schemas/flow-statements.json")
    return document


@cache
def words_in(section: Section) -> Mapping[str, Word]:
    """Return the words of one kind by name, in the order of the document."""
    return {
        name: Word(
            name=name,
            doc=entry["description"],
            is_offered="status" not in entry,
            planned=entry.get("status") == "planned",
            today=today(entry),
            signature=entry.get("signature"),
        )
        for name, entry in flow_statements()[section].items()
    }


def today(entry: Mapping[str, Any]) -> str | None:
    """Return what to write instead of an entry that only a later version compiles; None if the entry does not say it."""
    key = entry.get("today")
    return None if key is None else today_of(key)


def today_of(key: str) -> str:
    """Return what to write instead of something planned, by its key in the document."""
    text: str = flow_statements()["today"][key]
    return text


@cache
def fields_of(value: str) -> Mapping[str, Field]:
    """Return the fields of a value of a call by name: `from` of `call` is a `phone`."""
    return {
        name: Field(entry["description"], entry["type"], tuple(entry.get("values", ())))
        for name, entry in flow_statements()["values"][value].get("fields", {}).items()
    }


@cache
def planned_verbs() -> frozenset[str]:
    """Return the verbs that only a later version compiles."""
    own = flow_statements()["statements"].items()
    return frozenset(name for name, entry in own if entry["kind"] == "verb" and "status" in entry)


@cache
def elsewhere(
    section: Literal["statements", "arms", "options", "values", "functions", "types"], owner: str | None = None
) -> Mapping[str, str]:
    """Return words of other languages and platforms, each with what is written here.

    Args:
        owner: the statement that has the options.
    """
    found = flow_statements()["elsewhere"][section]
    meant = found if owner is None else found.get(owner, {})
    return {word: here for here, words in meant.items() for word in words}


@cache
def targets() -> frozenset[str]:
    """Return the statements that an arm can name as its target, like a step."""
    return frozenset(name for name, entry in flow_statements()["statements"].items() if entry.get("target"))


@cache
def outcomes() -> frozenset[str]:
    """Return the outcomes that an arm names by their word, `silence`; not those that it shows, such as a key."""
    return frozenset(name for name, entry in flow_statements()["arms"].items() if not entry.get("placeholder"))
