"""The client for KPN: Vonage's Voice API of 2021 with a gateway in front, one OAuth token for all (voice-api.md B)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from urllib.parse import urlsplit

from ncco_lang.api import kpn_wire
from ncco_lang.api.auth import Auth, Basic, Bearer
from ncco_lang.api.client import Client, not_understood
from ncco_lang.api.client_credentials import ClientCredentials
from ncco_lang.api.errors import ApiError, CannotList, Forbidden, NotFound, WrongMethod
from ncco_lang.api.json_access import list_of, segment, text_of
from ncco_lang.api.numbers import check_done, kept_fields
from ncco_lang.api.paging import PAGE, Pages
from ncco_lang.api.session import Session
from ncco_lang.api.types import ALL_CALLS, Application, Call, CallFilter, NewCall, PhoneNumber, Settings
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response

ADDRESS = "https://api-prd.kpn.com"
_BASE = "/communication/nexmo"
_KEPT = ("moHttpUrl", "moSmppSysType", "voiceStatusCallback")
_FORWARDING = ("voiceCallbackType", "voiceCallbackValue")


class KpnClient(Client):
    """A project at KPN; the methods are documented in `provider.Provider`. Threads may share it."""

    name = "kpn"
    _talk_options: Mapping[str, str] = {"voice_name": "voiceName", "loop": "loop"}
    _stream_options: Mapping[str, str] = {"loop": "loop"}

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        address: str = ADDRESS,
        http_client: HttpClient | None = None,
        profile: str = "",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        """Args:
        http_client: is not closed if it is passed in.
        profile: the owner of the credentials, for messages.
        """
        # Hide their Basic form too: some gateways are sent it, and repeat it.
        secrets = Basic(client_id, client_secret).secrets
        session = Session(
            http_client=http_client, profile=profile, secrets=secrets, clock=clock, sleep=sleep, random=random
        )
        super().__init__(session, address, client_id)
        self._token = ClientCredentials(session, self._address, client_id, client_secret, clock)

    # ── Applications ──

    def create_application(self, settings: Settings) -> Application:
        request = self._request("POST", "/applications", form=kpn_wire.application_fields(settings))
        return self._create(request, self._token, kpn_wire.application_from_kpn)

    def read_application(self, id: str) -> Application:
        request = self._request("GET", f"/applications/{segment(id)}")
        found = kpn_wire.application_from_kpn(
            self._session.get(request, self._token, missing=f"there is no application {id}")
        )
        if found is None:
            raise not_understood(request)
        return found

    def list_applications(self) -> Iterator[Application]:
        pages = Pages[Application](lambda each: each.id)
        for index in count():
            query = (("page_size", str(PAGE)), ("page_index", str(index)))
            request = self._request("GET", "/applications", query=query)
            try:
                page = self._session.get(request, self._token, weigh=pages.weigh)
            except (Forbidden, NotFound, WrongMethod) as refused:
                raise CannotList(
                    f"KPN lists no applications here, as in its sandbox: {refused}",
                    status=refused.status,
                    request=refused.request,
                ) from None
            items = list_of(page, "_embedded", "applications")
            yield from pages.new(map(kpn_wire.application_from_kpn, items))
            if not pages.go_on(page, request, len(items)):
                return

    def update_application(self, current: Application, settings: Settings) -> Application:
        values = kpn_wire.application_fields(settings, current.settings)
        request = self._request("PUT", f"/applications/{segment(current.id)}", query=values)
        response = self._session.exchange(request, self._token, missing=f"there is no application {current.id}")

        def look() -> Application | None:
            found = self.read_application(current.id)
            now = tuple((name, getattr(found.settings, name)) for name, _ in values if name != "type")
            return found if now == tuple(pair for pair in values if pair[0] != "type") else None

        if response.status == 202:
            return self._session.settle(request, response, look)
        return kpn_wire.application_from_kpn(response.json()) or self.read_application(current.id)

    def delete_application(self, id: str) -> None:
        request = self._request("DELETE", f"/applications/{segment(id)}")
        self._delete(request, self._token, lambda: self.read_application(id))

    # ── Numbers ──

    def list_numbers(self) -> Iterator[PhoneNumber]:
        return self._number_pages(self._numbers("/account/numbers"), self._token)

    def find_number(self, msisdn: str) -> PhoneNumber | None:
        query = (("pattern", msisdn), ("search_pattern", "0"))
        pages = self._number_pages(self._numbers("/account/numbers"), self._token, query)
        return next((number for number in pages if number.msisdn == msisdn), None)

    def link_number(self, number: PhoneNumber, application_id: str | None) -> None:
        form = kept_fields(number, _KEPT)
        if application_id is not None:
            form += (("voiceCallbackType", "app"), ("voiceCallbackValue", application_id))
        elif number.raw.get("voiceCallbackType") in ("sip", "tel"):
            form = kept_fields(number, (*_KEPT, *_FORWARDING))
        request = Request(method="POST", url=self._numbers("/number/update"), form=form)

        def check(response: Response) -> None:
            check_done(response, request, self._session.whose, (*self._session.secrets, self._token.token))

        self._link(request, self._token, check, number, application_id)

    def _numbers(self, path: str) -> str:
        return f"{self._address}{_BASE}/phone-numbers{path}"

    # ── Calls ──

    def list_calls(self, application_id: str, which: CallFilter = ALL_CALLS) -> Iterator[Call]:
        """Yield the calls of an application. Raises ValueError for the one status that KPN does not filter by."""
        if which.status == "unanswered":
            raise ValueError("KPN does not filter calls by status unanswered")
        return super().list_calls(application_id, which)

    def transfer(
        self, application_id: str, uuid: str, *, url: str | None = None, ncco: list[dict[str, object]] | None = None
    ) -> None:
        """Run another NCCO, given by its URL. Raises ValueError for an inline one."""
        if ncco is not None:
            raise ValueError("KPN takes no NCCO with a transfer; it wants the address of one")
        super().transfer(application_id, uuid, url=url)

    def _check_call(self, call: NewCall) -> None:
        kpn_wire.check_call(call)

    def _calls_url(self) -> str:
        return f"{self._address}{_BASE}/voice/calls"

    def _calls_auth(self, application_id: str) -> Auth:
        return self._token

    def _calls_headers(self, application_id: str) -> Mapping[str, str]:
        return {"ApplicationId": application_id}

    def _why_not_here(self, application_id: str, region: str | None) -> str:
        host = urlsplit(self._address).netloc
        return (
            f"of application {application_id} at {host}; "
            "KPN sees one region, and only the calls of the application that is asked for"
        )

    # ── Recordings ──

    def read_jwt(self, application_id: str) -> str:
        request = self._request("GET", "/jwt", headers=self._calls_headers(application_id))
        token = text_of(self._session.get(request, self._token), "JWT_token")
        if not token or not token.isascii() or not token.isprintable():
            raise ApiError(f"{request.shown} was answered without a JWT", request=request.shown)
        return token

    def _recording_auth(self, application_id: str) -> Auth:
        return Bearer(self.read_jwt(application_id))

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        form: tuple[tuple[str, str], ...] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        return Request(
            method=method, url=f"{self._address}{_BASE}{path}", query=query, form=form, headers=headers or {}
        )
