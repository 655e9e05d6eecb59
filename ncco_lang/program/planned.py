"""Say what only a later version compiles: `schemas/flow-statements.json` has these statements and options as planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.declarations import word_of
from ncco_lang.program.verbs import first_line
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import not_yet
from ncco_lang.vocabulary.language_words import planned_verbs, today_of, words_in
from ncco_lang.vocabulary.statement_specs import spec_of

if TYPE_CHECKING:
    from ncco_lang.vocabulary.statement_specs import StatementSpec


def planned_part(command: ast.Command) -> tuple[str, str | None] | None:
    """Return what only a later version compiles, as arguments of `not_yet`; None if this version compiles it all."""
    verb = command.verb.text
    if verb in planned_verbs():
        return f'"{verb}"', words_in("statements")[verb].today
    spec = spec_of(verb)
    # `record into message` lacks its colon; this version would not read the rest either.
    has_into = spec is not None and any(option.name == "into" for option in spec.options)
    if not has_into and any(isinstance(operand, ast.Name) and operand.text == "into" for operand in command.operands):
        return f'"{verb}" with into', today_of("outcome")
    if not command.options and command.block is None:
        return None
    if spec is None:
        return None
    options = {option.name: option.today for option in spec.planned_options}
    entries = command.block.entries if command.block is not None else ()
    for option in (*command.options, *entries):
        if isinstance(option, ast.Command) and option.verb.text == "on" and option.block is not None:
            return f'"{verb}" with on', today_of("outcome")
        if isinstance(option, ast.Option) and option.name.text in options:
            return f'"{verb}" with {option.name.text}:', options[option.name.text]
    if spec.block is not None:
        return None
    for entry in entries:
        if isinstance(entry, ast.Arm) and _is_later(spec):
            return f'"{verb}" with {_in_words(entry)}', _today(entry)
    return None


def planned_outcome(spec: StatementSpec, outcome: str) -> tuple[str, str | None] | None:
    """Return an outcome that only a later version routes, as arguments of `not_yet`; None if this version routes it."""
    if outcome not in spec.planned_arms:
        return None
    return f'the arm "{outcome}"', words_in("arms")[outcome].today


def _is_later(spec: StatementSpec) -> bool:
    return bool(spec.planned_arms) and not spec.arms


def is_planned(node: ast.Declaration | ast.Entry) -> bool:
    """Return whether only a later version compiles a declaration, or an entry that holds others."""
    if isinstance(node, ast.Arm | ast.Option):
        return False
    return words_in("statements")[word_of(node)].planned


def not_compiled(source: Source, node: ast.Declaration | ast.Entry) -> Diagnostic:
    """Return the finding for a declaration or an entry that only a later version compiles."""
    return not_yet(source, first_line(source, node.span), _in_words(node), _today(node))


def _in_words(node: ast.Declaration | ast.Entry) -> str:
    match node:
        case ast.TextDeclaration():
            return 'the declaration "text"'
        case ast.Arm():
            return "an arm (->)"
        case _:
            return f'"{word_of(node)}"'


def _today(node: ast.Declaration | ast.Entry) -> str | None:
    """Return what to write instead of something that a later version compiles."""
    return today_of("outcome") if isinstance(node, ast.Arm) else words_in("statements")[word_of(node)].today
