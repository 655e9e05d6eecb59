"""Check the parts of a question that are inside `if` and `each`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundEach, BoundIf, BoundStatement, Program
from ncco_lang.program.values import Known
from ncco_lang.program.verbs import first_line
from ncco_lang.program.walk import bound_statements, inner
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.values.data import MOST_ITEMS, Word
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.option_rules import MISPLACED_STATEMENT

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound

_GIVE_UP = "give_up"

CONDITIONAL_GIVE_UP = Rule(
    code="Q115",
    name="conditional-give-up",
    severity="error",
    why="The arm give_up runs when the retries are used up, whatever holds then, so that each question ends. Its block can "
    "hold an if.",
    bad='menu "Press 1 for sales." {\n    1 -> hangup\n    if defined(call.from) { give_up -> hangup }\n}',
    good='menu "Press 1 for sales." {\n    1 -> hangup\n'
    '    give_up -> { if defined(call.from) { talk "We call you back." }; hangup }\n}',
    language="flow",
)
TOO_MANY_ITEMS = Rule(
    code="Q116",
    name="too-many-items",
    severity="error",
    why="In a question the number of an item is a key, so an each takes the first nine items of its list. In a list that a call "
    "has, the others are left out; in one that is written here, they are a mistake.",
    bad="let towns = [" + ", ".join(f'"Town {number}"' for number in range(1, 11)) + "]\n"
    'menu {\n    each town in towns { talk "{key}: {town}."; key -> hangup }\n    give_up -> hangup\n}',
    good='let towns = ["Leeds", "York"]\n'
    'menu {\n    each town in towns { talk "{key}: {town}."; key -> hangup }\n    give_up -> hangup\n}',
    language="flow",
)
RULES = (CONDITIONAL_GIVE_UP, TOO_MANY_ITEMS)


class ConditionalGiveUp(Facts):
    """An arm `give_up` in an `if` or an `each`; `word` is which of them."""

    rule = CONDITIONAL_GIVE_UP
    message = "give_up cannot be in {word:s}"
    hint = "put it into the block of the question; its own block can hold an if"
    word: str


class TooManyItems(Facts):
    """A list with more items than a question can number."""

    rule = TOO_MANY_ITEMS
    message = "this list has {count:d} items, and a question takes {most:d}"
    hint = "take items out, or let a first question choose between two lists"
    count: int
    most: int


class OnlyArms(Facts):
    """A statement among the arms of `anywhere`, which has no prompts."""

    rule = MISPLACED_STATEMENT
    message = "only arms can be in anywhere"
    hint = "put it after the -> of an arm"


def check_nested_arms(program: Program) -> Iterator[Diagnostic]:
    """Yield the findings about `if` and `each` in the questions of a flow."""
    for declared in program.statements:
        if isinstance(declared, BoundDeclaration) and isinstance(declared.node, ast.Anywhere):
            for bound in _outside_arms(declared.body):
                yield flow_finding(program.source, first_line(program.source, bound.node.span), OnlyArms())
    for statement in bound_statements(program.statements):
        if statement.spec is not None and statement.spec.arms:
            yield from _check(program.source, statement.body)


def _outside_arms(bounds: Sequence[Bound]) -> Iterator[Bound]:
    """Yield the statements that no arm holds."""
    for bound in bounds:
        if isinstance(bound, (BoundIf, BoundEach)):
            yield from _outside_arms(inner(bound))
        elif isinstance(bound, BoundStatement):
            yield bound  # a `set` has a finding among the arms of any question


def _check(source: Source, bounds: Sequence[Bound]) -> Iterator[Diagnostic]:
    for bound in bounds:
        if not isinstance(bound, (BoundIf, BoundEach)):
            continue
        word = "each" if isinstance(bound, BoundEach) else "if"
        if isinstance(bound, BoundEach) and type(bound.values) is Known and isinstance(bound.values.data, list):
            count = len(bound.values.data)
            if count > MOST_ITEMS:
                yield flow_finding(source, bound.values.node.span, TooManyItems(count=count, most=MOST_ITEMS))
        for arm in inner(bound):
            for pattern in arm.patterns if isinstance(arm, BoundArm) else ():
                if type(pattern) is Known and isinstance(pattern.data, Word) and str(pattern.data) == _GIVE_UP:
                    yield flow_finding(source, pattern.node.span, ConditionalGiveUp(word=word))
        yield from _check(source, inner(bound))
