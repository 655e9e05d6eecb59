"""A create-call request, and a leg of a call as the responses of the emulator show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ncco_lang.api.calls_wire import ADDRESS_KEYS
from ncco_lang.emulator.applications import Hook
from ncco_lang.simulate.bodies import charges_of
from ncco_lang.simulate.networks import country_of
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.transcript import Transcript

NETWORKS = {"NL": "20408", "GB": "23410", "BE": "20601", "DE": "26201", "FR": "20801", "ES": "21407", "US": "310410"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A valid create-call request.

    Attributes:
        to, from_: endpoints as in responses. address: the number, URI, extension or user that is dialled.
        ncco: the inline one; None if it is fetched from `answer`.
        event: the webhook of status events, if any.
        detection: `continue` or `hangup` on a machine; `beep`: whether to wait for the beep, `beep_timeout` seconds; `beside`:
            whether the call goes on meanwhile.
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
    beside: bool = False
    beep_timeout: float = 45.0
    length_timer: int = 7200
    ringing_timer: int = 60


class Call:
    """One leg, as requests name it.

    Attributes:
        application_id: whose call it is.
        leg: its state in the phone; it stays as it is when the phone forgets the leg.
        order: the request that created it, if one did.
        to, from_: endpoints as in responses.
        transcript: of the whole call, at its first leg; None at the others.
    """

    __slots__ = ("application_id", "from_", "leg", "order", "to", "transcript")

    def __init__(self, application_id: str, leg: Leg, order: CallRequest | None = None) -> None:
        self.application_id = application_id
        self.leg = leg
        self.order = order
        self.to = dict(order.to) if order else {"type": leg.kind, ADDRESS_KEYS.get(leg.kind, "number"): leg.to}
        self.from_ = dict(order.from_) if order else {"type": "phone", "number": leg.from_ or "Unknown"}
        self.transcript: Transcript | None = None

    @property
    def uuid(self) -> str:
        """The id of the leg."""
        return self.leg.id

    @property
    def conversation(self) -> str:
        """The id of its conversation."""
        return self.leg.conversation

    @property
    def status(self) -> str:
        """The status, as in a response."""
        return self.leg.status

    @property
    def started(self) -> float:
        """Seconds since 1970."""
        return self.leg.started

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.leg.is_over

    @property
    def is_talking(self) -> bool:
        """Whether the call was answered and has not ended."""
        return self.leg.is_up

    def show(self, *, kpn: bool) -> dict[str, Any]:
        """Return the call as in a response, without links. KPN has arrays for both sides, and no `unanswered`."""
        status = "timeout" if kpn and self.status == "unanswered" else self.status
        return {
            "uuid": self.uuid,
            "conversation_uuid": self.conversation,
            "to": [self.to] if kpn else self.to,
            "from": [self.from_] if kpn else self.from_,
            "status": status,
            "direction": self.leg.direction,
            **charges_of(self.leg, NETWORKS.get(country_of(self.leg.to), "20408")),
        }
