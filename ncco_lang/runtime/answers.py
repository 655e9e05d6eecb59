"""What a runtime answers for, and its answers: to a webhook, or a lookup that has to be made first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import Event, Lookup, Reply, Result
from ncco_lang.engine.state import State
from ncco_lang.runtime.tokens import LEAST_SECONDS, VERSION_BYTES

SHORT = 2 * VERSION_BYTES
"""The hexadecimal digits of a version that tokens and addresses have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow that a runtime answers for.

    Attributes:
        name: the key of its application.
        base: the address of its webhooks, up to the unguessable part.
        newest: the bundle of calls that begin; None if the flow is one document.
        document: the NCCO of a flow that is one document.
        bundles: those that calls may be in, the newest one too, by the first `SHORT` digits of their versions.
        seconds: for how long a token is valid.
    """

    name: str
    base: str
    newest: Bundle | None = None
    document: list[dict[str, Any]] | None = None
    bundles: Mapping[str, Bundle] = field(default_factory=dict, repr=False)
    seconds: float = LEAST_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer to a webhook, and what a log or a coverage wants to know of it.

    Attributes:
        status: 200, or 4xx for a webhook without effect.
        body: the JSON of an NCCO; empty for none.
        event: what happened; None if the fields are malformed or the token is not ours.
        leg: the caller's leg.
        bundle: that of the call; None for a flow that is one document.
        before: the state that the token carried; None for a call that begins.
        reply: what the engine replied; None if the engine was not asked.
        is_repeated: the event was answered before, and this is the same answer.
        why: what is wrong with the fields, as a sentence.
        failures: exceptions on the way. The answer is the fallback route if one is the engine's.
    """

    status: int = 200
    body: bytes = b""
    event: Event | None = None
    leg: str = ""
    bundle: Bundle | None = None
    before: State | None = None
    reply: Reply | None = None
    is_repeated: bool = False
    why: str = ""
    failures: tuple[Exception, ...] = ()


UNKNOWN = Answered(status=404)
"""One answer for every token that does not open and every call that it is not of, so that it says nothing about why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A lookup on which the answer to a webhook depends.

    Attributes:
        lookup: what to look up.
        bundle: that of the call.
        leg: the caller's leg.
        before: the state that the token carried; None for a call that begins.
        key: names the token and the event.
        number: how many results the event has so far.
        go_on: what `resume` calls.
    """

    lookup: Lookup
    bundle: Bundle
    leg: str
    before: State | None
    key: str
    number: int
    go_on: Callable[[Result], Answered | Pending] = field(repr=False)

    def resume(self, result: Result) -> Answered | Pending:
        """Return the answer to the webhook, or the next lookup. Never raises."""
        return self.go_on(result)
