"""Play the caller from the keyboard: a key is pressed at once, a letter begins a spoken line, Enter alone is silence."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec

import click

from ncco_lang.cli.console import emit
from ncco_lang.cli.typing_keys import END, HELP, Keyboard, Typing, keyboard
from ncco_lang.simulate import listening
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.script import deliver, is_turn
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import Act, Answer, HangUp, Output, Plan, Press, Request, Say, Silence, find_plan

_STATES = {
    "a": "answered",
    "b": "busy",
    "n": "timeout",
    "r": "rejected",
    "m": "machine",
    "\r": "answered",
    "\n": "answered",
}
_LONG = 3600.0
"""Seconds of one wait for a key."""


class Console:
    """The keys of a console whose keys can only be waited for (Windows)."""

    __slots__ = ()

    def acts(self, _: float) -> Iterator[Act]:
        """Wait for an act, and yield it."""
        typing, act = Typing(), None
        while act is None:
            try:
                act = typing.feed(click.getchar())
            except EOFError:
                emit("\n")
                act = HangUp()
        yield act

    def print_line(self, line: str) -> None:
        """Print a line."""
        emit(f"{line}\n")


@contextmanager
def keys_of_user() -> Iterator[Keyboard | Console]:
    """Yield the keys of the terminal until the block ends."""
    if find_spec("termios") is None:
        emit(f"{HELP}\n")
        yield Console()
        return
    with keyboard() as keys:
        yield keys


def play_by_hand(
    phone: Phone,
    leg: str,
    respond: Callable[[Request], Answer],
    keys: Keyboard | Console,
    asking: AskingPlans,
    *,
    realtime: bool,
) -> Iterator[Output]:
    """Play until every leg has ended.

    The virtual clock is stopped while the user is asked, which happens whenever the platform listens. In real
    time the user is never asked: what is typed happens at once, also while a prompt plays.
    """
    passed: int | None = None
    typed: deque[Act] = deque()
    is_live = realtime and isinstance(keys, Keyboard)
    while True:
        yield from deliver(phone, respond)
        person = phone.board.leg(leg)
        if phone.is_over:
            return
        if asking.has_hung_up:
            asking.has_hung_up = False
            phone.act(leg, HangUp())
            continue
        listens = is_turn(phone, person, Press("1"))
        if not is_live and person.serial != passed and (listens or _is_in_room(phone, person)):
            what = _ask(keys, typed)
            has_spoken = isinstance(what, Say) and listening.is_listening(person)
            if isinstance(what, Silence) or has_spoken or not listens:
                # A person who has spoken waits for the result. In a conversation nothing answers, so one question is enough.
                passed = person.serial
            phone.act(leg, what)
            continue
        at = phone.next_at()
        if at is None:
            return
        speaks = person.busy_until - phone.board.time_of(person)
        if speaks > 0:
            at = min(at, phone.now + speaks)
        if is_live:
            begun = time.monotonic()
            acts = list(keys.acts(max(0.0, at - phone.now)))
            phone.advance(min(at, phone.now + time.monotonic() - begun))
            for act in acts:
                yield from deliver(phone, respond)
                phone.act(leg, act)
        else:
            phone.advance(at)


def _is_in_room(phone: Phone, person: Leg) -> bool:
    """Return whether a person is in a conversation, where only hanging up does anything."""
    doing = person.doing
    return doing is not None and doing["action"] == "conversation" and is_turn(phone, person, HangUp())


def _ask(keys: Keyboard | Console, typed: deque[Act]) -> Act:
    """Return what the user does next; what is typed too much stays in `typed` for the next time."""
    if not typed:
        emit("> ")
    while not typed:
        typed.extend(keys.acts(_LONG))
    return typed.popleft()


def _char() -> str:
    """Return the next character that is typed; Enter if the terminal is gone."""
    try:
        if find_spec("termios") is None:
            return click.getchar()[:1]
        # The keyboard sends each key at once, because a call is being played.
        return os.read(sys.stdin.fileno(), 1).decode("ascii", "replace") or "\n"
    except EOFError:
        return END
    except OSError:
        return "\n"


def _line(prompt: str) -> str | None:
    """Return a line that the user types after a prompt, with the line editing of the terminal; None for Ctrl-D."""
    try:
        import termios
    except ImportError:
        try:
            emit(prompt)
            return input()
        except EOFError:
            return None
    terminal = sys.stdin.fileno()
    try:
        at_once = termios.tcgetattr(terminal)
        by_line = [at_once[0] | termios.ICRNL, *at_once[1:3], at_once[3] | termios.ICANON | termios.ECHO, *at_once[4:]]
        termios.tcsetattr(terminal, termios.TCSADRAIN, by_line)
        # After the change of mode, in which the terminal takes Ctrl-D as the end; what was typed before is a character.
        emit(prompt)
        try:
            line = os.read(terminal, 1 << 16).decode("utf-8", "replace")
            return None if END in line else line or None
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, at_once)
    except (OSError, termios.error):
        return None


class AskingPlans:
    """The plans of endpoints: those that are given, and else the user's answers.

    Attributes:
        has_hung_up: the user pressed Ctrl-D instead of an answer, so the caller hangs up meanwhile.
    """

    __slots__ = ("_plans", "has_hung_up")

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._plans = plans
        self.has_hung_up = False

    def plan_of(self, to: str) -> Plan:
        """Return the plan of an endpoint."""
        known = find_plan(self._plans, to)
        if known is not None:
            return known
        emit(f"{to} rings: (a)nswered, (b)usy, (n)o answer, (r)ejected, (m)achine? ")
        while (state := _STATES.get(char := _char().lower())) is None:
            if char == END:
                emit("\n")
                self.has_hung_up = True
                return Plan(status="timeout")
        emit(f"{state}\n")
        return Plan(status=state)

    def line(self, prompt: str) -> str | None:
        """Return the line that the user types after a prompt; None if the user hangs up instead."""
        line = _line(prompt)
        if line is None:
            emit("\n")
            self.has_hung_up = True
        return line
