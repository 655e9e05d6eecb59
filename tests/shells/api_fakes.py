"""Clients of two accounts with a scripted server, and a clock that only sleeping advances."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from ncco_lang.api.kpn import KpnClient
from ncco_lang.api.vonage import VonageClient
from ncco_lang.net.http_client import HttpClient
from ncco_lang.tokens.keys import KeyPair, make_key_pair
from tests.contracts import check_request, contract_of
from tests.contracts.descriptions import FILES, FOLDER
from tests.shells.http_server import Answer, Scripts

APP = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
LEG = "63f61863-4a51-4f6b-86e1-46edebcf9356"
SECRETS = ("api-secret-XYZ", "client-secret-XYZ", "token-1", "token-2")
TOKEN = "/oauth/client_credential/accesstoken"
KPN = "/communication/nexmo"
APPS = "/v2/applications"
CALLS = "/v1/calls"


class Time:
    """A clock and a sleep that takes no time; `slept` has the requested seconds."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@cache
def key_pair() -> KeyPair:
    """Return a key pair that all tests share, because making one is slow."""
    return make_key_pair()


def key_of(application_id: str) -> str:
    return key_pair().private


def vonage(server: Scripts, http_client: HttpClient | None, time: Time, **more: Any) -> VonageClient:
    """Return a client for an account at Vonage; `profile` is `live`."""
    return VonageClient(
        **{
            "api_key": "abcd1234",
            "api_secret": SECRETS[0],
            "key_of": key_of,
            "address": server.address,
            "numbers_address": server.address + "/rest",
            "http_client": http_client,
            "profile": "live",
            "clock": time,
            "sleep": time.sleep,
            "random": lambda: 0.5,
            **more,
        }
    )


def kpn(server: Scripts, http_client: HttpClient | None, time: Time, **more: Any) -> KpnClient:
    """Return a client for a project at KPN, whose tokens are `token-1`, then `token-2`."""
    if not server.of("POST", TOKEN):
        server.on("POST", TOKEN, token("token-1"), token("token-2"))
    return KpnClient(
        **{
            "client_id": "client-id-1",
            "client_secret": SECRETS[1],
            "address": server.address,
            "http_client": http_client,
            "profile": "live",
            "clock": time,
            "sleep": time.sleep,
            "random": lambda: 0.5,
            **more,
        }
    )


def token(value: str, expires_in: str = "3599") -> Answer:
    return Answer(json={"access_token": value, "expires_in": expires_in, "token_type": "Bearer"})


def check_contracts(server: Scripts) -> int:
    """Check the requests against the published descriptions; return for how many a description was found."""
    if not all((FOLDER / name).is_file() for name in FILES.values()):
        # The tests in `tests/contracts` report the missing files, by skipping.
        return 0
    held = 0
    for asked in server.asked:
        host = "https://api-prd.kpn.com" if asked.path.startswith(KPN) else "https://api.nexmo.com"
        target = asked.target
        if target.startswith("/rest/"):
            host, target = "https://rest.nexmo.com", target.removeprefix("/rest")
        contract = contract_of(host + target)
        if contract is not None:
            held += 1
            check_request(contract, asked.method, host + target, asked.headers, asked.body)
    return held


def raised(error: type[Exception], act: Callable[[], object]) -> Any:
    """Return the error that `act` raises; check that it is one line and holds no secret."""
    with pytest.raises(error) as caught:
        act()
    words = f"{caught.value} {caught.value!r}"
    assert not any(secret in words for secret in SECRETS), words
    assert "\n" not in str(caught.value)
    assert re.search(r"://\S*\?\w+=", words) is None, words
    return caught.value


def application(id: str = APP, name: str = "Spoke", **hooks: str) -> dict[str, Any]:
    """Return an application as Vonage writes it; hooks are URLs by name."""
    webhooks = {key: {"address": value, "http_method": "POST"} for key, value in hooks.items()}
    return {
        "id": id,
        "name": name,
        "keys": {"public_key": "PEM"},
        "capabilities": {"voice": {"webhooks": webhooks, "region": "eu-west"}},
        "_links": {"self": {"href": f"{APPS}/{id}"}},
    }


def kpn_application(id: str = APP, **hooks: str) -> dict[str, Any]:
    """Return an application as KPN writes it."""
    listed = [{"endpoint_type": key, "endpoint": value, "http_method": "GET"} for key, value in hooks.items()]
    return {"id": id, "name": "Spoke", "voice": {"webhooks": listed}, "keys": {"public_key": "PEM"}}


def call(uuid: str = LEG, to: str = "31201234567", **more: Any) -> dict[str, Any]:
    """Return a call as both providers write it."""
    return {"uuid": uuid, "status": "started", "direction": "outbound", "to": {"type": "phone", "number": to}, **more}


def page(kind: str, items: list[dict[str, Any]], **more: Any) -> Answer:
    """Return one page with a whole list."""
    return Answer(
        json={"count": len(items), "page_size": 100, "total_pages": 1, "page": 1, "_embedded": {kind: items}, **more}
    )
