"""Every document that a webhook of a flow can be answered with, found by letting the engine take each way once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ncco_lang.bundle import Ask, BlockId, Bundle, Dial
from ncco_lang.engine.choices import Choice, choices_at, outcome
from ncco_lang.engine.events import Address, Lookup, Reply, Started
from ncco_lang.engine.state import State
from ncco_lang.engine.step import FAILURES, at_entry, step
from ncco_lang.engine.tail import tail_of
from ncco_lang.engine.values import CallValues
from ncco_lang.engine.walk import Walk
from ncco_lang.values.event_urls import Hook

_TIME = 0.0
"""The time of every event, in seconds since 1970: no document depends on it."""

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
    """

    reply: Reply
    hook: Hook | None = None
    block: BlockId | None = None
    labels: tuple[str, ...] = ()
    count: int = 0


def first_reply(bundle: Bundle) -> Reply:
    """Return the answer to the answer webhook of a call that has no number, no arguments and no leg yet."""
    reply = step(bundle, None, Started(time=_TIME, leg=""))
    assert not isinstance(reply, Lookup), "this version makes no lookup"
    return reply


def answers(bundle: Bundle) -> Iterator[Answer]:
    """Yield the document of the answer webhook, then those of every webhook that it leads to, each way once.

    A document that is the same however often its question was asked is there once. Of a question whose values grow without
    end, as in a jump with `n + 1`, the first ways are there.
    """
    first = Answer(first_reply(bundle))
    seen: set[tuple[object, ...]] = set()
    known: set[tuple[object, ...]] = set()
    ways: Counter[tuple[Hook, BlockId]] = Counter()
    waiting = deque([first])
    while waiting:
        answer = waiting.popleft()
        content = (answer.hook, answer.block, answer.labels, repr(answer.reply.document))
        if content not in known:
            known.add(content)
            yield answer
        for address in answer.reply.addresses:
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
    """Return a state without what no later document depends on: the counts of other questions."""
    exit = bundle.graph.blocks[state.block].exit
    counts = state.counts
    if isinstance(exit, Ask | Dial):
        counts = {key: count for key, count in counts.items() if key == exit.question}
    return state._replace(counts=counts, serial=0, wait=None)


def _answers_to(bundle: Bundle, address: Address, state: State) -> Iterator[Answer]:
    exit = bundle.graph.blocks[state.block].exit
    values = CallValues(bundle, state)

    def made(reply: Reply, *labels: str) -> Answer:
        count = state.counts.get(exit.question, 0) if isinstance(exit, Ask | Dial) else 0
        return Answer(reply, address.hook, state.block, labels, count)

    match exit:
        case Ask(question):
            choices = choices_at(question, values)
            for labels, choice in _distinct(choices):
                yield made(Walk(bundle, state, _TIME).follow(choice), *labels)
            if outcome(choices, "otherwise") is None:
                yield made(Walk(bundle, state, _TIME).ask_again(question), "otherwise")
        case Dial(question) if address.hook == "j":
            yield made(Walk(bundle, state, _TIME).lead(exit.good, "good"), "good")
        case Dial(question):
            choices = choices_at(question, values)
            failed = [(status, outcome(choices, status, "otherwise")) for status in sorted(FAILURES)]
            for _, choice in _distinct([choice for _, choice in failed if choice is not None]):
                labels = tuple(status for status, each in failed if each == choice)
                yield made(Walk(bundle, state, _TIME).follow(choice), *labels)
        case _:
            yield made(Walk(bundle, state, _TIME).resume(), "joined")


def _distinct(choices: Sequence[Choice]) -> Iterator[tuple[tuple[str, ...], Choice]]:
    """Yield the choices that lead to different places, each with the labels of all that lead there."""
    found: dict[tuple[object, ...], tuple[list[str], Choice]] = {}
    for choice in choices:
        labels, _ = found.setdefault((choice.target, repr(choice.names)), ([], choice))
        if choice.label not in labels:
            labels.append(choice.label)
    return ((tuple(labels), choice) for labels, choice in found.values())
