"""Compile expressions to functions, one for each of their lists: an evaluation of a compiled expression only calls them.

Each function has the usual case of its operator, and leaves all others to `Evaluation`. The left operands of a chain, as in
`a + b + c`, are in one function, so that a long chain does not nest; what nests deeper than a flow may is undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import repeat
from typing import Any, Final, TypeAlias

from ncco_lang.values.constants import CONSTANTS, read_constant
from ncco_lang.values.data import UNDEFINED, classes_of, from_json, text_of
from ncco_lang.values.environment import Unknown
from ncco_lang.values.escape import ESCAPES, without_tag
from ncco_lang.values.evaluation import LONGEST_TEXT, Evaluation, Expression, fits, left_of
from ncco_lang.values.operators import CONDITION, FILTERS, OPERATORS

REFERENCES: Final = frozenset({"slot", "call", "language", "now", "open", "opens", "secret", "declared"})
"""The operators that only the environment has a value for."""
DEEPEST = 220
"""Operators in each other: an expression that only a call knows may have 100, and a list or table in it 100 more."""

Code: TypeAlias = Callable[[Evaluation], Any]
"""A compiled expression: it returns the value, or an `Unknown` with what is left of the expression."""


class Constant:
    """The code of an expression that has the same value in every environment."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, _: Evaluation) -> Any:
        return self.value


_UNDEFINED = Constant(UNDEFINED)


def compile_expression(expression: Expression, depth: int = 0) -> Code:
    """Return the code of an expression; a malformed one is undefined.

    Args:
        expression: JSON data.
        depth: how many operators it is in.
    """
    if type(expression) is str:
        return Constant(expression)
    if type(expression) is not list:
        return Constant(from_json(expression, deepest=0))
    if depth > DEEPEST:
        return lambda run: run.fault(expression, "deep")
    name = expression[0] if expression and type(expression[0]) is str else ""
    make = _MAKERS.get(name)
    return _UNDEFINED if make is None else make(expression, depth + 1)


# ── Leaves ────────────────────────────────────────────────────────────────────────────────────────────


def _constant(expression: list[Any], _: int) -> Code:
    return Constant(read_constant(expression))


def _reference(expression: list[Any], _: int) -> Code:
    if not all(isinstance(each, (str, int)) for each in expression):
        return _UNDEFINED

    def read(run: Evaluation) -> Any:
        value = run.look_up(expression)
        if type(value) is Unknown:
            return Unknown(value.type, expression) if run.is_partial else UNDEFINED
        return value

    return read


# ── Operators ─────────────────────────────────────────────────────────────────────────────────────────


def _unary(expression: list[Any], depth: int) -> Code:
    operator = OPERATORS[expression[0]]
    if len(expression) != 2:
        return _UNDEFINED
    operand, apply, classes = compile_expression(expression[1], depth), operator.apply, classes_of(operator.operands[0])

    def read(run: Evaluation) -> Any:
        value = operand(run)
        if type(value) in classes and (result := apply(value)) is not UNDEFINED:
            return result
        return run.operated(expression, value)

    return read


def _binary(expression: list[Any], depth: int) -> Code:
    if len(expression) != 3:
        return _UNDEFINED
    chain = [*_chain(expression)][::-1]
    # Few frames of Python for each operator that is in another.
    operands = list(map(compile_expression, [each[2] for each in chain], repeat(depth)))
    first, rest = compile_expression(chain[0][1], depth), list(map(_link, chain, operands))

    def read(run: Evaluation) -> Any:
        value = first(run)
        for each, operand, apply, lefts, rights in rest:
            other = operand(run)
            if type(value) not in lefts or type(other) not in rights or (result := apply(value, other)) is UNDEFINED:
                result = run.operated(each, value, other)
            value = result
        return value

    return read


def _chain(expression: list[Any]) -> Iterator[list[Any]]:
    """Yield an operator with two operands, then the one that is its first operand, and so on."""
    while True:
        yield expression
        first = expression[1]
        if type(first) is not list or len(first) != 3 or _MAKERS.get(_name(first)) is not _binary:
            return
        expression = first


def _name(expression: list[Any]) -> str:
    return expression[0] if type(expression[0]) is str else ""


def _link(expression: list[Any], operand: Code) -> tuple[list[Any], Code, Callable[..., Any], Any, Any]:
    """Return what a chain needs of an operator, whose second operand has this code."""
    operator = OPERATORS[expression[0]]
    lefts, rights = map(classes_of, operator.operands)
    return expression, operand, operator.apply, lefts, rights


def _defined(expression: list[Any], depth: int) -> Code:
    if len(expression) != 2:
        return _UNDEFINED
    operand = compile_expression(expression[1], depth)

    def read(run: Evaluation) -> Any:
        start = len(run.faults)
        value = operand(run)
        run.forgive(start)
        return run.operated(expression, value)

    return read


def _default(expression: list[Any], depth: int) -> Code:
    if len(expression) != 3:
        return _UNDEFINED
    operand, otherwise = map(compile_expression, expression[1:], repeat(depth))

    def read(run: Evaluation) -> Any:
        start = len(run.faults)
        value = operand(run)
        run.forgive(start)
        other = otherwise(run)
        if type(value) is Unknown:
            return run.default_left(expression, value, other)
        return other if value is UNDEFINED else value

    return read


def _decision(expression: list[Any], depth: int) -> Code:
    """Return the code of `and` or `or`."""
    operands, neutral = list(map(compile_expression, expression[1:], repeat(depth))), expression[0] == "and"
    if not operands:
        return _UNDEFINED

    def read(run: Evaluation) -> Any:
        if run.is_partial:
            return _partial_decision(run, expression, operands)
        for at, operand in enumerate(operands, 1):
            value = operand(run)
            if value is not True and value is not False:
                if not fits(value, CONDITION):
                    run.fault(expression, "operand", value, at)
                value = False
            if value is not neutral:
                return value
        return neutral

    return read


def _partial_decision(run: Evaluation, expression: list[Any], operands: list[Code]) -> Any:
    """Return the value of `and` or `or`, or what is left: after an operand that decides, only faults count."""
    neutral, kept, decided = expression[0] == "and", list[Any](), None
    for at, operand in enumerate(operands, 1):
        value = operand(run)
        if not fits(value, CONDITION):
            run.fault(expression, "operand", value, at)
        if type(value) is not Unknown and type(value) is not bool:
            value = False
        if decided is None and value is not neutral:
            kept.append(value)
            decided = None if type(value) is Unknown else len(run.faults)
    if decided is not None:
        run.forgive(decided)
    if any(type(each) is Unknown for each in kept):
        return left_of(expression[:1], kept, "bool", run.shared)
    return kept[0] if kept else neutral


# ── Texts, lists and objects ──────────────────────────────────────────────────────────────────────────


def _put(expression: list[Any], depth: int) -> Code:
    if len(expression) < 2:
        return _UNDEFINED
    operand = compile_expression(expression[1], depth)
    filters = [
        (each, FILTERS.get(tuple(map(str, each))) if isinstance(each, list) else None) for each in expression[2:]
    ]

    def read(run: Evaluation) -> Any:
        value = operand(run)
        return value if type(value) is str and not filters else run.put(expression, value, filters)

    return read


def _text(expression: list[Any], depth: int) -> Code:
    place, parts = expression[1] if len(expression) > 1 else None, expression[2:]
    escape = ESCAPES.get(place) if isinstance(place, str) else None
    if escape is None:
        return _UNDEFINED
    pieces: list[tuple[Code, Callable[[str], str] | None]] = []
    for part in parts:
        is_raw = type(part) is not list or part[:1] == ["raw"]
        pieces.append((compile_expression(part, depth), None if is_raw else escape))
    begins_with_value = place == "speech" and bool(parts) and type(parts[0]) is list

    def read(run: Evaluation) -> Any:
        texts: list[Any] = []
        length, is_known = 0, True
        for operand, escape in pieces:
            value = operand(run)
            if type(value) is Unknown:
                is_known = False
            else:
                text = value if type(value) is str else text_of(value) or ""
                value = text if escape is None else escape(text)
                length += len(value)
            texts.append(value)
        if length > LONGEST_TEXT:
            return run.fault(expression, "long")
        if not is_known:
            return run.text_left(expression[1], texts)
        return without_tag("".join(texts)) if begins_with_value else "".join(texts)

    return read


def _list(expression: list[Any], depth: int) -> Code:
    operands = list(map(compile_expression, expression[1:], repeat(depth)))
    return _made_once(operands, lambda run: run.list_of(expression, [operand(run) for operand in operands]))


def _object(expression: list[Any], depth: int) -> Code:
    if len(expression) % 2 == 0:
        return _UNDEFINED
    operands = list(map(compile_expression, expression[1:], repeat(depth)))
    return _made_once(operands, lambda run: run.table_of(expression, [operand(run) for operand in operands]))


def _made_once(operands: list[Code], code: Code) -> Code:
    """Return a constant in place of a code with constant operands, unless there is a fault to report each time."""
    if not all(type(operand) is Constant for operand in operands):
        return code
    run = Evaluation()
    value = code(run)
    return code if run.faults else Constant(value)


_MAKERS: Final[Mapping[str, Callable[[list[Any], int], Code]]] = {
    **{name: _unary if len(each.operands) == 1 else _binary for name, each in OPERATORS.items()},
    **dict.fromkeys(("and", "or"), _decision),
    **dict.fromkeys(CONSTANTS, _constant),
    **dict.fromkeys(REFERENCES, _reference),
    **dict.fromkeys(("put", "raw"), _put),
    "defined": _defined,
    "default": _default,
    "text": _text,
    "list": _list,
    "object": _object,
}
"""The first item of an expression → what makes its code."""
