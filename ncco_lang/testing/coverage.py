"""Which steps and arms of a flow no test visits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from ncco_lang.blocks.edges import targets
from ncco_lang.bundle import Again, Arm, Arms, Ask, BlockId, Bundle, Dial, Enter, Goto, Jump, Key, Outcome, Phrase
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
    parts: dict[tuple[str, Span], tuple[Part, bool]] = {}
    for step in bundle.graph.steps:
        own = [at for at, block in enumerate(bundle.graph.blocks) if block.name.rpartition(".")[0] == step.name]
        _add(parts, Part("step", step.name, _place(places, step.entry)), not visited.isdisjoint(own))
    for part, is_visited in _arms(bundle, places, trail):
        _add(parts, part, is_visited)
    missed = sorted((part for part, is_visited in parts.values() if not is_visited), key=lambda part: part.span)
    return Coverage(len(parts), tuple(missed))


def _add(parts: dict[tuple[str, Span], tuple[Part, bool]], part: Part, is_visited: bool) -> None:
    """Add a part; an arm of `anywhere` is in many questions, and counts once."""
    key = part.kind, part.span
    before = parts.get(key)
    parts[key] = part, is_visited or (before is not None and before[1])


def _arms(
    bundle: Bundle, places: Mapping[tuple[BlockId, int], Span], trail: Collection[tuple[BlockId, str]]
) -> Iterator[tuple[Part, bool]]:
    graph = bundle.graph
    gave_up = {
        exit.question
        for at, label in trail
        if label == "give_up" and isinstance(exit := graph.blocks[at].exit, (Again, Ask))
    }
    for at, block in enumerate(graph.blocks):
        if not isinstance(block.exit, (Ask, Dial)):
            continue
        question, taken = graph.questions[block.exit.question], {label for each, label in trail if each == at}
        seen: dict[BlockId, tuple[list[str], bool]] = {}
        for arm in _every_arm(question.arms):
            if places.get((arm.target, -1)) == places.get((at, -1)):
                continue  # the compiler's own: a menu without otherwise is asked again
            labels = [_label(pattern) for pattern in arm.patterns]
            seen[arm.target] = labels, not taken.isdisjoint(labels)
        if question.give_up is not None:
            labels, is_visited = seen.get(question.give_up, ([], False))
            seen[question.give_up] = [*labels, "give_up"], is_visited or block.exit.question in gave_up
        for target, (labels, is_visited) in seen.items():
            step = block.name.rpartition(".")[0]
            yield Part("arm", f"{', '.join(labels)} in step {step}", _place(places, target)), is_visited


def _every_arm(arms: tuple[Arms, ...]) -> Iterator[Arm]:
    for each in arms:
        if isinstance(each, Arm):
            yield each
        else:
            yield from _every_arm(each.arms)


def _label(pattern: object) -> str:
    match pattern:
        case Key(keys):
            return keys
        case Phrase(text):
            return text
        case Outcome(name):
            return name
        case _:
            return ""


def _place(places: Mapping[tuple[BlockId, int], Span], at: BlockId) -> Span:
    return places.get((at, 0)) or places.get((at, -1)) or Span(0, 0)


def _visited(bundle: Bundle, known: set[BlockId], trail: Collection[tuple[BlockId, str]]) -> set[BlockId]:
    """Return the visited blocks: what a trail leaves out are exits that lead to one block only."""
    graph = bundle.graph
    waiting = [graph.entry, *known] if known else []
    for at, label in trail:
        exit = graph.blocks[at].exit
        if isinstance(exit, (Ask, Dial)):
            question = graph.questions[exit.question]
            waiting += [arm.target for arm in _every_arm(question.arms) if label in map(_label, arm.patterns)]
            waiting += [exit.good] if label == "good" else []
        elif isinstance(exit, Again) and label == "give_up":
            give_up = graph.questions[exit.question].give_up
            waiting += [] if give_up is None else [give_up]
    visited: set[BlockId] = set()
    while waiting:
        at = waiting.pop()
        if at in visited:
            continue
        visited.add(at)
        exit = graph.blocks[at].exit
        if isinstance(exit, (Goto, Jump, Enter)):
            waiting += targets(exit, graph.questions, graph.steps)
    return visited
