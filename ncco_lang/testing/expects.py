"""Match what a test expects with what happens in its call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ncco_lang.testing.cases import Expect, Line
from ncco_lang.testing.heard import matches
from ncco_lang.testing.servers import Asked
from ncco_lang.testing.subset import difference, shown
from ncco_lang.values import operators
from ncco_lang.values.data import UNDEFINED

_MOST_SHOWN = 3
_MOST_SENT = 500


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a test can expect: the platform hangs up, an endpoint is dialled, or something is looked up."""

    kind: Literal["hangup", "ring", "fetch"]
    endpoint: str = ""
    caller: str | None = None
    lookup: Asked | None = None


def unmet(lines: Sequence[Line], events: Sequence[Event], *, is_over: bool) -> Line | None:
    """Return the first line whose expectation is not met; None if all are.

    What is expected happens in the order of the lines, with anything else between. What must not happen must not happen
    between the lines around it.

    Args:
        is_over: the call has been played, so what has not happened will not; before that, only what is still missing counts.
    """
    at = 0
    unwanted: list[Line] = []
    for line in lines:
        expect = line.what
        assert isinstance(expect, Expect)
        if expect.is_negated:
            unwanted.append(line)
            continue
        found = next((each for each in range(at, len(events)) if _fits(expect, events[each])), None)
        if found is None:
            return line
        if is_over and (broken := _broken(unwanted, events[at:found])) is not None:
            return broken
        at, unwanted = found + 1, []
    return _broken(unwanted, events[at:]) if is_over else None


def described(expect: Expect, events: Sequence[Event]) -> str:
    """Return what is wrong in a call in which an expectation is not met, as a sentence."""
    if expect.kind == "hangup":
        return "the platform hangs up" if expect.is_negated else "the platform does not hang up"
    if expect.kind == "fetch":
        return _described_lookups(expect, [event.lookup for event in events if event.lookup is not None])
    dialled = [event for event in events if event.kind == "ring"]
    some = ", ".join(f"{event.endpoint} from {event.caller}" for event in dialled[:_MOST_SHOWN])
    if expect.is_negated:
        return f"an endpoint is dialled: {some}"
    return f"the flow dials only {some}" if some else "the flow dials nothing"


def _described_lookups(expect: Expect, lookups: Sequence[Asked]) -> str:
    some = ", ".join(map(str, lookups[:_MOST_SHOWN]))
    if expect.is_negated:
        found = next(each for each in lookups if _is_wanted(expect, each))
        return f"the flow looks up {found}"
    near = [each for each in lookups if _is_there(expect, each)]
    if not near or expect.json is UNDEFINED:
        return f"the flow looks up only {some}" if lookups else "the flow looks up nothing"
    # The last one, because what a caller corrects is sent again.
    differs = [(difference(expect.json, each.json), each) for each in near]
    wrong, nearest = next(((words, each) for words, each in reversed(differs) if words is not None), (None, near[-1]))
    if wrong is None:
        return f"the flow looks up {nearest} only before what an earlier line expects"
    sent = "nothing" if nearest.json is UNDEFINED else shown(nearest.json, _MOST_SENT)
    return f"in {nearest} {wrong}; it sends {sent}"


def _broken(lines: Sequence[Line], events: Sequence[Event]) -> Line | None:
    for line in lines:
        if isinstance(line.what, Expect) and any(_fits(line.what, event) for event in events):
            return line
    return None


def _fits(expect: Expect, event: Event) -> bool:
    if expect.kind != event.kind:
        return False
    if event.lookup is not None:
        return _is_wanted(expect, event.lookup)
    is_endpoint = expect.endpoint is None or matches(expect.endpoint.removeprefix("+"), event.endpoint)
    return is_endpoint and expect.caller in (None, event.caller)


def _is_wanted(expect: Expect, lookup: Asked) -> bool:
    is_sent = expect.json is UNDEFINED or difference(expect.json, lookup.json) is None
    return is_sent and _is_there(expect, lookup)


def _is_there(expect: Expect, lookup: Asked) -> bool:
    """Return whether a lookup has the method and the address of an expectation."""
    is_address = expect.url is None or operators.matches(lookup.url, expect.url)
    return is_address and expect.method in (None, lookup.method)
