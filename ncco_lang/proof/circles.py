"""Find circles of blocks in which the caller is not asked, and nothing that changes decides whether to go on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ncco_lang.blocks.edges import edges
from ncco_lang.blocks.reads import read_parts
from ncco_lang.bundle import Again, Ask, BlockId, Branch, Call, Dial, Graph, Jump, Leave, Set, SlotId, StepId

_Kinds = tuple[type[Any], ...]


class Circles:
    """The circles of one graph.

    A retry is no part of one, because it ends after the retries; nor is a connect that was answered, or a `do` whose step does not come
    back without a question.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def find(self, without: _Kinds = ()) -> Iterator[list[BlockId]]:
        """Yield the shortest circle of each part of the graph that goes round, beginning with its first block.

        Args:
            without: exits that are no part of a circle, beside questions.
        """
        ways = self._ways((Ask, *without))
        for part in _parts(ways):
            changing = self._set_in(part)
            deciding = {at for at in part if self._decides(at, changing)}
            rest = set(part) - deciding
            inside = {at: [to for to in ways[at] if to in rest] for at in sorted(rest)}
            yield from (_circle(inside, each) for each in _parts(inside))

    def _ways(self, without: _Kinds) -> dict[BlockId, list[BlockId]]:
        """Return where each block leads without the caller."""
        graph, returning = self.graph, self._returning(without)
        ways: dict[BlockId, list[BlockId]] = {}
        for at, block in enumerate(graph.blocks):
            exit = block.exit
            if isinstance(exit, without):
                ways[at] = []
            elif isinstance(exit, Call):
                ways[at] = [exit.back] if exit.step in returning else []
            else:
                ways[at] = list(self._leading(at))
        return ways

    def _leading(self, at: BlockId) -> Iterator[BlockId]:
        graph, exit = self.graph, self.graph.blocks[at].exit
        if isinstance(exit, Branch):
            for condition, to in exit.cases:
                if condition is not False:
                    yield to
                if condition is True:
                    return
            yield exit.other
            return
        for edge in edges(exit, graph.questions, graph.steps):
            is_bounded = isinstance(exit, Again) and edge.label == "retry"
            is_answered = isinstance(exit, Dial) and edge.label == "good"
            if not is_bounded and not is_answered:
                yield edge.to

    def _returning(self, without: _Kinds) -> set[StepId]:
        """Return the steps that come back to their `do` without one of some exits: backwards from their ends."""
        graph = self.graph
        before: dict[BlockId, list[BlockId]] = {}
        calls: dict[StepId, list[BlockId]] = {}
        waiting: list[BlockId] = []
        for at, block in enumerate(graph.blocks):
            exit = block.exit
            if isinstance(exit, Leave):
                waiting.append(at)
            elif isinstance(exit, Call):
                before.setdefault(exit.back, []).append(at)
                calls.setdefault(exit.step, []).append(at)
            elif not isinstance(exit, (*without, Jump)):
                for to in self._leading(at):
                    before.setdefault(to, []).append(at)
        entries: dict[BlockId, list[StepId]] = {}
        for step in calls:
            entries.setdefault(graph.steps[step].entry, []).append(step)
        ending, returning = set[BlockId](), set[StepId]()
        while waiting:
            at = waiting.pop()
            exit = graph.blocks[at].exit
            if at in ending or (isinstance(exit, Call) and not (exit.back in ending and exit.step in returning)):
                continue
            ending.add(at)
            waiting += before.get(at, ())
            for step in entries.get(at, ()):
                returning.add(step)
                waiting += calls[step]
        return returning

    def _set_in(self, part: Iterable[BlockId]) -> set[SlotId]:
        """Return the names that some blocks set, and the steps that they run."""
        graph, found, seen = self.graph, set[SlotId](), set[BlockId]()
        waiting = list(part)
        for at in waiting:
            if at in seen:
                continue
            seen.add(at)
            block = graph.blocks[at]
            found |= {action.slot for action in block.actions if isinstance(action, Set)}
            if isinstance(block.exit, Call):
                waiting += self._inside(block.exit.step)
        return found

    def _inside(self, step: StepId) -> Iterator[BlockId]:
        name = self.graph.steps[step].name
        return (at for at, block in enumerate(self.graph.blocks) if block.name.rpartition(".")[0] == name)

    def _decides(self, at: BlockId, changing: set[SlotId]) -> bool:
        """Return whether a block decides by something that changes on the way round."""
        exit = self.graph.blocks[at].exit
        if not isinstance(exit, Branch) or not exit.cases:
            return False
        read = read_parts([condition for condition, _ in exit.cases], {})
        return exit.volatile is not None or any(part.slot in changing for part in read)


def _parts(ways: Mapping[BlockId, Sequence[BlockId]]) -> Iterator[list[BlockId]]:
    """Yield the parts of a graph whose blocks all lead to each other, in the order of their first blocks (Tarjan)."""
    order: dict[BlockId, int] = {}
    low: dict[BlockId, int] = {}
    stack: list[BlockId] = []
    is_open: set[BlockId] = set()
    found: list[list[BlockId]] = []
    for root in ways:
        if root in order:
            continue
        work = [(root, iter(ways[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        is_open.add(root)
        while work:
            at, following = work[-1]
            to = next(following, None)
            if to is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == order[at]:
                    part = [stack.pop()]
                    while part[-1] != at:
                        part.append(stack.pop())
                    is_open.difference_update(part)
                    if len(part) > 1 or at in ways[at]:
                        found.append(sorted(part))
            elif to not in order:
                order[to] = low[to] = len(order)
                stack.append(to)
                is_open.add(to)
                work.append((to, iter(ways[to])))
            elif to in is_open:
                low[at] = min(low[at], order[to])
    return iter(sorted(found))


def _circle(ways: Mapping[BlockId, Sequence[BlockId]], part: Sequence[BlockId]) -> list[BlockId]:
    """Return the shortest circle in a part that goes through its first block."""
    first, inside = part[0], set(part)
    before: dict[BlockId, BlockId] = {}
    waiting = deque([first])
    while waiting:
        at = waiting.popleft()
        for to in ways[at]:
            if to == first:
                circle = [at]
                while circle[-1] != first:
                    circle.append(before[circle[-1]])
                return circle[::-1]
            if to in inside and to not in before:
                before[to] = at
                waiting.append(to)
    return list(part)
