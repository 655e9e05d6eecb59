"""Answer a webhook of a flow: fields → an event → the engine → a document with the state sealed into its event URLs.

Nothing here raises, whatever is sent and whatever fails: a caller always hears something. Nothing waits either: where the
answer depends on a lookup, the caller of this module makes it, and resumes with its result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import Ended, Event, Fact, Started
from ncco_lang.engine.reports import notes_of, reported_slots
from ncco_lang.engine.state import State
from ncco_lang.runtime.answers import UNKNOWN, Answered, Flow, Pending
from ncco_lang.runtime.arguments import open_arguments
from ncco_lang.runtime.call_store import CallStore, Kept
from ncco_lang.runtime.tokens import Sealer
from ncco_lang.runtime.turn import Turn
from ncco_lang.runtime.vault import Vault, purpose_of
from ncco_lang.runtime.webhooks import Malformed, conversation_of, leg_of, read_event
from ncco_lang.values.compact_json import make_encoder
from ncco_lang.values.event_urls import HOOKS, Webhook

_key_json = make_encoder(sort_keys=True, default=str)


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
    ) -> Answered | Pending:
        """Return the answer to a webhook, and keep what later events need of it; or the lookup that it depends on.

        Args:
            fields: the JSON body, or the query for GET.
            now: seconds since 1970.
            token: that of an event URL, or of the args in an answer URL.
            version: that of an answer URL; a call begins with the newest bundle if it is empty or not known any more.
        """
        opened = None
        if webhook in HOOKS:
            opened = self._sealer.unseal(token, about=purpose_of(flow, webhook), now=now)
            if opened is None:
                return UNKNOWN
        event = read_event(webhook, fields, now)
        if isinstance(event, Malformed):
            return Answered(status=400, why=event.why)
        if webhook == "event":
            return self._note(flow, fields, event)
        # Who presses a key twice sends the same twice, unless the event has a time.
        is_alike = webhook == "k" and isinstance(event, Fact) and event.sent is None
        key = _key(flow, webhook, token, {**fields, "": now} if is_alike else fields)
        turn = Turn(self._sealer, self._store, flow, event, now, token=token, key=key)
        if opened is not None:
            return turn.follow(opened, fields)
        is_rescued = webhook == "fallback"
        if token and isinstance(event, Started):
            try:
                arguments = open_arguments(self._sealer, flow.name, token, now, self._store)
            except Exception as failed:
                turn.vault.failures.append(failed)
                is_rescued = True
            else:
                if arguments is None:
                    return UNKNOWN
                turn.event = replace(event, arguments=arguments)
        return turn.begin(flow.bundles.get(version, flow.newest), is_fallback=is_rescued)

    def _note(self, flow: Flow, fields: Mapping[str, Any], event: Event) -> Answered:
        """Keep what an event of a leg reports, if the flow reads it; a leg that has ended needs its facts and data no more."""
        leg, failures = leg_of(fields), list[Exception]()
        try:
            if isinstance(event, Ended) and leg:
                self._store.forget(leg)
            elif isinstance(event, Fact) and leg:
                self._keep_report(flow, fields, event, leg)
        except Exception as failed:
            failures.append(failed)
        return Answered(event=event, leg=leg, failures=tuple(failures))

    def _keep_report(self, flow: Flow, fields: Mapping[str, Any], event: Fact, leg: str) -> None:
        reads = {name for bundle in flow.bundles.values() for name in reported_slots(bundle)}
        notes = tuple(notes_of(event, reads))
        if notes:
            kept = Kept(
                leg=leg,
                conversation=conversation_of(fields),
                notes=notes,
                serial=None,
                key=_key(flow, "event", "", fields),
                body=b"",
                until=event.time + flow.seconds,
            )
            self._store.keep(kept, event.time)

    def reported(self, flow: Flow, bundle: Bundle, state: State, now: float) -> State:
        """Return the state of a call with what the platform has reported of its leg until now."""
        return Vault(self._sealer, self._store, flow, now).reported(bundle, state)


def _key(flow: Flow, webhook: str, token: str, fields: Mapping[str, Any]) -> str:
    """Return the name of a token and an event: the platform repeats a webhook with the same fields."""
    text = _key_json([flow.name, webhook, token, fields])
    return blake2b(text.encode("ascii", "backslashreplace"), digest_size=16).hexdigest()
