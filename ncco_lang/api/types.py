"""The arguments and results of the providers' APIs, in forms that both share. For JSON, see `vonage.py` and `kpn.py`.

Names are those of the Voice API (docs: Voice API reference, Application API v2); what one provider lacks stays None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a voice application at a provider. None means unset, so the provider's value is kept.

    Attributes:
        name: the name in lists; need not be unique.
        public_key: PEM, with which the application's JWTs are verified (Vonage).
        answer_url, event_url, fallback_url: the webhooks' URLs. An empty one is removed (Vonage).
        answer_method, event_method, fallback_method: `GET` or `POST`.
        answer_connect_timeout, event_connect_timeout, fallback_connect_timeout: milliseconds, 300 to 1000 (Vonage).
        answer_socket_timeout, event_socket_timeout, fallback_socket_timeout: milliseconds, 1000 to 5000, for events to
            10000 (Vonage).
        signed_callbacks: whether webhooks carry a JWT (Vonage).
        region: where calls are handled, like `eu-west` (Vonage).
        conversations_ttl: hours that a named conversation lives, 0 to 9000 (Vonage).
        leg_persistence_time: days, 1 to 31 (Vonage).
    """

    name: str | None = None
    public_key: str | None = None
    answer_url: str | None = None
    answer_method: str | None = None
    answer_connect_timeout: int | None = None
    answer_socket_timeout: int | None = None
    event_url: str | None = None
    event_method: str | None = None
    event_connect_timeout: int | None = None
    event_socket_timeout: int | None = None
    fallback_url: str | None = None
    fallback_method: str | None = None
    fallback_connect_timeout: int | None = None
    fallback_socket_timeout: int | None = None
    signed_callbacks: bool | None = None
    region: str | None = None
    conversations_ttl: int | None = None
    leg_persistence_time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application at a provider; `raw` is the whole response, with fields that we do not know."""

    id: str
    settings: Settings
    raw: Json = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One side of a call.

    Attributes:
        type: `phone`, `sip`, `websocket`, `vbc` or `app`.
        address: the number (digits), the URI, the extension or the user.
        options: further fields, with the Voice API's names (`dtmfAnswer`, `content-type`, `headers`).
    """

    type: str
    address: str
    options: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call to place. Exactly one of `ncco` (only Vonage) and `answer_url` is given.

    Attributes:
        to: the endpoint to call.
        from_number: digits of a number of the account, or a SIP URI (Vonage); None leaves it to `random_from_number`.
        machine_detection: `continue` or `hangup`.
        advanced_machine_detection: `behavior`, `mode`, `beep_timeout` (Vonage).
        length_timer: seconds, 1 to 86,400, at KPN to 7200. ringing_timer: seconds, 1 to 120.
    """

    to: Endpoint
    from_number: str | None = None
    random_from_number: bool = False
    ncco: list[dict[str, Any]] | None = None
    answer_url: str | None = None
    answer_method: str | None = None
    event_url: str | None = None
    event_method: str | None = None
    machine_detection: str | None = None
    advanced_machine_detection: Json | None = None
    length_timer: int | None = None
    ringing_timer: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call at a provider. Times are as the provider writes them; `rate`, `price` and `duration` (s) are texts, and
    are only set when the call has ended.
    """

    uuid: str
    status: str | None = None
    direction: str | None = None
    conversation_uuid: str | None = None
    to: Endpoint | None = None
    from_: Endpoint | None = None
    rate: str | None = None
    price: str | None = None
    duration: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    network: str | None = None
    raw: Json = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls to list. Dates are ISO 8601."""

    status: str | None = None
    date_start: str | None = None
    date_end: str | None = None
    conversation_uuid: str | None = None
    order: Literal["asc", "desc"] | None = None


ALL_CALLS = CallFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number of the account. `application_id` is the application that its calls go to, if any."""

    msisdn: str
    country: str
    type: str | None = None
    features: tuple[str, ...] = ()
    application_id: str | None = None
    raw: Json = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The provider's response to a talk, a stream or keys that it plays into a call."""

    message: str | None = None
    uuid: str | None = None
    raw: Json = field(default_factory=dict, repr=False)


END_STATES = frozenset({"completed", "busy", "cancelled", "unanswered", "rejected", "failed", "timeout"})
"""Statuses that no other status follows (Voice API, event objects)."""
