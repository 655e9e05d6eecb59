"""Which steps, arms and outcomes of conditions and lookups no test visits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from ncco_lang.blocks.edges import edges, every_arm, label_of, returns_of, step_of
from ncco_lang.bundle import (
    Again,
    Arm,
    Ask,
    BlockId,
    Branch,
    Bundle,
    Call,
    Dial,
    Enter,
    Fetch,
    Goto,
    Jump,
    Leave,
    Pattern,
    Valued,
)
from ncco_lang.program.walk import Conditions
from ncco_lang.source import Span
from ncco_lang.testing.values_of_call import named


class Part(NamedTuple):
    """A part of a flow that no test visits.

    Attributes:
        name: of a step; the outcomes of an arm; `true` or `false` of a condition; `good` of a lookup.
        span: its place; of a condition the condition itself.
    """

    kind: Literal["step", "arm", "condition", "lookup"]
    name: str
    span: Span


class Coverage(NamedTuple):
    """How much of a flow its tests visit: parts in all, and those that no test visits, in the order of the text."""

    total: int
    missed: tuple[Part, ...]

    @property
    def visited(self) -> int:
        """How many parts its tests visit."""
        return self.total - len(self.missed)


def coverage_of(
    bundle: Bundle,
    places: Mapping[tuple[BlockId, int], Span],
    conditions: Conditions,
    trail: Collection[tuple[BlockId, str]],
    blocks: Collection[BlockId],
) -> Coverage:
    """Return how much of a flow was visited.

    Args:
        trail: the edges that were taken: the block, and the label of the edge.
        blocks: those that were visited, as far as the trail and the documents show.
    """
    visited = _visited(bundle, set(blocks), trail)
    in_steps = {_step_of(bundle, at) for at in visited}
    taken: dict[BlockId, set[str]] = {}
    for at, label in trail:
        taken.setdefault(at, set()).add(label)
    parts: dict[Part, bool] = {}
    for step in bundle.graph.steps:
        parts[Part("step", step.name, _place(places, step.entry))] = step.name in in_steps
    found = [(Part("arm", ", ".join(arm.names), arm.span), arm.is_visited) for arm in _arms(bundle, places, taken)]
    for part, is_visited in (*found, *_outcomes(bundle, places, conditions, taken)):
        # What is in an arm of `anywhere` is in many questions, and counts once.
        parts[part] = parts.get(part, False) or is_visited
    missed = (part for part, is_visited in parts.items() if not is_visited)
    return Coverage(len(parts), tuple(sorted(missed, key=lambda part: (part.span, part.name))))


def _outcomes(
    bundle: Bundle,
    places: Mapping[tuple[BlockId, int], Span],
    conditions: Conditions,
    taken: Mapping[BlockId, Collection[str]],
) -> Iterator[tuple[Part, bool]]:
    """Yield the outcomes of conditions, and the good ones of lookups, each with whether it has happened."""
    for at, block in enumerate(bundle.graph.blocks):
        own, whole, exit = taken.get(at, ()), places.get((at, -1), Span(0, 0)), block.exit
        if isinstance(exit, Fetch):
            yield Part("lookup", "good", whole), "good" in own
        elif isinstance(exit, Branch) and whole in conditions:
            labels = [*(f"case {number}" for number in range(len(exit.cases))), "else"]
            for number, ((condition, _), span) in enumerate(zip(exit.cases, conditions[whole], strict=True)):
                if isinstance(condition, list):  # else its value is fixed when compiling
                    yield Part("condition", "true", span), labels[number] in own
                    yield Part("condition", "false", span), any(label in own for label in labels[number + 1 :])


class _Arm(NamedTuple):
    """An arm of a question: what leads to it, and whether that has happened."""

    names: tuple[str, ...]
    span: Span
    is_visited: bool


def _arms(
    bundle: Bundle, places: Mapping[tuple[BlockId, int], Span], taken: Mapping[BlockId, Collection[str]]
) -> Iterator[_Arm]:
    graph = bundle.graph
    exits = (graph.blocks[at].exit for at, labels in taken.items() if "give_up" in labels)
    gave_up = {exit.question for exit in exits if isinstance(exit, (Again, Ask))}
    for at, block in enumerate(graph.blocks):
        if isinstance(block.exit, Fetch):
            yield from _arms_of(bundle, block.exit.arms, block.exit.good, at, places, taken)
        if not isinstance(block.exit, (Ask, Dial)):
            continue
        question = graph.questions[block.exit.question]
        whole, good = places.get((at, -1), Span(0, 0)), block.exit.good
        arms = list(_arms_of(bundle, every_arm(question.arms), good, at, places, taken))
        if question.give_up is not None:
            place = whole if question.give_up == good else _place(places, question.give_up)
            _add_give_up(arms, _Arm(("give_up",), place, block.exit.question in gave_up), whole)
        yield from arms


def _arms_of(
    bundle: Bundle,
    arms: Iterable[Arm],
    good: BlockId,
    at: BlockId,
    places: Mapping[tuple[BlockId, int], Span],
    taken: Mapping[BlockId, Collection[str]],
) -> Iterator[_Arm]:
    """Yield the arms of a block that their author wrote."""
    whole, own = places.get((at, -1), Span(0, 0)), taken.get(at, ())
    for arm in arms:
        # The compiler's own: a menu without otherwise is asked again.
        if places.get((arm.target, -1)) != whole:
            # `-> go_on` has no place of its own.
            place = whole if arm.target == good else _place(places, arm.target)
            names = tuple(_name_of(bundle, pattern) for pattern in arm.patterns)
            yield _Arm(names, place, any(label_of(pattern) in own for pattern in arm.patterns))


def _name_of(bundle: Bundle, pattern: Pattern) -> str:
    """Return what an arm is for as it is written, as far as the bundle has it."""
    return named(pattern.value, bundle)[0] or "of a value" if isinstance(pattern, Valued) else label_of(pattern)


def _add_give_up(arms: list[_Arm], gives_up: _Arm, question: Span) -> None:
    """Add the arm `give_up`, to the arm that has it beside other outcomes if there is one."""
    for number, arm in enumerate(arms):
        if arm.span == gives_up.span != question:
            arms[number] = _Arm((*arm.names, "give_up"), arm.span, arm.is_visited or gives_up.is_visited)
            return
    arms.append(gives_up)


def _step_of(bundle: Bundle, at: BlockId) -> str:
    return bundle.graph.blocks[at].name.rpartition(".")[0]


def _place(places: Mapping[tuple[BlockId, int], Span], at: BlockId) -> Span:
    return places.get((at, 0)) or places.get((at, -1)) or Span(0, 0)


def _visited(bundle: Bundle, known: set[BlockId], trail: Collection[tuple[BlockId, str]]) -> set[BlockId]:
    """Return the visited blocks: what a trail leaves out are exits that lead to one block only."""
    graph = bundle.graph
    waiting = [graph.entry, *known] if known else []
    for at, label in trail:
        ways = edges(graph.blocks[at].exit, graph.questions, graph.steps)
        waiting += [edge.to for edge in ways if edge.label == label]
    visited: set[BlockId] = set()
    returns = returns_of(graph)
    while waiting:
        at = waiting.pop()
        if at not in visited:
            visited.add(at)
            exit = graph.blocks[at].exit
            if isinstance(exit, (Goto, Jump, Call, Enter)):
                waiting += [edge.to for edge in edges(exit, graph.questions, graph.steps)]
            if isinstance(exit, Leave):
                waiting += returns.get(step_of(graph.blocks[at]), ())
    return visited
