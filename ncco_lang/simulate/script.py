"""Play a call to its end, with a script of what the caller does and a function that responds to webhooks.

The loop does no I/O: the caller passes in the function, and time is the phone's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ncco_lang.simulate import listening
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import (
    Act,
    Answer,
    HangUp,
    Happened,
    Output,
    Plan,
    Press,
    Request,
    Say,
    Silence,
    find_plan,
)

MOST_STEPS = 200_000
"""The largest number of steps of one call; two hours of a call without end take far fewer."""


class Person:
    """The person on a leg, who follows a script: what is left of it, and when the next of it comes.

    After the script the person is silent.
    """

    __slots__ = ("_passed", "left", "leg")

    def __init__(self, leg: str, script: Sequence[Act] = ()) -> None:
        self.leg = leg
        self.left = list(script)
        self._passed: int | None = None

    def act(self, phone: Phone) -> bool:
        """Do the next thing of the script, if its turn has come; return whether anything was done."""
        leg = phone.board.leg(self.leg)
        if not self.left or leg.serial == self._passed or not is_turn(phone, leg, self.left[0]):
            return False
        what = self.left.pop(0)
        if isinstance(what, Silence) or (isinstance(what, Say) and listening.is_listening(leg)):
            # A person who has spoken waits for the result.
            self._passed = leg.serial
        phone.act(self.leg, what)
        return True

    def next_at(self, phone: Phone) -> float | None:
        """Return when the person stops speaking and may do the next thing, on the phone's clock; None if not speaking."""
        board = phone.board
        leg = board.leg(self.leg)
        rest = leg.busy_until - board.time_of(leg)
        if not self.left or leg.is_over or rest <= 0 or board.is_held(leg):
            return None
        return round(phone.now + rest, 3)

    def unused(self, phone: Phone) -> Happened | None:
        """Return the note about the rest of the script, for a call that is over; None if nothing is left."""
        if not self.left:
            return None
        leg = phone.board.leg(self.leg)
        ends = [each.ended for each in phone.legs() if each.call == leg.call and each.ended is not None]
        at = max(ends, default=phone.board.time_of(leg))
        return Happened(at, leg.id, "unused", {"script": [words_of(each) for each in self.left]})


def play(phone: Phone, leg: str, script: Sequence[Act], respond: Callable[[Request], Answer]) -> Iterator[Output]:
    """Play until every leg has ended; yield what happens, as it happens.

    Args:
        leg: the leg whose person follows the script.
        respond: returns the response to a webhook.
    """
    person = Person(leg, script)
    for _ in range(MOST_STEPS):
        yield from deliver(phone, respond)
        if phone.is_over:
            break
        if person.act(phone):
            continue
        at = next_at(phone, (person,))
        if at is None:
            break
        phone.advance(at)
    if (unused := person.unused(phone)) is not None:
        yield unused


def next_at(phone: Phone, people: Iterable[Person]) -> float | None:
    """Return when something may happen next, on the phone's clock; None if nothing will."""
    moments = (phone.next_at(), *(person.next_at(phone) for person in people))
    return min((at for at in moments if at is not None), default=None)


def deliver(phone: Phone, respond: Callable[[Request], Answer]) -> Iterator[Output]:
    """Yield what has happened, and give each webhook its response, until nothing more follows from that."""
    while taken := phone.take():
        for output in taken:
            yield output
            if isinstance(output, Request):
                phone.answer(output.id, respond(output))


def plans_by_number(plans: Mapping[str, Plan]) -> Callable[[str], Plan]:
    """Return a function to the plan of an endpoint by number, URI, user or extension; `*` is for all others."""
    return lambda to: find_plan(plans, to) or Plan()


def is_turn(phone: Phone, leg: Leg, what: Act) -> bool:
    """Return whether the person on a leg does the next thing of a script now.

    Keys and words wait until the platform listens or records, the prompt has been heard, and earlier speech is over. A
    hang-up also comes while the leg is connected, in a conversation, or waits; so do keys and silence if each key is
    posted (an asynchronous input).
    """
    board = phone.board
    if not leg.is_up or board.time_of(leg) < leg.busy_until or leg.doing is None or board.is_held(leg):
        return False
    if leg.sounds:
        return False
    if listening.is_listening(leg):
        return True
    doing: str = leg.doing["action"]
    if isinstance(what, HangUp) or (leg.keys is not None and isinstance(what, Press | Silence)):
        return doing in ("connect", "conversation", "record", "transfer", "wait")
    return doing == "record"


def words_of(what: Act) -> str:
    """Return an item of a script as it is written on the command line."""
    match what:
        case Press(keys):
            return f"--press {keys}"
        case Say(words, seconds):
            return f"--say {words!r}" if words else f"--speak {seconds or 0:g}s"
        case Silence():
            return "--silence"
        case HangUp():
            return "--hang-up"
