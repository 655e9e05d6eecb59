"""Signals to stop while there is something to clean up, in any order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ncco_lang.cli.signals import Stops

INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


@contextmanager
def with_hup(handler: signal.Handlers) -> Iterator[None]:
    before = signal.signal(HUP, handler)
    try:
        yield
    finally:
        signal.signal(HUP, before)


def test_the_first_interrupts_the_second_is_told_the_third_interrupts() -> None:
    called: list[int] = []
    with Stops(lambda: called.append(1)) as stops:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(TERM)
        assert (stops.number, called) == (TERM, [])
        signal.raise_signal(INT)
        assert called == [1]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(INT)


def test_what_is_held_back_comes_when_it_is_done() -> None:
    done: list[str] = []
    with Stops(lambda: done.append("stopped")) as stops:

        def work() -> None:
            with stops.held():
                signal.raise_signal(INT)
                done.append("done")

        with pytest.raises(KeyboardInterrupt):
            work()
        assert done == ["stopped", "done"]
        # One more signal does not disturb the cleanup.
        signal.raise_signal(INT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(INT)


def test_what_is_held_back_can_be_cut_off() -> None:
    done: list[str] = []
    with Stops(lambda: done.append("stopped")) as stops:

        def work() -> None:
            with stops.held():
                signal.raise_signal(INT)
                signal.raise_signal(INT)
                done.append("done")

        with pytest.raises(KeyboardInterrupt):
            work()
    assert done == ["stopped"]


def test_nothing_is_held_back_behind_it() -> None:
    with Stops(lambda: None) as stops:
        with stops.held():
            pass
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(INT)


def test_what_was_ignored_stays_ignored_and_all_else_is_as_before() -> None:
    before = signal.getsignal(INT), signal.getsignal(TERM)
    with with_hup(signal.SIG_IGN):
        with Stops(lambda: None):
            signal.raise_signal(HUP)
            assert signal.getsignal(HUP) is signal.SIG_IGN
        assert (signal.getsignal(INT), signal.getsignal(TERM)) == before
