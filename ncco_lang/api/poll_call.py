"""Following a call by asking for it again and again, until it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ncco_lang.api.errors import ApiError, Down, Limited, NotFound, Unconfirmed, Unreachable
from ncco_lang.api.provider import Provider
from ncco_lang.api.statuses import has_ended, was_answered
from ncco_lang.api.types import Call
from ncco_lang.net.rate_limit import Pace

PAUSE = 1.0
"""Seconds between two looks, and between two requests of one look where the first goes wrong."""
LONGEST = 7200.0 + 120.0 + 60.0
"""Seconds after which nobody waits any more: the longest call, the longest ringing, and a minute."""
TOLERATED = 5
"""So many looks in a row may fail."""
SETTLING = 3
"""So many more looks a call that is over gets, when its record has no price yet."""

_HICCUPS = (Unreachable, Down, Limited, NotFound)
"""What may pass. A call that was just placed may not be found yet."""

# Statuses may come late: what has a lower rank than what was seen is old news.
_RANK = {"started": 0, "ringing": 1, "answered": 2, "human": 3, "machine": 3, "disconnected": 4}


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
) -> Iterator[Call]:
    """Yield a call each time that its status changes; the last one yielded has ended.

    Args:
        sleep: waits for so many seconds.
        clock: seconds that never go back.
        known: the status that was heard already, so it is not told again.
        missed: is told of a look that failed, and that following goes on all the same.
        longest: seconds.

    Raises:
        Unconfirmed: it has not ended after `longest`.
        ApiError: the provider says no, or more than `TOLERATED` looks in a row failed.
    """
    pace = Pace(1, PAUSE, clock=clock, sleep=sleep)

    def read() -> Call:
        return provider.read_call(application_id, uuid, pace=pace)

    begun, misses, answered = clock(), 0, False
    while True:
        sleep(PAUSE)
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
                yield _settled(read, call, sleep) if answered else call
                return
            if call.status is not None and _is_news(call.status, known):
                known = call.status
                yield call
        if clock() - begun > longest:
            raise Unconfirmed(
                f"the call {uuid} has not ended after {round(longest / 60)} minutes; look with: ncco calls {uuid}"
            )


def _is_news(status: str, known: str | None) -> bool:
    """Whether a status is another than the one before, and none from earlier that came late."""
    if known is None or status == known:
        return status != known
    return _RANK.get(status, len(_RANK)) >= _RANK.get(known, 0)


def _settled(read: Callable[[], Call], call: Call, sleep: Callable[[float], object]) -> Call:
    """The record with its price, which may come a moment behind the status; the one there is when it does not come."""
    for _ in range(SETTLING):
        if call.status != "completed" or call.price is not None:
            break
        sleep(PAUSE)
        try:
            again = read()
        except _HICCUPS:
            continue
        if again.status == call.status:
            call = again
    return call
