"""Build the options of statements from JSON Schema: what an option takes, its range and default, its options inside.

Reads the objects of `schemas/ncco.schema.json` and of `schemas/flow-statements.json`, which have the same annotations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from ncco_lang.vocabulary.language_words import flow_statements
from ncco_lang.vocabulary.ncco_schema import definition, merged, ncco_validator

_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


class OptionSpec(NamedTuple):
    """One option of an action, or of an object inside it.

    Attributes:
        key: its name on the wire, `bargeIn`.
        name: its name in the language, `barge_in`.
        doc: one line about it.
        types: JSON Schema types; empty if the schema has none.
        unit: `s` or `ms` for a duration.
        required: whether its object needs it.
        kind: what kind of value beyond the type, `url`, `phone`; the schema's `x-kind`.
        deprecated: `x-deprecated`, why it should not be used.
        single: a list that always holds one item; the language writes the item alone.
        data: a JSON object of the author's own.
        flat: an object whose options the language writes on the statement itself.
        item: the items of a list, as an option of the same name.
        options: the options of a nested or flat object.
        variants: for an object of several shapes, each shape by the word that chooses it.
        selector: the key of that word.
        today: what to write instead, for an option that only a later version compiles.
        schema: the option's schema, references filled in.
    """

    key: str
    name: str
    doc: str
    types: tuple[str, ...]
    enum: tuple[Any, ...]
    minimum: float | None
    maximum: float | None
    default: Any
    unit: str | None
    required: bool
    kind: str | None
    deprecated: str | None
    single: bool
    data: bool
    flat: bool
    item: OptionSpec | None
    options: tuple[OptionSpec, ...]
    variants: Mapping[str, Variant]
    selector: str | None
    today: str | None
    schema: Mapping[str, Any]

    @property
    def is_block(self) -> bool:
        """Whether the language writes it as a nested block."""
        return "object" in self.types and not self.data and not self.flat

    @property
    def written(self) -> OptionSpec:
        """The option whose value an author writes: the item of a list of one, else the option itself."""
        return self.item if self.single and self.item is not None else self


class Variant(NamedTuple):
    """One shape of an object that has several: `phone` of `endpoint`."""

    word: str
    doc: str
    operand: str | None
    options: tuple[OptionSpec, ...]


def options_of(schema: Mapping[str, Any], *, without: str | None = None) -> tuple[OptionSpec, ...]:
    """Return the options of an object, in the order of its schema.

    Args:
        without: the key of a property that is not an option.
    """
    required = schema.get("required", ())
    return tuple(
        _option(key, merged(part), key in required)
        for key, part in schema.get("properties", {}).items()
        if key != without
    )


def _option(key: str, schema: Mapping[str, Any], required: bool) -> OptionSpec:
    is_list = schema.get("type") == "array"
    inner = merged(schema["items"]) if is_list and "items" in schema else None
    single = is_list and schema.get("minItems") == 1 and schema.get("maxItems") == 1
    shape = inner if single and inner is not None and inner.get("x-flat") else schema
    selector, variants = _variants(shape)
    data = bool(schema.get("x-data"))
    types = schema.get("type", ())
    return OptionSpec(
        key=key,
        name=schema.get("x-name", flow_name(key)),
        doc=schema.get("description", ""),
        types=(types,) if isinstance(types, str) else tuple(types),
        enum=tuple(schema.get("enum", ())),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        default=schema.get("default"),
        unit=schema.get("x-unit"),
        required=required,
        kind=schema.get("x-kind"),
        deprecated=schema.get("x-deprecated"),
        single=single,
        data=data,
        flat=bool(shape.get("x-flat")),
        item=None if inner is None or shape is inner else _option(key, _item(schema, inner), required=True),
        options=() if data else options_of(shape, without=selector),
        variants=variants,
        selector=selector,
        today=schema.get("today"),
        schema={key: part for key, part in schema.items() if key != "today"} if "today" in schema else schema,
    )


def _item(schema: Mapping[str, Any], inner: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a list's item; a list's kind says more than its item's (`audio-url` over `url`)."""
    kind = schema.get("x-kind")
    return {**inner, "x-kind": kind} if kind else inner


def _variants(schema: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Variant]]:
    """Return the key whose constant chooses a shape, and the shapes; (None, {}) for an object of one shape."""
    found: dict[str, Variant] = {}
    selector = None
    if schema.get("x-flat"):
        for branch in schema.get("allOf", ()):
            ((key, wanted),) = branch["if"]["properties"].items()
            shape = merged(branch["then"])
            word = wanted["const"]
            selector = key
            options = options_of(shape, without=key)
            operand = shape.get("x-operand")
            found[word] = Variant(word=word, doc=shape["description"], operand=operand, options=options)
    return selector, found


def flow_name(key: str) -> str:
    """Return a wire name as the language spells it: `bargeIn` is `barge_in`, `content-type` is `content_type`."""
    return _CAPITAL.sub(r"_\1", key).replace("-", "_").lower()


def words_of(option: OptionSpec) -> tuple[str, ...]:
    """Return the words after a verb that make up this option: the shapes of an object, or the items of a list."""
    if option.variants:
        return tuple(option.variants)
    return option.item.enum if option.item is not None and not option.single else ()


def enum_value(option: OptionSpec, word: str, *, bare: bool) -> Any:
    """Return the value of an option's enum that a word means, or None.

    Args:
        bare: a word without quotes; its letter case is free, since names in the language have small letters.
    """
    for value in option.enum:
        if value == word or (bare and str(value).lower() == word.lower()):
            return value
    return None


@cache
def data_options() -> frozenset[str]:
    """Return the names of the options of actions that hold JSON objects of the author's own, as in a flow."""
    parts = (*ncco_validator().document["definitions"].values(), {"properties": flow_statements()["everyAction"]})
    found = (key for part in parts for key, option in part.get("properties", {}).items() if "x-data" in option)
    return frozenset(flow_name(key) for key in found)


@cache
def talk_options() -> frozenset[str]:
    """Return the names of the options of `talk`, as in a flow."""
    return frozenset(flow_name(key) for key in definition("talk")["properties"])
