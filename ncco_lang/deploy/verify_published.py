"""Fetch a document from its public URL as the provider will, and compare it with what was uploaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ncco_lang.api import emulated
from ncco_lang.api.types import Settings
from ncco_lang.deploy.errors import NotReady
from ncco_lang.net.types import Request, Response, TransportError

if TYPE_CHECKING:
    from ncco_lang.net.http_client import HttpClient

CONNECT, READ = 1000, 5000
"""Milliseconds that a provider waits for an answer URL if the application sets no time-outs (voice-api.md A3)."""
_TRIES = 4
_REST = 0.5
_SPARE = 1 << 16
_LARGEST = 1 << 20
_SEE_WHETHER = "See whether `url` of [documents] is where `store` is published, then run it again"


class PublishedVerifier:
    """Checks URLs; applications with the same time-outs share a connection.

    Args:
        ca: a PEM file of authorities that are trusted besides the usual ones.
        sleep: waits for a number of seconds.
        emulator: the address of the emulator, if the profile uses one; it may not be running.
        make: makes the HTTP client; None for `net.http_client.HttpClient`.
    """

    __slots__ = ("_ca", "_emulator", "_make", "_sleep", "_wires")

    def __init__(
        self,
        *,
        ca: str | None,
        sleep: Callable[[float], object],
        emulator: str | None = None,
        make: Callable[..., HttpClient] | None = None,
    ) -> None:
        self._ca = ca
        self._emulator = emulator
        self._sleep = sleep
        self._make = make
        self._wires: dict[tuple[float, float], HttpClient] = {}

    def close(self) -> None:
        """Close the open connections."""
        while self._wires:
            self._wires.popitem()[1].close()

    def look(self, url: str, content: bytes, settings: Settings) -> None:
        """Check that a URL serves a document, valid and complete, within the time-outs of the application.

        Object stores and caches may lag, so the document is requested a few times.

        Raises:
            NotReady: says what is wrong with the last response, and what to do.
        """
        http_client = self._wire(settings)
        why, advice = "", _SEE_WHETHER
        for attempt in range(_TRIES):
            if attempt:
                self._sleep(_REST * 2 ** (attempt - 1))
            try:
                why = _what_is_wrong(http_client, settings.answer_method or "GET", url, content)
            except TransportError as failed:
                why = f"gives no answer ({failed})"
                if failed.refused and self._emulator is not None and url.startswith(f"{self._emulator}/"):
                    advice = f"I{emulated.IS_IT_RUNNING[1:]}"
            if not why:
                return
        raise NotReady(
            f"the document was uploaded, but its public address does not give it: {url} {why}. Nothing of it was "
            f"changed at the provider. {advice}"
        )

    def fetch(self, request: Request, settings: Settings, *, at_most: int) -> Response:
        """Send a request within the time-outs of the answer URL.

        Raises:
            TransportError: there was no response, or it has more than `at_most` bytes.
        """
        return self._wire(settings).send(request, at_most=at_most)

    def glance(self, url: str, settings: Settings) -> str:
        """Request the document at a URL once, and return what is wrong with it; empty if it is an NCCO.

        Use it only for a URL that `deploy` made: another server takes the request for a call.
        """
        request = _request(settings.answer_method or "GET", url)
        try:
            answer = self._wire(settings).send(request, at_most=_LARGEST)
        except TransportError as failed:
            return f"gives no answer ({failed})"
        why = answer_words(answer, request.method)
        if why:
            return why
        given = answer.json()
        is_ncco = isinstance(given, list) and all(isinstance(action, dict) for action in given)
        return "" if is_ncco else "gives something that is not an NCCO"

    def _wire(self, settings: Settings) -> HttpClient:
        connect = (settings.answer_connect_timeout or CONNECT) / 1000
        read = (settings.answer_socket_timeout or READ) / 1000
        if (connect, read) not in self._wires:
            make = self._make
            if make is None:
                from ncco_lang.net.http_client import HttpClient

                make = HttpClient
            self._wires[connect, read] = make(connect=connect, read=read, ca=self._ca)
        return self._wires[connect, read]


def _what_is_wrong(sender: HttpClient, method: str, url: str, content: bytes) -> str:
    """Return what is wrong with the response; empty if nothing is.

    Raises:
        TransportError: there was no response.
    """
    answer = sender.send(_request(method, url), at_most=len(content) + _SPARE)
    why = answer_words(answer, method)
    if why or answer.content == content:
        return why
    given = answer.json()
    if given is None:
        return "gives something that is no JSON"
    wanted: Any = json.loads(content)
    # A server may compress or reformat JSON; a provider reads the same value from it.
    return "" if given == wanted else "gives another document than the one that was uploaded"


def _request(method: str, url: str) -> Request:
    return Request(method=method, url=url, headers={"accept": "application/json"})


def answer_words(answer: Response, method: str) -> str:
    """Return what is wrong with the status or the content type of a response; empty if nothing is."""
    if answer.status != 200:
        return _status_words(answer, method)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    # With another content type the call fails (voice-api.md C4).
    if kind != "application/json":
        return f"is served as {kind or 'nothing in particular'}, and a provider takes application/json alone"
    return ""


def _status_words(answer: Response, method: str) -> str:
    if 300 <= answer.status < 400:
        return f"answers with a redirect ({answer.status}), which a provider need not follow"
    if answer.status in (401, 403):
        return f"answers with {answer.status}: it is not public"
    if answer.status in (405, 501) and method != "GET":
        return f"answers with {answer.status} to a {method}, which answer_method asks for"
    return f"answers with {answer.status}"
