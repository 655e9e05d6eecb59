"""Read times from a response's headers: the provider's clock, and when to retry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ncco_lang.api.json_access import whole_of

# Larger numbers are not spans but moments: seconds since 1970, and milliseconds (written by KPN's gateway).
_A_MOMENT = 1e9
_A_MOMENT_IN_MS = 1e11
# 2020 and 2100: a clock outside of these was never set.
_EARLIEST, _LATEST = 1577836800.0, 4102444800.0


def server_time(headers: Mapping[str, str]) -> float | None:
    """Return the `Date` of a response in seconds since 1970; None if it is missing or its clock was never set."""
    moment = _http_date(headers.get("date", ""))
    return moment if moment is not None and _EARLIEST <= moment < _LATEST else None


def retry_after(headers: Mapping[str, str], now: float, *, limited: bool) -> float | None:
    """Return the seconds to wait, by `Retry-After` or by the quota headers of KPN's gateway; None if neither is set.

    Args:
        headers: of a 429 or a 5xx; names in lower case.
        now: our clock. A moment is measured from the response's own `Date` if it has one.
        limited: whether the status is 429. The gateway sends quota headers with every response, so with any other
            status they do not say when to retry; nor do they for a 429 while the quota is not used up (too many at
            once).
    """
    # Both are from one clock, so whether it is right does not matter.
    then = _http_date(headers.get("date", ""))
    used, limit = whole_of(headers, "quota-used"), whole_of(headers, "quota-limit")
    spent = limited and (used is None or limit is None or used >= limit)
    for name in ("retry-after", "quota-reset-utc") if spent else ("retry-after",):
        seconds = _seconds(headers.get(name, "").strip(), now if then is None else then)
        if seconds is not None and math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def iso(moment: float) -> str:
    """Return seconds since 1970 as ISO 8601 in UTC, the format of the APIs' filters and of states."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> float | None:
    """Return seconds since 1970 from the format of `iso`; None if the text is invalid."""
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
