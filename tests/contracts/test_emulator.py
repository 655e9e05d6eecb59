"""Test that every 2xx response of the emulator is published by the provider."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from ncco_lang.api.kpn import KpnClient
from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Endpoint, NewCall, Settings
from ncco_lang.api.vonage import VonageClient
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import API_KEY, API_SECRET, CLIENT_ID, CLIENT_SECRET, EmulatorOptions
from ncco_lang.emulator.outcomes import ENDINGS
from ncco_lang.emulator.server import Running, running
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.payloads import MIB
from ncco_lang.net.types import Request, Response
from ncco_lang.tokens.keys import KeyPair, make_key_pair
from tests.contracts import check_answer, check_request, contract_of, needs_descriptions, operations, published_url
from tests.contracts.steps import FROM, NO_CONTRACT, STEPS, Place, ProviderName, Step, plain_name, steps_of, take

pytestmark = needs_descriptions

NCCO = [{"action": "talk", "text": "Hello"}]


class WatchedWire(HttpClient):
    """An HTTP client that checks every 2xx response against its contract, and records the operations."""

    __slots__ = ("_provider", "held")

    def __init__(self, provider: ProviderName) -> None:
        super().__init__()
        self._provider = provider
        self.held: list[str] = []

    def send(self, request: Request, *, at_most: int = 4 * MIB) -> Response:
        """Send a request, and check the response."""
        response = super().send(request, at_most=at_most)
        url = request.url + ("?" + urlencode(request.query) if request.query else "")
        self.held += hold(self._provider, request.method, url, response.status, response.headers, response.content)
        return response

    def download(self, request: Request, write: Callable[[bytes], Any], *, at_most: int = 4096 * MIB) -> Response:
        """Record a download; downloads have no contract, but have to exist."""
        response = super().download(request, write, at_most=at_most)
        assert response.status == 200
        self.held.append(NO_CONTRACT)
        return response

    def take(self) -> list[str]:
        """Return the operations since the last call."""
        taken, self.held = self.held, []
        return taken


def hold(
    provider: ProviderName, method: str, url: str, status: int, headers: dict[str, str] | Any, body: bytes
) -> list[str]:
    """Check a response; return the plain name of its operation, or nothing if it has none or was refused."""
    url = published_url(provider, url)
    contract = contract_of(url)
    if contract is None or not 200 <= status < 300:
        return []
    return [plain_name(contract, check_answer(contract, method, url, status, dict(headers), body))]


@dataclass(frozen=True, slots=True)
class Bench:
    """An emulator, and a client of it whose responses are checked."""

    provider: ProviderName
    emulator: Running
    client: Provider
    wire: WatchedWire
    pair: KeyPair


@contextmanager
def bench(provider: ProviderName, pair: KeyPair, folder: Path) -> Iterator[Bench]:
    (folder / "answer.json").write_text(json.dumps(NCCO), encoding="utf-8")
    # Calls only move on `advance`, so that nothing here depends on the time.
    options = EmulatorOptions(provider=provider, documents=str(folder), speed=None, limits=False)
    wire = WatchedWire(provider)
    with running(options) as emulator, wire:
        client: Provider
        if provider == "vonage":
            client = VonageClient(
                api_key=API_KEY,
                api_secret=API_SECRET,
                key_of=lambda _: pair.private,
                address=emulator.address,
                numbers_address=emulator.address,
                http_client=wire,
                sleep=lambda _: None,
            )
        else:
            client = KpnClient(
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                address=emulator.address,
                http_client=wire,
                sleep=lambda _: None,
            )
        yield Bench(provider, emulator, client, wire, pair)


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return make_key_pair()


@pytest.fixture(scope="module")
def vonage(pair: KeyPair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench("vonage", pair, tmp_path_factory.mktemp("vonage")) as made:
        yield made


@pytest.fixture(scope="module")
def kpn(pair: KeyPair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench("kpn", pair, tmp_path_factory.mktemp("kpn")) as made:
        yield made


@pytest.fixture(params=["vonage", "kpn"])
def either(request: pytest.FixtureRequest) -> Bench:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Bench)
    return made


def settle(at: Bench) -> Place:
    """Return a place with a new application, a number and an answered call."""
    client, address = at.client, at.emulator.address
    answer, event = f"{address}/documents/answer.json", f"{address}/webhooks/event"
    settings = Settings(name="Pedal", answer_url=answer, event_url=event)
    if at.provider == "vonage":
        settings = Settings(name="Pedal", answer_url=answer, event_url=event, public_key=at.pair.public)
    application = client.create_application(settings)
    number = client.find_number(FROM)
    assert number is not None
    client.link_number(number, application.id)
    linked = client.find_number(FROM)
    assert linked is not None
    call = client.create_call(application.id, order(answer, "447700900099"))
    at.emulator.advance(2)
    assert client.read_call(application.id, call.uuid).status == "answered"
    recording = f"{address}/v1/files/{call.uuid}"
    return Place(
        application=application,
        number=number,
        linked=linked,
        call=call.uuid,
        recording=recording,
        public_key=at.pair.public,
        answer=answer,
        event=event,
    )


def order(answer: str, to: str, **more: Any) -> NewCall:
    return NewCall(to=Endpoint(type="phone", address=to), from_number=FROM, answer_url=answer, **more)


def check_step(step: Step, at: Bench) -> None:
    place = settle(at)
    at.wire.take()
    take(step, at.client, place)
    # Compare sets, because the number of pages is not specified.
    assert set(at.wire.take()) == set(step.sends)


@pytest.mark.parametrize("step", steps_of("vonage"))
def test_what_the_emulator_of_vonage_answers(step: Step, vonage: Bench) -> None:
    check_step(step, vonage)


@pytest.mark.parametrize("step", steps_of("kpn"))
def test_what_the_emulator_of_kpn_answers(step: Step, kpn: Bench) -> None:
    check_step(step, kpn)


class Raw:
    """Sends requests that our clients do not send; requests and responses are both checked."""

    def __init__(self, at: Bench, http: httpx.Client) -> None:
        self.at = at
        self.http = http
        self.held: set[str] = set()
        if at.provider == "vonage":
            pair = base64.b64encode(f"{API_KEY}:{API_SECRET}".encode()).decode("ascii")
            self.headers = {"Authorization": f"Basic {pair}"}
        else:
            secrets = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
            query = {"grant_type": "client_credentials"}
            token = http.post("/oauth/client_credential/accesstoken", params=query, data=secrets).json()
            self.headers = {"Authorization": f"Bearer {token['access_token']}"}

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        answer = self.http.request(method, path, headers={**self.headers, **(headers or {})}, **more)
        assert answer.is_success, answer.text
        url = published_url(self.at.provider, str(answer.url))
        contract = contract_of(url)
        assert contract is not None
        check_request(contract, method, url, dict(answer.request.headers), answer.request.content)
        self.held |= set(
            hold(self.at.provider, method, str(answer.url), answer.status_code, answer.headers, answer.content)
        )
        return answer.json() if answer.content else None


@pytest.fixture
def raw(either: Bench) -> Iterator[Raw]:
    with httpx.Client(base_url=either.emulator.address, trust_env=False) as http:
        yield Raw(either, http)


RAW = {"GET /number/search", "POST /number/buy", "POST /number/cancel"}


def test_numbers_are_looked_for_bought_and_given_up(raw: Raw) -> None:
    prefix = "/communication/nexmo/phone-numbers" if raw.at.provider == "kpn" else ""
    found = raw.ask("GET", f"{prefix}/number/search", params={"country": "NL", "size": 3, "index": 2})
    assert len(found["numbers"]) == 3
    bought = {name: found["numbers"][0][name] for name in ("country", "msisdn")}
    raw.ask("POST", f"{prefix}/number/buy", data=bought)
    listed = raw.ask("GET", f"{prefix}/account/numbers", params={"pattern": bought["msisdn"], "search_pattern": 1})
    assert [number["msisdn"] for number in listed["numbers"]] == [bought["msisdn"]]
    raw.ask("POST", f"{prefix}/number/cancel", data=bought)
    assert raw.held == {*RAW, "GET /account/numbers"}


def test_lists_in_pages_of_one(raw: Raw) -> None:
    one, _ = settle(raw.at), settle(raw.at)
    for number in range(1, 3):
        if raw.at.provider == "kpn":
            page: dict[str, Any] = {"page_size": 1, "page_index": number}
            found = raw.ask("GET", "/communication/nexmo/applications", params=page)
        else:
            found = raw.ask("GET", "/v2/applications", params={"page_size": 1, "page": number})
        assert len(found["_embedded"]["applications"]) == 1
    calls = [raw.at.client.create_call(one.application.id, order(one.answer, "447700900001")) for _ in range(3)]
    path, headers = "/v1/calls", {}
    if raw.at.provider == "kpn":
        path, headers = "/communication/nexmo/voice/calls", {"ApplicationId": one.application.id}
    for index in (0, 1, 3):
        if raw.at.provider == "vonage":
            headers = {"Authorization": f"Bearer {raw.at.client.read_jwt(one.application.id)}"}
        page = {"page_size": 1, "record_index": index, "status": "started", "order": "desc"}
        found = raw.ask("GET", path, headers, params=page)
        assert found["count"] == len(calls)
        assert len(found["_embedded"]["calls"]) == (index < 3)


@pytest.mark.parametrize("detection", [None, "continue"])
def test_every_state_and_every_end_of_a_call(either: Bench, detection: str | None) -> None:
    place = settle(either)
    client, id = either.client, place.application.id
    numbers = [f"4477009000{digits}" for digits in ("01", *ENDINGS)]
    calls = [client.create_call(id, order(place.answer, number, machine_detection=detection)) for number in numbers]
    seen = set()
    for _ in range(5):
        seen |= {call.status for call in client.list_calls(id)}
        either.emulator.advance()
    ends = {client.read_call(id, call.uuid).status for call in calls}
    assert {"started", "ringing", "answered"} <= seen
    assert ends >= {"completed", "busy", "timeout", "rejected", "failed", "cancelled"}
    assert ("machine" in seen) == (detection is not None)


@pytest.mark.parametrize("provider", ["vonage", "kpn"])
def test_no_published_operation_is_forgotten(provider: ProviderName) -> None:
    prefix = f"{provider}-"
    contracts = ("kpn-voice", "kpn-numbers", "vonage-voice", "vonage-applications", "vonage-numbers")
    published = {
        plain_name(contract, name)
        for contract in contracts
        if contract.startswith(prefix)
        for name in operations(contract)
    }
    driven = {name for step in STEPS if provider in step.on for name in step.sends}
    assert (driven | RAW) - {NO_CONTRACT} == published


def test_an_answer_that_is_not_published_is_noticed(either: Bench) -> None:
    place = settle(either)
    # A fault sends one with a wrong body and one with a wrong status.
    for fault, words in (
        (Fault(kind="status", method="GET", status=200, body={"id": 5}), "5 is not of type 'string'"),
        (Fault(kind="status", method="GET", status=206, body={}), "206 is not described"),
    ):
        either.emulator.account.faults.put([fault])
        with pytest.raises(AssertionError, match=words):
            either.client.read_application(place.application.id)
    either.emulator.account.faults.clear()
