"""Test the check of a document's public URL: the message says what a provider would refuse, and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ncco_lang.api.types import Settings
from ncco_lang.deploy.errors import NotReady
from ncco_lang.deploy.rehearsal import Rehearsal
from ncco_lang.deploy.verify_published import PublishedVerifier
from tests.shells.http_server import Answer, Scripts, serving

NCCO = b'[{"action":"talk","text":"Hello."}]'
JSON = {"content-type": "application/json"}


@pytest.fixture
def server() -> Iterator[Scripts]:
    with serving() as scripts:
        yield scripts
    assert scripts.unexpected == []


def look(server: Scripts, *answers: Answer, method: str = "GET") -> list[float]:
    """Look, and return the pauses between the attempts."""
    server.on(method, "/a.json", *answers)
    rests: list[float] = []
    looker = PublishedVerifier(ca=None, sleep=rests.append)
    settings = Settings(answer_method=method, answer_connect_timeout=300, answer_socket_timeout=1000)
    try:
        looker.look(f"{server.address}/a.json", NCCO, settings)
    finally:
        looker.close()
    return rests


def test_the_document_itself_passes(server: Scripts) -> None:
    assert look(server, Answer(body=NCCO, headers=JSON)) == []


def test_the_same_json_written_otherwise_passes(server: Scripts) -> None:
    spaced = b'[ {"text": "Hello.", "action": "talk"} ]'
    assert look(server, Answer(body=spaced, headers={"content-type": "application/json; charset=utf-8"})) == []


def test_a_store_that_lags_is_asked_again(server: Scripts) -> None:
    assert look(server, Answer(404), Answer(404), Answer(body=NCCO, headers=JSON)) == [0.5, 1.0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(404), "answers with 404"),
        (Answer(403), "it is not public"),
        (Answer(302, headers={"location": "/b.json"}), "redirect (302)"),
        (Answer(body=NCCO, headers={"content-type": "text/html"}), "is served as text/html"),
        (Answer(body=b"<html>", headers=JSON), "no JSON"),
        (Answer(body=b"[]", headers=JSON), "another document"),
        (Answer(body=NCCO * 100_000, headers=JSON), "larger than"),
        (Answer(cut="before"), "gives no answer"),
    ],
)
def test_what_a_provider_would_not_take_is_told(server: Scripts, answer: Answer, words: str) -> None:
    with pytest.raises(NotReady) as caught:
        look(server, answer)
    assert words in str(caught.value)
    assert f"{server.address}/a.json" in str(caught.value)
    assert len(server.of("GET", "/a.json")) == 4


def test_an_emulator_that_is_not_running_is_asked_about() -> None:
    with serving() as scripts:
        address = scripts.address
    looker = PublishedVerifier(ca=None, sleep=lambda _: None, emulator=address)
    elsewhere = PublishedVerifier(ca=None, sleep=lambda _: None, emulator=f"{address}1")
    where = address.removeprefix("http://")
    try:
        with pytest.raises(NotReady, match=rf"nothing listens at {where}\).*Is the emulator running\? .*ncco emulate$"):
            looker.look(f"{address}/a.json", NCCO, Settings())
        with pytest.raises(NotReady, match="See whether `url` of"):
            elsewhere.look(f"{address}/a.json", NCCO, Settings())
    finally:
        looker.close()
        elsewhere.close()


def test_it_is_asked_for_as_the_provider_will(server: Scripts) -> None:
    assert look(server, Answer(body=NCCO, headers=JSON), method="POST") == []
    with pytest.raises(NotReady, match="answers with 405 to a POST, which answer_method asks for"):
        look(server, Answer(405), method="POST")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(body=NCCO, headers={**JSON, "ncco-version": "0123456789ab"}), ""),
        (Answer(404), "does not know this application (404)"),
        (Answer(body=b'{"a": 1}', headers=JSON), "not an NCCO"),
        (Answer(body=b'[{"action":"talk"}]', headers=JSON), "not valid at 0 (required)"),
        (Answer(body=b'[{"action":"talk","text":"a","level":9}]', headers=JSON), "not valid at 0.level"),
    ],
    ids=["right", "unknown", "no array", "incomplete", "out of range"],
)
def test_a_server_is_asked_for_a_valid_ncco(server: Scripts, answer: Answer, words: str) -> None:
    server.on("GET", "/answer", answer)
    looker = PublishedVerifier(ca=None, sleep=lambda _: None)
    asking = Rehearsal(looker, sleep=lambda _: None, say=lambda _: None, secret=None, base_url=server.address)
    settings = Settings(answer_connect_timeout=300, answer_socket_timeout=1000)
    try:
        why, _ = asking.ask(f"{server.address}/answer", settings)
    finally:
        looker.close()
    assert (words in why) if words else (why == "")
