"""Check what goes round without the caller: steps without an end, connects that fail, and lookups."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from ncco_lang.bundle import BlockId, Dial, Fetch, Jump
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.proof.circles import Circles
from ncco_lang.proof.searching import length_of
from ncco_lang.proof.subject import Subject
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

if TYPE_CHECKING:
    pass

ENDLESS_CALL = Rule(
    code="P101",
    name="endless-call",
    severity="error",
    why="These steps lead to each other, and none of them asks anything, so what they do has no end. A call that gets there "
    "is answered with the fallback route instead.",
    bad='step start {\n    talk "Please hold."\n    goto music\n}\n\nstep music {\n    stream "https://example.com/m.mp3"\n'
    "    goto start\n}",
    good='step start {\n    talk "Please hold."\n    goto music\n}\n\nstep music {\n    stream "https://example.com/m.mp3" '
    "loop: 10\n}",
    language="flow",
)
ENDLESS_DIALLING = Rule(
    code="P106",
    name="endless-dialling",
    severity="warning",
    why="While these connects fail, they lead to each other, whatever the caller does. With a line that is always busy the call "
    "dials until the caller hangs up, many times a minute, and each attempt may cost money. A retry ends after the retries.",
    bad='step start {\n    connect phone "+44 20 7946 0123" from: "+44 20 7946 0124" {\n        otherwise -> start\n    }\n}',
    good='step start {\n    connect phone "+44 20 7946 0123" from: "+44 20 7946 0124" {\n        otherwise -> retry after: 5s\n'
    '        give_up -> { talk "All lines are busy." }\n    }\n}',
    language="flow",
)
ENDLESS_LOOKUPS = Rule(
    code="P110",
    name="endless-lookups",
    severity="warning",
    why="These steps lead to each other, whatever the caller does, as long as their lookups end in the same way. The server is asked "
    "again and again, and the caller hears the same or nothing. A question on the way, or a count of the rounds in a condition, "
    "ends that.",
    bad='step start {\n    talk "One moment."\n    fetch "https://example.com/slots" {\n        503 -> start\n'
    '        otherwise -> sorry\n    }\n    talk "There is a slot."\n}\n\nstep sorry { talk "Please call again tomorrow." }',
    good='step start {\n    talk "One moment."\n    fetch "https://example.com/slots" {\n        503 -> sorry\n'
    '        otherwise -> sorry\n    }\n    talk "There is a slot."\n}\n\nstep sorry { talk "Please call again tomorrow." }',
    language="flow",
)

RULES = (ENDLESS_CALL, ENDLESS_DIALLING, ENDLESS_LOOKUPS)
_MOST, _MORE = 3, "…"
"""How many steps and places of a circle a finding shows."""


class EndlessCall(Facts):
    """Steps that lead to each other without a question; `cycle` ends with the first of them, `path` leads to them."""

    rule = ENDLESS_CALL
    labels = ("this leads on",)
    cycle: tuple[str, ...]
    path: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "ask something on the way, or let one of them end"
        if self.path:
            hint = f"{hint}; callers get there so: {{path:s}}"
        way = " → ".join(name if name == _MORE else f'"{name}"' for name in self.cycle)
        return self.say(spelling, "the call never ends: {way:s}", hint, way=way)


class EndlessDialling(Facts):
    """Connects that lead to each other or to themselves as long as they fail."""

    rule = ENDLESS_DIALLING
    message = "while this fails, the call dials without end"
    hint = "retry with give_up -> …, or lead the failures to an end or a menu"
    labels = ("and this",)


class EndlessLookups(Facts):
    """Steps that lead to each other as long as their lookups end in the same way; `cycle` ends with the first of them."""

    rule = ENDLESS_LOOKUPS
    message = "while this ends the same way, the call loops without end"
    hint = "ask something on the way, or count the rounds and leave"
    labels = ("this leads on",)


def check_loops(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the findings of this module: one for each part of the graph that can go round without the caller."""
    graph, circles = subject.graph, Circles(subject.graph)
    reported: set[BlockId] = set()
    for kinds in ((), (Dial,), (Dial, Fetch)):
        for circle in circles.find(without=tuple(kind for kind in (Dial, Fetch) if kind not in kinds)):
            waiting = [at for at in circle if isinstance(graph.blocks[at].exit, kinds)] if kinds else []
            is_new = reported.isdisjoint(circle) and (
                not kinds or any(isinstance(graph.blocks[at].exit, kinds[-1]) for at in circle)
            )
            if is_new and circle[0] in subject.paths:
                reported.update(circle)
                yield from _found(subject, circle, waiting)


def _found(subject: Subject, circle: list[BlockId], waiting: Collection[BlockId]) -> Iterator[Diagnostic]:
    graph, source = subject.graph, subject.program.source
    dials = [subject.verb_of(at) for at in waiting if isinstance(graph.blocks[at].exit, Dial)]
    lookups = [subject.verb_of(at) for at in waiting if isinstance(graph.blocks[at].exit, Fetch)]
    jumping = [at for at in circle if isinstance(graph.blocks[at].exit, Jump)]
    if lookups:
        also = tuple(subject.places[at, -1] for at in jumping[:_MOST])
        yield flow_finding(source, lookups[0], EndlessLookups(), also=also)
    elif dials:
        yield flow_finding(source, dials[0], EndlessDialling(), also=tuple(dials[1:2]))
    elif jumping:  # else a retry in give_up, which has a finding
        yield _endless(subject, circle, jumping)


def _endless(subject: Subject, circle: list[BlockId], jumping: list[BlockId]) -> Diagnostic:
    steps = [subject.graph.blocks[at].name.rpartition(".")[0] for at in jumping]
    before = tuple(subject.places[at, -1] for at in jumping[:-1][: _MOST - 1])
    path = subject.paths.words(min(map(subject.paths.to, circle), key=length_of))
    more = (_MORE, steps[-1]) if len(steps) > _MOST else ()
    facts = EndlessCall(cycle=(*steps[:_MOST], *more, steps[0]), path=path)
    return flow_finding(subject.program.source, subject.places[jumping[-1], -1], facts, also=before)
