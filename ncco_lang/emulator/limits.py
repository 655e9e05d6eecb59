"""Limit the requests of an account per second (Voice API: three new calls, fifteen others)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW = 0.9
"""Seconds. A tenth less than a second, so that a client that counts correctly is never refused because of the time
that its requests take to arrive."""


class Limit:
    """At most so many in a sliding window. Refused requests do not count."""

    __slots__ = ("_clock", "_times", "most")

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._clock = clock
        self._times: deque[float] = deque()

    def used(self) -> int:
        """Return how many count now."""
        self._forget(self._clock())
        return len(self._times)

    def admit(self) -> bool:
        """Return whether one more is allowed; if so, count it."""
        now = self._clock()
        self._forget(now)
        if len(self._times) >= self.most:
            return False
        self._times.append(now)
        return True

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] <= now - WINDOW:
            self._times.popleft()


class Limits:
    """Both limits of an account."""

    __slots__ = ("calls", "others")

    def __init__(self, calls: int, others: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.calls = Limit(calls, clock)
        self.others = Limit(others, clock)
