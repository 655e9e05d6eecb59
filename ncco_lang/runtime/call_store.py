"""What a runtime keeps between webhooks, because it cannot travel in a token: the interface, and a store in memory.

The store does not see the values of calls: replies, results, large states, secrets and the keys that callers press are sealed
before they come here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ncco_lang.engine.events import Facts, Note

REPLY_SECONDS = 60.0
"""How long the answer to an event and the results of its lookups are kept, so that the same event again gets the same."""
REFERENCE_BYTES = 16
"""Bytes of the reference to data that are kept for a leg."""
MOST_NOTES = 100
"""Facts of one kind of one leg; more are not kept."""


class Begun(NamedTuple):
    """What is known of an event that has come before.

    Attributes:
        time: when it came for the first time, in seconds since 1970.
        results: of its lookups, in their order.
        body: its answer; empty for none, None while it is not answered.
    """

    time: float
    results: tuple[bytes, ...] = ()
    body: bytes | None = None


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
    """A store of facts by leg, with an index by conversation, of data of a leg, and of events for a short time.

    Its methods raise what the medium raises. A runtime answers without it then.
    """

    def facts(self, leg: str) -> Facts:
        """Return what is known of a leg: its notes, oldest first, and the number of its newest document."""

    def legs(self, conversation: str) -> list[str]:
        """Return the legs of a conversation, in the order in which they became known."""

    def begun(self, key: str, now: float) -> Begun | None:
        """Return what is known of an event that came in the last minute; None for one that did not."""

    def begin(self, key: str, time: float) -> float:
        """Note that an event looks up; return when it came for the first time."""

    def keep_result(self, key: str, number: int, data: bytes, now: float) -> bytes:
        """Keep the result of a lookup of an event, by its number from 0; return the first result with that number."""

    def keep(self, kept: Kept, now: float) -> bytes:
        """Keep what later events need of one, all of it or nothing; return the answer that counts.

        If the same event was answered meanwhile, nothing is kept and that answer counts.
        """

    def put(self, leg: str, data: bytes, until: float) -> bytes:
        """Keep data of a leg; return a reference of `REFERENCE_BYTES` bytes."""

    def get(self, reference: bytes) -> bytes | None:
        """Return the data of a reference; None if there are none."""

    def set_until(self, reference: bytes, until: float) -> None:
        """Change how long data are kept."""

    def forget(self, leg: str) -> None:
        """Forget the facts and the data of a leg, because its call is over."""

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
    """A store for one process, which is lost with it: for `ncco play`, tests and the emulator.

    Its references are numbers, so that the same calls have the same tokens.
    """

    __slots__ = ("_data", "_events", "_legs", "_put")

    def __init__(self) -> None:
        self._legs: dict[str, _Leg] = {}
        self._events: dict[str, tuple[Begun, float]] = {}
        self._data: dict[bytes, tuple[str, bytes, float]] = {}
        self._put = 0

    def facts(self, leg: str) -> Facts:
        """Return what is known of a leg."""
        found = self._legs.get(leg)
        return Facts() if found is None else Facts(tuple(found.notes), found.serial)

    def legs(self, conversation: str) -> list[str]:
        """Return the legs of a conversation."""
        return [leg for leg, each in self._legs.items() if each.conversation == conversation]

    def begun(self, key: str, now: float) -> Begun | None:
        """Return what is known of an event that came in the last minute."""
        found, until = self._events.get(key, (None, now))
        return found if until > now else None

    def begin(self, key: str, time: float) -> float:
        """Note that an event looks up."""
        found = self.begun(key, time)
        if found is None:
            found = Begun(time)
            self._events[key] = found, time + REPLY_SECONDS
        return found.time

    def keep_result(self, key: str, number: int, data: bytes, now: float) -> bytes:
        """Keep the result of a lookup of an event."""
        found = self.begun(key, now) or Begun(now)
        if number == len(found.results):
            found = found._replace(results=(*found.results, data))
            self._events[key] = found, now + REPLY_SECONDS
        return found.results[number] if number < len(found.results) else data

    def keep(self, kept: Kept, now: float) -> bytes:
        """Keep what later events need of one."""
        before = self.begun(kept.key, now) or Begun(now)
        if before.body is not None:
            return before.body
        if kept.leg and (kept.notes or kept.serial is not None):
            leg = self._legs.setdefault(kept.leg, _Leg(kept.conversation))
            for note in kept.notes:
                if sum(each.kind == note.kind for each in leg.notes) < MOST_NOTES:
                    leg.notes.append(note)
            leg.until = max(leg.until, kept.until)
            if kept.serial is not None:
                leg.serial = max(leg.serial or 0, kept.serial)
        self._events[kept.key] = before._replace(body=kept.body), now + REPLY_SECONDS
        return kept.body

    def put(self, leg: str, data: bytes, until: float) -> bytes:
        """Keep data of a leg."""
        self._put += 1
        reference = self._put.to_bytes(REFERENCE_BYTES, "big")
        self._data[reference] = leg, data, until
        return reference

    def get(self, reference: bytes) -> bytes | None:
        """Return the data of a reference."""
        found = self._data.get(reference)
        return None if found is None else found[1]

    def set_until(self, reference: bytes, until: float) -> None:
        """Change how long data are kept."""
        if reference in self._data:
            leg, data, _ = self._data[reference]
            self._data[reference] = leg, data, until

    def forget(self, leg: str) -> None:
        """Forget the facts and the data of a leg."""
        self._legs.pop(leg, None)
        self._data = {reference: each for reference, each in self._data.items() if each[0] != leg}

    def sweep(self, now: float) -> None:
        """Forget all that has expired."""
        self._legs = {leg: each for leg, each in self._legs.items() if each.until > now}
        self._events = {key: each for key, each in self._events.items() if each[1] > now}
        self._data = {reference: each for reference, each in self._data.items() if each[2] > now}
