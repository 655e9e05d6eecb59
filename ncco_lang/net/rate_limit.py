"""Limit the rate of requests to what a provider allows."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Pace:
    """At most `count` starts in any `seconds`; threads share it, and start in turn.

    The first `count` start at once, so that a short deploy is not slowed down for the sake of long ones.
    """

    __slots__ = ("_clock", "_count", "_lock", "_seconds", "_seen", "_sleep", "_starts")

    def __init__(
        self, count: int, seconds: float, *, clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        """Args: `clock` returns seconds; `sleep` waits for a number of them."""
        self._count = count
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._starts: deque[float] = deque(maxlen=count)
        self._seen = clock()

    def wait(self) -> None:
        """Wait until one more may start."""
        with self._lock:
            now = self._clock()
            if now < self._seen:
                # The clock was set back: the recorded starts would now make us wait for as long as it jumped.
                self._starts.clear()
            self._seen = now
            start = now
            if len(self._starts) == self._count:
                start = max(now, self._starts[0] + self._seconds)
            self._starts.append(start)
        # Outside the lock: this start is reserved, and other threads may reserve theirs meanwhile.
        if start > now:
            self._sleep(start - now)
