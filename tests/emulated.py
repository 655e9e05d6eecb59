"""An emulated provider for tests: `with emulator_of(provider="kpn") as emulator:`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from ncco_lang.emulator.options import API_KEY, API_SECRET, CLIENT_ID, CLIENT_SECRET, NUMBERS, EmulatorOptions
from ncco_lang.emulator.server import Running, running
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response
from ncco_lang.tokens.jwt import sign_application
from ncco_lang.tokens.keys import KeyPair, make_key_pair

KPN = "/communication/nexmo"
TALK = [{"action": "talk", "text": "Hello."}]
ANSWERED, RINGS, STAYS = "31612345678", "31612345690", "31612345699"
"""Numbers to call: one that answers and hangs up, one that rings, one that answers and stays."""


@contextmanager
def emulator_of(tell: Callable[[str], None] | None = None, **options: Any) -> Iterator[Running]:
    """Run an emulator; calls take no time, and there are no rate limits, unless the options change it."""
    with running(EmulatorOptions(**{"speed": 0, "limits": False, **options}), tell) as emulator:
        yield emulator


class Client:
    """Sends plain requests to an emulator, with the credentials of each path; a context manager."""

    def __init__(self, emulator: Running, keys: KeyPair | None = None) -> None:
        self.emulator = emulator
        self.keys = keys
        self.http_client = HttpClient(connect=5, read=20, ca=emulator.ca)
        self.application_id = ""
        self.uuid = ""
        self._token = ""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http_client.close()

    @property
    def is_kpn(self) -> bool:
        return self.emulator.account.is_kpn

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request as it is."""
        request = Request(
            method=method,
            url=self.emulator.address + path,
            query=tuple((query or {}).items()),
            headers=headers or {},
            json=json,
            form=None if form is None else tuple(form.items()),
        )
        return self.http_client.send(request)

    def __call__(self, method: str, path: str, **more: Any) -> Response:
        """Send one request with its credentials; for KPN the path is below `/communication/nexmo`."""
        headers = {**self.credentials(path), **more.pop("headers", {})}
        return self.send(method, (KPN if self.is_kpn else "") + path, headers=headers, **more)

    def credentials(self, path: str) -> dict[str, str]:
        """Return the headers that authenticate a request."""
        if self.is_kpn:
            return {"Authorization": f"Bearer {self.token()}", "ApplicationId": self.application_id}
        if path.startswith(("/v1/calls", "/v1/files")):
            return {"Authorization": f"Bearer {self.jwt()}"}
        return basic()

    def token(self) -> str:
        """Return a token of KPN's, fetched once."""
        if not self._token:
            self._token = self.fetch_token().json()["access_token"]
        return self._token

    def fetch_token(self, **more: str) -> Response:
        """Request a token."""
        form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **more}
        path = "/oauth/client_credential/accesstoken"
        return self.send("POST", path, form=form, query={"grant_type": "client_credentials"})

    def jwt(self, **more: Any) -> str:
        """Return a token of the application."""
        assert self.keys is not None
        return sign_application(self.application_id, self.keys.private, **{"now": time.time(), **more})

    def create(self, **voice: Any) -> dict[str, Any]:
        """Create an application whose events go to the sink, and use it from now on."""
        sink = self.emulator.address + "/webhooks/event"
        if self.is_kpn:
            form = {"name": "app", "type": "voice", "answer_url": sink, "event_url": sink, "event_method": "POST"}
            answer = self("POST", "/applications", form={**form, **voice})
        else:
            self.keys = self.keys or make_key_pair()
            webhooks = {"event_url": {"address": sink}, **voice.pop("webhooks", {})}
            body = {
                "name": "app",
                "keys": {"public_key": self.keys.public},
                "capabilities": {"voice": {"webhooks": webhooks, **voice}},
            }
            answer = self("POST", "/v2/applications", json=body)
        assert answer.status == 201, answer.content
        application: dict[str, Any] = answer.json()
        self.application_id = application["id"]
        return application

    def call(self, to: Any = ANSWERED, **more: Any) -> Response:
        """Place a call to a number; a value that is not a text is sent as it is."""
        whom = [{"type": "phone", "number": to}] if isinstance(to, str) else to
        body: dict[str, Any] = {"to": whom, "from": {"type": "phone", "number": NUMBERS[0]}}
        if "ncco" not in more and "answer_url" not in more:
            more["ncco"] = TALK
        return self("POST", "/voice/calls" if self.is_kpn else "/v1/calls", json={**body, **more})

    def placed(self, to: str = ANSWERED, **more: Any) -> str:
        """Place a call, and return its uuid."""
        answer = self.call(to, **more)
        assert answer.status == 201, answer.content
        uuid: str = answer.json()["uuid"]
        return uuid

    def events(self) -> list[dict[str, Any]]:
        """Return the bodies that the sink received."""
        return [event["body"] for event in self.emulator.account.events]


def basic(key: str = API_KEY, secret: str = API_SECRET) -> dict[str, str]:
    """Return the header of Basic authentication."""
    from base64 import b64encode

    return {"Authorization": "Basic " + b64encode(f"{key}:{secret}".encode()).decode("ascii")}


def raw(emulator: Running, data: bytes, quiet: float = 5.0) -> bytes:
    """Send bytes over a new connection; return the answer until it is closed or silent for `quiet` seconds."""
    import socket
    from urllib.parse import urlsplit

    address = urlsplit(emulator.address)
    assert address.hostname is not None
    got = b""
    with socket.create_connection((address.hostname, address.port or 80), timeout=quiet) as connection:
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                got += piece
        except OSError:
            pass
    return got


def request_bytes(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return a request as it is sent over the wire; the connection is closed after it."""
    lines = [f"{method} {path} HTTP/1.1", "Host: emulator", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def form_of(**fields: str) -> bytes:
    """Return fields encoded as a form."""
    return urlencode(fields).encode("ascii")


def json_of(value: Any) -> bytes:
    """Return a value as JSON."""
    return json.dumps(value).encode("ascii")
