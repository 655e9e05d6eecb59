"""The names of a flow: bindings in scopes, which are looked up from the inside out.

A name belongs to a file (`param`, `let`, `arg`, `hours`, `text`, `step`), to the call (`set`, `into:`, the name of a
question), to a step (its parameters) or to the block of an `each` (its name and `key`). The order of the scopes is block,
step, call, file, imported names. `read_scopes` makes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from ncco_lang.program.declarations import Imported
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import targets
from ncco_lang.vocabulary.statement_specs import spec_of

ScopeKind: TypeAlias = Literal["import", "file", "call", "step", "block"]
BindingKind: TypeAlias = Literal[
    "param",
    "let",
    "arg",
    "hours",
    "text",
    "step",
    "import",
    "parameter",
    "each",
    "key",
    "variable",
    "result",
    "question",
]
NameWord: TypeAlias = "ast.Word | ast.Name"
"""A name in the text: `into: x` has a value there, and all else a word."""


class Binding:
    """A name and its meaning. It does not change, and is compared by identity.

    Attributes:
        words: where it is declared; for a name of the call, wherever a statement sets it; empty for `key`, and for
            what only other files set.
        node: its declaration; for a name of the call, the first `Set`, `Command` or `Option` that sets it.
        scope: where it is visible.
        type: the type that its declaration has; None without one.
        slot: its index in the table of the names that a call knows; None if it is fixed when compiling.
        is_secret: its value comes from a secret answer or a secret arg; `mark_secrets` sets it.
        origin: for an imported name, its other file and its declaration there, as far as they are known; for a name of
            the call, the place in another file that sets it too.
    """

    __slots__ = ("is_secret", "kind", "name", "node", "origin", "scope", "slot", "type", "words")

    def __init__(
        self,
        name: str,
        kind: BindingKind,
        words: tuple[NameWord, ...],
        node: ast.Node,
        scope: Scope,
        type: str | None = None,
        slot: int | None = None,
        origin: Imported | None = None,
    ) -> None:
        self.name = name
        self.kind: BindingKind = kind
        self.words = words
        self.node = node
        self.scope = scope
        self.type = type
        self.slot = slot
        self.origin = origin
        self.is_secret = False

    @property
    def elsewhere(self) -> tuple[Span, Source] | None:
        """The place in another file that declares or sets it; None if it is in this file or not known."""
        origin = self.origin
        if origin is None or origin.source is None:
            return None
        if origin.declaration is not None:
            return origin.declaration.name.span, origin.source
        return None if self.words else (origin.word.span, origin.source)


class Scope:
    """The names of one part of a flow. `node` is the `Step` or the `Each` that opens it."""

    __slots__ = ("kind", "names", "node", "parent", "source")

    def __init__(self, kind: ScopeKind, source: Source, parent: Scope | None, node: ast.Node | None = None) -> None:
        self.kind: ScopeKind = kind
        self.source = source
        self.parent = parent
        self.node = node
        self.names: dict[str, Binding] = {}

    def find(self, name: str) -> Binding | None:
        """Return what a name means here; None if it is not declared."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def __iter__(self) -> Iterator[str]:
        """Yield the names that can be read here, from the inside out; a hidden name too."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            scope = scope.parent

    def visible(self) -> dict[str, Binding]:
        """Return every name that can be read here."""
        found: dict[str, Binding] = {} if self.parent is None else self.parent.visible()
        return {**found, **self.names}

    @property
    def step(self) -> ast.Step | None:
        """The step that contains it."""
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.node, ast.Step):
            scope = scope.parent
        return None if scope is None or not isinstance(scope.node, ast.Step) else scope.node


class Place(NamedTuple):
    """A word of a statement that sets a name or leads to a step, and the scope in which it is."""

    word: NameWord
    scope: Scope


class Scopes:
    """The names of a file.

    Attributes:
        file: the tree; it keeps the nodes alive whose ids are the keys of the side table.
        import_scope: the imported names, outermost; `file_scope` and `call` are inside it, in this order.
        call: the names of the call, and the scope of statements outside of steps.
        bindings: every declaration, in the order of the text, with those that repeat a name; names of the call last.
        slots: the names that a call knows, in the order of appearance.
        assignments: every place that sets a name of the call or an `arg`.
        sets: the `set` statements of each name, in the order of the text.
        targets: every place that leads to a step.
        frames: the scopes of steps and of `each`, an outer one before those inside it.
    """

    __slots__ = (
        "_at",
        "assignments",
        "bindings",
        "call",
        "file",
        "file_scope",
        "frames",
        "import_scope",
        "sets",
        "slots",
        "source",
        "targets",
    )

    def __init__(self, file: ast.File, source: Source) -> None:
        self.file = file
        self.source = source
        self.import_scope = Scope("import", source, None)
        self.file_scope = Scope("file", source, self.import_scope)
        self.call = Scope("call", source, self.file_scope)
        self.bindings: list[Binding] = []
        self.slots: list[Binding] = []
        self.assignments: list[Place] = []
        self.sets: dict[str, list[ast.Set]] = {}
        self.targets: list[Place] = []
        self.frames: list[Scope] = []
        self._at: dict[int, Scope] = {}

    @property
    def has_steps(self) -> bool:
        """Whether the file declares or imports a step."""
        return any(binding.kind in ("step", "import") for binding in self.bindings)

    def is_statement(self, jump: ast.Jump) -> bool:
        """Return whether the target of an arm is a statement without operands, `-> record`, and not a step of its name."""
        name = jump.name.text
        is_verb = spec_of(name) is not None and name not in targets()
        return is_verb and jump.arguments is None and name not in self.file_scope.names

    def scope_at(self, node: ast.Node) -> Scope:
        """Return the scope of a statement, an arm, or the contents of a block of the tree."""
        return self._at.get(id(node), self.call)

    def scope_around(self, offset: int) -> Scope:
        """Return the innermost scope at an offset of the text."""
        around = self.call
        for frame in self.frames:
            if isinstance(frame.node, (ast.Step, ast.Each)) and frame.node.block.span.touches(Span(offset, offset)):
                around = frame
        return around

    def place(self, node: ast.Node, scope: Scope) -> None:
        """Record the scope of a node of the tree."""
        self._at[id(node)] = scope
