"""What only the emulator can do: receive a call, follow a script, and return a call's transcript.

The paths below `/_emulator` are described in `docs/design/emulating.md`; they need no credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ncco_lang.api.calls_wire import read_call
from ncco_lang.api.error_mapping import plain
from ncco_lang.api.errors import ApiError, NotFound, Unreachable
from ncco_lang.api.events import NOTHING_HEARD, Heard, read_events
from ncco_lang.api.json_access import list_of, segment, text_of, truth_of
from ncco_lang.api.types import Call, Json
from ncco_lang.net.types import Request, Response, TransportError

if TYPE_CHECKING:
    from ncco_lang.net.http_client import HttpClient

_LARGEST = 64 << 20


class Part(NamedTuple):
    """A part of a transcript.

    Attributes:
        events: the lines from the wanted one on; they do not change any more.
        problems: the errors and dead air of the whole call so far.
        over: whether no more lines follow.
    """

    events: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    over: bool


class EmulatorControl:
    """The emulator at an address. Every method raises ApiError."""

    __slots__ = ("_address", "_http_client")

    def __init__(self, address: str, http_client: HttpClient) -> None:
        self._address = address
        self._http_client = http_client

    def receive_call(self, body: Json) -> Call:
        """Let a number of an application be called.

        Args:
            body: `to`, `from`, and optionally `ncco`, `script`, `rings` and `at`.

        Raises:
            NotFound: no application has the number.
        """
        request = self._request("POST", "", body)
        response = self._send(request)
        call = read_call(response.json())
        if call is None:
            raise ApiError(f"{request.shown} was answered without a call", request=request.shown)
        return call

    def prepare_call(self, body: Json) -> None:
        """Set what the callee of the next call to a number does: `to`, `script`, `rings` and `at`."""
        self._send(Request(method="POST", url=f"{self._address}/_emulator/scripts", json=body))

    def act(self, uuid: str, act: Json) -> None:
        """Let the person in a call do one thing. Raises NotFound if the call is over."""
        self._send(self._request("POST", f"/{segment(uuid)}/act", act))

    def read_transcript(self, uuid: str, begin: int) -> Part:
        """Return the lines of a call's transcript from `begin` on."""
        request = self._request("GET", f"/{segment(uuid)}/transcript", None, ("from", str(begin)))
        value = self._send(request).json()
        events, problems = list_of(value, "events"), list_of(value, "problems")
        if not all(isinstance(each, dict) for each in (*events, *problems)):
            raise ApiError(f"{request.shown} was answered without a transcript", request=request.shown)
        return Part(events, problems, truth_of(value, "over") or False)

    def heard(self, uuid: str) -> Heard:
        """Return what the events of a call say; nothing if they cannot be read."""
        try:
            events = self._send(self._request("GET", f"/{segment(uuid)}/events", None)).json()
        except ApiError:
            return NOTHING_HEARD
        return read_events(events) if isinstance(events, list) else NOTHING_HEARD

    def _request(self, method: str, path: str, body: Json | None, *query: tuple[str, str]) -> Request:
        return Request(method=method, url=f"{self._address}/_emulator/calls{path}", query=query, json=body)

    def _send(self, request: Request) -> Response:
        try:
            response = self._http_client.send(request, at_most=_LARGEST)
        except TransportError as lost:
            words = f"no answer to {request.shown}: {lost}"
            raise Unreachable(words, request=request.shown, refused=lost.refused) from None
        if response.status < 300:
            return response
        said = plain(text_of(response.json(), "error") or "")
        kind = NotFound if response.status == 404 else ApiError
        words = said or f"{request.shown} was answered with {response.status}"
        raise kind(words, status=response.status, request=request.shown)
