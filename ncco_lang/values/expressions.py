"""Evaluate expressions: JSON data → values of the language.

A scalar is itself; all else is a list that begins with its operator: `["+", ["slot", 3], 1]`. So an expression can be
part of a file, and the compiler evaluates it with the same code as a call: a compiler that knows some of the values
gets a smaller expression, which during the call has the value that the whole one has.

    constants   ["number", "1.50"] ["duration", "2", "s"] ["tag", "en-GB"] ["key", "#"] ["word", "always"]
                ["date", "25 december"] ["time", "09:00-17:30"] ["range", "4", "6"] ["undefined"]
    references  ["slot", 3] ["call", "from"] ["language"] ["now"] ["open", "office"] ["opens", "office"] ["secret", "NAME"]
                ["declared", "which_town"] (a text in the current language, or an imported name)
    parts       ["member", x, "status"] ["list", x, y] ["object", key, x, key, y]
    operators   those of `OPERATORS`, with their operands, and ["and", x, y, …] ["or", x, y, …] ["default", x, y]
    texts       ["text", place, part, …]: a part is a text, which is not escaped, or ["put", x, filter, …], which is, or
                ["raw", x, filter, …]; a filter is a list, ["digits", "slow"]

`UNDEFINED` is the value of what is missing or of another type than an operator takes. Every comparison with it is false
(`!=` too), it is false in a condition, an empty word in a text, and left out of lists and objects.

An expression is compiled to functions (`compiling.py`), once where it is evaluated often, and these are called with an
`Evaluation`. Neither deep nor long expressions exhaust the stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ncco_lang.values.compiling import REFERENCES, compile_expression
from ncco_lang.values.constants import Shared, quote
from ncco_lang.values.data import type_of
from ncco_lang.values.environment import Environment, Unknown
from ncco_lang.values.evaluation import Evaluation, Expression, Fault


def evaluate(expression: Expression, environment: Environment, faults: list[Fault] | None = None) -> Any:
    """Return the value of an expression; never raises.

    Args:
        expression: JSON data; one that is malformed is undefined.
        environment: the values of references; one that it does not know is undefined.
        faults: gets why parts are undefined.
    """
    return compile_expression(expression)(_Evaluation(environment, faults))


def evaluate_partly(
    expression: Expression,
    environment: Environment,
    faults: list[Fault] | None = None,
    shared: Shared | None = None,
) -> Any:
    """Return the value of an expression, or an `Unknown` with what is left of the expression; never raises.

    Args:
        expression: JSON data; one that is malformed is undefined.
        environment: the values of references, or their types.
        faults: gets why parts are undefined.
        shared: that of expressions that have lists in common with this one.
    """
    return compile_expression(expression)(_Evaluation(environment, faults, is_partial=True, shared=shared))


def fold(expression: Expression, known: Environment, faults: list[Fault] | None = None) -> Expression:
    """Return a smaller expression: what the known names determine is evaluated, and only the rest is left."""
    value = evaluate_partly(expression, known, faults)
    return value.expression if isinstance(value, Unknown) else quote(value)


def type_of_expression(expression: Expression, types: Environment) -> str | None:
    """Return the type that the value of an expression has, `undefined` if it has none, None if that is not certain."""
    value = evaluate_partly(expression, types)
    return value.type if isinstance(value, Unknown) else type_of(value)


def check_types(expression: Expression, types: Environment) -> list[Fault]:
    """Return the operands that are of another type than their operator takes, whatever the values are."""
    faults: list[Fault] = []
    evaluate_partly(expression, types, faults)
    return faults


class _Evaluation(Evaluation):
    """An evaluation in an environment."""

    __slots__ = ("_environment",)

    def __init__(
        self,
        environment: Environment,
        faults: list[Fault] | None,
        *,
        is_partial: bool = False,
        shared: Shared | None = None,
    ) -> None:
        super().__init__(faults, is_partial=is_partial, shared=shared)
        self._environment = environment

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a reference."""
        return self._environment.look_up(reference)


def references(expression: Expression) -> Iterator[list[Any]]:
    """Yield each reference in an expression."""
    waiting = [expression]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list) and each:
            if each[0] in REFERENCES:
                yield each
            else:
                waiting += each[1:]
