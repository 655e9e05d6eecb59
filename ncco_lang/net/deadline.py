"""A moment by which an answer has to be there: whoever sends a byte now and then never trips a time-out for reading.

`httpx` has time-outs for one read alone, so what it reads from is wrapped.
"""

from __future__ import annotations

import threading
import time
from typing import Any


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


def hold(client: Any, deadline: Deadline) -> None:
    """Let all connections that an `httpx.Client` opens keep to a deadline."""
    for transport in (client._transport, *client._mounts.values()):
        if transport is not None:
            pool = transport._pool
            pool._network_backend = _Backend(pool._network_backend, deadline)


class _Backend:
    """What opens connections, around another."""

    def __init__(self, inner: Any, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def connect_tcp(self, *given: Any, **named: Any) -> _Stream:
        return _Stream(self._inner.connect_tcp(*given, **named), self._deadline)

    def connect_unix_socket(self, *given: Any, **named: Any) -> _Stream:
        return _Stream(self._inner.connect_unix_socket(*given, **named), self._deadline)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream:
    """A connection, around another."""

    def __init__(self, inner: Any, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data: bytes = self._inner.read(max_bytes, timeout=self._deadline.allows(timeout))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=self._deadline.allows(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, *given: Any, **named: Any) -> _Stream:
        return _Stream(self._inner.start_tls(*given, **named), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
