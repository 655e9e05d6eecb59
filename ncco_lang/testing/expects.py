"""Match what a test expects with what happens in its call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ncco_lang.testing.cases import Expect, Line
from ncco_lang.testing.heard import matches

_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a test can expect: the platform hangs up, or an endpoint is dialled."""

    kind: Literal["hangup", "ring"]
    endpoint: str = ""
    caller: str | None = None


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
    dialled = [event for event in events if event.kind == "ring"]
    shown = ", ".join(f"{event.endpoint} from {event.caller}" for event in dialled[:_MOST_SHOWN])
    if expect.is_negated:
        return f"an endpoint is dialled: {shown}"
    return f"the flow dials only {shown}" if shown else "the flow dials nothing"


def _broken(lines: Sequence[Line], events: Sequence[Event]) -> Line | None:
    for line in lines:
        if isinstance(line.what, Expect) and any(_fits(line.what, event) for event in events):
            return line
    return None


def _fits(expect: Expect, event: Event) -> bool:
    if expect.kind != event.kind:
        return False
    is_endpoint = expect.endpoint is None or matches(expect.endpoint.removeprefix("+"), event.endpoint)
    return is_endpoint and expect.caller in (None, event.caller)
