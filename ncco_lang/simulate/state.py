"""The state of a phone: plain data that `dump` turns into JSON values and `load` reads back after any step."""

from __future__ import annotations

import copy
from typing import Any, Self


class _Plain:
    """An object whose slots hold JSON values."""

    __slots__: tuple[str, ...] = ()

    def dump(self) -> dict[str, Any]:
        """Return copies of the slots by name."""
        return {name: copy.deepcopy(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def load(cls, data: dict[str, Any]) -> Self:
        """Return an object from what `dump` returned."""
        made = cls.__new__(cls)
        for name in cls.__slots__:
            setattr(made, name, copy.deepcopy(data[name]))
        return made


class Leg(_Plain):
    """One leg of a call.

    Attributes:
        id: its uuid. kind: type of its endpoint. direction: `inbound` or `outbound`.
        call: id of the first leg of its call: its own, or that of the leg whose `connect` dialled it.
        to, from_: as in webhooks. headers: of a websocket or SIP endpoint.
        conversation: id of its conversation.
        status: as in the last status event. started, answered, ended: seconds since 1970, on the clock of its call.
        by: who ended it: `platform` or `user`.
        actions: the NCCO that it runs, or None. index: of the action to start next.
        doing: the synchronous action in progress: `action`, and the data of that action.
        serial: grows with each action, so that timers and responses of an earlier one are recognised.
        sounds: the sound that plays, followed by those that are queued.
        barge_in: whether prompts can be interrupted until the next input.
        busy_until: the time until which the person speaks. heard_until: the same, for speech that was not muted.
        muted, earmuffed: whether a request has made it so. keys: the webhook that gets each key and the time of the last one, as a dict; or None.
        event: webhook of its status events, as a dict of `Hook`'s fields; None for the application's.
        takes: whether the response to its status events may replace the NCCO of `parent`.
        parent: the leg whose `connect` dialled it. plan: how the endpoint behaves.
        length: seconds after the answer when the call ends; None for the application's limit.
        quiet_since: since when it hears and awaits nothing.
        mark: the origin of the NCCO, for messages.
    """

    __slots__ = (
        "actions",
        "answered",
        "barge_in",
        "busy_until",
        "by",
        "call",
        "conversation",
        "direction",
        "doing",
        "earmuffed",
        "ended",
        "event",
        "from_",
        "headers",
        "heard_until",
        "id",
        "index",
        "keys",
        "kind",
        "length",
        "mark",
        "muted",
        "parent",
        "plan",
        "quiet_since",
        "serial",
        "sounds",
        "started",
        "status",
        "takes",
        "to",
    )

    def __init__(self, id: str, kind: str, to: str, from_: str | None, direction: str, conversation: str) -> None:
        self.id = id
        self.kind = kind
        self.to = to
        self.from_ = from_
        self.direction = direction
        self.call = id
        self.conversation = conversation
        self.headers: dict[str, Any] = {}
        self.status = "started"
        self.started = 0.0
        self.answered: float | None = None
        self.ended: float | None = None
        self.by: str | None = None
        self.actions: list[dict[str, Any]] | None = None
        self.index = 0
        self.doing: dict[str, Any] | None = None
        self.serial = 0
        self.sounds: list[dict[str, Any]] = []
        self.barge_in = False
        self.busy_until = 0.0
        self.heard_until = 0.0
        self.muted = False
        self.earmuffed = False
        self.keys: dict[str, Any] | None = None
        self.event: dict[str, Any] | None = None
        self.takes = False
        self.parent: str | None = None
        self.plan: dict[str, Any] = {}
        self.length: float | None = None
        self.quiet_since: float | None = None
        self.mark = ""

    @property
    def is_over(self) -> bool:
        """Whether the leg has ended."""
        return self.ended is not None

    @property
    def is_up(self) -> bool:
        """Whether the leg was answered and has not ended."""
        return self.answered is not None and self.ended is None


class State(_Plain):
    """The whole state of a phone.

    Attributes:
        now: the phone's clock, in seconds with three decimals.
        calls: by the id of their first leg; see `Board.begin_call`.
        legs: by id: `Leg` objects, or their dumps in a dumped state.
        rooms: named conversations by name: `id`, `members` {leg: endOnExit}, `started`, `music`, `recording`.
        recordings: those in progress, by id.
        timers: a heap of (phone's time, number, name, leg, serial, argument, call's time); serial is None if any action
            may be in progress.
        files: seconds of recorded sound that `Phone.take_files` has not returned yet, by the id in its URL.
        requests: webhooks without a response yet, by id.
        work: what to do before time passes: (what, leg, argument).
        count: how many ids, timers and requests there were.
    """

    __slots__ = ("calls", "count", "files", "legs", "now", "recordings", "requests", "rooms", "timers", "work")

    def __init__(self, now: float) -> None:
        self.now = round(now, 3)
        self.calls: dict[str, dict[str, Any]] = {}
        self.legs: dict[str, Any] = {}
        self.files: dict[str, float] = {}
        self.rooms: dict[str, dict[str, Any]] = {}
        self.recordings: dict[str, dict[str, Any]] = {}
        self.timers: list[list[Any]] = []
        self.requests: dict[str, dict[str, Any]] = {}
        self.work: list[list[Any]] = []
        self.count = {"id": 0, "timer": 0, "request": 0}

    def dump(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        legs, self.legs = self.legs, {}
        try:
            return {**super().dump(), "legs": {id: leg.dump() for id, leg in legs.items()}}
        finally:
            self.legs = legs

    @classmethod
    def load(cls, data: dict[str, Any]) -> Self:
        """Return a state from what `dump` returned."""
        made = super().load({**data, "legs": {}})
        made.legs = {id: Leg.load(leg) for id, leg in data["legs"].items()}
        return made
