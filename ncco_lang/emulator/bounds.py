"""Limit the memory of a long-running emulator: all limits are here, and `docs/design/emulating.md` lists them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The largest number of things that are kept; beyond it the oldest is dropped.

    Attributes:
        log, log_bytes: entries of each log: requests, events of the sink, events of calls.
        calls, call_bytes: legs, with their transcripts. Ended ones are dropped first; a live call that is dropped sends
            nothing more.
        transcript_bytes: of one call; a transcript that is full gets no more lines.
        scenarios, scenario_bytes: scripts for the next call to a number.
        recordings: lengths of recorded sound; a forgotten one is half a second long.
        applications, application_bytes: with an application, the links of numbers to it are dropped.
        numbers: here the newest is refused, because the oldest are those the emulator was started with.
        tokens, used: KPN's tokens, and the ids of used JWTs.
        late: requests that wait for their effect; the oldest takes effect at once.
        outbox: webhooks of one call that have not been sent.
        beside: calls and late webhooks in progress; beyond it, transfers are refused and webhooks are not late.
        wires: clients for webhooks, one for each pair of time-outs.
    """

    log: int = 20_000
    log_bytes: int = 64 << 20
    calls: int = 20_000
    call_bytes: int = 64 << 20
    transcript_bytes: int = 8 << 20
    scenarios: int = 1_000
    scenario_bytes: int = 16 << 20
    recordings: int = 20_000
    applications: int = 10_000
    application_bytes: int = 64 << 20
    numbers: int = 10_000
    tokens: int = 10_000
    used: int = 100_000
    late: int = 200
    outbox: int = 1_000
    beside: int = 50_000
    wires: int = 32


class Kept(dict[str, _V]):
    """A mapping, oldest first, that counts the bytes of its values. It is read like any other."""

    __slots__ = ("_most", "_most_bytes", "_size", "_sizes")

    def __init__(self, most: int, most_bytes: int) -> None:
        super().__init__()
        self._most = most
        self._most_bytes = most_bytes
        self._size = 0
        self._sizes: dict[str, int] = {}

    def put(self, key: str, value: _V, content: Any) -> None:
        """Add a value, or replace it without changing its place."""
        size = size_of(content)
        self._size += size - self._sizes.pop(key, 0)
        self._sizes[key] = size
        self[key] = value

    def grow(self, key: str, size: int) -> None:
        """Count more bytes of a value that has grown, if it is still there."""
        if key in self._sizes:
            self._size += size
            self._sizes[key] += size

    def drop(self, key: str) -> None:
        """Remove a value."""
        del self[key]
        self._size -= self._sizes.pop(key, 0)

    def surplus(self, newest: str, first: Callable[[_V], bool] = lambda _: True) -> str | None:
        """Return the oldest key to drop, preferably one whose value satisfies `first`; None if there is room."""
        if len(self) < 2 or (len(self) <= self._most and self._size <= self._most_bytes):
            return None
        old = (key for key in self if key != newest)
        return next((key for key, value in self.items() if key != newest and first(value)), None) or next(old)


def size_of(value: Any) -> int:
    """Return about how many bytes of memory a JSON value takes. A value that it holds twice counts twice."""
    size, here = 0, [value]
    while here:
        size += sum(map(sys.getsizeof, here))
        below: list[Any] = []
        for item in here:
            if isinstance(item, dict):
                below += item
                below += item.values()
            elif isinstance(item, list | tuple) and item:
                below += item
        here = below
    return size
