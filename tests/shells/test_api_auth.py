"""Test tokens: fetched once, renewed in time, shared by threads, right by the provider's clock, and never shown."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from ncco_lang.api import errors
from ncco_lang.api.types import Settings
from ncco_lang.net.http_client import HttpClient
from ncco_lang.tokens.jwt import BadToken, verify_application
from tests.shells import api_fakes as fakes
from tests.shells.api_fakes import APP, APPS, CALLS, KPN, LEG, SECRETS, TOKEN, Time, raised, token
from tests.shells.http_server import Answer, Asked, Scripts, serving

CALL = f"{CALLS}/{LEG}"
KPN_APP = f"{KPN}/applications/{APP}"


@pytest.fixture
def server() -> Iterator[Scripts]:
    with serving() as scripts:
        yield scripts
    assert scripts.unexpected == []


@pytest.fixture(scope="module")
def wire() -> Iterator[HttpClient]:
    with HttpClient() as wire:
        yield wire


@pytest.fixture
def time() -> Time:
    return Time()


def bearers(server: Scripts, path: str) -> list[str]:
    return [asked.headers["authorization"] for asked in server.of("GET", path)]


# ── KPN ──


def test_a_token_is_fetched_once_and_renewed_a_minute_before_its_end(
    server: Scripts, wire: HttpClient, time: Time
) -> None:
    client = fakes.kpn(server, wire, time)
    server.on("GET", KPN_APP, Answer(json=fakes.kpn_application()))
    client.read_application(APP)
    time.now += 3538
    client.read_application(APP)
    assert len(server.of("POST", TOKEN)) == 1
    time.now += 1
    client.read_application(APP)
    assert bearers(server, KPN_APP) == ["Bearer token-1"] * 2 + ["Bearer token-2"]
    asked = server.of("POST", TOKEN)
    assert len(asked) == 2
    assert asked[0].query == (("grant_type", "client_credentials"),)
    assert asked[0].form == {"client_id": "client-id-1", "client_secret": SECRETS[1]}


@pytest.mark.parametrize(("expires_in", "fetched"), [("10", 2), ("soon", 1), ("", 1), ("0", 6)])
def test_a_token_of_odd_length_is_used_all_the_same(
    server: Scripts, wire: HttpClient, time: Time, expires_in: str, fetched: int
) -> None:
    server.on("POST", TOKEN, token("token-1", expires_in))
    client = fakes.kpn(server, wire, time)
    server.on("POST", TOKEN, token("token-1", expires_in))
    server.on("GET", KPN_APP, Answer(json=fakes.kpn_application()))
    for _ in range(6):
        client.read_application(APP)
        time.now += 1
    assert len(server.of("POST", TOKEN)) == fetched


def test_a_token_that_died_is_renewed_once(server: Scripts, wire: HttpClient, time: Time) -> None:
    client = fakes.kpn(server, wire, time)
    server.on("GET", KPN_APP, Answer(401), Answer(json=fakes.kpn_application()))
    client.read_application(APP)
    assert bearers(server, KPN_APP) == ["Bearer token-1", "Bearer token-2"]
    server.on("GET", KPN_APP, Answer(401))
    failed = raised(errors.Unauthorized, lambda: client.read_application(APP))
    assert 'credentials of profile "live"' in str(failed)
    assert len(server.of("GET", KPN_APP)) == 4


def test_threads_share_one_fetch_and_one_renewal(server: Scripts, wire: HttpClient, time: Time) -> None:
    client = fakes.kpn(server, wire, time)
    everybody = threading.Barrier(8)

    def answer(asked: Asked) -> Answer:
        if asked.headers["authorization"] == "Bearer token-1":
            # All have sent the old token before the first one learns that it was revoked.
            everybody.wait(timeout=20)
            return Answer(401)
        return Answer(json=fakes.kpn_application())

    server.on("GET", KPN_APP, answer)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(client.read_application(APP).id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [APP] * 8
    assert len(server.of("POST", TOKEN)) == 2


class Queue:
    """A lock that signals when a number of threads wait for it."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._coming = threading.Semaphore(0)
        self._count = count

    def __enter__(self) -> None:
        self._coming.release()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def wait(self) -> None:
        for _ in range(self._count):
            assert self._coming.acquire(timeout=20)


@pytest.mark.parametrize("status", [401, 503])
def test_threads_share_a_refusal(server: Scripts, wire: HttpClient, time: Time, status: int) -> None:
    client = fakes.kpn(server, wire, time)
    queue = Queue(8)
    client._token._lock = queue  # type: ignore[assignment]
    first = threading.Event()

    def answer(asked: Asked) -> Answer:
        if not first.is_set():
            first.set()
            queue.wait()
        return Answer(status)

    server.on("POST", TOKEN, answer)
    met: list[errors.ApiError] = []

    def ask() -> None:
        met.append(raised(errors.ApiError, lambda: client.read_application(APP)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [failed.status for failed in met] == [status] * 8
    tries = 1 if status == 401 else 4
    assert len(server.of("POST", TOKEN)) == tries
    # Later threads ask again.
    server.on("POST", TOKEN, token("token-1"))
    server.on("GET", KPN_APP, Answer(json=fakes.kpn_application()))
    assert client.read_application(APP).id == APP


@pytest.mark.parametrize("status", [400, 401, 403])
def test_wrong_credentials_are_the_profiles(server: Scripts, wire: HttpClient, time: Time, status: int) -> None:
    client = fakes.kpn(server, wire, time)
    server.on("POST", TOKEN, Answer(status, json={"error": "invalid_client", "error_description": SECRETS[1]}))
    failed = raised(errors.Unauthorized, lambda: client.read_application(APP))
    assert 'credentials of profile "live"' in str(failed)
    assert "invalid_client" in str(failed)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"access_token": "a\\r\\nb: c"}'])
def test_an_answer_without_a_token_is_no_token(server: Scripts, wire: HttpClient, time: Time, body: bytes) -> None:
    client = fakes.kpn(server, wire, time)
    server.on("POST", TOKEN, Answer(body=body))
    assert "without a token" in str(raised(errors.ApiError, lambda: client.read_application(APP)))


def test_a_token_may_be_asked_for_again(server: Scripts, wire: HttpClient, time: Time) -> None:
    client = fakes.kpn(server, wire, time)
    server.on("POST", TOKEN, Answer(503), Answer(cut="before"), token("token-1"))
    server.on("GET", KPN_APP, Answer(json=fakes.kpn_application()))
    assert client.read_application(APP).id == APP


# ── Vonage ──


def test_applications_and_numbers_have_key_and_secret_in_a_header(
    server: Scripts, wire: HttpClient, time: Time
) -> None:
    client = fakes.vonage(server, wire, time)
    server.on("GET", APPS, fakes.page("applications", []))
    server.on("GET", "/rest/account/numbers", Answer(json={}))
    assert list(client.list_applications()) == []
    assert list(client.list_numbers()) == []
    wanted = "Basic " + base64.b64encode(f"abcd1234:{SECRETS[0]}".encode()).decode()
    assert [asked.headers["authorization"] for asked in server.asked] == [wanted, wanted]
    assert not any(SECRETS[0] in asked.target for asked in server.asked)


def test_each_request_of_a_call_has_a_jwt_of_its_own(server: Scripts, wire: HttpClient, time: Time) -> None:
    client = fakes.vonage(server, wire, time)
    server.on("GET", CALL, Answer(json=fakes.call()))
    client.read_call(APP, LEG)
    client.read_call(APP, LEG)
    public = fakes.key_pair().public
    claims = [verify_application(text.removeprefix("Bearer "), public, now=time.now) for text in bearers(server, CALL)]
    assert [claim["application_id"] for claim in claims] == [APP, APP]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert claims[0]["exp"] - claims[0]["iat"] == 900


@pytest.mark.parametrize(("off", "leeway"), [(-7200.0, 30), (7200.0, 30), (-1.5, 0)])
def test_a_jwt_is_right_by_the_clock_over_there(
    server: Scripts, wire: HttpClient, time: Time, off: float, leeway: float
) -> None:
    there = time.now + off

    def answer(asked: Asked) -> Answer:
        headers = {"date": formatdate(there, usegmt=True)}
        try:
            verify_application(asked.headers["authorization"][7:], fakes.key_pair().public, now=there, leeway=leeway)
        except BadToken:
            return Answer(401, headers=headers)
        return Answer(json=fakes.call(), headers=headers)

    client = fakes.vonage(server, wire, time)
    server.on("GET", CALL, answer)
    assert client.read_call(APP, LEG).uuid == LEG
    assert client.read_call(APP, LEG).uuid == LEG
    # Two for the first, and one for the second: the difference of the clocks is remembered.
    assert len(server.asked) == 3


def test_a_jwt_that_is_refused_twice_names_the_profile_and_the_key(
    server: Scripts, wire: HttpClient, time: Time
) -> None:
    client = fakes.vonage(server, wire, time)
    server.on("GET", CALL, Answer(401, json={"type": "UNAUTHORIZED", "error_title": "Unauthorized"}))
    failed = raised(errors.Unauthorized, lambda: client.read_call(APP, LEG))
    assert f"whether application {APP} still exists, whether the private key belongs to it" in str(failed)
    assert 'credentials of profile "live"' in str(failed)
    first, second = bearers(server, CALL)
    assert first != second
    assert first[7:] not in str(failed)


def test_a_key_that_is_none_is_said_before_anything_is_sent(server: Scripts, wire: HttpClient, time: Time) -> None:
    client = fakes.vonage(server, wire, time, key_of=lambda application_id: "no key")
    assert APP in str(raised(errors.Unauthorized, lambda: client.read_call(APP, LEG)))
    assert server.asked == []


# ── Both ──


def test_nothing_that_is_printed_holds_a_secret(server: Scripts, wire: HttpClient, time: Time) -> None:
    vonage, kpn = fakes.vonage(server, wire, time), fakes.kpn(server, wire, time)
    server.on("GET", KPN_APP, Answer(json=fakes.kpn_application()))
    kpn.read_application(APP)
    host = server.address.removeprefix("http://")
    for client in (vonage, kpn):
        words = f"{client!r} {client} {client.account} {client._session!r} {wire!r}"
        assert not any(secret in words for secret in (*SECRETS, "abcd1234", "client-id-1"))
        assert client.account.startswith(host + "/")
    assert vonage.account == fakes.vonage(server, wire, time, api_secret="other").account
    assert vonage.account != fakes.vonage(server, wire, time, api_key="other").account


def test_a_wire_that_was_passed_in_stays_open(server: Scripts, wire: HttpClient, time: Time) -> None:
    server.on("GET", APPS, fakes.page("applications", []))
    first, second = fakes.vonage(server, wire, time), fakes.vonage(server, wire, time)
    list(first.list_applications())
    (before,) = wire._clients.values()
    first.close()
    assert list(wire._clients.values()) == [before]
    list(second.list_applications())
    own = fakes.vonage(server, None, time)
    list(own.list_applications())
    own.close()
    assert own._session.http_client._clients == {}


def test_a_profile_without_a_name_has_credentials_too(server: Scripts, wire: HttpClient, time: Time) -> None:
    client = fakes.vonage(server, wire, time, profile="")
    server.on("POST", APPS, Answer(401))
    failed = raised(errors.Unauthorized, lambda: client.create_application(Settings(name="a")))
    assert str(failed).startswith("the credentials were not accepted")
