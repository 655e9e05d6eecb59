"""Compile a JSON Schema to functions that validate a plain value fast and report every violation.

Only the keywords that our schemas use are known; preparing a schema with another keyword raises an error, so that no
keyword is silently ignored. Tests hold the verdicts to those of `jsonschema`. Why not one of the fast libraries:
docs/design/validation.md.

A check returns None for a valid value, else a list of `Violation`; paths are built only on failure, which keeps the
valid case cheap. An `allOf` of branches that are `if` a constant `then` becomes one look-up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from ncco_lang.diagnostics import Path

Schema: TypeAlias = Mapping[str, Any]


class Violation(NamedTuple):
    """A keyword of the schema that a value breaks.

    `path` leads to the value; `schema` is the object that holds `keyword`; `detail` is the missing or unknown key of
    `required` and `additionalProperties`; `owner` the title of the nearest titled object schema around it.
    """

    path: Path
    keyword: str
    schema: Schema
    value: Any
    detail: str = ""
    owner: str = ""


Check: TypeAlias = Callable[[Any], "list[Violation] | None"]

ANNOTATIONS = frozenset({"$schema", "$id", "$comment", "title", "description", "default", "definitions", "examples"})
"""Keywords that do not affect validity, like all that begin with `x-`."""

_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: value is True or value is False,
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    ),
}


def is_type(value: Any, name: str) -> bool:
    """Return whether a value has a JSON Schema type; 1.0 is an integer, true is not a number."""
    return _TYPES[name](value)


def frozen(value: Any) -> Any:
    """Return a hashable value that is equal exactly when the JSON values are."""
    if isinstance(value, bool) or value is None:
        return (value,)
    if isinstance(value, dict):
        return ("object", frozenset((key, frozen(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(frozen(item) for item in value))
    return value


class Validator:
    """The checks of one schema document, each built when first needed."""

    def __init__(self, document: Schema) -> None:
        self.document = document
        self._made: dict[int, Check] = {}

    def resolve(self, reference: str) -> Schema:
        """Return the schema that a `#/…` reference means.

        Raises:
            KeyError: the document has no such schema.
        """
        found: Any = self.document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return found  # type: ignore[no-any-return]

    def check(self, schema: Schema) -> Check:
        """Return the check of a schema of the document (or of one that refers into it).

        Raises:
            ValueError: the schema uses a keyword that this module does not know.
        """
        made = self._made.get(id(schema))
        if made is None:
            made = self._made[id(schema)] = self._make(schema)
        return made

    def _make(self, schema: Schema) -> Check:
        parts: list[Check] = []
        kind: Check | None = None
        taken: set[str] = set()
        for keyword, value in schema.items():
            if keyword in ANNOTATIONS or keyword.startswith("x-") or keyword in taken:
                continue
            if keyword == "$ref":
                parts.append(self._later(self.resolve(value)))
            elif keyword in ("properties", "required", "additionalProperties"):
                taken |= {"properties", "required", "additionalProperties"}
                parts.append(self._object(schema))
            elif keyword == "if":
                taken |= {"then", "else"}
                parts.append(self._condition(schema))
            elif keyword == "allOf":
                parts += self._all_of(value)
            elif keyword == "items":
                parts.append(self._items(value))
            elif keyword == "contains":
                parts.append(self._contains(schema, value))
            elif keyword == "not":
                parts.append(self._not(schema, value))
            elif keyword == "type":
                kind = _type(schema, value)
            elif keyword in _LEAVES:
                parts.append(_LEAVES[keyword](schema, value))
            elif keyword not in ("then", "else"):
                raise ValueError(f"the schema keyword {keyword!r} is not known here")
        return _joined(parts) if kind is None else _after(kind, _joined(parts)) if parts else kind

    def _later(self, schema: Schema) -> Check:
        """Return the check of a referenced schema, built at the first value, so that unused actions cost nothing."""
        check: Check | None = None

        def referred(value: Any) -> list[Violation] | None:
            nonlocal check
            if check is None:
                check = self.check(schema)
            return check(value)

        return referred

    def _object(self, schema: Schema) -> Check:
        properties = {key: self.check(part) for key, part in schema.get("properties", {}).items()}
        required = tuple(schema.get("required", ()))
        additional = schema.get("additionalProperties", True)
        extra = self.check(additional) if isinstance(additional, dict) else None
        closed = additional is False
        owner = schema.get("title", "")

        def check_object(value: Any) -> list[Violation] | None:
            if not isinstance(value, dict):
                return None
            found: list[Violation] | None = None
            for key, item in value.items():
                check = properties.get(key, extra)
                if check is not None:
                    inner = check(item)
                    if inner is not None:
                        found = _under(found, key, inner, owner)
                elif closed and key not in properties:
                    found = [] if found is None else found
                    found.append(Violation((), "additionalProperties", schema, value, key, owner))
            for key in required:
                if key not in value:
                    found = [] if found is None else found
                    found.append(Violation((), "required", schema, value, key, owner))
            return found

        return check_object

    def _items(self, schema: Schema) -> Check:
        check = self.check(schema)

        def check_items(value: Any) -> list[Violation] | None:
            if not isinstance(value, list):
                return None
            found: list[Violation] | None = None
            for index, item in enumerate(value):
                inner = check(item)
                if inner is not None:
                    found = _under(found, index, inner, "")
            return found

        return check_items

    def _contains(self, schema: Schema, wanted: Schema) -> Check:
        check = self.check(wanted)

        def check_contains(value: Any) -> list[Violation] | None:
            if not isinstance(value, list) or any(check(item) is None for item in value):
                return None
            return [Violation((), "contains", schema, value)]

        return check_contains

    def _not(self, schema: Schema, refused: Schema) -> Check:
        check = self.check(refused)
        return lambda value: [Violation((), "not", schema, value)] if check(value) is None else None

    def _condition(self, schema: Schema) -> Check:
        test = self.check(schema["if"])
        then = self.check(schema["then"]) if "then" in schema else None
        other = self.check(schema["else"]) if "else" in schema else None
        named = "x-constraint" in schema

        def check_condition(value: Any) -> list[Violation] | None:
            branch = then if test(value) is None else other
            inner = branch(value) if branch is not None else None
            # A constraint with a name is reported as one finding, not as the keywords it consists of.
            return [Violation((), "if", schema, value)] if inner is not None and named else inner

        return check_condition

    def _all_of(self, branches: list[Schema]) -> list[Check]:
        table = dispatch_table(branches)
        if table is None:
            return [self.check(branch) for branch in branches]
        key, constants = table
        checks = {constant: self.check(then) for constant, then in constants.items()}

        def check_dispatch(value: Any) -> list[Violation] | None:
            if not isinstance(value, dict):
                return None
            constant = value.get(key)
            check = checks.get(constant) if isinstance(constant, str) else None
            return check(value) if check is not None else None

        return [check_dispatch]


def dispatch_table(branches: Sequence[Schema]) -> tuple[str, dict[str, Schema]] | None:
    """Return a key and the branch of each value of it; None unless every branch is `if` that key is a constant."""
    constants: dict[str, Schema] = {}
    keys: set[str] = set()
    for branch in branches:
        test = branch.get("if", {})
        properties = test.get("properties", {})
        if set(branch) != {"if", "then"} or set(test) != {"required", "properties"} or len(properties) != 1:
            return None
        ((key, wanted),) = properties.items()
        if test["required"] != [key] or set(wanted) != {"const"} or not isinstance(wanted["const"], str):
            return None
        keys.add(key)
        constants[wanted["const"]] = branch["then"]
    return (keys.pop(), constants) if len(keys) == 1 and len(constants) == len(branches) else None


def _under(found: list[Violation] | None, step: str | int, inner: list[Violation], owner: str) -> list[Violation]:
    """Add violations of an entry to those of its container, with the step to the entry before their paths."""
    moved = [
        Violation(
            (step, *broken.path), broken.keyword, broken.schema, broken.value, broken.detail, broken.owner or owner
        )
        for broken in inner
    ]
    if found is None:
        return moved
    # In place: a list of a hundred thousand wrong entries is built once, not a hundred thousand times.
    found += moved
    return found


def _after(kind: Check, rest: Check) -> Check:
    """Report a value of the wrong type once, not again for each keyword that then fails."""
    return lambda value: kind(value) or rest(value)


def _joined(parts: list[Check]) -> Check:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return lambda value: None

    def check_all(value: Any) -> list[Violation] | None:
        found: list[Violation] | None = None
        for part in parts:
            inner = part(value)
            if inner is not None:
                found = inner if found is None else found + inner
        return found

    return check_all


# Checks of one keyword. Each function takes the schema and the keyword's value, and builds the check.


def _leaf(keyword: str, schema: Schema, holds: Callable[[Any], bool]) -> Check:
    return lambda value: None if holds(value) else [Violation((), keyword, schema, value)]


def _type(schema: Schema, name: str) -> Check:
    return _leaf("type", schema, _TYPES[name])


def _enum(schema: Schema, allowed: list[Any]) -> Check:
    return _leaf("enum", schema, _among(allowed))


def _const(schema: Schema, wanted: Any) -> Check:
    return _leaf("const", schema, _among([wanted]))


def _among(allowed: list[Any]) -> Callable[[Any], bool]:
    """Return a test for allowed values; it does not look into a list or an object unless it has to."""
    plain = frozenset(frozen(item) for item in allowed)
    if any(isinstance(item, (list, dict)) for item in allowed):
        return lambda value: frozen(value) in plain
    return lambda value: not isinstance(value, (list, dict)) and frozen(value) in plain


def _number(keyword: str, holds: Callable[[Any, Any], bool]) -> Callable[[Schema, Any], Check]:
    number = _TYPES["number"]

    def make(schema: Schema, limit: Any) -> Check:
        return _leaf(keyword, schema, lambda value: not number(value) or holds(value, limit))

    return make


def _length(
    keyword: str, kind: type[str] | type[list[Any]], holds: Callable[[int, int], bool]
) -> Callable[[Schema, Any], Check]:
    def make(schema: Schema, limit: Any) -> Check:
        return _leaf(keyword, schema, lambda value: not isinstance(value, kind) or holds(len(value), limit))

    return make


def _pattern(schema: Schema, pattern: str) -> Check:
    search = re.compile(pattern).search
    return _leaf("pattern", schema, lambda value: not isinstance(value, str) or search(value) is not None)


def _unique(schema: Schema, wanted: bool) -> Check:
    def holds(value: Any) -> bool:
        return not wanted or not isinstance(value, list) or len({frozen(item) for item in value}) == len(value)

    return _leaf("uniqueItems", schema, holds)


_LEAVES: dict[str, Callable[[Schema, Any], Check]] = {
    "enum": _enum,
    "const": _const,
    "minimum": _number("minimum", lambda value, limit: bool(value >= limit)),
    "maximum": _number("maximum", lambda value, limit: bool(value <= limit)),
    "exclusiveMinimum": _number("exclusiveMinimum", lambda value, limit: bool(value > limit)),
    "minLength": _length("minLength", str, lambda length, limit: length >= limit),
    "maxLength": _length("maxLength", str, lambda length, limit: length <= limit),
    "minItems": _length("minItems", list, lambda length, limit: length >= limit),
    "maxItems": _length("maxItems", list, lambda length, limit: length <= limit),
    "pattern": _pattern,
    "uniqueItems": _unique,
}
