"""Find the statements in a part of a bound program, and what each word and value of a statement fills."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ncco_lang.program.model import BoundStatement, DefaultLine, Program, Slot
from ncco_lang.program.walk import begin_within, bound_statements
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.option_specs import OptionSpec


class Parts(NamedTuple):
    """The parts of a statement or a `default` by role.

    Attributes:
        verb: the word that begins it, or the verb of a `default`.
        words: the words after the verb that choose its form.
        names: names of options, flags and blocks of options; the option is None if the statement does not have it.
        values: the values, each with the option that it fills.
    """

    node: ast.Command | ast.Default
    verb: ast.Word
    words: tuple[ast.Name, ...]
    names: list[tuple[ast.Name | ast.Word, OptionSpec | None]]
    values: list[tuple[OptionSpec, ast.Value]]


def statements(program: Program, within: Span | None = None) -> Iterator[Parts]:
    """Yield the statements of a program, and its `default` lines.

    Args:
        within: only those at the top level that begin in this span, with what is in them.
    """
    yield from map(parts_of, bound_statements(begin_within(program.statements, within)))
    yield from map(parts_of, begin_within(program.defaults, within))


def parts_of(statement: BoundStatement | DefaultLine) -> Parts:
    """Return the parts of a statement or a `default` by role, without what other `default` lines add."""
    node, words = statement.node, statement.words
    if isinstance(statement, DefaultLine):
        slots = list(statement.slots.values())
        return Parts(node, node.verb, words, _names(slots), _values(slots))
    slots = [slot for slot in statement.slots if slot.origin is None]
    unknown: list[tuple[ast.Name | ast.Word, OptionSpec | None]] = [(word, None) for word in statement.unknown]
    return Parts(node, node.verb, words, unknown + _names(slots), _values(slots))


def _names(slots: list[Slot]) -> list[tuple[ast.Name | ast.Word, OptionSpec | None]]:
    return [(slot.name, slot.option) for slot in slots if slot.name is not None]


def _values(slots: list[Slot]) -> list[tuple[OptionSpec, ast.Value]]:
    return [(slot.option, slot.value.node) for slot in slots if slot.name is not slot.value.node]
