"""The entries of a block: statements, options, the arms of a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.syntax.ast.nodes import Node

if TYPE_CHECKING:
    from ncco_lang.source import Span
    from ncco_lang.syntax.ast.nodes import Word
    from ncco_lang.syntax.ast.values import Key, Name, Number, Ref, Text, Value


class Option(Node):
    """`name: value`"""

    __slots__ = ("name", "value")

    def __init__(self, span: Span, name: Word, value: Value) -> None:
        self.span = span
        self.name = name
        self.value = value


class Block(Node):
    """`{ … }` after a statement or a declaration."""

    __slots__ = ("entries",)

    def __init__(self, span: Span, entries: tuple[Entry, ...]) -> None:
        self.span = span
        self.entries = entries


class Command(Node):
    """The one statement shape: `verb operand… option… block?`.

    A bare option (`premium`) is an operand here, and so is the word after a verb (`connect phone`): only the
    vocabulary tells them apart. `listed` are the indexes of the operands that a comma follows.
    """

    __slots__ = ("verb", "operands", "options", "block", "listed")

    def __init__(
        self,
        span: Span,
        verb: Word,
        operands: tuple[Value, ...],
        options: tuple[Option, ...],
        block: Block | None,
        listed: tuple[int, ...] = (),
    ) -> None:
        self.span = span
        self.verb = verb
        self.operands = operands
        self.options = options
        self.block = block
        self.listed = listed


class Branch(Node):
    """A condition of an `if` or `else if`, with its block."""

    __slots__ = ("condition", "block")

    def __init__(self, span: Span, condition: Value, block: Block) -> None:
        self.span = span
        self.condition = condition
        self.block = block


class If(Node):
    """`if … { … } else if … { … } else { … }`"""

    __slots__ = ("branches", "otherwise")

    def __init__(self, span: Span, branches: tuple[Branch, ...], otherwise: Block | None) -> None:
        self.span = span
        self.branches = branches
        self.otherwise = otherwise


class Set(Node):
    """`set name = value`"""

    __slots__ = ("name", "value")

    def __init__(self, span: Span, name: Word, value: Value) -> None:
        self.span = span
        self.name = name
        self.value = value


class Each(Node):
    """`each name in values { … }`"""

    __slots__ = ("name", "values", "block")

    def __init__(self, span: Span, name: Word, values: Value, block: Block) -> None:
        self.span = span
        self.name = name
        self.values = values
        self.block = block


class Jump(Node):
    """The target of an arm by its name, `order` or `book(slot)`; `arguments` is None without parentheses."""

    __slots__ = ("name", "arguments")

    def __init__(self, span: Span, name: Word, arguments: tuple[Value, ...] | None) -> None:
        self.span = span
        self.name = name
        self.arguments = arguments


class Status(Node):
    """`4xx`: a class of HTTP answers, as the pattern of an arm."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class Arm(Node):
    """`pattern, … -> target`"""

    __slots__ = ("patterns", "target")

    def __init__(self, span: Span, patterns: tuple[Pattern, ...], target: Target) -> None:
        self.span = span
        self.patterns = patterns
        self.target = target


if TYPE_CHECKING:
    # Unions cost at run time, and only annotations need them.
    Pattern: TypeAlias = Number | Status | Key | Text | Name | Ref
    Target: TypeAlias = Block | Jump | Command | Set
    Statement: TypeAlias = Command | If | Set | Each
    Entry: TypeAlias = Statement | Option | Arm
