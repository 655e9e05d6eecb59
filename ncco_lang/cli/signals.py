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


class _Ended(BaseException):
    """A signal asks the program to end."""


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Leave the block at SIGTERM or SIGHUP, which ask a server to end and are no failure. A second one changes nothing.

    SIGHUP comes when a terminal closes, unless `nohup` ignores it.
    """
    asked = [each for each in _SIGNALS if each != signal.SIGINT and signal.getsignal(each) is not signal.SIG_IGN]

    def end(*_: object) -> None:
        # A second signal would interrupt the shutdown.
        for number in asked:
            signal.signal(number, signal.SIG_IGN)
        raise _Ended

    before = {number: signal.signal(number, end) for number in asked}
    try:
        yield
    except _Ended:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
