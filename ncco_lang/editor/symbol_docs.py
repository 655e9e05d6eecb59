"""The names that a position can read, for an editor: their types, and where their values can be used."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING

from ncco_lang.program.bindings import Binding, BindingKind
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.kinds import ADDRESSES, LANGUAGES
from ncco_lang.vocabulary.option_specs import OptionSpec

if TYPE_CHECKING:
    from ncco_lang.editor.call_names import CallNames
    from ncco_lang.program.model import Program

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
_IN_TEXTS = frozenset({"text", "number", "bool", "phone", "url", "language", "key", "list", "table", "JSON", ""})
_ANY = frozenset({"", "JSON"})
"""What may be of every type."""
_OF_CALLS = (ast.Command, ast.If, ast.Set, ast.Each, ast.Step, ast.On, ast.Anywhere, ast.Test)
"""The declarations whose statements read what a call knows."""


class Names:
    """The names that a position can read, and what a call knows of them there.

    Attributes:
        all: the names.
    """

    __slots__ = ("_call", "_find", "all")

    def __init__(self, all: Mapping[str, Binding], find: Callable[[], CallNames] | None = None) -> None:
        """Args: find: finds what a call knows at the position, when it is first asked for."""
        self.all = all
        self._find = find
        self._call: CallNames | None = None

    @property
    def is_in_call(self) -> bool:
        """Whether a call reads the names, so that they are not fixed when compiling."""
        return self._find is not None

    def without(self, name: str) -> Names:
        """Return the names without one of them."""
        return Names({each: binding for each, binding in self.all.items() if each != name}, self._find)

    def and_also(self, others: Mapping[str, Binding]) -> Names:
        """Return the names with others that the position can read."""
        return Names({**others, **self.all}, self._find)

    def fixed(self) -> Names:
        """Return the names whose values are fixed when compiling."""
        return Names({name: each for name, each in self.all.items() if each.slot is None})

    def type_of(self, name: str) -> str:
        """Return the type of a name; empty if it is not obvious."""
        declared = type_of_name(self.all[name])
        return declared or ("" if self._known is None else self._known.type_of(self.all[name]) or "")

    def title_of(self, name: str) -> str:
        """Return a name with its kind and type, and whether it may not be set at the position."""
        title = title_of_name(self.all[name], self.type_of(name))
        return f"{title}, may not be set here" if self.may_be_unset(name) else title

    def may_be_unset(self, name: str) -> bool:
        """Return whether some path to the position has not set a name."""
        return self._known is not None and self._known.may_be_unset(self.all[name])

    def fitting(self, option: OptionSpec | None) -> list[str]:
        """Return the names whose value an option could take, as far as their type is known; all names for no option.

        Only the option of a lookup that is sent takes secrets.
        """
        if option is None:
            return self.readable()
        found = self.of_types(_wanted(option))
        return found if option.schema.get("x-secret") is True else self.without_secrets(found)

    def without_secrets(self, names: Iterable[str]) -> list[str]:
        """Return the names whose values others may hear or see."""
        return [name for name in names if not self.all[name].is_secret and self.all[name].type != "secret"]

    def of_types(self, wanted: Container[str]) -> list[str]:
        """Return the names that have one of some types, or may have it."""
        return [name for name in self.all if (found := self.type_of(name)) in wanted or found in _ANY]

    def readable(self) -> list[str]:
        """Return the names that an expression can read, without the secrets of the server."""
        return [name for name, each in self.all.items() if each.type != "secret"]

    def in_texts(self) -> list[str]:
        """Return the names whose value can be interpolated into a text."""
        return [name for name, each in self.all.items() if self.type_of(name) in _IN_TEXTS and not each.is_secret]

    @property
    def _known(self) -> CallNames | None:
        if self._call is None and self._find is not None and any(each.slot is not None for each in self.all.values()):
            self._call = self._find()
        return self._call


def names_at(program: Program | None, offset: int, within: ast.Node | None) -> Names:
    """Return the names that can be read at an offset: params and lets, and in statements what a call knows there.

    Args:
        within: the declaration around the offset.
    """
    if program is None:
        return Names({})
    found = program.scopes.scope_around(offset).visible()
    if isinstance(within, _OF_CALLS):
        has = {name: each for name, each in found.items() if each.kind in _FIXED or each.slot is not None}
        return Names(has, lambda: _call_names(program, offset))
    return Names({name: each for name, each in found.items() if each.kind in _FIXED})


def _call_names(program: Program, offset: int) -> CallNames:
    # Imported here, because only flows with names of a call need the blocks.
    from ncco_lang.editor.call_names import MOST_STATEMENTS, call_names_at

    return call_names_at(program, offset, MOST_STATEMENTS)


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
    if option.kind == "choices":
        return frozenset({"list", "table"})
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
