"""The NCCO that asks one question of a flow, for hover: what the engine answers when a call enters it, without the tail."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from ncco_lang.blocks.build import build_bundle
from ncco_lang.blocks.lower import lower_program
from ncco_lang.blocks.parts import NotLoweredError
from ncco_lang.bundle import Ask, Bundle, Dial, Graph, Question
from ncco_lang.bundler import NO_BASE_URL, joins_of
from ncco_lang.engine.events import Address, Lookup, with_addresses
from ncco_lang.engine.step import at_entry
from ncco_lang.engine.walk import Walk
from ncco_lang.program.model import BoundDeclaration, BoundStatement, Program
from ncco_lang.syntax import ast

if TYPE_CHECKING:
    from ncco_lang.editor.analysis import Analysis
    from ncco_lang.program.model import Bound


def question_document(analysis: Analysis, asked: BoundStatement) -> list[dict[str, Any]] | None:
    """Return the NCCO of a question of the shown program; None if the question has an error.

    A name that only a call knows is shown as the flow has it, `{name}`. Event URLs name the step.
    """
    program, span = analysis.shown_program, asked.node.span
    wrong = (each.span.start for each in analysis.findings if each.severity == "error")
    if program is None or any(span.start <= start < span.end for start in wrong):
        return None
    try:
        graph, places = lower_program(_alone(program, asked))
    except NotLoweredError:
        return None
    question = _question_at(graph, {at for (at, index), place in places.items() if index < 0 and place == span})
    if question is None:
        return None
    options = analysis.settings.options
    joins = options.joins or joins_of(options.check.provider)
    return _document(build_bundle(program, graph, places, joins=joins, mixed_barge_in=options.mixed_barge_in), question)


def _alone(program: Program, asked: BoundStatement) -> Program:
    """Return a program whose steps are empty beside one question, so that errors and statements elsewhere do not matter."""
    statements: list[Bound] = []
    step = program.scopes.scope_at(asked.node).step
    for each in program.statements:
        if isinstance(each.node, ast.Step) and isinstance(each, BoundDeclaration):
            statements.append(BoundDeclaration(each.node, (asked,) if each.node is step else ()))
        elif isinstance(each.node, ast.Anywhere):
            statements.append(each)
    alone = copy(program)
    alone.statements = (*statements, *(() if step is not None else (asked,)))
    return alone


def _question_at(graph: Graph, blocks: set[int]) -> Question | None:
    """Return the question that one of some blocks asks."""
    exits = (graph.blocks[at].exit for at in sorted(blocks))
    return next((graph.questions[exit.question] for exit in exits if isinstance(exit, (Ask, Dial))), None)


def _document(bundle: Bundle, question: Question) -> list[dict[str, Any]] | None:
    named = {slot: f"{{{name.text}}}" for slot, name in enumerate(bundle.graph.names) if name.type in (None, "text")}
    state = at_entry(bundle)._replace(block=question.listen, values=named, frame=named)
    reply = Walk(bundle, state, 0.0).run(question.start)
    if isinstance(reply, Lookup):
        return None
    ends = [int(address.path[0]) for address in reply.addresses]
    if not ends or reply.addresses[0].state.block != question.listen:
        return None

    def url(address: Address) -> str:
        return f"{NO_BASE_URL}/{address.hook}/{bundle.graph.blocks[address.state.block].name.rpartition('.')[0]}"

    # After a connect that is followed by a notify, both belong to the question.
    is_joined = ends[1:2] == [ends[0] + 1] and reply.addresses[1].hook == "j"
    return with_addresses(reply, url)[: ends[0] + 1 + is_joined]
