"""Test that the emulator accepts, refuses and answers what the providers describe, at the edges of their descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ncco_lang.emulator.options import API_KEY, API_SECRET
from ncco_lang.emulator.server import Running
from ncco_lang.tokens.keys import KeyPair
from tests.emulated import KPN, STAYS, TALK, Client, emulator_of


@pytest.fixture(scope="module")
def kpn_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "talk.json").write_text(json.dumps(TALK), encoding="utf-8")
    with emulator_of(provider="kpn", speed=None, documents=str(folder)) as emulator:
        yield emulator


@pytest.fixture
def kpn(kpn_server: Running) -> Iterator[Client]:
    with Client(kpn_server) as client:
        client.create()
        yield client


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with emulator_of(speed=None) as emulator:
        yield emulator


@pytest.fixture
def vonage(server: Running, keys: KeyPair) -> Iterator[Client]:
    with Client(server, keys) as client:
        client.create()
        yield client


def answer_url(client: Client) -> list[str]:
    return [f"{client.emulator.address}/documents/talk.json"]


# ── KPN ──


@pytest.mark.parametrize(
    ("what", "more", "words"),
    [
        ("talk", {"voiceName": "Lotte", "loop": 0}, None),
        ("talk", {"voiceName": "Nobody"}, "voiceName must be one of: Agnieszka, Amy, "),
        ("talk", {"voiceName": ["Lotte"]}, "voiceName must be one of: "),
        ("talk", {"language": "nl-NL", "style": 1}, "language is not supported; style is not supported"),
        ("stream", {"loop": 2}, None),
        ("stream", {"level": 0.5}, "level is not supported"),
    ],
)
def test_what_kpn_plays_into_a_call(kpn: Client, what: str, more: dict[str, Any], words: str | None) -> None:
    uuid = kpn.placed(STAYS, answer_url=answer_url(kpn))
    kpn.emulator.advance(2)
    body = {"text": "Dag"} if what == "talk" else {"stream_url": ["https://example.com/a.mp3"]}
    answer = kpn("PUT", f"/voice/calls/{uuid}/{what}", json={**body, **more})
    assert answer.status == (200 if words is None else 400)
    assert words is None or words in answer.json()["message"]


def call(client: Client, **more: Any) -> tuple[int, str]:
    """Place a call; return its status, and what is wrong with it."""
    if client.is_kpn:
        more.setdefault("answer_url", answer_url(client))
    answer = client.call(**more)
    body = answer.json()
    wrong = "; ".join(f"{each['name']} {each['reason']}" for each in body.get("invalid_parameters", []))
    return answer.status, wrong or body.get("message", "")


SOCKET = {"type": "websocket", "uri": "wss://example.com/a", "content-type": "audio/l16;rate=16000"}
SIP = {"type": "sip", "uri": "sip:anna@example.com"}
OTHERS = {"type": "phone", "number": "31209999999"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"length_timer": 86_400}, ""),
        ({"length_timer": 86_401}, "length_timer must be between 1 and 86400"),
        ({"advanced_machine_detection": {"mode": "detect_beep", "beep_timeout": 30}}, ""),
        (
            {"advanced_machine_detection": {"beep_timeout": 29}},
            "advanced_machine_detection.beep_timeout must be between 30 and 120",
        ),
        ({"from": "31201234567"}, ""),
        ({"from": "sip:anna@example.com"}, ""),
        ({"from": {"type": "phone", "number": "sip:anna@example.com"}}, ""),
        ({"from": SIP}, "from.type must be one of: phone"),
        ({"from": "sip: anna"}, "from.number can contain up to 15 digits prefixed with +"),
        ({"from": "sip:" + "a" * 2000}, "from.uri can contain up to 2000 characters"),
        ({"from": OTHERS}, "from.number must be a number of the account, such as 31201234567"),
        # The number matters only where a real phone rings.
        ({"from": OTHERS, "to": [SOCKET]}, ""),
        ({"from": OTHERS, "to": [SIP]}, ""),
        ({"to": [{"type": "app", "user": "anna"}]}, ""),
        ({"to": [{"type": "app"}]}, "to.user is required"),
        ({"to": [{"type": "vbc", "extension": "1234"}]}, ""),
        ({"to": [{"type": "vbc"}]}, "to.extension is required"),
        ({"to": [{**SOCKET, "content-type": "audio/l16;rate=24000", "authorization": {"type": "vonage"}}]}, ""),
        ({"to": [{**SOCKET, "authorization": {"type": "custom", "value": "Bearer a"}}]}, ""),
        ({"to": [{**SOCKET, "authorization": {"type": "custom"}}]}, "to.authorization.value is required"),
        ({"to": [{**SOCKET, "authorization": "Bearer a"}]}, "to.authorization.type must be one of: vonage, custom"),
        ({"to": [{**SOCKET, "uri": "https://example.com"}]}, "to.uri must begin with wss:// or ws://"),
        ({"to": [{**SIP, "uri": "sip:" + "a" * 200}]}, ""),
        ({"to": [{**SIP, "standard_headers": []}]}, "to.standard_headers must be an object"),
        ({"to": [{"type": "sip", "user": "anna", "domain": ""}]}, "to.uri is required"),
    ],
)
def test_a_call_at_vonage(vonage: Client, more: dict[str, Any], words: str) -> None:
    assert call(vonage, **more) == (400 if words else 201, words)


def test_a_caller_with_a_sip_uri_is_shown(vonage: Client) -> None:
    uuid = vonage.placed(**{"from": SIP["uri"]})
    assert vonage("GET", f"/v1/calls/{uuid}").json()["from"] == {"type": "sip", "number": SIP["uri"]}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"length_timer": 7200}, ""),
        ({"length_timer": 7201}, "length_timer must be between 1 and 7200"),
        ({"to": [{**SIP, "uri": "s" * 50}]}, ""),
        ({"to": [{**SIP, "uri": "s" * 51}]}, "to.uri can contain up to 50 characters"),
        ({"to": [SOCKET]}, ""),
        ({"to": [{**SOCKET, "uri": "wss://example.com/" + "a" * 40}]}, "to.uri can contain up to 50 characters"),
        (
            {"to": [{**SOCKET, "content-type": "audio/l16;rate=24000"}]},
            "to.content-type must be one of: audio/l16;rate=8000, audio/l16;rate=16000",
        ),
        ({"to": [{"type": "app", "user": "anna"}]}, "to.type must be one of: phone, sip, websocket"),
        ({"from": SIP}, ""),
        ({"from": {"type": "sip"}}, "from.number can contain up to 15 digits prefixed with +"),
        ({"from": "31201234567"}, "from must be an object"),
        (
            {"from": OTHERS, "to": [SOCKET]},
            "from.number must be a number of the account, such as 31201234567",
        ),
    ],
)
def test_a_call_at_kpn(kpn: Client, more: dict[str, Any], words: str) -> None:
    assert call(kpn, **more) == (400 if words else 201, words)


def test_an_account_without_numbers_has_no_caller() -> None:
    with emulator_of(provider="kpn", numbers=()) as emulator, Client(emulator) as client:
        client.create()
        assert call(client) == (400, "from.number must be a number of the account, which has none")


def test_kpn_filters_calls_by_its_own_statuses(kpn: Client) -> None:
    uuid = kpn.placed(answer_url=answer_url(kpn))
    for status, found in (("started", [uuid]), ("busy", [])):
        calls = kpn("GET", "/voice/calls", query={"status": status}).json()["_embedded"]["calls"]
        assert [each["uuid"] for each in calls] == found
    refused = kpn("GET", "/voice/calls", query={"status": "unanswered"})
    assert refused.status == 400
    assert "unanswered" not in refused.json()["message"]
    page = kpn("GET", "/voice/calls", query={"page_size": "1", "order": "desc"}).json()
    assert page["_links"]["self"]["href"] == "/calls?page_size=1&record_index=0&order=desc"
    assert page["_embedded"]["calls"][0]["_links"]["self"]["href"] == f"/calls/{uuid}"


# ── Applications ──


@pytest.mark.parametrize(
    ("headers", "body", "sent"),
    [
        ({"Content-Type": "application/json"}, b'{"name": "a"}', "JSON"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b' {"name": "a"}', "JSON"),
        ({"Content-Type": "multipart/form-data; boundary=a"}, b"--a--", "multipart/form-data"),
    ],
)
def test_kpn_says_that_an_application_is_a_form(kpn: Client, headers: dict[str, str], body: bytes, sent: str) -> None:
    url = kpn.emulator.address + KPN + "/applications"
    credentials = kpn.credentials("/applications")
    answer = httpx.post(url, headers={**headers, **credentials}, content=body, trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["message"] == f"body must be a form (application/x-www-form-urlencoded), not {sent}"


def test_kpn_says_where_the_values_of_a_request_belong(kpn: Client) -> None:
    form = {"name": "a", "type": "voice", "answer_url": "https://example.com", "event_url": "https://example.com"}
    changed = kpn("PUT", f"/applications/{kpn.application_id}", form=form)
    assert (changed.status, changed.json()["message"]) == (400, "body is not read: send the values in the query")
    other = kpn("PUT", f"/applications/{kpn.application_id}", query={**form, "type": "message"})
    assert (other.status, other.json()["message"]) == (400, "type must be one of: voice")
    called = kpn("POST", "/voice/calls", form=form)
    words = "body must be JSON (application/json), not application/x-www-form-urlencoded"
    assert (called.status, called.json()["message"]) == (400, words)


def test_an_application_keeps_legs_for_days(vonage: Client) -> None:
    assert vonage.create()["capabilities"]["voice"]["leg_persistence_time"] == 2
    assert vonage.create(leg_persistence_time=31)["capabilities"]["voice"]["leg_persistence_time"] == 31
    for product in ("voice", "rtc"):
        body = {"name": "a", "capabilities": {product: {"leg_persistence_time": 32, "signed_callbacks": 1}}}
        refused = vonage("POST", "/v2/applications", json=body)
        assert refused.json()["invalid_parameters"] == [
            {"name": f"capabilities.{product}.signed_callbacks", "reason": "must be true or false"},
            {"name": f"capabilities.{product}.leg_persistence_time", "reason": "must be between 1 and 31"},
        ]


INVALID = ("Bad Request", "The request failed due to validation errors")
ONLY_JSON = "provided. Must be one of the following: 'application/json'"


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "type", "words"),
    [
        ("POST", "", {"json": {}}, 400, "/application#payload-validation", INVALID),
        ("GET", "", {"query": {"page_size": "0"}}, 400, "/application#list-validation", INVALID),
        (
            "GET",
            "",
            {"headers": {"Authorization": "no"}},
            401,
            "#unauthorized",
            ("Invalid credentials supplied", "You did not provide correct credentials."),
        ),
        ("GET", "/A1", {}, 404, "#not-found", ("Not Found", "ID 'A1' does not exist, or you do not have access")),
        ("TRACE", "", {}, 405, "#wrong-verb", ("Request method not allowed", "Request method 'TRACE' not supported")),
        (
            "GET",
            "",
            {"headers": {"Accept": "text/csv"}},
            406,
            "#accept-header",
            ("Invalid Accept header", f"Invalid Accept header {ONLY_JSON}"),
        ),
        (
            "POST",
            "",
            {"form": {"a": "b"}},
            415,
            "#content-type-header",
            ("Unsupported Content-Type header", f"Unsupported Content-Type header {ONLY_JSON}"),
        ),
    ],
)
def test_errors_of_applications_have_the_documented_words(
    vonage: Client, method: str, path: str, more: dict[str, Any], status: int, type: str, words: tuple[str, str]
) -> None:
    refused = vonage(method, f"/v2/applications{path}", **more)
    body = refused.json()
    assert (refused.status, body["type"]) == (status, "https://developer.vonage.com/api-errors" + type)
    assert (body["title"], body["detail"]) == words
    assert len(body["instance"]) == 32


# ── Numbers ──


def test_numbers_take_key_and_secret_from_everywhere(vonage: Client) -> None:
    number = {"country": "NL", "msisdn": "31201234567"}
    pair = {"api_key": API_KEY, "api_secret": API_SECRET}
    wrong = {**pair, "api_secret": "wrong"}
    path = "/number/update"
    assert vonage.send("POST", path, form={**number, **pair}).status == 200
    assert vonage.send("POST", path, form=number, query=pair).status == 200
    assert vonage.send("GET", "/account/numbers", query=pair).status == 200
    for refused in (
        vonage.send("POST", path, form={**number, **wrong}),
        vonage.send("POST", path, form=number, query=wrong),
        vonage.send("POST", path, form={**number, "api_key": API_KEY}),
        vonage.send("POST", path, form={**number, **pair}, headers={"Authorization": "Basic bm86bm8="}),
        vonage.send("POST", path, json={**number, **pair}),
    ):
        assert refused.status == 401
        assert refused.json() == {"error-code": "401", "error-code-label": "authentication failed"}
    assert API_SECRET not in repr(list(vonage.emulator.account.requests))


@pytest.mark.parametrize("spelling", ["true", "True", "TRUE"])
def test_numbers_are_filtered_as_sdks_spell_it(vonage: Client, spelling: str) -> None:
    vonage("POST", "/number/update", form={"country": "NL", "msisdn": "31201234567", "app_id": vonage.application_id})
    found = vonage("GET", "/account/numbers", query={"has_application": spelling}).json()
    assert [each["app_id"] for each in found["numbers"]] == [vonage.application_id]
    refused = vonage("GET", "/account/numbers", query={"has_application": "yes"})
    assert refused.json() == {"error-code": "420", "error-code-label": "has_application must be true or false"}


def test_kpn_ignores_filters_that_it_does_not_describe(kpn: Client) -> None:
    everything = kpn("GET", "/phone-numbers/account/numbers").json()
    query = {"country": "FR", "has_application": "yes", "application_id": "none"}
    assert kpn("GET", "/phone-numbers/account/numbers", query=query).json() == everything


def test_numbers_say_the_documented_words(vonage: Client) -> None:
    refused = vonage("POST", "/number/buy", form={"country": "FR", "msisdn": "33123456789"})
    assert refused.status == 420
    assert refused.json()["error-code-label"].startswith(
        "Numbers from this country can be requested from the Dashboard ("
    )
    sent = vonage("POST", "/number/buy", json={"country": "FR", "msisdn": "33123456789"})
    assert "must be a form" in sent.json()["error-code-label"]
