"""Test requests to the emulator that take effect late, also after the client has gone."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import NUMBERS
from ncco_lang.emulator.server import Running
from ncco_lang.net.types import TransportError
from ncco_lang.tokens.keys import make_key_pair
from tests.emulated import KPN, TALK, Client, basic, emulator_of, json_of, request_bytes

KEYS = make_key_pair()
BARE: dict[str, Any] = {"name": "a", "keys": {"public_key": KEYS.public}, "capabilities": {}}
LATE = Fault(kind="effect_after", seconds=600, times=0)
GATEWAY = Fault(kind="status", status=504, effect=True, method="POST", times=0)
CUT = Fault(kind="drop", when="before", effect=True, times=0)


@pytest.fixture(params=["vonage", "kpn"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    with emulator_of(provider=request.param) as emulator, Client(emulator, KEYS) as client:
        client.create()
        yield client


@pytest.fixture
def vonage() -> Iterator[Client]:
    with emulator_of() as emulator, Client(emulator, KEYS) as client:
        client.create()
        yield client


def cut(client: Client, method: str, path: str, **more: Any) -> None:
    """Send a request whose connection is cut at once."""
    with pytest.raises(TransportError):
        client(method, path, **more)


def waits(emulator: Running, number: int) -> None:
    """Wait until so many requests wait for their effect."""
    until = time.monotonic() + 20
    while len(emulator.account.late) != number:
        assert time.monotonic() < until
        time.sleep(0.002)


def test_every_kind_of_change_comes_late_and_in_order(client: Client) -> None:
    world, id, kpn = client.emulator.account, client.application_id, client.is_kpn
    sink = client.emulator.address + "/webhooks/event"
    apps = "/applications" if kpn else "/v2/applications"
    form = {"name": "new", "type": "voice", "answer_url": sink, "event_url": sink}
    body: dict[str, Any] = {"query" if kpn else "json": form if kpn else {**BARE, "name": "new"}}
    link = {"country": "NL", "msisdn": NUMBERS[0], "app_id": id, "voiceCallbackType": "app", "voiceCallbackValue": id}
    call = {"to": [{"type": "phone", "number": "31612345699"}], "from": {"type": "phone", "number": NUMBERS[0]}}
    more: dict[str, Any] = {"answer_url": [sink]} if kpn else {"ncco": TALK}
    world.faults.add(LATE, CUT)
    cut(client, "POST", "/voice/calls" if kpn else "/v1/calls", json={**call, **more, "event_url": [sink]})
    cut(client, "PUT", f"{apps}/{id}", **body)
    cut(client, "POST", "/phone-numbers/number/update" if kpn else "/number/update", form=link)
    cut(client, "POST", apps, **({"form": form} if kpn else body))
    waits(client.emulator, 4)
    assert (list(world.applications), list(world.calls)) == ([id], [])
    assert (world.applications[id].name, world.numbers[NUMBERS[0]].application_id) == ("app", None)
    client.emulator.advance()
    assert (len(world.applications), len(world.calls), world.applications[id].name) == (2, 1, "new")
    assert world.numbers[NUMBERS[0]].application_id == id

    cut(client, "PUT", f"{apps}/{id}", **body)
    cut(client, "DELETE", f"{apps}/{id}")
    cut(client, "POST", "/phone-numbers/number/update" if kpn else "/number/update", form=link)
    waits(client.emulator, 3)
    assert id in world.applications
    client.emulator.advance()
    # The link took effect after its application was deleted, so it was refused.
    assert id not in world.applications
    assert world.numbers[NUMBERS[0]].application_id is None


def test_the_gateway_answers_504_at_once_and_the_backend_finishes_later(vonage: Client) -> None:
    faults = [
        {"kind": "status", "status": 504, "effect": True, "method": "POST", "path": "/v2/applications"},
        {"kind": "effect_after", "seconds": 0.3},
    ]
    assert vonage.send("PUT", "/_emulator/faults", json=faults).status == 204
    began = time.monotonic()
    assert vonage("POST", "/v2/applications", json=BARE).status == 504
    # A list is a read: it is not delayed, and shows the current state.
    total = vonage("GET", "/v2/applications").json()["total_items"]
    assert total == 1 or time.monotonic() - began >= 0.3
    while vonage("GET", "/v2/applications").json()["total_items"] == 1:
        assert time.monotonic() < began + 20
    assert time.monotonic() - began >= 0.3


def test_the_effect_comes_also_when_the_client_has_gone() -> None:
    reported: list[str] = []
    with emulator_of(tell=reported.append) as emulator:
        emulator.account.faults.add(LATE)
        place = urlsplit(emulator.address)
        data = request_bytes("POST", "/v2/applications", {**basic(), "Content-Type": "application/json"}, json_of(BARE))
        with socket.create_connection((place.hostname or "", place.port or 0), 5) as connection:
            connection.sendall(data)
            waits(emulator, 1)
        with socket.create_connection((place.hostname or "", place.port or 0), 5) as connection:
            # A client that leaves before the request is complete has requested nothing.
            connection.sendall(data[:-1])
        while len(emulator.account.requests) < 2:
            time.sleep(0.002)
        assert len(emulator.account.late) == 1
        emulator.advance()
        assert len(emulator.account.applications) == 1
        assert [entry["status"] for entry in emulator.account.requests] == [None, None]
        assert reported == ["POST /v2/applications finished after the client had gone: 201"]


def test_the_answer_comes_after_the_effect_and_after_its_delay(vonage: Client) -> None:
    for latency, effect in ((0.0, 0.1), (0.2, 0.1), (0.1, 0.2)):
        vonage.emulator.account.faults.put([Fault(kind="effect_after", seconds=effect)])
        if latency:
            vonage.emulator.account.faults.add(Fault(kind="latency", seconds=latency))
        began, before = time.monotonic(), len(vonage.emulator.account.applications)
        answer = vonage("POST", "/v2/applications", json=BARE)
        assert time.monotonic() - began >= max(latency, effect)
        assert answer.status == 201
        assert len(vonage.emulator.account.applications) == before + 1


@pytest.mark.parametrize("when", ["after", "middle"])
def test_a_cut_after_the_effect_waits_for_it(vonage: Client, when: str) -> None:
    faults = vonage.emulator.account.faults
    faults.put([Fault(kind="effect_after", seconds=0.05), Fault(kind="drop", when=when), GATEWAY])
    before = len(vonage.emulator.account.applications)
    cut(vonage, "POST", "/v2/applications", json=BARE)
    made = len(vonage.emulator.account.applications) - before
    # Half of the gateway's response does not wait for the backend.
    assert made == 1 or when == "middle"
    vonage.emulator.advance()
    assert len(vonage.emulator.account.applications) == before + 1


@pytest.mark.parametrize("fault", [Fault(kind="status", status=504), Fault(kind="drop", when="before")])
def test_what_is_refused_or_does_not_arrive_has_no_late_effect(vonage: Client, fault: Fault) -> None:
    vonage.emulator.account.faults.put([LATE, fault])
    try:
        assert vonage("POST", "/v2/applications", json=BARE).status == 504
    except TransportError:
        assert fault.kind == "drop"
    assert len(vonage.emulator.account.late) == 0
    vonage.emulator.advance()
    assert len(vonage.emulator.account.applications) == 1


def test_a_cut_before_anything_takes_effect_where_it_says_so(vonage: Client) -> None:
    vonage.emulator.account.faults.put([CUT])
    cut(vonage, "POST", "/v2/applications", json=BARE)
    assert len(vonage.emulator.account.applications) == 2


def test_who_asks_is_looked_at_when_the_request_comes(client: Client) -> None:
    path = (KPN + "/applications") if client.is_kpn else "/v2/applications"
    client.emulator.account.faults.put([LATE])
    # A refusal is not delayed.
    assert client.send("POST", path, json=BARE).status == 401
    client.emulator.account.faults.put([LATE, GATEWAY])
    sink = client.emulator.address + "/webhooks/event"
    form = {"name": "new", "type": "voice", "answer_url": sink, "event_url": sink}
    body: dict[str, Any] = {"form": form} if client.is_kpn else {"json": BARE}
    client("POST", path.removeprefix(KPN), **body)
    waits(client.emulator, 1)
    client.emulator.account.revoke()
    client.emulator.advance()
    assert len(client.emulator.account.applications) == 2


def test_tokens_and_what_lies_beside_the_api_come_at_once(client: Client) -> None:
    client.emulator.account.faults.put([LATE])
    if client.is_kpn:
        assert client.fetch_token().status == 200
    assert client.send("POST", "/webhooks/event", json={}).status == 204
    assert client("GET", "/account/numbers" if not client.is_kpn else "/phone-numbers/account/numbers").status == 200


def test_a_late_call_of_an_application_that_is_gone_is_refused(vonage: Client) -> None:
    world = vonage.emulator.account
    world.faults.put([LATE, CUT])
    cut(vonage, "POST", "/v1/calls", json={"to": [{"type": "phone", "number": "31612345678"}], "ncco": TALK})
    waits(vonage.emulator, 1)
    world.forget(vonage.application_id)
    vonage.emulator.advance()
    assert not world.calls


def test_so_many_wait_and_no_more(vonage: Client) -> None:
    world = vonage.emulator.account
    world.late.most = 3
    world.faults.put([LATE, CUT])
    for number in range(5):
        cut(vonage, "POST", "/v2/applications", json={**BARE, "name": f"late {number}"})
    while len(world.applications) < 3:
        time.sleep(0.002)
    assert [application.name for application in world.applications.values()] == ["app", "late 0", "late 1"]
    assert len(world.late) == 3
