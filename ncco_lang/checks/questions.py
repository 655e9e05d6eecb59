"""Check the arms and prompts of questions and connects (Q): what needs no path, so that it is found beside other errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.checks import question_rules as facts
from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.model import BoundArm, BoundDeclaration, BoundEach, BoundIf, BoundStatement, Program
from ncco_lang.program.values import UNFIT, Invalid, Known
from ncco_lang.program.walk import inner, walk
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import KEYS, Duration, Key, Word
from ncco_lang.values.spoken import spoken_words
from ncco_lang.vocabulary.answer_times import answer_times
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.limits import check_limits
from ncco_lang.vocabulary.ncco_schema import definition
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value

_FAILURES = ("busy", "timeout", "unanswered", "failed", "rejected", "cancelled")
"""What every connect can come to without an answer (language description, Connect)."""
_AGAIN = ("retry", "repeat")
_KEY_TIMEOUT = "3s"
"""How long the platform waits for the next key (`dtmf.timeOut` in the schema)."""


class _Answer(NamedTuple):
    """One pattern of an arm: a `key`, a `phrase` by its words, an `outcome`, or a `value` that is not known here."""

    kind: str
    text: str
    span: Span


def check_questions(program: Program, *, mixed_barge_in: bool = False) -> Iterator[Diagnostic]:
    """Yield the findings about the questions and connects of a flow, in any order.

    Args:
        mixed_barge_in: talk and stream have barge-in together.
    """
    source = program.source
    anywhere: list[_Answer] = []
    for declared in program.statements:
        if isinstance(declared, BoundDeclaration) and isinstance(declared.node, ast.Anywhere):
            anywhere += _answers(source, declared.body)
    yield from _check_twice(source, anywhere)
    yield from _check_possible(source, anywhere)
    yield from _check_outside(source, program.statements)
    for bound in walk(program.statements):
        if isinstance(bound, BoundArm):
            yield from _check_retry(source, bound)
            yield from _check_give_up(source, bound)
        elif isinstance(bound, BoundStatement) and bound.node.verb.text == "menu":
            yield from _check_menu(source, bound, anywhere, mixed_barge_in=mixed_barge_in)
            yield from _check_no_retries(source, bound)
        elif isinstance(bound, BoundStatement) and bound.node.verb.text == "connect":
            yield from _check_connect(source, bound)
            yield from _check_no_retries(source, bound)


def _check_outside(source: Source, bounds: Sequence[Bound]) -> Iterator[Diagnostic]:
    """Yield a finding for each `retry` and `repeat` that no arm holds."""
    waiting = list(bounds)
    while waiting:
        bound = waiting.pop()
        if isinstance(bound, BoundStatement) and bound.node.verb.text in _AGAIN:
            if all(role != "question" for role, _ in bound.operands):
                yield flow_finding(source, bound.node.verb.span, facts.NoQuestion(verb=bound.node.verb.text))
        elif isinstance(bound, BoundStatement) and bound.node.verb.text == "fetch":
            # A lookup is no question, so its arms are as outside as it is.
            arms = [arm for arm in bound.body if isinstance(arm, BoundArm)]
            words = [arm.node.target.name for arm in arms if isinstance(arm.node.target, ast.Jump)]
            for word in (word for word in words if word.text in _AGAIN):
                yield flow_finding(source, word.span, facts.NoQuestion(verb=word.text))
            waiting += [each for arm in arms for each in arm.body]
        elif not isinstance(bound, BoundArm):
            waiting += inner(bound)


# ── Arms ──────────────────────────────────────────────────────────────────────────────────────────────


def _answers(source: Source, bounds: Iterable[Bound]) -> Iterator[_Answer]:
    """Yield what the arms among some statements are for."""
    for bound in bounds:
        if isinstance(bound, BoundArm):
            yield from (_answer(source, value) for value in bound.patterns)


def _answer(source: Source, value: Value) -> _Answer:
    data, node = value.data if type(value) is Known else None, value.node
    if type(value) is Invalid:
        return _Answer("invalid", "", node.span)
    if isinstance(data, Word):
        return _Answer("outcome", str(data), node.span)
    if isinstance(data, Key) or (data is not None and isinstance(node, ast.Number)):
        return _Answer("key", source.text[slice(*node.span)], node.span)
    if not isinstance(data, str):
        return _Answer("value", "", node.span)
    return _Answer("phrase", spoken_words(data).replace(" ", ""), node.span)


def _check_twice(source: Source, answers: Iterable[_Answer]) -> Iterator[Diagnostic]:
    first: dict[tuple[str, str], Span] = {}
    for kind, text, span in answers:
        if kind not in ("value", "invalid") and text.strip() and first.setdefault((kind, text), span) != span:
            found = facts.AnswerTwice(kind=kind, answer="" if kind == "phrase" else text)
            yield flow_finding(source, span, found, also=(first[kind, text],))


def _most_keys() -> int:
    most: int = definition("dtmf")["properties"]["maxDigits"]["maximum"]
    return most


def _is_possible(key: str) -> bool:
    return KEYS.fullmatch(key) is not None and len(key) <= _most_keys()


def _check_possible(source: Source, answers: Iterable[_Answer]) -> Iterator[Diagnostic]:
    """Yield the keys that no telephone has, and the phrases without words."""
    for kind, text, span in answers:
        if kind == "key" and not _is_possible(text):
            yield flow_finding(source, span, facts.ImpossibleKey(key=text, most=_most_keys()))
        elif kind == "phrase" and not text.strip():
            yield flow_finding(source, span, facts.EmptyPhrase())


def _check_connect(source: Source, bound: BoundStatement) -> Iterator[Diagnostic]:
    answers = list(_answers(source, bound.body))
    yield from _check_twice(source, answers)
    for answer in answers:
        if answer.kind not in ("outcome", "invalid"):
            yield flow_finding(source, answer.span, facts.AnswerOfConnect())
    named = {answer.text for answer in answers}
    if not answers or "otherwise" in named or any(answer.kind == "invalid" for answer in answers):
        return
    has_step = any(slot.option.kind == "step" for slot in bound.slots)
    missing = tuple(name for name in (*_FAILURES, *(("declined",) if has_step else ())) if name not in named)
    if missing:
        yield flow_finding(source, bound.node.verb.span, facts.OpenFailure(missing=missing))


# ── Menus ─────────────────────────────────────────────────────────────────────────────────────────────


def _check_menu(
    source: Source, bound: BoundStatement, anywhere: Sequence[_Answer], *, mixed_barge_in: bool
) -> Iterator[Diagnostic]:
    answers = list(_answers(source, bound.body))
    yield from _check_twice(source, answers)
    inside = [answer for each in _nested(bound.body) for answer in _answers(source, [each])]
    yield from _check_possible(source, inside)
    own = {(answer.kind, answer.text) for answer in answers}
    heard = [*inside, *(answer for answer in anywhere if (answer.kind, answer.text) not in own)]
    if all(answer.kind == "outcome" for answer in heard):
        yield flow_finding(source, bound.node.verb.span, facts.MenuWithoutChoice())
    yield from _check_lengths(source, bound, heard)
    yield from _check_timeout(source, bound, heard)
    if not mixed_barge_in:
        yield from _check_prompts(source, bound)


def _nested(bounds: Sequence[Bound]) -> Iterator[Bound]:
    """Yield the prompts and arms of a menu in the order of the text, with those in `if` and `each`."""
    for bound in bounds:
        if isinstance(bound, (BoundIf, BoundEach)):
            yield from _nested(inner(bound))
        else:
            yield bound


def _check_lengths(source: Source, bound: BoundStatement, answers: Sequence[_Answer]) -> Iterator[Diagnostic]:
    """Yield a finding if a key is longer than others, which are then taken only after the time-out."""
    keys = [answer for answer in answers if answer.kind == "key" and _is_possible(answer.text)]
    long = max(keys, key=lambda answer: len(answer.text), default=None)
    if long is None:
        return
    # `#` ends an entry at once where it is an arm.
    short = [answer for answer in keys if len(answer.text) < len(long.text) and answer.text != "#"]
    if not short:
        return
    begins = [answer for answer in short if long.text.startswith(answer.text)]
    named = tuple(dict.fromkeys(answer.text for answer in (*begins, *short)))
    found = facts.LateKey(short=named, long=long.text, wait=_timeout(source, bound))
    label = (begins or short)[0].span
    yield flow_finding(source, long.span, found, also=(label,))


def _check_timeout(source: Source, bound: BoundStatement, answers: Sequence[_Answer]) -> Iterator[Diagnostic]:
    """Yield a finding for a time that the platform does not take for the kinds of answers of a menu."""
    slots = {slot.option.name: slot for slot in bound.slots}
    slot, heard = slots.get("timeout"), {answer.kind for answer in answers}
    kinds = [kind for kind, own in (("dtmf", "key"), ("speech", "phrase")) if own in heard]
    if "start_timeout" in slots and "speech" in kinds:
        kinds.remove("speech")
    if slot is None or not kinds or type(slot.value) is not Known or slot.wire is UNFIT:
        return
    # What no kind takes is found with the other values of options.
    if not any(check_limits(slot.option.schema, slot.wire, Wire("timeout"))):
        for limit in check_limits(answer_times(*kinds), slot.wire, Wire("timeout")):
            yield flow_finding(source, slot.value.node.span, limit.facts)


def _timeout(source: Source, bound: BoundStatement) -> str:
    """Return how long a menu waits for the next key, in words."""
    for slot in bound.slots:
        if slot.option.name == "timeout":
            data = slot.value.data if type(slot.value) is Known else None
            written = source.text[slice(*slot.value.node.span)]
            return f"{data.amount}{data.unit}" if isinstance(data, Duration) else written
    return _KEY_TIMEOUT


def _check_prompts(source: Source, bound: BoundStatement) -> Iterator[Diagnostic]:
    """Yield a finding for the last prompt that a key does not stop, because prompts of the other kind follow it."""
    prompts = [("talk", value.node.span) for role, value in bound.operands if role == "prompt"]
    said = (each for each in _nested(bound.body) if isinstance(each, BoundStatement))
    prompts += ((each.node.verb.text, each.node.span) for each in said if each.node.verb.text in ("talk", "stream"))
    for at in range(len(prompts) - 1, 0, -1):
        (kind, span), (following, after) = prompts[at - 1], prompts[at]
        if kind != following:
            found = facts.NoBargeIn(prompt=kind, following=following)
            yield flow_finding(source, span, found, also=(after,))
            return


# ── Retries ───────────────────────────────────────────────────────────────────────────────────────────


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


def _check_give_up(source: Source, arm: BoundArm) -> Iterator[Diagnostic]:
    """Yield a finding for each retry and repeat in the arm for used up retries."""
    pattern = next(filter(_is_give_up, arm.patterns), None)
    if pattern is not None:
        for verb in _asking_again(arm):
            yield flow_finding(source, verb.span, facts.RetryInGiveUp(verb=verb.text), also=(pattern.node.span,))


def _check_no_retries(source: Source, bound: BoundStatement) -> Iterator[Diagnostic]:
    """Yield a finding for each retry of a question that is asked only once."""
    retries = next((slot for slot in bound.slots if slot.option.name == "retries"), None)
    if retries is None or retries.wire != 0:
        return
    for arm in bound.body:
        if isinstance(arm, BoundArm) and not any(_is_give_up(value) for value in arm.patterns):
            for verb in _asking_again(arm):
                if verb.text == "retry":
                    yield flow_finding(source, verb.span, facts.RetryWithoutRetries(), also=(retries.value.node.span,))


def _is_give_up(pattern: Value) -> bool:
    return type(pattern) is Known and isinstance(pattern.data, Word) and str(pattern.data) == "give_up"


def _asking_again(arm: BoundArm) -> Iterator[ast.Word | ast.Name]:
    """Yield `retry` and `repeat` where an arm asks its own question again."""
    target = arm.node.target
    if isinstance(target, ast.Jump):
        yield from (target.name,) if target.name.text in _AGAIN else ()
    inside = (each for each in _nested(arm.body) if isinstance(each, BoundStatement))
    for each in inside:
        if each.node.verb.text in _AGAIN and not any(role == "question" for role, _ in each.operands):
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
