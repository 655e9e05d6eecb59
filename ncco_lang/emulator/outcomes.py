"""Choose how a call ends, by the last two digits of the dialled number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The outcome of a call.

    Attributes:
        status: its status; `completed` if it is answered.
        words: what happens, for the help.
        detail: the reason in the event webhook.
        sip_code: the code of the network.
        rings: whether it rings first.
        machine: whether a machine answers; beep: whether it plays a beep.
        stays: whether nothing more happens until it is hung up or a timer ends it.
        by: who hangs up, `platform` or `user`.
    """

    status: str = "completed"
    words: str = ""
    detail: str | None = None
    sip_code: int | None = None
    rings: bool = True
    machine: bool = False
    beep: bool = True
    stays: bool = False
    by: str = "platform"


ENDINGS: Mapping[str, Ending] = {
    "81": Ending(
        status="rejected", detail="invalid_number", sip_code=484, rings=False, words="rejected: invalid number"
    ),
    "82": Ending(
        status="rejected", detail="restricted", sip_code=603, rings=False, words="rejected: the carrier refuses"
    ),
    "83": Ending(
        status="failed", detail="number_out_of_service", sip_code=502, rings=False, words="failed: out of service"
    ),
    "84": Ending(status="unanswered", detail="carrier_timeout", sip_code=408, words="unanswered: the carrier gave up"),
    "85": Ending(machine=True, beep=False, words="a machine answers, and no beep is heard"),
    "86": Ending(by="user", words="answered, and the callee hangs up"),
    "90": Ending(status="timeout", sip_code=487, stays=True, words="rings until ringing_timer, or until you hang up"),
    "91": Ending(status="busy", sip_code=486, words="busy"),
    "92": Ending(status="timeout", sip_code=487, words="timeout: rings too long, without making you wait"),
    "93": Ending(status="rejected", detail="declined", sip_code=603, words="rejected: the callee declines"),
    "94": Ending(status="unanswered", detail="unavailable", sip_code=480, words="unanswered: not reachable"),
    "95": Ending(status="failed", detail="cannot_route", sip_code=404, rings=False, words="failed: no way there"),
    "96": Ending(status="cancelled", sip_code=487, words="cancelled before the answer"),
    "97": Ending(machine=True, words="a machine answers, with a beep"),
    "99": Ending(stays=True, words="answered, until length_timer, or until you hang up"),
}
"""Last two digits → the outcome of the call; all others are answered and completed."""

ANSWERED = Ending(words="answered, completed")


def ending_of(address: str) -> Ending:
    """Return the outcome of a call to a number or an address: the digits at the end of the part before an `@` count."""
    found = re.search(r"([0-9]{2})$", address.partition("@")[0])
    return ANSWERED if found is None else ENDINGS.get(found[1], ANSWERED)


def render_endings() -> str:
    """Return the table as lines of text, for the command's help."""
    lines = [f"  {digits}  {ending.words}" for digits, ending in ENDINGS.items()]
    return "\n".join([*lines, "  all others: answered, completed"])
