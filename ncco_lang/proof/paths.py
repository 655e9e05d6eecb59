"""Find the shortest path of a caller to each block, and say it as the caller lives it: `press 2, stay silent three times`.

One search from where a call begins finds them all. The length of a path is the number of its answers. A block is found twice,
if it is reached both with and without a word since the last answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from ncco_lang.blocks.edges import Edge, edges, every_arm, returns_of, step_of
from ncco_lang.bundle import (
    Again,
    Ask,
    Block,
    BlockId,
    Dial,
    Graph,
    Key,
    Leave,
    Outcome,
    Pattern,
    Phrase,
    Question,
    QuestionId,
    Say,
)

_MOST_ACTS = 4
"""How many of the last answers of a path are said."""
_SILENT_VERBS = frozenset({"wait"})
_NO_FALLBACK = 1_000_000
"""The length of the way to the fallback step, so that any other way is shorter."""
_TIMES = {1: "", 2: " twice", 3: " three times"}
_REACHED = {
    "busy": "get a busy line",
    "timeout": "get no answer",
    "unanswered": "get no answer",
    "rejected": "get rejected",
    "declined": "get declined",
    "machine": "get an answering machine",
    "good": "end the connection",
}
"""What a caller meets when a connect is over."""


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


class _Node(NamedTuple):
    at: BlockId
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class Paths:
    """The shortest paths of a graph, each by its last answer; None before any answer.

    Attributes:
        quiet: those on which the caller has heard nothing since the last answer when a block begins.
        heard: those on which the caller has heard something.
    """

    graph: Graph
    quiet: dict[BlockId, Act | None] = field(default_factory=dict)
    heard: dict[BlockId, Act | None] = field(default_factory=dict)
    _others: dict[QuestionId, str] = field(default_factory=dict, repr=False)

    def __contains__(self, at: BlockId) -> bool:
        """Return whether a caller can get to a block."""
        return at in self.quiet or at in self.heard

    def to(self, at: BlockId) -> Act | None:
        """Return the last answer on the shortest path to a block that a caller can get to."""
        found = [paths[at] for paths in (self.quiet, self.heard) if at in paths]
        return min(found, key=_length)

    def words(self, act: Act | None) -> str:
        """Return a path in words, its last answers after `…` if there are many; empty without any answer."""
        words: list[str] = []
        while act is not None and len(words) < _MOST_ACTS:
            words.append(self._act_words(act))
            act = act.before
        if act is not None:
            words.append("…")
        return ", ".join(reversed(words))

    def _act_words(self, act: Act) -> str:
        times = " until no retry is left" if act.times is None else _TIMES.get(act.times, f" {act.times} times")
        exit = self.graph.blocks[act.at].exit
        if isinstance(exit, Dial):
            return _REACHED.get(act.edge.label, "get no connection") + times
        assert isinstance(exit, Ask)
        if exit.question not in self._others:
            self._others[exit.question] = _other_words(self.graph.questions[exit.question])
        return _answer_words(act.edge.pattern, self._others[exit.question]) + times


def find_paths(graph: Graph) -> Paths:
    """Return the shortest path to every block that a caller can get to."""
    paths = Paths(graph)
    waiting: list[tuple[int, int, _Node, Act | None]] = [(0, 0, _Node(graph.entry, is_quiet=True), None)]
    if graph.fallback is not None:
        # Callers get there with a sentence that says sorry.
        entry = graph.steps[graph.fallback].entry
        waiting.append((_NO_FALLBACK, 1, _Node(entry, is_quiet=False), None))
    number = len(waiting)
    returns = returns_of(graph)
    while waiting:
        length, _, (at, is_quiet), act = heappop(waiting)
        found = paths.quiet if is_quiet else paths.heard
        if at in found:
            continue
        found[at] = act
        for following, node in _next(graph, at, act, returns, is_quiet=is_quiet):
            to = paths.quiet if node.is_quiet else paths.heard
            if node.at not in to:
                number += 1
                more = _length(following) - _length(act)
                heappush(waiting, (length + more, number, node, following))
    return paths


def _length(act: Act | None) -> int:
    return 0 if act is None else act.number


def _next(
    graph: Graph, at: BlockId, act: Act | None, returns: Mapping[str, Sequence[BlockId]], *, is_quiet: bool
) -> Iterator[tuple[Act | None, _Node]]:
    """Yield where a block leads, with the answer that leads there."""
    block = graph.blocks[at]
    quiet = is_quiet and not is_spoken(block)
    if isinstance(block.exit, Leave):
        yield from ((act, _Node(back, quiet)) for back in returns.get(step_of(block), ()))
    for edge in edges(block.exit, graph.questions, graph.steps):
        match block.exit:
            case Ask() | Dial():
                answer = Act(act, at, edge, 1, _length(act) + 1)
                yield answer, _Node(edge.to, is_quiet=edge.label != "good" or isinstance(block.exit, Ask))
            case Again(question) if edge.label == "give_up":
                yield _used_up(act, graph.questions[question].retries), _Node(edge.to, quiet)
            case Again(instead=True):
                pass  # the exit of the question, which has its answers already
            case Again(texts=texts):
                yield act, _Node(edge.to, quiet and not texts)
            case _:
                yield act, _Node(edge.to, quiet)


def used_up(paths: Paths, at: BlockId) -> Act | None:
    """Return the last answer on the shortest path to an `Again` with no retry left."""
    exit = paths.graph.blocks[at].exit
    assert isinstance(exit, Again)
    return _used_up(paths.to(at), paths.graph.questions[exit.question].retries)


def _used_up(act: Act | None, retries: object) -> Act | None:
    if act is None:
        return None
    times = retries + 1 if isinstance(retries, int) and not isinstance(retries, bool) else None
    return act._replace(times=times, number=act.number + (times or 2) - 1)


def is_spoken(block: Block) -> bool:
    """Return whether the caller hears something in a block, or is connected, recorded or asked by a server."""
    return any(isinstance(action, Say) and action.verb not in _SILENT_VERBS for action in block.actions)


def _other_words(question: Question) -> str:
    """Return what a caller does for the outcome `otherwise` of a question."""
    patterns = [pattern for arm in every_arm(question.arms) for pattern in arm.patterns]
    if Outcome("silence") not in patterns:
        return "stay silent"
    has_keys = any(isinstance(each, Key) for each in patterns)
    return "press another key" if has_keys else "say something else"


def _answer_words(pattern: Pattern | None, otherwise: str) -> str:
    match pattern:
        case Key(keys):
            return f"press {keys}"
        case Phrase(text):
            return f'say "{text}"'
        case Outcome("silence"):
            return "stay silent"
        case Outcome():
            return otherwise
        case _:
            return "give an answer"
