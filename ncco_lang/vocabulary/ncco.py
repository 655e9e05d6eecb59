"""The NCCO schema, loaded: who breaks it, and a walk over the options that a document sets.

In come plain JSON values; out come `Violation`s of `schemas/ncco.schema.json` and `Setting`s, each with its path.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ncco_lang.diagnostics import Path
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.schema import Check, Schema, Validator, Violation

NCCO_SCHEMA = "schemas/ncco.schema.json"


class Setting(NamedTuple):
    """An option that a document sets: where, to what, the option's schema, and the title of the object it stands in."""

    path: Path
    value: Any
    schema: Schema
    owner: str

    @property
    def kind(self) -> str | None:
        """What sort of value it is beyond its JSON type: `url`, `phone`, `speech` …"""
        kind: str | None = self.schema.get("x-kind")
        return kind


@cache
def ncco_validator() -> Validator:
    """The checks of the NCCO schema; made once a process, each action's when it is first met."""
    return Validator(load_json_resource(NCCO_SCHEMA))


@cache
def _root_check() -> Check:
    validator = ncco_validator()
    return validator.check(validator.document)


def is_valid(value: Any) -> bool:
    """Whether a JSON value is an NCCO as the schema has it: the same verdict that `jsonschema` gives, faster."""
    return _root_check()(value) is None


def violations(value: Any) -> list[Violation]:
    """All that the schema finds wrong with a JSON value."""
    return _root_check()(value) or []


def definition(name: str) -> Schema:
    """The schema of an action, an endpoint or another definition.

    Raises:
        KeyError: there is none of that name.
    """
    return ncco_validator().resolve(f"#/definitions/{name}")


def action_names() -> tuple[str, ...]:
    """The names of all actions, in the order of the schema."""
    return tuple(definition("action")["properties"]["action"]["enum"])


def merged(schema: Schema) -> Schema:
    """A schema with what its `$ref` refers to filled in; its own words win."""
    while "$ref" in schema:
        target = ncco_validator().resolve(schema["$ref"])
        schema = {**target, **{key: part for key, part in schema.items() if key != "$ref"}}
    return schema


def chosen(schema: Schema, value: Any) -> Schema:
    """The branch that an object takes where a constant chooses one (`action`, `type`), else the schema itself."""
    for branch in schema.get("allOf", ()):
        properties = branch.get("if", {}).get("properties", {})
        if len(properties) == 1 and set(branch) == {"if", "then"}:
            ((key, wanted),) = properties.items()
            if isinstance(value, dict) and value.get(key) == wanted.get("const"):
                return merged(branch["then"])
    return schema


def option_schema(owner: Schema, key: str) -> Schema | None:
    """The schema of one option of an object, references filled in; None when it has none of that name."""
    part = owner.get("properties", {}).get(key)
    return None if part is None else merged(part)


def settings(value: Any, path: Path = (), schema: Schema | None = None) -> Iterator[Setting]:
    """Every known option that a document (or the part of it at `path`) sets, lists and nested objects entered."""
    schema = chosen(merged(ncco_validator().document if schema is None else schema), value)
    if isinstance(value, list):
        if "items" in schema:
            for index, item in enumerate(value):
                if not isinstance(item, (dict, list)):
                    yield Setting((*path, index), item, merged(schema["items"]), schema.get("title", ""))
                yield from settings(item, (*path, index), schema["items"])
    elif isinstance(value, dict):
        for key, item in value.items():
            part = option_schema(schema, key)
            if part is None:
                continue
            yield Setting((*path, key), item, part, schema.get("title", ""))
            yield from settings(item, (*path, key), part)
