"""A `fetch` of a flow → the lookup that the engine asks for, and the arm that its result takes."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from ncco_lang.bundle import BlockId, Fetch, Outcome, Status
from ncco_lang.engine.events import Lookup, Result
from ncco_lang.engine.values import CallValues
from ncco_lang.values import units
from ncco_lang.values.data import UNDEFINED, Duration
from ncco_lang.values.expressions import fold

LONGEST_LOOKUP = 9.0
"""The most seconds of one lookup, because the platform waits 10 s for an answer (language description, Fetch)."""
_USUAL_SECONDS = 2.0
"""The `timeout` of a fetch without one (language description, Lookups and legs)."""


def lookup_of(exit: Fetch, values: CallValues, number: int) -> Lookup | None:
    """Return the lookup that an exit makes; None if its address has no value.

    Args:
        number: how many lookups the same event has made before.
    """
    url = values.read(exit.url)
    if not isinstance(url, str):
        return None
    state = values.state
    place = f"{state.conversation}\0{state.leg}\0{state.block}\0{state.serial}\0{number}"
    return Lookup(
        method=exit.method,
        url=str(url),
        headers=fold(exit.headers, values),
        json=fold(exit.json, values),
        timeout=_seconds(values.read(exit.timeout)),
        key=blake2b(place.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
        origin=state.block,
    )


def is_good(exit: Fetch, result: Result, value: Any) -> bool:
    """Return whether a result is the good outcome: a status of 2xx and, where the answer is kept, JSON."""
    is_kept = exit.into is None or value is not UNDEFINED
    return result.status is not None and 200 <= result.status <= 299 and is_kept


def arm_of(exit: Fetch, result: Result | None) -> tuple[str, BlockId] | None:
    """Return the label and the block of the nearest arm of a lookup that is not good; None if it has none."""
    arms = {pattern: arm.target for arm in exit.arms for pattern in arm.patterns}
    nearest: list[Status | Outcome] = [Outcome("otherwise")]
    if result is not None and result.status is not None and not 200 <= result.status <= 299:
        nearest[:0] = Status(str(result.status)), Status(f"{result.status // 100}xx")
    elif result is not None and result.is_late:
        nearest.insert(0, Outcome("timeout"))
    found = next((each for each in nearest if each in arms), None)
    if found is None:
        return None
    return (found.name if isinstance(found, Outcome) else found.code), arms[found]


def _seconds(timeout: Any) -> float:
    if not isinstance(timeout, Duration):
        return _USUAL_SECONDS
    return min(LONGEST_LOOKUP, max(0.0, float(units.convert(timeout.amount, timeout.unit, "s"))))
