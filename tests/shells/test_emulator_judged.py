"""Test the emulator from outside: Vonage's own package uses it over TLS, and schemathesis generates requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.emulator.options import API_KEY, API_SECRET, NUMBERS
from ncco_lang.emulator.server import Running
from ncco_lang.tokens.keys import KeyPair
from tests import budget
from tests.emulated import KPN, STAYS, TALK, Client, emulator_of

OPENAPI = Path(__file__).resolve().parents[3] / "shared" / "reference" / "openapi"
needs_descriptions = pytest.mark.skipif(not OPENAPI.is_dir(), reason=f"no published descriptions at {OPENAPI}")


# ── Vonage's own package ──


@pytest.fixture(scope="module")
def secure() -> Iterator[Running]:
    with emulator_of(tls=True, speed=None) as emulator:
        yield emulator


@pytest.fixture
def official(secure: Running, keys: KeyPair, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package's client, with an application of its own."""
    vonage = pytest.importorskip("vonage", reason="the package vonage is not installed")
    config_of = pytest.importorskip("vonage_application").ApplicationConfig
    assert secure.ca is not None
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.ca)
    host = secure.address.removeprefix("https://")
    options = vonage.HttpClientOptions(api_host=host, rest_host=host)

    def client(**more: str) -> Any:
        made = vonage.Vonage(vonage.Auth(api_key=API_KEY, api_secret=API_SECRET, **more), options)
        clients.append(made)
        return made

    clients: list[Any] = []
    config = {
        "name": "official",
        "keys": {"public_key": keys.public},
        "capabilities": {"voice": {"webhooks": {"event_url": {"address": f"{secure.address}/webhooks/event"}}}},
    }
    made = client().application.create_application(config_of(**config))
    yield client(application_id=made.id, private_key=keys.private)
    for each in clients:
        each.http_client._session.close()


def test_the_official_package_keeps_applications(official: Any) -> None:
    package, errors = pytest.importorskip("vonage_application"), pytest.importorskip("vonage_http_client.errors")
    config_of, pages = package.ApplicationConfig, package.ListApplicationsFilter
    applications = official.application
    hook = {"address": "https://example.com/a", "http_method": "POST", "connect_timeout": 500, "socket_timeout": 3000}
    voice = {"webhooks": {"answer_url": hook}, "region": "eu-west", "leg_persistence_time": 14}
    capabilities = {"voice": voice, "vbc": {}, "rtc": {"webhooks": {"event_url": {"address": "https://example.com"}}}}
    config = {"name": "one", "privacy": {"improve_ai": False}, "capabilities": capabilities}
    made = applications.create_application(config_of(**config))
    assert made.keys.private_key.startswith("-----BEGIN PRIVATE KEY-----")
    assert made.capabilities.voice.webhooks.answer_url.socket_timeout == 3000
    assert made.link == f"/v2/applications/{made.id}"
    read = applications.get_application(made.id)
    assert (read.name, read.privacy.improve_ai, read.capabilities.voice.region.value) == ("one", False, "eu-west")
    changed = applications.update_application(made.id, config_of(**{**config, "name": "two"}))
    assert (changed.id, changed.name) == (made.id, "two")
    first, following = applications.list_applications(pages(page_size=1))
    assert (len(first), following) == (1, 2)
    everything, following = applications.list_applications()
    assert made.id in [each.id for each in everything]
    assert following is None
    applications.delete_application(made.id)
    with pytest.raises(errors.NotFoundError):
        applications.get_application(made.id)
    with pytest.raises(errors.HttpRequestError, match="400"):
        applications.list_applications(pages(page_size=1000))
    official.http_client.auth._api_secret = "wrong"
    with pytest.raises(errors.AuthenticationError):
        applications.list_applications()


def test_the_official_package_makes_calls(official: Any, secure: Running) -> None:
    errors = pytest.importorskip("vonage_http_client.errors")
    from vonage_voice.models import (
        AudioStreamOptions,
        CreateCallRequest,
        ListCallsFilter,
        Talk,
        ToPhone,
        TtsStreamOptions,
    )

    voice = official.voice
    order = {"from_": {"number": NUMBERS[0]}, "ncco": [Talk(text="Hello.")]}
    made = voice.create_call(CreateCallRequest(to=[ToPhone(number=STAYS)], **order))
    assert (made.status, made.direction) == ("started", "outbound")
    with pytest.raises(errors.HttpRequestError, match="400"):
        voice.play_tts_into_call(made.uuid, TtsStreamOptions(text="too early"))
    secure.advance(2)
    assert voice.get_call(made.uuid).status == "answered"
    for action in (voice.mute, voice.unmute, voice.earmuff, voice.unearmuff):
        action(made.uuid)
    speech = TtsStreamOptions(text="Hello", language="en-GB", style=1, loop=2, level=0.5)
    assert voice.play_tts_into_call(made.uuid, speech).message == "Talk started"
    assert voice.stop_tts(made.uuid).message == "Talk stopped"
    sound = AudioStreamOptions(stream_url=["https://example.com/a.mp3"], loop=0, level=-1)
    assert voice.play_audio_into_call(made.uuid, sound).message == "Stream started"
    assert voice.stop_audio_stream(made.uuid).uuid == made.uuid
    assert voice.play_dtmf_into_call(made.uuid, "1p2#").message == "DTMF sent"
    voice.transfer_call_ncco(made.uuid, [Talk(text="Again.")])
    voice.hangup(made.uuid)
    secure.settle()
    ended = voice.get_call(made.uuid)
    assert (ended.status, ended.to.number, ended.from_.number) == ("completed", STAYS, NUMBERS[0])
    assert float(ended.price) > 0
    assert ended.start_time.endswith("Z")
    other = voice.create_call(CreateCallRequest(to=[ToPhone(number="31612345691")], **order))
    secure.advance(3)
    calls, following = voice.list_calls(ListCallsFilter(page_size=1))
    assert ([call.uuid for call in calls], following) == ([made.uuid], 1)
    calls, following = voice.list_calls(ListCallsFilter(status="busy"))
    assert ([call.uuid for call in calls], following) == ([other.uuid], None)
    with pytest.raises(errors.NotFoundError):
        voice.hangup("aaaaaaaa-bbbb-cccc-dddd-0123456789ab")


def test_the_official_package_calls_from_and_to_every_kind_of_endpoint(official: Any, secure: Running) -> None:
    errors = pytest.importorskip("vonage_http_client.errors")
    from vonage_voice.models import CreateCallRequest, Sip, Talk, ToPhone, Vbc, Websocket

    rate = "audio/l16;rate=24000"
    for to in (
        Websocket(uri="wss://example.com", content_type=rate, authorization={"type": "custom", "value": "Bearer a"}),
        Sip(uri="sip:anna@example.com", standard_headers={"User-to-User": "a"}),
        Vbc(extension="1234"),
        ToPhone(number=STAYS),
    ):
        order = CreateCallRequest(to=[to], from_="sip:me@example.com", ncco=[Talk(text="Hi.")], length_timer=86_400)
        made = official.voice.create_call(order)
        official.voice.hangup(made.uuid)
    secure.settle()
    stranger = CreateCallRequest(to=[ToPhone(number=STAYS)], from_={"number": "31209999999"}, ncco=[Talk(text="Hi.")])
    with pytest.raises(errors.HttpRequestError, match="must be a number of the account"):
        official.voice.create_call(stranger)


def test_the_official_package_links_and_buys_numbers(official: Any) -> None:
    package, errors = pytest.importorskip("vonage_numbers"), pytest.importorskip("vonage_http_client.errors")
    numbers, id = official.numbers, official.http_client.auth.application_id
    number = {"country": "NL", "msisdn": NUMBERS[0]}
    numbers.update_number(package.UpdateNumberParams(**number, app_id=id))
    linked, count, following = numbers.list_owned_numbers(package.ListOwnedNumbersFilter(has_application=True))
    assert ([each.app_id for each in linked], count, following) == ([id], 1, None)
    numbers.update_number(package.UpdateNumberParams(**number))
    assert numbers.list_owned_numbers(package.ListOwnedNumbersFilter(has_application=False))[1] == len(NUMBERS)
    offered, _, following = numbers.search_available_numbers(package.SearchAvailableNumbersFilter(country="NL", size=1))
    assert following == 2
    new = package.NumberParams(country="NL", msisdn=offered[0].msisdn)
    assert numbers.buy_number(new).error_code == "200"
    assert numbers.cancel_number(new).error_code == "200"
    with pytest.raises(errors.HttpRequestError, match="420"):
        numbers.cancel_number(new)


# ── schemathesis ──

_EXAMPLES = budget.of(2, 500)


@pytest.fixture(scope="module")
def open_door(keys: KeyPair) -> Iterator[Mapping[str, Client]]:
    """Clients of both providers, each with an application and a call."""
    with emulator_of() as vonage, emulator_of(provider="kpn") as kpn, Client(vonage, keys) as one, Client(kpn) as two:
        for client in (one, two):
            _furnish(client)
        yield {"vonage": one, "kpn": two}


def _furnish(client: Client) -> None:
    """Make an application and a call that stays, if they do not exist."""
    world = client.emulator.account
    if client.application_id not in world.applications:
        client.create()
        client.uuid = ""
    call = world.calls.get(client.uuid)
    if call is None or call.is_over:
        more = {"answer_url": [client.emulator.address + "/documents/a.json"]} if client.is_kpn else {"ncco": TALK}
        client.uuid = client.placed(STAYS, **more)


@needs_descriptions
@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize(
    ("file", "provider", "base"),
    [
        ("vonage-application.v2.yml", "vonage", "/v2/applications"),
        ("vonage-voice.yml", "vonage", "/v1/calls"),
        ("vonage-numbers.yml", "vonage", ""),
        ("kpn-voice.yml", "kpn", KPN),
        ("kpn-phone-numbers.yml", "kpn", KPN + "/phone-numbers"),
    ],
)
def test_no_request_gives_a_5xx(
    open_door: Mapping[str, Client], file: str, provider: str, base: str, mode: str
) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    client = open_door[provider]
    schema = schemathesis.openapi.from_path(str(OPENAPI / file))
    seen: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        kind = schemathesis.GenerationMode(mode)
        seen[operation.label] = _throw(client, operation, kind, client.emulator.address + base)
    assert seen
    statuses = set().union(*seen.values())
    assert max(statuses) < 500, seen
    # Otherwise only the authorization was tested.
    assert statuses - {401, 403}, seen


def _throw(client: Client, operation: Any, mode: Any, base: str) -> set[int]:
    """Send generated requests to one operation, half of them for existing things; return the statuses."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import Unsatisfiable

    statuses: set[int] = set()
    turn = [0]

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def throw(case: Any) -> None:
        turn[0] += 1
        if turn[0] % 2:
            _furnish(client)
            for name in case.path_parameters or {}:
                is_call = "/calls" in base + operation.path
                case.path_parameters[name] = client.uuid if is_call else client.application_id
        path = (base + operation.path).removeprefix(client.emulator.address)
        credentials = client.credentials(path)
        for name in list(case.headers or {}):
            if name.lower() in ("authorization", "applicationid"):
                del case.headers[name]
        answer = case.call(base_url=base, headers=credentials)
        assert answer.status_code < 500, (operation.label, answer.status_code, answer.content)
        statuses.add(answer.status_code)

    try:
        throw()
    except Unsatisfiable:
        # An operation without parameters has no invalid requests.
        statuses.add(0)
    return statuses
