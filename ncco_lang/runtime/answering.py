"""Answer a webhook of a flow: fields → an event → the engine → a document with the state sealed into its event URLs.

Nothing here raises, whatever is sent and whatever fails: a caller always hears something.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeVar

from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import (
    Address,
    Connect,
    Ended,
    Event,
    Facts,
    Input,
    Joined,
    Lookup,
    Reply,
    Started,
    with_addresses,
)
from ncco_lang.engine.explore import fallback_document
from ncco_lang.engine.state import State, StateError, load_state
from ncco_lang.engine.step import FAILURES, at_entry, begin, step
from ncco_lang.engine.tail import SORRY
from ncco_lang.engine.walk import Walk
from ncco_lang.runtime.call_store import CallStore, Kept
from ncco_lang.runtime.tokens import (
    LEAST_SECONDS,
    VERSION_BYTES,
    Opened,
    Sealer,
    elsewhere,
    name_elsewhere,
    pack,
    unpack,
)
from ncco_lang.runtime.webhooks import Malformed, leg_of, read_event
from ncco_lang.values.event_urls import HOOKS, LONGEST_URL, Hook, Webhook, event_url

_T = TypeVar("_T")
SHORT = 2 * VERSION_BYTES
"""The hexadecimal digits of a version that tokens and addresses have."""
_NO_FACTS = Facts()


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


_ENCODER = json.JSONEncoder(separators=(",", ":"))
_KEY_ENCODER = json.JSONEncoder(sort_keys=True, default=str)
_SORRY = [{"action": "talk", "text": SORRY["en"]}]
_UNKNOWN = Answered(status=404)
"""One answer for every token that does not open, so that it says nothing about why."""


class Answering:
    """Answers webhooks.

    Args:
        sealer: makes tokens.
        store: keeps what cannot travel in them.
    """

    __slots__ = ("_sealer", "_store")

    def __init__(self, sealer: Sealer, store: CallStore) -> None:
        self._sealer = sealer
        self._store = store

    def answer(
        self,
        flow: Flow,
        webhook: Webhook,
        fields: Mapping[str, Any],
        now: float,
        *,
        token: str = "",
        version: str = "",
    ) -> Answered:
        """Return the answer to a webhook, and keep what later events need of it.

        Args:
            fields: the JSON body, or the query for GET.
            now: seconds since 1970.
            token: that of an event URL.
            version: that of an answer URL; a call begins with the newest bundle if it is empty or not known any more.
        """
        opened = None
        if webhook in HOOKS:
            opened = self._sealer.unseal(token, about=_about(flow, webhook), now=now)
            if opened is None:
                return _UNKNOWN
        event = read_event(webhook, fields, now)
        if isinstance(event, Malformed):
            return Answered(status=400, why=event.why)
        if opened is not None:
            return _Turn(self, flow, event, now, _key(flow, webhook, token, fields)).follow(opened)
        if webhook == "event":
            return self._note(fields, event)
        turn = _Turn(self, flow, event, now, _key(flow, webhook, "", fields))
        return turn.begin(flow.bundles.get(version, flow.newest), is_fallback=webhook == "fallback")

    def _note(self, fields: Mapping[str, Any], event: Event) -> Answered:
        """Take an event of a leg; a leg that has ended needs its facts no more."""
        leg, failures = leg_of(fields), list[Exception]()
        if isinstance(event, Ended) and leg:
            _tried(lambda: self._store.forget(leg), None, failures)
        return Answered(event=event, leg=leg, failures=tuple(failures))


class _Turn:
    """One event while it is answered."""

    __slots__ = ("event", "failures", "flow", "key", "now", "sealer", "store")

    def __init__(self, answering: Answering, flow: Flow, event: Event, now: float, key: str) -> None:
        self.sealer, self.store = answering._sealer, answering._store
        self.flow, self.event, self.now, self.key = flow, event, now, key
        self.failures: list[Exception] = []

    # ── Which call it is ──────────────────────────────────────────────────────────────────────────────

    def begin(self, bundle: Bundle | None, *, is_fallback: bool) -> Answered:
        """Answer the webhook with which a call begins, or the one that is asked when another has failed."""
        if bundle is None:
            return self._whole()
        assert isinstance(self.event, Started)
        return self._finish(bundle, None, self.event.leg, is_rescued=is_fallback)

    def follow(self, opened: Opened) -> Answered:
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
        state = _outline(self.flow.newest, text)
        return self._finish(self.flow.newest, state, state.leg, is_rescued=True)

    def _text_of(self, payload: bytes) -> str | None:
        name = name_elsewhere(payload)
        kept = payload if name is None else _tried(lambda: self.store.state(name), None, self.failures)
        return None if kept is None else unpack(kept)

    def _whole(self) -> Answered:
        """Answer with the only document of the flow."""
        body = _json(self.flow.document or []) if _takes_document(self.event) else b""
        leg = self.event.leg if isinstance(self.event, Started) else ""
        return Answered(body=body, event=self.event, leg=leg, failures=tuple(self.failures))

    # ── What it is answered ───────────────────────────────────────────────────────────────────────────

    def _finish(self, bundle: Bundle, state: State | None, leg: str, *, is_rescued: bool = False) -> Answered:
        """Answer the event, and keep what later events need of it. The same event again gets the answer that was kept."""
        store, key = self.store, self.key
        before = _tried(lambda: store.reply(key, self.now), None, self.failures)
        if before is not None:
            return self._answered(before, bundle, state, leg, None, is_repeated=True)
        facts = _NO_FACTS
        if leg and isinstance(self.event, (Connect, Joined)):
            facts = _tried(lambda: store.facts(leg), _NO_FACTS, self.failures)
        reply, body = self._rescue(bundle, state) if is_rescued else self._step(bundle, state, facts)
        if reply.document is None and not reply.notes:
            return self._answered(body, bundle, state, leg, reply)
        after = reply.state or state
        kept = Kept(
            leg=leg,
            conversation="" if after is None else after.conversation,
            notes=reply.notes,
            serial=after.serial if after is not None and _may_be_late(state, reply) else None,
            key=key,
            body=body,
            until=self.now + self.flow.seconds,
        )
        first = _tried(lambda: store.keep(kept, self.now), body, self.failures)
        return self._answered(first, bundle, state, leg, reply)

    def _step(self, bundle: Bundle, state: State | None, facts: Facts) -> tuple[Reply, bytes]:
        try:
            reply = step(bundle, state, self.event, (), facts)
            if isinstance(reply, Lookup):
                raise NotImplementedError("the engine asks for a lookup")
            return reply, self._sealed(bundle, reply)
        except Exception as failed:
            self.failures.append(failed)
            return self._rescue(bundle, state)

    def _rescue(self, bundle: Bundle, state: State | None) -> tuple[Reply, bytes]:
        """Return the route that needs nothing, or as much of it as can be made; nothing for an event that takes none."""
        if not _takes_document(self.event):
            return Reply(state=state), b""
        try:
            if state is None:
                state = begin(bundle, self.event) if isinstance(self.event, Started) else _outline(bundle, None)
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
        about = _about(self.flow, hook)
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


def last_words(bundle: Bundle, state: State | None = None) -> list[dict[str, Any]]:
    """Return what a caller hears when nothing else can be made: the tail, or a sentence alone. Never raises."""
    try:
        return fallback_document(bundle, state) or _SORRY
    except Exception:
        return _SORRY


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


def _outline(bundle: Bundle, text: str | None) -> State:
    """Return a state at the beginning of a bundle, with what the state of another version says of the leg."""
    state = at_entry(bundle)
    try:
        row = json.loads(text or "[]")
        serial, _, leg, conversation, caller, called = [*row, *([None] * 7)][1:7]
    except (ValueError, TypeError, RecursionError):
        return state
    return state._replace(
        serial=serial if isinstance(serial, int) else 0,
        leg=str(leg or ""),
        conversation=str(conversation or ""),
        caller=None if caller is None else str(caller),
        called=None if called is None else str(called),
    )


def _about(flow: Flow, webhook: str) -> bytes:
    """Return what a token is for: the flow and the kind of its URL."""
    return f"{webhook}\0{flow.name}".encode("utf-8", "surrogatepass")


def _key(flow: Flow, webhook: str, token: str, fields: Mapping[str, Any]) -> str:
    """Return the name of a token and an event: the platform repeats a webhook with the same fields."""
    text = _KEY_ENCODER.encode([flow.name, webhook, token, fields])
    return blake2b(text.encode("ascii", "backslashreplace"), digest_size=16).hexdigest()


def _json(document: list[dict[str, Any]]) -> bytes:
    return _ENCODER.encode(document).encode("ascii")


def _tried(work: Callable[[], _T], otherwise: _T, failures: list[Exception]) -> _T:
    """Return what the store answers; if it fails, the call goes on without it."""
    try:
        return work()
    except Exception as failed:
        failures.append(failed)
        return otherwise
