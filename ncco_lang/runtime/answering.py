"""Answer a webhook of a flow: fields → an event → the engine → a document with the state sealed into its event URLs.

Nothing here raises, whatever is sent and whatever fails: a caller always hears something. Nothing waits either: where the
answer depends on a lookup, the caller of this module makes it, and resumes with its result.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from ncco_lang.engine.events import Ended, Event
from ncco_lang.runtime.answers import Answered, Flow, Pending
from ncco_lang.runtime.call_store import CallStore
from ncco_lang.runtime.tokens import Sealer
from ncco_lang.runtime.turn import Turn, purpose_of, tried
from ncco_lang.runtime.webhooks import Malformed, leg_of, read_event
from ncco_lang.values.event_urls import HOOKS, Webhook

_KEY_ENCODER = json.JSONEncoder(sort_keys=True, default=str)
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
    ) -> Answered | Pending:
        """Return the answer to a webhook, and keep what later events need of it; or the lookup that it depends on.

        Args:
            fields: the JSON body, or the query for GET.
            now: seconds since 1970.
            token: that of an event URL.
            version: that of an answer URL; a call begins with the newest bundle if it is empty or not known any more.
        """
        opened = None
        if webhook in HOOKS:
            opened = self._sealer.unseal(token, about=purpose_of(flow, webhook), now=now)
            if opened is None:
                return _UNKNOWN
        event = read_event(webhook, fields, now)
        if isinstance(event, Malformed):
            return Answered(status=400, why=event.why)
        if opened is not None:
            return Turn(self._sealer, self._store, flow, event, now, _key(flow, webhook, token, fields)).follow(opened)
        if webhook == "event":
            return self._note(fields, event)
        turn = Turn(self._sealer, self._store, flow, event, now, _key(flow, webhook, "", fields))
        return turn.begin(flow.bundles.get(version, flow.newest), is_fallback=webhook == "fallback")

    def _note(self, fields: Mapping[str, Any], event: Event) -> Answered:
        """Take an event of a leg; a leg that has ended needs its facts no more."""
        leg, failures = leg_of(fields), list[Exception]()
        if isinstance(event, Ended) and leg:
            tried(lambda: self._store.forget(leg), None, failures)
        return Answered(event=event, leg=leg, failures=tuple(failures))


def _key(flow: Flow, webhook: str, token: str, fields: Mapping[str, Any]) -> str:
    """Return the name of a token and an event: the platform repeats a webhook with the same fields."""
    text = _KEY_ENCODER.encode([flow.name, webhook, token, fields])
    return blake2b(text.encode("ascii", "backslashreplace"), digest_size=16).hexdigest()
