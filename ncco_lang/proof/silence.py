"""Find the longest silence that a caller can hear while servers hang: lookups in a row without speech, then no answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ncco_lang.blocks.edges import edges, returns_of, step_of
from ncco_lang.blocks.waiting import longest_wait, seconds_of_fetch
from ncco_lang.bundle import Ask, BlockId, Dial, Fetch, Graph, Leave, Say
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.proof.subject import Subject
from ncco_lang.values import units
from ncco_lang.values.constants import read_constant
from ncco_lang.values.data import Duration
from ncco_lang.values.lookup_times import LONGEST
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

LONGEST_SILENCE = Rule(
    code="P112",
    name="longest-silence",
    severity="info",
    why="While a server hangs, the caller hears nothing: each lookup takes its whole timeout, and if the server of the flow hangs "
    "itself, the platform waits 3 seconds for an event, or a second more than the longest lookups of one event, before it goes on "
    "alone. Speech between two lookups ends a silence. Only ncco check --silence reports this.",
    bad='step start {\n    talk "One moment."\n    fetch "https://example.com/a" timeout: 8s { otherwise -> go_on }\n'
    '    fetch "https://example.com/b" timeout: 8s { otherwise -> go_on }\n    talk "Thank you."\n}',
    good='step start {\n    talk "One moment."\n    talk "Thank you."\n}',
    language="flow",
)

RULES = (LONGEST_SILENCE,)
_LEAST = 3.0
"""The seconds that the platform waits for the answer to an event, unless lookups can take longer."""
_ENDLESS = 300.0
_MOST = 3


class LongestSilence(Facts):
    """The longest silence of a flow.

    Attributes:
        seconds: its length, in words.
        waits: the seconds of lookups and pauses; 0 without any.
        hang: the seconds after them in which the platform waits for the server; 0 if all servers but this one hang.
        path: the way there; empty without an answer.
    """

    rule = LONGEST_SILENCE
    labels = ("this is waited for", "and this", "and this")
    seconds: str
    waits: float
    hang: float
    path: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        parts = ["{waits:g} s of lookups and pauses"] if self.waits else []
        parts += ["{hang:g} s until the platform goes on without the server"] if self.hang else []
        who = "; for callers who {path:s}" if self.path else ""
        hint = ", then ".join(parts) + who
        return self.say(spelling, "the longest silence while servers hang is {seconds:s}", hint)


class _Wait(NamedTuple):
    """A silence so far: the seconds of earlier events, those of the lookups of this event, and the last lookups."""

    before: float = 0.0
    now: float = 0.0
    lookups: tuple[BlockId, ...] = ()

    @property
    def seconds(self) -> float:
        return self.before + self.now


_NONE = _Wait()


def check_silence(subject: Subject, joins: Literal["notify", "before"]) -> Iterator[Diagnostic]:
    """Yield the longest silence of a flow that has a server, where the call waits."""
    graph = subject.graph
    hang = max(_LEAST, longest_wait(graph, joins) + 1)
    best = (0.0, 0.0, 0, _NONE)
    for at, wait in _waits(graph):
        if at not in subject.paths:
            continue
        is_event = isinstance(graph.blocks[at].exit, (Ask, Dial, Fetch))
        # Without joins all lookups are made before the document, and the platform waits for them only so long.
        waits = 0.0 if joins == "before" else wait.before
        if is_event and waits + hang > best[0]:
            best = (waits + hang, hang, at, wait)
        if wait.lookups and joins == "notify" and wait.seconds > best[0]:
            best = (wait.seconds, 0.0, wait.lookups[-1], wait)
    seconds, after, at, wait = best
    if not seconds:
        return
    first = wait.lookups[0] if wait.lookups else at
    facts = LongestSilence(
        seconds=f"{seconds:g} s" if seconds < _ENDLESS else "without end",
        waits=seconds - after,
        hang=after,
        path=subject.paths.words(subject.paths.to(first)),
    )
    also = tuple(subject.verb_of(each) for each in wait.lookups if each != at) if seconds > after else ()
    yield flow_finding(subject.program.source, subject.verb_of(at), facts, also=also[-_MOST:])


def _waits(graph: Graph) -> Iterator[tuple[BlockId, _Wait]]:
    """Yield silences at each block: at its exit if it waits for a server, else before it speaks or ends."""
    longest: dict[BlockId, _Wait] = {}
    waiting = [(at, _NONE) for at in range(len(graph.blocks))]
    returns = returns_of(graph)
    while waiting:
        at, wait = waiting.pop()
        known = longest.get(at)
        if known is not None and wait.seconds <= known.seconds:
            continue
        longest[at] = wait
        block = graph.blocks[at]
        exit = block.exit
        for action in block.actions:
            if isinstance(action, Say) and action.verb == "wait":
                # The document ends before a lookup that follows an action, so the lookup is in another event.
                wait = wait._replace(before=min(wait.seconds + _pause(action), _ENDLESS), now=0.0)
            elif isinstance(action, Say):
                yield at, wait
                wait = _NONE
        if isinstance(exit, Fetch):
            own = seconds_of_fetch(exit)
            fits = wait.now + own <= LONGEST
            before, now = (wait.before, wait.now + own) if fits else (wait.seconds, own)
            wait = _Wait(min(before, _ENDLESS), now, (*wait.lookups, at)[-9:])
        yield at, wait
        if isinstance(exit, (Ask, Dial)):
            continue
        following = [edge.to for edge in edges(exit, graph.questions, graph.steps)]
        if isinstance(exit, Leave):
            following += returns.get(step_of(block), ())
        waiting += ((to, wait) for to in following)


def _pause(wait: Say) -> float:
    timeout = dict(wait.fields).get("timeout")
    value = read_constant(timeout) if isinstance(timeout, list) and timeout[:1] == ["duration"] else None
    return float(units.convert(value.amount, value.unit, "s")) if isinstance(value, Duration) else 0.0
