"""The names that a position can read, for an editor: their types, and where their values can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ncco_lang.program.bindings import Binding, BindingKind, Scopes
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.kinds import ADDRESSES, LANGUAGES
from ncco_lang.vocabulary.option_specs import OptionSpec

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
_KINDS: Mapping[BindingKind, str] = {"import": "imported name", "question": "answer"}
_FIXED = frozenset({"param", "let"})
_IN_TEXTS = frozenset({"text", "number", "bool", "phone", "url", "language", "key", "list", "table", ""})


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a position can read."""

    all: Mapping[str, Binding]

    def fitting(self, option: OptionSpec | None) -> list[str]:
        """Return the names whose value an option could take, as far as their type is known; all names for no option."""
        if option is None:
            return list(self.all)
        wanted = _wanted(option)
        return [name for name, each in self.all.items() if type_of_name(each) in wanted or not type_of_name(each)]

    def in_texts(self) -> list[str]:
        """Return the names whose value can be interpolated into a text."""
        return [name for name, each in self.all.items() if type_of_name(each) in _IN_TEXTS]


def names_at(scopes: Scopes | None, offset: int) -> Names:
    """Return the names that can be read at an offset: params and lets, and in a step what a call knows there."""
    if scopes is None:
        return Names({})
    scope = scopes.scope_around(offset)
    found = scope.visible().items()
    return Names({name: each for name, each in found if each.kind in _FIXED or (each.slot is not None and scope.step)})


def type_of_name(binding: Binding) -> str:
    """Return the type of a name, or of the literal of a let; empty if the type is not obvious."""
    if isinstance(binding.node, ast.Let):
        return _LITERALS.get(type(binding.node.value), "")
    return "" if binding.kind in ("hours", "text") else binding.type or ""


def title_of_name(binding: Binding, type: str | None = None) -> str:
    """Return a name with its kind and its type, `param desk: phone`, a step with its parameters.

    Args:
        type: the type that a call finds, for a name without a declared one.
    """
    kind = type_of_name(binding) or type or ""
    origin = binding.node if binding.origin is None else binding.origin.declaration
    if isinstance(origin, ast.Step):
        taken = ", ".join(f"{each.name.text}: {each.type.text}" for each in origin.parameters or ())
        return f"step {binding.name}({taken})" if taken else f"step {binding.name}"
    what = binding.name if binding.kind == "key" else f"{_KINDS.get(binding.kind, binding.kind)} {binding.name}"
    return f"{what}: {kind}" if kind else what


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
