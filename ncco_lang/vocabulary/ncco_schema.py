"""The NCCO schema, loaded: who breaks it, and a walk over the options that a document sets.

In come plain JSON values; out come `Violation`s of `schemas/ncco.schema.json` and `OptionValue`s, each with its path.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from ncco_lang.diagnostics import Path
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.schema_validator import Check, Schema, Validator, Violation

NCCO_SCHEMA = "schemas/ncco.schema.json"
REMARKS = frozenset({"x-advice", "x-since", "x-step", "x-suggest", "x-max-bytes"})
"""Annotations about values, which `checks/action_values.py` turns into findings; most options have none."""


class OptionValue(NamedTuple):
    """An option that a document sets: where, to what, the option's schema, and the title of the object it stands in.

    `kind` is what sort of value it is beyond its JSON type: `url`, `phone`, `speech` …; `remarked` says that the schema
    has remarks about its values (`REMARKS`).
    """

    path: Path
    value: Any
    schema: Schema
    owner: str
    kind: str | None
    remarked: bool


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


def option_schema(owner: Schema, key: str) -> Schema | None:
    """The schema of one option of an object, references filled in; None when it has none of that name."""
    part = owner.get("properties", {}).get(key)
    return None if part is None else merged(part)


class Shape:
    """A schema as the walk over settings needs it: each part is put together when a document first has it, and kept.

    Attributes:
        schema: with what it refers to filled in.
        title: of the object, for messages.
        kind: what sort of value it is beyond its JSON type.
        remarked: it has remarks about its values.
    """

    __slots__ = ("_items", "_parts", "_selector", "_variants", "kind", "remarked", "schema", "title")

    def __init__(self, schema: Schema) -> None:
        self.schema = merged(schema)
        self.title: str = self.schema.get("title", "")
        self.kind: str | None = self.schema.get("x-kind")
        self.remarked = not REMARKS.isdisjoint(self.schema)
        self._items: Shape | None = None
        self._parts: dict[str, Shape | None] = {}
        self._selector, self._variants = self._branches()

    def _branches(self) -> tuple[str | None, dict[Any, Schema | Shape]]:
        """The key whose constant chooses a branch (`action`, `type`), and the branches by that constant."""
        selector = None
        variants: dict[Any, Schema | Shape] = {}
        for branch in self.schema.get("allOf", ()):
            properties = branch.get("if", {}).get("properties", {})
            if len(properties) == 1 and set(branch) == {"if", "then"}:
                ((selector, wanted),) = properties.items()
                variants.setdefault(wanted.get("const"), branch["then"])
        return selector, variants

    def chosen(self, value: dict[str, Any]) -> Shape:
        """The branch that an object takes, or the shape itself."""
        if self._selector is None:
            return self
        constant = value.get(self._selector)
        if not isinstance(constant, str) or constant not in self._variants:
            return self
        variant = self._variants[constant]
        if not isinstance(variant, Shape):
            variant = self._variants[constant] = Shape(variant)
        return variant

    def part(self, key: str) -> Shape | None:
        """The shape of an option; None where the object has none of that name."""
        if key not in self._parts:
            schema = self.schema.get("properties", {}).get(key)
            if schema is None:
                return None
            self._parts[key] = Shape(schema)
        return self._parts[key]

    @property
    def items(self) -> Shape | None:
        """The shape of what a list holds; None where the schema does not say."""
        if self._items is None and "items" in self.schema:
            self._items = Shape(self.schema["items"])
        return self._items


@cache
def action_shape() -> Shape:
    """The shape of any action."""
    return Shape(definition("action"))


def settings(value: Any, path: Path, shape: Shape) -> list[OptionValue]:
    """Every known option that a value at `path` sets, lists and nested objects entered."""
    found: list[OptionValue] = []
    _collect(value, path, shape, found)
    return found


def _collect(value: Any, path: Path, shape: Shape, found: list[OptionValue]) -> None:
    if isinstance(value, dict):
        shape = shape.chosen(value)
        for key, item in value.items():
            part = shape.part(key)
            if part is not None:
                inside = (*path, key)
                found.append(OptionValue(inside, item, part.schema, shape.title, part.kind, part.remarked))
                if isinstance(item, (dict, list)):
                    _collect(item, inside, part, found)
    elif isinstance(value, list) and (items := shape.items) is not None:
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                _collect(item, (*path, index), items, found)
            else:
                found.append(OptionValue((*path, index), item, items.schema, shape.title, items.kind, items.remarked))
