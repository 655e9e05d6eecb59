"""A moment by which an answer has to be there: whoever sends a byte now and then never trips a time-out for reading."""

from __future__ import annotations

import threading
import time


class TooLate(Exception):
    """The moment is past."""


class Deadline(threading.local):
    """The moment of what this thread is doing, by `time.monotonic`; None: there is none."""

    ends: float | None = None

    def start(self, seconds: float) -> None:
        """From now on there are so many seconds left."""
        self.ends = time.monotonic() + seconds

    def lift(self) -> None:
        """Let things take as long as they do."""
        self.ends = None

    @property
    def is_over(self) -> bool:
        """Whether the moment is past."""
        return self.ends is not None and time.monotonic() >= self.ends

    def allows(self, timeout: float | None) -> float | None:
        """What is left of a time-out.

        Raises:
            TooLate: nothing.
        """
        if self.ends is None:
            return timeout
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TooLate
        return left if timeout is None else min(left, timeout)
