"""Test KPN's client, request by request, each checked against the published descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ncco_lang.api import errors
from ncco_lang.api.kpn import KpnClient
from ncco_lang.api.types import Application, CallFilter, Endpoint, NewCall, PhoneNumber, Played, Settings
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request
from tests.contracts import needs_descriptions
from tests.shells import api_fakes as fakes
from tests.shells.api_fakes import APP, KPN, LEG, TOKEN, Time, page, raised
from tests.shells.http_server import Answer, Asked, Scripts, serving

APPS = f"{KPN}/applications"
ONE = f"{APPS}/{APP}"
CALLS = f"{KPN}/voice/calls"
CALL = f"{CALLS}/{LEG}"
NUMBERS = f"{KPN}/phone-numbers/account/numbers"
UPDATE = f"{KPN}/phone-numbers/number/update"
PHONE = Endpoint(type="phone", address="31201234567")
URLS: dict[str, Any] = {"answer_url": "https://a.test/x.json", "event_url": "https://a.test/e"}


@pytest.fixture(scope="module")
def wire() -> Iterator[HttpClient]:
    with HttpClient() as wire:
        yield wire


@pytest.fixture
def server() -> Iterator[Scripts]:
    with serving() as scripts:
        yield scripts
    assert scripts.unexpected == []


@pytest.fixture
def client(server: Scripts, wire: HttpClient) -> Iterator[KpnClient]:
    yield fakes.kpn(server, wire, Time())
    fakes.check_contracts(server)


def asked(server: Scripts) -> list[Asked]:
    """Return the requests other than those for tokens."""
    return [one for one in server.asked if one.path != TOKEN]


# ── Applications ──


def test_an_application_is_made_by_a_form_that_says_both_methods(server: Scripts, client: KpnClient) -> None:
    server.on("POST", APPS, Answer(201, json=fakes.kpn_application(**URLS)))
    made = client.create_application(Settings(name="Spoke", **URLS))
    assert asked(server)[0].form == {
        "type": "voice",
        "name": "Spoke",
        "answer_method": "GET",
        "event_method": "POST",
        **URLS,
    }
    assert made.settings == Settings(name="Spoke", public_key="PEM", answer_method="GET", event_method="GET", **URLS)


@pytest.mark.parametrize("key", ["endpoint_type", "enpoint_type"])
def test_both_spellings_are_read(server: Scripts, client: KpnClient, key: str) -> None:
    hooks = [{key: "event_url", "endpoint": "https://a.test/e", "http_method": "POST"}, {key: "other"}, 5]
    server.on("GET", ONE, Answer(json={"id": APP, "voice": {"webhooks": hooks}}))
    settings = client.read_application(APP).settings
    assert (settings.event_url, settings.event_method, settings.answer_url) == ("https://a.test/e", "POST", None)


def test_a_change_puts_everything_in_the_query(server: Scripts, client: KpnClient) -> None:
    server.on("GET", ONE, Answer(json=fakes.kpn_application(**URLS)))
    server.on("PUT", ONE, Answer(json=fakes.kpn_application(**URLS)))
    client.update_application(client.read_application(APP), Settings(name="New & old", answer_method="POST"))
    (put,) = server.of("PUT", ONE)
    assert put.body == b""
    assert dict(put.query) == {
        "type": "voice",
        "name": "New & old",
        "answer_method": "POST",
        "event_method": "GET",
        **URLS,
    }


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(name="a", **URLS, region="eu-west"), "have no region"),
        (Settings(name="a", **URLS, public_key="PEM"), "have no public_key"),
        (Settings(name="a", **URLS, fallback_url="https://a.test"), "have no fallback_url"),
        (Settings(name="a", **URLS, signed_callbacks=False), "have no signed_callbacks"),
        (Settings(name="a", answer_url="https://a.test"), "want an event_url"),
        (Settings(**URLS), "want a name"),
    ],
)
def test_what_kpn_has_not_is_said(server: Scripts, client: KpnClient, settings: Settings, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        client.create_application(settings)
    if "have no" in words:
        current = Application(id=APP, settings=Settings(name="a", **URLS))
        with pytest.raises(ValueError, match=words):
            client.update_application(current, settings)
    assert server.asked == []


def test_applications_come_page_by_page(server: Scripts, client: KpnClient) -> None:
    def answer(asked: Asked) -> Answer:
        index = int(dict(asked.query)["page_index"])
        items = [fakes.kpn_application(f"{index}-{item}") for item in range(2 if index < 2 else 1)]
        return Answer(json={"count": 5, "page_size": 2, "record_index": 0, "_embedded": {"applications": items}})

    server.on("GET", APPS, answer)
    assert [item.id for item in client.list_applications()] == ["0-0", "0-1", "1-0", "1-1", "2-0"]
    assert asked(server)[0].query == (("page_size", "100"), ("page_index", "0"))
    assert len(asked(server)) == 3


def test_a_full_page_is_the_last_when_the_count_says_so(server: Scripts, client: KpnClient) -> None:
    items = [fakes.kpn_application(str(item)) for item in range(100)]
    server.on("GET", APPS, page("applications", items))
    assert len(list(client.list_applications())) == 100
    assert len(asked(server)) == 1


@pytest.mark.parametrize("status", [403, 404, 405])
def test_a_sandbox_lists_nothing(server: Scripts, client: KpnClient, status: int) -> None:
    server.on("GET", APPS, Answer(status))
    failed = raised(errors.CannotList, lambda: list(client.list_applications()))
    assert "sandbox" in str(failed)


# ── Numbers ──


def test_a_number_is_linked_and_unlinked_and_keeps_the_rest(server: Scripts, client: KpnClient) -> None:
    linked = {"country": "NL", "msisdn": "31201234567", "moHttpUrl": "https://a.test/sms", "type": "", "features": []}
    linked |= {"voiceCallbackType": "app", "voiceCallbackValue": "old"}
    server.on("GET", NUMBERS, Answer(json={"count": 1, "numbers": [linked]}))
    server.on("POST", UPDATE, Answer(json={"error-code": "200"}))
    found = client.find_number("31201234567")
    assert found is not None
    assert [number.application_id for number in client.list_numbers()] == ["old"]
    assert found.application_id == "old"
    client.link_number(found, APP)
    client.link_number(found, None)
    base = {"country": "NL", "msisdn": "31201234567", "moHttpUrl": "https://a.test/sms"}
    assert [one.form for one in server.of("POST", UPDATE)] == [
        {**base, "voiceCallbackType": "app", "voiceCallbackValue": APP},
        base,
    ]


def test_a_link_that_did_not_work_says_so(server: Scripts, client: KpnClient) -> None:
    server.on("POST", UPDATE, Answer(json={"error-code": "420", "error-code-label": "not yours"}))
    number = PhoneNumber(msisdn="31201234567", country="NL")
    assert "not yours" in str(raised(errors.Invalid, lambda: client.link_number(number, APP)))


# ── Calls ──


def test_a_call_names_its_application_in_a_header(server: Scripts, client: KpnClient) -> None:
    server.on("POST", CALLS, Answer(201, json={"uuid": LEG, "status": "started"}))
    call = NewCall(to=PHONE, from_number="31207654321", answer_url="https://a.test/x.json", ringing_timer=20)
    assert client.create_call(APP, call).uuid == LEG
    (one,) = asked(server)
    assert one.headers["applicationid"] == APP
    assert one.headers["authorization"] == "Bearer token-1"
    assert one.json == {
        "to": [{"type": "phone", "number": "31201234567"}],
        "from": {"type": "phone", "number": "31207654321"},
        "answer_url": ["https://a.test/x.json"],
        "ringing_timer": 20,
    }


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"ncco": [{}], "answer_url": None}, "takes no NCCO"),
        ({"answer_url": None}, "wants an answer_url"),
        ({"from_number": None}, "wants a number"),
        ({"from_number": None, "random_from_number": True}, "wants a number"),
        ({"advanced_machine_detection": {"beep_timeout": 45}}, "no advanced machine detection"),
        ({"to": Endpoint(type="vbc", address="1")}, "not 'vbc'"),
    ],
)
def test_a_call_that_kpn_has_not_is_not_sent(
    server: Scripts, client: KpnClient, more: dict[str, Any], words: str
) -> None:
    given = {"to": PHONE, "from_number": "31207654321", "answer_url": "https://a.test/x.json", **more}
    with pytest.raises(ValueError, match=words):
        client.create_call(APP, NewCall(**given))
    with pytest.raises(ValueError, match="unanswered"):
        client.list_calls(APP, CallFilter(status="unanswered"))
    with pytest.raises(ValueError, match="takes no NCCO"):
        client.transfer(APP, LEG, ncco=[{}])
    assert server.asked == []


def test_calls_are_listed_and_read_with_their_sides_as_lists(server: Scripts, client: KpnClient) -> None:
    side = [{"type": "phone", "number": "31201234567"}]
    server.on("GET", CALLS, page("calls", [{**fakes.call(), "from": side, "to": side}]))
    server.on("GET", CALL, Answer(json={"uuid": LEG, "to": side, "start_time": "2020-01-01 12:00:00"}))
    (listed,) = client.list_calls(APP, CallFilter(status="completed", order="desc"))
    assert (listed.to, listed.from_) == (PHONE, PHONE)
    found = client.read_call(APP, LEG)
    assert (found.to, found.start_time) == (PHONE, "2020-01-01 12:00:00")
    assert all(one.headers["applicationid"] == APP for one in asked(server))


def test_what_can_be_done_to_a_call(server: Scripts, client: KpnClient) -> None:
    server.on("PUT", CALL, Answer(204))
    for what in ("talk", "stream", "dtmf"):
        server.on("PUT", f"{CALL}/{what}", Answer(json={"message": "Started", "uuid": LEG}))
        server.on("DELETE", f"{CALL}/{what}", Answer(json={"message": "Stopped", "uuid": LEG}))
    client.hang_up(APP, LEG)
    client.mute(APP, LEG, False)
    client.earmuff(APP, LEG)
    client.transfer(APP, LEG, url="https://a.test/x.json")
    assert client.play_talk(APP, LEG, "Hallo", voice_name="Lotte", loop=1).message == "Started"
    client.play_stream(APP, LEG, "https://a.test/a.mp3", loop=1)
    client.send_dtmf(APP, LEG, "12")
    assert [one.json for one in asked(server)] == [
        {"action": "hangup"},
        {"action": "unmute"},
        {"action": "earmuff"},
        {"action": "transfer", "destination": {"type": "ncco", "url": ["https://a.test/x.json"]}},
        {"text": "Hallo", "voiceName": "Lotte", "loop": 1},
        {"stream_url": ["https://a.test/a.mp3"], "loop": 1},
        {"digits": "12"},
    ]
    assert isinstance(client.stop_talk(APP, LEG), Played)
    assert client.stop_stream(APP, LEG).uuid == LEG
    with pytest.raises(ValueError, match="kpn has no level here"):
        client.play_stream(APP, LEG, "https://a.test/a.mp3", level=1)
    with pytest.raises(ValueError, match="KPN sends no webhook for each key"):
        client.listen_dtmf(APP, LEG, "https://a.test/keys")
    with pytest.raises(ValueError, match="KPN sends no webhook for each key"):
        client.stop_listening(APP, LEG)
    assert len(asked(server)) == 9


# ── Contracts ──


@needs_descriptions
def test_a_request_that_is_not_described_is_found(server: Scripts, wire: HttpClient) -> None:
    client = fakes.kpn(server, wire, Time())
    server.on("GET", CALL, Answer(json=fakes.call()))
    client.read_call(APP, LEG)
    assert fakes.check_contracts(server) == 1
    client._session.get(
        Request(method="GET", url=server.address + CALL, query=(("odd", "1"),), headers={"ApplicationId": APP}),
        client._token,
    )
    with pytest.raises(AssertionError, match="odd"):
        fakes.check_contracts(server)


# ── Recordings ──


def test_a_recording_is_fetched_with_the_jwt_that_kpn_gives(server: Scripts, client: KpnClient) -> None:
    server.on("GET", f"{KPN}/jwt", Answer(json={"app_level": "", "application_Id": APP, "JWT_token": "eyJ.a.b"}))
    server.on("GET", "/v1/files/1", Answer(body=b"RIFF"))
    pieces: list[bytes] = []
    assert client.download(APP, f"{server.address}/v1/files/1", pieces.append)["size"] == 4
    assert server.of("GET", f"{KPN}/jwt")[0].headers["applicationid"] == APP
    assert server.of("GET", "/v1/files/1")[0].headers["authorization"] == "Bearer eyJ.a.b"
    assert client.read_jwt(APP) == "eyJ.a.b"


def test_no_token_is_asked_for_or_sent_elsewhere(server: Scripts, client: KpnClient) -> None:
    raised(errors.ApiError, lambda: client.download(APP, "https://elsewhere.test/1", lambda piece: None))
    assert server.asked == []
    server.on("GET", f"{KPN}/jwt", Answer(json={}))
    assert "without a JWT" in str(raised(errors.ApiError, lambda: client.read_jwt(APP)))
