"""Play a call to its end, with a script of what the caller does and a function that responds to webhooks.

The loop does no I/O: the caller passes in the function, and time is the phone's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ncco_lang.simulate import listening
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import Act, Answer, HangUp, Happened, Output, Plan, Press, Request, Say, Silence

MOST_STEPS = 200_000
"""The largest number of steps of one call; two hours of a call without end take far fewer."""


def play(phone: Phone, leg: str, script: Sequence[Act], respond: Callable[[Request], Answer]) -> Iterator[Output]:
    """Play until every leg has ended; yield what happens, as it happens.

    Args:
        leg: the leg whose person follows the script. After the script the person is silent.
        respond: returns the response to a webhook.
    """
    left = list(script)
    passed: int | None = None
    for _ in range(MOST_STEPS):
        yield from deliver(phone, respond)
        if phone.is_over:
            break
        person = phone.board.leg(leg)
        if left and person.serial != passed and is_turn(phone, person, left[0]):
            what = left.pop(0)
            if isinstance(what, Silence) or (isinstance(what, Say) and listening.is_listening(person)):
                # A person who has spoken waits for the result.
                passed = person.serial
            phone.act(leg, what)
            continue
        at = phone.next_at()
        if at is None:
            break
        phone.advance(min(at, person.busy_until) if person.busy_until > phone.now else at)
    if left:
        person = phone.board.leg(leg)
        yield Happened(phone.now, leg, "unused", {"script": [words_of(each) for each in left]})


def deliver(phone: Phone, respond: Callable[[Request], Answer]) -> Iterator[Output]:
    """Yield what has happened, and give each webhook its response, until nothing more follows from that."""
    while taken := phone.take():
        for output in taken:
            yield output
            if isinstance(output, Request):
                phone.answer(output.id, respond(output))


def plans_by_number(plans: Mapping[str, Plan]) -> Callable[[str], Plan]:
    """Return a function to the plan of an endpoint by number, URI, user or extension; `*` is for all others."""
    return lambda to: plans.get(to) or plans.get("*") or Plan()


def is_turn(phone: Phone, leg: Leg, what: Act) -> bool:
    """Return whether the person on a leg does the next thing of a script now.

    Keys and words wait until the platform listens or records, the prompt has been heard, and earlier speech is over. A
    hang-up also comes while the leg is connected, in a conversation, or waits.
    """
    if not leg.is_up or phone.now < leg.busy_until or leg.doing is None:
        return False
    if leg.sounds:
        return False
    if listening.is_listening(leg):
        return True
    doing: str = leg.doing["action"]
    if isinstance(what, HangUp):
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
