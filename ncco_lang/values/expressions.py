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

Neither deep nor long expressions exhaust the stack: the evaluator keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from ncco_lang.values.constants import CONSTANTS, Shared, quote, read_constant
from ncco_lang.values.data import DEEPEST_DATA, UNDEFINED, Undefined, from_json, text_of, type_of
from ncco_lang.values.environment import Environment, Unknown
from ncco_lang.values.escape import ESCAPES, without_tag
from ncco_lang.values.operators import CONDITION, FILTERS, KEY, OPERATORS, SPEAKABLE, Types

Expression: TypeAlias = Any
"""JSON data, as above."""

LONGEST_TEXT = 64 * 1024
"""Characters of one text with all that is put into it (language description, bounds: 64 KiB of compile-time text)."""
MOST_VALUES = 10_000
"""Values in one list or object, including those of nested lists and objects each time they are read."""
REFERENCES: Final = frozenset({"slot", "call", "language", "now", "open", "opens", "secret", "declared"})
"""The operators that only the environment has a value for."""
_PUTS: Final = frozenset({"put", "raw"})


FaultKind: TypeAlias = Literal["operand", "part", "unspeakable", "filter", "unreadable", "long", "many", "deep"]


class Fault(NamedTuple):
    """Why a value is undefined.

    Attributes:
        expression: the very list in the expression, not a copy, so that a caller can find its place by its `id`.
        kind: `operand` (of another type, or without a result), `part` (a list or table does not have it),
            `unspeakable` (cannot be read into a text), `filter` (there is none), `unreadable` (the filter cannot read the
            text out), `long` (a text), `many` (values), `deep` (lists and objects).
        details: the operands, each a value or an `Unknown`; for `and` and `or` the operand and its index in the list; for
            filters the filter and the text.
    """

    expression: Expression
    kind: FaultKind
    details: tuple[Any, ...] = ()


def evaluate(expression: Expression, environment: Environment, faults: list[Fault] | None = None) -> Any:
    """Return the value of an expression; never raises.

    Args:
        expression: JSON data; one that is malformed is undefined.
        environment: the values of references; one that it does not know is undefined.
        faults: gets why parts are undefined.
    """
    return Evaluator(environment, faults).evaluate(expression)


def fold(expression: Expression, known: Environment, faults: list[Fault] | None = None) -> Expression:
    """Return a smaller expression: what the known names determine is evaluated, and only the rest is left."""
    value = Evaluator(known, faults).evaluate_partly(expression)
    return value.expression if isinstance(value, Unknown) else quote(value)


def type_of_expression(expression: Expression, types: Environment) -> str | None:
    """Return the type that the value of an expression has, `undefined` if it has none, None if that is not certain."""
    value = Evaluator(types).evaluate_partly(expression)
    return value.type if isinstance(value, Unknown) else type_of(value)


def check_types(expression: Expression, types: Environment) -> list[Fault]:
    """Return the operands that are of another type than their operator takes, whatever the values are."""
    faults: list[Fault] = []
    Evaluator(types, faults).evaluate_partly(expression)
    return faults


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


class _Apply:
    """A step: apply an operator to its evaluated operands, which are the values from `start` on."""

    __slots__ = ("expression", "start")

    def __init__(self, expression: list[Any], start: int) -> None:
        self.expression = expression
        self.start = start


class _Forgive:
    """A step: drop the faults about missing parts from `start` on, because the author expects that they are missing."""

    __slots__ = ("start",)

    def __init__(self, start: int) -> None:
        self.start = start


class _Decide:
    """A step of `and` and `or`: read the operand in place `at`.

    Attributes:
        kept: the operands that are not known yet, and the one that decides, if there is one.
        decided: the number of faults when an operand decided the result; the rest is evaluated only for its faults.
    """

    __slots__ = ("at", "decided", "expression", "kept")

    def __init__(self, expression: list[Any], at: int, kept: list[Any], decided: int | None = None) -> None:
        self.expression = expression
        self.at = at
        self.kept = kept
        self.decided = decided


class Evaluator:
    """Evaluates one expression."""

    def __init__(
        self, environment: Environment, faults: list[Fault] | None = None, shared: Shared | None = None
    ) -> None:
        """Args: `shared` is that of expressions that have lists in common with this one."""
        self.environment = environment
        self.faults = [] if faults is None else faults
        self._shared = shared or Shared()
        self._is_partial = False
        self._work: list[Any] = []
        self._values: list[Any] = []

    def evaluate(self, expression: Expression) -> Any:
        """Return the value of an expression."""
        return self._run(expression)

    def evaluate_partly(self, expression: Expression) -> Any:
        """Return the value of an expression, or an `Unknown` with what is left of the expression."""
        self._is_partial = True
        return self._run(expression)

    def _run(self, expression: Expression) -> Any:
        work, values = self._work, self._values
        work.append(expression)
        while work:
            step = work.pop()
            kind = type(step)
            if kind is str:
                values.append(step)
            elif kind is list:
                self._open(step)
            elif kind is _Apply:
                operands = values[step.start :]
                del values[step.start :]
                values.append(self._apply(step.expression, operands))
            elif kind is _Decide:
                self._decide(step)
            elif kind is _Forgive:
                self._forgive(step.start)
            else:
                values.append(from_json(step, deepest=0))
        return values.pop()

    def _open(self, expression: list[Any]) -> None:
        """Put the operands of an expression on the stack; its value, if it has no operands."""
        name = expression[0] if expression and type(expression[0]) is str else ""
        work, values, operands = self._work, self._values, len(expression) - 1
        if name in _PUTS and operands:
            work += (_Apply(expression, len(values)), expression[1])
        elif name in REFERENCES:
            is_well_formed = all(isinstance(each, (str, int)) for each in expression)
            values.append(self._look_up(expression) if is_well_formed else UNDEFINED)
        elif name in CONSTANTS:
            values.append(read_constant(expression))
        elif name in ("and", "or") and operands:
            work += (_Decide(expression, 1, []), expression[1])
        elif _takes(name, operands):
            work.append(_Apply(expression, len(values)))
            if name == "text":
                work += expression[:1:-1]
            elif name == "default":
                work += (expression[2], _Forgive(len(self.faults)), expression[1])
            elif name == "defined":
                work += (_Forgive(len(self.faults)), expression[1])
            else:
                work += expression[:0:-1]
        else:
            values.append(UNDEFINED)

    def _look_up(self, reference: list[Any]) -> Any:
        value = self.environment.look_up(reference)
        if isinstance(value, Unknown):
            return Unknown(value.type, reference) if self._is_partial else UNDEFINED
        return value

    def _apply(self, expression: list[Any], operands: list[Any]) -> Any:
        match expression[0]:
            case "put" | "raw":
                return self._put(expression, operands[0])
            case "text":
                return self._text(expression, operands)
            case "list":
                return self._list(expression, operands)
            case "object":
                return self._object(expression, operands)
            case "default":
                return self._default(expression, *operands)
            case _:
                return self._operator(expression, operands)

    def _fault(self, expression: list[Any], kind: FaultKind, *details: Any) -> Undefined:
        self.faults.append(Fault(expression, kind, details))
        return UNDEFINED

    def _forgive(self, start: int) -> None:
        self.faults[start:] = [each for each in self.faults[start:] if each.kind != "part"]

    # ── Operators ─────────────────────────────────────────────────────────────────────────────────────

    def _operator(self, expression: list[Any], operands: list[Any]) -> Any:
        operator = OPERATORS[expression[0]]
        if any(operand is UNDEFINED for operand in operands):
            return operator.absent
        are_fit = all(fits(operand, types) for operand, types in zip(operands, operator.operands, strict=True))
        if not are_fit:
            self._fault(expression, "operand", *operands)
        if any(isinstance(operand, Unknown) for operand in operands):
            return left_of(expression[:1], operands, operator.result, self._shared)
        if not are_fit:
            return UNDEFINED
        result = operator.apply(*operands)
        if result is UNDEFINED:
            return self._fault(expression, "part" if expression[0] == "member" else "operand", *operands)
        return result

    def _default(self, expression: list[Any], value: Any, other: Any) -> Any:
        if not isinstance(value, Unknown):
            return other if value is UNDEFINED else value
        other_type = other.type if isinstance(other, Unknown) else type_of(other)
        found = value.type if value.type == other_type else None
        return left_of(expression[:1], [value, other], found, self._shared)

    def _decide(self, step: _Decide) -> None:
        """Read one operand of `and` or `or`, and evaluate the next one if it matters."""
        expression, at, kept, decided = step.expression, step.at, step.kept, step.decided
        value = self._values.pop()
        if not fits(value, CONDITION):
            self._fault(expression, "operand", value, at)
        if not isinstance(value, (bool, Unknown)):
            value = False
        neutral = expression[0] == "and"
        if decided is None and value is not neutral:
            kept.append(value)
            decided = None if isinstance(value, Unknown) else len(self.faults)
        if at + 1 < len(expression) and (decided is None or self._is_partial):
            self._work += (_Decide(expression, at + 1, kept, decided), expression[at + 1])
            return
        if decided is not None:
            self._forgive(decided)
        if any(isinstance(each, Unknown) for each in kept):
            self._values.append(left_of(expression[:1], kept, "bool", self._shared))
        else:
            self._values.append(kept[0] if kept else neutral)

    # ── Texts, lists and objects ──────────────────────────────────────────────────────────────────────

    def _text(self, expression: list[Any], operands: list[Any]) -> Any:
        place = expression[1]
        escape = ESCAPES.get(place) if isinstance(place, str) else None
        if escape is None:
            return UNDEFINED
        pieces: list[Any] = []
        length = 0
        for part, operand in zip(expression[2:], operands, strict=True):
            if not isinstance(operand, Unknown):
                text = text_of(operand) or ""
                is_raw = type(part) is not list or part[:1] == ["raw"]
                operand = text if is_raw else escape(text)
                length += len(operand)
            pieces.append(operand)
        if length > LONGEST_TEXT:
            return self._fault(expression, "long")
        if not any(isinstance(piece, Unknown) for piece in pieces):
            text = "".join(pieces)
            return without_tag(text) if place == "speech" and type(expression[2]) is list else text
        parts: list[Any] = []
        for is_text, group in groupby(pieces, lambda piece: isinstance(piece, str)):
            run = list(group)
            parts += ["".join(run)] if is_text else [piece.expression for piece in run]
        depth = 1 + max(piece.depth for piece in pieces if isinstance(piece, Unknown))
        return Unknown("text", ["text", place, *parts], depth)

    def _put(self, expression: list[Any], value: Any) -> Any:
        filters = expression[2:]
        if not filters and type(value) is str:
            return value
        if not fits(value, SPEAKABLE):
            self._fault(expression, "unspeakable", value)
        applied = [(each, FILTERS.get(tuple(map(str, each))) if isinstance(each, list) else None) for each in filters]
        if isinstance(value, Unknown):
            for each in (each for each, apply in applied if apply is None):
                self._fault(expression, "filter", each)
            return Unknown("text", [expression[0], value.expression, *filters], value.depth + 1)
        text = text_of(value)
        for at, (each, apply) in enumerate(applied):
            if text is None:
                return UNDEFINED
            if apply is None:
                self._fault(expression, "filter", each)
                return Unknown("text", [expression[0], text, *filters[at:]]) if self._is_partial else UNDEFINED
            filtered = apply(text)
            if filtered is None:
                self._fault(expression, "unreadable", each, text)
            text = filtered
        return UNDEFINED if text is None else text

    def _list(self, expression: list[Any], operands: list[Any]) -> Any:
        items = [operand for operand in operands if operand is not UNDEFINED]
        if any(isinstance(item, Unknown) for item in items):
            return left_of(["list"], items, "list", self._shared)
        return self._bounded(expression, items)

    def _object(self, expression: list[Any], operands: list[Any]) -> Any:
        left: list[Any] = []
        for key, value in zip(operands[::2], operands[1::2], strict=True):
            if not fits(key, KEY):
                self._fault(expression, "operand", key)
            if value is not UNDEFINED and isinstance(key, (str, Unknown)):
                left += (key, value)
        if any(isinstance(part, Unknown) for part in left):
            return left_of(["object"], left, "table", self._shared)
        return self._bounded(expression, {str(key): value for key, value in zip(left[::2], left[1::2], strict=True)})

    def _bounded(self, expression: list[Any], value: list[Any] | dict[str, Any]) -> Any:
        """Return a list or object, unless it has become too large."""
        size, depth = self._shared.measure(value)
        if size > MOST_VALUES:
            return self._fault(expression, "many")
        return self._fault(expression, "deep") if depth > DEEPEST_DATA else value


def _takes(name: str, operands: int) -> bool:
    """Return whether an operator that evaluates its operands first takes so many of them."""
    if name in OPERATORS:
        return operands == len(OPERATORS[name].operands)
    if name == "default":
        return operands == 2
    return name == "list" or (name == "text" and operands > 0) or (name == "object" and operands % 2 == 0)


def fits(value: Any, types: Types) -> bool:
    """Return whether a value is, or may be, of one of the types."""
    if types is None or value is UNDEFINED:
        return True
    found = value.type if isinstance(value, Unknown) else type_of(value)
    return found is None or found in types


def left_of(head: list[Any], operands: list[Any], type: str | None, shared: Shared) -> Unknown:
    """Return what is left of a list, from its first items and its operands, of which one or more are unknown."""
    depth = 1 + max(each.depth for each in operands if isinstance(each, Unknown))
    left = [each.expression if isinstance(each, Unknown) else shared.quote(each) for each in operands]
    return Unknown(type, [*head, *left], depth)
