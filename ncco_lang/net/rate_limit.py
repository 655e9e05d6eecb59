"""Pacing: no more of something in a while than a provider allows."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Pace:
    """At most `count` starts in any `seconds`; threads share it, and each start is in turn.

    The first `count` go at once, because a short deploy should not crawl for the sake of long ones.
    """

    __slots__ = ("_clock", "_count", "_lock", "_seconds", "_seen", "_sleep", "_starts")

    def __init__(
        self, count: int, seconds: float, *, clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        """Args: `clock` gives seconds, `sleep` takes them."""
        self._count = count
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._starts: deque[float] = deque(maxlen=count)
        self._seen = clock()

    def wait(self) -> None:
        """Return when one more may start."""
        with self._lock:
            now = self._clock()
            if now < self._seen:
                # The clock was set back: what it said before would make us wait for as long as it jumped.
                self._starts.clear()
            self._seen = now
            start = now
            if len(self._starts) == self._count:
                start = max(now, self._starts[0] + self._seconds)
            self._starts.append(start)
        # Outside the lock: the start is ours already, and others may take theirs meanwhile.
        if start > now:
            self._sleep(start - now)
