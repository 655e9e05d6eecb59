"""Check what the platform reports is read in time where the document cannot end first: at a provider without `notify`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.blocks.waiting import following, later_starts, returns_of
from ncco_lang.bundle import BlockId, Branch, Dial, Graph, Say
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.source import Source, Span
from ncco_lang.vocabulary.flow_spelling import flow_finding

if TYPE_CHECKING:
    from ncco_lang.blocks.draft import Places

EARLY_REPORT = Rule(
    code="P113",
    name="early-report",
    severity="error",
    why="Who answered, the status of the call and keys beside it are reported while a document plays. Elsewhere ncco reads them "
    "after all that comes before, by a notify; KPN has no notify, so they have to be read before the first word, or at the "
    "beginning of an arm, where they are as of the last webhook.",
    bad='step start {  // in the profile: provider = "kpn"\n    talk "Hello."\n    if call.answered_by == "machine" { hangup }\n'
    '    talk "Press 1."\n}',
    good='step start {  // in the profile: provider = "kpn"\n    if call.answered_by == "machine" { hangup }\n'
    '    talk "Hello. Press 1."\n}',
    language="flow",
)
RULES = (EARLY_REPORT,)
_VERB = re.compile(r"\w*")


class EarlyReport(Facts):
    """A statement that reads what the platform reports, where the caller has not heard what comes before it."""

    rule = EARLY_REPORT
    message = "KPN cannot end the document here, so this is read too early"
    hint = "move it before the first action, or to the beginning of an arm"


def check_early_reports(source: Source, graph: Graph, places: Places) -> Iterator[Diagnostic]:
    """Yield a finding for each statement that reads too early, in the order of the blocks."""
    for at in sorted(_early(graph)):
        start = places[at, -1].start
        verb = _VERB.match(source.text, start)
        yield flow_finding(source, Span(start, start if verb is None else verb.end()), EarlyReport())


def _early(graph: Graph) -> set[BlockId]:
    """Return the branches on reports at which a document may have something in it."""
    found: set[BlockId] = set()
    seen: set[tuple[BlockId, bool]] = set()
    returns = returns_of(graph)
    waiting = [(start, False) for start in (graph.entry, *later_starts(graph))]
    while waiting:
        at, is_begun = waiting.pop()
        if (at, is_begun) in seen:
            continue
        seen.add((at, is_begun))
        block = graph.blocks[at]
        is_begun = is_begun or any(isinstance(action, Say) for action in block.actions)
        if is_begun and isinstance(block.exit, Branch) and block.exit.volatile == "reports":
            found.add(at)
        is_begun = is_begun or isinstance(block.exit, Dial)
        waiting += ((to, is_begun) for to in following(graph, at, "before", returns))
    return found
