"""Seal what belongs to a call: its states into the event URLs of a document, and all else that is kept into the store."""

from __future__ import annotations

import json
from base64 import b85decode, b85encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import Address, Facts, Note, Reply, Result, with_addresses
from ncco_lang.engine.reports import KEY, with_reports
from ncco_lang.engine.state import State, load_state
from ncco_lang.runtime.answers import SHORT, Flow
from ncco_lang.runtime.call_store import REPLY_SECONDS, CallStore
from ncco_lang.runtime.secret_values import (
    Secrets,
    dump_secrets,
    load_secrets,
    secret_slots,
    with_secrets,
    without_secrets,
)
from ncco_lang.runtime.tokens import (
    Sealer,
    beside_secrets,
    elsewhere,
    pack,
    read_payload,
    unpack,
)
from ncco_lang.values.compact_json import compact_json
from ncco_lang.values.data import UNDEFINED
from ncco_lang.values.event_urls import LONGEST_URL, Hook, event_url

_T = TypeVar("_T")
_NO_FACTS = Facts()

_SEAL_BYTES = 64
"""More bytes than a token adds to its payload, before base64."""


class Vault:
    """What one event seals and opens.

    Attributes:
        failures: exceptions of the store, without which the call goes on.
        has_lost_secrets: the state of the token has secrets that the store does not give.
    """

    __slots__ = ("_flow", "_now", "_opened", "_references", "_sealer", "_store", "failures", "has_lost_secrets")

    def __init__(self, sealer: Sealer, store: CallStore, flow: Flow, now: float) -> None:
        self._sealer, self._store, self._flow, self._now = sealer, store, flow, now
        self.failures: list[Exception] = []
        self.has_lost_secrets = False
        self._opened: tuple[bytes, bytes] | None = None
        """The reference that the token has, and the secrets there as JSON."""
        self._references: dict[bytes, bytes] = {}
        """Secrets as JSON → the reference that tokens of this event have."""

    def tried(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """Return what the store answers; if it fails, the call goes on without it."""
        try:
            return work()
        except Exception as failed:
            self.failures.append(failed)
            return otherwise

    # ── States in tokens ──────────────────────────────────────────────────────────────────────────────

    def text_of(self, payload: bytes) -> str | None:
        """Return the JSON of the state of a token; None if it is damaged or gone."""
        _, data, reference = read_payload(payload)
        if reference is None:
            return unpack(data)
        kept = self._open_data(reference, b"state")
        return None if kept is None else unpack(kept)

    def state_of(self, payload: bytes, text: str, bundle: Bundle) -> State:
        """Return the state of a token with its secrets, unless they are lost. Raises StateError."""
        state = load_state(text, bundle.graph)
        reference = read_payload(payload).secrets
        if reference is None:
            return state
        data = self._open_data(reference, b"secrets")
        if data is None:
            self.has_lost_secrets = True
            return state
        self._opened = reference, data
        return with_secrets(state, load_secrets(data))

    def _open_data(self, reference: bytes, about: bytes) -> bytes | None:
        data = self.tried(lambda: self._store.get(reference), None)
        opened = None if data is None else self.unseal(data, about)
        if opened is None:
            self.failures.append(LookupError(f"the {about.decode()} of a call is gone from the store"))
        return opened

    def document(self, bundle: Bundle, reply: Reply) -> bytes:
        """Return the body of a reply, with tokens in its event URLs.

        Raises:
            StateTooLarge: a state has more bytes than a call may keep.
            Exception: a state has secrets or does not fit into a URL, and the store fails.
        """
        if reply.document is None:
            return b""
        version = bytes.fromhex(bundle.version[:SHORT])
        payloads: dict[int, bytes] = {}

        def url(address: Address) -> str:
            # Two event URLs of a document often carry the same state.
            payload = payloads.get(id(address.state))
            if payload is None:
                payload = payloads[id(address.state)] = self._payload(bundle, address.state, version)
            return self._url(address.hook, payload, version)

        return to_json(with_addresses(reply, url))

    def _payload(self, bundle: Bundle, state: State, version: bytes) -> bytes:
        slots = secret_slots(bundle)
        secrets: Secrets = ()
        if slots:
            state, secrets = without_secrets(state, slots)
        payload = packed = pack(state)
        reference = self._reference(state.leg, dump_secrets(secrets)) if secrets else None
        if reference is not None:
            payload = beside_secrets(reference, packed)
        if len(self._flow.base) + 2 * (len(payload) + _SEAL_BYTES) <= LONGEST_URL:
            return payload  # nearly always, and a token takes as long to make as its state
        if len(self._url("i", payload, version)) <= LONGEST_URL:
            return payload
        payload = elsewhere(self._store.put(state.leg, self.seal(packed, b"state"), self._until))
        return payload if reference is None else beside_secrets(reference, payload)

    def _reference(self, leg: str, data: bytes) -> bytes:
        """Return a reference to secrets in the store. Raises what that raises."""
        if data in self._references:
            return self._references[data]
        if self._opened is not None and self._opened[1] == data:
            reference = self._opened[0]
            self.tried(lambda: self._store.set_until(reference, self._until), None)
        else:
            reference = self._store.put(leg, self.seal(data, b"secrets"), self._until)
        self._references[data] = reference
        return reference

    def end_secrets(self) -> None:
        """Keep the secrets of the token only for its repetitions, if no state of the new document has them."""
        if self._opened is not None and self._opened[1] not in self._references:
            reference = self._opened[0]
            self.tried(lambda: self._store.set_until(reference, self._now + REPLY_SECONDS), None)

    @property
    def _until(self) -> float:
        return self._now + self._flow.seconds

    def _url(self, hook: Hook, payload: bytes, version: bytes) -> str:
        about = purpose_of(self._flow, hook)
        token = self._sealer.seal(payload, version=version, about=about, now=self._now)
        return event_url(self._flow.base, hook, token)

    # ── Data in the store ─────────────────────────────────────────────────────────────────────────────

    def seal(self, data: bytes, about: bytes) -> bytes:
        """Return data as the store keeps them."""
        return self._sealer.lock(data, about=about, now=self._now)

    def sealed_notes(self, notes: Sequence[Note]) -> tuple[Note, ...]:
        """Return facts as the store keeps them: it does not see which keys a caller has pressed."""

        def sealed(value: Any) -> str:
            return b85encode(self.seal(compact_json(value).encode("ascii"), b"keys")).decode("ascii")

        return tuple(replace(note, value=sealed(note.value)) if note.kind == KEY else note for note in notes)

    def facts(self, leg: str) -> Facts:
        """Return what is known of a leg; nothing if the store fails."""

        def read() -> Facts:
            known = self._store.facts(leg)
            return replace(known, notes=tuple(self._opened_notes(known.notes)))

        return self.tried(read, _NO_FACTS)

    def _opened_notes(self, notes: Sequence[Note]) -> Iterator[Note]:
        for note in notes:
            if note.kind != KEY:
                yield note
            elif (opened := self.unseal(b85decode(note.value), b"keys")) is not None:
                yield replace(note, value=json.loads(opened))

    def reported(self, bundle: Bundle, state: State) -> State:
        """Return the state of a call with what the platform has reported of its leg until now."""
        return with_reports(bundle, state, self.facts(state.leg), self._now)

    def unseal(self, data: bytes, about: bytes) -> bytes | None:
        """Return data that the store has kept; None if they are damaged, or sealed with a key that is gone."""
        return self._sealer.unlock(data, about=about, now=self._now)


def purpose_of(flow: Flow, webhook: str) -> bytes:
    """Return what a token is for: the flow and the kind of its URL."""
    return f"{webhook}\0{flow.name}".encode("utf-8", "surrogatepass")


def to_json(document: list[dict[str, Any]]) -> bytes:
    """Return an NCCO as compact JSON."""
    return compact_json(document).encode("ascii")


def dump_result(result: Result) -> bytes:
    """Return the result of a lookup as JSON."""
    row = [result.status, result.is_late] + ([] if result.value is UNDEFINED else [result.value])
    return compact_json(row).encode("ascii")


def load_result(data: bytes) -> Result:
    """Return the result that `dump_result` has written."""
    status, is_late, *value = json.loads(data)
    return Result(status, value[0] if value else UNDEFINED, is_late)
