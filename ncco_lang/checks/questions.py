"""Check the arms and prompts of questions and connects (Q): what needs no path, so that it is found beside other errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ncco_lang.checks import question_rules as facts
from ncco_lang.checks.answers import Answer, answers_of, elements_of, nested
from ncco_lang.checks.ask_rules import KeyInQuotes
from ncco_lang.checks.asks import Entry, check_ask, check_recogniser, entry_of, most_keys
from ncco_lang.checks.phrases import check_phrases
from ncco_lang.checks.retries import check_retries
from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.missing_arms import MissingArms
from ncco_lang.program.model import BoundDeclaration, BoundStatement, Program
from ncco_lang.program.values import UNFIT, Known
from ncco_lang.program.walk import bound_statements
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import KEYS, Duration
from ncco_lang.vocabulary.answer_times import answer_times
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.limits import check_limits
from ncco_lang.words import Wire

_FAILURES = ("busy", "timeout", "unanswered", "failed", "rejected", "cancelled")
"""What every connect can come to without an answer (language description, Connect)."""
_MENU = "menu"
_KEY_TIMEOUT = "3s"
"""How long the platform waits for the next key (`dtmf.timeOut` in the schema)."""


def check_questions(program: Program, *, mixed_barge_in: bool = False) -> Iterator[Diagnostic]:
    """Yield the findings about the questions and connects of a flow, in any order.

    Args:
        mixed_barge_in: talk and stream have barge-in together.
    """
    source, missing_arms = program.source, MissingArms(program)
    anywhere: list[Answer] = []
    for declared in program.statements:
        if isinstance(declared, BoundDeclaration) and isinstance(declared.node, ast.Anywhere):
            anywhere += answers_of(source, declared.body)
    yield from _check_twice(source, anywhere)
    yield from _check_possible(source, anywhere)
    yield from check_retries(program)
    for bound in bound_statements(program.statements):
        match bound.node.verb.text:
            case "menu" | "ask":
                yield from _check_asked(program, bound, anywhere, mixed_barge_in=mixed_barge_in)
            case "connect":
                yield from _check_connect(source, bound, missing_arms)
            case _:
                pass


# ── Arms ──────────────────────────────────────────────────────────────────────────────────────────────


def _check_twice(source: Source, answers: Iterable[Answer]) -> Iterator[Diagnostic]:
    first: dict[tuple[str, str], Span] = {}
    for answer in answers:
        kind, text, span = answer[:3]
        if kind not in ("value", "invalid") and text.strip() and first.setdefault((kind, text), span) != span:
            also, shown = (first[kind, text],), "" if kind == "phrase" else text
            found = facts.ElementTwice() if answer.is_element else facts.AnswerTwice(kind=kind, answer=shown)
            yield flow_finding(source, span, found, also=also)


def _is_possible(key: str) -> bool:
    return KEYS.fullmatch(key) is not None and len(key) <= most_keys()


def _check_possible(source: Source, answers: Iterable[Answer]) -> Iterator[Diagnostic]:
    """Yield the keys that no telephone has, and the phrases without words."""
    for answer in answers:
        if answer.kind == "key" and not _is_possible(answer.text):
            yield flow_finding(source, answer.span, facts.ImpossibleKey(key=answer.text, most=most_keys()))
        elif answer.kind == "phrase" and not answer.text.strip():
            yield flow_finding(source, answer.span, facts.EmptyPhrase())
        elif answer.kind == "value" and answer.is_element:
            yield flow_finding(source, answer.span, facts.ImpossibleElement())


def _check_quotes(source: Source, answers: Sequence[Answer]) -> Iterator[Diagnostic]:
    """Yield the phrases of digits alone, for which no arm has a key: they are meant as keys."""
    keys = {answer.text for answer in answers if answer.kind == "key"}
    for answer in answers:
        is_written = answer.kind == "phrase" and not answer.is_element
        text = source.text[slice(*answer.span)].strip('"')
        if is_written and KEYS.fullmatch(text) and text not in keys:
            fix = Fix(f"write {text}", (Edit(answer.span, text),), unsafe=True)
            yield flow_finding(source, answer.span, KeyInQuotes(key=text), fix=fix)


def _check_connect(source: Source, bound: BoundStatement, missing_arms: MissingArms) -> Iterator[Diagnostic]:
    answers = list(answers_of(source, bound.body))
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
        fix = missing_arms.add(bound.node, "otherwise")
        yield flow_finding(source, bound.node.verb.span, facts.OpenFailure(missing=missing), fix=fix)


# ── Menus and asks ────────────────────────────────────────────────────────────────────────────────────


def _check_asked(
    program: Program, bound: BoundStatement, anywhere: Sequence[Answer], *, mixed_barge_in: bool
) -> Iterator[Diagnostic]:
    source, is_menu = program.source, bound.node.verb.text == _MENU
    elements = list(elements_of(program, bound))
    answers = [*answers_of(source, bound.body), *elements]
    yield from _check_twice(source, answers)
    inside = [*(answer for each in nested(bound.body) for answer in answers_of(source, [each])), *elements]
    yield from _check_possible(source, inside)
    yield from _check_quotes(source, inside)
    own = {(answer.kind, answer.text) for answer in answers}
    heard = [*inside, *(answer for answer in anywhere if (answer.kind, answer.text) not in own)]
    if is_menu and all(answer.kind == "outcome" for answer in heard):
        yield flow_finding(source, bound.node.verb.span, facts.MenuWithoutChoice())
    entry = None if is_menu else entry_of(source, bound)
    yield from () if is_menu else check_ask(source, bound, heard, entry)
    yield from _check_lengths(source, bound, heard, entry)
    yield from _check_timeout(source, bound, heard, entry)
    yield from check_phrases(source, bound, heard)
    yield from check_recogniser(source, bound)
    if not mixed_barge_in:
        yield from _check_prompts(source, bound)


def _check_lengths(
    source: Source, bound: BoundStatement, answers: Sequence[Answer], entry: Entry | None
) -> Iterator[Diagnostic]:
    """Yield a finding if a key is longer than others, which are then taken only after the time-out."""
    keys = [answer for answer in answers if answer.kind == "key" and _is_possible(answer.text)]
    if entry is not None:
        keys = [key for key in keys if entry.most is None or len(key.text) <= entry.most]
        keys += entry.keys
    long = max(keys, key=lambda answer: len(answer.text), default=None)
    if long is None:
        return
    # `#` ends an entry at once where it is an arm.
    short = [answer for answer in keys if len(answer.text) < len(long.text) and answer.text != "#"]
    if not short:
        return
    begins = [answer for answer in short if long.text.startswith(answer.text)]
    named = tuple(dict.fromkeys(answer.text for answer in (*begins, *short)))
    written = long.text if entry is None or long not in entry.keys else entry.written
    is_menu = bound.node.verb.text == _MENU
    found = facts.LateKey(short=named, long=written, wait=_timeout(source, bound), of_menu=is_menu)
    label = (begins or short)[0].span
    yield flow_finding(source, long.span, found, also=() if label == long.span else (label,))


def _check_timeout(
    source: Source, bound: BoundStatement, answers: Sequence[Answer], entry: Entry | None
) -> Iterator[Diagnostic]:
    """Yield a finding for a time that the platform does not take for the kinds of answers of a question."""
    slots = {slot.option.name: slot for slot in bound.slots}
    slot, heard = slots.get("timeout"), {answer.kind for answer in answers}
    heard |= set() if entry is None else {entry.kind}
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
    """Return how long a question waits for the next key, in words."""
    for slot in bound.slots:
        if slot.option.name == "timeout":
            data = slot.value.data if type(slot.value) is Known else None
            written = source.text[slice(*slot.value.node.span)]
            return f"{data.amount}{data.unit}" if isinstance(data, Duration) else written
    return _KEY_TIMEOUT


def _check_prompts(source: Source, bound: BoundStatement) -> Iterator[Diagnostic]:
    """Yield a finding for the last prompt that a key does not stop, because prompts of the other kind follow it."""
    prompts = [("talk", value.node.span) for role, value in bound.operands if role == "prompt"]
    said = (each for each in nested(bound.body) if isinstance(each, BoundStatement))
    prompts += ((each.node.verb.text, each.node.span) for each in said if each.node.verb.text in ("talk", "stream"))
    for at in range(len(prompts) - 1, 0, -1):
        (kind, span), (following, after) = prompts[at - 1], prompts[at]
        if kind != following:
            found = facts.NoBargeIn(prompt=kind, following=following)
            yield flow_finding(source, span, found, also=(after,))
            return
