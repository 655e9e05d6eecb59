"""Answer the webhooks of a phone with the runtime of a flow, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from ncco_lang.bundle import BlockId, Bundle
from ncco_lang.runtime.answering import SHORT, Answered, Answering, Flow, last_words
from ncco_lang.runtime.call_store import MemoryStore
from ncco_lang.runtime.tokens import PlainSealer
from ncco_lang.simulate.types import CLOSED, Answer, Hook, Request
from ncco_lang.source import Span
from ncco_lang.values.event_urls import NOWHERE, read_address

_BASE: Final = f"{NOWHERE}/ncco-{'0' * 22}"
"""The address of the webhooks. The transcript has placeholders for all that is below it."""


@dataclass(frozen=True, slots=True)
class Playable:
    """A flow that can be called: one NCCO, or a bundle.

    Attributes:
        bundle: None for one NCCO.
        places: the place in the flow of each action of a block by its index, and of its exit by -1.
        ncco: the one NCCO.
        spans: the places of its actions.
    """

    bundle: Bundle | None = None
    places: Mapping[tuple[BlockId, int], Span] = field(default_factory=dict, repr=False)
    ncco: list[dict[str, Any]] | None = None
    spans: tuple[Span, ...] = ()


class InProcess:
    """A server for one run of a phone: its runtime, with a store of its own.

    Attributes:
        flow: what it serves.
        origins: by leg: the places of the actions of the NCCO that it runs; None for an action without a place.
    """

    __slots__ = ("_answering", "_is_down", "_left", "_playable", "flow", "origins")

    def __init__(self, playable: Playable, *, dead_after: int | None = None) -> None:
        """Args: `dead_after` is the number of webhooks after which nothing answers any more; None for never."""
        bundle = playable.bundle
        self._playable = playable
        self._answering = Answering(PlainSealer(), MemoryStore())
        self._left = dead_after
        self.flow = Flow(
            name="flow",
            base=_BASE,
            newest=bundle,
            document=playable.ncco,
            bundles={} if bundle is None else {bundle.version[:SHORT]: bundle},
        )
        self.origins: dict[str, tuple[Span | None, ...]] = {}

    @property
    def answer_hook(self) -> Hook:
        """The answer webhook of the application."""
        return Hook(f"{_BASE}/answer", method="GET", read=5.0)

    @property
    def event_hook(self) -> Hook:
        """The event webhook of the application."""
        return Hook(f"{_BASE}/event")

    def serves(self, url: str) -> bool:
        """Return whether a URL is one of this server's."""
        return url.startswith(f"{_BASE}/")

    def respond(self, request: Request, now: float) -> tuple[Answer, Answered | None]:
        """Return the answer to a webhook, and what the runtime says of it; None if the runtime was not asked.

        Args:
            now: seconds since 1970, on the clock of the call.
        """
        address = read_address(urlsplit(request.hook.url).path)
        if address is None:
            return Answer(), None
        if self._left is not None and address.webhook != "event":
            if self._left == 0:
                return Answer(failure=CLOSED, words="the server is dead"), None
            self._left -= 1
        answered = self._answering.answer(
            self.flow, address.webhook, request.fields, now, token=address.token, version=address.version
        )
        if answered.body and not answered.is_repeated:
            self.origins[request.leg] = tuple(self._places(answered))
        return Answer(status=answered.status, body=answered.body), answered

    def fallback(self) -> bytes | None:
        """Return the fallback document of the flow, as a store has it; None for one NCCO."""
        import json

        bundle = self._playable.bundle
        return None if bundle is None else json.dumps(last_words(bundle)).encode()

    def place_of(self, leg: str, index: int) -> Span | None:
        """Return the place of an action of the NCCO that a leg runs."""
        origins = self.origins.get(leg, ())
        return origins[index] if index < len(origins) else None

    def _places(self, answered: Answered) -> list[Span | None]:
        if answered.reply is None:
            return list(self._playable.spans)
        return [self._playable.places.get(origin) for origin in answered.reply.origins]
