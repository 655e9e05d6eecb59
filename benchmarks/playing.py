"""Measure how many whole calls the phone plays in a second, compared with a state machine written for these calls only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from statistics import mean
from typing import Any, TypeAlias

from benchmarks.by_hand import Sent, play_by_hand
from benchmarks.calls import ANSWER, CALLER, EVENT, NUMBER, SampleCall, make_calls
from benchmarks.measure import Comparison, Lane, compare, rounded, shown, table
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.player import MONDAY
from ncco_lang.simulate.script import plans_by_number, play
from ncco_lang.simulate.transcript import transcript
from ncco_lang.simulate.types import Answer, Hook, Output, Request, Settings

FULL = 8
"""The number of calls of each kind."""
QUICK = 1
SECONDS = 0.1
"""The least CPU time of one timing."""
GOAL_RATIO, GOAL_CALLS = 3.0, 2_000

Player: TypeAlias = Callable[[SampleCall], Any]


def report(runs: int, of_each: int) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    calls = make_calls(of_each)
    yield (
        "Playing calls\n"
        f"  {len(calls)} calls of {len({call.name for call in calls})} kinds, with {mean(call.webhooks for call in calls):g} "
        "webhooks on average, on one core.\n"
        f"  CPU time of runs in turn (by hand, ours, by hand, ours …), {runs} pairs a line.\n"
        "  ratio: OUR time ÷ that of the state machine by hand, lower is better."
    )
    for call in calls:
        ours, by_hand = webhooks(call), play_by_hand(call, MONDAY)
        if ours != by_hand or len(ours) != call.webhooks:
            yield f"NOT measured: the webhooks of a call of the kind {call.name} differ"
            return
    yield f"Outcomes, before anything is timed\n  the same {sum(call.webhooks for call in calls):,} webhooks, byte for byte"
    lines: tuple[tuple[str, Player], ...] = (
        ("webhooks as JSON", webhooks),
        ("webhooks and the transcript as JSON, which by hand does not write", with_transcript),
    )
    measured = [(name, _beside(calls, player, runs)) for name, player in lines]
    yield _table(measured)
    yield _goal(measured[0][1])


def webhooks(call: SampleCall) -> list[Sent]:
    """Play a call; return its webhooks as they are sent."""
    return [_sent(output) for output in _outputs(call) if isinstance(output, Request)]


def with_transcript(call: SampleCall) -> tuple[list[Sent], str]:
    """Play a call; return its webhooks, and its transcript."""
    outputs = list(_outputs(call))
    sent = [_sent(output) for output in outputs if isinstance(output, Request)]
    return sent, json.dumps(transcript(outputs, MONDAY))


def _outputs(call: SampleCall) -> Iterator[Output]:
    settings = Settings(
        answer=Hook(url=ANSWER, method="GET", read=5.0), event=Hook(url=EVENT), plan_of=plans_by_number(call.plans)
    )
    phone = Phone(settings, now=MONDAY)
    leg = phone.ring_in(NUMBER, CALLER)
    return play(phone, leg, call.script, lambda request: Answer(body=call.answers.get(request.hook.url, b"")))


def _sent(request: Request) -> Sent:
    return request.hook.method, request.hook.url, json.dumps(request.fields).encode()


def _beside(calls: list[SampleCall], player: Player, runs: int) -> Comparison:
    """Return the comparison of the machine by hand, which comes first, and ours: its ratio is our time ÷ the other."""
    documents = tuple(calls)
    return compare(Lane(partial(play_by_hand, at=MONDAY), documents), Lane(player, documents), runs, SECONDS)


def _table(measured: list[tuple[str, Comparison]]) -> str:
    rows = []
    for name, times in measured:
        micros = (rounded(1e6 * times.peer, "up"), rounded(1e6 * times.ours, "down"))
        rate = (rounded(1 / times.peer, "down"), rounded(1 / times.ours, "up"))
        rows.append((*shown(times.ratio, "up"), *micros, *rate, name))
    heads = (
        "ratio",
        "quartiles",
        "min–max",
        "ours µs",
        "by hand µs",
        "ours calls/s",
        "by hand calls/s",
        "what is made",
    )
    return table(heads, rows)


def _goal(times: Comparison) -> str:
    ratio, rate = times.ratio.median, 1 / times.peer
    return (
        f"Goal: at most {GOAL_RATIO:g} times the state machine by hand, and {GOAL_CALLS:,} calls a second\n"
        f"  {'met' if ratio <= GOAL_RATIO else 'NOT met'}: {rounded(ratio, 'up')} times\n"
        f"  {'met' if rate >= GOAL_CALLS else 'NOT met'}: {rounded(rate, 'down')} calls a second"
    )
