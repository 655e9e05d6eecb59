"""Compile one statement of a flow, and evaluate one name, without the rest of the file.

Values from the environment may be secrets: a mark replaces them, and where a mark is not possible, nothing is shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ncco_lang.compiler import compile_statement
from ncco_lang.editor.analysis import Analysis
from ncco_lang.names.evaluate import Evaluator
from ncco_lang.names.symbols import read_names
from ncco_lang.project.params import Given
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.statement_specs import actions

_LONGEST_VALUE = 120


def action_of(analysis: Analysis, command: ast.Command) -> dict[str, Any] | None:
    """Return the action of one top-level statement of a flow; None if it has an error or must not be shown."""
    file = analysis.file
    if file is None or command.verb.text not in actions():
        return None
    options = analysis.settings.options
    shown_options = replace(options, params=masked(options.params))
    return compile_statement(analysis.source, file, analysis.syntax, command, shown_options)


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
    names = read_names(analysis.file)
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
