"""Walk the bound program in the order of the text, without recursion. Every pass over nested statements uses this walk."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar, assert_never

from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundEach, BoundIf, BoundSet, BoundStatement
from ncco_lang.syntax import ast

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound, DefaultLine
    from ncco_lang.source import Span


Conditions: TypeAlias = "Mapping[Span, tuple[Span, ...]]"
"""The places of the conditions of each `if`, by its own place."""
_Part = TypeVar("_Part", "Bound", "DefaultLine", "ast.Declaration")


def begin_within(parts: Sequence[_Part], within: Span | None) -> Sequence[_Part]:
    """Return the parts that begin in a span, or all; they are in the order of the text."""
    if within is None:
        return parts
    first = bisect_left(parts, within.start, key=_start)
    return parts[first : bisect_left(parts, within.end, lo=first, key=_start)]


def _start(part: Bound | DefaultLine | ast.Declaration) -> int:
    return part.span.start if isinstance(part, ast.Node) else part.node.span.start


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


def conditions_of(bounds: Sequence[Bound]) -> Conditions:
    """Return the places of the conditions of each `if`."""
    return {
        each.node.span: tuple(branch.condition.span for branch in each.node.branches)
        for each in walk(bounds)
        if isinstance(each, BoundIf)
    }


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
