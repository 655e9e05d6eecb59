"""Every document that a webhook of a flow can be answered with, found by letting the engine take each way once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import methodcaller
from typing import Any

from ncco_lang.bundle import Ask, BlockId, Bundle, Dial, Exit, Fetch, Outcome, Status
from ncco_lang.engine.choices import Choice, choices_at, outcome
from ncco_lang.engine.events import Address, Lookup, Reply, Result
from ncco_lang.engine.exploring import Exploring, UndecidedError, unknown_values
from ncco_lang.engine.listening import sample_choices
from ncco_lang.engine.reports import reported_slots
from ncco_lang.engine.samples import Samples, unknown
from ncco_lang.engine.state import State
from ncco_lang.engine.step import FAILURES, at_entry
from ncco_lang.engine.tail import tail_of
from ncco_lang.engine.values import CallValues
from ncco_lang.values.event_urls import Hook

MOST_WAYS = 60
"""In how many states, by values and counts, a block that waits is looked at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, and what it answers.

    Attributes:
        reply: the engine's answer.
        hook: the kind of webhook; None for the answer webhook.
        block: the block that waited; None for the answer webhook.
        labels: what happened there: keys, phrases, outcomes.
        count: how often its question had been asked again before.
        lookups: the edges of the lookups on the way: `good`, `404`, `otherwise`.
        branches: the branches on the way that only a call decides, each with the edge: `case 0`, `else`.
    """

    reply: Reply
    hook: Hook | None = None
    block: BlockId | None = None
    labels: tuple[str, ...] = ()
    count: int = 0
    lookups: tuple[str, ...] = ()
    branches: tuple[tuple[BlockId, str], ...] = ()


def first_reply(bundle: Bundle) -> tuple[Reply | Lookup | None, tuple[BlockId, int] | None]:
    """Return the answer to the answer webhook of a call that has no number, no arguments and no leg yet.

    Returns:
        the answer, None if it depends on the call, and the first action or exit (-1) that reads a value that only a call
        has; None if nothing does, so the answer is that of every call.
    """
    walk = Exploring(bundle, _begun(bundle))
    try:
        return walk.run(bundle.graph.entry), walk.first_read
    except UndecidedError:
        return None, walk.first_read


def _begun(bundle: Bundle) -> State:
    return at_entry(bundle)._replace(values=dict(unknown_values(bundle)))


def answers(bundle: Bundle) -> Iterator[Answer]:
    """Yield the document of the answer webhook, then those of every webhook that it leads to, each way once.

    A document that is the same however often its question was asked is there once. Of a question whose values grow without
    end, as in a jump with `n + 1`, the first ways are there. A value that only a call has is a sample, or its name in braces.
    """
    begun = _begun(bundle)
    first = [_answer(bundle, *each) for each in _replies(bundle, begun, lambda walk: walk.run(begun.block))]
    seen: set[tuple[object, ...]] = set()
    known: set[tuple[object, ...]] = set()
    ways: Counter[tuple[Hook, BlockId]] = Counter()
    waiting = deque(first)
    while waiting:
        answer = waiting.popleft()
        content = (
            answer.hook,
            answer.block,
            answer.labels,
            answer.lookups,
            answer.branches,
            repr(answer.reply.document),
        )
        if content not in known:
            known.add(content)
            yield answer
        for address in answer.reply.addresses:
            if address.hook == "k":
                continue  # its events are answered without a document
            state = _alone(bundle, address.state)
            key = (address.hook, state.block, repr(state.frame), repr(state.counts), state.language)
            if key not in seen and ways[address.hook, state.block] < MOST_WAYS:
                seen.add(key)
                ways[address.hook, state.block] += 1
                waiting += _answers_to(bundle, address, state)


def fallback_document(bundle: Bundle, state: State | None = None) -> list[dict[str, Any]]:
    """Return the NCCO that a caller hears when the runtime does not answer: the tail alone.

    Args:
        state: that of the call; None if it is not known.
    """
    if state is None:
        state = at_entry(bundle)
    return tail_of(CallValues(bundle, state))


def _alone(bundle: Bundle, state: State) -> State:
    """Return a state without what no later document depends on: the counts of questions that only their own arms repeat."""
    exit = bundle.graph.blocks[state.block].exit
    own = exit.question if isinstance(exit, Ask | Dial) else None
    questions = bundle.graph.questions
    counts = {key: count for key, count in state.counts.items() if key == own or own is None or questions[key].marked}
    # What the platform reports is in no token, and every event may know it.
    reported = {slot: value for slot, value in unknown_values(bundle) if slot in reported_slots(bundle).values()}
    return state._replace(counts=counts, serial=1, wait=None, values={**state.values, **reported})


def _answers_to(bundle: Bundle, address: Address, state: State) -> Iterator[Answer]:
    exit = bundle.graph.blocks[state.block].exit
    values = Samples(bundle, state)

    def made(run: Callable[[Exploring], Reply | Lookup], *labels: str) -> Iterator[Answer]:
        count = state.counts.get(exit.question, 0) if isinstance(exit, Ask | Dial) else 0
        for reply, branches in _replies(bundle, state, run):
            answer = _answer(bundle, reply, branches)
            yield replace(answer, hook=address.hook, block=state.block, labels=labels, count=count)

    match exit:
        case Ask(question):
            offered = sample_choices(exit, values)
            for labels, choice in _distinct(offered):
                yield from made(methodcaller("follow", _unknown_answer(bundle, exit, choice)), *labels)
            if outcome(offered, "otherwise") is None:
                yield from made(methodcaller("ask_again", question), "otherwise")
        case Dial(question) if address.hook == "j":
            yield from made(methodcaller("lead", exit.good, "good"), "good")
        case Dial(question):
            choices = choices_at(question, values)
            failed = [(status, outcome(choices, status, "otherwise")) for status in sorted(FAILURES)]
            for _, choice in _distinct([choice for _, choice in failed if choice is not None]):
                labels = tuple(status for status, each in failed if each == choice)
                yield from made(methodcaller("follow", choice), *labels)
        case _:
            yield from made(Exploring.resume, "joined")


def _unknown_answer(bundle: Bundle, exit: Ask, choice: Choice) -> Choice:
    """Return a good answer of keys or words without the sample in it, since only a call has it."""
    if not choice.is_good or exit.listen.form not in ("digits", "speech"):
        return choice
    names = bundle.graph.names
    return replace(choice, names={slot: unknown(names[slot].text, "text") for slot in choice.names})


def _answer(bundle: Bundle, reply: Reply, branches: tuple[tuple[BlockId, str], ...]) -> Answer:
    """Return the answer of the answer webhook that a reply is."""
    found = tuple(label for block, label in reply.trail if isinstance(bundle.graph.blocks[block].exit, Fetch))
    return Answer(reply, lookups=found, branches=branches)


def _replies(
    bundle: Bundle, state: State, run: Callable[[Exploring], Reply | Lookup]
) -> Iterator[tuple[Reply, tuple[tuple[BlockId, str], ...]]]:
    """Yield what an event is answered with, once for each way that the lookups and the branches on it can end."""
    waiting: deque[tuple[tuple[Result, ...], tuple[bool, ...]]] = deque([((), ())])
    for _ in range(MOST_WAYS):
        if not waiting:
            return
        results, decisions = waiting.popleft()
        walk = Exploring(bundle, state, results, decisions)
        try:
            reply = run(walk)
        except UndecidedError:
            waiting += ((results, (*decisions, holds)) for holds in (True, False))
            continue
        if isinstance(reply, Reply):
            yield reply, tuple(walk.branches)
        else:
            waiting += (((*results, each), decisions) for each in _results(bundle.graph.blocks[reply.origin].exit))


def _results(exit: Exit) -> Iterator[Result]:
    """Yield one result of a lookup for each place that it leads to."""
    if not isinstance(exit, Fetch):
        return
    found = {exit.good}
    yield Result(200, {})
    arms = [(pattern, arm.target) for arm in exit.arms for pattern in arm.patterns]
    own = {pattern.code for pattern, _ in arms if isinstance(pattern, Status)}
    for pattern, target in arms:
        if target not in found:
            found.add(target)
            match pattern:
                case Status(code):
                    some = next((each for each in range(100) if f"{code[0]}{each:02}" not in own), 0)
                    yield Result(int(code) if code.isdigit() else int(f"{code[0]}{some:02}"))
                case _:
                    yield Result(None, is_late=pattern == Outcome("timeout"))


def _distinct(choices: Sequence[Choice]) -> Iterator[tuple[tuple[str, ...], Choice]]:
    """Yield the choices that lead to different places, each with the labels of all that lead there."""
    found: dict[tuple[object, ...], tuple[list[str], Choice]] = {}
    for choice in choices:
        labels, _ = found.setdefault((choice.target, repr(choice.names)), ([], choice))
        if choice.label not in labels:
            labels.append(choice.label)
    return ((tuple(labels), choice) for labels, choice in found.values())
