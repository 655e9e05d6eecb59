"""Read the schemas of requests strictly, and check values against schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema.exceptions import best_match
from openapi_schema_validator import OAS30Validator, oas30_format_checker


def check_value(schema: Mapping[str, Any], value: Any, what: str) -> None:
    """Check a value, including its formats, against a schema whose references are replaced.

    Raises:
        AssertionError: it is invalid; says what, where and why.
    """
    worst = best_match(OAS30Validator(schema, format_checker=oas30_format_checker).iter_errors(value))
    if worst is not None:
        # If several schemas are allowed, their own errors say more than that none matched.
        reasons = dict.fromkeys(f"{error.json_path}: {error.message}" for error in (worst, *(worst.context or ())))
        raise AssertionError(f"{what}, at {'; '.join(reason[:300] for reason in reasons)}")


def close(schema: Any) -> Any:
    """Return a schema with its objects closed: they allow no properties that they do not name.

    An object that names no properties stays open (an NCCO is one); so does one with its own `additionalProperties`.
    """
    if not isinstance(schema, Mapping):
        return schema
    closed = dict(schema)
    if "allOf" in closed:
        branches = closed.pop("allOf")
        closed = _merge([*branches, closed])
    for name in ("oneOf", "anyOf"):
        if name in closed:
            closed[name] = [close(branch) for branch in closed[name]]
    for name in ("items", "additionalProperties"):
        if name in closed:
            closed[name] = close(closed[name])
    if closed.get("properties"):
        closed["properties"] = {name: close(value) for name, value in closed["properties"].items()}
        closed.setdefault("type", "object")
        closed.setdefault("additionalProperties", False)
    return closed


def _merge(schemas: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one schema for several that apply at once, because closed ones would refuse each other's properties."""
    merged: dict[str, Any] = {}
    for schema in schemas:
        branch = dict(schema)
        if "allOf" in branch:
            branch = _merge([*branch.pop("allOf"), branch])
        for name, value in branch.items():
            if name == "properties":
                merged["properties"] = {**merged.get("properties", {}), **value}
            elif name == "required":
                merged["required"] = [*merged.get("required", []), *value]
            elif name in ("oneOf", "anyOf", "not", "additionalProperties"):
                raise AssertionError(f"{name} within allOf is not read here")
            else:
                merged.setdefault(name, value)
    return merged


def read_text(schema: Mapping[str, Any], text: str) -> Any:
    """Return the value of a text in a query, a path or a form by its schema; the text itself if it is a string."""
    match schema.get("type"):
        case "integer" if text.removeprefix("-").isdecimal() and text.isascii():
            return int(text)
        case "number":
            try:
                return float(text)
            except ValueError:
                return text
        case "boolean":
            return {"true": True, "false": False}.get(text, text)
        case _:
            return text


def read_pairs(schemas: Mapping[str, Mapping[str, Any]], pairs: Iterable[tuple[str, str]], what: str) -> dict[str, Any]:
    """Return the values of a query or a form; a repeated name is a list if its schema allows one.

    Raises:
        AssertionError: a name is repeated that may not be.
    """
    values: dict[str, Any] = {}
    for name, text in pairs:
        schema = schemas.get(name, {})
        if schema.get("type") == "array":
            values.setdefault(name, []).append(read_text(schema.get("items", {}), text))
        else:
            assert name not in values, f"{what} has {name!r} twice"
            values[name] = read_text(schema, text)
    return values
