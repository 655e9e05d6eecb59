"""The inputs and outputs of a phone.

What each step of a call makes is a NamedTuple, because a frozen dataclass takes four times as long to make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

Json: TypeAlias = Any
_P = TypeVar("_P")
LONGEST_DURATION = 7200.0
"""The most seconds of a duration in a script or a plan."""
_BETWEEN = re.compile(r"[\s().-]")
"""What may be between the digits of a telephone number."""
_CREDENTIALS = re.compile(r"//[^/@]*@")


class Hook(NamedTuple):
    """A webhook: URL, method, and the platform's time-outs in seconds (ncco.md 13.4)."""

    url: str
    method: Literal["GET", "POST"] = "POST"
    connect: float = 1.0
    read: float = 10.0

    def dump(self) -> dict[str, Any]:
        """Return the fields by name."""
        return self._asdict()

    @property
    def shown(self) -> str:
        """The URL without a user and a password."""
        return _CREDENTIALS.sub("//", self.url)


STATES = ("answered", "machine", "busy", "timeout", "unanswered", "rejected", "failed", "cancelled")
"""What can become of a dialled endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an endpoint behaves when it is dialled.

    Attributes:
        status: the result of dialling: `answered`, `machine` (a machine answers), or a state of voice-api.md A8.
        after: seconds until then; None for three, or for `timeout` until the ringing times out.
        lasts: seconds from the answer until this side hangs up; None if it stays.
        beep: whether a machine plays a beep.
        before: the part of `after` before it rings. rings: whether it rings; None if the status decides.
        detail, sip_code: of the event of a call that is not answered; None for those of the status.
        stays: whether the call goes on when its NCCO has ended.
    """

    status: str = "answered"
    after: float | None = None
    lasts: float | None = 10.0
    beep: bool = True
    before: float = 0.0
    rings: bool | None = None
    detail: str | None = None
    sip_code: int | None = None
    stays: bool = False

    def dump(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def endpoint_key(text: str) -> str:
    """Return the key of an endpoint in a plan: the digits of a telephone number, any other text as it is."""
    digits = _BETWEEN.sub("", text).removeprefix("+")
    return digits if digits.isdigit() else text


def find_plan(plans: Mapping[str, _P], to: str) -> _P | None:
    """Return the plan of an endpoint by number, URI, user or extension, else that of `*`; None if there is neither."""
    return plans.get(to) or plans.get("*")


def ordinary_plan(_: str) -> Plan:
    """Return the default plan of an endpoint: it answers, talks for a while and hangs up."""
    return Plan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The application and its surroundings.

    Attributes:
        answer, event, fallback: the application's webhooks.
        region_url: the `region_url` of answer webhooks.
        files: the URL below which recordings are.
        plan_of: returns how an endpoint behaves when it is dialled, by its number, URI, user or extension.
        durations: seconds of audio files by URL. default_duration: seconds of any other file.
        length_timer: the longest call in seconds.
    """

    answer: Hook | None = None
    event: Hook | None = None
    fallback: Hook | None = None
    region_url: str = "https://api.nexmo.com"
    files: str = "https://api.nexmo.com/v1/files"
    plan_of: Callable[[str], Plan] = ordinary_plan
    durations: Mapping[str, float] = field(default_factory=dict)
    default_duration: float = 5.0
    length_timer: float = 7200.0


# ── What a person does ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys: `0`-`9`, `*` and `#`."""

    keys: str


@dataclass(frozen=True, slots=True)
class Say:
    """Say words that are recognised; empty for speech that is not. `seconds` is None for as long as they take."""

    words: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Do nothing until the platform stops listening."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up."""


Act: TypeAlias = Press | Say | Silence | HangUp


# ── Webhooks ───────────────────────────────────────────────────────────────────────────────────────────


class Request(NamedTuple):
    """A webhook to send.

    Attributes:
        id: the id for `Phone.answer`.
        kind: `answer`, `event`, `input`, `notify`, `record`, `transfer`, `error` or `on_answer`.
        fields: its body, or its query for GET.
        waits: whether the call waits for the response.
        attempt: 1, or 2 after a failure for which the platform sends it again.
        is_fallback: whether it goes to the fallback URL.
    """

    id: int
    kind: str
    hook: Hook
    fields: Mapping[str, Json]
    leg: str
    waits: bool
    attempt: int = 1
    is_fallback: bool = False


class Answer(NamedTuple):
    """The response to a webhook.

    Attributes:
        failure: why no response came, one of `FAILURES`; then status and body are meaningless.
        words: the failure in words; by default `failure` itself.
        after: the seconds of the call in which the server works, if the call waits for it. A server whose time is that of
            the phone itself has none, because the clock of a call stops while it waits for an answer.
    """

    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    failure: str | None = None
    words: str = ""
    after: float = 0.0


CLOSED, RESET, TIMED_OUT = "Connection closed.", "Connection reset.", "Socket timeout."
BAD_NCCO, BAD_CODE = "Invalid NCCO.", "Invalid response code."
FAILURES = (CLOSED, RESET, TIMED_OUT)
"""Reasons of a fallback request (conflicts.md A5)."""


class Happened(NamedTuple):
    """Something that happened: seconds since 1970, the leg, what, and its details as plain data."""

    at: float
    leg: str
    what: str
    data: Mapping[str, Json]


Output: TypeAlias = Happened | Request
