"""Read which names a flow has, and where each can be read: a side table beside the tree.

The vocabulary decides which words of a statement are names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ncco_lang.program.bindings import Binding, BindingKind, NameWord, Place, Scope, ScopeKind, Scopes
from ncco_lang.program.declarations import Beside, Imported, Imports, read_names
from ncco_lang.program.secrets import mark_secrets
from ncco_lang.program.shown_types import common_type, shown_type
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import targets
from ncco_lang.vocabulary.statement_specs import spec_of

SET_VALUES = frozenset({"language"})
"""Values of the call that `set` changes (language description, Languages)."""
START = "start"
"""The step in which a call begins, if there are no statements outside of steps."""
_FALLBACK = "fallback"
_TEXTS, _CHOICE = frozenset({"digits", "speech"}), "one_of"
"""The options of a question whose answers are texts, and the one whose answers are elements."""
_NO_IMPORTS = Imports({})
_RUN_TIME = frozenset({"arg", "parameter", "each", "key", "variable", "result", "question"})


def read_scopes(file: ast.File, source: Source, imports: Imports | None = None) -> Scopes:
    """Return the names of a file. Nothing is reported here: `check_scopes` and `check_unused` do that.

    Args:
        file: the tree as parsed.
        source: its text.
        imports: what the names in `use` are in the other files, if that is known.
    """
    reader = _Reader(Scopes(file, source), imports or _NO_IMPORTS)
    nested: list[ast.Declaration] = []
    for declaration in file.declarations:
        if type(declaration) is not ast.Command:
            reader.declaration(declaration)
            nested.append(declaration)
        elif declaration.block is not None or names_in(declaration.verb.text) is not _NOTHING:
            nested.append(declaration)  # most statements of most files have no names
    for declaration in nested:
        reader.contents(declaration)
    reader.finish()
    mark_secrets(reader.scopes)
    return reader.scopes


class _Kept(NamedTuple):
    """A name of the call while its places are collected."""

    slot: int
    kinds: list[BindingKind]
    node: ast.Node
    words: list[NameWord]
    types: set[str | None]


class _Reader:
    """Fills the tables of `scopes`. Names of the call are complete only after the last statement."""

    __slots__ = ("call", "file", "imported", "imports", "kept", "scopes", "slots")

    def __init__(self, scopes: Scopes, imports: Imports) -> None:
        self.scopes = scopes
        self.imports = imports
        self.call = scopes.call
        self.file, self.imported = scopes.file_scope, scopes.import_scope
        self.kept: dict[str, _Kept] = {}
        self.slots: list[Binding | str] = []

    def declaration(self, node: ast.Declaration) -> None:
        """Read the name of a declaration."""
        match node:
            case ast.Param() | ast.Arg():
                kind: BindingKind = "param" if isinstance(node, ast.Param) else "arg"
                self._declare(self.file, kind, node, node.name, node.type.text)
            case ast.Let():
                self._declare(self.file, "let", node, node.name)
            case ast.Hours():
                self._declare(self.file, "hours", node, node.name, "hours")
            case ast.TextDeclaration():
                self._declare(self.file, "text", node, node.name, "text")
            case ast.Step():
                self._declare(self.file, "step", node, node.name)
            case ast.Use():
                for word in node.names:
                    self._declare(self.imported, "import", node, word, origin=self.imports.names.get(word.text))
            case _:
                pass

    def contents(self, node: ast.Declaration) -> None:
        """Read the names in the statements of a declaration; a test declares none."""
        match node:
            case ast.Step():
                scope = self._frame("step", self.call, node)
                for parameter in node.parameters or ():
                    self._declare(scope, "parameter", parameter, parameter.name, parameter.type.text)
                self._walk(node.block, scope)
            case ast.On() | ast.Anywhere():
                self._walk(node.block, self.call)
            case ast.Command() | ast.If() | ast.Set() | ast.Each():
                self._walk(node, self.call)
            case _:
                pass

    def finish(self) -> None:
        """Make a binding of each name of the call, now that all of its places are known."""
        for name, kept in self.kept.items():
            # What a question or a lookup sets as well is more than a variable.
            kind: BindingKind = next((kind for kind in kept.kinds if kind != "variable"), "variable")
            origin = self.imports.sets.get(name)
            is_certain = origin is None and name not in self.file.names
            type = common_type(kept.types) if is_certain else None
            words = tuple(kept.words)
            binding = Binding(name, kind, words, kept.node, self.call, type, slot=kept.slot, origin=origin)
            self.call.names[name] = binding
            self.scopes.bindings.append(binding)
        for name, origin in self.imports.sets.items():
            if name not in self.imported.names and name not in self.call.names:
                binding = Binding(name, "variable", (), origin.word, self.imported, None, len(self.slots), origin)
                self.imported.names[name] = binding
                self.slots.append(binding)
        if self.imports.beside is not None:
            self._read_beside(self.imports.beside)
        self.scopes.slots += (self.call.names[each] if isinstance(each, str) else each for each in self.slots)

    def _read_beside(self, flow: Beside) -> None:
        """Make the names of the flow that a file of tests is about visible."""
        for name, declaration in read_names(flow.file).items():
            origin = Imported(declaration.name, flow.source, declaration)
            binding = Binding(name, "import", (), declaration, self.imported, None, None, origin)
            self.imported.names.setdefault(name, binding)

    def _declare(
        self,
        scope: Scope,
        kind: BindingKind,
        node: ast.Node,
        word: ast.Word,
        type: str | None = None,
        origin: Imported | None = None,
    ) -> None:
        """Add a name to a scope. The first of two declarations with one name counts."""
        if not word.text:
            return
        slot = len(self.slots) if kind in _RUN_TIME else None
        words = () if kind == "key" else (word,)
        binding = Binding(word.text, kind, words, node, scope, type or None, slot, origin)
        if slot is not None:
            self.slots.append(binding)
        scope.names.setdefault(binding.name, binding)
        self.scopes.bindings.append(binding)

    def _keep(self, word: NameWord, kind: BindingKind, node: ast.Node, scope: Scope) -> None:
        """Read a name that a statement sets."""
        if not word.text:
            return
        self.scopes.assignments.append(Place(word, scope))
        if kind == "variable" and (word.text in SET_VALUES or self._is_arg(word.text)):
            return
        if word.text not in self.kept:
            self.kept[word.text] = _Kept(len(self.slots), [], node, [], set())
            self.slots.append(word.text)
        self.kept[word.text].kinds.append(kind)
        self.kept[word.text].words.append(word)
        self.kept[word.text].types.add(_type_of(node))

    def _is_arg(self, name: str) -> bool:
        return name in self.file.names and self.file.names[name].kind == "arg"

    # ── Statements ────────────────────────────────────────────────────────────────────────────────────

    def _walk(self, root: ast.Statement | ast.Block, scope: Scope) -> None:
        """Read the names in a statement or a block, in the order of the text and without recursion."""
        waiting: list[tuple[ast.Node, Scope, Mapping[str, str]]] = [(root, scope, {})]
        while waiting:
            node, scope, options = waiting.pop()
            if scope is not self.call:
                self.scopes.place(node, scope)
            match node:
                case ast.Block():
                    waiting += [(entry, scope, options) for entry in reversed(node.entries)]
                case ast.Command() if options.get(node.verb.text) == "name":
                    self._without_colon(
                        (ast.Name(node.verb.span, node.verb.text), *node.operands), node, scope, options
                    )
                case ast.Command():
                    named = names_in(node.verb.text)
                    self._statement(node, scope, named)
                    if node.block is not None:
                        waiting.append((node.block, scope, named.options))
                case ast.Option():
                    self._option(node, scope, options)
                case ast.Set():
                    self.scopes.sets.setdefault(node.name.text, []).append(node)
                    self._keep(node.name, "variable", node, scope)
                case ast.Each():
                    waiting.append((node.block, self._each(node, scope), options))
                case ast.If():
                    if node.otherwise is not None:
                        waiting.append((node.otherwise, scope, options))
                    waiting += [(branch.block, scope, options) for branch in reversed(node.branches)]
                case ast.Arm():
                    waiting.append((node.target, scope, {}))
                case ast.Jump():
                    if not self.scopes.is_statement(node):
                        self._lead(node.name, scope)
                case _:
                    pass

    def _each(self, node: ast.Each, outer: Scope) -> Scope:
        scope = self._frame("block", outer, node)
        self._declare(scope, "each", node, node.name)
        self._declare(scope, "key", node, ast.Word(node.name.span, "key"), "number")  # not written anywhere
        return scope

    def _frame(self, kind: ScopeKind, outer: Scope, node: ast.Step | ast.Each) -> Scope:
        scope = Scope(kind, self.scopes.source, outer, node)
        self.scopes.frames.append(scope)
        return scope

    def _statement(self, command: ast.Command, scope: Scope, named: NamesIn) -> None:
        first = command.operands[0] if command.operands else None
        if named.operand == "name" and isinstance(first, ast.Name):
            self._keep(first, "question", command, scope)
        elif named.operand == "step" and isinstance(first, (ast.Name, ast.Ref)):
            self._lead(first if isinstance(first, ast.Name) else first.name, scope)
        if named.options:
            for option in command.options:
                self._option(option, scope, named.options)
            self._without_colon(command.operands, command, scope, named.options)

    def _without_colon(
        self, words: tuple[ast.Node, ...], node: ast.Command, scope: Scope, options: Mapping[str, str]
    ) -> None:
        """Read the name in `into order`, so that the missing colon is all that is reported."""
        for word, value in pairwise(words):
            if isinstance(word, ast.Name) and isinstance(value, ast.Name) and options.get(word.text) == "name":
                self._keep(value, "result", node, scope)

    def _option(self, option: ast.Option, scope: Scope, options: Mapping[str, str]) -> None:
        kind, value = options.get(option.name.text), option.value
        if kind == "name" and isinstance(value, ast.Name):
            self._keep(value, "result", option, scope)
        elif kind == "step" and isinstance(value, (ast.Name, ast.Ref)):
            self._lead(value if isinstance(value, ast.Name) else value.name, scope)

    def _lead(self, word: NameWord, scope: Scope) -> None:
        if word.text and word.text not in targets():
            self.scopes.targets.append(Place(word, scope))


def _type_of(node: ast.Node) -> str | None:
    """Return the type of what a `set` or a question gives a name; None if only the call knows it, as of one of several.

    Digits and words are a text.
    """
    if isinstance(node, ast.Set):
        return shown_type(node.value)
    if not isinstance(node, ast.Command):
        return None
    inside = () if node.block is None else node.block.entries
    options = {each.name.text for each in (*node.options, *inside) if isinstance(each, ast.Option)}
    flags = {each.text for each in node.operands[1:] if isinstance(each, ast.Name)}
    return "text" if _TEXTS & (options | flags) and _CHOICE not in options else None


class NamesIn(NamedTuple):
    """Where a statement has a name that it sets (`name`) or a step that it leads to (`step`).

    Attributes:
        operand: the kind of its first operand; None for other values.
        options: the kinds of its options, by name.
    """

    operand: str | None
    options: Mapping[str, str]


_NOTHING = NamesIn(None, {})


@lru_cache(maxsize=1024)
def names_in(verb: str) -> NamesIn:
    """Return where a statement has names and steps; an unknown verb has none."""
    spec = spec_of(verb)
    if spec is None:
        return _NOTHING
    operand = spec.operands[0].kind if spec.operands else None
    # `retry NAME` reads the name of a question; a statement with a result declares its name.
    is_kept = operand == "step" or (operand == "name" and spec.result is not None)
    options = {each.name: each.kind for each in (*spec.options, *spec.planned_options) if each.kind in ("name", "step")}
    return NamesIn(operand if is_kept else None, options) if is_kept or options else _NOTHING


def begins_call(node: ast.Declaration) -> bool:
    """Return whether a declaration is a statement with which a call begins; `fallback` is not."""
    if isinstance(node, ast.Command):
        return node.verb.text != _FALLBACK
    return isinstance(node, (ast.If, ast.Set, ast.Each))


def leads_to_step(verb: str) -> bool:
    """Return whether the operand of a statement is a step: `goto`, `do`, `fallback`."""
    return names_in(verb).operand == "step"
