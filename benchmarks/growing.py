"""Measure what an event costs as the bundle of its flow grows, in one process."""

from __future__ import annotations

import gc
import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from benchmarks.measure import Lane, rounded, shown, spread, table, time_passes
from benchmarks.menus import CALL, keys
from ncco_lang.bundle import Bundle
from ncco_lang.bundler import Bundled
from ncco_lang.compiler import compile_source
from ncco_lang.runtime.answering import Answering
from ncco_lang.runtime.answers import SHORT, Answered, Flow
from ncco_lang.runtime.call_store import MemoryStore
from ncco_lang.source import Source
from ncco_lang.tokens.sealed import TokenKey, Tokens
from ncco_lang.values.event_urls import Address, read_address

GOAL = 1.2
"""The greatest permitted cost of an event of the largest bundle, as a multiple of that of the smallest."""
EVENTS = 240
"""The fewest events of one timing."""
_PLACES = 8
"""So many menus of a flow get events, spread over it."""
_KEYS = ("1", "2", "9")
_BASE = f"https://calls.example.com/ncco-{'0' * 22}"


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers of pairs of a menu and a step that counts, from small to large."""

    pairs: tuple[int, ...]


# A pair has eleven blocks, and the rest of the flow two.
FULL = Scale((1, 9, 91, 182))
QUICK = Scale((1, 9))


def make_flow(pairs: int) -> str:
    """Return a flow of so many pairs of a menu and a step that counts and decides."""
    parts = [
        'flow "Visits"',
        "default talk en-GB style: 2",
        "fallback message",
        'step start { talk "Welcome."; set total = 0; goto visit_0 }',
    ]
    parts += [_pair(number, (number + 1) % pairs) for number in range(pairs)]
    parts.append('step message { talk "Leave a message."; record end_on_key: # beep_start: true }')
    return "\n".join(parts) + "\n"


def _pair(number: int, following: int) -> str:
    return f"""\
step visit_{number} {{
    menu "Room {number}. Press 1 to go on, or 2 to count." {{
        1                  -> visit_{following}
        2                  -> count_{number}
        otherwise, silence -> retry "That is not a key of room {number}."
        give_up            -> message
    }}
}}
step count_{number} {{
    set total = total + {number + 1}
    if total > {number + 9} {{
        talk "That makes {{total}}."
    }} else {{
        talk "It is {{total}} so far."
    }}
    goto visit_{following}
}}"""


class _Grown:
    """A bundle, and the events of a call at places that are spread over it."""

    def __init__(self, bundle: Bundle, pairs: int) -> None:
        self.blocks = len(bundle.graph.blocks)
        self._tokens = Tokens((TokenKey("growing" * 5),), 3600.0, os.urandom)
        self._flow = Flow(name="visits", base=_BASE, newest=bundle, bundles={bundle.version[:SHORT]: bundle})
        self._times = itertools.count()
        self.answering = Answering(self._tokens, MemoryStore())
        menus = self._menus(pairs)
        spaced = [menus[place * pairs // _PLACES] for place in range(_PLACES)]
        self.events = [(address, keys(digits).fields) for address in spaced for digits in _KEYS]
        self.answers = [len(self.answer(event).body) for event in self.events]

    def _menus(self, pairs: int) -> list[Address]:
        """Return the event URL of each menu, of one call that presses 1 at every one."""
        answered = self.answering.answer(self._flow, "answer", CALL, 0.0)
        menus = []
        for _ in range(pairs):
            menus.append(_address(answered))
            answered = self.answer((menus[-1], keys("1").fields))
        return menus

    def answer(self, event: tuple[Address, Any]) -> Answered:
        """Answer an event. Its time differs, because the same event again is answered from the store."""
        address, fields = event
        fields = {**fields, "timestamp": str(next(self._times))}
        answered = self.answering.answer(self._flow, address.webhook, fields, 1.0, token=address.token)
        assert isinstance(answered, Answered)
        assert answered.body
        assert not answered.failures
        return answered

    def time(self) -> float:
        """Return the CPU seconds of an event, with an empty store."""
        self.answering = Answering(self._tokens, MemoryStore())
        gc.collect()
        passes = -(-EVENTS // len(self.events))
        return time_passes(Lane(self.answer, tuple(self.events)), passes) / len(self.events)


def _address(answered: object) -> Address:
    """Return the event URL of the document of an answer."""
    assert isinstance(answered, Answered)
    assert answered.reply is not None
    (url,) = next(each["eventUrl"] for each in json.loads(answered.body) if "eventUrl" in each)
    address = read_address(urlsplit(url).path)
    assert address is not None
    return address


def report(rounds: int, scale: Scale) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        "Events of bundles that grow\n"
        f"  {_PLACES * len(_KEYS)} events of menus that are spread over the flow, in turn: the next menu, a value that is set and spoken, a retry.\n"
        "  Runtime and engine in this process: token in, engine, checked NCCO, token in its URL; no HTTP, a store in memory.\n"
        f"  CPU time of runs in turn, at least {EVENTS} events a timing, {rounds} rounds.\n"
        "  ratio: the time ÷ that of the smallest bundle in the same round, lower is better."
    )
    grown: list[_Grown] = []
    for pairs in scale.pairs:
        compiled = compile_source(Source("visits.flow", make_flow(pairs)))
        if compiled.diagnostics or not isinstance(compiled.product, Bundled):
            yield f"NOT measured: the flow of {pairs} pairs has findings, or is no bundle: {compiled.diagnostics[:1]}"
            return
        grown.append(_Grown(compiled.product.bundle, pairs))
    # All of them first, so that what they take from the collector and the caches of the processor is the same for all.
    times = [[each.time() for each in grown] for _ in range(rounds + 1)][1:]
    growths = [spread([row[at] / row[0] for row in times]) for at in range(len(grown))]
    rows = [
        (
            *shown(growth, "up"),
            rounded(1e6 * spread([row[at] for row in times]).median, "up"),
            f"{each.blocks:,} blocks",
        )
        for at, (each, growth) in enumerate(zip(grown, growths, strict=True))
    ]
    yield table(("ratio", "quartiles", "min–max", "CPU µs", "the bundle"), rows)
    last = growths[-1]
    yield (
        f"Goal: an event of {grown[-1].blocks:,} blocks costs at most {GOAL:g} times one of {grown[0].blocks}, in the same round\n"
        f"  {'met' if last.median <= GOAL else 'NOT met'}: {rounded(last.median, 'up')} times"
    )
