"""One event of a call while it is answered: which call it is, what the engine answers, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import Connect, Event, Fact, Facts, Input, Joined, Lookup, Reply, Result, Started
from ncco_lang.engine.reports import reported_slots
from ncco_lang.engine.state import State, StateError
from ncco_lang.engine.step import FAILURES, begin, step
from ncco_lang.engine.walk import Walk
from ncco_lang.runtime.answers import UNKNOWN, Answered, Flow, Pending
from ncco_lang.runtime.call_store import CallStore, Kept
from ncco_lang.runtime.rescuing import last_words, outline
from ncco_lang.runtime.tokens import Opened, Sealer
from ncco_lang.runtime.vault import Vault, dump_result, load_result, to_json
from ncco_lang.runtime.webhooks import is_of_call

MOST_LOOKUPS = 20
"""Lookups of one event; the platform does not wait so long."""
_NO_FACTS = Facts()


class Turn:
    """One event.

    Args:
        now: seconds since 1970; that of the event may be earlier, because it is repeated.
        token: that of the event URL; empty for the answer URL.
        key: names the token and the event.
    """

    __slots__ = ("bundle", "event", "facts", "flow", "key", "leg", "now", "results", "state", "store", "token", "vault")

    def __init__(
        self, sealer: Sealer, store: CallStore, flow: Flow, event: Event, now: float, *, token: str, key: str
    ) -> None:
        self.vault, self.store, self.token = Vault(sealer, store, flow, now), store, token
        self.flow, self.event, self.now, self.key = flow, event, now, key
        self.bundle: Bundle | None = None
        self.state: State | None = None
        self.leg = event.leg if isinstance(event, Started) else ""
        self.facts = _NO_FACTS
        self.results: tuple[Result, ...] = ()

    # ── Which call it is ──────────────────────────────────────────────────────────────────────────────

    def begin(self, bundle: Bundle | None, *, is_fallback: bool) -> Answered | Pending:
        """Answer the webhook with which a call begins, or the one that is asked when another has failed."""
        if bundle is None:
            return self._whole()
        return self._finish(bundle, None, is_rescued=is_fallback)

    def follow(self, opened: Opened, fields: Mapping[str, Any]) -> Answered | Pending:
        """Answer the event of an authentic token; the fields of another call are refused."""
        version, payload = opened
        text = self.vault.text_of(payload)
        bundle = self.flow.bundles.get(version.hex())
        if bundle is not None and text is not None:
            try:
                state = self.vault.state_of(payload, text, bundle)
            except StateError as failed:
                self.vault.failures.append(failed)
            else:
                return self._finish(bundle, state) if is_of_call(self.event, fields, state, bundle) else UNKNOWN
        elif bundle is None:
            self.vault.failures.append(LookupError("the version of the flow that this call began with is gone"))
        if self.flow.newest is None:
            return self._whole()
        return self._finish(self.flow.newest, outline(self.flow.newest, text), is_rescued=True)

    def _whole(self) -> Answered:
        """Answer with the only document of the flow."""
        body = to_json(self.flow.document or []) if _takes_document(self.event) else b""
        return self._answered(body, None)

    # ── What it is answered ───────────────────────────────────────────────────────────────────────────

    def _finish(self, bundle: Bundle, state: State | None, *, is_rescued: bool = False) -> Answered | Pending:
        """Answer the event. The same event again gets the answer that was kept, or goes on with the results so far."""
        self.bundle, self.state = bundle, state
        if state is not None:
            self.leg = state.leg
        before = self._before()
        if before is not None:
            return self._answered(before, None, is_repeated=True)
        if is_rescued:
            return self._keep(*self._rescue(bundle))
        reads = isinstance(self.event, (Connect, Joined)) or (
            reported_slots(bundle) and not isinstance(self.event, Fact)
        )
        if self.leg and reads:
            self.facts = self.vault.facts(self.leg)
        return self._step()

    def _before(self) -> bytes | None:
        """Return the answer that the same event had; else take over the time of its first try, and the results since."""
        begun = self.vault.tried(lambda: self.store.begun(self.key, self.now), None)
        if begun is None:
            return None
        if begun.body is not None:
            return self._opened(begun.body)
        self.event = replace(self.event, time=begun.time)
        for number, data in enumerate(begun.results):
            opened = self.vault.unseal(data, self._about(number))
            if opened is None:
                break
            self.results = (*self.results, load_result(opened))
        return None

    def _step(self) -> Answered | Pending:
        """Run the engine with the results so far."""
        assert self.bundle is not None
        try:
            outcome = step(self.bundle, self.state, self.event, self.results, self.facts)
            if self.vault.has_lost_secrets and (isinstance(outcome, Lookup) or outcome.document is not None):
                raise LookupError("without its secrets, the call would go on as after another answer")
            if isinstance(outcome, Lookup):
                return self._pending(self.bundle, outcome)
            reply, body = outcome, self.vault.document(self.bundle, outcome)
        except Exception as failed:
            self.vault.failures.append(failed)
            reply, body = self._rescue(self.bundle)
        return self._keep(reply, body)

    def _pending(self, bundle: Bundle, lookup: Lookup) -> Answered | Pending:
        """Return a lookup to make. Whoever repeats the event asks at the same time, so that a request is the same again."""
        if len(self.results) >= MOST_LOOKUPS:
            raise LookupError(f"the event has made {MOST_LOOKUPS} lookups")
        if not self.results:
            time = self.vault.tried(lambda: self.store.begin(self.key, self.event.time), self.event.time)
            if time != self.event.time:
                self.event = replace(self.event, time=time)
                return self._step()
        return Pending(
            lookup=replace(lookup, key=self._sent_key(lookup.key)),
            bundle=bundle,
            leg=self.leg,
            before=self.state,
            key=self.key,
            number=len(self.results),
            go_on=self._go_on,
        )

    def _sent_key(self, key: str) -> str:
        """Return the idempotency key that a server gets.

        That of the engine is a hash of the state, in which a server could find a code of few digits by trying them all.
        No server knows the token.
        """
        return blake2b(f"{self.token}\0{key}".encode(), digest_size=16).hexdigest()

    def _go_on(self, result: Result) -> Answered | Pending:
        """Keep a result before anything depends on it; the first one of the same lookup counts."""
        number = len(self.results)

        def keep() -> Result:
            data = self.vault.seal(dump_result(result), self._about(number))
            first = self.store.keep_result(self.key, number, data, self.now)
            opened = None if first == data else self.vault.unseal(first, self._about(number))
            return result if opened is None else load_result(opened)

        self.results = (*self.results, self.vault.tried(keep, result))
        return self._step()

    def _rescue(self, bundle: Bundle) -> tuple[Reply, bytes]:
        """Return the route that needs nothing, or as much of it as can be made; nothing for an event that takes none."""
        state = self.state
        if not _takes_document(self.event):
            return Reply(state=state), b""
        try:
            if state is None:
                state = begin(bundle, self.event) if isinstance(self.event, Started) else outline(bundle, None)
            reply = Walk(bundle, state, self.now).rescue()
            return reply, self.vault.document(bundle, reply)
        except Exception as failed:
            self.vault.failures.append(failed)
        document = last_words(bundle, state)
        return Reply(document=document, state=state), to_json(document)

    # ── What is kept ──────────────────────────────────────────────────────────────────────────────────

    def _keep(self, reply: Reply, body: bytes) -> Answered:
        """Keep what later events need of this one."""
        if reply.document is None and not reply.notes and not self.results:
            return self._answered(body, reply)
        after = reply.state or self.state
        sealed = self.vault.tried(lambda: body and self.vault.seal(body, self._about("reply")), b"")
        kept = Kept(
            leg=self.leg,
            conversation="" if after is None else after.conversation,
            notes=self.vault.tried(lambda: self.vault.sealed_notes(reply.notes), ()),
            serial=after.serial if after is not None and _may_be_late(self.state, reply) else None,
            key=self.key,
            body=sealed,
            until=self.now + self.flow.seconds,
        )
        first = self.vault.tried(lambda: self.store.keep(kept, self.now), sealed)
        if reply.document is not None:
            self.vault.end_secrets()
        same = None if first == sealed else self._opened(first)
        return self._answered(body if same is None else same, reply)

    def _opened(self, sealed: bytes) -> bytes | None:
        """Return an answer that was kept; None if it cannot be opened."""
        return self.vault.unseal(sealed, self._about("reply")) if sealed else b""

    def _about(self, what: int | str) -> bytes:
        """Return what is sealed for the store: the reply to this event, or the result with a number."""
        return f"{what}\0{self.key}".encode()

    def _answered(self, body: bytes, reply: Reply | None, *, is_repeated: bool = False) -> Answered:
        return Answered(
            body=body,
            event=self.event,
            leg=self.leg,
            bundle=self.bundle,
            before=self.state,
            reply=reply,
            is_repeated=is_repeated,
            failures=tuple(self.vault.failures),
        )


def _may_be_late(before: State | None, reply: Reply) -> bool:
    """Return whether a later event of a connect must be distinguished from one of an older document.

    The document dials, or it replaces one that does.
    """
    dials = any(address.hook == "c" for address in reply.addresses)
    return dials or (reply.document is not None and before is not None and before.wait is not None)


def _takes_document(event: Event) -> bool:
    """Return whether the platform plays a document that an event is answered with (ncco.md 13.1 and 13.3)."""
    if isinstance(event, Connect):
        return event.status in FAILURES
    return isinstance(event, (Started, Input, Joined))
