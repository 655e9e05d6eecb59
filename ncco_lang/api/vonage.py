"""The client for Vonage: Application API v2 and Numbers API with key and secret, Voice API v1 with a JWT."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ncco_lang.api import vonage_wire
from ncco_lang.api.auth import Auth, Basic, SignedJwt
from ncco_lang.api.client import Client
from ncco_lang.api.paging import Listing
from ncco_lang.api.regions import REGIONS, region_of
from ncco_lang.api.session import Session
from ncco_lang.api.types import Application, PhoneNumber, Settings
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request

ADDRESS = "https://api.nexmo.com"
NUMBERS_ADDRESS = "https://rest.nexmo.com"
_SAME = {name: name for name in ("language", "style", "premium", "loop", "level")}


class VonageClient(Client):
    """An account at Vonage; the methods are documented in `provider.Provider`. Threads may share it."""

    name = "vonage"
    _applications = Listing(
        items=("_embedded", "applications"),
        read=vonage_wire.application_from_vonage,
        id_of=lambda each: each.id,
        index="page",
        first=1,
    )
    _kept = ("moHttpUrl", "moSmppSysType", "messagesCallbackType", "messagesCallbackValue", "voiceStatusCallback")
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
        basic = Basic(api_key, api_secret)
        session = Session(
            http_client=http_client,
            profile=profile,
            secrets=basic.secrets,
            clock=clock,
            sleep=sleep,
            random=random,
        )
        super().__init__(
            session,
            address,
            api_key,
            auth=basic,
            applications_url=f"{address.rstrip('/')}/v2/applications",
            numbers_url=numbers_address.rstrip("/"),
        )
        self._calls_address = (calls_address or address).rstrip("/")
        self._key_of = key_of
        self._clock = clock
        self._jwts: dict[str, SignedJwt] = {}
        self._jwts_lock = threading.Lock()

    # ── Applications and numbers ──

    def _written(self, settings: Settings, current: Application | None = None) -> dict[str, Any]:
        return {"json": vonage_wire.application_body(settings, None if current is None else current.raw)}

    def _is_written(self, request: Request, found: Application) -> bool:
        wanted = vonage_wire.application_from_vonage({**request.json, "id": found.id})
        return wanted is not None and found.settings == wanted.settings

    def list_numbers(self, *, application_id: str | None = None) -> Iterator[PhoneNumber]:
        """Yield the numbers of the account, or of one application."""
        return self._number_pages(*(() if application_id is None else (("application_id", application_id),)))

    def _link_fields(self, application_id: str) -> tuple[tuple[str, str], ...]:
        return (("app_id", application_id),)

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
