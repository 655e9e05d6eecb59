"""Search the shortest path of a caller to each block of a graph, through steps that come back.

The length of a path is the number of its answers. One search from where a call begins finds all paths. What happens in a step
that `do` runs, from its beginning to its end, is searched once for each way to enter it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from ncco_lang.blocks.edges import Edge, edges
from ncco_lang.bundle import (
    Again,
    Ask,
    Block,
    BlockId,
    Branch,
    Call,
    Dial,
    Fetch,
    Goto,
    Graph,
    Jump,
    Leave,
    Say,
    StepId,
)

_SILENT_VERBS = frozenset({"wait"})
_NO_FALLBACK = 1_000_000
"""The length of the way to the fallback step, so that any other way is shorter."""


class Act(NamedTuple):
    """The answer of a caller or an endpoint on a path.

    Attributes:
        before: the answer before it; None for the first one.
        at: the block that waits for it.
        edge: the way that it takes.
        times: how often it is given, so that no retry is left; None if only a call knows.
        number: its number on the path, from 1.
    """

    before: Act | None
    at: BlockId
    edge: Edge
    times: int | None = 1
    number: int = 1


class Node(NamedTuple):
    """A block, and how a caller gets there.

    Attributes:
        is_quiet: the caller has heard nothing since the last answer.
        is_called: a `do` waits for the end of the step.
        is_set: what a `Tracker` follows holds.
    """

    at: BlockId
    is_quiet: bool
    is_called: bool = False
    is_set: bool = False


class Tracker(Protocol):
    """Something that blocks make true or false on the way of a call."""

    def at_exit(self, at: BlockId, *, is_set: bool) -> bool:
        """Return whether it holds after the actions of a block."""

    def after(self, at: BlockId, *, is_set: bool) -> list[bool]:
        """Return whether it holds after each of the `edges` of a block."""


def search(graph: Graph, tracker: Tracker | None = None) -> dict[Node, Act | None]:
    """Return each way to get to a block, with the last answer of the shortest path; None before any answer."""
    begun = [(0, Node(graph.entry, is_quiet=True))]
    if graph.fallback is not None:
        # Callers get there with a sentence that says sorry.
        begun.append((_NO_FALLBACK, Node(graph.steps[graph.fallback].entry, is_quiet=False)))
    return _Search(graph, tracker).run(begun)


def length_of(act: Act | None) -> int:
    """Return the number of answers on a path."""
    return 0 if act is None else act.number


def after_retries(act: Act | None, retries: object) -> Act | None:
    """Return an answer given as often as it takes to use up the retries."""
    if act is None:
        return None
    times = retries + 1 if isinstance(retries, int) and not isinstance(retries, bool) else None
    return act._replace(times=times, number=act.number + (times or 2) - 1)


def is_spoken(block: Block) -> bool:
    """Return whether the caller hears something in a block, or is connected, recorded or asked by a server."""
    return any(isinstance(action, Say) and action.verb not in _SILENT_VERBS for action in block.actions)


def _spoken_loops(graph: Graph) -> set[BlockId]:
    """Return where the loops of `each` decide whether there is one more item, for those that say something of an item.

    A list without items is nothing to choose from, so what follows the loop counts as heard.
    """
    return {
        at
        for at, block in enumerate(graph.blocks)
        if isinstance(block.exit, Branch) and (item := _first_of_item(block.exit)) is not None
        if _speaks(graph, item, until=at)
    }


def _first_of_item(exit: Branch) -> BlockId | None:
    """Return the block that takes the next item of a list, as `blocks/lower.py` makes it; None for another branch."""
    match exit.cases:
        case (
            (
                (
                    ["defined", ["member", _, ["slot", _]]]
                    | ["and", ["<", _, _], ["defined", ["member", _, ["slot", _]]]]
                ),
                item,
            ),
        ):
            return item
        case _:
            return None


def _speaks(graph: Graph, at: BlockId, *, until: BlockId) -> bool:
    """Return whether something is said on a way from a block to another one, with no question between them."""
    seen, waiting = {until}, [at]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        block = graph.blocks[here]
        if is_spoken(block):
            return True
        if isinstance(block.exit, (Goto, Branch)):
            waiting += (edge.to for edge in edges(block.exit, graph.questions, graph.steps))
    return False


class _Search:
    """The searches of one graph."""

    def __init__(self, graph: Graph, tracker: Tracker | None) -> None:
        self.graph, self.tracker = graph, tracker
        self._spoken_loops = _spoken_loops(graph)
        self._returns: dict[tuple[StepId, bool, bool], list[tuple[bool, bool, tuple[Act, ...]]]] = {}

    def run(self, begun: Iterable[tuple[int, Node]], *, is_whole: bool = True) -> dict[Node, Act | None]:
        """Return each node that is reached.

        Args:
            begun: where it begins, with how far that is.
            is_whole: follow jumps, and calls into their steps; else only what comes back to the same step.
        """
        found: dict[Node, Act | None] = {}
        waiting: list[tuple[int, int, Node, Act | None]] = [
            (length, number, node, None) for number, (length, node) in enumerate(begun)
        ]
        number = len(waiting)
        while waiting:
            length, _, node, act = heappop(waiting)
            if node in found:
                continue
            found[node] = act
            for following, to in self._next(node, act, is_whole=is_whole):
                if to not in found:
                    number += 1
                    heappush(waiting, (length + length_of(following) - length_of(act), number, to, following))
        return found

    def _next(self, node: Node, act: Act | None, *, is_whole: bool) -> Iterator[tuple[Act | None, Node]]:
        """Yield where a block leads, with the answer that leads there."""
        graph, block = self.graph, self.graph.blocks[node.at]
        quiet = node.is_quiet and not is_spoken(block)
        ways = list(edges(block.exit, graph.questions, graph.steps))
        held = [False] * len(ways) if self.tracker is None else self.tracker.after(node.at, is_set=node.is_set)
        for edge, is_set in zip(ways, held, strict=True):
            to = node._replace(at=edge.to, is_quiet=quiet, is_set=is_set)
            match block.exit:
                case Branch() if edge.label == "else" and node.at in self._spoken_loops:
                    yield act, to._replace(is_quiet=False)
                case Ask() | Dial():
                    answer = Act(act, node.at, edge, 1, length_of(act) + 1)
                    yield answer, to._replace(is_quiet=edge.label != "good" or isinstance(block.exit, Ask))
                case Fetch() if edge.label != "good":
                    yield Act(act, node.at, edge, 1, length_of(act) + 1), to
                case Again(question) if edge.label == "give_up":
                    yield after_retries(act, graph.questions[question].retries), to
                case Again(instead=True):
                    pass  # the exit of the question, which has its answers already
                case Again(question, texts=texts) if is_whole or not graph.questions[question].marked:
                    yield act, to._replace(is_quiet=quiet and not texts)
                case Again():
                    pass
                case Jump() if not is_whole:
                    pass
                case Jump():
                    yield act, to._replace(is_called=False)
                case Call(step, _, back):
                    if is_whole:
                        yield act, to._replace(is_called=True)
                    for is_still_quiet, is_still_set, answers in self._returned(step, quiet, is_set):
                        yield _appended(act, answers), Node(back, is_still_quiet, node.is_called, is_still_set)
                case _:
                    yield act, to

    def _returned(self, step: StepId, is_quiet: bool, is_set: bool) -> list[tuple[bool, bool, tuple[Act, ...]]]:
        """Return how a step comes back: what the caller has heard, what holds, and the answers on the way."""
        key = (step, is_quiet, is_set)
        if key not in self._returns:
            self._returns[key] = []  # a step that runs itself does not come back by that
            begin = Node(self.graph.steps[step].entry, is_quiet, is_set=is_set)
            best: dict[tuple[bool, bool], Act | None] = {}
            for node, act in self.run([(0, begin)], is_whole=False).items():
                block = self.graph.blocks[node.at]
                if isinstance(block.exit, Leave):
                    held = False if self.tracker is None else self.tracker.at_exit(node.at, is_set=node.is_set)
                    end = (node.is_quiet and not is_spoken(block), held)
                    best.setdefault(end, act)  # the nearest one comes first
            self._returns[key] = [(*end, tuple(_answers(act))) for end, act in best.items()]
        return self._returns[key]


def _answers(act: Act | None) -> list[Act]:
    answers: list[Act] = []
    while act is not None:
        answers.append(act)
        act = act.before
    return answers[::-1]


def _appended(act: Act | None, answers: Iterable[Act]) -> Act | None:
    """Return the last of some answers after another one."""
    before = 0
    for answer in answers:
        act, before = answer._replace(before=act, number=length_of(act) + answer.number - before), answer.number
    return act
