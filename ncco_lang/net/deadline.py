"""Limit the total time of a response: a server that sends a byte now and then never exceeds a read time-out."""

from __future__ import annotations

import threading
import time

CONNECT = 5.0
"""The most seconds until a connection is open, unless a caller sets another limit."""


class TooLate(Exception):
    """The deadline has passed."""


class Deadline(threading.local):
    """The deadline of the current thread's request, by `time.monotonic`; `ends` is None without one."""

    ends: float | None = None

    def start(self, seconds: float) -> None:
        """Set the deadline to so many seconds from now."""
        self.ends = time.monotonic() + seconds

    def lift(self) -> None:
        """Remove the deadline."""
        self.ends = None

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self.ends is not None and time.monotonic() >= self.ends

    def allows(self, timeout: float | None) -> float | None:
        """Return a time-out shortened to the time left.

        Raises:
            TooLate: no time is left.
        """
        if self.ends is None:
            return timeout
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TooLate
        return left if timeout is None else min(left, timeout)
