"""Ctrl-C, and the other ways of being told to stop, where something must be put right first."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stops:
    """Hears the signals that end a program, as a context; each is a KeyboardInterrupt that comes when it may.

    The first one interrupts, unless it is `held` back. From then on one more is only told, because whoever passes
    signals on often sends them twice, and the one behind it interrupts again. What was ignored stays ignored.
    """

    __slots__ = ("_before", "_is_held", "_tell", "_told", "number")

    def __init__(self, tell: Callable[[], object]) -> None:
        """Args: `tell` says that it was heard, and what is waited for."""
        self._tell = tell
        self._is_held = False
        self._told = False
        self._before: dict[int, Any] = {}
        self.number = int(signal.SIGINT)
        """The signal that came last."""

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
        """Let the first signal wait until this is done."""
        self._is_held = True
        yield
        if self._told:
            self._told = False
            raise KeyboardInterrupt
        self._is_held = False

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        if self._is_held and not self._told:
            self._told = True
            self._tell()
            return
        self._is_held = True
        raise KeyboardInterrupt
