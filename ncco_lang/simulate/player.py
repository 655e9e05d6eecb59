"""Play one call to its end: `ncco_lang.play`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ncco_lang.simulate.nccos import read_ncco
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.script import plans_by_number
from ncco_lang.simulate.script import play as play_script
from ncco_lang.simulate.switches import Switches
from ncco_lang.simulate.transcript import transcript
from ncco_lang.simulate.types import Act, Answer, Hook, Plan, Request, Settings, endpoint_key

NUMBER, CALLER = "31201234567", "31612345678"
"""The default numbers of the application and of the caller."""
MONDAY = 1_767_607_200.0
"""Monday, 5 January 2026, 10:00 UTC: when a call begins by default."""
EVENTS = "https://events.invalid/"
"""The event URL of an NCCO that is played without an application."""


def begin_call(
    phone: Phone,
    to: str | None,
    from_: str | None,
    answered_by: Literal["human", "machine"] | None,
    *,
    is_withheld: bool = False,
    ncco: list[dict[str, Any]] | None = None,
    answer: Hook | None = None,
    at: float | None = None,
) -> str:
    """Begin a call that comes in or, if something answers it, one that is placed with machine detection; return its leg.

    Args:
        to, from_: numbers; None for the default ones. Of a call that is placed, `from_` is a number of the application.
        answered_by: who answers it; None for a call that comes in.
        ncco, answer: the source of the NCCO: itself, else the answer webhook.
        at: seconds since 1970 at which it begins, if the phone's clock does not count from there.
    """
    own, person = (NUMBER, CALLER) if answered_by is None else (CALLER, NUMBER)
    called, caller = endpoint_key(to or own), None if is_withheld else endpoint_key(from_ or person)
    if answered_by is None:
        return phone.ring_in(called, caller, ncco=ncco, at=at)
    return phone.ring_out(
        {"type": "phone", "number": called},
        caller,
        answer=answer if ncco is None else None,
        ncco=ncco,
        plan=Plan(status="machine" if answered_by == "machine" else "answered", lasts=None),
        detection={"behavior": "continue", "beep": False},
        at=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A call that was played to its end.

    Attributes:
        transcript: `version`, `events` and `problems`, as `ncco play --transcript` writes it.
    """

    transcript: dict[str, Any]

    @property
    def problems(self) -> list[str]:
        """The errors and dead air that the caller heard, in words; empty for a correct call."""
        return [problem["message"] for problem in self.transcript["problems"]]

    @property
    def heard(self) -> list[str]:
        """The texts and audio files that were played, in order."""
        events = self.transcript["events"]
        return [each["text"] if each["what"] == "talk" else each["url"] for each in events if each["what"] in _HEARD]


_HEARD = ("talk", "stream")


def play(
    ncco: Sequence[Mapping[str, Any]],
    *,
    script: Sequence[Act] = (),
    respond: Callable[[Request], Answer] | None = None,
    plans: Mapping[str, Plan] | None = None,
    to: str = NUMBER,
    from_: str | None = CALLER,
    at: float = MONDAY,
    switches: Switches | None = None,
) -> Played:
    """Play an inbound call that begins with an NCCO, on a virtual clock.

    Args:
        ncco: the actions that the call begins with.
        script: what the caller does, in order: `Press`, `Say`, `Silence`, `HangUp`. After it the caller is silent.
        respond: responds to each webhook; by default with 200 and no body.
        plans: how endpoints of `connect` behave, by number, URI, user or extension; `*` for all others.
        to, from_: the number that is called, and the caller's; `from_` is None for an unknown caller.
        at: seconds since 1970 at which the call begins.
        switches: assumptions where the platform's documents are silent.

    Raises:
        ValueError: the value is not an NCCO that the platform plays.
    """
    read = read_ncco(list(ncco))
    if read.actions is None:
        raise ValueError(f"this is not a valid NCCO: {read.wrong}")
    settings = Settings(event=Hook(url=EVENTS), plan_of=plans_by_number(plans or {}))
    phone = Phone(settings, switches=switches, now=at)
    leg = phone.ring_in(to, from_, ncco=read.actions)
    outputs = list(play_script(phone, leg, script, respond or (lambda _: Answer())))
    return Played(transcript=transcript(outputs, at))
