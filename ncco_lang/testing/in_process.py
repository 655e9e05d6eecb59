"""Answer the webhooks of a phone with the runtime of a flow, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from ncco_lang.bundle import BlockId, Bundle
from ncco_lang.engine.events import Result
from ncco_lang.engine.state import State
from ncco_lang.program.params import ArgumentError, typed_arguments
from ncco_lang.program.walk import Conditions
from ncco_lang.runtime.answering import Answering
from ncco_lang.runtime.answers import SHORT, Answered, Flow, Pending
from ncco_lang.runtime.arguments import pack_arguments, seal_arguments
from ncco_lang.runtime.call_store import MemoryStore
from ncco_lang.runtime.rescuing import last_words
from ncco_lang.runtime.tokens import PlainSealer, StateTooLarge
from ncco_lang.simulate.types import CLOSED, Answer, Hook, Output, Request
from ncco_lang.source import Span
from ncco_lang.testing.masking import asks_secret, masked
from ncco_lang.values.event_urls import NOWHERE, read_address

_BASE: Final = f"{NOWHERE}/ncco-{'0' * 22}"
"""The address of the webhooks. The transcript has placeholders for all that is below it."""
LookUp: TypeAlias = Callable[[Request, Pending], tuple[Result, float]]
"""Gets a webhook and the lookup that its answer depends on; returns the result and the seconds that it takes."""


def unreachable(_request: Request, _pending: Pending) -> tuple[Result, float]:
    """Return what a lookup comes to if there is no server."""
    return Result(None), 0.0


@dataclass(frozen=True, slots=True)
class Playable:
    """A flow that can be called: one NCCO, or a bundle.

    Attributes:
        bundle: None for one NCCO.
        ncco: the one NCCO; its actions are those of a block -1.
        places: the place in the flow of each action of a block by its index, and of its exit by -1.
        conditions: the places of the conditions in the flow.
    """

    bundle: Bundle | None = None
    ncco: list[dict[str, Any]] | None = None
    places: Mapping[tuple[BlockId, int], Span] = field(default_factory=dict, repr=False)
    conditions: Conditions = field(default_factory=dict, repr=False)


class InProcess:
    """A server for one run of a phone: its runtime, with a store of its own.

    Attributes:
        flow: what it serves.

    Args:
        look_up: says what lookups come to.
        dead_after: the number of webhooks after which nothing answers any more, but status events; None for never.
        fallback_url: the address of the fallback document, which another server has.
    """

    __slots__ = (
        "_answering",
        "_arguments",
        "_fallback_url",
        "_left",
        "_look_up",
        "_origins",
        "_playable",
        "_secret",
        "_store",
        "flow",
    )

    def __init__(
        self,
        playable: Playable,
        look_up: LookUp = unreachable,
        *,
        dead_after: int | None = None,
        fallback_url: str | None = None,
    ) -> None:
        bundle = playable.bundle
        self._playable, self._look_up, self._fallback_url = playable, look_up, fallback_url
        self._store = MemoryStore()
        self._answering = Answering(PlainSealer(), self._store)
        self._left = dead_after
        self.flow = Flow(
            name="flow",
            base=_BASE,
            newest=bundle,
            document=playable.ncco,
            bundles={} if bundle is None else {bundle.version[:SHORT]: bundle},
        )
        self._origins: dict[str, Sequence[tuple[BlockId, int]]] = {}
        self._secret: set[str] = set()
        self._arguments = b""

    @property
    def answer_hook(self) -> Hook:
        """The answer webhook of the application."""
        return Hook(f"{_BASE}/answer", method="GET", read=5.0)

    @property
    def event_hook(self) -> Hook:
        """The event webhook of the application."""
        return Hook(f"{_BASE}/event")

    def take_arguments(self, given: Mapping[str, Any]) -> None:
        """Give the calls that begin from now on their args, as JSON or as texts of a command line, by name.

        Raises:
            ArgumentError: the flow has no such arg, a value is of another type, or they are more than a call may keep.
        """
        names = () if self._playable.bundle is None else self._playable.bundle.graph.names
        types = {each.text: each.type or "" for each in names if each.scope == "arg"}
        typed = typed_arguments(types, given)
        try:
            self._arguments = pack_arguments(typed) if typed else b""
        except StateTooLarge as failed:
            raise ArgumentError(str(failed)) from None

    def serves(self, url: str) -> bool:
        """Return whether a URL is one of this server's, or that of the fallback document."""
        return url.startswith(f"{_BASE}/") or url == self._fallback_url

    def respond(self, request: Request, now: float) -> tuple[Answer, Answered | None]:
        """Return the answer to a webhook, and what the runtime says of it; None if the runtime was not asked.

        Args:
            now: seconds since 1970, on the clock of the call.
        """
        if request.hook.url == self._fallback_url:
            self._origins[request.leg] = ()
            return Answer(body=self._fallback()), None
        address = read_address(urlsplit(request.hook.url).path)
        if address is None:
            return Answer(), None
        if self._left is not None and address.webhook != "event":
            if self._left == 0:
                return Answer(failure=CLOSED, words="the server is dead"), None
            self._left -= 1
        token = self._token(now) if address.webhook == "answer" else address.token
        answered = self._answering.answer(
            self.flow, address.webhook, request.fields, now, token=token, version=address.version
        )
        taken = 0.0
        while isinstance(answered, Pending):
            result, seconds = self._look_up(request, answered)
            taken += seconds
            answered = answered.resume(result)
        if answered.body and not answered.is_repeated:
            reply, ncco = answered.reply, self._playable.ncco or []
            self._origins[request.leg] = reply.origins if reply is not None else [(-1, at) for at in range(len(ncco))]
            is_secret = reply is not None and asks_secret(answered.bundle, reply.state)
            (self._secret.add if is_secret else self._secret.discard)(request.leg)
        return Answer(status=answered.status, body=answered.body, after=taken), answered

    def reported(self, state: State, now: float) -> State:
        """Return the state of a call with what the platform has reported of its leg until now."""
        bundle = self._playable.bundle
        return state if bundle is None else self._answering.reported(self.flow, bundle, state, now)

    def _token(self, now: float) -> str:
        """Return the token of the args of a call that begins; empty for a call without args."""
        if not self._arguments:
            return ""
        seconds = self.flow.seconds
        return seal_arguments(PlainSealer(), self.flow.name, self._arguments, now, self._store, seconds) or ""

    def discreet(self, output: Output) -> Output:
        """Return something that happened, without what its leg enters at a question whose answer is secret."""
        return masked(output) if output.leg in self._secret else output

    def origin_of(self, leg: str, index: int) -> tuple[BlockId, int] | None:
        """Return the block, and the index in it, of an action of the NCCO that a leg runs; None for a fallback document."""
        origins = self._origins.get(leg, ())
        return origins[index] if index < len(origins) else None

    def place_of(self, leg: str, index: int) -> Span | None:
        """Return the place in the flow of an action of the NCCO that a leg runs."""
        origin = self.origin_of(leg, index)
        return None if origin is None else self._playable.places.get(origin)

    def _fallback(self) -> bytes:
        bundle = self._playable.bundle
        return json.dumps(self._playable.ncco if bundle is None else last_words(bundle)).encode()
