"""Compile one statement of a flow, and evaluate one name, without the rest of the file.

Values from the environment may be secrets: a mark replaces them, and where a mark is not possible, nothing is shown.
"""

from __future__ import annotations

import json
from typing import Any

from ncco_lang.compiler import compile_statement
from ncco_lang.editor.analysis import Analysis
from ncco_lang.program.values import UNFIT
from ncco_lang.syntax import ast
from ncco_lang.values.data import text_of, to_json, type_of
from ncco_lang.vocabulary.statement_specs import actions

_LONGEST_VALUE = 120


def action_of(analysis: Analysis, command: ast.Command) -> dict[str, Any] | None:
    """Return the action of one statement of a flow; None if it has an error or must not be shown."""
    program = analysis.shown_program
    if program is None or command.verb.text not in actions():
        return None
    return compile_statement(program, analysis.syntax, command)


def value_of(analysis: Analysis, name: str) -> Any:
    """Return the value of a param or a let; `UNFIT` if it is not known."""
    program = analysis.shown_program
    if program is None:
        return UNFIT
    names = program.positions.folder.names
    return names.value_of(name) if isinstance(names.declared.get(name), (ast.Param, ast.Let)) else UNFIT


def shown(value: Any) -> str:
    """Return a value as an author writes it, on one line, truncated."""
    written = _written(value, _LONGEST_VALUE)
    return written if len(written) <= _LONGEST_VALUE else f"{written[:_LONGEST_VALUE]}…"


def _written(value: Any, room: int) -> str:
    match type_of(value):
        case "text":
            return json.dumps(value[:room], ensure_ascii=False)
        case "null":
            return "null"
        case "list":
            return f"[{_joined([('', item) for item in value], room)}]"
        case "table":
            pairs = [(f"{json.dumps(key[:room], ensure_ascii=False)}: ", item) for key, item in value.items()]
            return f"{{ {_joined(pairs, room)} }}"
        case "undefined":
            return "…"
        case _:
            return text_of(value) or str(to_json(value))


def _joined(items: list[tuple[str, Any]], room: int) -> str:
    """Return values, each after its prefix, joined by commas, as many as fit."""
    pieces: list[str] = []
    for prefix, value in items:
        if room <= 0:
            pieces.append("…")
            break
        pieces.append(f"{prefix}{_written(value, room)}")
        room -= len(pieces[-1])
    return ", ".join(pieces)
