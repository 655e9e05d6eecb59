"""Handle Ctrl-C and other signals to stop when work must be finished first."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stops:
    """A context that turns signals to stop (SIGINT, SIGTERM, SIGHUP) into KeyboardInterrupt.

    The first signal interrupts at once, or at the end of a `held` block. After an interrupt the next signal is only
    reported, because programs that pass signals on often send them twice; the one after it interrupts again. Ignored
    signals stay ignored.
    """

    __slots__ = ("_before", "_is_held", "_report", "_reported", "number")

    def __init__(self, report: Callable[[], object]) -> None:
        """Args: `report` is called when a signal is held back; it prints what the program waits for."""
        self._report = report
        self._is_held = False
        self._reported = False
        self._before: dict[int, Any] = {}
        self.number = int(signal.SIGINT)
        """The number of the last signal."""

    def __enter__(self) -> Stops:
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the first signal back until the block ends."""
        self._is_held = True
        yield
        if self._reported:
            self._reported = False
            raise KeyboardInterrupt
        self._is_held = False

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        if self._is_held and not self._reported:
            self._reported = True
            self._report()
            return
        self._is_held = True
        raise KeyboardInterrupt


class _Terminated(BaseException):
    """SIGTERM was received."""


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Leave the block at SIGTERM, which asks a server to end and is no failure. A second signal changes nothing."""

    def end(*_: object) -> None:
        # A second signal would interrupt the shutdown.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise _Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except _Terminated:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
