"""Turn values into parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ncco_lang.formatter.gaps import Gaps, Rows
from ncco_lang.formatter.parts import ARGUMENTS, LIST, OBJECT, Group, Part, Style, on_one_line
from ncco_lang.formatter.texts import long_text
from ncco_lang.syntax import ast

_CONSTANTS = {True: "true", False: "false", None: "null"}


def add_value(parts: list[Part], gaps: Gaps, node: ast.Value | ast.Pair | ast.Parameter | ast.Status) -> None:
    """Add a row's value, or a part of one, to its parts."""
    match node:
        case ast.Text():
            parts.append(text(gaps, node))
        case ast.Name() | ast.Number() | ast.Tag() | ast.Key() | ast.Date() | ast.TimeRange() | ast.Status():
            parts.append(node.text)
        case ast.Duration():
            parts.append(node.amount + node.unit)
        case ast.Constant():
            parts.append(_CONSTANTS[node.value])
        case ast.Ref():
            _add_ref(parts, gaps, node)
        case ast.Pair():
            parts += [text(gaps, node.key), ": "]
            add_value(parts, gaps, node.value)
        case ast.List():
            rows = Rows(gaps, node.span[0] + 1)
            for item in node.items:
                add_value(rows.begin(item).parts, gaps, item)
            rows.close(node.span[1] - 1)
            add_fold(parts, LIST, rows, len(node.items) == 1 and isinstance(node.items[0], (ast.List, ast.Object)))
        case ast.Object():
            rows = Rows(gaps, node.span[0] + 1)
            for pair in node.pairs:
                add_value(rows.begin(pair).parts, gaps, pair)
            rows.close(node.span[1] - 1)
            parts.append(Group(OBJECT, rows.rows, rows.note))
        case ast.Chain():
            add_value(parts, gaps, node.operands[0])
            for operator, operand in zip(node.operators, node.operands[1:], strict=True):
                parts.append(f" {operator.text} ")
                add_value(parts, gaps, operand)
        case ast.Group():
            parts.append("(")
            add_value(parts, gaps, node.value)
            parts.append(")")
        case ast.Unary():
            parts.append("not " if node.operator.text == "not" else node.operator.text)
            add_value(parts, gaps, node.operand)
        case ast.Range():
            parts.append(f"{node.low.text}..{node.high.text}")
        case ast.Parameter():
            parts.append(f"{node.name.text}: {node.type.text}")
        case ast.Missing():
            pass  # the parser reports it as an error, and such a file is not formatted
        case _:
            assert_never(node)


def _add_ref(parts: list[Part], gaps: Gaps, node: ast.Ref) -> None:
    parts.append(node.name.text)
    for trailer in node.trailers:
        match trailer:
            case ast.Field():
                parts.append("." + trailer.name.text)
            case ast.Index():
                parts.append("[")
                add_value(parts, gaps, trailer.value)
                parts.append("]")
            case ast.Arguments():
                add_arguments(parts, gaps, trailer.values, *trailer.span)
            case _:
                assert_never(trailer)


def add_arguments(
    parts: list[Part], gaps: Gaps, values: Sequence[ast.Value | ast.Parameter], start: int, end: int
) -> None:
    """Add values in round brackets.

    Args:
        parts: the parts that precede them.
        gaps: the comments of the file.
        values: the values, or the parameters of a step.
        start: the offset of the opening bracket, or any offset before it on the same line.
        end: the offset after the closing bracket, or any later one with no comment in between.
    """
    rows = Rows(gaps, start)
    for value in values:
        add_value(rows.begin(value).parts, gaps, value)
    rows.close(end)
    add_fold(parts, ARGUMENTS, rows, len(values) == 1)


def add_fold(parts: list[Part], style: Style, rows: Rows, is_close: bool) -> None:
    """Add brackets; with `is_close` their content is next to them, even over several lines."""
    if is_close and rows.note is None and len(rows.rows) == 1 and rows.rows[0].is_bare:
        parts += [style.opening, *rows.rows[0].parts, style.closing]
    else:
        parts.append(Group(style, rows.rows, rows.note))


def text(gaps: Gaps, node: ast.Text) -> Part:
    """Return a text in its quotes."""
    pieces = node.pieces
    if len(pieces) == 1 and isinstance(pieces[0], ast.Piece):
        content = pieces[0].written
    else:
        content = "".join(
            [piece.written if isinstance(piece, ast.Piece) else _interpolation(gaps, piece) for piece in pieces]
        )
    if not node.is_long:
        return f'"{content}"'
    return long_text(content, gaps.is_on_one_line(node))


def _interpolation(gaps: Gaps, node: ast.Interpolation) -> str:
    parts: list[Part] = ["{"]
    add_value(parts, gaps, node.value)
    for item in node.filters:
        parts.append(f" | {item.name.text}")
        if item.arguments is not None:
            add_arguments(parts, gaps, item.arguments, item.name.span.end, item.span.end)
    parts.append("}")
    flat = on_one_line(parts)
    # The list of comments does not have those between braces, so braces with a comment stay as written.
    written = flat if gaps.text is None else gaps.text[slice(*node.span)]
    return written if written.count("//") != flat.count("//") else flat
