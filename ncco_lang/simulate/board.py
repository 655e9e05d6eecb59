"""The board that all parts of the phone share: the state, the clock, timers, and outputs."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any
from uuid import UUID

from ncco_lang.simulate.state import Leg, State
from ncco_lang.simulate.switches import Switches
from ncco_lang.simulate.types import Happened, Output, Settings


def numbered_id(number: int) -> str:
    """Return the uuid for a number: the same in every run."""
    return str(UUID(int=number, version=4))


class Board:
    """The state of a phone and what its parts share.

    Args:
        ids: returns a uuid for a number that was never used before.

    Attributes:
        working: the leg that the work in progress is about.
        touched: the legs that may have become quiet since `quiet.watch`, or are so no longer, in the order of the changes.
    """

    __slots__ = ("ids", "outputs", "settings", "state", "switches", "touched", "working")

    def __init__(
        self, settings: Settings, switches: Switches, state: State, ids: Callable[[int], str] = numbered_id
    ) -> None:
        self.settings = settings
        self.switches = switches
        self.state = state
        self.ids = ids
        self.outputs: list[Output] = []
        self.working: str | None = None
        self.touched: dict[str, None] = {}

    @property
    def now(self) -> float:
        """The phone's clock, in seconds."""
        return self.state.now

    # ── Calls and their clocks ─────────────────────────────────────────────────────────────────────────

    def begin_call(self, leg: Leg, at: float | None, plans: dict[str, Any]) -> None:
        """Add a call with its first leg.

        A call has a clock of its own: the phone's plus `offset`. The clock stops while the call is held; then
        `since` is the phone's time at which that began, `holds` says how many hold it, and `timers` has those that would
        have expired.

        Args:
            at: seconds since 1970 at which the call begins; None if the phone's clock counts them.
            plans: dumped plans of what the call dials, by number, URI, user or extension; `*` for all others.
        """
        offset = 0.0 if at is None else round(at - self.now, 3)
        call: dict[str, Any] = {
            "offset": offset,
            "since": None,
            "holds": 0,
            "timers": [],
            "requests": 0,
            "answered": 0,
            "plans": plans,
        }
        self.state.calls[leg.id] = call
        self.state.legs[leg.id] = leg

    def call_of(self, leg: Leg) -> dict[str, Any]:
        """Return the call of a leg."""
        call: dict[str, Any] = self.state.calls[leg.call]
        return call

    def time_of(self, leg: Leg) -> float:
        """Return the time on the clock of a leg's call, in seconds since 1970."""
        call = self.state.calls[leg.call]
        since, offset = call["since"], call["offset"]
        now: float = self.state.now if since is None else since
        # The phone's clock has whole milliseconds.
        return round(now + offset, 3) if offset else now

    def is_held(self, leg: Leg) -> bool:
        """Return whether the clock of a leg's call is stopped."""
        return self.call_of(leg)["since"] is not None

    def hold(self, leg: Leg) -> None:
        """Stop the clock of a leg's call, until `release` is called as often."""
        call = self.call_of(leg)
        call["holds"] += 1
        if call["since"] is None:
            call["since"] = self.now

    def release(self, leg: Leg) -> None:
        """Take back one `hold`; after the last one the clock of the call goes on from where it stopped."""
        call = self.call_of(leg)
        call["holds"] -= 1
        if call["holds"]:
            return
        call["offset"] = round(call["offset"] - (self.now - call["since"]), 3)
        call["since"] = None
        timers, call["timers"] = call["timers"], []
        for timer in timers:
            heapq.heappush(self.state.timers, [self._due(timer, call), *timer[1:]])

    @staticmethod
    def _due(timer: list[Any], call: dict[str, Any]) -> float:
        """Return the phone's time at which a timer of a call expires."""
        offset: float = call["offset"]
        due: float = timer[6]
        return round(due - offset, 3) if offset else due

    def next_timer(self) -> list[Any] | None:
        """Return the timer that expires next and leave it first in the heap; None if no timer is set.

        Timers that have no effect are dropped. A held call's timer is put aside, and one of a call that was held in the
        meantime is put back with its later time.
        """
        timers, legs, calls = self.state.timers, self.state.legs, self.state.calls
        while timers:
            timer = timers[0]
            leg = legs.get(timer[3])
            if leg is None or leg.is_over or (timer[4] is not None and timer[4] != leg.serial):
                heapq.heappop(timers)
                continue
            call = calls[leg.call]
            if call["since"] is not None:
                call["timers"].append(heapq.heappop(timers))
                continue
            due = self._due(timer, call)
            if due <= timer[0]:
                return timer
            heapq.heapreplace(timers, [due, *timer[1:]])
        return None

    # ── Legs ───────────────────────────────────────────────────────────────────────────────────────────

    def leg(self, id: str) -> Leg:
        """Return a leg by its id."""
        leg: Leg = self.state.legs[id]
        return leg

    def legs(self) -> list[Leg]:
        """Return all legs, oldest first."""
        return list(self.state.legs.values())

    def new_id(self) -> str:
        """Return a uuid."""
        self.state.count["id"] += 1
        return self.ids(self.state.count["id"])

    def new_conversation(self) -> str:
        """Return the id of a new conversation."""
        return f"CON-{self.new_id()}"

    def report(self, leg: Leg, what: str, **data: Any) -> None:
        """Output that something happened on a leg."""
        self.touched[leg.id] = None
        self.outputs.append(Happened(self.time_of(leg), leg.id, what, data))

    def problem(self, leg: Leg, reason: str, message: str) -> None:
        """Output that the person on a leg hears an error or nothing, for one of the reasons in `phone.md`."""
        self.report(leg, "problem", reason=reason, message=message, action=leg.index - 1 if leg.actions else None)

    def note(self, leg: Leg, about: str, message: str) -> None:
        """Output that this phone does not do something as the platform does."""
        self.report(leg, "note", about=about, message=message)

    def after(self, seconds: float, name: str, leg: Leg, argument: Any = None, *, always: bool = False) -> None:
        """Set a timer. It is dropped when the leg has moved on to another action, unless `always`."""
        self.state.count["timer"] += 1
        # Rounded before it is added, so that a sum does not depend on the time at which the call began.
        at = round(self.time_of(leg) + round(max(seconds, 0.0), 3), 3)
        timer = [at, self.state.count["timer"], name, leg.id, None if always else leg.serial, argument, at]
        timer[0] = self._due(timer, self.call_of(leg))
        heapq.heappush(self.state.timers, timer)

    def file_url(self, id: str) -> str:
        """Return the URL of recorded sound."""
        return f"{self.settings.files}/{id}"

    def do(self, what: str, leg: Leg, argument: Any = None) -> None:
        """Queue work that is done before time passes, after the current work."""
        self.touched[leg.id] = None
        self.state.work.append([what, leg.id, argument])

    def finish(self, leg: Leg) -> None:
        """End the action in progress; the next one starts."""
        leg.doing = None
        leg.serial += 1
        self.do("next", leg)
