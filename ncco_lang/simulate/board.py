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
    """

    __slots__ = ("ids", "outputs", "settings", "state", "switches")

    def __init__(
        self, settings: Settings, switches: Switches, state: State, ids: Callable[[int], str] = numbered_id
    ) -> None:
        self.settings = settings
        self.switches = switches
        self.state = state
        self.ids = ids
        self.outputs: list[Output] = []

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self.state.now

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
        self.outputs.append(Happened(self.now, leg.id, what, data))

    def problem(self, leg: Leg, reason: str, message: str) -> None:
        """Output that the person on a leg hears an error or nothing, for one of the reasons in `phone.md`."""
        self.report(leg, "problem", reason=reason, message=message, action=leg.index - 1 if leg.actions else None)

    def note(self, leg: Leg, about: str, message: str) -> None:
        """Output that this phone does not do something as the platform does."""
        self.report(leg, "note", about=about, message=message)

    def after(self, seconds: float, name: str, leg: Leg, argument: Any = None, *, always: bool = False) -> None:
        """Set a timer. It is dropped when the leg has moved on to another action, unless `always`."""
        self.state.count["timer"] += 1
        at = round(self.now + max(seconds, 0.0), 3)
        entry = [at, self.state.count["timer"], name, leg.id, None if always else leg.serial, argument]
        heapq.heappush(self.state.timers, entry)

    def do(self, what: str, leg: Leg, argument: Any = None) -> None:
        """Queue work that is done before time passes, after the current work."""
        self.state.work.append([what, leg.id, argument])

    def finish(self, leg: Leg) -> None:
        """End the action in progress; the next one starts."""
        leg.doing = None
        leg.serial += 1
        self.do("next", leg)
