"""Check how long lookups take where the document cannot end before one: at a provider without the action `notify`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.blocks.waiting import ENDLESS, later_starts, waits
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.values.lookup_times import LONGEST, LONGEST_FIRST
from ncco_lang.vocabulary.flow_spelling import flow_finding

if TYPE_CHECKING:
    from ncco_lang.blocks.draft import Places
    from ncco_lang.bundle import Graph
    from ncco_lang.source import Source, Span

LONG_WAIT = Rule(
    code="L108",
    name="long-wait",
    severity="error",
    why="The platform waits 5 seconds for the first document of a call, and 10 for the answer to an event. Elsewhere ncco "
    "splits lookups in a row by a notify; KPN has no notify, so all of them have to fit.",
    bad='fetch "https://example.com/a" timeout: 6s { otherwise -> hangup }  // in the profile: provider = "kpn"\ntalk "Done."',
    good='fetch "https://example.com/a" timeout: 3s { otherwise -> hangup }  // in the profile: provider = "kpn"\ntalk "Done."',
    language="flow",
)
RULES = (LONG_WAIT,)


class LongWait(Facts):
    """Lookups that take longer than a webhook waits."""

    rule = LONG_WAIT
    message = "the lookups up to here can take {seconds:s}, but have {most:s}"
    hint = "give them a shorter timeout, or ask the caller something between them"
    seconds: str
    most: str


def check_waits(source: Source, graph: Graph, places: Places) -> Iterator[Diagnostic]:
    """Yield a finding for each lookup that an event cannot wait for, in the order of the blocks."""
    at_first = waits(graph, "before", (graph.entry,))
    later = waits(graph, "before", later_starts(graph))
    for at in sorted({*at_first, *later}):
        for found, most in ((at_first, LONGEST_FIRST), (later, LONGEST)):
            if found.get(at, 0.0) > most:
                seconds = "any time" if found[at] >= ENDLESS else f"{found[at]:g}s"
                facts = LongWait(seconds=seconds, most=f"{most:g}s")
                yield flow_finding(source, _verb(places[at, -1]), facts)
                break


def _verb(span: Span) -> Span:
    return type(span)(span.start, span.start + len("fetch"))
