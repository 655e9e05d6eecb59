"""Check what asks a question again (Q): `retry` and `repeat` without a question, or where no retry is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ncco_lang.checks import question_rules as facts
from ncco_lang.checks.answers import nested, option_slot
from ncco_lang.checks.ask_rules import FilledAnywhere, FilledByNoQuestion, FilledTwice
from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.fillers import Filler, filled_name, find_fillers, named_question
from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundStatement, Program
from ncco_lang.program.values import Invalid, Known
from ncco_lang.program.walk import inner, walk
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import Word
from ncco_lang.vocabulary.flow_spelling import flow_finding

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value

_AGAIN = ("retry", "repeat")
_LOOKUP = "fetch"


def check_retries(program: Program) -> Iterator[Diagnostic]:
    """Yield the findings about `retry` and `repeat`, in any order."""
    source = program.source
    yield from _check_outside(source, program.statements)
    fillers = find_fillers(program.statements)
    for bound in walk(program.statements):
        if isinstance(bound, BoundArm):
            yield from _check_retry(source, bound)
        elif isinstance(bound, BoundDeclaration):
            yield from _check_give_up(source, bound.body, None)
        elif isinstance(bound, BoundStatement):
            yield from _check_named(source, bound, fillers)
            yield from _check_give_up(source, bound.body, filled_name(bound))
            yield from _check_no_retries(source, bound)


def _check_outside(source: Source, bounds: Sequence[Bound]) -> Iterator[Diagnostic]:
    """Yield a finding for each `retry` and `repeat` that no arm of a question holds."""
    waiting = list(bounds)
    while waiting:
        bound = waiting.pop()
        if isinstance(bound, BoundStatement) and bound.node.verb.text in _AGAIN:
            is_whole = not any(type(value) is Invalid for _, value in bound.operands)
            if named_question(bound) is None and is_whole:
                first = bound.operands[0][1].node if bound.operands else None
                name = first.text if isinstance(first, ast.Name) and bound.operands[0][0] == "texts" else ""
                yield flow_finding(source, bound.node.verb.span, facts.NoQuestion(verb=bound.node.verb.text, name=name))
        elif _has_questions(bound):
            continue  # what its arms ask again is the question
        elif isinstance(bound, BoundArm) and isinstance(target := bound.node.target, ast.Jump) and not bound.body:
            if target.name.text in _AGAIN:
                yield flow_finding(source, target.name.span, facts.NoQuestion(verb=target.name.text))
        else:
            waiting += inner(bound)


def _has_questions(bound: Bound) -> bool:
    """Return whether the arms in a statement are those of a question; those of a lookup are not."""
    if isinstance(bound, BoundStatement):
        return bound.node.verb.text != _LOOKUP
    return isinstance(bound, BoundDeclaration) and isinstance(bound.node, ast.Anywhere)


def _check_named(
    source: Source, bound: BoundStatement, fillers: Mapping[str, Sequence[Filler]]
) -> Iterator[Diagnostic]:
    """Yield a finding for a `retry NAME` that means no question, or one of several."""
    name = named_question(bound) if bound.node.verb.text in _AGAIN else None
    if name is None:
        return
    found = fillers.get(name, ())
    span = next(value.node.span for role, value in bound.operands if role == "question")
    places = [next(value.node.span for role, value in each.question.operands if role == "name") for each in found]
    if not found:
        yield flow_finding(source, span, FilledByNoQuestion(name=name))
    elif len(found) > 1:
        yield flow_finding(source, span, FilledTwice(name=name), also=places)
    elif found[0].arm is not None and not found[0].arm.node.span.touches(span):
        yield flow_finding(source, span, FilledAnywhere(name=name), also=places)


def _check_retry(source: Source, arm: BoundArm) -> Iterator[Diagnostic]:
    """Yield a finding for the first talk of an arm's block before its retry."""
    verbs = [each.node.verb.text if isinstance(each, BoundStatement) else "" for each in arm.body]
    if "retry" not in verbs:
        return
    end = verbs.index("retry")
    talks = [each for each in arm.body[:end] if isinstance(each, BoundStatement) and each.node.verb.text == "talk"]
    retry = arm.body[end]
    if talks and isinstance(retry, BoundStatement):
        fix = _moved(source, talks[0], retry) if len(talks) == 1 and arm.body[end - 1] is talks[0] else None
        also = (retry.node.verb.span,)
        yield flow_finding(source, talks[0].node.span, facts.TextBeforeRetry(), also=also, fix=fix)


def _check_give_up(source: Source, bounds: Sequence[Bound], name: str | None) -> Iterator[Diagnostic]:
    """Yield a finding for each retry and repeat of a question, which may have a name, in its arm for used up retries."""
    for arm in nested(bounds):
        pattern = next(filter(_is_give_up, arm.patterns), None) if isinstance(arm, BoundArm) else None
        if pattern is not None and isinstance(arm, BoundArm):
            for verb in _asking_again(arm, name):
                facts_of = facts.RetryInGiveUp(verb=verb.text)
                yield flow_finding(source, verb.span, facts_of, also=(pattern.node.span,))


def _check_no_retries(source: Source, bound: BoundStatement) -> Iterator[Diagnostic]:
    """Yield a finding for each retry of a question that is asked only once."""
    retries = option_slot(bound, "retries")
    if retries is None or retries.wire != 0:
        return
    for arm in bound.body:
        if isinstance(arm, BoundArm) and not any(_is_give_up(value) for value in arm.patterns):
            for verb in _asking_again(arm, filled_name(bound)):
                if verb.text == "retry":
                    yield flow_finding(source, verb.span, facts.RetryWithoutRetries(), also=(retries.value.node.span,))


def _is_give_up(pattern: Value) -> bool:
    return type(pattern) is Known and isinstance(pattern.data, Word) and str(pattern.data) == "give_up"


def _asking_again(arm: BoundArm, name: str | None) -> Iterator[ast.Word | ast.Name]:
    """Yield `retry` and `repeat` where an arm asks its own question again, which may have a name."""
    target = arm.node.target
    if isinstance(target, ast.Jump):
        yield from (target.name,) if target.name.text in _AGAIN else ()
    inside = (each for each in nested(arm.body) if isinstance(each, BoundStatement))
    for each in inside:
        if each.node.verb.text in _AGAIN and named_question(each) in (None, name):
            yield each.node.verb


def _moved(source: Source, talk: BoundStatement, retry: BoundStatement) -> Fix | None:
    """Return a fix that moves the text of a talk into the retry after it; None if either has more than that."""
    own, verb = [slot for slot in talk.slots if slot.origin is None], retry.node.verb.span
    gap = source.text[talk.node.span.end : retry.node.span.start]
    if len(own) != 1 or retry.operands or talk.node.block is not None or gap.strip().strip(";").strip():
        return None
    text = source.text[slice(*own[0].value.node.span)]
    taken = Edit(Span(talk.node.span.start, retry.node.span.start), "")
    return Fix("move it into the retry", (taken, Edit(Span(verb.end, verb.end), f" {text}")), unsafe=True)
