"""Find the question that fills a name, for `retry NAME`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundStatement
from ncco_lang.program.scopes import names_in
from ncco_lang.program.values import Known
from ncco_lang.program.walk import walk
from ncco_lang.syntax import ast

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound


class Filler(NamedTuple):
    """A question that fills a name, and the arm of `anywhere` that it is in; None for one in a step."""

    question: BoundStatement
    arm: BoundArm | None


def find_fillers(statements: Sequence[Bound]) -> dict[str, list[Filler]]:
    """Return the questions that fill each name, in the order of the text."""
    found: dict[str, list[Filler]] = {}
    for outer in statements:
        is_anywhere = isinstance(outer, BoundDeclaration) and isinstance(outer.node, ast.Anywhere)
        for part in outer.body if isinstance(outer, BoundDeclaration) and is_anywhere else (outer,):
            arm = part if is_anywhere and isinstance(part, BoundArm) else None
            for bound in walk([part]):
                name = filled_name(bound)
                if name is not None and isinstance(bound, BoundStatement):
                    found.setdefault(name, []).append(Filler(bound, arm))
    return found


def filled_name(bound: Bound) -> str | None:
    """Return the name that a question fills; None for other statements."""
    if not isinstance(bound, BoundStatement) or names_in(bound.node.verb.text).operand != "name":
        return None
    return next(
        (str(value.data) for role, value in bound.operands if role == "name" and isinstance(value, Known)), None
    )


def named_question(bound: BoundStatement) -> str | None:
    """Return the name of the question that a `retry` asks again; None for the question that it is in."""
    operands = (value for role, value in bound.operands if role == "question" and isinstance(value, Known))
    return next((str(value.data) for value in operands), None)
