"""Test that the emulator's memory is bounded, and that an independent library accepts its webhooks."""

from __future__ import annotations

import gc
import hashlib
import json
import socket
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from ncco_lang.emulator.bounds import Bounds, size_of
from ncco_lang.emulator.log import Log
from ncco_lang.emulator.options import API_KEY, NUMBERS, SIGNATURE_SECRET, EmulatorOptions
from ncco_lang.emulator.server import running
from ncco_lang.net.types import Response
from ncco_lang.tokens.keys import make_key_pair
from tests.emulated import TALK, Client, emulator_of
from tests.shells.http_server import Answer, Asked, Scripts, serving

KEYS = make_key_pair()


@pytest.fixture
def vonage() -> Iterator[Client]:
    with emulator_of() as emulator, Client(emulator, KEYS) as client:
        client.create()
        yield client


@pytest.fixture
def receiver() -> Iterator[Scripts]:
    """A server that receives webhooks."""
    with serving() as scripts:
        scripts.on("POST", "/event", Answer(200))
        scripts.on("GET", "/event", Answer(200))
        scripts.on("GET", "/answer", Answer(json=[{"action": "talk", "text": "Hello."}]))
        scripts.on("POST", "/answer", Answer(json=[{"action": "talk", "text": "Hello."}]))
        yield scripts


def claims_of(asked: Asked, payload: bytes) -> None:
    """Check a webhook's token against the documented rules (voice-api.md C3), with PyJWT alone."""
    scheme, token = asked.headers["authorization"].split(" ")
    assert scheme == "Bearer"
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(
        token, SIGNATURE_SECRET, algorithms=["HS256"], issuer="Vonage", options={"require": ["iat", "jti"]}
    )
    assert claims["payload_hash"] == hashlib.sha256(payload).hexdigest()
    assert claims["api_key"] == API_KEY
    assert abs(claims["iat"] - time.time()) < 60
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, SIGNATURE_SECRET + "x", algorithms=["HS256"])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_webhooks_are_signed_for_whoever_reads_the_rules(vonage: Client, receiver: Scripts, method: str) -> None:
    there: dict[str, Any] = {"answer_url": [f"{receiver.address}/answer?a=%C3%A9&b="], "answer_method": method}
    vonage.placed(**there, event_url=[f"{receiver.address}/event?key=a+b%26c"], event_method=method)
    vonage.emulator.settle()
    assert len(receiver.asked) == 5
    for asked in receiver.asked:
        query = dict(parse_qsl(asked.target.partition("?")[2], keep_blank_values=True))
        whole = json.dumps(query, separators=(",", ":"), ensure_ascii=False).encode()
        claims_of(asked, asked.body if method == "POST" else whole)
        assert (asked.body == b"") == (method == "GET")
    tokens = {asked.headers["authorization"] for asked in receiver.asked}
    assert len(tokens) == 5


def test_a_webhook_that_nobody_answers_is_given_up(vonage: Client, receiver: Scripts) -> None:
    times = {"connect_timeout": 300, "socket_timeout": 1000}
    silent = {"address": receiver.address + "/silent", "http_method": "GET", **times}
    receiver.on("GET", "/silent", Answer(cut="silent"))
    vonage.create(webhooks={"answer_url": silent})
    vonage.placed(answer_url=[receiver.address + "/silent"])
    vonage.emulator.settle()
    # Two attempts, as with every time-out (voice-api.md C4).
    assert len(receiver.of("GET", "/silent")) == 2
    reasons = [event["body"].get("reason", "") for event in vonage.emulator.account.events]
    assert any("did not answer within 1 s" in reason for reason in reasons)


def test_a_log_keeps_so_many_and_so_much() -> None:
    one = size_of({"number": 1})
    log = Log(3, 10 * one)
    for number in range(9):
        log.append({"number": number})
    assert [entry["number"] for entry in log] == [6, 7, 8]
    log.append({"number": "9" * 7 * one})
    assert len(log) == 2
    log.append({"number": "9" * 100 * one})
    assert len(log) == 1
    log.clear()
    log.append({"number": 11})
    assert [entry["number"] for entry in log] == [11]


@pytest.mark.parametrize(
    "value",
    [[], {}, "x" * 1000, [[]] * 1000, [{}] * 1000, list(range(1000)), {str(number): [number] for number in range(99)}],
)
def test_the_size_of_a_value_is_that_of_what_json_makes_of_it(value: Any) -> None:
    text = json.dumps([value] * 20)
    tracemalloc.start()
    try:
        kept = json.loads(text)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.9 * taken < size_of(kept) < 2.5 * taken + 2000


BODIES = {"text": "x" * 1_000_000, "lists": [[]] * 60_000, "objects": [{}] * 60_000}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("where", ["body", "query"])
def test_large_events_do_not_pile_up(body: str, where: str) -> None:
    most = 8 << 20
    with emulator_of(bounds=Bounds(log_bytes=most)) as emulator, Client(emulator) as client:
        for _ in range(6):
            more: dict[str, Any] = {"json": BODIES[body]} if where == "body" else {"query": {"a": body * 5000}}
            assert client.send("POST", "/webhooks/event", **more).status == 204
        events = list(emulator.account.events)
        assert events
        assert size_of(events) < 2 * most
        assert len(events) == 1 or size_of(events) <= most + 10_000


def test_a_long_path_is_cut_in_the_log(vonage: Client) -> None:
    vonage.send("GET", "/" + "a" * 30_000)
    assert len(vonage.emulator.account.requests[-1]["path"]) == 2000


def test_used_tokens_are_forgotten_at_some_number() -> None:
    with emulator_of(bounds=Bounds(used=5)) as emulator, Client(emulator, KEYS) as vonage:
        vonage.create()
        for number in range(9):
            claims = {"iat": int(time.time()), "application_id": vonage.application_id, "jti": str(number) * 3000}
            token = jwt.encode(claims, KEYS.private, algorithm="RS256")
            assert vonage.send("GET", "/v1/calls", headers={"Authorization": f"Bearer {token}"}).status == 200
        assert len(emulator.account.used) == 5
        assert all(len(key) == 16 for key in emulator.account.used)
        used = {"Authorization": f"Bearer {vonage.jwt()}"}
        paths = ("/v1/files/a", "/v1/files/a", "/v1/calls")
        assert [vonage.send("GET", path, headers=used).status for path in paths] == [200, 200, 200]
        again: list[Response] = [vonage.send("GET", path, headers=used) for path in ("/v1/calls", "/v1/files/a")]
        assert [answer.status for answer in again] == [401, 401]


def test_the_oldest_of_too_many_tokens_of_kpn_dies() -> None:
    with emulator_of(provider="kpn", bounds=Bounds(tokens=3)) as emulator, Client(emulator) as client:
        tokens = [client.fetch_token().json()["access_token"] for _ in range(5)]
        assert list(emulator.account.tokens) == tokens[2:]


@pytest.mark.parametrize("provider", ["vonage", "kpn"])
def test_the_oldest_of_too_many_applications_goes_with_its_links(provider: str) -> None:
    reported: list[str] = []
    bounds = Bounds(applications=3)
    with emulator_of(reported.append, provider=provider, bounds=bounds) as emulator, Client(emulator, KEYS) as client:
        ids = [client.create()["id"] for _ in range(3)]
        emulator.account.numbers[NUMBERS[0]].link(ids[0])
        ids += [client.create()["id"] for _ in range(2)]
        assert list(emulator.account.applications) == ids[2:]
        assert emulator.account.numbers[NUMBERS[0]].application_id is None
        assert f"application {ids[0]} is dropped: the emulator keeps no more" in reported


def test_applications_that_grow_make_others_go(vonage: Client) -> None:
    bounds = Bounds(application_bytes=2 << 20)
    with emulator_of(bounds=bounds) as emulator, Client(emulator, KEYS) as client:
        first, second, third = (client.create()["id"] for _ in range(3))
        for id in (second, third):
            body = {"name": "large", "capabilities": {}, "more": "x" * 900_000}
            assert client("PUT", f"/v2/applications/{id}", json=body).status == 200
        assert list(emulator.account.applications) == [first, second, third]
        body = {"name": "large", "capabilities": {}, "more": "x" * 500_000}
        assert client("PUT", f"/v2/applications/{first}", json=body).status == 200
        # The one that grew stays, and the oldest of the others is dropped.
        assert list(emulator.account.applications) == [first, third]
        client("DELETE", f"/v2/applications/{third}")
        client.create()
        client.create()
        assert len(emulator.account.applications) == 3


def test_no_more_numbers_are_bought_than_are_kept() -> None:
    with emulator_of(bounds=Bounds(numbers=len(NUMBERS) + 1)) as emulator, Client(emulator) as client:
        form = {"country": "NL", "msisdn": "31970123400"}
        assert client("POST", "/number/buy", form=form).status == 200
        assert client("POST", "/number/buy", form={**form, "msisdn": "31970123401"}).status == 420
        update = {**form, "moHttpUrl": "https://example.com/" + "x" * 2000}
        assert "up to 2000 characters" in client("POST", "/number/update", form=update).json()["error-code-label"]
        assert client("POST", "/number/cancel", form=form).status == 200
        assert list(emulator.account.numbers) == list(NUMBERS)


def test_calls_that_are_over_make_room() -> None:
    with emulator_of(bounds=Bounds(calls=3), speed=50) as emulator, Client(emulator, KEYS) as client:
        client.create()
        stays = client.placed("31612345699")
        for _ in range(6):
            last = client.placed()
            while not emulator.account.calls[last].is_over:
                client("GET", f"/v1/calls/{last}")
        # The oldest continues, and blocks no other.
        assert next(iter(emulator.account.calls)) == stays
        assert len(emulator.account.calls) == 3


def test_the_oldest_of_too_many_live_calls_sends_nothing_more() -> None:
    with emulator_of(bounds=Bounds(calls=2), speed=None) as emulator, Client(emulator, KEYS) as client:
        client.create()
        uuids = [client.placed("31612345699") for _ in range(4)]
        assert list(emulator.account.calls) == uuids[2:]
        emulator.advance(2)
        answered = [event["uuid"] for event in client.events() if event["status"] == "answered"]
        assert sorted(answered) == sorted(uuids[2:])
        assert client("GET", f"/v1/calls/{uuids[0]}").status == 404


def test_a_call_with_a_large_ncco_takes_the_room_of_many() -> None:
    with emulator_of(bounds=Bounds(call_bytes=2 << 20), speed=None) as emulator, Client(emulator, KEYS) as client:
        client.create()
        for _ in range(6):
            client.placed("31612345699", ncco=[{"action": "talk", "text": "x" * 900_000}])
        assert len(emulator.account.calls) == 2


def test_webhooks_that_cannot_go_out_do_not_pile_up(receiver: Scripts) -> None:
    receiver.on("POST", "/event", Answer(cut="silent"))
    bounds = Bounds(outbox=5)
    with emulator_of(bounds=bounds, outside=True, speed=50) as emulator, Client(emulator, KEYS) as client:
        client.create()
        uuid = client.placed("31612345699", event_url=[receiver.address + "/event"])
        while not emulator.account.calls[uuid].is_talking:
            client("GET", f"/v1/calls/{uuid}")
        move = {"action": "transfer", "destination": {"type": "ncco", "ncco": TALK}}
        for _ in range(20):
            assert client("PUT", f"/v1/calls/{uuid}", json=move).status == 204
        while len(emulator.account.posted) < 20:
            client("GET", f"/v1/calls/{uuid}")
        assert len(emulator.scheduler.network(client.application_id).live[uuid].outbox) <= 5


def test_what_goes_on_beside_has_an_end(vonage: Client) -> None:
    with emulator_of(bounds=Bounds(beside=1), speed=50) as emulator, Client(emulator, KEYS) as client:
        client.create()
        uuid = client.placed("31612345699")
        while not emulator.account.calls[uuid].is_talking:
            client("GET", f"/v1/calls/{uuid}")
        move = {"action": "transfer", "destination": {"type": "ncco", "ncco": TALK}}
        assert client("PUT", f"/v1/calls/{uuid}", json=move).status == 429


def test_clients_with_other_time_outs_are_closed(receiver: Scripts) -> None:
    with emulator_of(bounds=Bounds(wires=2), outside=True) as emulator, Client(emulator, KEYS) as client:
        for number in range(5):
            event = {"address": receiver.address + "/event", "socket_timeout": 1000 + number}
            client.create(webhooks={"event_url": event})
            client.placed()
        emulator.settle()
        assert len(receiver.of("POST", "/event")) == 20
        assert len(emulator.scheduler.exchange.webhooks._wires) <= 2


@pytest.mark.parametrize("tls", [False, True])
def test_whoever_came_just_before_the_end_is_let_go(tls: bool) -> None:
    gc.disable()
    try:
        for _ in range(5):
            with running(EmulatorOptions(port=0, tls=tls)) as emulator:
                port = urlsplit(emulator.address).port
                callers = [socket.create_connection(("127.0.0.1", port or 0), 10) for _ in range(5)]
            for caller in callers:
                with caller, suppress(ConnectionResetError):
                    assert caller.recv(1) == b""
    finally:
        gc.enable()
