"""The NCCO of one statement of a flow that only a call completes, for hover: an action, or what asks a question."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.blocks.build import build_bundle
from ncco_lang.blocks.lower import lower_program
from ncco_lang.blocks.parts import NotLoweredError
from ncco_lang.bundle import Ask, Bundle, Dial, Graph, Question, Say
from ncco_lang.bundler import NO_BASE_URL, joins_of
from ncco_lang.engine.actions import UnusableError, actions_of
from ncco_lang.engine.events import Address, Lookup, with_addresses
from ncco_lang.engine.exploring import Exploring, UndecidedError
from ncco_lang.engine.samples import Samples, unknown
from ncco_lang.engine.state import State
from ncco_lang.engine.step import at_entry
from ncco_lang.program.model import BoundDeclaration, BoundStatement, Program
from ncco_lang.program.walk import bound_statements
from ncco_lang.source import Span
from ncco_lang.syntax import ast

if TYPE_CHECKING:
    from ncco_lang.blocks.draft import Places
    from ncco_lang.editor.analysis import Analysis
    from ncco_lang.program.model import Bound

_TRUE = (True,) * 50
"""What the conditions in a question are taken to be."""


class Preview(NamedTuple):
    """JSON to show; `has_samples`: a part of it is a sample, or a name in braces, for what only a call knows."""

    json: object
    has_samples: bool


def preview_action(analysis: Analysis, command: ast.Command) -> Preview | None:
    """Return the action of a statement of the shown program; None if the statement has an error.

    What only a call knows is shown as the documents of a bundle have it: `{name}` in a text, else a sample.
    """
    program = analysis.shown_program
    found = () if program is None else bound_statements(program.statements)
    bound = next((each for each in found if each.node is command), None)
    made = None if bound is None else _bundle_of(analysis, bound)
    if made is None:
        return None
    bundle, places = made
    at = next((at for at, span in places.items() if at[1] >= 0 and span == command.span), None)
    action = None if at is None else bundle.graph.blocks[at[0]].actions[at[1]]
    if not isinstance(action, Say) or action.verb != command.verb.text:
        return None
    values = Samples(bundle, _state(bundle))
    try:
        actions = actions_of(action, values)
    except UnusableError:
        return None
    return Preview(actions[0] if len(actions) == 1 else actions, bool(values.names_read))


def preview_question(analysis: Analysis, asked: BoundStatement) -> Preview | None:
    """Return the NCCO that asks a question of the shown program, without the tail; None if the question has an error.

    Its conditions are taken to hold. Event URLs name the step.
    """
    made = _bundle_of(analysis, asked)
    if made is None:
        return None
    bundle, places = made
    asking = {at for (at, index), place in places.items() if index < 0 and place == asked.node.span}
    question = _question_at(bundle.graph, asking)
    if question is None:
        return None
    walk = Exploring(bundle, _state(bundle)._replace(block=question.listen), decisions=_TRUE)
    try:
        reply = walk.run(question.start)
    except UndecidedError:
        return None
    if isinstance(reply, Lookup):
        return None
    ends = [int(address.path[0]) for address in reply.addresses]
    if not ends or reply.addresses[0].state.block != question.listen:
        return None

    def url(address: Address) -> str:
        return f"{NO_BASE_URL}/{address.hook}/{bundle.graph.blocks[address.state.block].name.rpartition('.')[0]}"

    # After a connect that is followed by a notify, both belong to the question.
    is_joined = ends[1:2] == [ends[0] + 1] and reply.addresses[1].hook == "j"
    return Preview(with_addresses(reply, url)[: ends[0] + 1 + is_joined], walk.first_read is not None)


def _bundle_of(analysis: Analysis, alone: BoundStatement) -> tuple[Bundle, Places] | None:
    """Return the bundle of a flow with one of its statements only; None if the statement, or its default, has an error."""
    program = analysis.shown_program
    spans = [alone.node.span]
    spans += (Span(slot.key.start, slot.span.end) for slot in alone.slots if slot.origin is not None)
    wrong = [each.span.start for each in analysis.findings if each.severity == "error"]
    if program is None or any(span.start <= start < span.end for start in wrong for span in spans):
        return None
    try:
        graph, places = lower_program(_alone(program, alone))
    except NotLoweredError:
        return None
    options = analysis.settings.options
    joins = options.joins or joins_of(options.check.provider)
    return build_bundle(program, graph, places, joins=joins, mixed_barge_in=options.mixed_barge_in), places


def _alone(program: Program, alone: BoundStatement) -> Program:
    """Return a program whose steps are empty beside one statement, so that errors and statements elsewhere do not matter."""
    statements: list[Bound] = []
    step = program.scopes.scope_at(alone.node).step
    for each in program.statements:
        if isinstance(each.node, ast.Step) and isinstance(each, BoundDeclaration):
            statements.append(BoundDeclaration(each.node, (alone,) if each.node is step else ()))
        elif isinstance(each.node, ast.Anywhere):
            statements.append(each)
    other = copy(program)
    other.statements = (*statements, *(() if step is not None else (alone,)))
    return other


def _question_at(graph: Graph, blocks: set[int]) -> Question | None:
    """Return the question that one of some blocks asks."""
    exits = (graph.blocks[at].exit for at in sorted(blocks))
    return next((graph.questions[exit.question] for exit in exits if isinstance(exit, (Ask, Dial))), None)


def _state(bundle: Bundle) -> State:
    """Return a state in which every name is set, to a value that is not known."""
    named = {slot: unknown(name.text, name.type) for slot, name in enumerate(bundle.graph.names)}
    return at_entry(bundle)._replace(values=named, frame=named)
