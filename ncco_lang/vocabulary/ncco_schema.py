"""The NCCO schema: its violations, and a walk over the options that a document sets.

Takes plain JSON values; returns `Violation`s of `schemas/ncco.schema.json` and `OptionValue`s, each with its path.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from ncco_lang.diagnostics import Path
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.schema_validator import ANNOTATIONS, Check, Schema, Validator, Violation

NCCO_SCHEMA = "schemas/ncco.schema.json"
REMARKS = frozenset({"x-advice", "x-since", "x-step", "x-suggest", "x-max-bytes"})
"""Annotations about values, which `checks/action_values.py` turns into findings; most options have none."""

_APART = frozenset({"type", "properties", "required", "additionalProperties"})


class OptionValue(NamedTuple):
    """An option that a document sets: its path, its value, its schema, and the title of its object.

    `kind` says more about the value than its JSON type: `url`, `phone`, `speech` …; `remarked` is whether the schema
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
    """Return the validator of the NCCO schema; built once per process, the check of each action when first used."""
    return Validator(load_json_resource(NCCO_SCHEMA))


@cache
def _root_check() -> Check:
    validator = ncco_validator()
    return validator.check(validator.document)


def is_valid(value: Any) -> bool:
    """Return whether a JSON value is a valid NCCO: the same verdict as `jsonschema`, faster."""
    return _root_check()(value) is None


@cache
def are_options_apart(action: str) -> bool:
    """Return whether an action is valid if each of its options is, so that none depends on another.

    Raises:
        KeyError: the schema has no such action.
    """
    return all(each in _APART or each in ANNOTATIONS or each.startswith("x-") for each in definition(action))


@cache
def needed_options(action: str) -> frozenset[str]:
    """Return the keys that every action of a kind has.

    Raises:
        KeyError: the schema has no such action.
    """
    return frozenset(definition(action)["required"])


def violations(value: Any) -> list[Violation]:
    """Return every violation of the schema by a JSON value."""
    return _root_check()(value) or []


def definition(name: str) -> Schema:
    """Return the schema of an action, an endpoint or another definition.

    Raises:
        KeyError: the schema has no such definition.
    """
    return ncco_validator().resolve(f"#/definitions/{name}")


@cache
def action_names() -> tuple[str, ...]:
    """Return the names of all actions, in the order of the schema."""
    return tuple(definition("action")["properties"]["action"]["enum"])


@cache
def current_actions() -> tuple[str, ...]:
    """Return the names of the actions that are not retired."""
    return tuple(name for name in action_names() if "x-deprecated" not in definition(name))


@cache
def retired_actions() -> frozenset[str]:
    """Return the names of the actions that are retired: no finding proposes one."""
    return frozenset(action_names()) - frozenset(current_actions())


def merged(schema: Schema) -> Schema:
    """Return a schema with its `$ref` filled in; its own keywords override those of the reference."""
    while "$ref" in schema:
        target = ncco_validator().resolve(schema["$ref"])
        schema = {**target, **{key: part for key, part in schema.items() if key != "$ref"}}
    return schema


def option_schema(owner: Schema, key: str) -> Schema | None:
    """Return the schema of one option of an object, references filled in; None if it has no such option."""
    part = owner.get("properties", {}).get(key)
    return None if part is None else merged(part)


class Shape:
    """A schema for the walk over settings: each part is built when a document first has it, and kept.

    Attributes:
        schema: the schema with its references filled in.
        title: the title of the object, for messages.
        kind: what kind of value it is beyond its JSON type.
        remarked: whether it has remarks about its values.
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
        """Return the key whose constant chooses a branch (`action`, `type`), and the branches by that constant."""
        selector = None
        variants: dict[Any, Schema | Shape] = {}
        for branch in self.schema.get("allOf", ()):
            properties = branch.get("if", {}).get("properties", {})
            if len(properties) == 1 and set(branch) == {"if", "then"}:
                ((selector, wanted),) = properties.items()
                variants.setdefault(wanted.get("const"), branch["then"])
        return selector, variants

    def chosen(self, value: dict[str, Any]) -> Shape:
        """Return the branch that an object takes, or the shape itself."""
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
        """Return the shape of an option; None if the object has no such option."""
        if key not in self._parts:
            schema = self.schema.get("properties", {}).get(key)
            if schema is None:
                return None
            self._parts[key] = Shape(schema)
        return self._parts[key]

    @property
    def items(self) -> Shape | None:
        """The shape of a list's items; None if the schema does not define it."""
        if self._items is None and "items" in self.schema:
            self._items = Shape(self.schema["items"])
        return self._items


@cache
def action_shape() -> Shape:
    """Return the shape of any action."""
    return Shape(definition("action"))


def settings(value: Any, path: Path, shape: Shape) -> list[OptionValue]:
    """Return every known option that a value at `path` sets, also inside lists and nested objects."""
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
