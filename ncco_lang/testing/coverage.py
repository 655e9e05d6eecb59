"""Which steps and arms of a flow no test visits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from ncco_lang.blocks.edges import edges, every_arm, label_of
from ncco_lang.bundle import Again, Ask, BlockId, Bundle, Dial, Enter, Goto, Jump
from ncco_lang.source import Span


class Part(NamedTuple):
    """A step or an arm that no test visits: its name, and its place in the flow."""

    kind: str
    name: str
    span: Span


class Coverage(NamedTuple):
    """How much of a flow its tests visit: parts in all, and those that no test visits, in the order of the text."""

    total: int
    missed: tuple[Part, ...]


def coverage_of(
    bundle: Bundle,
    places: Mapping[tuple[BlockId, int], Span],
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
    parts: dict[tuple[str, str, Span], bool] = {}
    for step in bundle.graph.steps:
        parts["step", step.name, _place(places, step.entry)] = step.name in in_steps
    for arm in _arms(bundle, places, trail):
        # An arm of `anywhere` is in many questions, and counts once.
        key = ("arm", ", ".join(arm.labels), arm.span)
        parts[key] = parts.get(key, False) or arm.is_visited
    missed = (Part(*key) for key, is_visited in parts.items() if not is_visited)
    return Coverage(len(parts), tuple(sorted(missed, key=lambda part: part.span)))


class _Arm(NamedTuple):
    """An arm of a question: what leads to it, and whether that has happened."""

    labels: tuple[str, ...]
    span: Span
    is_visited: bool


def _arms(
    bundle: Bundle, places: Mapping[tuple[BlockId, int], Span], trail: Collection[tuple[BlockId, str]]
) -> Iterator[_Arm]:
    graph = bundle.graph
    taken: dict[BlockId, set[str]] = {}
    for at, label in trail:
        taken.setdefault(at, set()).add(label)
    exits = (graph.blocks[at].exit for at, labels in taken.items() if "give_up" in labels)
    gave_up = {exit.question for exit in exits if isinstance(exit, (Again, Ask))}
    for at, block in enumerate(graph.blocks):
        if not isinstance(block.exit, (Ask, Dial)):
            continue
        question = graph.questions[block.exit.question]
        whole, good = places.get((at, -1), Span(0, 0)), block.exit.good
        # `-> go_on` has no place of its own.
        place_of = {
            arm.target: whole if arm.target == good else _place(places, arm.target) for arm in every_arm(question.arms)
        }
        own = taken.get(at, set())
        arms: list[_Arm] = []
        for arm in every_arm(question.arms):
            # The compiler's own: a menu without otherwise is asked again.
            if places.get((arm.target, -1)) != whole:
                labels = tuple(map(label_of, arm.patterns))
                arms.append(_Arm(labels, place_of[arm.target], not own.isdisjoint(labels)))
        if question.give_up is not None:
            place = whole if question.give_up == good else _place(places, question.give_up)
            _add_give_up(arms, _Arm(("give_up",), place, block.exit.question in gave_up), whole)
        yield from arms


def _add_give_up(arms: list[_Arm], gives_up: _Arm, question: Span) -> None:
    """Add the arm `give_up`, to the arm that has it beside other outcomes if there is one."""
    for number, arm in enumerate(arms):
        if arm.span == gives_up.span != question:
            arms[number] = _Arm((*arm.labels, "give_up"), arm.span, arm.is_visited or gives_up.is_visited)
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
    while waiting:
        at = waiting.pop()
        if at not in visited:
            visited.add(at)
            exit = graph.blocks[at].exit
            if isinstance(exit, (Goto, Jump, Enter)):
                waiting += [edge.to for edge in edges(exit, graph.questions, graph.steps)]
    return visited
