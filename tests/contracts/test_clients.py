"""Test that every request of the two clients is published by the provider, and has no unknown fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from ncco_lang.api.kpn import KpnClient
from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Application, PhoneNumber, Settings
from ncco_lang.api.vonage import VonageClient
from ncco_lang.tokens.keys import KeyPair, make_key_pair
from tests.contracts import check_answer, check_request, contract_of, needs_descriptions, operations, published_url
from tests.contracts.recorder import Recorded, Recorder, Reply, recording, reply_to
from tests.contracts.steps import (
    ANSWER,
    EVENT,
    NO_CONTRACT,
    STEPS,
    Place,
    ProviderName,
    Step,
    plain_name,
    steps_of,
    take,
)

pytestmark = needs_descriptions

ID, CALL = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "63f61863-4a51-4f6b-86e1-46edebcf9356"
CREATED = {
    "uuid": CALL,
    "status": "started",
    "direction": "outbound",
    "conversation_uuid": "CON-f972836a-550f-45fa-956c-12a2ab5b7d22",
}
LINKS = {"self": {"href": "/x"}}
NUMBER = {"country": "GB", "msisdn": "442079460000", "type": "landline", "features": ["VOICE"]}
LINKED = NUMBER | {"moHttpUrl": "https://example.com/sms", "voiceCallbackType": "app", "voiceCallbackValue": ID}
DONE = {"error-code": "200", "error-code-label": "success"}


def hook(**more: Any) -> dict[str, Any]:
    return {"address": "https://example.com/x", "http_method": "GET", "socket_timeout": 3000} | more


# With fields of an application that we do not know: an update has to send them back, and may send them.
AT_VONAGE: dict[str, Any] = {
    "id": ID,
    "name": "My Application",
    "keys": {"public_key": "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n", "private_key": "never back"},
    "privacy": {"improve_ai": False},
    "capabilities": {
        "voice": {
            "webhooks": {
                "answer_url": hook(connect_timeout=500),
                "event_url": hook(connection_timeout=500),
                "fallback_answer_url": hook(),
            },
            "signed_callbacks": True,
        },
        "rtc": {"webhooks": {"event_url": {"address": "https://example.com/rtc", "http_method": "POST"}}},
        "messages": {"webhooks": {"inbound_url": {"address": "https://example.com/in", "http_method": "POST"}}},
        "vbc": {},
    },
    "_links": LINKS,
}
AT_KPN: dict[str, Any] = {
    "id": ID,
    "name": "My App",
    "voice": {
        "webhooks": [
            {"endpoint_type": "answer_url", "endpoint": "https://example.com/answer", "http_method": "GET"},
            {"enpoint_type": "event_url", "endpoint": "https://example.com/event", "http_method": "POST"},
        ]
    },
    "keys": {"public_key": "…"},
    "_links": LINKS,
}


def full(name: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the first page of a list, as long as the requested size, so that there is another."""
    return {"count": 101, "page_size": 100, "_links": LINKS, "_embedded": {name: [item] * 100}} | more


def rest(name: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"count": 101, "page_size": 100, "_links": LINKS, "_embedded": {name: [item]}} | more


def calls(base: str, sides: Any) -> tuple[Reply, ...]:
    call = CREATED | {"to": sides, "from": sides, "status": "completed", "duration": "2"}
    one = rf"{base}/{CALL}"
    return (
        Reply("POST", base, 201, CREATED),
        Reply("GET", one, 200, call),
        Reply("GET", rf"{base}\?.*status=.*", 200, rest("calls", call, count=1, record_index=0)),
        Reply("GET", rf"{base}\?page_size=100&record_index=0", 200, full("calls", call, record_index=0)),
        Reply("GET", rf"{base}\?page_size=100&record_index=100", 200, rest("calls", call, record_index=100)),
        Reply("PUT", one, 204),
        *(
            Reply(method, rf"{one}/{what}", 200, {"message": f"{what} done", "uuid": CALL})
            for what in ("talk", "stream", "dtmf")
            for method in ("PUT", "DELETE")
        ),
        *(Reply(method, f"{one}/input/dtmf", 200) for method in ("PUT", "DELETE")),
    )


def numbers(base: str) -> tuple[Reply, ...]:
    return (
        Reply("GET", rf"{base}/account/numbers\?.*pattern=.*", 200, {"count": 1, "numbers": [NUMBER]}),
        Reply("GET", rf"{base}/account/numbers\?.*index=1", 200, {"count": 101, "numbers": [NUMBER] * 100}),
        Reply("GET", rf"{base}/account/numbers\?.*index=2", 200, {"count": 101, "numbers": [NUMBER]}),
        Reply("POST", f"{base}/number/update", 200, DONE),
    )


VONAGE = (
    Reply("POST", "/v2/applications", 201, AT_VONAGE),
    Reply("GET", r"/v2/applications\?.*page=1", 200, full("applications", AT_VONAGE, page=1, total_pages=2)),
    Reply("GET", r"/v2/applications\?.*page=2", 200, rest("applications", AT_VONAGE, page=2, total_pages=2)),
    Reply("GET", f"/v2/applications/{ID}", 200, AT_VONAGE),
    Reply("PUT", f"/v2/applications/{ID}", 200, AT_VONAGE),
    Reply("DELETE", f"/v2/applications/{ID}", 204),
    *numbers(""),
    *calls("/v1/calls", {"type": "phone", "number": "447700900001"}),
    Reply("GET", "/v1/files/one", 200, content=b"RIFF"),
)
BASE = "/communication/nexmo"
KPN = (
    Reply(
        "POST",
        r"/oauth/client_credential/accesstoken\?grant_type=client_credentials",
        200,
        {"access_token": "haf2SDl07E9N7RluNQ4kJ1TkGgso", "token_type": "Bearer", "expires_in": "3599"},
    ),
    Reply("POST", f"{BASE}/applications", 201, AT_KPN),
    Reply("GET", rf"{BASE}/applications\?.*page_index=0", 200, full("applications", AT_KPN, record_index=0)),
    Reply("GET", rf"{BASE}/applications\?.*page_index=1", 200, rest("applications", AT_KPN, record_index=100)),
    Reply("GET", f"{BASE}/applications/{ID}", 200, AT_KPN),
    Reply("PUT", rf"{BASE}/applications/{ID}\?.*", 200, AT_KPN),
    Reply("DELETE", f"{BASE}/applications/{ID}", 204),
    *numbers(f"{BASE}/phone-numbers"),
    *calls(f"{BASE}/voice/calls", [{"type": "phone", "number": "447700900001"}]),
    Reply("GET", f"{BASE}/jwt", 200, {"app_level": "x", "application_Id": ID, "JWT_token": "a.b.c"}),
    Reply("GET", "/v1/files/one", 200, content=b"RIFF"),
)
REPLIES: dict[ProviderName, tuple[Reply, ...]] = {"vonage": VONAGE, "kpn": KPN}


@dataclass(frozen=True, slots=True)
class Bench:
    """A client, its server, and the place of its steps."""

    provider: ProviderName
    client: Provider
    recorder: Recorder
    place: Place


@contextmanager
def bench(provider: ProviderName, pair: KeyPair) -> Iterator[Bench]:
    with recording(REPLIES[provider]) as recorder:
        client: Provider
        if provider == "vonage":
            client = VonageClient(
                api_key="key",
                api_secret="secret",
                key_of=lambda _: pair.private,
                address=recorder.address,
                numbers_address=recorder.address,
                sleep=lambda _: None,
            )
        else:
            client = KpnClient(client_id="id", client_secret="secret", address=recorder.address, sleep=lambda _: None)
        place = Place(
            application=client.read_application(ID),
            number=PhoneNumber(msisdn=NUMBER["msisdn"], country="GB", raw=NUMBER),  # type: ignore[arg-type]
            linked=PhoneNumber(msisdn=NUMBER["msisdn"], country="GB", application_id=ID, raw=LINKED),  # type: ignore[arg-type]
            call=CALL,
            recording=f"{recorder.address}/v1/files/one",
            public_key=pair.public,
            answer=ANSWER,
            event=EVENT,
        )
        recorder.take()
        try:
            yield Bench(provider, client, recorder, place)
        finally:
            client.close()


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return make_key_pair()


@pytest.fixture(scope="module")
def vonage(pair: KeyPair) -> Iterator[Bench]:
    with bench("vonage", pair) as made:
        yield made


@pytest.fixture(scope="module")
def kpn(pair: KeyPair) -> Iterator[Bench]:
    with bench("kpn", pair) as made:
        yield made


def hold(provider: ProviderName, request: Recorded) -> str:
    """Check a request and its response against their contract; return the operation's plain name."""
    url = published_url(provider, request.target)
    contract = contract_of(url)
    if contract is None:
        return NO_CONTRACT
    reply = reply_to(REPLIES[provider], request.method, request.target)
    media = {} if reply.body is None else {"Content-Type": "application/json"}
    check_answer(contract, request.method, url, reply.status, media, reply.data)
    return plain_name(contract, check_request(contract, request.method, url, request.headers, request.body))


def check_step(step: Step, at: Bench) -> list[Recorded]:
    at.recorder.take()
    take(step, at.client, at.place)
    taken = at.recorder.take()
    assert tuple(hold(at.provider, request) for request in taken) == step.sends
    return taken


@pytest.mark.parametrize("step", steps_of("vonage"))
def test_what_the_client_of_vonage_sends(step: Step, vonage: Bench) -> None:
    check_step(step, vonage)


@pytest.mark.parametrize("step", steps_of("kpn"))
def test_what_the_client_of_kpn_sends(step: Step, kpn: Bench) -> None:
    check_step(step, kpn)


@pytest.mark.parametrize("provider", ["vonage", "kpn"])
def test_no_method_of_a_provider_is_forgotten(provider: ProviderName) -> None:
    methods = {name for name, value in vars(Provider).items() if callable(value) and not name.startswith("_")}
    # It sends what `list_applications` sends, or nothing if there was a response a moment ago.
    methods -= {"server_time"}
    if provider == "kpn":
        # These raise: KPN has no such request.
        methods -= {"listen_dtmf", "stop_listening"}
    assert {step.method for step in STEPS if provider in step.on} == methods


# The clients do not use these: they neither search for numbers nor buy or cancel any.
UNUSED = {"GET /number/search", "POST /number/buy", "POST /number/cancel"}


@pytest.mark.parametrize(
    ("provider", "contracts"),
    [("vonage", ("vonage-voice", "vonage-applications", "vonage-numbers")), ("kpn", ("kpn-voice", "kpn-numbers"))],
)
def test_no_published_operation_is_forgotten(provider: ProviderName, contracts: tuple[str, ...]) -> None:
    published = {plain_name(contract, name) for contract in contracts for name in operations(contract)}
    sent = {name for step in STEPS if provider in step.on for name in step.sends}
    assert sent - {NO_CONTRACT} == published - UNUSED


def test_an_update_sends_back_what_it_knows_nothing_of(vonage: Bench) -> None:
    step = Step("", "update_application", ("PUT /applications/ID",), ("<application>", Settings(name="New")))
    sent = json.loads(check_step(step, vonage)[0].body)
    assert sent["name"] == "New"
    assert sent["privacy"] == AT_VONAGE["privacy"]
    assert sent["capabilities"]["rtc"] == AT_VONAGE["capabilities"]["rtc"]
    assert sent["capabilities"]["vbc"] == {}
    assert "private_key" not in sent["keys"]


def test_kpn_s_token_is_asked_for_by_form_with_the_grant_in_the_query(pair: KeyPair) -> None:
    with recording(KPN) as recorder:
        client = KpnClient(client_id="id", client_secret="s&e", address=recorder.address, sleep=lambda _: None)
        client.read_application(ID)
        client.close()
        token, asked = recorder.take()
    assert (token.method, token.target) == (
        "POST",
        "/oauth/client_credential/accesstoken?grant_type=client_credentials",
    )
    assert token.headers["content-type"] == "application/x-www-form-urlencoded"
    assert token.body == b"client_id=id&client_secret=s%26e"
    assert asked.headers["authorization"] == "Bearer haf2SDl07E9N7RluNQ4kJ1TkGgso"


def test_secrets_are_in_no_address(vonage: Bench, kpn: Bench) -> None:
    for at in (vonage, kpn):
        list(at.client.list_numbers())
        at.client.read_call(ID, CALL)
        for request in at.recorder.take():
            assert not re.search("secret|key|token", request.target)


def test_a_request_that_is_not_published_is_noticed(vonage: Bench) -> None:
    odd = Application(id=ID, settings=vonage.place.application.settings, raw={**AT_VONAGE, "secret_field": 1})
    vonage.client.update_application(odd, Settings(name="New"))
    with pytest.raises(AssertionError, match="secret_field"):
        hold("vonage", vonage.recorder.take()[0])
