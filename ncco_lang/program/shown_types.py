"""The type that a value shows by how it is written, before any name has a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ncco_lang.syntax import ast
from ncco_lang.values.operators import TEXT
from ncco_lang.vocabulary.language_words import fields_of

NULL = "null"
"""The type of `null`, which goes with any other."""
_OF_LITERALS: Final[Mapping[type, str]] = {
    ast.Text: "text",
    ast.Number: "number",
    ast.Duration: "duration",
    ast.Tag: "language",
    ast.Key: "key",
    ast.Range: "range",
    ast.List: "list",
    ast.Object: "table",
}
_CALCULATIONS = frozenset({"+", "-", "*", "/"})
_OF_NAMES: Final = {"now": "text", "language": "language"}
_OF_FUNCTIONS: Final = {"length": "number", "defined": "bool", "open": "bool"}


def shown_type(value: ast.Value) -> str | None:
    """Return the type that a value has whatever its names are; None if that depends on them."""
    match value:
        case ast.Constant():
            return NULL if value.value is None else "bool"
        case ast.Group():
            return shown_type(value.value)
        case ast.Unary():
            return "number" if value.operator.text == "-" else "bool"
        case ast.Chain():
            return "number" if value.operators[0].text in _CALCULATIONS else "bool"
        case ast.Name():
            return _OF_NAMES.get(value.text)
        case ast.Ref(name=ast.Word(text="call"), trailers=(ast.Field() as field,)):
            known = fields_of("call").get(field.name.text)
            return None if known is None else known.type
        case ast.Ref(trailers=(ast.Arguments(),)):
            return _OF_FUNCTIONS.get(value.name.text)
        case _:
            return _OF_LITERALS.get(type(value))


def common_type(types: Iterable[str | None]) -> str | None:
    """Return the type of a name that is set to values of these types; None if one is not certain, or two differ."""
    found = set(types) - {NULL}
    if len(found) > 1 and found <= TEXT:
        return "text"
    return found.pop() if len(found) == 1 else None


def differ(one: str | None, other: str | None) -> bool:
    """Return whether two types are of different kinds of values, as far as they are certain."""
    are_known = None not in (one, other) and NULL not in (one, other)
    return are_known and one != other and not {one, other} <= TEXT
