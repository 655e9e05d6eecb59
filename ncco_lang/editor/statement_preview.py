"""Compile one statement of a flow, and evaluate one name, without the rest of the file.

Values from the environment may be secrets: a mark replaces them, and where a mark is not possible, nothing is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ncco_lang.checker import check_actions
from ncco_lang.checks.slots import check_slots
from ncco_lang.diagnostics import Diagnostic, Problem
from ncco_lang.editor.analysis import Analysis
from ncco_lang.names.evaluate import Evaluator
from ncco_lang.ncco.emit import emit_ncco
from ncco_lang.program.bind import bind_file
from ncco_lang.program.model import UNFIT, BoundStatement
from ncco_lang.project.params import Given
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.statement_specs import actions

_AROUND = (ast.Param, ast.Let, ast.Default, ast.Arg, ast.Hours, ast.TextDeclaration, ast.Step)
_LONGEST_VALUE = 120


def compile_statement(analysis: Analysis, command: ast.Command) -> dict[str, Any] | None:
    """Return the action of one top-level statement of a flow; None if it has an error or must not be shown.

    Errors elsewhere, or in the order of the statements, do not matter.
    """
    file = analysis.file
    if file is None or command.verb.text not in actions():
        return None
    around = tuple(each for each in file.declarations if isinstance(each, _AROUND))
    options = analysis.settings.options
    whole = ast.File(file.span, (*around, command))
    program = bind_file(whole, analysis.source, masked(options.params), options.base_url)
    statement = program.statements[-1]
    if not isinstance(statement, BoundStatement) or any(slot.wire is UNFIT for slot in statement.slots):
        return None
    # Options from a default are checked with the statement, wherever the default is.
    from_defaults = [slot.span for slot in statement.slots if slot.origin is not None]
    found = (*analysis.syntax, *program.diagnostics, *check_slots(program))
    here = (command.span, *from_defaults)
    if _has_errors(each for each in found if any(each.span.touches(span) for span in here)):
        return None
    ncco = emit_ncco(program, (statement,)).ncco
    return None if _has_errors(check_actions(ncco)) else ncco[0]


def masked(params: Mapping[str, Given]) -> dict[str, Given]:
    """Return the values of params, with a mark in place of each value from the environment."""
    return {
        name: replace(given, value=f"‹{name}›", from_env=False) if given.from_env else given
        for name, given in params.items()
    }


def value_of(analysis: Analysis, name: str) -> ast.Value | None:
    """Return the value of a param or a let as a literal; None if it is not known."""
    if analysis.file is None:
        return None
    names = analysis.names
    if not isinstance(names.get(name), (ast.Param, ast.Let)):
        return None
    folder = Evaluator(analysis.source, names, masked(analysis.settings.options.params))
    folder.fold_declared()
    value = folder.value_of(name)
    return None if isinstance(value, ast.Missing) else value


def shown(value: ast.Value) -> str:
    """Return a literal as an author writes it, on one line, truncated."""
    written = _written(value, _LONGEST_VALUE)
    return written if len(written) <= _LONGEST_VALUE else f"{written[:_LONGEST_VALUE]}…"


def _written(value: ast.Value, room: int) -> str:
    match value:
        case ast.Text():
            return json.dumps(value.value[:room], ensure_ascii=False)
        case ast.Duration():
            return value.amount + value.unit
        case ast.Constant():
            return json.dumps(value.value)
        case ast.Number() | ast.Tag() | ast.Key() | ast.Name() | ast.Date() | ast.TimeRange():
            return value.text
        case ast.List():
            return f"[{_joined([(None, item) for item in value.items], room)}]"
        case ast.Object():
            return f"{{ {_joined([(pair.key, pair.value) for pair in value.pairs], room)} }}"
        case _:
            return "…"


def _joined(items: list[tuple[ast.Text | None, ast.Value]], room: int) -> str:
    """Return values joined by commas, as many as fit."""
    pieces: list[str] = []
    for key, value in items:
        if room <= 0:
            pieces.append("…")
            break
        prefix = "" if key is None else f"{_written(key, room)}: "
        pieces.append(f"{prefix}{_written(value, room)}")
        room -= len(pieces[-1])
    return ", ".join(pieces)


def _has_errors(found: Iterable[Diagnostic | Problem]) -> bool:
    return any((each.severity or each.rule.severity) == "error" for each in found)
