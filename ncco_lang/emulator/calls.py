"""A create-call request, and the call as the emulator keeps it and as its responses show it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from ncco_lang.api.types import END_STATES
from ncco_lang.emulator.applications import Hook
from ncco_lang.emulator.outcomes import Ending, ending_of
from ncco_lang.simulate.bodies import charges_of, status_body
from ncco_lang.simulate.networks import country_of
from ncco_lang.simulate.state import Leg

NETWORKS = {"NL": "20408", "GB": "23410", "BE": "20601", "DE": "26201", "FR": "20801", "ES": "21407", "US": "310410"}
TALKING = frozenset({"answered", "human", "machine"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A valid create-call request.

    Attributes:
        to, from_: endpoints as in responses. address: the number, URI, extension or user that is dialled.
        ncco: the inline one; None if it is fetched from `answer`.
        event: the webhook of status events, if any.
        detection: `continue` or `hangup` on a machine; `beep`: whether to wait for the beep.
        length_timer, ringing_timer: seconds.
    """

    to: Mapping[str, Any]
    from_: Mapping[str, Any]
    address: str
    ncco: list[Any] | None = None
    answer: Hook | None = None
    event: Hook | None = None
    detection: str | None = None
    beep: bool = False
    length_timer: int = 7200
    ringing_timer: int = 60
    extra: Mapping[str, Any] = field(default_factory=dict)


class Call:
    """One leg.

    Attributes:
        order: the request that created it.
        status: as in a response.
        started, answered, ended: seconds since 1970.
        duration: seconds, once it has ended.
        muted, earmuffed, playing: what requests have done to it.
        hangup: whether it was hung up.
        wake, settled: how `CallScheduler` makes it continue, and learns that it waits.
        outbox: webhooks that have not been sent, oldest first.
        tasks: the tasks that send them and that run the call; empty once the call is dropped.
    """

    __slots__ = (
        "answered",
        "application_id",
        "conversation",
        "duration",
        "earmuffed",
        "ended",
        "ending",
        "hangup",
        "muted",
        "order",
        "outbox",
        "playing",
        "settled",
        "started",
        "status",
        "tasks",
        "uuid",
        "wake",
    )

    def __init__(self, application_id: str, order: CallRequest, now: float) -> None:
        self.uuid = str(uuid4())
        self.conversation = f"CON-{uuid4()}"
        self.application_id = application_id
        self.order = order
        self.status = "started"
        self.started = now
        self.answered: float | None = None
        self.ended: float | None = None
        self.duration = 0
        self.ending: Ending = ending_of(order.address)
        self.muted = False
        self.earmuffed = False
        self.playing: set[Literal["talk", "stream"]] = set()
        self.hangup = False
        self.wake = asyncio.Event()
        self.settled = asyncio.Event()
        self.outbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.tasks: tuple[asyncio.Task[None], ...] = ()

    def is_hung_up(self) -> bool:
        """Return whether the call was hung up. Called again after every wait."""
        return self.hangup

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in END_STATES

    @property
    def is_talking(self) -> bool:
        """Whether the call was answered and has not ended."""
        return self.status in TALKING

    def end(self, status: str, now: float, duration: int | None = None) -> None:
        """End the call; an answered one has lasted `duration` seconds, by default as long as the clock says."""
        self.status = status
        if self.answered is None:
            self.ended = now
            return
        self.duration = max(1, math.ceil(now - self.answered)) if duration is None else duration
        self.ended = self.answered + self.duration

    def leg(self) -> Leg:
        """Return the call as a leg, of which the bodies of webhooks are made."""
        kind, from_ = self.order.to["type"], self.order.from_["number"]
        leg = Leg(self.uuid, kind, self.order.address, from_, "outbound", self.conversation)
        leg.status, leg.answered, leg.ended = self.status, self.answered, self.ended
        return leg

    def show(self, *, kpn: bool) -> dict[str, Any]:
        """Return the call as in a response, without links. KPN has arrays for both sides, and no `unanswered`."""
        to, from_ = dict(self.order.to), dict(self.order.from_)
        status = "timeout" if kpn and self.status == "unanswered" else self.status
        return {
            "uuid": self.uuid,
            "conversation_uuid": self.conversation,
            "to": [to] if kpn else to,
            "from": [from_] if kpn else from_,
            "status": status,
            "direction": "outbound",
            **charges_of(self.leg(), NETWORKS.get(country_of(self.order.address), "20408")),
        }

    def event(self, now: float, **more: Any) -> dict[str, Any]:
        """Return a status event."""
        return status_body(self.leg(), now, **more)
