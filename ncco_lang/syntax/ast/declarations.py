"""Declarations: the nodes at the top level of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.syntax.ast.nodes import Node

if TYPE_CHECKING:
    from ncco_lang.source import Span
    from ncco_lang.syntax.ast.nodes import Comment, Word
    from ncco_lang.syntax.ast.statements import Block, Option, Statement
    from ncco_lang.syntax.ast.values import Name, Tag, Text, Value


class Flow(Node):
    """`flow "Title" zone: "…"`"""

    __slots__ = ("title", "options")

    def __init__(self, span: Span, title: Text, options: tuple[Option, ...]) -> None:
        self.span = span
        self.title = title
        self.options = options


class Use(Node):
    """`use name, … from "file.flow"`"""

    __slots__ = ("names", "path")

    def __init__(self, span: Span, names: tuple[Word, ...], path: Text) -> None:
        self.span = span
        self.names = names
        self.path = path


class Parameter(Node):
    """`name: type` between the parentheses of a step."""

    __slots__ = ("name", "type")

    def __init__(self, span: Span, name: Word, type: Word) -> None:
        self.span = span
        self.name = name
        self.type = type


class Param(Node):
    """`param name: type = value`; `value` is None without a default."""

    __slots__ = ("name", "type", "value")

    def __init__(self, span: Span, name: Word, type: Word, value: Value | None) -> None:
        self.span = span
        self.name = name
        self.type = type
        self.value = value


class Arg(Node):
    """`arg name: type = value`; `value` is None without a default."""

    __slots__ = ("name", "type", "value")

    def __init__(self, span: Span, name: Word, type: Word, value: Value | None) -> None:
        self.span = span
        self.name = name
        self.type = type
        self.value = value


class Let(Node):
    """`let name = value`"""

    __slots__ = ("name", "value")

    def __init__(self, span: Span, name: Word, value: Value) -> None:
        self.span = span
        self.name = name
        self.value = value


class Default(Node):
    """`default verb options`: as a `Command`, operands are bare options, words of the verb and a language tag."""

    __slots__ = ("verb", "operands", "options")

    def __init__(self, span: Span, verb: Word, operands: tuple[Tag | Name, ...], options: tuple[Option, ...]) -> None:
        self.span = span
        self.verb = verb
        self.operands = operands
        self.options = options


class Hours(Node):
    """`hours name "Area/City" { … }`"""

    __slots__ = ("name", "zone", "block")

    def __init__(self, span: Span, name: Word, zone: Text, block: Block) -> None:
        self.span = span
        self.name = name
        self.zone = zone
        self.block = block


class TextDeclaration(Node):
    """`text name { tag: "…" }`"""

    __slots__ = ("name", "block")

    def __init__(self, span: Span, name: Word, block: Block) -> None:
        self.span = span
        self.name = name
        self.block = block


class Step(Node):
    """`step name(parameters) { … }`; `parameters` is None without parentheses."""

    __slots__ = ("name", "parameters", "block")

    def __init__(self, span: Span, name: Word, parameters: tuple[Parameter, ...] | None, block: Block) -> None:
        self.span = span
        self.name = name
        self.parameters = parameters
        self.block = block


class Test(Node):
    """`test "name" { … }`"""

    __slots__ = ("name", "block")

    def __init__(self, span: Span, name: Text, block: Block) -> None:
        self.span = span
        self.name = name
        self.block = block


class On(Node):
    """`on event { … }`"""

    __slots__ = ("event", "block")

    def __init__(self, span: Span, event: Word, block: Block) -> None:
        self.span = span
        self.event = event
        self.block = block


class Anywhere(Node):
    """`anywhere { … }`"""

    __slots__ = ("block",)

    def __init__(self, span: Span, block: Block) -> None:
        self.span = span
        self.block = block


class File(Node):
    """A whole file in written order, with every comment in it."""

    __slots__ = ("declarations", "comments")

    def __init__(self, span: Span, declarations: tuple[Declaration, ...], comments: tuple[Comment, ...] = ()) -> None:
        self.span = span
        self.declarations = declarations
        self.comments = comments


if TYPE_CHECKING:
    # Unions cost at run time, and only annotations need them.
    Declaration: TypeAlias = (
        Flow | Use | Param | Arg | Let | Default | Hours | TextDeclaration | Step | Test | On | Anywhere | Statement
    )
