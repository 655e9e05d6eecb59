"""Read what the statements of a flow give to names: constants, and the form of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ncco_lang.bundle import BlockId
from ncco_lang.program.model import BoundSet
from ncco_lang.program.values import Known
from ncco_lang.program.walk import walk
from ncco_lang.proof.reaching import Choices, Digits, Whole
from ncco_lang.proof.subject import Subject
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.values.constants import CONSTANTS, read_constant
from ncco_lang.values.data import Range

if TYPE_CHECKING:
    from ncco_lang.bundle import Expression
    from ncco_lang.program.model import Program
    from ncco_lang.program.values import Value

_MOST_ELEMENTS = 32


class WrittenValues:
    """What names get in a flow. What is made of a param can be anything: another profile may give another value."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.program = subject, subject.program
        bounds = walk(subject.program.statements)
        self._sets = {each.node.span: each for each in bounds if isinstance(each, BoundSet)}

    def of_set(self, at: BlockId, index: int, value: Expression) -> Choices:
        """Return what an action of a block sets its name to."""
        bound = self._sets.get(self.subject.places[at, index])
        return None if bound is None or reads_param(self.program, bound.value) else _constant(value)

    def of_answer(self, at: BlockId) -> Choices:
        """Return what a good answer is to the question that waits in a block."""
        statement = self.subject.statements.get(self.subject.places[at, -1])
        slots = () if statement is None else statement.slots
        value = next((slot.value for slot in slots if slot.option.name in ("digits", "one_of")), None)
        if type(value) is not Known or reads_param(self.program, value):
            return None
        assert statement is not None
        is_digits = any(slot.option.name == "digits" for slot in statement.slots)
        data: Any = value.data
        if isinstance(data, Range):
            low, high = data
            if not (isinstance(low, int) and isinstance(high, int) and low <= high):
                return None
            return (Digits(low, high) if is_digits else Whole(low, high),)
        if is_digits:
            return (Digits(data, data),) if isinstance(data, int) else None
        elements = tuple(data) if isinstance(data, (list, dict)) else ()
        return elements if 0 < len(elements) <= _MOST_ELEMENTS else None


def _constant(value: Expression) -> Choices:
    if not isinstance(value, list):
        return (value,)
    return (read_constant(value),) if value and value[0] in CONSTANTS else None


def reads_param(program: Program, condition: Value) -> bool:
    """Return whether a condition reads a param, or a name that is made of one."""
    scope, seen = program.scopes.call, set[str]()
    waiting: list[ast.Node] = [condition.node]
    while waiting:
        for node in nodes(waiting.pop()):
            name = node.text if isinstance(node, ast.Name) else node.name.text if isinstance(node, ast.Ref) else ""
            binding = scope.find(name) if name and name not in seen else None
            seen.add(name)
            if binding is None:
                continue
            if binding.kind in ("param", "import"):
                return True
            if isinstance(binding.node, ast.Let):
                waiting.append(binding.node.value)
    return False
