"""How long the lookups of one event can take: from each block on, along the ways on which no webhook comes between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from ncco_lang.blocks.edges import edges, targets
from ncco_lang.bundle import Ask, BlockId, Call, Dial, Fetch, Graph, Leave, Say
from ncco_lang.values.constants import CONSTANTS, read_constant
from ncco_lang.values.lookup_times import LONGEST, seconds_of

ENDLESS = 2 * LONGEST
"""The sum of a circle of lookups: no sum of seconds grows beyond this one."""


def seconds_of_fetch(exit: Fetch) -> float:
    """Return the most seconds of a lookup; those of a time-out that only a call knows are the most of any."""
    timeout = exit.timeout
    if isinstance(timeout, list) and timeout[:1] != ["undefined"]:
        return seconds_of(read_constant(timeout)) if timeout and timeout[0] in CONSTANTS else LONGEST
    return seconds_of(timeout)


def waits(graph: Graph, joins: Literal["notify", "before"], starts: Iterable[BlockId]) -> dict[BlockId, float]:
    """Return the blocks with a lookup that an event can come to, each with the most seconds of the lookups up to it.

    Args:
        graph: the blocks.
        joins: with `notify` the document ends before a lookup that follows speech, or for which the event cannot wait.
        starts: the blocks in which the event goes on.
    """
    before: dict[BlockId, float] = {}
    found: dict[BlockId, float] = {}
    backs = returns_of(graph)
    waiting = [(start, 0.0) for start in starts]
    while waiting:
        at, seconds = waiting.pop()
        if seconds <= before.get(at, -1.0):
            continue
        before[at] = seconds
        block = graph.blocks[at]
        if joins == "notify" and any(isinstance(action, Say) for action in block.actions):
            seconds = 0.0
        if isinstance(block.exit, Fetch):
            own = seconds_of_fetch(block.exit)
            seconds = own if joins == "notify" and seconds + own > LONGEST else min(seconds + own, ENDLESS)
            found[at] = max(found.get(at, 0.0), seconds)
        waiting += ((to, seconds) for to in following(graph, at, joins, backs))
    return found


def later_starts(graph: Graph) -> Iterator[BlockId]:
    """Yield the blocks in which an event after the first document goes on."""
    for block in graph.blocks:
        if isinstance(block.exit, Ask | Dial):
            yield from targets(block.exit, graph.questions, graph.steps)


def longest_wait(graph: Graph, joins: Literal["notify", "before"]) -> float:
    """Return the most seconds that an event of a call waits for lookups; 0 without any."""
    found = waits(graph, joins, (graph.entry, *later_starts(graph), *_joined(graph, joins)))
    return min(LONGEST, max(found.values(), default=0.0))


def _joined(graph: Graph, joins: str) -> Iterator[BlockId]:
    """Yield the lookups that an event begins with, because the document before ended there."""
    if joins == "notify":
        yield from (at for at, block in enumerate(graph.blocks) if isinstance(block.exit, Fetch))


def returns_of(graph: Graph) -> dict[str, list[BlockId]]:
    """Return where each step that is run with `do` comes back to, by its name."""
    found: dict[str, list[BlockId]] = {}
    for block in graph.blocks:
        if isinstance(block.exit, Call):
            found.setdefault(graph.steps[block.exit.step].name, []).append(block.exit.back)
    return found


def following(graph: Graph, at: BlockId, joins: str, backs: dict[str, list[BlockId]]) -> Iterator[BlockId]:
    """Yield the blocks in which the same event goes on after a block."""
    exit = graph.blocks[at].exit
    match exit:
        case Ask():
            pass
        case Dial(good=good):
            # Without joins, what follows the connect is in the same document.
            yield from (good,) if joins == "before" else ()
        case Leave():
            yield from backs.get(graph.blocks[at].name.rpartition(".")[0], ())
        case _:
            yield from (edge.to for edge in edges(exit, graph.questions, graph.steps))
