"""Write the bound program as text, for people who work on the compiler: one slot, operand or value a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, assert_never

from ncco_lang.program.model import (
    BoundArm,
    BoundDeclaration,
    BoundEach,
    BoundIf,
    BoundSet,
    BoundStatement,
    Program,
    Slot,
)
from ncco_lang.program.values import UNFIT, Deferred, Known
from ncco_lang.syntax import ast
from ncco_lang.values.data import Duration, Range, described, text_of

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value
    from ncco_lang.source import Source

_INDENT = "  "


def render_program(program: Program) -> str:
    """Return the bound program: each statement with its place, its slots by path, and what is inside it."""
    return "".join(f"{line}\n" for line in _lines(program, program.statements, ""))


def _lines(program: Program, bounds: Sequence[Bound], indent: str) -> Iterator[str]:
    for bound in bounds:
        yield from _of(program, bound, indent)


def _of(program: Program, bound: Bound, indent: str) -> Iterator[str]:
    below = indent + _INDENT
    match bound:
        case BoundStatement():
            title = bound.node.verb.text if bound.form is None else bound.form.title
            yield f"{indent}{title}{_place(program, bound.node)}"
            yield from (f"{below}{role} {_value(value)}" for role, value in bound.operands)
            yield from (f"{below}{_slot(program.source, slot)}" for slot in bound.slots)
            yield from (f"{below}? {word.text}" for word in bound.unknown)
            yield from _lines(program, bound.body, below)
        case BoundIf():
            yield f"{indent}if{_place(program, bound.node)}"
            for condition, body in bound.branches:
                yield f"{below}{'else' if condition is None else _value(condition)}"
                yield from _lines(program, body, below + _INDENT)
        case BoundEach():
            yield f"{indent}each {bound.node.name.text} in {_value(bound.values)}{_place(program, bound.node)}"
            yield from _lines(program, bound.body, below)
        case BoundSet():
            yield f"{indent}set {bound.node.name.text} = {_value(bound.value)}{_place(program, bound.node)}"
        case BoundArm():
            target = bound.node.target
            leads = (
                f" {target.name.text}({', '.join(map(_value, bound.arguments))})"
                if isinstance(target, ast.Jump)
                else ""
            )
            yield f"{indent}{', '.join(map(_value, bound.patterns))} ->{leads}{_place(program, bound.node)}"
            yield from _lines(program, bound.body, below)
        case BoundDeclaration():
            name = f" {bound.node.name.text}" if isinstance(bound.node, ast.Step) else ""
            yield f"{indent}{type(bound.node).__name__.lower()}{name}{_place(program, bound.node)}"
            yield from _lines(program, bound.body, below)
        case _:
            assert_never(bound)


def _place(program: Program, node: ast.Node) -> str:
    position = program.source.position(node.span.start)
    return f"  ({position.line}:{position.column})"


def _slot(source: Source, slot: Slot) -> str:
    """Return a slot: its path on the wire, its value there, the value in the flow if it differs, and its origin."""
    path = ".".join(map(str, slot.path)) or slot.option.name
    wire = "" if slot.wire is UNFIT else f" = {json.dumps(slot.wire, ensure_ascii=False)}"
    value = _value(slot.value)
    known = "" if wire == f" = {value}" else f" {value}"
    origin = "" if slot.origin is None else f"  from line {source.position(slot.origin.node.span.start).line}"
    return f"{path}{wire}{known}{origin}"


def _value(value: Value) -> str:
    match value:
        case Known():
            return _data(value.data)
        case Deferred():
            return f"deferred {value.type or 'value'} {json.dumps(value.expression, ensure_ascii=False, default=_data)}"
        case _:
            return "invalid"


def _data(data: Any) -> str:
    if type(data) is str or isinstance(data, (bool, list, dict)) or data is None:
        return json.dumps(data, ensure_ascii=False, default=_data)
    if isinstance(data, Duration):
        return f"{data.amount}{data.unit}"
    if isinstance(data, Range):
        return f"{data.low}..{data.high}"
    return text_of(data) or described(data)
