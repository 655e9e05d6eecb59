"""Inlay hints: the value on the wire, where it is written differently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.editor.roles import statements
from ncco_lang.editor.types import Hint
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values import units
from ncco_lang.values.phone import e164_digits
from ncco_lang.vocabulary.option_specs import OptionSpec

if TYPE_CHECKING:
    from ncco_lang.editor.analysis import Analysis

_E164 = "what the platform gets: the number in E.164 form"


def hints(analysis: Analysis, span: Span) -> list[Hint]:
    """Return the hints in a span, in the order of the text."""
    program = analysis.program
    if program is None:
        return []
    found: list[Hint] = []
    numbers: set[str] = set()
    for statement in statements(program):
        for option, value in statement.values:
            if option.kind == "phone" and isinstance(value, ast.Name):
                numbers.add(value.text)
            elif value.span.touches(span):
                found += _of_value(option, value)
    for declaration in program.file.declarations:
        if isinstance(declaration, ast.Param | ast.Let) and declaration.span.touches(span):
            is_param = isinstance(declaration, ast.Param) and declaration.type.text == "phone"
            # A let has no type: it is a number if a statement uses it as one.
            if is_param or declaration.name.text in numbers:
                found += _phone(declaration.value)
    return sorted((hint for hint in found if span.start <= hint.offset <= span.end), key=lambda hint: hint.offset)


def _of_value(option: OptionSpec, value: ast.Value) -> Iterator[Hint]:
    if isinstance(value, ast.List) and option.item is not None:
        for item in value.items:
            yield from _of_value(option.item, item)
    elif option.single and option.item is not None:
        yield from _of_value(option.item, value)
    elif option.kind == "phone":
        yield from _phone(value)
    elif option.unit is not None and isinstance(value, ast.Duration) and value.unit != option.unit:
        amount = units.convert(value.amount, value.unit, option.unit)
        # A value that the platform cannot take is a finding, and never reaches the wire.
        if units.is_whole(amount) or "integer" not in option.types:
            text = f"{units.plain(amount)} {option.unit}"
            yield Hint(value.span.end, text, f"what the platform gets: {option.name} in {_UNITS[option.unit]}")


_UNITS = {"s": "seconds", "ms": "milliseconds"}


def _phone(value: ast.Value | None) -> Iterator[Hint]:
    """Yield the digits of a number that is written with more than a plus sign before them."""
    if isinstance(value, ast.Text) and all(isinstance(piece, ast.Piece) for piece in value.pieces):
        digits = e164_digits(value.value)
        if digits is not None and digits != value.value.removeprefix("+"):
            yield Hint(value.span.end, digits, _E164)
