"""One event of a call while it is answered: which call it is, what the engine answers, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, TypeVar

from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import (
    Address,
    Connect,
    Event,
    Facts,
    Input,
    Joined,
    Lookup,
    Reply,
    Result,
    Started,
    with_addresses,
)
from ncco_lang.engine.state import State, StateError, load_state
from ncco_lang.engine.step import FAILURES, begin, step
from ncco_lang.engine.walk import Walk
from ncco_lang.runtime.answers import SHORT, Answered, Flow, Pending
from ncco_lang.runtime.call_store import CallStore, Kept
from ncco_lang.runtime.rescuing import last_words, outline
from ncco_lang.runtime.tokens import Opened, Sealer, elsewhere, name_elsewhere, pack, unpack
from ncco_lang.values.event_urls import LONGEST_URL, Hook, event_url

_T = TypeVar("_T")
_NO_FACTS = Facts()
_ENCODER = json.JSONEncoder(separators=(",", ":"))


class Turn:
    """One event while it is answered."""

    __slots__ = ("event", "failures", "flow", "key", "now", "sealer", "store")

    def __init__(self, sealer: Sealer, store: CallStore, flow: Flow, event: Event, now: float, key: str) -> None:
        self.sealer, self.store = sealer, store
        self.flow, self.event, self.now, self.key = flow, event, now, key
        self.failures: list[Exception] = []

    # ── Which call it is ──────────────────────────────────────────────────────────────────────────────

    def begin(self, bundle: Bundle | None, *, is_fallback: bool) -> Answered | Pending:
        """Answer the webhook with which a call begins, or the one that is asked when another has failed."""
        if bundle is None:
            return self._whole()
        assert isinstance(self.event, Started)
        return self._finish(bundle, None, self.event.leg, is_rescued=is_fallback)

    def follow(self, opened: Opened) -> Answered | Pending:
        """Answer the event of an authentic token."""
        version, payload = opened
        text = self._text_of(payload)
        bundle = self.flow.bundles.get(version.hex())
        if bundle is not None and text is not None:
            try:
                state = load_state(text, bundle.graph)
            except StateError as failed:
                self.failures.append(failed)
            else:
                return self._finish(bundle, state, state.leg)
        else:
            self.failures.append(LookupError("the version of the flow that this call began with is gone"))
        if self.flow.newest is None:
            return self._whole()
        state = outline(self.flow.newest, text)
        return self._finish(self.flow.newest, state, state.leg, is_rescued=True)

    def _text_of(self, payload: bytes) -> str | None:
        name = name_elsewhere(payload)
        kept = payload if name is None else tried(lambda: self.store.state(name), None, self.failures)
        return None if kept is None else unpack(kept)

    def _whole(self) -> Answered:
        """Answer with the only document of the flow."""
        body = _json(self.flow.document or []) if _takes_document(self.event) else b""
        leg = self.event.leg if isinstance(self.event, Started) else ""
        return Answered(body=body, event=self.event, leg=leg, failures=tuple(self.failures))

    # ── What it is answered ───────────────────────────────────────────────────────────────────────────

    def _finish(self, bundle: Bundle, state: State | None, leg: str, *, is_rescued: bool = False) -> Answered | Pending:
        """Answer the event. The same event again gets the answer that was kept."""
        before = tried(lambda: self.store.reply(self.key, self.now), None, self.failures)
        if before is not None:
            return self._answered(before, bundle, state, leg, None, is_repeated=True)
        if is_rescued:
            return self._keep(bundle, state, leg, *self._rescue(bundle, state))
        facts = _NO_FACTS
        if leg and isinstance(self.event, (Connect, Joined)):
            facts = tried(lambda: self.store.facts(leg), _NO_FACTS, self.failures)
        return self._step(bundle, state, leg, facts, ())

    def _step(
        self, bundle: Bundle, state: State | None, leg: str, facts: Facts, results: tuple[Result, ...]
    ) -> Answered | Pending:
        """Run the engine with the results so far."""
        try:
            outcome = step(bundle, state, self.event, results, facts)
            if isinstance(outcome, Lookup):
                return Pending(
                    lookup=outcome,
                    bundle=bundle,
                    leg=leg,
                    before=state,
                    go_on=lambda result: self._step(bundle, state, leg, facts, (*results, result)),
                )
            reply, body = outcome, self._sealed(bundle, outcome)
        except Exception as failed:
            self.failures.append(failed)
            reply, body = self._rescue(bundle, state)
        return self._keep(bundle, state, leg, reply, body)

    def _keep(self, bundle: Bundle, state: State | None, leg: str, reply: Reply, body: bytes) -> Answered:
        """Keep what later events need of this one."""
        if reply.document is None and not reply.notes:
            return self._answered(body, bundle, state, leg, reply)
        after = reply.state or state
        kept = Kept(
            leg=leg,
            conversation="" if after is None else after.conversation,
            notes=reply.notes,
            serial=after.serial if after is not None and _may_be_late(state, reply) else None,
            key=self.key,
            body=body,
            until=self.now + self.flow.seconds,
        )
        first = tried(lambda: self.store.keep(kept, self.now), body, self.failures)
        return self._answered(first, bundle, state, leg, reply)

    def _rescue(self, bundle: Bundle, state: State | None) -> tuple[Reply, bytes]:
        """Return the route that needs nothing, or as much of it as can be made; nothing for an event that takes none."""
        if not _takes_document(self.event):
            return Reply(state=state), b""
        try:
            if state is None:
                state = begin(bundle, self.event) if isinstance(self.event, Started) else outline(bundle, None)
            reply = Walk(bundle, state, self.now).rescue()
            return reply, self._sealed(bundle, reply)
        except Exception as failed:
            self.failures.append(failed)
        document = last_words(bundle, state)
        return Reply(document=document, state=state), _json(document)

    def _sealed(self, bundle: Bundle, reply: Reply) -> bytes:
        """Return the body of a reply, with tokens in its event URLs."""
        if reply.document is None:
            return b""
        version = bytes.fromhex(bundle.version[:SHORT])
        payloads: dict[int, bytes] = {}

        def url(address: Address) -> str:
            # Two event URLs of a document often carry the same state.
            payload = payloads.get(id(address.state))
            if payload is None:
                payload = payloads[id(address.state)] = pack(address.state)
            made = self._url(address.hook, payload, version)
            if len(made) <= LONGEST_URL:
                return made
            name = blake2b(payload, digest_size=16).hexdigest()
            self.store.keep_state(name, payload, self.now + self.flow.seconds)
            return self._url(address.hook, elsewhere(name), version)

        return _json(with_addresses(reply, url))

    def _url(self, hook: Hook, payload: bytes, version: bytes) -> str:
        about = purpose_of(self.flow, hook)
        return event_url(self.flow.base, hook, self.sealer.seal(payload, version=version, about=about, now=self.now))

    def _answered(
        self,
        body: bytes,
        bundle: Bundle,
        state: State | None,
        leg: str,
        reply: Reply | None,
        *,
        is_repeated: bool = False,
    ) -> Answered:
        return Answered(
            body=body,
            event=self.event,
            leg=leg,
            bundle=bundle,
            before=state,
            reply=reply,
            is_repeated=is_repeated,
            failures=tuple(self.failures),
        )


def _may_be_late(before: State | None, reply: Reply) -> bool:
    """Return whether a later event of a connect has to be told from one of an older document.

    The document dials, or it replaces one that does.
    """
    dials = any(address.hook == "c" for address in reply.addresses)
    return dials or (reply.document is not None and before is not None and before.wait is not None)


def _takes_document(event: Event) -> bool:
    """Return whether the platform plays a document that an event is answered with (ncco.md 13.1 and 13.3)."""
    if isinstance(event, Connect):
        return event.status in FAILURES
    return isinstance(event, (Started, Input, Joined))


def purpose_of(flow: Flow, webhook: str) -> bytes:
    """Return what a token is for: the flow and the kind of its URL."""
    return f"{webhook}\0{flow.name}".encode("utf-8", "surrogatepass")


def _json(document: list[dict[str, Any]]) -> bytes:
    return _ENCODER.encode(document).encode("ascii")


def tried(work: Callable[[], _T], otherwise: _T, failures: list[Exception]) -> _T:
    """Return what the store answers; if it fails, the call goes on without it."""
    try:
        return work()
    except Exception as failed:
        failures.append(failed)
        return otherwise
