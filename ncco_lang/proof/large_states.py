"""Name the places where the state of a call can be larger than an event URL holds."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.blocks.sizes import find_loads
from ncco_lang.bundle import Fetch, SlotId
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.proof.subject import Subject
from ncco_lang.source import Span
from ncco_lang.vocabulary.flow_spelling import flow_finding

LARGE_STATE = Rule(
    code="P111",
    name="large-state",
    severity="info",
    why="An event URL carries the values that a later part of the call reads, in at most 1,500 characters. Above that the server "
    "keeps them in its store, so the answer to the event needs this store. Of a lookup only the fields that are read later are "
    "kept; one that is read whole, or repeated over, is kept whole.",
    bad='step start {\n    fetch "https://example.com/slots" into: slots { otherwise -> hangup }\n'
    '    menu "Press 1 to hear how many there are." {\n        1 -> { talk "{length(slots)}" }\n        give_up -> hangup\n    }\n}',
    good='step start {\n    fetch "https://example.com/slots" into: slots { otherwise -> hangup }\n    set count = length(slots)\n'
    '    menu "Press 1 to hear how many there are." {\n        1 -> { talk "{count}" }\n        give_up -> hangup\n    }\n}',
    language="flow",
)

RULES = (LARGE_STATE,)
_MOST = 800
"""Characters of values that fit into an event URL beside the rest of a state, encrypted and as base64."""


class LargeValue(Facts):
    """A name whose value has no limit, and which a token carries."""

    rule = LARGE_STATE
    message = "all of {name} is kept while the call waits"
    hint = "to keep less, set before it what is read later: set … = {name:s}.…"
    labels = ("the call waits here",)
    name: str


class ManyValues(Facts):
    """Values that together can be larger than an event URL holds."""

    rule = LARGE_STATE
    message = "the values that are kept here can have {characters} characters"
    hint = "above 1,500 characters in an event URL, the server keeps them in its store"
    characters: int


def check_large_states(subject: Subject) -> Iterator[Diagnostic]:
    """Yield one finding for each name without a limit, where the call first waits with it, and one for many values."""
    graph, source = subject.graph, subject.program.source
    if not graph.names:
        return
    made = {
        block.exit.into: subject.verb_of(at)
        for at, block in reversed(list(enumerate(graph.blocks)))
        if isinstance(block.exit, Fetch) and block.exit.into is not None
    }
    seen: set[SlotId] = set()
    has_many = False
    for load in find_loads(subject.live):
        if load.at not in subject.paths:
            continue
        here = subject.verb_of(load.at)
        for slot in load.unlimited:
            if slot not in seen and graph.names[slot].scope != "frame":
                seen.add(slot)
                place: Span = made.get(slot, here)
                also = (here,) if place != here else ()
                yield flow_finding(source, place, LargeValue(name=graph.names[slot].text), also=also)
        if load.characters > _MOST and not has_many:
            has_many = True
            yield flow_finding(source, here, ManyValues(characters=load.characters))
