"""Apply operators to literals. Numbers are decimals, so that 0.1 + 0.2 is 0.3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException

from ncco_lang.names.literals import number_node
from ncco_lang.source import Span
from ncco_lang.syntax import ast

_ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}
_ORDER: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def negate(operator: str, operand: ast.Value, span: Span) -> ast.Value | None:
    """Apply `not` or minus to a value; None if it does not take the operator."""
    if operator == "not" and isinstance(operand, ast.Constant) and operand.value is not None:
        return ast.Constant(span, not operand.value)
    if operator == "-" and isinstance(operand, ast.Number):
        return number_node(-Decimal(operand.text), span)
    return None


def calculate(operator: str, left: ast.Value, right: ast.Value, span: Span) -> ast.Value | None:
    """Apply one operator to two literals; None if they do not take it, or the result is not finite."""
    if operator in ("==", "!="):
        return ast.Constant(span, (_plain(left) == _plain(right)) == (operator == "=="))
    if isinstance(left, ast.Number) and isinstance(right, ast.Number):
        try:
            if operator in _ARITHMETIC:
                return number_node(_ARITHMETIC[operator](Decimal(left.text), Decimal(right.text)), span)
            if operator in _ORDER:
                return ast.Constant(span, _ORDER[operator](Decimal(left.text), Decimal(right.text)))
        except DecimalException:
            return None
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant) and operator in ("and", "or"):
        if left.value is None or right.value is None:
            return None
        return ast.Constant(span, left.value and right.value if operator == "and" else left.value or right.value)
    return None


def _plain(value: ast.Value) -> object:
    """Return a Python value that is equal for equal literals."""
    match value:
        case ast.Number():
            return Decimal(value.text)
        case ast.Constant() | ast.Text():
            return value.value
        case ast.Duration():
            return (Decimal(value.amount), value.unit)
        case _:
            return ast.dump(value)
