"""What goes into a phone and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook: address, method, and the platform's time-outs in seconds (ncco.md 13.4)."""

    url: str
    method: Literal["GET", "POST"] = "POST"
    connect: float = 1.0
    read: float = 10.0

    def dump(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {"url": self.url, "method": self.method, "connect": self.connect, "read": self.read}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an endpoint behaves when it is dialled.

    Attributes:
        status: what becomes of the dialling: `answered`, `machine` (answered by one), or a state of voice-api.md A8.
        after: seconds until then.
        lasts: seconds from the answer until this side hangs up; None: it stays.
        beep: whether a machine's beep is heard.
    """

    status: str = "answered"
    after: float = 3.0
    lasts: float | None = 10.0
    beep: bool = True

    def dump(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {"status": self.status, "after": self.after, "lasts": self.lasts, "beep": self.beep}


def ordinary_plan(_: str) -> Plan:
    """Return the plan of an endpoint about which nothing is said: it answers, talks for a while and hangs up."""
    return Plan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The application and what surrounds it.

    Attributes:
        answer, event, fallback: the application's webhooks.
        region_url: what answer webhooks name as `region_url`.
        plan_of: how an endpoint behaves when it is dialled, by its number, URI, user or extension.
        durations: seconds of audio files by URL. default_duration: seconds of any other file.
        length_timer: longest call in seconds.
    """

    answer: Hook | None = None
    event: Hook | None = None
    fallback: Hook | None = None
    region_url: str = "https://api.nexmo.com"
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
    """Say words that a recogniser understands; empty: speech that it does not. `seconds` None: as long as they take."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A webhook to send.

    Attributes:
        id: what `Phone.answer` names it by.
        kind: `answer`, `event`, `input`, `notify`, `record`, `transfer`, `error` or `on_answer`.
        fields: its body, or its query for GET.
        waits: whether the call waits for the answer.
        attempt: 1, or 2 after a failure that the platform repeats.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a webhook answered.

    Attributes:
        failure: why no answer came, one of `FAILURES`; then the status and the body say nothing.
        words: the same for people; the failure itself where it is empty.
    """

    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    failure: str | None = None
    words: str = ""


CLOSED, RESET, TIMED_OUT = "Connection closed.", "Connection reset.", "Socket timeout."
BAD_NCCO, BAD_CODE = "Invalid NCCO.", "Invalid response code."
FAILURES = (CLOSED, RESET, TIMED_OUT)
"""Reasons of a fallback request (conflicts.md A5)."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened: seconds since 1970, the leg, what, and its details as plain data."""

    at: float
    leg: str
    what: str
    data: Mapping[str, Json]


Output: TypeAlias = Happened | Request
