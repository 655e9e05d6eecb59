"""What a runtime keeps between webhooks, because it cannot travel in a token: the interface, and a store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ncco_lang.engine.events import Facts, Note

REPLY_SECONDS = 60.0
"""How long the answer to an event is kept, so that the same event again gets the same answer."""


class Kept(NamedTuple):
    """What is kept of an event for later ones.

    Attributes:
        leg: the leg whose token the event came with; empty if it has no id, and then its facts cannot be kept.
        notes: the facts to add.
        serial: the number of the document that the leg is given, if an event of an older one may come late; else None.
        key: names the token and the event.
        body: the answer; empty for none.
        until: seconds since 1970 at which the leg's facts may go.
    """

    leg: str
    conversation: str
    notes: Sequence[Note]
    serial: int | None
    key: str
    body: bytes
    until: float


class CallStore(Protocol):
    """A store of facts by leg, with an index by conversation, and of answers for a short time.

    Its methods raise what the medium raises. A runtime answers without it then.
    """

    def facts(self, leg: str) -> Facts:
        """Return what is known of a leg: its notes, oldest first, and the number of its newest document."""

    def legs(self, conversation: str) -> list[str]:
        """Return the legs of a conversation, in the order in which they became known."""

    def reply(self, key: str, now: float) -> bytes | None:
        """Return the answer that was kept under a key in the last minute; None if there is none."""

    def keep(self, kept: Kept, now: float) -> bytes:
        """Keep what later events need of one, all of it or nothing; return the answer that counts.

        If the same event was answered meanwhile, nothing is kept and that answer counts.
        """

    def keep_state(self, name: str, data: bytes, until: float) -> None:
        """Keep a state that is too large for a URL."""

    def state(self, name: str) -> bytes | None:
        """Return a state that was kept; None if there is none."""

    def forget(self, leg: str) -> None:
        """Forget the facts of a leg, because its call is over."""

    def sweep(self, now: float) -> None:
        """Forget all that has expired."""


class _Leg:
    """The facts of one leg."""

    __slots__ = ("conversation", "notes", "serial", "until")

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        self.notes: list[Note] = []
        self.serial: int | None = None
        self.until = 0.0


class MemoryStore:
    """A store for one process, which is lost with it: for `ncco play`, tests and the emulator."""

    __slots__ = ("_legs", "_replies", "_states")

    def __init__(self) -> None:
        self._legs: dict[str, _Leg] = {}
        self._replies: dict[str, tuple[bytes, float]] = {}
        self._states: dict[str, tuple[bytes, float]] = {}

    def facts(self, leg: str) -> Facts:
        """Return what is known of a leg."""
        found = self._legs.get(leg)
        return Facts() if found is None else Facts(tuple(found.notes), found.serial)

    def legs(self, conversation: str) -> list[str]:
        """Return the legs of a conversation."""
        return [leg for leg, each in self._legs.items() if each.conversation == conversation]

    def reply(self, key: str, now: float) -> bytes | None:
        """Return the answer that was kept under a key in the last minute."""
        body, until = self._replies.get(key, (b"", now))
        return body if until > now else None

    def keep(self, kept: Kept, now: float) -> bytes:
        """Keep what later events need of one."""
        before = self.reply(kept.key, now)
        if before is not None:
            return before
        if kept.leg and (kept.notes or kept.serial is not None):
            leg = self._legs.setdefault(kept.leg, _Leg(kept.conversation))
            leg.notes += kept.notes
            leg.until = max(leg.until, kept.until)
            if kept.serial is not None:
                leg.serial = max(leg.serial or 0, kept.serial)
        self._replies[kept.key] = kept.body, now + REPLY_SECONDS
        return kept.body

    def keep_state(self, name: str, data: bytes, until: float) -> None:
        """Keep a state that is too large for a URL."""
        self._states[name] = data, until

    def state(self, name: str) -> bytes | None:
        """Return a state that was kept."""
        return self._states.get(name, (None, 0.0))[0]

    def forget(self, leg: str) -> None:
        """Forget the facts of a leg."""
        self._legs.pop(leg, None)

    def sweep(self, now: float) -> None:
        """Forget all that has expired."""
        self._legs = {leg: each for leg, each in self._legs.items() if each.until > now}
        self._replies = {key: each for key, each in self._replies.items() if each[1] > now}
        self._states = {name: each for name, each in self._states.items() if each[1] > now}
