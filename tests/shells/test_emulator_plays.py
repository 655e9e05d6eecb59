"""Test that calls of the emulator play their NCCO: as `ncco play` does, at any speed, and with requests in between."""

from __future__ import annotations

import json
import re
import threading
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from wave import open as open_wave

import pytest

from ncco_lang.cli.play_answers import Server
from ncco_lang.emulator.bounds import Bounds
from ncco_lang.emulator.options import NUMBERS
from ncco_lang.emulator.server import Running
from ncco_lang.net.types import Request
from ncco_lang.simulate import script
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.player import CALLER, MONDAY
from ncco_lang.simulate.scenario import Scenario, write_scenario
from ncco_lang.simulate.transcript import transcript
from ncco_lang.simulate.types import Act, HangUp, Hook, Plan, Press, Say, Settings, Silence
from ncco_lang.tokens.keys import KeyPair
from tests.emulated import ANSWERED, STAYS, TALK, Client, emulator_of
from tests.shells.answer_server import PIN, AnswerServer, answer_server
from tests.shells.http_server import Answer, Asked, Scripts, serving
from tests.shells.shell import ROOT

NUMBER = NUMBERS[0]
SAMPLES = sorted([*(ROOT / "samples").glob("*/*.ncco.json"), ROOT / "samples/handwritten/menu.json"])
ASK = {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}}
ROOM = {"action": "conversation", "name": "room"}
LONG = {"action": "talk", "text": "Please hold the line.", "loop": 0}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An emulator that serves the samples; their webhooks go to its sink."""
    folder = tmp_path_factory.mktemp("documents")
    with emulator_of(documents=str(folder)) as emulator:
        for path in SAMPLES:
            text = re.sub(r'https://[^"]+', f"{emulator.address}/webhooks/event", path.read_text(encoding="utf-8"))
            (folder / path.name).write_text(text, encoding="utf-8")
        yield emulator


@pytest.fixture
def client(server: Running, keys: KeyPair) -> Iterator[Client]:
    server.account.events.clear()
    with Client(server, keys) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Scripts]:
    with serving() as scripts:
        scripts.on("POST", "/event", Answer(200))
        yield scripts


def linked(client: Client, answer_url: str | None = None, **webhooks: Any) -> None:
    """Create an application, and link the number to it."""
    if answer_url is not None:
        webhooks = {"answer_url": {"address": answer_url}, **webhooks}
    client.create(webhooks=webhooks)
    client.emulator.account.numbers[NUMBER].link(client.application_id)


def called(client: Client, acts: Sequence[Act] = (), plans: dict[str, Plan] | None = None, **body: Any) -> str:
    """Call the number from outside; return the uuid."""
    scenario = write_scenario(Scenario(script=tuple(acts), plans=plans or {}, at=MONDAY))
    answer = client.send("POST", "/_emulator/calls", json={"to": NUMBER, "from": CALLER, **scenario, **body})
    assert answer.status == 201, answer.content
    uuid: str = answer.json()["uuid"]
    return uuid


def transcript_of(client: Client, uuid: str, **query: str) -> dict[str, Any]:
    answer = client.send("GET", f"/_emulator/calls/{uuid}/transcript", query=query)
    assert answer.status == 200, answer.content
    value: dict[str, Any] = answer.json()
    return value


def finished(client: Client, uuid: str) -> dict[str, Any]:
    """Return the transcript of a call, once it is over."""
    client.emulator.settle()
    value = transcript_of(client, uuid)
    assert value.pop("over") is True
    return value


def lines(client: Client, uuid: str, *kinds: str) -> list[dict[str, Any]]:
    """Return the lines of some kinds, once no webhook is on its way."""
    networks = client.emulator.scheduler._networks
    wait_for(lambda: not any(live.pending for each in list(networks.values()) for live in list(each.live.values())))
    return [line for line in transcript_of(client, uuid)["events"] if line["what"] in kinds]


def as_played(answer_url: str, event_url: str, acts: Sequence[Act], plans: dict[str, Plan]) -> dict[str, Any]:
    """Return the transcript of the same call by `ncco play`."""
    settings = Settings(
        answer=Hook(url=answer_url, method="GET", read=5.0),
        event=Hook(url=event_url),
        plan_of=script.plans_by_number(plans),
    )
    phone, server = Phone(settings, now=MONDAY), Server()
    try:
        leg = phone.ring_in(NUMBER, CALLER)
        return transcript(list(script.play(phone, leg, acts, server.respond)), MONDAY)
    finally:
        server.close()


# ── As `ncco play` ──


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample_is_played_as_by_ncco_play(client: Client, path: Path) -> None:
    address = client.emulator.address
    answer_url, event_url = f"{address}/documents/{path.name}", f"{address}/webhooks/event"
    linked(client, answer_url)
    plans = {"*": Plan(lasts=20.0)}
    for acts in ((), (Press("1"), Say("", 4.0), Press("12#"), Say("sales"), Silence(), HangUp(), Press("0"))):
        there = finished(client, called(client, acts, plans))
        assert json.dumps(there) == json.dumps(as_played(answer_url, event_url, acts, plans))
        assert there["events"][-1]["what"] in ("webhook", "unused")


@pytest.fixture(scope="module")
def bank() -> Iterator[AnswerServer]:
    with answer_server() as server:
        yield server


def test_a_server_is_driven_as_by_ncco_play(client: Client, bank: AnswerServer) -> None:
    event_url = client.emulator.address + "/webhooks/event"
    linked(client, bank.url)
    acts = (Press("9"), Press("1"), Press("1111"), Press(PIN))
    there = finished(client, called(client, acts))
    assert [line["text"] for line in there["events"] if line["what"] == "talk"][-1] == "Your balance is 12 euros."
    assert json.dumps(there) == json.dumps(as_played(bank.url, event_url, acts, {}))
    there = finished(client, called(client, (Press("2"), Say("", 8.0), Press("#"))))
    assert bank.recordings[-1]["size"] == 8 * 4000


@pytest.mark.parametrize("speed", [50.0, 1.0])
def test_times_of_a_call_do_not_depend_on_the_speed(receiver: Scripts, keys: KeyPair, speed: float) -> None:
    def late(_: Asked) -> Answer:
        time.sleep(0.1)
        return Answer(json=[{"action": "talk", "text": "Ja."}])

    # Real time is short: what is said takes 0.6 s in all.
    receiver.on(
        "GET",
        "/answer",
        Answer(json=[{"action": "talk", "text": "Hello."}, {**ASK, "eventUrl": [f"{receiver.address}/keys"]}]),
    )
    receiver.on("POST", "/keys", late)
    answer_url, event_url = receiver.address + "/answer", receiver.address + "/event"
    with emulator_of(speed=speed) as emulator, Client(emulator, keys) as client:
        linked(client, answer_url, event_url={"address": event_url})
        there = finished(client, called(client, (Press("1"),)))
    assert json.dumps(there) == json.dumps(as_played(answer_url, event_url, (Press("1"),), {}))


# ── Several calls ──


def test_two_calls_meet_in_one_conversation(by_hand: Client) -> None:
    guest = called(by_hand, ncco=[{**ROOM, "startOnEnter": False}, {"action": "talk", "text": "Bye."}])
    host = called(by_hand, ncco=[{**ROOM, "endOnExit": True}])
    calls = by_hand.emulator.account.calls
    assert calls[guest].conversation == calls[host].conversation
    assert by_hand.send("POST", f"/_emulator/calls/{host}/act", json={"hang_up": True}).status == 204
    happened = [line["what"] for line in lines(by_hand, guest, "joined", "started", "over", "talk")]
    assert happened == ["joined", "started", "over", "talk"]
    moved = [event["uuid"] for event in by_hand.events() if event.get("type") == "transfer"]
    assert moved == [host]


@pytest.mark.parametrize("speed", [0, 50.0])
def test_a_slow_server_holds_its_own_call_only(receiver: Scripts, keys: KeyPair, speed: float) -> None:
    opened = threading.Event()

    def slow_answer(_: Asked) -> Answer:
        opened.wait(10)
        return Answer(json=TALK)

    receiver.on("GET", "/slow", slow_answer)
    receiver.on("GET", "/quick", Answer(json=TALK))
    event_url = receiver.address + "/event"
    with emulator_of(speed=speed, numbers=(NUMBER, "31201234568")) as emulator, Client(emulator, keys) as client:
        linked(client, receiver.address + "/slow", event_url={"address": event_url})
        slow = called(client)
        # Also in the same network: the answer URL is another one for the next call.
        webhooks = {
            "answer_url": {"address": receiver.address + "/quick"},
            "event_url": {"address": event_url},
        }
        body = {"name": "app", "capabilities": {"voice": {"webhooks": webhooks}}}
        assert client("PUT", f"/v2/applications/{client.application_id}", json=body).status == 200
        quick = called(client)
        wait_for(lambda: transcript_of(client, quick)["over"])
        assert not transcript_of(client, slow)["over"]
        assert not any(line["what"] == "talk" for line in transcript_of(client, slow)["events"])
        opened.set()
        there = finished(client, slow)
    assert json.dumps(there) == json.dumps(as_played(receiver.address + "/slow", event_url, (), {}))


def test_a_webhook_that_a_call_waits_for_waits_a_second_for_others(receiver: Scripts, keys: KeyPair) -> None:
    receiver.on("POST", "/event", Answer(cut="silent"))
    receiver.on("GET", "/answer", Answer(json=TALK))
    with emulator_of(speed=50) as emulator, Client(emulator, keys) as client:
        linked(client, receiver.address + "/answer", event_url={"address": receiver.address + "/event"})
        uuid = called(client)
        wait_for(lambda: client("GET", f"/v1/calls/{uuid}").json()["status"] == "completed")
        # One event is on its way, and the others wait for it.
        assert len(receiver.of("POST", "/event")) == 1


def wait_for(is_there: Any) -> None:
    """Check again and again, for at most ten seconds, until something is the case."""
    ends = time.monotonic() + 10
    while not is_there():
        assert time.monotonic() < ends
        time.sleep(0.002)


def test_every_leg_is_a_call(client: Client) -> None:
    linked(client)
    endpoint = {"type": "phone", "number": "31201234568"}
    uuid = called(client, ncco=[{"action": "connect", "endpoint": [endpoint], "from": NUMBER}])
    finished(client, uuid)
    first, second = client("GET", "/v1/calls").json()["_embedded"]["calls"]
    assert (first["uuid"], first["direction"], first["status"]) == (uuid, "inbound", "completed")
    assert (first["from"], first["to"]) == ({"type": "phone", "number": CALLER}, {"type": "phone", "number": NUMBER})
    assert (second["direction"], second["to"], second["duration"]) == ("outbound", endpoint, "10")
    # Any leg names the call.
    assert transcript_of(client, second["uuid"]) == transcript_of(client, uuid)


# ── Placed calls ──


def test_a_script_for_the_next_placed_call(client: Client) -> None:
    linked(client)
    scenario = Scenario(script=(Press("7"),), plans={"31201234568": Plan(status="busy")}, at=MONDAY)
    body = {"to": "+" + ANSWERED, **write_scenario(scenario)}
    assert client.send("POST", "/_emulator/scripts", json=body).status == 204
    dials = {"action": "connect", "endpoint": [{"type": "phone", "number": "31201234568"}], "from": NUMBER}
    uuid = client.placed(ANSWERED, ncco=[ASK, dials])
    there = finished(client, uuid)
    at = {line["status"]: line["at"] for line in there["events"] if line["what"] == "status" and line["leg"] == "id-1"}
    assert at == {"started": 0.0, "ringing": 1.0, "answered": 3.0, "completed": 6.0}
    assert any(line["what"] == "input" and line["dtmf"]["digits"] == "7" for line in there["events"])
    assert client.events()[0]["timestamp"] == "2026-01-05T10:00:00.000Z"
    # The script was for one call.
    uuid = client.placed(ANSWERED, ncco=[ASK])
    assert not any(line["what"] == "press" for line in finished(client, uuid)["events"])


def test_a_placed_call_is_played_at_a_pace(keys: KeyPair) -> None:
    with emulator_of(pace=0.05) as emulator, Client(emulator, keys) as client:
        client.create()
        uuid = client.placed(ANSWERED, ncco=[LONG])
        there = finished(client, uuid)
    status = [(line["at"], line["status"]) for line in there["events"] if line["what"] == "status"]
    assert status == [(0.0, "started"), (0.05, "ringing"), (0.1, "answered"), (0.15, "completed")]


def test_a_machine_is_heard_after_its_beep(client: Client) -> None:
    linked(client)
    detection = {"mode": "detect_beep", "beep_timeout": 50}
    for to, state, after in (("31612345697", "beep_start", 5.0), ("31612345685", "beep_timeout", 53.0)):
        there = finished(client, client.placed(to, advanced_machine_detection=detection))
        assert [line["at"] for line in there["events"] if line.get("sub_state") == state] == [after]
        assert [line["at"] for line in there["events"] if line["what"] == "talk"] == [after]


# ── Requests during a call ──


@pytest.fixture
def by_hand(keys: KeyPair) -> Iterator[Client]:
    """An answered inbound call on a stopped clock, with `uuid`."""
    with emulator_of(speed=None) as emulator, Client(emulator, keys) as client:
        linked(client)
        client.uuid = called(client, ncco=[ASK, LONG])
        yield client


def change(client: Client, method: str, path: str, body: Any = None) -> None:
    answer = client(method, f"/v1/calls/{client.uuid}{path}", **({} if body is None else {"json": body}))
    assert answer.status in (200, 204), answer.content


def test_what_is_played_into_a_call_is_heard_until_it_is_stopped(by_hand: Client) -> None:
    uuid = by_hand.uuid
    change(by_hand, "PUT", "/talk", {"text": "Hallo", "language": "nl-NL", "style": 2, "level": "0.4", "loop": 0})
    change(by_hand, "PUT", "/stream", {"stream_url": ["https://example.com/a.mp3"], "level": 1})
    (talk,) = lines(by_hand, uuid, "talk")
    assert (talk["text"], talk["language"], talk["style"], talk["level"], talk["loop"]) == ("Hallo", "nl-NL", 2, 0.4, 0)
    assert lines(by_hand, uuid, "stream") == []
    change(by_hand, "DELETE", "/talk")
    (stream,) = lines(by_hand, uuid, "stream")
    assert (stream["url"], stream["level"]) == ("https://example.com/a.mp3", 1.0)
    change(by_hand, "DELETE", "/stream")
    assert [line["sound"] for line in lines(by_hand, uuid, "stopped")] == ["talk", "stream"]
    change(by_hand, "PUT", "/dtmf", {"digits": "1p#"})
    assert lines(by_hand, uuid, "tones")[0]["digits"] == "1p#"


def test_each_key_is_posted_as_long_as_it_is_wanted(by_hand: Client) -> None:
    def press(keys: str) -> None:
        assert by_hand.send("POST", f"/_emulator/calls/{by_hand.uuid}/act", json={"press": keys}).status == 204

    sink = by_hand.emulator.address + "/webhooks/event"
    change(by_hand, "PUT", "/input/dtmf", {"event_url": [sink]})
    press("1")
    press("2")
    change(by_hand, "DELETE", "/input/dtmf")
    press("3")
    change(by_hand, "PUT", "", {"action": "hangup"})
    by_hand.emulator.settle()
    posted = [event["dtmf"]["digits"] for event in by_hand.events() if "dtmf" in event]
    # The first key also ends the input of the NCCO, whose webhook lets others go first.
    assert sorted(posted) == ["1", "1", "2"]


def test_a_muted_caller_is_not_heard(by_hand: Client) -> None:
    by_hand.uuid = called(by_hand, ncco=[{"action": "input", "type": ["speech"]}])
    change(by_hand, "PUT", "", {"action": "mute"})
    say = {"say": "sales"}
    assert by_hand.send("POST", f"/_emulator/calls/{by_hand.uuid}/act", json=say).status == 204
    change(by_hand, "PUT", "", {"action": "earmuff"})
    while not (heard := lines(by_hand, by_hand.uuid, "input")):
        by_hand.emulator.advance()
    assert heard[0]["speech"]["timeout_reason"] == "start_timeout"
    assert [line["what"] for line in lines(by_hand, by_hand.uuid, "mute", "earmuff", "say")] == [
        "mute",
        "say",
        "earmuff",
    ]


def test_a_call_is_transferred(by_hand: Client, receiver: Scripts) -> None:
    receiver.on("GET", "/other", Answer(json=[LONG]))
    before = by_hand("GET", f"/v1/calls/{by_hand.uuid}").json()["conversation_uuid"]
    for destination in ({"ncco": [{**LONG, "text": "Inline."}]}, {"url": [receiver.address + "/other"]}):
        change(by_hand, "PUT", "", {"action": "transfer", "destination": {"type": "ncco", **destination}})
    wait_for(lambda: len(lines(by_hand, by_hand.uuid, "talk")) == 2)
    assert [line["text"] for line in lines(by_hand, by_hand.uuid, "talk")] == ["Inline.", LONG["text"]]
    assert {"to", "from", "uuid", "conversation_uuid"} <= {name for name, _ in receiver.of("GET", "/other")[0].query}
    # A destination that does not answer costs an error event, and the call goes on.
    gone = {"type": "ncco", "url": [receiver.address + "/gone"]}
    change(by_hand, "PUT", "", {"action": "transfer", "destination": gone})
    wait_for(lambda: any("reason" in event for event in by_hand.events()))
    call = by_hand("GET", f"/v1/calls/{by_hand.uuid}").json()
    assert call["status"] == "answered"
    assert call["conversation_uuid"] != before
    moves = [event for event in by_hand.events() if event.get("type") == "transfer"]
    assert (moves[0]["conversation_uuid_from"], len(moves)) == (before, 2)


def test_a_callee_that_is_transferred_leaves_the_caller_to_the_next_action(by_hand: Client) -> None:
    connect = {"action": "connect", "endpoint": [{"type": "phone", "number": "31201234568"}], "from": NUMBER}
    caller = called(by_hand, (), {"*": Plan(lasts=None)}, ncco=[connect, {"action": "talk", "text": "Alone."}, LONG])
    while not lines(by_hand, caller, "connected"):
        by_hand.emulator.advance()
    callee = next(call for call in by_hand.emulator.account.calls.values() if call.leg.parent == caller)
    by_hand.uuid = callee.uuid
    change(by_hand, "PUT", "", {"action": "transfer", "destination": {"type": "ncco", "ncco": TALK}})
    assert {line["text"] for line in lines(by_hand, caller, "talk")} == {TALK[0]["text"], "Alone."}
    by_hand.emulator.advance()
    assert callee.is_over
    assert not by_hand.emulator.account.calls[caller].is_over


# ── Recordings ──


def test_a_recording_has_its_length(client: Client) -> None:
    linked(client)
    record = {"action": "record", "endOnKey": "#", "eventUrl": [client.emulator.address + "/webhooks/event"]}
    ask = {"action": "input", "type": ["speech"], "speech": {"saveAudio": True}}
    finished(client, called(client, (Say("", 8.0), Press("#"), Say("sales", 2.0)), ncco=[record, ask]))
    urls = [event["recording_url"] for event in client.events() if "recording_url" in event]
    urls += [
        event["speech"]["recording_url"] for event in client.events() if "recording_url" in event.get("speech", {})
    ]
    for url, seconds in zip(urls, (8.0, 0.333), strict=True):
        answer = client("GET", url.removeprefix(client.emulator.address))
        assert answer.headers["content-type"] == "audio/wav"
        with open_wave(BytesIO(answer.content)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
            assert sound.getnframes() == seconds * 16_000
            assert len(sound.readframes(sound.getnframes())) == int(answer.headers["content-length"]) - 44


def test_a_recording_of_hours_costs_no_memory(client: Client) -> None:
    linked(client)
    client.emulator.account.keep_files({"long": 7200.0})
    count = 0

    def write(piece: bytes) -> None:
        nonlocal count
        count += len(piece)

    headers = client.credentials("/v1/files/long")
    tracemalloc.start()
    try:
        request = Request(method="GET", url=client.emulator.address + "/v1/files/long", headers=headers)
        client.http_client.download(request, write)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 7200 * 32_000 + 44
    assert most < 8 << 20


# ── What is refused, forgotten and bounded ──


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (
            {"to": "31209999999"},
            404,
            f"the number 31209999999 is not linked to an application; these have one: {NUMBER}",
        ),
        ({"to": 5}, 400, "to must be a number or an address"),
        ({"to": NUMBER, "ncco": [{"action": "sing"}]}, 400, "ncco is not a valid NCCO"),
        ({"to": NUMBER, "script": [{"press": "a"}]}, 400, "script[0].press must be keys"),
        ({"to": NUMBER, "script": [{"press": "1"}, {"dance": True}]}, 400, "script[1] must be an object with one of"),
        ({"to": NUMBER, "script": [{"speak": 1e9}]}, 400, "script[0].speak must be seconds from 0 to 7200"),
        ({"to": NUMBER, "rings": {"*": {"status": "asleep"}}}, 400, "rings['*'].status must be one of"),
        ({"to": NUMBER, "rings": {"*": {"after": True}}}, 400, "rings['*'].after must be seconds"),
        ({"to": NUMBER, "at": "tomorrow"}, 400, "at must be a time such as"),
        ({"to": NUMBER, "at": "9999-12-31T23:59:59Z"}, 400, "at must be a time from the year 1970 to 9000"),
        ({"to": NUMBER, "scirpt": []}, 400, "scirpt is unknown"),
        ([], 400, "the body must be a JSON object"),
    ],
)
def test_a_wrong_call_from_outside_is_refused(client: Client, body: Any, status: int, words: str) -> None:
    linked(client)
    answer = client.send("POST", "/_emulator/calls", json=body)
    assert answer.status == status
    assert words in answer.json()["error"]


def test_a_call_that_is_over_takes_no_more_acts_and_keeps_its_transcript(client: Client) -> None:
    linked(client)
    uuid = called(client, ncco=TALK)
    whole = finished(client, uuid)
    assert client.send("POST", f"/_emulator/calls/{uuid}/act", json={"press": "1"}).status == 404
    assert client.send("POST", "/_emulator/calls/nothing/act", json={"press": "1"}).status == 404
    assert client.send("GET", "/_emulator/calls/nothing/transcript").status == 404
    assert transcript_of(client, uuid, **{"from": "3"})["events"] == whole["events"][3:]
    assert not client.emulator.scheduler.exchange.live


def test_a_call_that_is_dropped_leaves_others_in_its_conversation(keys: KeyPair) -> None:
    with emulator_of(speed=None, bounds=Bounds(calls=2)) as emulator, Client(emulator, keys) as client:
        linked(client)
        first = called(client, ncco=[{**ROOM, "record": True}])
        second = called(client, ncco=[ROOM])
        third = called(client, ncco=[{**ROOM, "endOnExit": True}])
        assert list(emulator.account.calls) == [second, third]
        assert transcript_of(client, third)["events"][0]["what"] == "call"
        assert client.send("GET", f"/_emulator/calls/{first}/transcript").status == 404
        client.uuid = third
        change(client, "PUT", "", {"action": "hangup"})
        assert lines(client, second, "over")
        emulator.settle()


def test_a_bug_in_the_phone_ends_the_call_and_no_other(keys: KeyPair) -> None:
    reported: list[str] = []
    with emulator_of(reported.append, speed=None) as emulator, Client(emulator, keys) as client:
        linked(client)
        broken, whole = client.placed(ANSWERED), client.placed(STAYS)
        # The plan of a leg says when it answers; without one the phone cannot go on.
        emulator.account.calls[broken].leg.plan = {}
        emulator.advance(2)
        assert emulator.account.calls[broken].status == "failed"
        assert transcript_of(client, broken)["over"]
        assert f"call {broken}: the emulator itself failed: KeyError" in reported
        assert emulator.account.calls[whole].status == "answered"


def test_a_transcript_that_is_full_gets_no_more_lines(keys: KeyPair) -> None:
    with emulator_of(bounds=Bounds(transcript_bytes=20_000)) as emulator, Client(emulator, keys) as client:
        linked(client)
        uuid = called(client, ncco=[{"action": "talk", "text": "x" * 1000}] * 40)
        talks = [line for line in finished(client, uuid)["events"] if line["what"] == "talk"]
        assert 5 < len(talks) < 20
