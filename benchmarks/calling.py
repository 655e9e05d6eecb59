"""Measure how many whole calls of a flow that branches the engine and the phone play in a second, in one process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from statistics import mean

from benchmarks.measure import Lane, passes_for, rounded, shown, spread, table, time_passes
from benchmarks.menus import CALLER, DESK, FILE, MENU, NUMBER
from ncco_lang.bundler import Bundled
from ncco_lang.compiler import compile_source
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.player import MONDAY
from ncco_lang.simulate.script import plans_by_number, play
from ncco_lang.simulate.types import Act, HangUp, Happened, Output, Plan, Press, Request, Say, Settings, Silence
from ncco_lang.source import Source
from ncco_lang.testing.in_process import InProcess, Playable

SECONDS = 0.3
"""The least CPU time of one timing."""
GOAL = 1_000


_TALKS = Plan(lasts=60.0)


@dataclass(frozen=True, slots=True)
class MenuCall:
    """A call of the menu: what the caller does, how the desk behaves, and how many webhooks are sent."""

    name: str
    script: tuple[Act, ...]
    webhooks: int
    last: str
    desk: Plan = _TALKS


_THANKS, _BEEP = "Thank you for calling. Goodbye.", "Please leave a message after the beep."
_MENU = "For orders, press 1. For our opening hours, press 2. For a colleague, press 0, or say agent."
CALLS = (
    MenuCall("an order", (Press("1"), Press("2")), 12, _THANKS),
    MenuCall("a wrong key and a busy desk", (Press("9"), Press("0")), 11, _BEEP, Plan(status="busy")),
    MenuCall("opening hours", (Press("2"), HangUp()), 6, _MENU),
    MenuCall("a phrase", (Say("an agent, please"),), 11, _THANKS),
    MenuCall("silence to the end", (Silence(), Silence(), Silence()), 9, _BEEP),
)


def report(runs: int) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    compiled = compile_source(Source(FILE, MENU)).product
    assert isinstance(compiled, Bundled)
    playable = Playable(compiled.bundle, places=compiled.places)
    yield (
        "Whole calls\n"
        f"  {len(CALLS)} calls of a menu, with {mean(call.webhooks for call in CALLS):g} webhooks on average.\n"
        "  Phone, runtime and engine in this process, as `ncco play` and `ncco test` have them: no sockets, a store in memory, "
        f"tokens without a cipher.\n  CPU time on one core, {runs} timings of at least {SECONDS:g} s."
    )
    for call in CALLS:
        found = outcome(playable, call)
        if found != (call.webhooks, call.last):
            yield f"NOT measured: the call {call.name!r} ends in another way: {found}"
            return
    yield f"Outcomes, before anything is timed\n  the {len(CALLS)} calls send and hear what they should"
    lane = Lane(partial(played, playable), CALLS)
    passes = passes_for(lane, SECONDS)
    times = spread([1e6 * time_passes(lane, passes) / len(CALLS) for _ in range(runs)])
    rate = 1e6 / times.median
    yield table(("CPU µs a call", "quartiles", "min–max", "calls/s"), [(*shown(times, "up"), rounded(rate, "down"))])
    yield (
        f"Goal: {GOAL:,} whole calls a second on one core\n"
        f"  {'met' if rate >= GOAL else 'NOT met'}: {rounded(rate, 'down')} calls a second"
    )


def played(playable: Playable, call: MenuCall) -> list[Output]:
    """Play a call to its end; return all that happens."""
    server = InProcess(playable)
    settings = Settings(answer=server.answer_hook, event=server.event_hook, plan_of=plans_by_number({DESK: call.desk}))
    phone = Phone(settings, now=MONDAY)
    leg = phone.ring_in(NUMBER, CALLER)
    return list(play(phone, leg, call.script, lambda request: server.respond(request, phone.now)[0]))


def outcome(playable: Playable, call: MenuCall) -> tuple[int, str]:
    """Return the number of webhooks that are sent in a call, and the last text that the caller hears."""
    outputs = played(playable, call)
    texts = [each.data["text"] for each in outputs if isinstance(each, Happened) and each.what == "talk"]
    return len([each for each in outputs if isinstance(each, Request)]), texts[-1]
