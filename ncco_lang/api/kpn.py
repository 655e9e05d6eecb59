"""The client for KPN: Vonage's Voice API of 2021 with a gateway in front, one OAuth token for all (voice-api.md B)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ncco_lang.api import kpn_wire
from ncco_lang.api.auth import Auth, Basic, Bearer
from ncco_lang.api.client import Client
from ncco_lang.api.client_credentials import ClientCredentials
from ncco_lang.api.errors import ApiError, CannotList, Forbidden, NotFound, WrongMethod
from ncco_lang.api.json_access import text_of
from ncco_lang.api.paging import Listing
from ncco_lang.api.session import Session
from ncco_lang.api.types import ALL_CALLS, Application, Call, CallFilter, NewCall, Settings
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request

ADDRESS = "https://api-prd.kpn.com"
_BASE = "/communication/nexmo"


class KpnClient(Client):
    """A project at KPN; the methods are documented in `provider.Provider`. Threads may share it."""

    name = "kpn"
    _applications = Listing(
        items=("_embedded", "applications"),
        read=kpn_wire.application_from_kpn,
        id_of=lambda each: each.id,
        index="page_index",
        first=0,
    )
    _kept = ("moHttpUrl", "moSmppSysType", "voiceStatusCallback")
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
        self._base = address.rstrip("/") + _BASE
        self._token = ClientCredentials(session, address.rstrip("/"), client_id, client_secret, clock)
        super().__init__(
            session,
            address,
            client_id,
            auth=self._token,
            applications_url=f"{self._base}/applications",
            numbers_url=f"{self._base}/phone-numbers",
        )

    # ── Applications and numbers ──

    def _written(self, settings: Settings, current: Application | None = None) -> dict[str, Any]:
        fields = kpn_wire.application_fields(settings, None if current is None else current.settings)
        return {"form" if current is None else "query": fields}

    def _is_written(self, request: Request, found: Application) -> bool:
        return all(getattr(found.settings, name) == value for name, value in request.query if name != "type")

    def list_applications(self) -> Iterator[Application]:
        try:
            yield from super().list_applications()
        except (Forbidden, NotFound, WrongMethod) as refused:
            raise CannotList(
                f"KPN lists no applications here, as in its sandbox: {refused}",
                status=refused.status,
                request=refused.request,
            ) from None

    def _link_fields(self, application_id: str) -> tuple[tuple[str, str], ...]:
        return (("voiceCallbackType", "app"), ("voiceCallbackValue", application_id))

    def _secrets(self) -> tuple[str, ...]:
        return (*super()._secrets(), self._token.token)

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

    def listen_dtmf(self, application_id: str, uuid: str, event_url: str) -> None:
        """Raise ValueError: KPN has no such request."""
        raise ValueError("KPN sends no webhook for each key; an NCCO with input does")

    def stop_listening(self, application_id: str, uuid: str) -> None:
        """Raise ValueError: KPN has no such request."""
        raise ValueError("KPN sends no webhook for each key, so there is nothing to stop")

    def _check_call(self, call: NewCall) -> None:
        kpn_wire.check_call(call)

    def _calls_url(self) -> str:
        return f"{self._base}/voice/calls"

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
        request = Request(method="GET", url=f"{self._base}/jwt", headers=self._calls_headers(application_id))
        token = text_of(self._session.get(request, self._token), "JWT_token")
        if not token or not token.isascii() or not token.isprintable():
            raise ApiError(f"{request.shown} was answered without a JWT", request=request.shown)
        return token

    def _recording_auth(self, application_id: str) -> Auth:
        return Bearer(self.read_jwt(application_id))
