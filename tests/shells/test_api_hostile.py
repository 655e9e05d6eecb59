"""Test servers that break HTTP itself, and responses whose content must not be repeated."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable, Iterable, Iterator
from email.utils import formatdate

import pytest

from ncco_lang.api import errors
from ncco_lang.api.numbers import check_done
from ncco_lang.api.types import PhoneNumber
from ncco_lang.cli.provider_command import without_password, without_secrets
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response, TransportError
from tests.shells import api_fakes as fakes
from tests.shells.api_fakes import APP, APPS, CALLS, LEG, Time, raised
from tests.shells.http_server import Answer, Asked, Scripts, serving, speaking

HEAD = b"HTTP/1.1 200 OK\r\n"
GARBAGE = {
    "nothing": b"",
    "no http": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "no status": b"HTTP/1.1 \r\n\r\n",
    "letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "099": b"HTTP/1.1 099 OK\r\n\r\n",
    "two lengths": HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "negative": HEAD + b"content-length: -5\r\n\r\nab",
    "endless": HEAD + b"content-length: 99999999999999999999\r\n\r\nab",
    "chunks": HEAD + b"transfer-encoding: chunked\r\n\r\nZZZ\r\nab\r\n",
    "huge chunk": HEAD + b"transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nab",
    "odd encoding": HEAD + b"transfer-encoding: gzip, identity\r\n\r\nab",
    "header": HEAD + b"no colon\r\n\r\n",
    "control": HEAD + b"x: \x1b[31m\x00\r\n\r\n",
    "large header": HEAD + b"x: " + b"y" * 300_000 + b"\r\n\r\n",
    "half a pack": HEAD
    + b"content-encoding: gzip\r\nconnection: close\r\n\r\n"
    + gzip.compress(b"[" + b"1," * 9999)[:40],
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_what_is_no_http_is_no_answer(kind: str) -> None:
    server = speaking(lambda: [GARBAGE[kind]])
    with server as address, HttpClient(connect=2, read=5) as wire, pytest.raises(TransportError) as caught:
        wire.send(Request(method="GET", url=address))
    assert caught.value.sent
    assert str(caught.value).isprintable()


DRIPS: dict[str, Callable[[], Iterable[bytes]]] = {
    "headers": lambda: itertools.chain([HEAD], (b"x: y\r\n" for _ in itertools.count())),
    "one header": lambda: itertools.chain([HEAD, b"x: "], (b"y" for _ in itertools.count())),
    "a body": lambda: itertools.chain([HEAD, b"\r\n"], (b"y" for _ in itertools.count())),
    "an error": lambda: itertools.chain([b"HTTP/1.1 500 No\r\n\r\n"], (b"y" for _ in itertools.count())),
}


@pytest.mark.parametrize("kind", DRIPS)
def test_an_answer_that_drips_is_given_up(kind: str) -> None:
    with speaking(DRIPS[kind], 0.02) as address, HttpClient(connect=2, read=0.1) as wire:
        with pytest.raises(TransportError, match="too slowly"):
            wire.send(Request(method="GET", url=address))
        if kind != "a body":
            # A recording may be slow, but the headers before it may not.
            with pytest.raises(TransportError, match="too slowly"):
                wire.download(Request(method="GET", url=address), lambda _: None)


def test_promises_without_end_are_given_up() -> None:
    server = speaking(lambda: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"))
    with server as address, HttpClient(read=0.1) as wire, pytest.raises(TransportError, match="too slowly"):
        wire.send(Request(method="GET", url=address))


def test_a_promise_before_the_answer_is_passed_over() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    with speaking(lambda: [early, HEAD, b"content-length: 2\r\n\r\n{}"]) as address, HttpClient(read=5) as wire:
        assert wire.send(Request(method="GET", url=address)).json() == {}


@pytest.mark.parametrize("url", [f"http://{'a' * 70}.test/", "http://a..test/", "http://\ud800/", "http://xn--/"])
def test_names_that_no_host_has_are_said_so(url: str) -> None:
    with HttpClient(connect=2, read=5) as wire, pytest.raises(TransportError) as caught:
        wire.send(Request(method="GET", url=url))
    assert not caught.value.sent


def test_half_a_character_is_not_sent_and_not_shown() -> None:
    secret = "hidden\udcff"
    for request in (
        Request(method="POST", url="http://127.0.0.1:1/", form=(("a", secret),)),
        Request(method="GET", url="http://127.0.0.1:1/", query=(("a", secret),)),
        Request(method="GET", url="http://127.0.0.1:1/", headers={"a": secret}),
    ):
        with HttpClient() as wire, pytest.raises(TransportError) as caught:
            wire.send(request)
        assert "hidden" not in f"{caught.value!r} {caught.value.__cause__!r} {request!r}"


# ── What an answer says ──


@pytest.fixture
def server() -> Iterator[Scripts]:
    with serving() as scripts:
        yield scripts


@pytest.fixture
def wire() -> Iterator[HttpClient]:
    with HttpClient(connect=2, read=5) as wire:
        yield wire


@pytest.mark.parametrize("body", [b'{"a": NaN}', b"[-Infinity]", b"[1e999]", b"[" * 101 + b"]" * 101, b"[" * 99999])
def test_what_cannot_be_written_again_is_no_json(body: bytes) -> None:
    assert Response(status=200, content=body).json() is None


def test_half_a_character_of_an_answer_becomes_a_question() -> None:
    content = b'{"a\\ud800": ["\\ud83d\\ude00 \\udc00 \xe2\x82\xac"]}'
    assert Response(status=200, content=content).json() == {"a\ufffd": ["\U0001f600 \ufffd €"]}


@pytest.mark.parametrize("id", ["/../x", "..", ".", "a b", "a\x1b[31m", "é", "a/b", "a?b", "", "x" * 201])
def test_an_id_that_no_address_can_have_is_none(server: Scripts, wire: HttpClient, id: str) -> None:
    client = fakes.vonage(server, wire, Time())
    server.on("GET", f"{APPS}/{APP}", Answer(json=fakes.application(id)))
    raised(errors.ApiError, lambda: client.read_application(APP))
    server.on("GET", f"{CALLS}/{LEG}", Answer(json=fakes.call(id)))
    raised(errors.ApiError, lambda: client.read_call(APP, LEG))
    server.on("GET", APPS, fakes.page("applications", [fakes.application(id), fakes.application()]))
    assert [each.id for each in client.list_applications()] == [APP]


def test_a_clock_that_was_never_set_changes_no_jwt(server: Scripts, wire: HttpClient) -> None:
    time = Time()
    client = fakes.vonage(server, wire, time)
    never = Answer(401, headers={"date": "Thu, 01 Jan 1970 00:00:09 GMT"})
    server.on("GET", f"{CALLS}/{LEG}", never, Answer(json=fakes.call()))
    assert client.read_call(APP, LEG).uuid == LEG
    claims = [fakes_claims(asked, time.now) for asked in server.asked]
    assert [claim["iat"] for claim in claims] == [int(time.now)] * 2


def test_a_clock_that_is_right_again_is_right_again(server: Scripts, wire: HttpClient) -> None:
    time = Time()
    client = fakes.vonage(server, wire, time)
    dates = [{"date": formatdate(time.now + off, usegmt=True)} for off in (7200, 0)]
    server.on("GET", f"{CALLS}/{LEG}", Answer(401, headers=dates[0]), Answer(json=fakes.call()))
    client.read_call(APP, LEG)
    server.on("GET", f"{CALLS}/{LEG}", Answer(401, headers=dates[1]), Answer(json=fakes.call(), headers=dates[1]))
    client.read_call(APP, LEG)
    issued = [fakes_claims(asked, time.now)["iat"] - int(time.now) for asked in server.asked]
    assert issued == [0, 7200, 7200, 0]


def fakes_claims(asked: Asked, now: float) -> dict[str, int]:
    import jwt

    token = asked.headers["authorization"].removeprefix("Bearer ")
    claims: dict[str, int] = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_a_redirect_shows_no_secret_and_steers_no_terminal(server: Scripts, wire: HttpClient) -> None:
    client = fakes.vonage(server, wire, Time())
    server.on("GET", f"{APPS}/{APP}", Answer(302, headers={"location": "http://elsewhere.test/api-secret-XYZ/\x9b31m"}))
    assert str(raised(errors.Redirected, lambda: client.read_application(APP))).isprintable()
    server.on("GET", f"{APPS}/{APP}", Answer(302, headers={"location": "/\x9b31m"}))
    assert str(raised(errors.ApiError, lambda: client.read_application(APP))).isprintable()
    assert str(raised(errors.ApiError, lambda: client.download(APP, "https://a.test/\x1b[31m", print))).isprintable()


def test_a_secret_that_comes_back_in_another_form_is_left_out(server: Scripts, wire: HttpClient) -> None:
    client = fakes.vonage(server, wire, Time(), api_secret='a+b/"c d')
    said = r"api_secret=a%2Bb%2F%22c+d&a%2Bb%2F%22c%20d a+b/\"c d a%2Bb/%22c%20d " + 'a+b/"c d'
    server.on("GET", f"{APPS}/{APP}", Answer(403, json={"title": said}))
    words = str(raised(errors.Forbidden, lambda: client.read_application(APP)))
    assert "(api_secret=…&… … … …)" in words


@pytest.mark.parametrize("code", ["401", "420", "500", "²²²", 401])
def test_an_update_that_did_not_work_says_no_secret(server: Scripts, wire: HttpClient, code: str) -> None:
    def answer(asked: Asked) -> Answer:
        secret = fakes.SECRETS[1 if asked.path.startswith(fakes.KPN) else 0]
        sent = asked.headers["authorization"].split(" ")[1]
        return Answer(json={"error-code": code, "error-code-label": f"you sent {sent} and {secret}"})

    number = PhoneNumber(msisdn="31201234567", country="NL")
    paths = ("/rest/number/update", f"{fakes.KPN}/phone-numbers/number/update")
    for make, path in zip((fakes.vonage, fakes.kpn), paths, strict=True):
        client = make(server, wire, Time())
        server.on("POST", path, answer)
        words = str(raised(errors.ApiError, lambda client=client: client.link_number(number, APP)))  # type: ignore[misc]
        assert server.asked[-1].headers["authorization"].split(" ")[1] not in words


def test_a_code_of_no_digits_is_said() -> None:
    answer = Response(status=200, content='{"error-code": "²²²"}'.encode())
    with pytest.raises(errors.ApiError, match="error ²²²"):
        check_done(answer, Request(method="POST", url="https://a.test/"), "the credentials", ())


def test_what_commands_print_of_an_answer_has_no_secrets() -> None:
    to = {
        "type": "websocket",
        "uri": "wss://u:p@q@host/a",
        "authorization": {"value": "x"},
        "Credentials": 1,
        "passwd": 2,
    }
    assert without_secrets([{"to": to, "JWT_token": "x"}]) == [{"to": {"type": "websocket", "uri": "wss://u:…@host/a"}}]
    assert without_password("https://a:b@c/d https://e:f@g") == "https://a:…@c/d https://e:…@g"
