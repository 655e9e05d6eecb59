"""Follow a call by reading it again and again, until it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ncco_lang.api.errors import ApiError, Down, Limited, NotFound, Unconfirmed, Unreachable
from ncco_lang.api.provider import Provider
from ncco_lang.api.statuses import has_ended, was_answered
from ncco_lang.api.types import Call
from ncco_lang.net.rate_limit import Pace

PAUSE = 1.0
"""Seconds between two reads, and between two requests of one read if the first fails."""
EMULATOR_PAUSE = 0.2
"""The same with the emulator, whose calls may be faster than real ones and whose requests cost nothing."""
LENGTH_TIMER = 7200
"""Seconds that a call lasts at most, unless its request says otherwise."""
TOLERATED = 5
"""The number of consecutive reads that may fail."""
SETTLING = 3
"""The number of further reads of an ended call whose record has no price yet."""

_HICCUPS = (Unreachable, Down, Limited, NotFound)
"""Errors that may pass. A call that was just placed may not be found yet."""

# Statuses may arrive late: one with a lower rank than the last one is outdated.
_RANK = {"started": 0, "ringing": 1, "answered": 2, "human": 3, "machine": 3, "disconnected": 4}


def longest_of(length_timer: int | None) -> float:
    """Return the seconds after which following stops: those of the call, the longest ringing, and a minute."""
    return (length_timer or LENGTH_TIMER) + 120.0 + 60.0


LONGEST = longest_of(None)


def follow_call(
    provider: Provider,
    application_id: str,
    uuid: str,
    *,
    sleep: Callable[[float], object],
    clock: Callable[[], float],
    known: str | None = None,
    missed: Callable[[ApiError], object] = lambda _: None,
    longest: float = LONGEST,
    pause: float = PAUSE,
) -> Iterator[Call]:
    """Yield a call each time that its status changes; the last one yielded has ended.

    Args:
        sleep: waits for a number of seconds.
        clock: returns seconds, and never goes back.
        known: the status that is already known and is not yielded again.
        missed: called with the error of a failed read after which following continues.
        longest: seconds.
        pause: seconds between two reads.

    Raises:
        Unconfirmed: it has not ended after `longest`.
        ApiError: the provider refuses, or more than `TOLERATED` consecutive reads failed.
    """
    pace = Pace(1, pause, clock=clock, sleep=sleep)

    def read() -> Call:
        return provider.read_call(application_id, uuid, pace=pace)

    begun, misses, answered = clock(), 0, False
    while True:
        sleep(pause)
        try:
            call = read()
        except _HICCUPS as failed:
            misses += 1
            if misses > TOLERATED:
                raise
            missed(failed)
        else:
            misses = 0
            answered = answered or was_answered(call)
            if has_ended(call):
                yield _settled(read, call, lambda: sleep(pause)) if answered else call
                return
            if call.status is not None and _is_news(call.status, known):
                known = call.status
                yield call
        if clock() - begun > longest:
            raise Unconfirmed(
                f"the call {uuid} has not ended after {round(longest / 60)} minutes; look with: ncco calls {uuid}"
            )


def _is_news(status: str, known: str | None) -> bool:
    """Return whether a status is new and not an earlier one that arrived late."""
    if known is None or status == known:
        return status != known
    return _RANK.get(status, len(_RANK)) >= _RANK.get(known, 0)


def _settled(read: Callable[[], Call], call: Call, wait: Callable[[], object]) -> Call:
    """Return the record with its price, which may come a moment after the status; without it if it does not come."""
    for _ in range(SETTLING):
        if call.status != "completed" or call.price is not None:
            break
        wait()
        try:
            again = read()
        except _HICCUPS:
            continue
        if again.status == call.status:
            call = again
    return call
