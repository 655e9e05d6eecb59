"""Find the shortest path of a caller to each block, and say it as the caller lives it: `press 2, stay silent three times`.

`searching.py` finds the paths. A block is found twice, if it is reached both with and without a word since the last answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ncco_lang.blocks.edges import every_arm
from ncco_lang.bundle import (
    Again,
    Ask,
    BlockId,
    Dial,
    Fetch,
    Graph,
    Key,
    Outcome,
    Pattern,
    Phrase,
    Question,
    QuestionId,
)
from ncco_lang.proof.searching import Act, after_retries, length_of, search

_MOST_ACTS = 4
"""How many of the last answers of a path are said."""
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


@dataclass(frozen=True, slots=True)
class Paths:
    """The shortest paths of a graph, each by its last answer; None before any answer.

    Attributes:
        quiet: those on which the caller has heard nothing since the last answer when a block begins.
        heard: those on which the caller has heard something.
        ending: those of `quiet` on which no `do` waits for the end of the step.
    """

    graph: Graph
    quiet: dict[BlockId, Act | None] = field(default_factory=dict)
    heard: dict[BlockId, Act | None] = field(default_factory=dict)
    ending: dict[BlockId, Act | None] = field(default_factory=dict)
    _others: dict[QuestionId, str] = field(default_factory=dict, repr=False)

    def __contains__(self, at: BlockId) -> bool:
        """Return whether a caller can get to a block."""
        return at in self.quiet or at in self.heard

    def to(self, at: BlockId) -> Act | None:
        """Return the last answer on the shortest path to a block that a caller can get to."""
        found = [paths[at] for paths in (self.quiet, self.heard) if at in paths]
        return min(found, key=length_of)

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
        if isinstance(exit, Fetch):
            return _lookup_words(act.edge.label)
        if isinstance(exit, Dial):
            return _REACHED.get(act.edge.label, "get no connection") + times
        assert isinstance(exit, Ask)
        if exit.question not in self._others:
            self._others[exit.question] = _other_words(self.graph.questions[exit.question])
        return _answer_words(act.edge.pattern, self._others[exit.question]) + times


def find_paths(graph: Graph) -> Paths:
    """Return the shortest path to every block that a caller can get to."""
    paths = Paths(graph)
    for node, act in search(graph).items():
        found = paths.quiet if node.is_quiet else paths.heard
        found.setdefault(node.at, act)  # the nearest one comes first
        if node.is_quiet and not node.is_called:
            paths.ending.setdefault(node.at, act)
    return paths


def used_up(paths: Paths, at: BlockId) -> Act | None:
    """Return the last answer on the shortest path to an `Again` with no retry left."""
    exit = paths.graph.blocks[at].exit
    assert isinstance(exit, Again)
    return after_retries(paths.to(at), paths.graph.questions[exit.question].retries)


def _lookup_words(label: str) -> str:
    """Return what a caller meets when a lookup is not good."""
    if label[:1].isdigit():
        return f"get {label} from the server"
    return "get no answer from the server" if label == "timeout" else "get a failed lookup"


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
