"""The client for Vonage: Application API v2 and Numbers API with key and secret, Voice API v1 with a JWT."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from urllib.parse import urlsplit

from ncco_lang.api import vonage_wire
from ncco_lang.api.auth import Auth, Basic, SignedJwt
from ncco_lang.api.client import Client, not_understood
from ncco_lang.api.json_access import list_of, segment
from ncco_lang.api.numbers import check_done, kept_fields
from ncco_lang.api.paging import PAGE, Pages
from ncco_lang.api.regions import REGIONS, region_of
from ncco_lang.api.session import Session
from ncco_lang.api.types import Application, PhoneNumber, Settings
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response

ADDRESS = "https://api.nexmo.com"
NUMBERS_ADDRESS = "https://rest.nexmo.com"
# Settings of a number besides its application; an update without them would clear them.
_KEPT = ("moHttpUrl", "moSmppSysType", "messagesCallbackType", "messagesCallbackValue", "voiceStatusCallback")
_FORWARDING = ("voiceCallbackType", "voiceCallbackValue")
_SAME = {name: name for name in ("language", "style", "premium", "loop", "level")}


class VonageClient(Client):
    """An account at Vonage; the methods are documented in `provider.Provider`. Threads may share it."""

    name = "vonage"
    _talk_options: Mapping[str, str] = _SAME
    _stream_options: Mapping[str, str] = {"loop": "loop", "level": "level"}

    def __init__(
        self,
        *,
        api_key: str,
        api_secret: str,
        key_of: Callable[[str], str],
        address: str = ADDRESS,
        numbers_address: str = NUMBERS_ADDRESS,
        calls_address: str | None = None,
        http_client: HttpClient | None = None,
        profile: str = "",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        """Args:
        key_of: returns the private key (PEM) of an application id.
        calls_address: the address of the calls' region (`regions.REGIONS`); None for `address`.
        http_client: is not closed if it is passed in.
        profile: the owner of the credentials, for messages.
        """
        self._basic = Basic(api_key, api_secret)
        session = Session(
            http_client=http_client,
            profile=profile,
            secrets=self._basic.secrets,
            clock=clock,
            sleep=sleep,
            random=random,
        )
        super().__init__(session, address, api_key)
        self._numbers_address = numbers_address.rstrip("/")
        self._calls_address = (calls_address or address).rstrip("/")
        self._key_of = key_of
        self._clock = clock
        self._jwts: dict[str, SignedJwt] = {}
        self._jwts_lock = threading.Lock()

    # ── Applications ──

    def create_application(self, settings: Settings) -> Application:
        request = self._applications("POST", json=vonage_wire.application_body(settings))
        return self._create(request, self._basic, vonage_wire.application_from_vonage)

    def read_application(self, id: str) -> Application:
        request = self._applications("GET", f"/{segment(id)}")
        found = vonage_wire.application_from_vonage(
            self._session.get(request, self._basic, missing=f"there is no application {id}")
        )
        if found is None:
            raise not_understood(request)
        return found

    def list_applications(self) -> Iterator[Application]:
        pages = Pages[Application](lambda each: each.id)
        for number in count(1):
            request = self._applications("GET", query=(("page_size", str(PAGE)), ("page", str(number))))
            page = self._session.get(request, self._basic, weigh=pages.weigh)
            items = list_of(page, "_embedded", "applications")
            yield from pages.new(map(vonage_wire.application_from_vonage, items))
            if not pages.go_on(page, request, len(items)):
                return

    def update_application(self, current: Application, settings: Settings) -> Application:
        body = vonage_wire.application_body(settings, current.raw)
        request = self._applications("PUT", f"/{segment(current.id)}", json=body)
        response = self._session.exchange(request, self._basic, missing=f"there is no application {current.id}")
        wanted = vonage_wire.application_from_vonage({**body, "id": current.id})

        def look() -> Application | None:
            found = self.read_application(current.id)
            return found if wanted is not None and found.settings == wanted.settings else None

        if response.status == 202:
            return self._session.settle(request, response, look)
        return vonage_wire.application_from_vonage(response.json()) or self.read_application(current.id)

    def delete_application(self, id: str) -> None:
        request = self._applications("DELETE", f"/{segment(id)}")
        self._delete(request, self._basic, lambda: self.read_application(id))

    def _applications(
        self,
        method: str,
        path: str = "",
        *,
        query: tuple[tuple[str, str], ...] = (),
        json: Mapping[str, object] | None = None,
    ) -> Request:
        return Request(method=method, url=f"{self._address}/v2/applications{path}", query=query, json=json)

    # ── Numbers ──

    def list_numbers(self, *, application_id: str | None = None) -> Iterator[PhoneNumber]:
        """Yield the numbers of the account, or of one application."""
        query = () if application_id is None else (("application_id", application_id),)
        return self._number_pages(f"{self._numbers_address}/account/numbers", self._basic, query)

    def find_number(self, msisdn: str) -> PhoneNumber | None:
        query = (("pattern", msisdn), ("search_pattern", "0"))
        pages = self._number_pages(f"{self._numbers_address}/account/numbers", self._basic, query)
        return next((number for number in pages if number.msisdn == msisdn), None)

    def link_number(self, number: PhoneNumber, application_id: str | None) -> None:
        # A SIP address or a telephone takes precedence over an application, so clear these if one is linked.
        form = kept_fields(number, _KEPT)
        if application_id is not None:
            form += (("app_id", application_id),)
        elif number.raw.get("voiceCallbackType") in ("sip", "tel"):
            form = kept_fields(number, (*_KEPT, *_FORWARDING))
        request = Request(method="POST", url=f"{self._numbers_address}/number/update", form=form)

        def check(response: Response) -> None:
            check_done(response, request, self._session.whose, self._session.secrets)

        self._link(request, self._basic, check, number, application_id)

    # ── Calls ──

    def _calls_url(self) -> str:
        return f"{self._calls_address}/v1/calls"

    def _calls_auth(self, application_id: str) -> SignedJwt:
        with self._jwts_lock:
            if application_id not in self._jwts:
                self._jwts[application_id] = SignedJwt(application_id, self._key_of, self._clock)
            return self._jwts[application_id]

    def _why_not_here(self, application_id: str, region: str | None) -> str:
        """Return why a call may be missing: it exists in one region, so a 404 only means that it is not in this one."""
        host = urlsplit(self._calls_address).netloc
        here = region_of(self._calls_address)
        there = f"at {host}" + (f", which is region {here}" if here is not None else "")
        if region is None or region == here:
            return f"{there}; calls of another region are only known there"
        return f"{there}; the application is in region {region}, at {REGIONS.get(region, 'a host of its own')}"

    # ── Recordings ──

    def read_jwt(self, application_id: str) -> str:
        return self._calls_auth(application_id).token()

    def _recording_auth(self, application_id: str) -> Auth:
        return self._calls_auth(application_id)
