"""Measure what an event in the middle of a call costs `ncco serve`, compared with the same flow written by hand."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from benchmarks import asking_flows
from benchmarks.measure import Spread, rounded, shown, spread, table
from benchmarks.menus import CALL, ENDINGS, WAYS, Act
from benchmarks.servers import KINDS, Kind, Name, Server, started
from benchmarks.webhook_client import get, load, post, send
from ncco_lang.values.event_urls import without_tokens

FULL, QUICK = 400, 80
"""Events of one timing."""
CONNECTIONS = (4, 32)
GOAL = 1.3
Ways: TypeAlias = tuple[tuple[Act, ...], ...]


class Scene(NamedTuple):
    """What is served.

    Attributes:
        parts: what an event goes through.
        ways: what is timed: the last event of each way.
        endings: ways that are compared, but not timed.
        event: the event that the goal is about. like: what it is compared with.
        by_hand: what the flow by hand is made of.
    """

    name: Name
    title: str
    parts: str
    ways: Ways
    endings: Ways
    event: str
    like: str
    by_hand: str = "by hand, bare Starlette"


MENU = Scene(
    "menu",
    "Serving a menu",
    "HTTP, token, engine, checked NCCO, token in its URL",
    WAYS,
    ENDINGS,
    "an event in the middle of a call",
    "the menu by hand",
)
VALUES = Scene(
    "values",
    "Serving values",
    "HTTP, token, ten expressions, three of their values spoken, checked NCCO, token in its URL",
    asking_flows.VALUES_WAYS,
    asking_flows.VALUES_ENDINGS,
    "an event that evaluates ten expressions and speaks three values",
    "the same by hand",
)
LOOKUPS = Scene(
    "lookups",
    "Serving a lookup",
    "HTTP, token, one lookup at a server in a process of its own, a value of it spoken, checked NCCO, token in its URL",
    asking_flows.LOOKUP_WAYS,
    asking_flows.LOOKUP_ENDINGS,
    "an event with one lookup",
    "the same by hand",
    "by hand, bare Starlette and httpx",
)
_OURS: dict[Kind, str] = {"event": "ours, store in memory and no log", "serve": "ours, as `ncco serve` runs"}


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


def report(runs: int, events: int, scene: Scene = MENU) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        f"{scene.title}\n"
        f"  {len(scene.ways)} events in the middle of a call in turn, each in: {scene.parts}.\n"
        f"  CPU time (user and system) of the server's process, {events} events a timing, {runs} rounds; every server once a round.\n"
        "  Each server has uvicorn, httptools and uvloop in a process of its own; the client is a third process.\n"
        f"  ratio: OUR time ÷ that of {scene.like} in the same round, lower is better."
    )
    with ExitStack() as stack:
        shop = asking_flows.SHOP
        if scene.name == "lookups":
            shop = stack.enter_context(started("shop", scene.name)).answer_url
        servers = {kind: stack.enter_context(started(kind, scene.name, shop)) for kind in KINDS}
        callers = {kind: Caller(server) for kind, server in servers.items()}
        ways: dict[Kind, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        compared = 0
        for number, way in enumerate((*scene.ways, *scene.endings)):
            played = {kind: caller.play(way, _leg(number)) for kind, caller in callers.items()}
            documents = {kind: found for kind, (found, _, _) in played.items()}
            if any(found != documents["by-hand"] for found in documents.values()):
                yield f"NOT measured: the answers differ after: {', '.join(act.name for act in way)}"
                return
            compared += len(documents["by-hand"])
            if number < len(scene.ways):
                for kind, (_, url, fields) in played.items():
                    ways[kind].append((url, fields))
        yield f"Answers, before anything is timed\n  the same {compared} of each server, byte for byte but for the tokens"
        measured = {size: {kind: _Measured() for kind in KINDS} for size in CONNECTIONS}
        for number in range(-1, runs):
            for size, each in measured.items():
                for kind in KINDS:
                    _time(callers[kind], ways[kind], events, size, each[kind] if number >= 0 else _Measured())
    for size in CONNECTIONS:
        yield _table(measured[size], size, scene)
    yield _goal(measured[CONNECTIONS[0]], scene)


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


def _table(measured: dict[Kind, _Measured], connections: int, scene: Scene) -> str:
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
                _OURS.get(kind, scene.by_hand),
            )
        )
    heads = ("ratio", "quartiles", "min–max", "CPU µs", "events/s", "p50 ms", "p99 ms", f"{connections} connections")
    return table(heads, rows)


def _goal(measured: dict[Kind, _Measured], scene: Scene) -> str:
    event, whole = _ratio(measured, "event"), _ratio(measured, "serve")
    return (
        f"Goal: {scene.event} takes at most {GOAL:g} times the CPU time of {scene.like}\n"
        f"  {'met' if event.median <= GOAL else 'NOT met'}: {rounded(event.median, 'up')} times ({scene.parts})\n"
        f"  with what by hand does not do (a repeated event gets the same answer, calls survive a restart, a log line): "
        f"{rounded(whole.median, 'up')} times"
    )
