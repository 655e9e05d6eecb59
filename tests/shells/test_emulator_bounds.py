"""The emulator's memory has bounds, and its webhooks are what an independent reader takes them for."""

from __future__ import annotations

import gc
import hashlib
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from ncco_lang.emulator import auth
from ncco_lang.emulator.log import Log
from ncco_lang.emulator.options import API_KEY, SIGNATURE_SECRET, EmulatorOptions
from ncco_lang.emulator.server import running
from ncco_lang.net.types import Response
from ncco_lang.tokens.keys import make_key_pair
from tests.emulated import Client, emulator_of
from tests.shells.http_server import Answer, Asked, Scripts, serving


@pytest.fixture
def vonage() -> Iterator[Client]:
    with emulator_of() as emulator, Client(emulator, make_key_pair()) as client:
        client.create()
        yield client


@pytest.fixture
def receiver() -> Iterator[Scripts]:
    """Somebody else's server, that takes webhooks."""
    with serving() as scripts:
        scripts.on("POST", "/event", Answer(200))
        scripts.on("GET", "/event", Answer(200))
        scripts.on("GET", "/answer", Answer(json=[{"action": "talk", "text": "Hello."}]))
        scripts.on("POST", "/answer", Answer(json=[{"action": "talk", "text": "Hello."}]))
        yield scripts


def claims_of(asked: Asked, payload: bytes) -> None:
    """Hold a webhook's token against the rules as they are written (voice-api.md C3), with PyJWT alone."""
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
    reasons = [event["body"].get("reason", "") for event in vonage.emulator.world.events]
    assert any("did not answer within 1 s" in reason for reason in reasons)


def test_a_log_keeps_so_many_and_so_much() -> None:
    log = Log(3, 100)
    for number in range(9):
        log.append({"number": number}, 10)
    assert [entry["number"] for entry in log] == [6, 7, 8]
    log.append({"number": 9}, 85)
    assert [entry["number"] for entry in log] == [8, 9]
    log.append({"number": 10}, 1000)
    assert [entry["number"] for entry in log] == [10]
    log.clear()
    log.append({"number": 11}, 100)
    assert [entry["number"] for entry in log] == [11]


def test_large_events_do_not_pile_up(vonage: Client) -> None:
    body = "x" * 1_000_000
    for _ in range(40):
        assert vonage.send("POST", "/webhooks/event", json=body).status == 204
    assert 1 < len(vonage.emulator.world.events) < 20


def test_a_long_path_is_cut_in_the_log(vonage: Client) -> None:
    vonage.send("GET", "/" + "a" * 30_000)
    assert len(vonage.emulator.world.requests[-1]["path"]) == 2000


def test_used_tokens_are_forgotten_at_some_number(vonage: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MOST_USED", 5)
    for _ in range(9):
        assert vonage("GET", "/v1/calls").status == 200
    assert len(vonage.emulator.world.used) == 5
    token = {"Authorization": f"Bearer {vonage.jwt()}"}
    statuses = [vonage.send("GET", path, headers=token).status for path in ("/v1/files/a", "/v1/files/a", "/v1/calls")]
    assert statuses == [200, 200, 200]
    again: list[Response] = [vonage.send("GET", path, headers=token) for path in ("/v1/calls", "/v1/files/a")]
    assert [answer.status for answer in again] == [401, 401]


def test_calls_that_are_over_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    from ncco_lang.emulator import switchboard

    monkeypatch.setattr(switchboard, "MOST_CALLS", 3)
    with emulator_of() as emulator, Client(emulator, make_key_pair()) as client:
        client.create()
        stays = client.placed("31612345699")
        for _ in range(6):
            last = client.placed()
            while not emulator.world.calls[last].is_over:
                client("GET", f"/v1/calls/{last}")
        # The oldest goes on, and is in nobody's way.
        assert next(iter(emulator.world.calls)) == stays
        assert len(emulator.world.calls) == 3


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
