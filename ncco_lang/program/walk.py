"""Walk the bound program in the order of the text, without recursion. Every pass over nested statements uses this walk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, assert_never

from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundEach, BoundIf, BoundSet, BoundStatement

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound


def walk(bounds: Sequence[Bound]) -> Iterator[Bound]:
    """Yield bound statements, arms and declarations, each before what is inside it."""
    waiting: list[Bound] = list(reversed(bounds))
    while waiting:
        bound = waiting.pop()
        yield bound
        waiting += reversed(inner(bound))


def bound_statements(bounds: Sequence[Bound]) -> Iterator[BoundStatement]:
    """Yield the statements of one line, actions and verbs, at any depth."""
    return (bound for bound in walk(bounds) if type(bound) is BoundStatement)


def inner(bound: Bound) -> Sequence[Bound]:
    """Return what is directly inside a bound statement, arm or declaration."""
    match bound:
        case BoundStatement() | BoundEach() | BoundArm() | BoundDeclaration():
            return bound.body
        case BoundIf():
            return [each for _, body in bound.branches for each in body]
        case BoundSet():
            return ()
        case _:
            assert_never(bound)
