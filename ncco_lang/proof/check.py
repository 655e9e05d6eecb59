"""Check the graph of a flow: every finding about the paths of a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from ncco_lang.blocks.build import live_values
from ncco_lang.bundle import Branch, Fetch
from ncco_lang.program.walk import bound_statements
from ncco_lang.proof.conditions import check_conditions
from ncco_lang.proof.endings import check_endings
from ncco_lang.proof.large_states import check_large_states
from ncco_lang.proof.loops import check_loops
from ncco_lang.proof.paths import find_paths
from ncco_lang.proof.repeating import check_repeating
from ncco_lang.proof.returning import check_returning
from ncco_lang.proof.silence import check_silence
from ncco_lang.proof.subject import Subject
from ncco_lang.proof.unset_names import check_unset_names

if TYPE_CHECKING:
    from ncco_lang.blocks.draft import Places
    from ncco_lang.blocks.live import LiveValues
    from ncco_lang.bundle import Graph
    from ncco_lang.diagnostics import Diagnostic
    from ncco_lang.program.model import Program


def check_graph(
    program: Program,
    graph: Graph,
    places: Places,
    live: LiveValues | None = None,
    silence: Literal["notify", "before"] | None = None,
) -> Iterator[Diagnostic]:
    """Yield the findings about the paths of a flow, in any order; a sequence of actions has none.

    Args:
        program: a program without errors.
        graph: its blocks, from `lower_program`.
        places: the places of their actions and exits.
        live: which values a call still reads, from `live_values`, if it is known already.
        silence: also say how long the caller can hear nothing, with what `Bundle.joins` is.
    """
    decides = any(isinstance(each.exit, Branch | Fetch) for each in graph.blocks)
    if not (graph.questions or graph.steps or graph.names or decides):
        return
    statements = {each.node.span: each for each in bound_statements(program.statements)}
    live = live_values(graph) if live is None else live
    subject = Subject(program, graph, places, find_paths(graph), statements, live)
    yield from check_repeating(subject)
    yield from check_loops(subject)
    yield from check_endings(subject)
    yield from check_unset_names(subject)
    yield from check_large_states(subject)
    yield from check_returning(subject)
    yield from check_conditions(subject)
    if silence is not None:
        yield from check_silence(subject, silence)
