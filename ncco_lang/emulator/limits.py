"""How many requests an account may make in a second (Voice API: three new calls, fifteen others)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW = 0.9
"""Seconds. A tenth less than the second that is meant, so that a client that counts right is never refused for the time
that its requests take to come here."""


class Limit:
    """At most so many in a window that slides. What is refused does not count."""

    __slots__ = ("_clock", "_times", "most")

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._clock = clock
        self._times: deque[float] = deque()

    def used(self) -> int:
        """How many count now."""
        self._forget(self._clock())
        return len(self._times)

    def admit(self) -> bool:
        """Whether one more may come; it counts then."""
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
