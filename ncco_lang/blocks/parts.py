"""The parts of a bound statement as blocks have them: actions, expressions and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ncco_lang.blocks.draft import Draft
from ncco_lang.bundle import Action, BlockId, Exit, Expression, Fields, Name, QuestionId, Role, Say, SlotId
from ncco_lang.program.model import BoundArm, BoundEach, BoundStatement, Program, Slot
from ncco_lang.program.values import Deferred, Known
from ncco_lang.program.walk import inner
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.constants import quote
from ncco_lang.values.expressions import references
from ncco_lang.vocabulary.raw_options import RAW

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Binding, Scopes
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value


_CLOCK = frozenset({"now", "open", "opens"})
_REPORTS = frozenset({("call", "answered_by"), ("call", "status"), ("call", "keys")})
"""References to what the platform reports while a document is played."""


class NotLoweredError(Exception):
    """A statement whose blocks this version does not make. `span` is its place."""

    def __init__(self, what: str, span: Span) -> None:
        super().__init__(what)
        self.span = span


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement is: its step, and the questions around it with the block after the nearest one.

    Attributes:
        around: the questions in whose arms it is, the nearest one last.
        order: numbers the blocks of an arm of `anywhere` after those of its question.
        copy: the question for which an arm of `anywhere` is lowered, and the arm; None outside of these arms.
        role: who wants its actions.
    """

    step: str
    around: tuple[QuestionId, ...] = ()
    good: BlockId = -1
    order: int | None = None
    copy: tuple[QuestionId, BoundArm] | None = None
    role: Role = "written"

    @property
    def question(self) -> QuestionId | None:
        """The nearest question around it."""
        return self.around[-1] if self.around else None


class Lowering(Protocol):
    """What lowers the statements around a question and inside it."""

    program: Program
    draft: Draft
    anywhere: Sequence[Bound]

    def add(self, place: Place, exit: Exit, span: Span, actions: Sequence[tuple[Action, Span]] = ()) -> BlockId:
        """Add a block of a place, and return its index; the arguments are those of `Draft.add`."""

    def body(self, bounds: Sequence[Bound], follow: BlockId, place: Place) -> BlockId:
        """Return the first block of statements that another block follows."""

    def jump_to(self, name: str, arguments: tuple[Any, ...]) -> Exit:
        """Return the exit to a step; one that is not declared has its finding, and the paths up to it are checked."""


def say_of(bound: BoundStatement, role: Role = "written") -> Say:
    """Return the action of a statement. What `default talk` adds is the voice of the call's language, read later."""
    is_talk = bound.node.verb.text == "talk"
    sent = [slot for slot in bound.slots if slot.path or slot.option.kind == RAW]
    slots = [slot for slot in sent if slot.origin is None or not is_talk]
    words = tuple(word.text for word in bound.words)
    own = tuple((role, expression_of(value)) for role, value in bound.operands)
    return Say(bound.node.verb.text, words, (*own, *_fields(slots)), role)


def _fields(slots: Sequence[Slot]) -> Fields:
    """Return the options by name; a nested block is an object of its own options."""
    fields: list[tuple[str, Any]] = []
    blocks: dict[tuple[str | int, ...], list[Any]] = {}
    for slot in slots:
        holder = blocks.get(slot.path[:-1])
        value = ["object"] if slot.option.is_block else expression_of(slot.value)
        if slot.option.is_block:
            blocks[slot.path] = value
        if holder is None:
            fields.append((slot.option.name, value))
        else:
            holder += (slot.option.name, value)
    return tuple(fields)


def expression_of(value: Value) -> Any:
    """Return the expression of a value."""
    if isinstance(value, Deferred):
        return value.expression
    if not isinstance(value, Known):
        return ["undefined"]
    if isinstance(value.node, ast.Name) and isinstance(value.data, (list, dict)):
        return ["declared", value.node.text]
    return quote(value.data)


def operand_of(bound: Bound, role: str) -> Value | None:
    """Return the first operand with a role; None if there is none."""
    operands = bound.operands if isinstance(bound, BoundStatement) else ()
    return next((value for each, value in operands if each == role), None)


def operands_of(bound: BoundStatement, role: str) -> tuple[Any, ...]:
    """Return the expressions of the operands with a role."""
    return tuple(expression_of(value) for each, value in bound.operands if each == role)


def option_of(bound: BoundStatement, name: str, default: Any) -> Any:
    """Return the expression of an option, or what it is without a value."""
    return next((expression_of(slot.value) for slot in bound.slots if slot.option.name == name), default)


def each_of(bound: BoundEach, scopes: Scopes) -> tuple[SlotId, SlotId, Expression]:
    """Return the slots of the item and of `key` of an `each`, and the expression of its list."""
    names = scopes.scope_at(bound.node.block).names
    slot, key = names[bound.node.name.text].slot or 0, names["key"].slot or 0
    return slot, key, expression_of(bound.values)


def is_said(bound: Bound) -> bool:
    """Return whether a part of a question has prompts."""
    return isinstance(bound, BoundStatement) or (not isinstance(bound, BoundArm) and any(map(is_said, inner(bound))))


def volatility(expressions: Iterable[Expression], role: Role) -> Literal["clock", "reports"] | None:
    """Return how late expressions are read, as `Branch.volatile` has it.

    Args:
        role: of the actions around them. The prompts of a question stay together, so that the caller can interrupt them all.
    """
    read = {tuple(each[:2]) for expression in expressions for each in references(expression)}
    if read & _REPORTS:
        return "clock" if role == "prompt" else "reports"
    return "clock" if ("call", "duration") in read or any(each[0] in _CLOCK for each in read) else None


def arms_of(bound: BoundStatement) -> list[BoundArm]:
    """Return the arms in the block of a statement."""
    return [each for each in bound.body if isinstance(each, BoundArm)]


def verb_of(bound: Bound) -> str:
    """Return the verb of a statement, or the word of what holds others."""
    return bound.node.verb.text if isinstance(bound, BoundStatement) else type(bound.node).__name__.lower()


def name_of(binding: Binding, program: Program) -> Name:
    """Return a name that a call knows."""
    kind = binding.scope.kind
    scope: Literal["arg", "call", "frame"] = "arg" if kind == "file" else "call" if kind == "call" else "frame"
    default = quote(program.args[binding.name]) if scope == "arg" and binding.name in program.args else None
    return Name(binding.name, binding.type, scope, binding.is_secret, default)
