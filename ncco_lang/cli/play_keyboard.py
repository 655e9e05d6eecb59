"""Play the caller from the keyboard: a key is pressed at once, a letter begins a spoken line, Enter alone is silence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import click

from ncco_lang.cli.console import emit
from ncco_lang.cli.typing_keys import HELP, Typing
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.script import deliver, is_turn
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import Act, Answer, HangUp, Output, Plan, Press, Request, Silence

_STATES = {"a": "answered", "b": "busy", "n": "timeout", "r": "rejected", "m": "machine"}


def play_by_hand(phone: Phone, leg: str, respond: Callable[[Request], Answer], *, realtime: bool) -> Iterator[Output]:
    """Play until every leg has ended; ask the user whenever the platform listens."""
    passed: int | None = None
    emit(f"{HELP}\n")
    while True:
        yield from deliver(phone, respond)
        person = phone.board.leg(leg)
        if phone.is_over:
            return
        listens = is_turn(phone, person, Press("1"))
        if person.serial != passed and (listens or _is_in_room(phone, person)):
            what = ask()
            if isinstance(what, Silence) or not listens:
                # In a conversation nothing answers, so the person is asked once.
                passed = person.serial
            phone.act(leg, what)
            continue
        at = phone.next_at()
        if at is None:
            return
        speaks = person.busy_until - phone.board.time_of(person)
        if speaks > 0:
            at = min(at, phone.now + speaks)
        if realtime:
            time.sleep(max(0.0, at - phone.now))
        phone.advance(at)


def _is_in_room(phone: Phone, person: Leg) -> bool:
    """Return whether a person is in a conversation, where only hanging up does anything."""
    doing = person.doing
    return doing is not None and doing["action"] == "conversation" and is_turn(phone, person, HangUp())


def ask() -> Act:
    """Return what the user does: press a key, say a line of words, stay silent or hang up."""
    emit("> ")
    typing, act = Typing(), None
    while act is None:
        try:
            act = typing.feed(click.getchar())
        except EOFError:
            # Ctrl-D
            emit("\n")
            act = HangUp()
    return act


def asking_plans(plans: Mapping[str, Plan]) -> Callable[[str], Plan]:
    """Return a function that gives an endpoint's plan: from `plans`, else from the user's answer."""

    def plan_of(to: str) -> Plan:
        known = plans.get(to) or plans.get("*")
        if known is not None:
            return known
        emit(f"{to} rings: (a)nswered, (b)usy, (n)o answer, (r)ejected, (m)achine? ")
        key = click.getchar().lower()
        state = _STATES.get(key, "answered")
        emit(f"{state}\n")
        return Plan(status=state)

    return plan_of
