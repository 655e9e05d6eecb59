"""Read from a call's events what its record does not say: whether a machine answered, and whether there was an NCCO.

A provider posts events to the event URL and stores none that can be requested; only the emulator can return them. The
fields are those of the event webhook (voice-api.md C2).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ncco_lang.api.error_mapping import plain
from ncco_lang.api.json_access import text_of


class Heard(NamedTuple):
    """What the events of a call say.

    Attributes:
        is_known: whether there were any events to read.
        answered_by: `person` or `machine`, if the platform detected it.
        no_ncco: why the answered call had no NCCO, in the platform's words.
    """

    is_known: bool = False
    answered_by: str | None = None
    no_ncco: str | None = None


NOTHING_HEARD = Heard()
_BEGINS = ("answered", "human", "machine")
"""The states after which the platform runs the first NCCO."""


def read_events(events: Iterable[Any]) -> Heard:
    """Return what events say, oldest first; values that are not events are skipped.

    An event with a `reason` is an error (also of a transfer). An error of the first NCCO follows the answer, or what the
    platform detected, at the same time of the call.
    """
    heard, before = NOTHING_HEARD, None
    for event in events:
        status, reason = text_of(event, "status"), text_of(event, "reason")
        at = text_of(event, "timestamp")
        if status is None and reason is not None and at is not None and at == before:
            heard = heard._replace(is_known=True, no_ncco=plain(reason))
        elif status in ("human", "machine"):
            heard = heard._replace(is_known=True, answered_by="person" if status == "human" else "machine")
        elif status is not None:
            heard = heard._replace(is_known=True)
        before = at if status in _BEGINS else None
    return heard
