"""What a call knows at a position of a flow: which names every path has set, and their types.

A mark, a statement that says nothing, is put at the position, and the program is lowered with it. Statements that cannot be
lowered are left out, so that half-typed flows have an answer too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import and_
from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.blocks.lower import lower_program
from ncco_lang.blocks.parts import NotLoweredError
from ncco_lang.blocks.set_names import SetNames, given_names
from ncco_lang.blocks.slot_types import find_slot_types
from ncco_lang.bundle import SlotId
from ncco_lang.compiler import CompileOptions, bind_parsed
from ncco_lang.program.bindings import Binding
from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundEach, BoundIf, BoundStatement, Program
from ncco_lang.program.walk import walk
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound

_JSON = frozenset({"result"})
_Bodies: TypeAlias = "Callable[[Sequence[Bound]], tuple[Bound, ...]]"
MOST_STATEMENTS = 250
"""The size of a flow whose paths are followed at each key; a larger one is followed for hover only."""


@dataclass(frozen=True, slots=True)
class CallNames:
    """What a call knows at a position.

    Attributes:
        types: the types of names, of those that have one.
        is_set: whether every path to the position has set a name; None where no path is known.
    """

    types: Mapping[SlotId, str | None] = field(default_factory=dict)
    is_set: Callable[[SlotId], bool] | None = None

    def type_of(self, binding: Binding) -> str | None:
        """Return the type of a name of a call; None if it can be of several."""
        if binding.kind in _JSON:
            return "JSON"
        return binding.type if binding.slot is None else self.types.get(binding.slot, binding.type)

    def may_be_unset(self, binding: Binding) -> bool:
        """Return whether some path to the position has not set a name."""
        return self.is_set is not None and binding.slot is not None and not self.is_set(binding.slot)


NOTHING = CallNames()


def call_names_at(program: Program, offset: int, most: int | None = None) -> CallNames:
    """Return what a call knows at an offset.

    Args:
        most: the number of statements above which the paths are not followed; None for no limit.
    """
    if not program.scopes.slots or (most is not None and _is_large(program, most)):
        return NOTHING
    mark = _mark()
    marked = copy(program)
    if _is_run(program, offset):
        marked.statements = _with_mark(program.statements, offset, mark)
    try:
        graph, places = lower_program(marked, skips=True)
    except NotLoweredError:
        return NOTHING
    types = find_slot_types(graph).of_slots
    # A mark in `anywhere` is in every question.
    found = [place for place, span in places.items() if span == mark.node.span]
    if not found:
        return CallNames(types)
    known = SetNames(graph, given_names(program.scopes), trusts_reads=False)
    bits = reduce(and_, (known.before(*place) for place in found)) | ~known.names
    return CallNames(types, lambda slot: bool(bits >> slot & 1))


def _is_large(program: Program, most: int) -> bool:
    return any(number >= most for number, _ in enumerate(walk(program.statements)))


@cache
def _mark() -> BoundStatement:
    """Return the statement of the mark, whose place is in no text."""
    source = Source("", 'talk ""')
    bound = bind_parsed(source, parse_flow(source)[0], CompileOptions()).statements[0]
    assert isinstance(bound, BoundStatement)
    node = ast.Command(Span(-2, -2), bound.node.verb, bound.node.operands, (), None)
    return BoundStatement(node, bound.spec, bound.form, slots=bound.slots)


def _is_run(program: Program, offset: int) -> bool:
    """Return whether a statement at an offset is run in a call: in a step, or outside of steps in a file without them."""
    around = next((each for each in program.file.declarations if _holds(each, offset)), None)
    if around is None or isinstance(around, ast.Command | ast.If | ast.Set | ast.Each):
        return not program.scopes.has_steps
    return isinstance(around, ast.Step | ast.Anywhere)


# ── Where the mark is put ─────────────────────────────────────────────────────────────────────────────


def _with_mark(bounds: Sequence[Bound], offset: int, mark: BoundStatement) -> tuple[Bound, ...]:
    """Return statements with the mark at an offset: between two of them, before one, or inside it."""
    at = next((index for index, each in enumerate(bounds) if offset <= each.node.span.end), len(bounds))
    if at < len(bounds) and bounds[at].node.span.start < offset:
        inside = _inside(bounds[at], offset, lambda body: _with_mark(body, offset, mark))
        if inside is not None:
            return (*bounds[:at], inside, *bounds[at + 1 :])
    return (*bounds[:at], mark, *bounds[at:])


def _inside(bound: Bound, offset: int, marked: _Bodies) -> Bound | None:
    """Return a statement with the mark in one of its blocks; None if the offset is in none of them."""
    match bound:
        case BoundDeclaration() if _holds(bound.node.block, offset):
            is_step = isinstance(bound.node, ast.Step | ast.On)
            return BoundDeclaration(bound.node, marked(bound.body)) if is_step else _in_entry(bound, offset, marked)
        case BoundEach() if _holds(bound.node.block, offset):
            return BoundEach(bound.node, bound.values, marked(bound.body))
        case BoundIf():
            blocks = [*(each.block for each in bound.node.branches), bound.node.otherwise]
            at = next((index for index, each in enumerate(blocks) if each is not None and _holds(each, offset)), None)
            if at is None or at >= len(bound.branches):
                return None
            condition, body = bound.branches[at]
            return BoundIf(bound.node, (*bound.branches[:at], (condition, marked(body)), *bound.branches[at + 1 :]))
        case BoundArm() if offset > bound.node.patterns[-1].span.end:
            return BoundArm(bound.node, bound.patterns, bound.arguments, marked(bound.body))
        case BoundStatement() | BoundDeclaration():
            return _in_entry(bound, offset, marked)
        case _:
            return None


def _in_entry(bound: BoundStatement | BoundDeclaration, offset: int, marked: _Bodies) -> Bound | None:
    """Return a question with the mark in an arm or a condition of its block, or before one of its prompts."""
    at = next((index for index, each in enumerate(bound.body) if _holds(each.node, offset)), None)
    if at is None:
        return None
    entry = bound.body[at]
    inside = _inside(entry, offset, marked)
    is_prompt = isinstance(entry, BoundStatement)
    if inside is None and not is_prompt:
        return None
    body = (*bound.body[:at], *((inside,) if inside is not None else marked((entry,))), *bound.body[at + 1 :])
    if isinstance(bound, BoundDeclaration):
        return BoundDeclaration(bound.node, body)
    other = copy(bound)
    other.body = body
    return other


def _holds(node: ast.Node, offset: int) -> bool:
    return node.span.start <= offset <= node.span.end
