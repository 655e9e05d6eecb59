"""A `fetch` of a flow → the lookup that the engine asks for, and the arm that its result takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

from ncco_lang.bundle import BlockId, Fetch, Outcome, Status
from ncco_lang.engine.events import Event, Lookup, Result
from ncco_lang.engine.state import State, dump_state
from ncco_lang.engine.values import CallValues
from ncco_lang.values.data import UNDEFINED, from_json, has_more_values
from ncco_lang.values.evaluation import MOST_VALUES
from ncco_lang.values.expressions import fold
from ncco_lang.values.lookup_times import LONGEST, LONGEST_FIRST, seconds_of


class NeededError(Exception):
    """The walk needs the result of a lookup."""

    def __init__(self, lookup: Lookup) -> None:
        super().__init__()
        self.lookup = lookup


class Lookups:
    """The lookups of one event, in their order.

    Attributes:
        made: how many have been made.
    """

    __slots__ = ("_before", "_event", "_most", "_results", "_seconds", "made")

    def __init__(self, before: State, event: Event | None, results: Sequence[Result] | None) -> None:
        """Read what is known of them.

        Args:
            before: the state that the event found; `serial` 0 is that of a call without a document.
            event: what happened.
            results: what came of the first ones; None if every lookup fails.
        """
        self._before, self._event, self._results = before, event, results
        self._most = LONGEST if before.serial else LONGEST_FIRST
        self.made, self._seconds = 0, 0.0

    @property
    def are_made(self) -> bool:
        """Whether lookups are made at all."""
        return self._results is not None

    def fits(self, exit: Fetch, values: CallValues) -> bool:
        """Return whether the event can wait for one more lookup, if each takes as long as it may."""
        return self._seconds + seconds_of(values.read(exit.timeout)) <= self._most

    def result(self, exit: Fetch, values: CallValues) -> Result | None:
        """Return the result of the next lookup; None for one that cannot be made.

        Raises:
            NeededError: there is no result yet.
        """
        url = values.read(exit.url)
        if self._results is None or not isinstance(url, str):
            return None
        seconds = seconds_of(values.read(exit.timeout))
        if self.made >= len(self._results):
            raise NeededError(
                Lookup(
                    method=exit.method,
                    url=str(url),
                    headers=fold(exit.headers, values),
                    json=fold(exit.json, values),
                    timeout=seconds,
                    key=self._key(values.state.block),
                    origin=values.state.block,
                )
            )
        self.made, self._seconds = self.made + 1, self._seconds + seconds
        return self._results[self.made - 1]

    def _key(self, block: BlockId) -> str:
        """Return the idempotency key: the same whenever the same event finds the call in the same state."""
        event = None if self._event is None else replace(self._event, time=0.0)
        place = f"{dump_state(self._before)}\0{event!r}\0{block}\0{self.made}"
        return blake2b(place.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Way(NamedTuple):
    """Where a result leads, and the value that the answer has; `is_good` if no arm takes it."""

    label: str
    to: BlockId
    value: Any = UNDEFINED
    is_good: bool = False


def way_of(exit: Fetch, result: Result | None) -> Way | None:
    """Return where a result of a lookup leads; None if it is not good, and no arm takes it.

    The good outcome is a status of 2xx and, where the answer is kept, JSON with no more values than an expression may have.

    Args:
        exit: the lookup.
        result: its result; None for a lookup that cannot be made.
    """
    is_usable = result is not None and not has_more_values(result.value, MOST_VALUES)
    value = from_json(result.value) if result is not None and is_usable else UNDEFINED
    is_kept = exit.into is None or value is not UNDEFINED
    if result is not None and result.status is not None and 200 <= result.status <= 299 and is_kept:
        return Way("good", exit.good, value, is_good=True)
    arms = {pattern: arm.target for arm in exit.arms for pattern in arm.patterns}
    nearest: list[Status | Outcome] = [Outcome("otherwise")]
    if result is not None and result.status is not None and not 200 <= result.status <= 299:
        nearest[:0] = Status(str(result.status)), Status(f"{result.status // 100}xx")
    elif result is not None and result.is_late:
        nearest.insert(0, Outcome("timeout"))
    found = next((each for each in nearest if each in arms), None)
    if found is None:
        return None
    return Way(found.name if isinstance(found, Outcome) else found.code, arms[found])
