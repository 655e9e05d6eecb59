"""Lower lookups: their request, and their arms by status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.blocks.parts import Lowering, Place, arms_of, expression_of, option_of
from ncco_lang.bundle import Arm, BlockId, Fetch, Outcome, Pattern, SlotId, Status
from ncco_lang.program.model import BoundArm, BoundStatement, Program
from ncco_lang.program.values import Known

if TYPE_CHECKING:
    from ncco_lang.program.values import Value

Target: TypeAlias = Callable[[BoundArm, Place], BlockId]
_GET = "get"


def lower_fetch(lowering: Lowering, target: Target, bound: BoundStatement, follow: BlockId, place: Place) -> BlockId:
    """Return the block of a lookup. It is no question: `retry` in its arms asks the question around it again.

    Args:
        lowering: adds the block.
        target: returns the first block of an arm.
        bound: the statement.
        follow: the block after it.
        place: where the statement is.
    """
    inside, program = replace(place, good=follow), lowering.program
    exit = Fetch(
        method=_word(bound, "method") or _GET,
        url=next((expression_of(value) for _, value in bound.operands), ["undefined"]),
        headers=option_of(bound, "headers", None),
        json=option_of(bound, "json", ["undefined"]),
        timeout=option_of(bound, "timeout", None),
        into=_slot(program, _word(bound, "into")),
        arms=tuple(
            Arm(tuple(_pattern(program, each) for each in arm.patterns), target(arm, inside)) for arm in arms_of(bound)
        ),
        good=follow,
    )
    return lowering.add(place, exit, bound.node.span)


def _pattern(program: Program, value: Value) -> Pattern:
    written = program.source.text[slice(*value.node.span)]
    return Status(written) if written[:1].isdigit() else Outcome(written)


def _word(bound: BoundStatement, name: str) -> str | None:
    """Return a bare word or a text that an option has; None for an option without one."""
    value = next((slot.value for slot in bound.slots if slot.option.name == name), None)
    return str(value.data) if isinstance(value, Known) else None


def _slot(program: Program, name: str | None) -> SlotId | None:
    binding = None if name is None else program.scopes.call.names.get(name)
    return None if binding is None else binding.slot
