"""The base of both clients: what they share with calls and recordings."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ncco_lang.api import calls_wire, recordings
from ncco_lang.api.account_client import AccountClient, not_understood
from ncco_lang.api.auth import Auth
from ncco_lang.api.errors import ApiError, NotFound, Unconfirmed
from ncco_lang.api.json_access import segment
from ncco_lang.api.paging import Listing
from ncco_lang.api.response_times import iso
from ncco_lang.api.session import Session
from ncco_lang.api.types import (
    ALL_CALLS,
    END_STATES,
    Call,
    CallFilter,
    Json,
    NewCall,
    Played,
)
from ncco_lang.net.rate_limit import Pace
from ncco_lang.net.types import Request, Response

# Times in responses are truncated to seconds.
_JUST_BEFORE = 2.0
_REMEMBERED = 1000
_CALLS = Listing(
    items=("_embedded", "calls"),
    read=calls_wire.read_call,
    id_of=lambda call: call.uuid,
    index="record_index",
    first=0,
    counts_records=True,
)


class Client(AccountClient):
    """One account at one provider, with its calls; `VonageClient` and `KpnClient` define the differences."""

    _talk_options: Mapping[str, str] = {}
    _stream_options: Mapping[str, str] = {}

    def __init__(self, session: Session, address: str, key: str, **account: Any) -> None:
        """Args: `account` is what `AccountClient` takes besides."""
        super().__init__(session, address, key, **account)
        self._lock = threading.Lock()
        # Our own calls, which the search for a lost one must not find.
        self._placed: deque[str] = deque(maxlen=_REMEMBERED)

    # ── What is different ──

    def _calls_url(self) -> str:
        raise NotImplementedError

    def _calls_auth(self, application_id: str) -> Auth:
        raise NotImplementedError

    def _calls_headers(self, application_id: str) -> Mapping[str, str]:
        return {}

    def _check_call(self, call: NewCall) -> None:
        """Check a call. Raises ValueError for what this provider does not support."""

    def _why_not_here(self, application_id: str, region: str | None) -> str:
        """Return why this host may not know an application's call; `region` is the application's, if known."""
        raise NotImplementedError

    def _no_such_call(self, application_id: str, *, is_new: bool = False) -> str:
        """Return what a 404 means; called only after one.

        Args:
            is_new: whether the request was to place a call, so that no call can be missing.
        """
        try:
            region = self.read_application(application_id).settings.region
        except NotFound:
            return f"there is no application {application_id} any more, so ncco deploy has to make it again"
        except ApiError:
            region = None
        what = "no call can be placed" if is_new else "there is no such call"
        return f"{what} {self._why_not_here(application_id, region)}"

    # ── Calls ──

    def create_call(self, application_id: str, call: NewCall) -> Call:
        self._check_call(call)
        request = self._call_request("POST", application_id, "", json=calls_wire.call_body(call))
        begun = self._session.now()
        known = self._session.skew is not None

        def look() -> Call | None:
            nonlocal begun, known
            found = self._find_placed(application_id, call, begun)
            if found is None and not known and self._session.skew is not None:
                # The provider's time is only known from now on.
                begun, known = begun + self._session.skew, True
                found = self._find_placed(application_id, call, begun)
            return found

        placed = self._session.once(
            request,
            self._calls_auth(application_id),
            read=lambda response: calls_wire.read_call(response.json()),
            look=look,
            new_call=True,
            missing=lambda: self._no_such_call(application_id, is_new=True),
        )
        with self._lock:
            self._placed.append(placed.uuid)
        return placed

    def _find_placed(self, application_id: str, call: NewCall, begun: float) -> Call | None:
        """Return a call that was placed since then and that we do not know yet."""
        since = CallFilter(date_start=iso(begun - _JUST_BEFORE))
        for listed in self.list_calls(application_id, since):
            if listed.direction != "inbound" and calls_wire.same_side(listed.to, call.to):
                with self._lock:
                    if listed.uuid not in self._placed:
                        self._placed.append(listed.uuid)
                        return listed
        return None

    def read_call(self, application_id: str, uuid: str, *, pace: Pace | None = None) -> Call:
        request = self._call_request("GET", application_id, f"/{segment(uuid)}")
        auth = self._calls_auth(application_id)
        call = calls_wire.read_call(
            self._session.get(request, auth, missing=lambda: self._no_such_call(application_id), pace=pace)
        )
        if call is None:
            raise not_understood(request)
        return call

    def list_calls(self, application_id: str, which: CallFilter = ALL_CALLS) -> Iterator[Call]:
        return self._listed(
            _CALLS,
            self._call_request("GET", application_id, "", query=calls_wire.filter_query(which)),
            self._calls_auth(application_id),
            missing=lambda: self._no_such_call(application_id),
        )

    def hang_up(self, application_id: str, uuid: str) -> None:
        response, request = self._act(application_id, uuid, {"action": "hangup"})
        if response.status == 202:
            self._session.settle(request, response, lambda: self._has_ended(application_id, uuid) or None)

    def _has_ended(self, application_id: str, uuid: str) -> bool:
        try:
            return self.read_call(application_id, uuid).status in END_STATES
        except NotFound:
            return True

    def mute(self, application_id: str, uuid: str, on: bool = True) -> None:
        self._surely(*self._act(application_id, uuid, {"action": "mute" if on else "unmute"}))

    def earmuff(self, application_id: str, uuid: str, on: bool = True) -> None:
        self._surely(*self._act(application_id, uuid, {"action": "earmuff" if on else "unearmuff"}))

    def transfer(
        self, application_id: str, uuid: str, *, url: str | None = None, ncco: list[dict[str, Any]] | None = None
    ) -> None:
        if (url is None) == (ncco is None):
            raise ValueError("a transfer wants either an NCCO or the address of one")
        destination: dict[str, Any] = {"type": "ncco"}
        destination |= {"url": [url]} if ncco is None else {"ncco": ncco}
        self._surely(*self._act(application_id, uuid, {"action": "transfer", "destination": destination}))

    def play_talk(
        self,
        application_id: str,
        uuid: str,
        text: str,
        *,
        language: str | None = None,
        style: int | None = None,
        premium: bool | None = None,
        voice_name: str | None = None,
        loop: int | None = None,
        level: float | None = None,
    ) -> Played:
        voice = {"language": language, "style": style, "premium": premium, "voice_name": voice_name}
        options = self._options({**voice, "loop": loop, "level": level}, self._talk_options)
        return self._play(application_id, uuid, "PUT", "talk", {"text": text, **options})

    def stop_talk(self, application_id: str, uuid: str) -> Played:
        return self._play(application_id, uuid, "DELETE", "talk")

    def play_stream(
        self, application_id: str, uuid: str, url: str, *, loop: int | None = None, level: float | None = None
    ) -> Played:
        options = self._options({"loop": loop, "level": level}, self._stream_options)
        return self._play(application_id, uuid, "PUT", "stream", {"stream_url": [url], **options})

    def stop_stream(self, application_id: str, uuid: str) -> Played:
        return self._play(application_id, uuid, "DELETE", "stream")

    def send_dtmf(self, application_id: str, uuid: str, digits: str) -> Played:
        return self._play(application_id, uuid, "PUT", "dtmf", {"digits": digits}, repeatable=False)

    def listen_dtmf(self, application_id: str, uuid: str, event_url: str) -> None:
        self._play(application_id, uuid, "PUT", "input/dtmf", {"event_url": [event_url]})

    def stop_listening(self, application_id: str, uuid: str) -> None:
        self._play(application_id, uuid, "DELETE", "input/dtmf")

    def _options(self, given: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
        """Return options with the API's names, with levels as text; an option that is None is omitted."""
        given_options = {name: value for name, value in given.items() if value is not None}
        for name in given_options:
            if name not in known:
                raise ValueError(f"{self.name} has no {name} here; it has {', '.join(known)}")
        return {known[name]: str(value) if name == "level" else value for name, value in given_options.items()}

    def _act(self, application_id: str, uuid: str, body: Mapping[str, Any]) -> tuple[Response, Request]:
        request = self._call_request("PUT", application_id, f"/{segment(uuid)}", json=body)
        response = self._session.exchange(
            request, self._calls_auth(application_id), missing=lambda: self._no_such_call(application_id)
        )
        return response, request

    def _play(
        self,
        application_id: str,
        uuid: str,
        method: str,
        what: str,
        body: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = True,
    ) -> Played:
        request = self._call_request(method, application_id, f"/{segment(uuid)}/{what}", json=body)
        response = self._session.exchange(
            request,
            self._calls_auth(application_id),
            repeatable=repeatable,
            missing=lambda: self._no_such_call(application_id),
        )
        self._surely(response, request)
        return calls_wire.read_played(response.json())

    def _surely(self, response: Response, request: Request) -> None:
        """Raise after a 202: what a call is doing cannot be read back, so the effect stays unknown."""
        if response.status == 202:
            raise Unconfirmed(
                f"{request.shown} was accepted, and whether it is done cannot be seen; listen to the call",
                status=response.status,
                request=request.shown,
            )

    def _call_request(
        self,
        method: str,
        application_id: str,
        path: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        json: Mapping[str, Any] | None = None,
    ) -> Request:
        return Request(
            method=method,
            url=self._calls_url() + path,
            query=query,
            headers=self._calls_headers(application_id),
            json=json,
        )

    # ── Recordings ──

    def _recording_auth(self, application_id: str) -> Auth:
        raise NotImplementedError

    def download(self, application_id: str, url: str, write: Callable[[bytes], Any]) -> Json:
        # Check the URL first, so that at KPN the token is fetched only for a URL that may get it.
        request = recordings.recording_request(url, self._address)
        return recordings.download(self._session, self._recording_auth(application_id), request, write)
