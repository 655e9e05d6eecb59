"""The bound program: what each statement means.

Plain slotted classes, because a flow has thousands of them. Nothing is changed after `bind_file` has made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ncco_lang.diagnostics import Diagnostic, Path
    from ncco_lang.program.bindings import Scopes
    from ncco_lang.program.declarations import Imports
    from ncco_lang.program.positions import Positions
    from ncco_lang.program.values import Value
    from ncco_lang.source import Source, Span
    from ncco_lang.syntax import ast
    from ncco_lang.vocabulary.option_specs import OptionSpec
    from ncco_lang.vocabulary.statement_specs import Form, StatementSpec


class Slot:
    """An option of a statement, with its value.

    Attributes:
        option: the option.
        path: its path on the wire, below the action.
        value: its value; the value of a nested block is an empty table, and slots with longer paths follow it.
        wire: the value as JSON; `UNFIT` if it has no form on the wire.
        name: the node that names the option: a flag, the name before a colon or a block; None for an operand.
        key: the place of the name, or of the verb for an operand.
        span: the place of the value.
        origin: the `default` line that gives the value; None for the statement's own.
    """

    __slots__ = ("key", "name", "option", "origin", "path", "span", "value", "wire")

    def __init__(
        self,
        option: OptionSpec,
        path: Path,
        value: Value,
        wire: Any,
        name: ast.Name | ast.Word | None,
        key: Span,
        span: Span,
        origin: DefaultLine | None = None,
    ) -> None:
        self.option = option
        self.path = path
        self.value = value
        self.wire = wire
        self.name = name
        self.key = key
        self.span = span
        self.origin = origin


class BoundStatement:
    """A statement of one line: an action, or a verb of the language.

    Attributes:
        node: the statement as its author wrote it.
        spec: what its verb takes; None for an unknown verb.
        form: the form that its words choose; None if the verb has no forms, or the words are missing.
        words: the words that choose the form.
        slots: its options in the author's order, the operand first, then those of defaults.
        operands: the operands that fill no option, with their roles.
        unknown: names of options that it does not have.
        wire: the action of `raw` as JSON; None for every other verb.
        body: what its block holds beside options, in written order: prompts, arms, conditions.
        speech: what it says itself, each text as the talk that it becomes, so that checks of actions read it too.
    """

    __slots__ = ("body", "form", "node", "operands", "slots", "spec", "speech", "unknown", "wire", "words")

    def __init__(
        self,
        node: ast.Command,
        spec: StatementSpec | None,
        form: Form | None = None,
        words: tuple[ast.Name, ...] = (),
        slots: tuple[Slot, ...] = (),
        operands: tuple[tuple[str, Value], ...] = (),
        unknown: tuple[ast.Word, ...] = (),
        body: tuple[Bound, ...] = (),
        wire: Any = None,
        speech: tuple[BoundStatement, ...] = (),
    ) -> None:
        self.node = node
        self.spec = spec
        self.form = form
        self.words = words
        self.slots = slots
        self.operands = operands
        self.unknown = unknown
        self.body = body
        self.wire = wire
        self.speech = speech

    @property
    def is_action(self) -> bool:
        """Whether it is an action of NCCO in a known form."""
        return self.form is not None and self.spec is not None and self.spec.kind == "action"


class BoundIf:
    """`if … { … } else { … }`: each branch is its condition and its statements; the condition of `else` is None."""

    __slots__ = ("branches", "node")

    def __init__(self, node: ast.If, branches: tuple[tuple[Value | None, tuple[Bound, ...]], ...]) -> None:
        self.node = node
        self.branches = branches


class BoundEach:
    """`each name in values { … }`"""

    __slots__ = ("body", "node", "values")

    def __init__(self, node: ast.Each, values: Value, body: tuple[Bound, ...]) -> None:
        self.node = node
        self.values = values
        self.body = body


class BoundSet:
    """`set name = value`"""

    __slots__ = ("node", "value")

    def __init__(self, node: ast.Set, value: Value) -> None:
        self.node = node
        self.value = value


class BoundArm:
    """`pattern, … -> target`: a target is a jump with its arguments, or statements."""

    __slots__ = ("arguments", "body", "node", "patterns")

    def __init__(
        self, node: ast.Arm, patterns: tuple[Value, ...], arguments: tuple[Value, ...], body: tuple[Bound, ...]
    ) -> None:
        self.node = node
        self.patterns = patterns
        self.arguments = arguments
        self.body = body


class BoundDeclaration:
    """A declaration with statements inside: a step, `anywhere`, `on`."""

    __slots__ = ("body", "node")

    def __init__(self, node: ast.Step | ast.Anywhere | ast.On | ast.Test, body: tuple[Bound, ...]) -> None:
        self.node = node
        self.body = body


class DefaultLine:
    """One `default` of the file.

    Attributes:
        node: the declaration.
        words: the words after the verb; empty for every form of the statement.
        tag: the language that it applies to.
        slots: its options by name, without the language.
        flags: bare words that name an option.
        used: names of the options that some statement took.
    """

    __slots__ = ("node", "slots", "tag", "used", "words")

    def __init__(
        self, node: ast.Default, words: tuple[ast.Name, ...], tag: ast.Tag | None, slots: dict[str, Slot]
    ) -> None:
        self.node = node
        self.words = words
        self.tag = tag
        self.slots = slots
        self.used: set[str] = set()


class Program:
    """A bound file.

    Attributes:
        source: the text.
        file: its tree.
        imports: what the names of `use` are in other files; None if it imports nothing.
        scopes: its names.
        statements: what is at the top level, in order: statements, and declarations that hold statements.
        tests: its tests, which are not part of what it compiles to.
        defaults: the `default` lines.
        positions: finds the places of items inside values.
        diagnostics: the findings.
        args: the defaults of its args by name.
        idle: findings that matter only without others: unused names and defaults.
    """

    __slots__ = (
        "args",
        "defaults",
        "diagnostics",
        "file",
        "idle",
        "imports",
        "positions",
        "scopes",
        "source",
        "statements",
        "tests",
    )

    def __init__(
        self,
        source: Source,
        file: ast.File,
        imports: Imports | None,
        scopes: Scopes,
        statements: tuple[Bound, ...],
        defaults: tuple[DefaultLine, ...],
        positions: Positions,
        diagnostics: list[Diagnostic],
        idle: list[Diagnostic],
        tests: tuple[BoundDeclaration, ...] = (),
        args: Mapping[str, Any] | None = None,
    ) -> None:
        self.source = source
        self.file = file
        self.imports = imports
        self.scopes = scopes
        self.statements = statements
        self.defaults = defaults
        self.positions = positions
        self.diagnostics = diagnostics
        self.idle = idle
        self.tests = tests
        self.args: Mapping[str, Any] = args or {}


if TYPE_CHECKING:
    # Unions cost at run time, and only annotations need them.
    Bound: TypeAlias = BoundStatement | BoundIf | BoundEach | BoundSet | BoundArm | BoundDeclaration
