"""Choose what becomes of a call, by the last two digits of the dialled number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ncco_lang.simulate.types import Plan

BEFORE, AFTER = 1.0, 3.0
"""Seconds from the request until it rings, and until the outcome."""
HANGS_UP_AFTER = 4.0
"""Seconds that a callee stays who hangs up, also when the NCCO ends earlier."""


class Ending(NamedTuple):
    """The outcome of a call: in words, for the help, and as a plan."""

    words: str
    plan: Plan


def _plan(status: str = "answered", **more: Any) -> Plan:
    return Plan(**{"status": status, "before": BEFORE, "after": AFTER, "lasts": None, **more})


ENDINGS: Mapping[str, Ending] = {
    "81": Ending("rejected: invalid number", _plan("rejected", detail="invalid_number", sip_code=484)),
    "82": Ending("rejected: the carrier refuses", _plan("rejected", detail="restricted", sip_code=603)),
    "83": Ending("failed: out of service", _plan("failed", detail="number_out_of_service", sip_code=502)),
    "84": Ending("unanswered: the carrier gave up", _plan("unanswered", detail="carrier_timeout", sip_code=408)),
    "85": Ending("a machine answers, and no beep is heard", _plan("machine", beep=False)),
    "86": Ending("answered, and the callee hangs up", _plan(lasts=HANGS_UP_AFTER, stays=True)),
    "90": Ending("rings until ringing_timer, or until you hang up", _plan("timeout", after=None)),
    "91": Ending("busy", _plan("busy")),
    "92": Ending("timeout: rings too long, without making you wait", _plan("timeout")),
    "93": Ending("rejected: the callee declines", _plan("rejected", rings=True)),
    "94": Ending("unanswered: not reachable", _plan("unanswered")),
    "95": Ending("failed: no way there", _plan("failed")),
    "96": Ending("cancelled before the answer", _plan("cancelled")),
    "97": Ending("a machine answers, with a beep", _plan("machine")),
    "99": Ending("answered, until length_timer, or until you hang up", _plan(stays=True)),
}
"""Last two digits → the outcome of the call; all others are answered and go on until their NCCO ends."""

ANSWERED = Ending("answered, until its NCCO ends", _plan())


def plan_of(address: str) -> Plan:
    """Return the outcome of a call to a number or an address: the digits at the end of the part before an `@` count."""
    found = re.search(r"([0-9]{2})$", address.partition("@")[0])
    return (ANSWERED if found is None else ENDINGS.get(found[1], ANSWERED)).plan


def paced(plan: Plan, pace: float) -> tuple[Plan, float | None]:
    """Return a plan whose states are `pace` seconds apart, and after how many seconds an answered call ends at most."""
    after = None if plan.after is None else 2 * pace
    if plan.lasts is not None:
        return replace(plan, before=pace, after=after, lasts=pace), None
    return replace(plan, before=pace, after=after), None if plan.stays else pace


def render_endings() -> str:
    """Return the table as lines of text, for the command's help."""
    lines = [f"  {digits}  {ending.words}" for digits, ending in ENDINGS.items()]
    return "\n".join([*lines, f"  all others: {ANSWERED.words}"])
