"""How long lookups take: the limits of the platform, and the value of the option `timeout`."""

from __future__ import annotations

from typing import Any, Final

from ncco_lang.values import units
from ncco_lang.values.data import Duration

LONGEST: Final = 9.0
"""The most seconds of the lookups of one event: the platform waits 10 s for its answer (language description, Fetch)."""
LONGEST_FIRST: Final = 4.0
"""The most seconds of the lookups before the first document of a call, for which the platform waits 5 s."""
USUAL: Final = 2.0
"""The seconds of a fetch without `timeout` (language description, Lookups and legs)."""


def seconds_of(timeout: Any) -> float:
    """Return the seconds that a server has, from the value of the option `timeout`; the usual ones without a value."""
    if not isinstance(timeout, Duration):
        return USUAL
    return min(LONGEST, max(0.0, float(units.convert(timeout.amount, timeout.unit, "s"))))
