"""What an answer's headers say of time: the other side's clock, and when to try again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ncco_lang.api.json_access import whole_of

# Numbers beyond these are no spans but moments: seconds since 1970, and milliseconds (KPN's gateway writes those).
_A_MOMENT = 1e9
_A_MOMENT_IN_MS = 1e11
# 2020 and 2100: a clock that says less or more was never set.
_EARLIEST, _LATEST = 1577836800.0, 4102444800.0


def server_time(headers: Mapping[str, str]) -> float | None:
    """The `Date` of an answer in seconds since 1970; None where no clock that is set can say so."""
    moment = _http_date(headers.get("date", ""))
    return moment if moment is not None and _EARLIEST <= moment < _LATEST else None


def retry_after(headers: Mapping[str, str], now: float, *, limited: bool) -> float | None:
    """Seconds to wait, by `Retry-After` or by the quota headers of KPN's gateway; None where nothing is said.

    Args:
        headers: of a 429 or a 5xx; names in lower case.
        now: our clock. A moment is measured by the answer's own `Date` where it has one.
        limited: whether it is a 429. The gateway has quota headers on every answer, so behind any other they say
            nothing of when to come back; nor do they behind a 429 for going too fast, when the quota is not used up.
    """
    # Both are of one clock, so what it says now does not matter.
    then = _http_date(headers.get("date", ""))
    used, limit = whole_of(headers, "quota-used"), whole_of(headers, "quota-limit")
    spent = limited and (used is None or limit is None or used >= limit)
    for name in ("retry-after", "quota-reset-utc") if spent else ("retry-after",):
        seconds = _seconds(headers.get(name, "").strip(), now if then is None else then)
        if seconds is not None and math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def iso(moment: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, which the APIs' filters want and states hold."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> float | None:
    """Return seconds since 1970 of what `iso` wrote; None where the text is no moment."""
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _seconds(text: str, now: float) -> float | None:
    if text.isascii() and text.replace(".", "", 1).isdigit():
        number = float(text)
        if number >= _A_MOMENT_IN_MS:
            return number / 1000 - now
        return number - now if number >= _A_MOMENT else number
    moment = _http_date(text)
    if moment is None:
        moment = moment_of(text)
    return None if moment is None else moment - now


def _http_date(text: str) -> float | None:
    try:
        read = parsedate_to_datetime(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
