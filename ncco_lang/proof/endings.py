"""Check where a call ends: without a word, before statements that no caller gets to, or when its server is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ncco_lang.blocks.build import find_rescue
from ncco_lang.blocks.parts import is_said
from ncco_lang.bundle import Ask, Dial, Leave
from ncco_lang.diagnostics import Diagnostic, Facts, Rule
from ncco_lang.program.jumps import UNREACHABLE_STEP
from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundEach, BoundIf, BoundStatement
from ncco_lang.program.scopes import START
from ncco_lang.program.verbs import first_line
from ncco_lang.program.walk import inner
from ncco_lang.proof.searching import is_spoken
from ncco_lang.proof.subject import Subject
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Binding
    from ncco_lang.program.model import Bound

SILENT_END = Rule(
    code="P103",
    name="silent-end",
    severity="warning",
    why="The call ends at the end of a step, and the caller has heard nothing since the last answer. Often a goto is "
    "missing; hangup says that the end is meant.",
    bad='menu "Press 1 for sales, 2 to stop." {\n    1 -> { talk "Sales is closed today." }\n    2 -> go_on\n'
    "    give_up -> hangup\n}",
    good='menu "Press 1 for sales, 2 to stop." {\n    1 -> { talk "Sales is closed today." }\n    2 -> hangup\n'
    "    give_up -> hangup\n}",
    language="flow",
)
UNREACHABLE_STATEMENT = Rule(
    code="P104",
    name="unreachable-statement",
    severity="warning",
    why="What is before this statement always leads elsewhere, so no caller gets here.",
    bad='step start {\n    goto closing\n    talk "Goodbye."\n}\n\nstep closing {\n    talk "We are closed."\n}',
    good='step start {\n    talk "Goodbye."\n    goto closing\n}\n\nstep closing {\n    talk "We are closed."\n}',
    language="flow",
)
NO_FALLBACK = Rule(
    code="P105",
    name="no-fallback",
    severity="info",
    why="When the server that answers the call is gone, the platform goes on alone, with a route that needs no answer: the "
    "fallback step, else the first connect that callers reach without a key, else the first recording. This flow has none "
    "of them, so callers hear an apology and the call ends.",
    bad='menu "Press 1 to hear our address." {\n    1 -> { talk "Canal Street 4." }\n    give_up -> hangup\n}',
    good='fallback message\n\nstep start {\n    menu "Press 1 to hear our address." {\n        1 -> { talk "Canal Street 4." }\n'
    '        give_up -> hangup\n    }\n}\n\nstep message {\n    talk "Please call again tomorrow."\n}',
    language="flow",
)

RULES = (SILENT_END, UNREACHABLE_STATEMENT, NO_FALLBACK)


class SilentEnd(Facts):
    """The end of a step that callers reach without hearing anything; `path` is the way there."""

    rule = SILENT_END
    message = "the call ends without a word"
    labels = ("the step ends here",)
    path: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "say something before it, lead on with goto, or write hangup"
        return self.say(spelling, self.message, f"for callers who {{path:s}}: {hint}" if self.path else hint)


class UnreachableStatement(Facts):
    """A statement after one that always leads elsewhere."""

    rule = UNREACHABLE_STATEMENT
    message = "no caller ever gets here"
    hint = "remove this, or put it before what leads elsewhere"
    labels = ("this leads elsewhere",)


class OverriddenStep(Facts):
    """A step to which only arms of `anywhere` lead, which no question takes."""

    rule = UNREACHABLE_STEP
    message = "no call gets to the step {step:s}"
    hint = "every question has its own arm for what anywhere leads here: remove one of the two"
    labels = ("this leads to it", "and this", "and this")
    step: str


class NoFallback(Facts):
    """A flow in which no route leads on when its server does not answer."""

    rule = NO_FALLBACK
    message = "when its server fails, this flow has no route for callers"
    hint = "name a step that only speaks, connects or records: fallback …; without it they hear an apology, and the call ends"


def check_endings(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the findings of this module."""
    yield from _check_ends(subject)
    yield from _check_unreached(subject)
    yield from _check_overridden(subject)
    yield from _check_fallback(subject)


def _check_ends(subject: Subject) -> Iterator[Diagnostic]:
    source, quiet = subject.program.source, subject.paths.ending
    for at, block in enumerate(subject.graph.blocks):
        if not isinstance(block.exit, Leave) or at not in quiet or is_spoken(block):
            continue
        act, end = quiet[at], subject.places[at, -1].end
        brace = Span(end - 1, end)
        closing = (brace,) if source.text[slice(*brace)] == "}" and end < subject.program.file.span.end else ()
        facts = SilentEnd(path=subject.paths.words(act))
        if act is not None:
            yield flow_finding(source, subject.answer_of(act), facts, also=closing)
        elif closing:
            yield flow_finding(source, brace, facts)


def _check_fallback(subject: Subject) -> Iterator[Diagnostic]:
    """Yield one finding where the call begins; only a flow with a question needs a server."""
    graph = subject.graph
    asking = (
        at for at, block in enumerate(graph.blocks) if isinstance(block.exit, (Ask, Dial)) and at in subject.paths
    )
    first = next(asking, None)
    if first is not None and find_rescue(graph) is None:
        declared = subject.program.file.declarations
        begins = [each.name.span for each in declared if isinstance(each, ast.Step) and each.name.text == START]
        place = (*begins, subject.verb_of(first))[0]
        yield flow_finding(subject.program.source, place, NoFallback())


# ── Statements that are never reached ─────────────────────────────────────────────────────────────────


def _check_unreached(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the first statement of each block that no caller gets to, if callers get to the one before it."""
    reached = {span for (at, _), span in subject.places.items() if at in subject.paths}
    waiting: list[Sequence[Bound]] = [subject.program.statements]
    while waiting:
        bounds = [each for each in waiting.pop() if not _is_elsewhere(each)]
        waiting += [each.body for each in bounds if isinstance(each, BoundDeclaration)]
        arms = [each for each in bounds if isinstance(each, BoundArm) or _has_only_arms(each)]
        others = {id(each) for each in arms}
        row = [each for each in bounds if not isinstance(each, BoundDeclaration) and id(each) not in others]
        count = next((index for index, each in enumerate(row) if not _is_reached(each, reached)), len(row))
        if 0 < count < len(row):
            span = first_line(subject.program.source, row[count].node.span)
            before = first_line(subject.program.source, row[count - 1].node.span)
            yield flow_finding(subject.program.source, span, UnreachableStatement(), also=(before,))
        waiting += [inner(each) for each in (*row[:count], *arms)]


def _check_overridden(subject: Subject) -> Iterator[Diagnostic]:
    """Yield each step to which only arms of `anywhere` lead, if every question has arms of its own in their place."""
    scopes, graph = subject.program.scopes, subject.graph
    anywhere = [each.span for each in subject.program.file.declarations if isinstance(each, ast.Anywhere)]
    if not anywhere:
        return
    leads: dict[Binding | None, list[Span]] = {}
    for word, scope in scopes.targets:
        leads.setdefault(scope.find(word.text), []).append(word.span)
    for step in graph.steps:
        binding = scopes.file_scope.names.get(step.name)
        spans = leads.get(binding, [])
        if binding is None or step.entry in subject.paths or not spans:
            continue
        if all(any(each.start <= span.start and span.end <= each.end for each in anywhere) for span in spans):
            place = binding.words[0].span
            yield flow_finding(subject.program.source, place, OverriddenStep(step=step.name), also=tuple(spans[:3]))


def _has_only_arms(bound: Bound) -> bool:
    """Return whether a condition or a loop in a question has arms and no prompts, so that no block is made of it."""
    is_nested = isinstance(bound, (BoundIf, BoundEach)) and not is_said(bound)
    return is_nested and any(isinstance(each, BoundArm) or _has_only_arms(each) for each in inner(bound))


def _is_elsewhere(bound: Bound) -> bool:
    """Return whether statements are not in the order of a call: those of `anywhere`, of events and of tests."""
    if isinstance(bound, BoundDeclaration):
        return not isinstance(bound.node, ast.Step)
    return isinstance(bound, BoundStatement) and bound.node.verb.text in ("fallback", "go_on")


def _is_reached(bound: Bound, reached: set[Span]) -> bool:
    return bound.node.span in reached
