"""Describe the statuses of a call in words, and what they say about its outcome."""

from __future__ import annotations

from typing import NamedTuple

from ncco_lang.api.events import NOTHING_HEARD, Heard
from ncco_lang.api.types import END_STATES, Call


class Meaning(NamedTuple):
    """A status in words, and what the user who placed the call can do about it."""

    words: str
    advice: str | None = None


_MEANINGS = {
    "started": Meaning("the call is being set up"),
    "ringing": Meaning("ringing"),
    "answered": Meaning("answered"),
    "human": Meaning("answered, by a person"),
    "machine": Meaning("answered, by a machine"),
    "completed": Meaning("the call is over"),
    "busy": Meaning("busy: the callee is on another call", "try again later"),
    "cancelled": Meaning("cancelled: it was given up before anybody answered"),
    "unanswered": Meaning(
        "not answered: the callee declined, or cannot be reached", "look whether the telephone is on and has reception"
    ),
    "rejected": Meaning(
        "rejected: the carrier or the callee refused it, or there is no such number",
        "look at the number, and whether your account may call that country",
    ),
    "failed": Meaning(
        "failed: it could not be connected",
        "look at the number and at the caller's (--from), which has to be one of your account",
    ),
    "timeout": Meaning("nobody answered: it rang as long as it may", "try again when somebody is near the telephone"),
    "disconnected": Meaning("the websocket was closed by its other end"),
}
_ANSWERED = frozenset({"answered", "human", "machine", "disconnected"})

_AT_ONCE = ("0", "1")
"""The durations, in seconds, of an answered call in which the platform has nothing to do."""

STATUSES = (
    "started",
    "ringing",
    "answered",
    "machine",
    "completed",
    "busy",
    "cancelled",
    "failed",
    "rejected",
    "timeout",
    "unanswered",
)
"""The statuses by which lists of calls can be filtered (Voice API, `GET /v1/calls`)."""


def meaning_of(status: str) -> Meaning:
    """Return a status in words; the status itself if it is unknown."""
    return _MEANINGS.get(status) or Meaning(f'the provider calls it "{status}"')


def has_ended(call: Call) -> bool:
    """Return whether the call has ended."""
    return call.status in END_STATES


def was_answered(call: Call) -> bool:
    """Return whether a person or a machine answered the call, as far as its record shows.

    A call that was not answered may also end as `completed`, after `busy` and the like; then it has no start time.
    """
    if call.status == "completed":
        return call.start_time is not None or (call.duration or "0").strip("0.") != ""
    return call.status in _ANSWERED


def outcome_of(call: Call, answered: bool, heard: Heard = NOTHING_HEARD) -> Meaning:
    """Return how a call ended.

    Args:
        answered: whether it was answered, which its last record may not show.
        heard: what its events and its earlier records say.
    """
    if call.status == "completed" and not answered:
        return Meaning("it ended without an answer", "the events of the call may tell why")
    if answered and heard.no_ncco is not None:
        return Meaning(
            f"answered, but the call had no NCCO: {heard.no_ncco}",
            "see that its answer URL gives an NCCO; a flow that branches needs ncco serve, another one ncco deploy",
        )
    if call.status == "completed" and heard.answered_by is not None:
        return Meaning(f"a {heard.answered_by} answered; the call is over")
    if call.status == "completed" and not heard.is_known and call.duration in _AT_ONCE:
        return Meaning(
            "the call is over",
            "it ended at once; when nothing was heard, the event with a `reason` that went to the event URL says why",
        )
    return meaning_of(call.status or "unknown")
