"""Compile a flow that branches: bound program ─▶ graph of blocks ─▶ one NCCO, or a bundle for a runtime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ncco_lang.blocks.build import build_bundle, live_values
from ncco_lang.blocks.draft import Places
from ncco_lang.blocks.lower import lower_program
from ncco_lang.blocks.parts import NotLoweredError
from ncco_lang.bundle import BlockId, Bundle, Dial, Graph, Say
from ncco_lang.checker import check_actions
from ncco_lang.checks.action_list import build_document
from ncco_lang.checks.action_order import BargeInOnGreeting, RoomWithoutStarter, check_sequence
from ncco_lang.checks.provider import check_provider
from ncco_lang.checks.recordings import check_recordings
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.engine.events import Address, Lookup, Reply, with_addresses
from ncco_lang.engine.explore import Answer, answers, fallback_document, first_reply
from ncco_lang.ncco.emit import emit_ncco
from ncco_lang.ncco.located import locate_problem
from ncco_lang.ncco.runs import find_runs
from ncco_lang.product import Document
from ncco_lang.program.model import Program
from ncco_lang.program.values import UNFIT
from ncco_lang.program.verbs import first_line
from ncco_lang.program.walk import bound_statements
from ncco_lang.proof.check import check_graph
from ncco_lang.proof.reports import check_early_reports
from ncco_lang.proof.waiting import check_waits
from ncco_lang.syntax.syntax_rules import not_yet
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.option_rules import NeedsCall, NeedsRuntime, RefusedByJudge
from ncco_lang.vocabulary.raw_options import RAW, form_of, split
from ncco_lang.vocabulary.schema_findings import check_schema
from ncco_lang.words import shown

if TYPE_CHECKING:
    from ncco_lang.vocabulary.judge import Refusal

Joins: TypeAlias = Literal["notify", "before"]
NO_BASE_URL = "https://flow.invalid"
"""The base of event URLs in documents for reading, if there is none (language description, Targets)."""


@dataclass(frozen=True, slots=True)
class BundleOptions:
    """How a flow that branches is compiled: the parts of `compiler.CompileOptions` that matter to it."""

    provider: str | None = None
    base_url: str | None = None
    joins: Joins | None = None
    mixed_barge_in: bool = False
    is_written: bool = False
    is_single: bool = False
    tells_silence: bool = False


@dataclass(frozen=True, slots=True)
class Bundled:
    """The product of a flow that needs a runtime.

    Attributes:
        bundle: what the runtime reads.
        places: the place in the flow of each action of a block by its index, and of its exit by -1.
        base_url: the base of the event URLs in the documents.
        secret: the params of the flow whose values come from the environment.
        made: the documents, if they were made to be validated.
    """

    bundle: Bundle
    places: Places = field(repr=False)
    base_url: str = NO_BASE_URL
    secret: tuple[str, ...] = ()
    made: tuple[tuple[Answer, list[dict[str, Any]]], ...] = field(default=(), repr=False, compare=False)

    @property
    def shown(self) -> None:
        """Nothing: it is not one NCCO that can be shown."""
        return

    def documents(self) -> Iterator[tuple[Answer, list[dict[str, Any]]]]:
        """Yield every document that a webhook can be answered with, with event URLs that name the block that waits."""
        if self.made:
            yield from self.made
            return
        for answer in answers(self.bundle):
            yield answer, with_addresses(answer.reply, self._url)

    def fallback(self) -> list[dict[str, Any]]:
        """Return the NCCO for callers when the runtime does not answer; empty if there is no such route."""
        return fallback_document(self.bundle)

    def _url(self, address: Address) -> str:
        return f"{self.base_url.rstrip('/')}/{address.hook}/{self.bundle.graph.blocks[address.state.block].name}"


def compile_branching(
    program: Program, options: BundleOptions, *, is_valid: bool = True
) -> tuple[Document | Bundled | None, list[Diagnostic]]:
    """Return what a program compiles to, and findings; no product if one of them prevents it.

    A flow that needs no runtime is one NCCO: the compiler runs the engine, which then waits for nothing.

    Args:
        program: a program without errors, or with errors in its jumps and questions only.
        is_valid: it has none.
    """
    found = list(_check_actions(program, options))
    try:
        graph, places = lower_program(program)
    except NotLoweredError as error:
        return None, [*found, not_yet(program.source, error.span, str(error), None)]
    joins = options.joins or joins_of(options.provider)
    live = live_values(graph)
    found += check_graph(program, graph, places, live, silence=joins if options.tells_silence else None)
    if joins == "before":
        found += check_waits(program.source, graph, places)
        found += check_early_reports(program.source, graph, places)
    found += _check_order(program, graph, places)
    if not is_valid or any(each.severity == "error" for each in found):
        return None, found
    bundle = build_bundle(program, graph, places, live=live, joins=joins, mixed_barge_in=options.mixed_barge_in)
    reply, first_read = first_reply(bundle)
    product: Document | Bundled
    waiting = _waiting(reply)
    if options.is_single and (waiting is not None or first_read is not None):
        needs = places[(waiting, -1) if waiting is not None else first_read or (0, -1)]
        facts = NeedsRuntime() if waiting is not None else NeedsCall()
        return None, [*found, flow_finding(program.source, first_line(program.source, needs), facts)]
    if (
        isinstance(reply, Reply)
        and first_read is None
        and waiting is None
        and not reply.orders
        and reply.document is not None
    ):
        product = Document(reply.document, tuple(places[origin] for origin in reply.origins))
        documents = [(reply, reply.document)]
    else:
        product = Bundled(bundle, places, options.base_url or NO_BASE_URL)
        if options.is_written:
            product = replace(product, made=tuple(product.documents()))
        documents = [(answer.reply, document) for answer, document in product.made]
    wrong = [_refused(program, places, reply, refusal) for reply, refusal in _refusals(bundle, documents, options)]
    return (None if wrong else product), [*found, *wrong]


def _waiting(reply: Reply | Lookup | None) -> BlockId | None:
    """Return the block in which a call waits after its first document."""
    if reply is None:
        return None
    return reply.origin if isinstance(reply, Lookup) else next((each.state.block for each in reply.addresses), None)


def joins_of(provider: str | None) -> Joins:
    """Return what follows a routed connect at a provider; KPN's pages have no `notify` (language description, Targets)."""
    return "before" if provider == "kpn" else "notify"


def _check_actions(program: Program, options: BundleOptions) -> Iterator[Diagnostic]:
    """Yield findings about the actions of a program, each alone: only a call knows which follows which."""
    written = [each for bound in bound_statements(program.statements) for each in (*bound.speech, bound)]
    statements = [each for each in written if each.is_action or each.wire is not None]
    fit = [each for each in statements if all(slot.wire is not UNFIT for slot in each.slots)]
    emitted = emit_ncco(program, fit)
    problems = [*check_schema(emitted.ncco), *check_actions(emitted.ncco)]
    if options.provider is not None:
        problems += check_provider(build_document(emitted.ncco, ()), options.provider)
    for problem in problems:
        yield locate_problem(program.source, emitted, problem)


def _check_order(program: Program, graph: Graph, places: Places) -> Iterator[Diagnostic]:
    """Yield findings about actions that follow each other in every call, each at the block that has the action."""
    runs = list(find_runs(program, graph, places))
    rooms = (action for run in runs for action in run.emitted.ncco if action["action"] == "conversation")
    started = [room.get("name") for room in rooms if room.get("startOnEnter") is not False]
    for run in runs:
        document = build_document(run.emitted.ncco, ())
        for problem in (*check_sequence(document), *check_recordings(document)):
            facts, at = problem.facts, problem.place.path[0]
            is_elsewhere = not isinstance(at, int) or at >= run.own
            if isinstance(facts, BargeInOnGreeting):
                # The barge-in of a prompt is not the author's, so it is worth a note, and only because of noise.
                is_elsewhere = not run.is_first or (run.is_asked and not facts.by_speech)
                if run.is_asked:
                    of_menu = BargeInOnGreeting(by_speech=facts.by_speech, of_menu=True)
                    problem = replace(problem, facts=of_menu, severity="info")
            elif isinstance(facts, RoomWithoutStarter):
                is_elsewhere = is_elsewhere or facts.name in started
            if not is_elsewhere:
                yield locate_problem(program.source, run.emitted, problem)


def _refusals(
    bundle: Bundle, documents: list[tuple[Reply, list[dict[str, Any]]]], options: BundleOptions
) -> Iterator[tuple[Reply, Refusal]]:
    if options.is_written:
        # Imported here, because it takes longer than all else, and checking a flow does not need it.
        from ncco_lang.vocabulary.judge import refused

        # The engine makes a constant action once for all documents; all of them are alive, so an `id` means one action.
        judged, has_raw = set[int](), _has_raw_options(bundle)
        for reply, document in documents:
            known = {index for index, action in enumerate(document) if id(action) in judged}
            plain = [_without_raw(action) for action in document] if has_raw else document
            refusal = refused(plain, _raw_actions(bundle.graph, reply) | known)
            if refusal is not None:
                yield reply, refusal
            judged.update(map(id, document))


def _refused(program: Program, places: Places, reply: Reply, refusal: Refusal) -> Diagnostic:
    facts = RefusedByJudge(keyword=refusal.keyword, value=shown(refusal.value))
    at = reply.origins[int(refusal.path[0])] if refusal.path else reply.origins[0]
    return flow_finding(program.source, places[at], facts)


def _raw_actions(graph: Graph, reply: Reply) -> frozenset[int]:
    """Return the indexes of the actions of a document that `raw` wrote."""
    found = set()
    for index, (block, at) in enumerate(reply.origins):
        action = graph.blocks[block].actions[at] if at >= 0 else None
        if isinstance(action, Say) and action.verb == RAW:
            found.add(index)
    return frozenset(found)


def _has_raw_options(bundle: Bundle) -> bool:
    """Return whether some action of a bundle has the option `raw`."""
    blocks = bundle.graph.blocks
    fields = [action.fields for block in blocks for action in block.actions if isinstance(action, Say)]
    fields += [say.fields for block in blocks if isinstance(block.exit, Dial) for say in block.exit.endpoints]
    return any(name == RAW for each in (*fields, *bundle.voices.values()) for name, _ in each)


def _without_raw(action: dict[str, Any]) -> dict[str, Any]:
    """Return an action without what its statement has no option for."""
    chosen = form_of(action)
    return action if chosen is None else split(chosen, action)[0]
