"""Test the emulator's faults and limits, and that no request can break it."""

from __future__ import annotations

import json
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.limits import WINDOW, Limit
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running, running
from ncco_lang.net.types import TransportError
from ncco_lang.tokens.keys import KeyPair
from ncco_lang.workspace.listening import CannotListen
from tests.emulated import ANSWERED, KPN, TALK, Client, basic, emulator_of, form_of, json_of, raw, request_bytes

BARE: dict[str, Any] = {"name": "a", "capabilities": {}}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with emulator_of() as emulator:
        yield emulator


@pytest.fixture
def vonage(server: Running, keys: KeyPair) -> Iterator[Client]:
    server.account.faults.clear()
    server.account.requests.clear()
    with Client(server, keys) as client:
        yield client


# ── Faults ──


def test_an_answer_in_the_place_of_another(vonage: Client) -> None:
    fault = {"kind": "status", "status": 429, "headers": {"Retry-After": "7"}, "path": "/v2", "times": 2}
    assert vonage.send("PUT", "/_emulator/faults", json=[fault]).status == 204
    before = len(vonage.emulator.account.applications)
    for _ in range(2):
        answer = vonage("POST", "/v2/applications", json=BARE)
        assert (answer.status, answer.headers["retry-after"]) == (429, "7")
        assert answer.json()["title"] == "Rate Limit Hit"
    assert len(vonage.emulator.account.applications) == before
    assert vonage("GET", "/v2/applications").status == 200


def test_an_answer_in_the_place_of_another_after_the_work(vonage: Client) -> None:
    vonage.emulator.account.faults.add(Fault(kind="status", status=502, method="POST", effect=True))
    before = len(vonage.emulator.account.applications)
    assert vonage("POST", "/v2/applications", json=BARE).status == 502
    assert len(vonage.emulator.account.applications) == before + 1


def test_a_redirect_and_a_body_of_ones_own(vonage: Client) -> None:
    there = {"Location": "/v2/applications"}
    vonage.emulator.account.faults.add(
        Fault(kind="status", status=302, headers=there), Fault(kind="status", status=202, body={"a": 1})
    )
    assert vonage("GET", "/v2/applications").headers["location"] == "/v2/applications"
    answer = vonage("GET", "/v2/applications")
    assert (answer.status, answer.json()) == (202, {"a": 1})


def test_a_date_of_ones_own_is_the_only_one(vonage: Client) -> None:
    then = "Mon, 01 Jan 2024 00:00:00 GMT"
    vonage.emulator.account.faults.add(Fault(kind="status", status=429, headers={"Date": then}))
    assert vonage("GET", "/v2/applications").headers["date"] == then


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1), ("middle", 1)])
@pytest.mark.parametrize("tls", [False, True])
def test_a_connection_is_cut(when: str, made: int, tls: bool) -> None:
    with emulator_of(tls=tls) as emulator, Client(emulator) as client:
        emulator.account.faults.add(Fault(kind="drop", when=when, method="POST"))
        with pytest.raises(TransportError) as failed:
            client("POST", "/v2/applications", json=BARE)
        assert failed.value.sent
        assert len(emulator.account.applications) == made
        assert emulator.account.requests[0]["status"] == (201 if when == "middle" else None)
        assert client("GET", "/v2/applications").json()["total_items"] == made


def test_half_of_an_answer_is_half(vonage: Client) -> None:
    vonage.emulator.account.faults.add(Fault(kind="drop", when="middle"))
    got = raw(vonage.emulator, request_bytes("GET", "/v2/applications", basic()))
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) == length // 2


def test_an_empty_answer_that_is_cut_does_not_come(vonage: Client) -> None:
    vonage.emulator.account.faults.add(Fault(kind="status", status=204, body={"a": 1}))
    answer = vonage("GET", "/v2/applications")
    assert (answer.status, answer.content) == (204, b"")
    vonage.emulator.account.faults.add(Fault(kind="status", status=204), Fault(kind="drop", when="middle"))
    with pytest.raises(TransportError):
        vonage("GET", "/v2/applications")


def test_a_slow_answer_and_a_chance(vonage: Client) -> None:
    vonage.emulator.account.faults.add(Fault(kind="latency", seconds=0.01), Fault(kind="status", chance=0.0, times=0))
    assert vonage("GET", "/v2/applications").status == 200
    assert [fault.kind for fault in vonage.emulator.account.faults.left] == ["status"]


def test_faults_are_shown_and_taken_away(vonage: Client) -> None:
    vonage.send("PUT", "/_emulator/faults", json=[{"kind": "drop", "path": "/v1"}])
    (shown,) = vonage.send("GET", "/_emulator/faults").json()
    assert (shown["kind"], shown["path"], shown["times"]) == ("drop", "/v1", 1)
    vonage.send("PUT", "/_emulator/faults", json=[])
    assert vonage.send("GET", "/_emulator/faults").json() == []


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({}, "list"),
        ([5], "no object"),
        ([{}], "kind is one of"),
        ([{"kind": "drop", "wen": "before"}], 'no "wen"'),
        ([{"kind": "drop", "when": "never"}], "when is one of"),
        ([{"kind": "drop", "times": True}], "wrong type"),
        ([{"kind": "drop", "times": -1}], "times"),
        ([{"kind": "status", "status": 1000}], "status"),
        ([{"kind": "status", "headers": {"a b": "c"}}], "headers"),
        ([{"kind": "status", "headers": {"a": "b\r\nc: d"}}], "headers"),
        ([{"kind": "latency", "seconds": 1e6}], "seconds are from 0 to 600"),
        ([{"kind": "clock", "seconds": 1e10}], "seconds are from -1000000000 to 1000000000"),
        ([{"kind": "webhooks", "late": -1}], "late"),
        ([{"kind": "effect_after", "seconds": 601}], "seconds are from 0 to 600"),
        ([{"kind": "drop", "chance": -0.1}], "chance is from 0 to 1"),
    ],
)
def test_faults_that_are_none(vonage: Client, faults: Any, words: str) -> None:
    answer = vonage.send("PUT", "/_emulator/faults", json=faults)
    assert answer.status == 400
    assert words in answer.json()["error"]


def test_what_is_spared(vonage: Client) -> None:
    vonage.emulator.account.faults.add(Fault(kind="status", times=0))
    assert vonage.send("POST", "/webhooks/event", json={}).status == 204
    assert vonage.send("GET", "/_emulator/events").status == 200
    vonage.emulator.account.faults.put([Fault(kind="status", path="/webhooks")])
    assert vonage.send("POST", "/webhooks/event", json={}).status == 503


def test_the_log(vonage: Client) -> None:
    vonage("GET", "/v2/applications", query={"page": "1"})
    vonage("GET", "/nothing")
    assert vonage.send("GET", "/_emulator/requests").json() == [
        {"method": "GET", "path": "/v2/applications", "query": {"page": "1"}, "status": 200},
        {"method": "GET", "path": "/nothing", "query": {}, "status": 404},
    ]
    assert vonage.send("DELETE", "/_emulator/requests").status == 204
    assert vonage.send("GET", "/_emulator/requests").json() == []


# ── Limits ──


def test_a_limit_slides() -> None:
    now = [0.0]
    limit = Limit(2, lambda: now[0])
    assert [limit.admit(), limit.admit(), limit.admit()] == [True, True, False]
    assert limit.used() == 2
    now[0] = WINDOW
    assert [limit.admit(), limit.used()] == [True, 1]


def test_three_calls_and_fifteen_others() -> None:
    # Fewer, so that they finish within the window on a slow machine.
    with emulator_of(limits=True, calls_a_second=1, others_a_second=2) as emulator, Client(emulator) as client:
        statuses = [client("GET", "/v2/applications") for _ in range(40)]
        refused = next(answer for answer in statuses if answer.status == 429)
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["title"] == "Rate Limit Hit"
    assert (EmulatorOptions().calls_a_second, EmulatorOptions().others_a_second) == (3, 15)


def test_new_calls_have_a_limit_of_their_own() -> None:
    options: dict[str, Any] = {"limits": True, "calls_a_second": 1, "others_a_second": 1000}
    with emulator_of(provider="kpn", **options) as emulator, Client(emulator) as client:
        client.create()
        url = [emulator.address + "/documents/a.json"]
        answers = [client.call(answer_url=url) for _ in range(20)]
        refused = next(answer for answer in answers if answer.status == 429)
        assert refused.json()["name"] == "TOO_MANY_REQUESTS"
        assert refused.headers["quota-limit"] == "1000"
        assert client("GET", "/voice/calls").status == 200
        emulator.settle()


# ── Hostile requests ──

DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES = {
    "nothing": b"",
    "no json": b"{",
    "bad utf-8": b'{"name": "\xff\xfe"}',
    "half a character": b'{"name": "\\ud800"}',
    "nul": b'{"name": "\\u0000"}',
    "nul bytes": b"\x00" * 100,
    "deep": DEEP,
    "deep inside": b'{"name": "a", "capabilities": ' + b'{"a":' * 200 + b"1" + b"}" * 201,
    "endless digits": b'{"name": ' + b"1" * 5000 + b"}",
    "too large a number": b'{"name": "a", "x": 1e999}',
    "not a number": b'{"name": NaN}',
    "a list": b"[]",
    "a number": b"5",
    "a text": b'"a"',
    "null": b"null",
    "wrong types": b'{"name": {"a": 1}, "keys": 5, "capabilities": [], "privacy": "x"}',
    "to": b'{"to": [{"type": {"a": 1}, "number": []}], "from": [1], "ncco": "x", "answer_url": {}}',
    "action": b'{"action": {"a": []}, "destination": [5]}',
    "text": b'{"text": 5, "stream_url": [5], "digits": {}, "level": "x", "loop": "y", "event_url": 5}',
    "level": b'{"text": "a", "level": 1' + b"0" * 4000 + b"}",
}
PATHS = [
    ("POST", "/v2/applications"),
    ("PUT", "/v2/applications/{application}"),
    ("POST", "/v1/calls"),
    ("PUT", "/v1/calls/{call}"),
    ("PUT", "/v1/calls/{call}/talk"),
    ("PUT", "/v1/calls/{call}/stream"),
    ("PUT", "/v1/calls/{call}/dtmf"),
    ("PUT", "/v1/calls/{call}/input/dtmf"),
    ("POST", "/number/update"),
    ("PUT", "/_emulator/faults"),
]


@pytest.fixture(scope="module")
def talking(keys: KeyPair) -> Iterator[Client]:
    """A client with an application and a call that stays answered."""
    with emulator_of(speed=None) as emulator, Client(emulator, keys) as client:
        client.create()
        client.uuid = client.placed("31612345699")
        emulator.advance(2)
        yield client


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("body", BODIES, ids=str)
def test_no_body_breaks_it(talking: Client, method: str, path: str, body: str) -> None:
    path = path.format(application=talking.application_id, call=talking.uuid)
    kind = "application/x-www-form-urlencoded" if path.startswith("/number") else "application/json"
    headers = {**talking.credentials(path), "Content-Type": kind}
    got = raw(talking.emulator, request_bytes(method, path, headers, BODIES[body]))
    status = int(got.split(b" ", 2)[1])
    assert 200 <= status < 500, got
    if body not in ("nul", "wrong types", "too large a number"):
        assert status != 201
    json.loads(got.partition(b"\r\n\r\n")[2] or b"null")


def test_a_body_without_end_is_refused(talking: Client) -> None:
    headers = {**basic(), "Content-Type": "application/json"}
    got = raw(talking.emulator, request_bytes("POST", "/v2/applications", headers, b"[" + b" " * (2 << 20)))
    # The connection may be closed before everything was sent, and then nothing can be read.
    assert got == b"" or got.startswith(b"HTTP/1.1 413")
    assert talking("GET", "/v2/applications").status == 200


@pytest.mark.parametrize(
    "target",
    [
        "/v2/applications?page=%ff",
        "/v2/applications?page=" + "1" * 5000,
        "/v2/applications?page=%00",
        "/v2/applications?page=٣".encode().decode("latin-1"),
        "/v2/applications?" + "a=1&" * 2000,
        "/v2/applications/%ff%fe",
        "/v2/applications/%00",
        "/v2/applications/../../etc/hosts",
        "//",
        "/" + "a" * 5000,
        "*",
    ],
)
def test_no_path_breaks_it(talking: Client, target: str) -> None:
    got = raw(talking.emulator, request_bytes("GET", target, basic()))
    assert 200 <= int(got.split(b" ", 2)[1]) < 500, got
    assert talking("GET", "/v2/applications").status == 200


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x00\xa5",
        b"GET / HTTP/1.1\r\n",
    ],
)
def test_what_is_no_request_breaks_nothing(talking: Client, data: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    raw(talking.emulator, data, quiet=0.2)
    assert talking("GET", "/v2/applications").status == 200
    assert capfd.readouterr() == ("", "")


def test_forms_of_any_kind(server: Running) -> None:
    with emulator_of(provider="kpn") as emulator, Client(emulator) as client:
        headers = {**client.credentials(""), "Content-Type": "application/x-www-form-urlencoded"}
        for body in (b"", b"\xff\xfe", b"%ff=%00", b"a" * 10_000, b"&" * 10_000, form_of(name="\x00", type="voice")):
            got = raw(emulator, request_bytes("POST", KPN + "/applications", headers, body))
            assert got.startswith(b"HTTP/1.1 400"), got
        json_headers = {**headers, "Content-Type": "application/json"}
        got = raw(emulator, request_bytes("POST", KPN + "/applications", json_headers, json_of({})))
        assert got.startswith(b"HTTP/1.1 400")


# ── Documents ──


def test_documents_and_what_lies_outside(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "a.json").write_bytes(b"[]")
    (folder / "a b.txt").write_bytes(b"text")
    (tmp_path / "secret.json").write_bytes(b"{}")
    (folder / "out.json").symlink_to(tmp_path / "secret.json")
    (folder / "loop").symlink_to(folder / "loop")
    with emulator_of(documents=str(folder)) as emulator, Client(emulator) as client:
        answer = client.send("GET", "/documents/inner/a.json")
        assert (answer.headers["content-type"], answer.content) == ("application/json", b"[]")
        assert client.send("GET", "/documents/a%20b.txt").content == b"text"
        for path in (
            "inner",
            "",
            "inner/",
            "nothing.json",
            "out.json",
            "loop",
            "..%2fsecret.json",
            "../secret.json",
            "%2e%2e/secret.json",
            "%2fetc%2fhosts",
            "a%00.json",
            "x" * 300,
        ):
            got = raw(emulator, request_bytes("GET", "/documents/" + path, {}))
            assert got.startswith(b"HTTP/1.1 404"), path
        assert client.send("POST", "/documents/inner/a.json").status == 405


def test_without_a_folder_there_are_no_documents(vonage: Client) -> None:
    assert vonage.send("GET", "/documents/a.json").status == 404


# ── Where it listens ──


def test_http_stays_on_this_machine() -> None:
    with pytest.raises(CannotListen, match="--tls"), running(EmulatorOptions(host="0.0.0.0")):
        pass


def test_a_port_that_is_taken(server: Running) -> None:
    port = int(server.address.rpartition(":")[2])
    with pytest.raises(CannotListen, match=f"127.0.0.1:{port}"), running(EmulatorOptions(port=port)):
        pass
    with pytest.raises(CannotListen), running(EmulatorOptions(host="no.such.host.invalid", tls=True)):
        pass


def test_the_authority_leaves_no_key_behind(tmp_path: Path) -> None:
    with emulator_of(tls=True, ca_file=str(tmp_path / "ca.pem")) as emulator, Client(emulator) as client:
        assert client("GET", "/v2/applications").status == 200
        assert emulator.address.startswith("https://")
        assert emulator.ca == str(tmp_path / "ca.pem")
        text = (tmp_path / "ca.pem").read_text(encoding="ascii")
        assert text.count("BEGIN CERTIFICATE") == 1
        assert "PRIVATE" not in text
        ssl.create_default_context(cafile=emulator.ca)
    with emulator_of(tls=True) as emulator:
        assert emulator.ca is not None
        folder = Path(emulator.ca).parent
        assert [path.name for path in folder.iterdir()] == ["ca.pem"]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_calls_and_waiting_requests_are_dropped_at_the_end(keys: KeyPair) -> None:
    reported: list[str] = []
    with running(EmulatorOptions(speed=None), reported.append) as emulator, Client(emulator, keys) as client:
        client.create()
        client.placed(ANSWERED, ncco=TALK)
    assert any("started" in line for line in reported)
    assert not any("ringing" in line for line in reported)
