"""Test the emulator's calls: their states, webhooks and controls, at both providers."""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.emulator.options import SIGNATURE_SECRET
from ncco_lang.emulator.outcomes import ENDINGS
from ncco_lang.emulator.server import Running
from ncco_lang.tokens.jwt import BadToken, payload_of_query, verify_webhook
from ncco_lang.tokens.keys import KeyPair, make_key_pair
from tests.emulated import ANSWERED, RINGS, STAYS, TALK, Client, emulator_of
from tests.shells.shell import Shell


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents, served under `/documents/`."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "talk.json").write_text(json.dumps(TALK), encoding="utf-8")
    (folder / "wrong.json").write_text('[{"action": "sing"}]', encoding="utf-8")
    (folder / "talk.html").write_text(json.dumps(TALK), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Running]:
    with emulator_of(documents=str(folder)) as emulator:
        yield emulator


@pytest.fixture
def vonage(server: Running, keys: KeyPair) -> Iterator[Client]:
    """A client with an application whose events go to the sink."""
    server.account.faults.clear()
    server.account.events.clear()
    server.account.requests.clear()
    with Client(server, keys) as client:
        client.create()
        yield client


@pytest.fixture(scope="module")
def slow(folder: Path) -> Iterator[Running]:
    """An emulator whose clock only moves by `advance`."""
    with emulator_of(documents=str(folder), speed=None) as emulator:
        yield emulator


@pytest.fixture
def by_hand(slow: Running, keys: KeyPair) -> Iterator[Client]:
    slow.account.events.clear()
    slow.account.requests.clear()
    with Client(slow, keys) as client:
        client.create()
        yield client
    # Calls in progress would post to the next test's sink.
    while not all(call.is_over for call in slow.account.calls.values()):
        slow.advance()
    slow.settle()


@pytest.fixture(scope="module")
def kpn_server(folder: Path) -> Iterator[Running]:
    with emulator_of(provider="kpn", documents=str(folder)) as emulator:
        yield emulator


@pytest.fixture
def kpn(kpn_server: Running) -> Iterator[Client]:
    kpn_server.account.events.clear()
    with Client(kpn_server) as client:
        client.create()
        yield client


def document(client: Client, name: str) -> str:
    return f"{client.emulator.address}/documents/{name}"


def statuses(client: Client) -> list[str]:
    return [event.get("status") or event.get("type") or "error" for event in client.events()]


def lines(client: Client, uuid: str) -> list[dict[str, Any]]:
    """Return the lines of a call's transcript so far."""
    found: list[dict[str, Any]] = client.send("GET", f"/_emulator/calls/{uuid}/transcript").json()["events"]
    return found


def asked_for(client: Client, name: str) -> int:
    return sum(entry["path"] == f"/documents/{name}" for entry in client.emulator.account.requests)


# ── States ──


def test_a_call_is_answered_and_completed(vonage: Client) -> None:
    answer = vonage.call()
    assert answer.status == 201
    made = answer.json()
    assert (made["status"], made["direction"]) == ("started", "outbound")
    assert made["conversation_uuid"].startswith("CON-")
    vonage.emulator.settle()
    call = vonage("GET", f"/v1/calls/{made['uuid']}").json()
    assert call["status"] == "completed"
    assert call["to"] == {"type": "phone", "number": ANSWERED}
    assert (call["rate"], call["duration"], call["price"]) == ("0.01200000", "1", "0.00020000")
    assert (call["start_time"][-5:], call["end_time"][-5:], call["network"]) == (".000Z", ".000Z", "20408")
    assert call["_links"]["self"]["href"] == f"{vonage.emulator.address}/v1/calls/{made['uuid']}"
    events = vonage.events()
    assert [event["status"] for event in events] == ["started", "ringing", "answered", "completed"]
    assert all(event["headers"] == {} and event["uuid"] == made["uuid"] for event in events)
    assert (events[2]["start_time"], events[2]["network"]) == (None, None)
    assert (events[3]["duration"], events[3]["network"]) == ("1", "NL-FIXED")


def test_states_one_by_one(by_hand: Client) -> None:
    uuid = by_hand.placed()
    shown = []
    for _ in range(4):
        shown.append(by_hand("GET", f"/v1/calls/{uuid}").json())
        by_hand.emulator.advance()
    assert [call["status"] for call in shown] == ["started", "ringing", "answered", "completed"]
    assert not any("duration" in call or "start_time" in call for call in shown[:3])


@pytest.mark.parametrize(
    ("digits", "events", "detail"),
    [
        ("81", ["started", "rejected"], "invalid_number"),
        ("82", ["started", "rejected"], "restricted"),
        ("83", ["started", "failed"], "number_out_of_service"),
        ("84", ["started", "ringing", "unanswered"], "carrier_timeout"),
        ("85", ["started", "ringing", "answered", "completed"], None),
        ("86", ["started", "ringing", "answered", "completed"], None),
        ("91", ["started", "ringing", "busy"], None),
        ("92", ["started", "ringing", "timeout"], None),
        ("93", ["started", "ringing", "rejected"], "declined"),
        ("94", ["started", "ringing", "unanswered"], "unavailable"),
        ("95", ["started", "failed"], "cannot_route"),
        ("96", ["started", "ringing", "cancelled"], None),
        ("97", ["started", "ringing", "answered", "completed"], None),
        ("00", ["started", "ringing", "answered", "completed"], None),
    ],
)
def test_the_last_two_digits_say_how_it_ends(
    vonage: Client, digits: str, events: list[str], detail: str | None
) -> None:
    uuid = vonage.placed(f"316123456{digits}")
    vonage.emulator.settle()
    call = vonage("GET", f"/v1/calls/{uuid}").json()
    assert statuses(vonage) == events
    assert call["status"] == events[-1]
    assert vonage.events()[-1].get("detail") == detail
    assert ("duration" in call) == (events[-1] == "completed")


def test_every_ending_stands_in_the_help_and_in_the_docs(ncco: Shell) -> None:
    root = Path(__file__).resolve().parents[2]
    page = (root / "docs/design/emulating.md").read_text(encoding="utf-8")
    shown, _ = ncco("emulate", "--help", code=0)
    for digits, ending in ENDINGS.items():
        assert ending.words
        assert f"  {digits}  {ending.words}\n" in shown
        assert f"| {digits} | {ending.words}" in page


def test_who_hung_up_is_told(vonage: Client) -> None:
    vonage.placed("31612345686")
    vonage.emulator.settle()
    assert vonage.events()[-1]["disconnected_by"] == "user"


def test_a_call_that_stays_ends_by_its_timer(by_hand: Client) -> None:
    uuid = by_hand.placed(STAYS, length_timer=100)
    by_hand.emulator.advance(3)
    call = by_hand("GET", f"/v1/calls/{uuid}").json()
    assert (call["status"], call["duration"]) == ("completed", "100")


def test_the_length_keeps_to_the_timer(vonage: Client) -> None:
    uuid = vonage.placed(length_timer=2, ncco=[{"action": "talk", "text": "Hello.", "loop": 0}])
    vonage.emulator.settle()
    assert vonage("GET", f"/v1/calls/{uuid}").json()["duration"] == "2"


@pytest.mark.parametrize("steps", [0, 1])
def test_a_call_that_is_hung_up_before_the_answer_is_cancelled(by_hand: Client, steps: int) -> None:
    uuid = by_hand.placed(RINGS)
    by_hand.emulator.advance(steps)
    hung = by_hand("PUT", f"/v1/calls/{uuid}", json={"action": "hangup"})
    assert (hung.status, hung.content) == (204, b"")
    by_hand.emulator.settle()
    assert by_hand("GET", f"/v1/calls/{uuid}").json()["status"] == "cancelled"
    assert by_hand("PUT", f"/v1/calls/{uuid}", json={"action": "hangup"}).status == 404


# ── Machines ──


@pytest.mark.parametrize(
    ("to", "detection", "heard", "last"),
    [
        (ANSWERED, {"machine_detection": "continue"}, ("human", None), "completed"),
        ("31612345697", {"machine_detection": "continue"}, ("machine", None), "completed"),
        ("31612345697", {"machine_detection": "hangup"}, ("machine", None), "completed"),
        (
            "31612345697",
            {"advanced_machine_detection": {"behavior": "continue", "mode": "detect_beep"}},
            ("machine", "beep_start"),
            "completed",
        ),
        (
            "31612345685",
            {"advanced_machine_detection": {"mode": "detect_beep", "beep_timeout": 45}},
            ("machine", "beep_timeout"),
            "completed",
        ),
    ],
)
def test_machines_are_detected(
    vonage: Client, to: str, detection: dict[str, Any], heard: tuple[str, str | None], last: str
) -> None:
    uuid = vonage.placed(to, **detection)
    vonage.emulator.settle()
    event = vonage.events()[-2]
    assert (event["status"], event.get("sub_state")) == heard
    assert event["call_uuid"] == uuid
    assert "uuid" not in event
    assert statuses(vonage)[-1] == last


def test_a_machine_is_a_state(by_hand: Client) -> None:
    uuid = by_hand.placed("31612345697", machine_detection="continue")
    by_hand.emulator.advance(2)
    assert by_hand("GET", f"/v1/calls/{uuid}").json()["status"] == "machine"
    assert by_hand("GET", "/v1/calls", query={"status": "machine"}).json()["count"] == 1
    by_hand.emulator.advance()


# ── NCCOs ──


def test_the_answer_url_is_asked(vonage: Client) -> None:
    vonage.placed(answer_url=[document(vonage, "talk.json") + "?a=b%20c"])
    vonage.emulator.settle()
    assert statuses(vonage)[-1] == "completed"
    (entry,) = [each for each in vonage.emulator.account.requests if each["path"] == "/documents/talk.json"]
    assert entry["query"]["a"] == "b c"
    assert (entry["query"]["to"], entry["query"]["from"]) == (ANSWERED, "31201234567")
    assert entry["query"]["region_url"] == vonage.emulator.address
    assert {"uuid", "conversation_uuid", "endpoint_type"} <= set(entry["query"])


def test_an_answer_url_by_post(vonage: Client) -> None:
    vonage.placed(answer_url=[vonage.emulator.address + "/webhooks/event"], answer_method="POST")
    vonage.emulator.settle()
    # The sink takes it, and its 204 is not an NCCO.
    fields = next(event for event in vonage.events() if "region_url" in event)
    assert fields["to"] == ANSWERED
    assert "error" in statuses(vonage)


@pytest.mark.parametrize(
    ("name", "words", "times"),
    [
        ("wrong.json", "Syntax error in NCCO", 1),
        ("nothing.json", "it answered 404", 1),
        ("talk.html", "Syntax error in NCCO", 1),
    ],
)
def test_an_answer_that_is_no_ncco_ends_the_call(vonage: Client, name: str, words: str, times: int) -> None:
    uuid = vonage.placed(answer_url=[document(vonage, name)])
    vonage.emulator.settle()
    assert statuses(vonage) == ["started", "ringing", "answered", "error", "completed"]
    error = vonage.events()[3]
    assert words in error["reason"]
    assert set(error) == {"reason", "conversation_uuid", "timestamp"}
    assert vonage("GET", f"/v1/calls/{uuid}").json()["status"] == "completed"
    assert asked_for(vonage, name) == times


def test_an_inline_ncco_that_is_none_ends_the_call(vonage: Client) -> None:
    vonage.placed(ncco=[{"action": "talk"}])
    vonage.emulator.settle()
    assert statuses(vonage)[-2:] == ["error", "completed"]


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        ({"kind": "status", "status": 503}, 2),
        ({"kind": "status", "status": 500}, 1),
        ({"kind": "drop"}, 2),
    ],
)
def test_what_is_tried_again_and_then_falls_back(vonage: Client, fault: dict[str, Any], times: int) -> None:
    vonage.create(webhooks={"fallback_answer_url": {"address": document(vonage, "talk.json")}})
    path = "/documents/gone.json"
    vonage.send("PUT", "/_emulator/faults", json=[{**fault, "path": path, "times": 0}])
    vonage.placed(answer_url=[document(vonage, "gone.json")])
    vonage.emulator.settle()
    assert "error" not in statuses(vonage)
    assert asked_for(vonage, "gone.json") == times
    (entry,) = [each for each in vonage.emulator.account.requests if each["path"] == "/documents/talk.json"]
    original = json.loads(entry["query"]["original_request"])
    assert original == {"url": document(vonage, "gone.json"), "type": "answer"}
    assert entry["query"]["reason"]


def test_webhooks_stay_on_this_machine_unless_it_is_allowed(vonage: Client) -> None:
    vonage.placed(answer_url=["https://example.com/answer"])
    vonage.emulator.settle()
    assert "another machine" in vonage.events()[3]["reason"]


def test_nothing_listens_at_the_answer_url(vonage: Client) -> None:
    vonage.placed(answer_url=["http://127.0.0.1:1/answer"])
    vonage.emulator.settle()
    assert statuses(vonage)[-2:] == ["error", "completed"]


# ── Webhooks ──


def test_webhooks_are_signed(vonage: Client) -> None:
    vonage.placed()
    vonage.emulator.settle()
    event = vonage.emulator.account.events[0]
    token = event["headers"]["authorization"].removeprefix("Bearer ")
    payload = event["text"].encode("utf-8")
    claims = verify_webhook(token, SIGNATURE_SECRET, payload=payload, now=time.time())
    assert claims["application_id"] == vonage.application_id
    with pytest.raises(BadToken):
        verify_webhook(token, SIGNATURE_SECRET, payload=payload + b" ", now=time.time())


def test_webhooks_by_get_are_signed_over_their_query(vonage: Client) -> None:
    vonage.placed(event_url=[vonage.emulator.address + "/webhooks/event?key=1"], event_method="GET")
    vonage.emulator.settle()
    event = vonage.emulator.account.events[0]
    assert (event["method"], event["query"]["key"], event["query"]["headers"]) == ("GET", "1", "{}")
    token = event["headers"]["authorization"].removeprefix("Bearer ")
    payload = payload_of_query(event["query"].items())
    assert verify_webhook(token, SIGNATURE_SECRET, payload=payload, now=time.time())["iss"] == "Vonage"


def test_an_application_that_does_not_sign(vonage: Client) -> None:
    vonage.create(signed_callbacks=False)
    vonage.placed()
    vonage.emulator.settle()
    assert not any("authorization" in event["headers"] for event in vonage.emulator.account.events)


def test_webhooks_that_come_twice_and_late(vonage: Client) -> None:
    late = {"kind": "webhooks", "late": 0.05}
    vonage.send("PUT", "/_emulator/faults", json=[late, {"kind": "webhooks", "double": True}])
    vonage.placed()
    vonage.emulator.settle()
    shown = statuses(vonage)
    assert sorted(shown) == ["answered", "completed", "ringing", "ringing", "started"]
    assert shown[0] == "ringing"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/events", "https://example.com/events", "http://[::1]:1/"])
def test_an_event_url_of_nobody_stops_nothing(vonage: Client, url: str) -> None:
    uuid = vonage.placed(event_url=[url])
    vonage.emulator.settle()
    assert vonage("GET", f"/v1/calls/{uuid}").json()["status"] == "completed"


# ── What can be done to a call ──


@pytest.mark.parametrize("action", ["mute", "unmute", "earmuff", "unearmuff"])
def test_a_leg_is_muted_and_earmuffed(by_hand: Client, action: str) -> None:
    uuid = by_hand.placed(STAYS)
    by_hand.emulator.advance(2)
    assert by_hand("PUT", f"/v1/calls/{uuid}", json={"action": action}).status == 204
    leg = by_hand.emulator.account.calls[uuid].leg
    assert (leg.muted, leg.earmuffed) == (action == "mute", action == "earmuff")
    assert lines(by_hand, uuid)[-1]["what"] == action


def test_what_is_played_into_a_call(by_hand: Client) -> None:
    uuid = by_hand.placed(STAYS)
    path = f"/v1/calls/{uuid}"
    talk, stream = {"text": "Hello", "level": "0.4"}, {"stream_url": ["https://example.com/a.mp3"], "loop": 0}
    assert by_hand("PUT", path + "/talk", json=talk).status == 400
    by_hand.emulator.advance(2)
    for name, body in (("talk", talk), ("stream", stream)):
        assert by_hand("PUT", f"{path}/{name}", json=body).json() == {
            "message": f"{name.title()} started",
            "uuid": uuid,
        }
        assert by_hand("DELETE", f"{path}/{name}").json() == {"message": f"{name.title()} stopped", "uuid": uuid}
    assert by_hand("PUT", path + "/dtmf", json={"digits": "1p#"}).json() == {"message": "DTMF sent", "uuid": uuid}
    for method, more in (("PUT", {"json": {"event_url": ["https://example.com/d"]}}), ("DELETE", {})):
        answer = by_hand(method, path + "/input/dtmf", **more)
        assert (answer.status, answer.content) == (200, b"")
    for name, body in (("talk", {}), ("talk", {"text": "a", "level": 2}), ("stream", {}), ("dtmf", {"digits": "x"})):
        answer = by_hand("PUT", f"{path}/{name}", json=body)
        assert answer.status == 400
        assert answer.json()["invalid_parameters"]
    assert by_hand("PUT", "/v1/calls/nothing/talk", json=talk).status == 404


def test_a_transfer_moves_the_leg(by_hand: Client) -> None:
    uuid = by_hand.placed(STAYS)
    path = f"/v1/calls/{uuid}"
    to_ncco = {"action": "transfer", "destination": {"type": "ncco", "ncco": TALK}}
    assert by_hand("PUT", path, json=to_ncco).status == 400
    by_hand.emulator.advance(2)
    before = by_hand("GET", path).json()["conversation_uuid"]
    assert by_hand("PUT", path, json=to_ncco).status == 204
    url = {"type": "ncco", "url": [document(by_hand, "talk.json")]}
    assert by_hand("PUT", path, json={"action": "transfer", "destination": url}).status == 204
    gone = {"type": "ncco", "url": [document(by_hand, "wrong.json")]}
    assert by_hand("PUT", path, json={"action": "transfer", "destination": gone}).status == 204
    by_hand("PUT", path, json={"action": "mute"})
    wait_for(lambda: len(by_hand.events()) >= 6)
    moves = [event for event in by_hand.events() if event.get("type") == "transfer"]
    assert moves[0]["conversation_uuid_from"] == before
    assert {moves[0]["conversation_uuid_to"], moves[1]["conversation_uuid_to"]} >= {
        by_hand("GET", path).json()["conversation_uuid"]
    }
    # The transfer without an NCCO reported why, and the old one continued.
    assert any("Syntax error in NCCO" in event.get("reason", "") for event in by_hand.events())
    assert by_hand("GET", path).json()["status"] == "answered"


def wait_for(is_there: Any) -> None:
    """Check again and again, for at most ten seconds, until something has happened that no event reports."""
    ends = time.monotonic() + 10
    while not is_there():
        assert time.monotonic() < ends


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "dance"},
        {"action": ["hangup"]},
        {"action": "transfer"},
        {"action": "transfer", "destination": {"type": "ncco"}},
        {"action": "transfer", "destination": {"type": "ncco", "url": "https://example.com"}},
        {"action": "transfer", "destination": {"type": "ncco", "url": ["https://example.com"], "ncco": TALK}},
    ],
)
def test_what_cannot_be_done_to_a_call(by_hand: Client, body: dict[str, Any]) -> None:
    uuid = by_hand.placed(STAYS)
    by_hand.emulator.advance(2)
    assert by_hand("PUT", f"/v1/calls/{uuid}", json=body).status == 400
    assert by_hand("PUT", "/v1/calls/nothing", json={"action": "mute"}).status == 404


# ── Orders ──


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"to": []}, "to"),
        ({"to": {"type": "phone", "number": ANSWERED}}, "to"),
        ({"to": [{"type": "fax", "number": "31612345678"}]}, "to.type"),
        ({"to": [{"type": "phone", "number": "123"}]}, "number"),
        ({"to": [{"type": "phone", "number": 31612345678}]}, "number"),
        ({"to": [{"type": "websocket", "uri": "wss://example.com"}]}, "to.content-type"),
        ({"to": [{"type": "sip"}]}, "to.uri"),
        ({"from": {"type": "phone", "number": "x"}}, "from.number"),
        ({"from": {"type": "sip", "uri": "sip:a@b"}}, "from.type"),
        ({"random_from_number": True}, "random_from_number"),
        ({"answer_url": ["https://example.com"]}, "ncco"),
        ({"ncco": {}}, "ncco"),
        ({"ncco": [5]}, "ncco"),
        ({"event_url": "https://example.com"}, "event_url"),
        ({"event_url": ["file:///etc/hosts"]}, "event_url"),
        ({"event_method": "PUT"}, "event_method"),
        ({"machine_detection": "maybe"}, "machine_detection"),
        ({"advanced_machine_detection": 5}, "advanced_machine_detection"),
        ({"advanced_machine_detection": {"beep_timeout": 1}}, "advanced_machine_detection.beep_timeout"),
        ({"length_timer": 0}, "length_timer"),
        ({"length_timer": True}, "length_timer"),
        ({"ringing_timer": 121}, "ringing_timer"),
    ],
)
def test_what_is_wrong_with_an_order_is_named(vonage: Client, more: dict[str, Any], name: str) -> None:
    answer = vonage.call(**{"ncco": TALK, **more})
    assert answer.status == 400
    assert (answer.json()["type"], answer.json()["title"]) == (400, "Bad Request")
    assert [parameter["name"] for parameter in answer.json()["invalid_parameters"]] == [name]


def test_other_endpoints_and_a_number_by_chance(vonage: Client) -> None:
    rate = {"content-type": "audio/l16;rate=16000"}
    for endpoint in (
        {"type": "sip", "uri": "sip:anna@example.com"},
        {"type": "sip", "user": "anna", "domain": "example.com"},
        {"type": "websocket", "uri": "wss://example.com/a", **rate},
        {"type": "vbc", "extension": "1234"},
    ):
        body = {"to": [endpoint], "from": {"type": "phone", "number": "31201234567"}, "ncco": TALK}
        answer = vonage("POST", "/v1/calls", json=body)
        assert answer.status == 201
        shown = vonage("GET", f"/v1/calls/{answer.json()['uuid']}").json()
        assert shown["to"]["type"] == endpoint["type"]
    number = {"country": "GB", "msisdn": "442079460123", "app_id": vonage.application_id}
    vonage("POST", "/number/update", form=number)
    answer = vonage(
        "POST",
        "/v1/calls",
        json={"to": [{"type": "phone", "number": ANSWERED}], "random_from_number": True, "ncco": TALK},
    )
    uuid = answer.json()["uuid"]
    assert vonage("GET", f"/v1/calls/{uuid}").json()["from"]["number"] == "442079460123"
    vonage.emulator.settle()


# ── Lists ──


def test_calls_are_listed_in_pages_and_filtered(vonage: Client) -> None:
    uuids = [vonage.placed(to) for to in (ANSWERED, "31612345691", ANSWERED)]
    vonage.emulator.settle()

    def listed(**query: str) -> dict[str, Any]:
        body: dict[str, Any] = vonage("GET", "/v1/calls", query=query).json()
        return {**body, "uuids": [call["uuid"] for call in body["_embedded"]["calls"]]}

    page = listed(page_size="1", record_index="1", order="desc")
    assert (page["count"], page["page_size"], page["record_index"]) == (3, 1, 1)
    assert page["uuids"] == [uuids[1]]
    links = {name: link["href"] for name, link in page["_links"].items()}
    at = f"{vonage.emulator.address}/v1/calls?page_size=1&record_index="
    begins = {"self": 1, "first": 0, "last": 2, "next": 2, "prev": 0}
    assert links == {name: f"{at}{begin}&order=desc" for name, begin in begins.items()}
    (call,) = page["_embedded"]["calls"]
    assert call["_links"]["self"]["href"] == f"{vonage.emulator.address}/v1/calls/{uuids[1]}"
    assert "next" not in listed(record_index="2")["_links"]
    assert listed(status="busy")["uuids"] == [uuids[1]]
    call = vonage("GET", f"/v1/calls/{uuids[2]}").json()
    assert listed(conversation_uuid=call["conversation_uuid"])["uuids"] == [uuids[2]]
    assert listed(date_start="2999-01-01T00:00:00Z")["count"] == 0
    assert listed(date_start="2020-01-01T00:00:00+01:00", date_end="2999-01-01")["count"] == 3
    for query in ({"status": "gone"}, {"order": "up"}, {"date_start": "yesterday"}, {"page_size": "101"}):
        assert vonage("GET", "/v1/calls", query=query).status == 400


def test_calls_of_another_application_are_not_seen(vonage: Client) -> None:
    uuid = vonage.placed()
    vonage.create()
    assert vonage("GET", f"/v1/calls/{uuid}").status == 404
    assert vonage("GET", "/v1/calls").json()["count"] == 0
    vonage.emulator.settle()


# ── Tokens ──


def test_tokens_that_open_no_door(vonage: Client, keys: KeyPair) -> None:
    def status(token: str) -> int:
        answer = vonage.send("GET", "/v1/calls", headers={"Authorization": f"Bearer {token}"})
        if answer.status == 401:
            assert answer.json()["error_title"] == "Unauthorized"
            assert answer.json()["type"] == "UNAUTHORIZED"
        return answer.status

    once = vonage.jwt()
    assert [status(once), status(once)] == [200, 401]
    now = time.time()
    assert status(vonage.jwt(now=now - 1000)) == 401
    assert status(vonage.jwt(now=now + 300)) == 401
    assert status("x.y.z") == 401
    right, vonage.keys = vonage.keys, make_key_pair()
    assert status(vonage.jwt()) == 401
    vonage.keys = right
    assert vonage.send("GET", "/v1/calls").status == 401
    assert status(vonage.jwt()) == 200


def test_the_clock_can_be_wrong(vonage: Client) -> None:
    vonage.send("PUT", "/_emulator/faults", json=[{"kind": "clock", "seconds": 3600}])
    answer = vonage("GET", "/v1/calls")
    assert answer.status == 401
    from email.utils import parsedate_to_datetime

    assert parsedate_to_datetime(answer.headers["date"]).timestamp() > time.time() + 3000


def test_clocks_that_are_wrong_together_still_write_a_date(vonage: Client) -> None:
    for seconds in (1e9, -1e9):
        faults = [{"kind": "clock", "seconds": seconds}] * 300
        assert vonage.send("PUT", "/_emulator/faults", json=faults).status == 204
        assert vonage.send("GET", "/v1/calls").status == 401
    assert vonage.send("PUT", "/_emulator/faults", json=[]).status == 204


def test_a_recording_is_a_small_sound(vonage: Client) -> None:
    answer = vonage("GET", "/v1/files/abc")
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(BytesIO(answer.content)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16000)
        assert sound.getnframes() == 8000
    assert vonage.send("GET", "/v1/files/abc").status == 401


# ── KPN ──


def test_a_call_at_kpn(kpn: Client) -> None:
    url = [document(kpn, "talk.json")]
    uuid = kpn.placed(answer_url=url)
    kpn.emulator.settle()
    call = kpn("GET", f"/voice/calls/{uuid}").json()
    assert call["status"] == "completed"
    assert call["to"] == [{"type": "phone", "number": ANSWERED}]
    assert call["from"] == [{"type": "phone", "number": "31201234567"}]
    assert statuses(kpn) == ["started", "ringing", "answered", "completed"]
    assert not any("authorization" in event["headers"] for event in kpn.emulator.account.events)
    listed = kpn("GET", "/voice/calls").json()
    assert (listed["count"], listed["_embedded"]["calls"][0]["uuid"]) == (1, uuid)


def test_what_a_call_at_kpn_is_not(kpn: Client) -> None:
    url = [document(kpn, "talk.json")]
    assert kpn.call(ncco=TALK).status == 400
    assert kpn.call(answer_url=url, advanced_machine_detection={}).status == 400
    body = {"to": [{"type": "phone", "number": ANSWERED}], "answer_url": url}
    assert kpn("POST", "/voice/calls", json=body).status == 400
    stranger = {**body, "from": {"type": "phone", "number": "31209999999"}}
    assert "number of the account" in kpn("POST", "/voice/calls", json=stranger).json()["message"]
    assert kpn("GET", "/voice/calls", headers={"ApplicationId": ""}).status == 400
    assert kpn("GET", "/voice/calls", headers={"ApplicationId": "nothing"}).status == 404
    unanswered = kpn.placed("31612345694", answer_url=url)
    kpn.emulator.settle()
    # KPN has no status "unanswered"; the webhook is the platform's and has it.
    assert kpn("GET", f"/voice/calls/{unanswered}").json()["status"] == "timeout"
    assert statuses(kpn)[-1] == "unanswered"


def test_a_jwt_of_kpn_opens_recordings(kpn: Client) -> None:
    body = kpn("GET", "/jwt").json()
    assert set(body) == {"app_level", "application_Id", "JWT_token"}
    assert body["application_Id"] == kpn.application_id
    headers = {"Authorization": f"Bearer {body['JWT_token']}"}
    for _ in range(2):
        answer = kpn.send("GET", "/v1/files/abc", headers=headers)
        assert (answer.status, answer.headers["content-type"]) == (200, "audio/wav")
