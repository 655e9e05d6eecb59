"""Turn statements, entries of blocks and declarations into parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never

from ncco_lang.formatter.gaps import Gaps, Rows
from ncco_lang.formatter.parts import BLOCK, Between, Branches, Group, Options, Part, Row
from ncco_lang.formatter.values import add_arguments, add_value, text
from ncco_lang.syntax import ast

# `25december` is two tokens, but `25 december` is a date.
_DAY = re.compile(r"(?<![\w.:])(?<![0-9]-)[0-9]{1,2}\Z")
_MONTH = re.compile(r"(?:january|february|march|april|may|june|july|august|september|october|november|december)\b")


def add_entry(row: Row, gaps: Gaps, node: ast.Declaration | ast.Entry) -> None:
    """Fill the row of an entry of a block or a declaration."""
    parts = row.parts
    match node:
        case ast.Command():
            _add_command(parts, gaps, node)
        case ast.Option():
            parts.append(f"{node.name.text}: ")
            add_value(parts, gaps, node.value)
        case ast.Arm():
            _add_arm(row, gaps, node)
        case ast.If():
            parts.append(_branches(gaps, node))
        case ast.Set():
            _add_assignment(parts, gaps, f"set {node.name.text} = ", node.value)
        case ast.Each():
            _add_assignment(parts, gaps, f"each {node.name.text} in ", node.values)
            parts += [" ", block(gaps, node.block)]
        case ast.Let():
            _add_assignment(parts, gaps, f"let {node.name.text} = ", node.value)
        case ast.Param() | ast.Arg():
            keyword = "param" if isinstance(node, ast.Param) else "arg"
            parts.append(f"{keyword} {node.name.text}: {node.type.text}")
            if node.value is not None:
                _add_assignment(parts, gaps, " = ", node.value)
        case ast.Flow():
            parts += ["flow ", text(gaps, node.title)]
            _add_line(parts, gaps, (), node.options)
        case ast.Use():
            names = ", ".join([name.text for name in node.names])
            parts += [f"use {names} from ", text(gaps, node.path)]
        case ast.Default():
            parts.append(f"default {node.verb.text}")
            _add_line(parts, gaps, node.operands, node.options)
        case _:
            _add_declared(parts, gaps, node)


def _add_declared(
    parts: list[Part],
    gaps: Gaps,
    node: ast.Hours | ast.TextDeclaration | ast.Step | ast.Test | ast.On | ast.Anywhere,
) -> None:
    match node:
        case ast.Hours():
            parts += [f"hours {node.name.text} ", text(gaps, node.zone)]
        case ast.TextDeclaration():
            parts.append(f"text {node.name.text}")
        case ast.Step():
            parts.append(f"step {node.name.text}")
            if node.parameters is not None:
                add_arguments(parts, gaps, node.parameters, node.name.span.end, node.block.span.start)
        case ast.Test():
            parts += ["test ", text(gaps, node.name)]
        case ast.On():
            parts.append(f"on {node.event.text}")
        case ast.Anywhere():
            parts.append("anywhere")
        case _:
            assert_never(node)
    parts += [" ", block(gaps, node.block)]


def block(gaps: Gaps, node: ast.Block) -> Group:
    """Return a block, on one line if its author wrote it so, otherwise with one entry per line."""
    rows = Rows(gaps, node.span[0] + 1)
    for entry in node.entries:
        add_entry(rows.begin(entry), gaps, entry)
    rows.close(node.span[1] - 1)
    may_be_flat = len(node.entries) == 1 if gaps.text is None else gaps.is_on_one_line(node)
    return Group(BLOCK, rows.rows, rows.note, may_be_flat)


def _add_assignment(parts: list[Part], gaps: Gaps, before: str, value: ast.Value) -> None:
    parts.append(before)
    add_value(parts, gaps, value)


def _add_command(parts: list[Part], gaps: Gaps, node: ast.Command, *, least: int = 0) -> None:
    """Add a statement; `least` is the number of operands and options that must stay on its line."""
    parts.append(node.verb.text)
    count = len(node.options) if gaps.text is None else count_last_options(node)
    first = max(len(node.options) - count, least - len(node.operands))
    _add_line(parts, gaps, node.operands, node.options[:first], node.listed)
    options: list[list[Part]] = []
    line: list[Part] = []
    for option in node.options[first:]:
        options.append([f"{option.name.text}: "])
        add_value(options[-1], gaps, option.value)
        line += ["" if _is_date((line or parts)[-1], options[-1][0]) else " ", *options[-1]]
    own = None if node.block is None else block(gaps, node.block)
    if options:
        parts.append(Options(line, options, own))
    elif own is not None:
        parts += [" ", own]


def count_last_options(node: ast.Command) -> int:
    """Return the number of options after the last operand, which may move into the block without changing their order."""
    last = node.operands[-1].span[0] if node.operands else -1
    return sum(1 for option in node.options if option.span[0] > last)


def _is_date(before: Part, after: Part) -> bool:
    """Return whether a blank between two parts would turn them into a date, such as `25december`."""
    return isinstance(after, str) and isinstance(before, str) and bool(_MONTH.match(after) and _DAY.search(before))


def _add_line(
    parts: list[Part],
    gaps: Gaps,
    operands: Sequence[ast.Value],
    options: Sequence[ast.Option],
    listed: Sequence[int] = (),
) -> None:
    """Add operands and options in the order of the file, or operands first without a file."""
    nodes: list[ast.Value | ast.Option] = [*operands, *options]
    if gaps.text is not None and operands and options:
        nodes.sort(key=lambda node: node.span[0])
    with_comma = {operands[index] for index in listed}
    for node in nodes:
        at = len(parts)
        parts.append(" ")
        if isinstance(node, ast.Option):
            parts.append(f"{node.name.text}: ")
            add_value(parts, gaps, node.value)
        else:
            add_value(parts, gaps, node)
            if node in with_comma:
                parts.append(",")
        if _is_date(parts[at - 1], parts[at + 1]):
            parts[at] = ""


def _add_arm(row: Row, gaps: Gaps, node: ast.Arm) -> None:
    parts: list[Part] = []
    for pattern in node.patterns:
        if parts:
            parts.append(", ")
        add_value(parts, gaps, pattern)
    patterns = "".join([part for part in parts if isinstance(part, str)])
    row.head = len(patterns)
    row.parts.append(f"{patterns} -> ")
    target = node.target
    match target:
        case ast.Block():
            row.parts.append(block(gaps, target))
        case ast.Jump():
            row.parts.append(target.name.text)
            if target.arguments is not None:
                add_arguments(row.parts, gaps, target.arguments, target.name.span.end, target.span.end)
        case ast.Command():
            _add_command(row.parts, gaps, target, least=1)  # a verb alone would be a jump
        case ast.Set():
            _add_assignment(row.parts, gaps, f"set {target.name.text} = ", target.value)
        case _:
            assert_never(target)


def _branches(gaps: Gaps, node: ast.If) -> Branches:
    parts: list[Part] = []
    blocks: list[Group] = []
    end = 0
    branches: list[tuple[ast.Value | None, ast.Block]] = [(each.condition, each.block) for each in node.branches]
    if node.otherwise is not None:
        branches.append((None, node.otherwise))
    for condition, body in branches:
        if blocks:
            _add_else(parts, gaps, end, (condition or body).span.start)
        if condition is not None:
            _add_assignment(parts, gaps, " if " if blocks else "if ", condition)
        blocks.append(block(gaps, body))
        parts += [" ", blocks[-1]]
        end = body.span.end
    return Branches(parts, blocks)


def _add_else(parts: list[Part], gaps: Gaps, closed: int, follows: int) -> None:
    note = gaps.trailing(closed, follows)
    lines, _ = gaps.above(closed, None, follows)
    if note is not None or lines:
        parts += [Between(note, [line.text for line in lines]), "else"]
    else:
        parts.append(" else")
