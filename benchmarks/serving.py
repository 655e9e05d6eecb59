"""Measure what an event in the middle of a call costs `ncco serve`, compared with the same menu written by hand."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Literal
from urllib.parse import urlsplit

from benchmarks.measure import Spread, rounded, shown, spread, table
from benchmarks.menu_servers import KINDS, Kind, Server, started
from benchmarks.menus import CALL, ENDINGS, WAYS, Act
from benchmarks.webhook_client import get, load, post, send
from ncco_lang.values.event_urls import without_tokens

FULL, QUICK = 400, 80
"""Events of one timing."""
CONNECTIONS = (4, 32)
GOAL = 1.3
_NAMES: dict[Kind, str] = {
    "by-hand": "by hand, bare Starlette",
    "event": "ours, store in memory and no log",
    "serve": "ours, as `ncco serve` runs",
}


@dataclass(slots=True)
class _Measured:
    """What one server did at a number of connections: CPU seconds an event, events a second, and seconds of each event."""

    cpu: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)


class Caller:
    """Plays calls at a server by their webhooks."""

    def __init__(self, server: Server) -> None:
        self.server = server
        parts = urlsplit(server.answer_url)
        assert parts.hostname is not None
        assert parts.port is not None
        self.address = parts.hostname, parts.port
        self._times = itertools.count()

    def play(self, way: tuple[Act, ...], leg: str) -> tuple[list[str], str, dict[str, Any]]:
        """Play a call; return its documents without tokens, and the address and the fields of its last event."""
        own = {"uuid": leg}
        body = send(self.address, get(self.server.answer_url, {**CALL, **own}))
        documents, url, fields = [without_tokens(body.decode())], "", dict[str, Any]()
        document = json.loads(body)
        for act in way:
            url = next(each["eventUrl"][0] for each in document if each["action"] == act.action)
            fields = {**act.fields} if act.action == "connect" else {**act.fields, **own}
            body = send(self.address, post(url, fields))
            documents.append(without_tokens(body.decode()))
            document = json.loads(body) if body else document
        return documents, url, fields

    def requests(self, ways: list[tuple[str, dict[str, Any]]], count: int) -> list[bytes]:
        """Return so many events in turn. Their times differ, because the same event again is answered from the store."""
        return [
            post(url, {**fields, "timestamp": self._now()})
            for url, fields in itertools.islice(itertools.cycle(ways), count)
        ]

    def _now(self) -> str:
        number = next(self._times)
        return f"2026-01-05T{number // 3_600_000:02}:{number // 60_000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}Z"


def report(runs: int, events: int) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        "Serving a menu\n"
        f"  {len(WAYS)} events in the middle of a call in turn, each in: HTTP, token, engine, checked NCCO, token in its URL.\n"
        f"  CPU time (user and system) of the server's process, {events} events a timing, {runs} rounds; every server once a round.\n"
        "  Each server has uvicorn, httptools and uvloop in a process of its own; the client is a third process.\n"
        "  ratio: OUR time ÷ that of the menu by hand in the same round, lower is better."
    )
    with ExitStack() as stack:
        callers = {kind: Caller(stack.enter_context(started(kind))) for kind in KINDS}
        ways: dict[Kind, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        compared = 0
        for number, way in enumerate((*WAYS, *ENDINGS)):
            played = {kind: caller.play(way, _leg(number)) for kind, caller in callers.items()}
            documents = {kind: found for kind, (found, _, _) in played.items()}
            if any(found != documents["by-hand"] for found in documents.values()):
                yield f"NOT measured: the answers differ after: {', '.join(act.name for act in way)}"
                return
            compared += len(documents["by-hand"])
            if number < len(WAYS):
                for kind, (_, url, fields) in played.items():
                    ways[kind].append((url, fields))
        yield f"Answers, before anything is timed\n  the same {compared} of each server, byte for byte but for the tokens"
        measured = {size: {kind: _Measured() for kind in KINDS} for size in CONNECTIONS}
        for number in range(-1, runs):
            for size, each in measured.items():
                for kind in KINDS:
                    _time(callers[kind], ways[kind], events, size, each[kind] if number >= 0 else _Measured())
    for size in CONNECTIONS:
        yield _table(measured[size], size)
    yield _goal(_ratio(measured[CONNECTIONS[0]], "event"), _ratio(measured[CONNECTIONS[0]], "serve"))


def _leg(number: int) -> str:
    return f"aaaaaaaa-bbbb-4ccc-8ddd-{number:012}"


def _time(
    caller: Caller, ways: list[tuple[str, dict[str, Any]]], events: int, connections: int, measured: _Measured
) -> None:
    requests = caller.requests(ways, events)
    before = caller.server.seconds()
    taken = load(caller.address, requests, connections)
    measured.cpu.append((caller.server.seconds() - before) / events)
    # Every connection is busy all the time, so this is the time that the whole load takes.
    measured.rates.append(connections * events / sum(taken))
    measured.taken += taken


def _ratio(measured: dict[Kind, _Measured], kind: Kind) -> Spread:
    """Return our CPU time divided by that of the menu by hand, round by round."""
    return spread([ours / peer for ours, peer in zip(measured[kind].cpu, measured["by-hand"].cpu, strict=True)])


def _table(measured: dict[Kind, _Measured], connections: int) -> str:
    rows = []
    for kind, each in measured.items():
        toward: Literal["down", "up"] = "down" if kind == "by-hand" else "up"
        cuts = quantiles(each.taken, n=100, method="inclusive")
        rate = spread(each.rates).median
        rows.append(
            (
                *shown(_ratio(measured, kind), "up"),
                rounded(1e6 * spread(each.cpu).median, toward),
                rounded(rate, "up" if kind == "by-hand" else "down"),
                rounded(1e3 * cuts[49], toward),
                rounded(1e3 * cuts[98], toward),
                _NAMES[kind],
            )
        )
    heads = ("ratio", "quartiles", "min–max", "CPU µs", "events/s", "p50 ms", "p99 ms", f"{connections} connections")
    return table(heads, rows)


def _goal(event: Spread, whole: Spread) -> str:
    return (
        f"Goal: an event in the middle of a call takes at most {GOAL:g} times the CPU time of the menu by hand\n"
        f"  {'met' if event.median <= GOAL else 'NOT met'}: {rounded(event.median, 'up')} times (token in, engine, checked "
        "NCCO, token in its URL)\n"
        f"  with what by hand does not do (a repeated event gets the same answer, calls survive a restart, a log line): "
        f"{rounded(whole.median, 'up')} times"
    )
