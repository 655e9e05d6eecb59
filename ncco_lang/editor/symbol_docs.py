"""The params and lets of a file for an editor: type, docs, value, and where a value can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ncco_lang.names.symbols import read_names
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.kinds import ADDRESSES, LANGUAGES
from ncco_lang.vocabulary.option_specs import OptionSpec

Known: TypeAlias = "ast.Param | ast.Let"

_LITERALS: Mapping[type[ast.Node], str] = {
    ast.Text: "text",
    ast.Number: "number",
    ast.Duration: "duration",
    ast.Tag: "language",
    ast.Constant: "bool",
    ast.Key: "key",
    ast.List: "list",
    ast.Object: "table",
}
_IN_TEXTS = frozenset({"text", "number", "bool", "phone", "url", "language", "key", "list", "table", ""})


@dataclass(frozen=True, slots=True)
class Names:
    """The params and lets of a file by name."""

    all: Mapping[str, Known]

    def fitting(self, option: OptionSpec | None) -> list[str]:
        """Return the names whose value an option could take, as far as their type is known; all names for no option."""
        if option is None:
            return list(self.all)
        wanted = _wanted(option)
        return [name for name, each in self.all.items() if type_of_name(each) in wanted or not type_of_name(each)]

    def in_texts(self) -> list[str]:
        """Return the names whose value can be interpolated into a text."""
        return [name for name, each in self.all.items() if type_of_name(each) in _IN_TEXTS]


def names_of(file: ast.File | None) -> Names:
    """Return the params and lets of a file."""
    if file is None:
        return Names({})
    known = read_names(file)
    return Names({name: each for name, each in known.items() if isinstance(each, (ast.Param, ast.Let))})


def type_of_name(declaration: Known) -> str:
    """Return the type of a param, or of the literal of a let; empty if the type is not obvious."""
    if isinstance(declaration, ast.Param):
        return declaration.type.text
    return _LITERALS.get(type(declaration.value), "")


def _wanted(option: OptionSpec) -> frozenset[str]:
    """Return the types of names that fit an option."""
    if option.data:
        return frozenset({"table"})
    if option.single and option.item is not None:
        return _wanted(option.item)
    if "array" in option.types:
        return frozenset({"list"})
    if option.unit is not None:
        return frozenset({"duration"})
    if option.kind in LANGUAGES:
        return frozenset({"language", "text"})
    if option.kind == "phone":
        return frozenset({"phone", "text"})
    if option.kind in ADDRESSES:
        return frozenset({"url", "text"})
    if option.kind == "key":
        return frozenset({"key", "text"})
    if "boolean" in option.types:
        return frozenset({"bool"})
    if "string" in option.types:
        return frozenset({"text", "phone", "url"})
    return frozenset({"number"})
