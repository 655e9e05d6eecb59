"""What happens to a call, and what the engine answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ncco_lang.bundle import BlockId, Expression
from ncco_lang.diagnostics import Path
from ncco_lang.engine.state import State
from ncco_lang.values.data import UNDEFINED
from ncco_lang.values.event_urls import Hook
from ncco_lang.vocabulary.wire import put_at

# ── Events ─────────────────────────────────────────────────────────────────────────────────────────────
# `time` is in seconds since 1970, in every event.


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A call begins: the answer webhook.

    Attributes:
        arguments: the values of the flow's `arg` names, as in `values/data.py`, by name.
        user: the user of the app that calls; None for a telephone.
        sip: the headers `X-…` of a SIP call, by name.
    """

    time: float
    leg: str
    conversation: str = ""
    caller: str | None = None
    called: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    user: str | None = None
    sip: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """One alternative of a recogniser: what was said, and from 0 to 1 how sure it is."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An input has ended.

    Attributes:
        digits: the keys.
        timed_out: the keys ended because no other followed.
        heard: the alternatives of the recogniser, the best one first.
        spoke: the caller said something, recognised or not.
    """

    time: float
    digits: str = ""
    timed_out: bool = True
    heard: tuple[Heard, ...] = ()
    spoke: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The notify at the end of a document was reached."""

    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """The called leg of a connect has another status."""

    time: float
    status: str
    leg: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """A called leg answered, and asks what it hears before it is joined."""

    time: float
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A leg was transferred, or a leg that was rung answered."""

    time: float
    leg: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A status, a recording, the event of a raw action, the outcome of a bot, or an asynchronous key.

    Attributes:
        sent: when it happened by the clock of the platform, in seconds since 1970; None if that is not said.
    """

    time: float
    kind: str
    value: Any = None
    sent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The call is over."""

    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLeft:
    """A leg left the conversation."""

    time: float
    leg: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """A timer has run out."""

    time: float
    key: str = ""


Event: TypeAlias = Started | Input | Joined | Connect | Whisper | Moved | Fact | Ended | RoomLeft | Woken


@dataclass(frozen=True, slots=True)
class Note:
    """A fact to keep for a leg.

    Attributes:
        kind: `connect` for the status of a called leg; `status`, `answered_by` and `key` for what `reports.py` reads.
        wait: the number of the document that it is about, as in `State.wait`; 0 for none.
    """

    kind: str
    wait: int
    value: Any
    time: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the leg when an event arrives.

    Attributes:
        notes: the facts that earlier replies gave, oldest first.
        serial: the number of its newest document; None if that is not known.
    """

    notes: tuple[Note, ...] = ()
    serial: int | None = None


# ── Answers ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A request whose result the engine needs: the caller makes it, and runs the engine again with one more result.

    Attributes:
        method: in small letters.
        headers, json: expressions of which only the secrets are left to evaluate; `json` is undefined for no body.
        timeout: the seconds that the server has.
        key: the same whenever the same event of the same document is answered: the idempotency key.
        origin: the block that looks up.
    """

    method: str
    url: str
    headers: Expression
    json: Expression
    timeout: float
    key: str
    origin: BlockId


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a lookup.

    Attributes:
        status: that of the response; None if there was none.
        value: the JSON of the response; `UNDEFINED` if its body is empty or not JSON.
        is_late: there was no response in time.
    """

    status: int | None
    value: Any = UNDEFINED
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What the caller does beside the answer; it has no result, and is safe to repeat."""

    kind: Literal["ring", "move", "hang", "speak", "wake"]
    id: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """An event URL of a document: its path in the document, its kind, and the state that its token carries."""

    path: Path
    hook: Hook
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to an event.

    Attributes:
        document: the NCCO; None for status 200 without a body. Its event URLs are those of `placeholder`.
        addresses: where `with_addresses` puts the event URLs with their tokens.
        state: the state after the event; None if there is no call.
        trail: the edges that the walk took: the block, and the label of the edge.
        origins: the block and the index of the action, -1 for the exit, of every action of the document.
    """

    document: list[dict[str, Any]] | None = None
    addresses: tuple[Address, ...] = ()
    orders: tuple[Order, ...] = ()
    notes: tuple[Note, ...] = ()
    state: State | None = None
    trail: tuple[tuple[BlockId, str], ...] = ()
    origins: tuple[tuple[BlockId, int], ...] = ()


def with_addresses(reply: Reply, url: Callable[[Address], str]) -> list[dict[str, Any]]:
    """Return the document of a reply with event URLs in place of the placeholders. Changes the document.

    Args:
        url: returns the URL of an address, with its state sealed into it.
    """
    document = reply.document or []
    for address in reply.addresses:
        put_at(document[int(address.path[0])], address.path[1:], url(address))
    return document
