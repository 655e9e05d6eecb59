"""Test webhook servers that hang, send too much, too little or nonsense: `ncco play` reports each and goes on."""

from __future__ import annotations

import gzip
import itertools
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ncco_lang.cli.play_answers import Server
from ncco_lang.simulate.types import CLOSED, TIMED_OUT, Hook, Request
from tests.shells.http_server import Answer, serving, speaking
from tests.shells.shell import Shell

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNK = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
JSON = {"content-type": "application/json"}
MOST = 16 << 20
"""Bytes of memory that the largest answer may take."""

ENDLESS: dict[str, tuple[Callable[[], Iterable[bytes]], float, str, str]] = {
    "hangs": (lambda: [b"", b""], 1.0, TIMED_OUT, "did not answer within 0.2 s"),
    "drips": (lambda: itertools.chain([HEAD, b"\r\n"], itertools.repeat(b" ")), 0.02, TIMED_OUT, "too slowly"),
    "drips headers": (lambda: itertools.chain([HEAD], itertools.repeat(b"x: y\r\n")), 0.02, TIMED_OUT, "too slowly"),
    "goes on for ever": (lambda: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), 0.02, TIMED_OUT, "too slowly"),
    "streams": (
        lambda: itertools.chain([HEAD + b"transfer-encoding: chunked\r\n\r\n"], itertools.repeat(CHUNK)),
        0.0,
        CLOSED,
        "larger than 1 MiB",
    ),
    "promises more": (lambda: [HEAD + b"content-length: 99\r\n\r\n[]"], 0.0, CLOSED, "cut the connection"),
    "closes": (list, 0.0, CLOSED, "cut the connection"),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_server_without_end_is_given_up(kind: str) -> None:
    pieces, pause, failure, words = ENDLESS[kind]
    server = Server()
    tracemalloc.start()
    try:
        with speaking(pieces, pause) as address:
            hook = Hook(url=address, connect=0.2, read=0.2)
            answer = server.respond(Request(id=1, kind="answer", hook=hook, fields={}, leg="a", waits=True))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        server.close()
    assert answer.failure == failure
    assert words in answer.words
    assert peak < MOST


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(status=500), "it answered 500"),
        (Answer(body=b"<html>", headers={"content-type": "text/html"}), "not application/json"),
        (Answer(body=b"<html>", headers=JSON), "not JSON"),
        (Answer(body=b"[" * 5000, headers=JSON), "not JSON"),
        (Answer(body=b'[{"action": "talk", "text": "\xff"}]', headers=JSON), "not JSON"),
        (Answer(body=b'[{"action": "notify", "payload": {"a": NaN}}]', headers=JSON), "not JSON"),
        (Answer(body=b'[{"action": "notify", "payload": {"a": 1e999}}]', headers=JSON), "not JSON"),
        (Answer(body=b" " * (10 << 20), headers=JSON), "the answer is larger than 1 MiB"),
        (
            Answer(body=gzip.compress(b" " * (64 << 20)), headers={**JSON, "content-encoding": "gzip"}),
            "the answer is larger than 1 MiB",
        ),
        (Answer(status=302, headers={"location": "http://127.0.0.1:1/"}), "it answered 302"),
        (Answer(cut="before"), "cut the connection"),
        (Answer(json=[{"action": "talk", "text": "x"}], cut="middle"), "cut the connection"),
        (Answer(json=[{"action": "tlak"}]), "not a valid NCCO"),
        (Answer(), "its answer is empty"),
    ],
)
def test_a_hostile_answer_is_reported(ncco: Shell, answer: Answer, words: str) -> None:
    with serving() as server:
        server.on("GET", "/answer", answer)
        server.on("POST", "/event", Answer())
        out, err = ncco("play", f"{server.address}/answer", code=1)
    assert words in out
    assert "problem" in out
    assert err == ""


def test_a_hostile_event_server_is_reported_and_the_call_reaches_its_end(ncco: Shell) -> None:
    hostile = (Answer(status=500), Answer(body=b" " * (2 << 20)), Answer(cut="before"), Answer(body=b"\xff"))
    with serving() as server:
        server.on("GET", "/answer", Answer(json=[{"action": "talk", "text": "Hello."}]))
        server.on("POST", "/event", *hostile)
        out, err = ncco("play", f"{server.address}/answer", code=0)
    assert [line.partition("event webhook: ")[2] for line in out.splitlines() if "event webhook" in line] == [
        "it answered 500",
        "the answer is larger than 1 MiB",
        "127.0.0.1 cut the connection before the answer was whole",
    ]
    assert 'hears "Hello."' in out
    assert err == ""


def test_half_a_character_is_shown_and_written_as_its_escape(ncco: Shell) -> None:
    body = b'[{"action": "talk", "text": "a \\ud800 \\u001b[31m"}]'
    with serving() as server:
        server.on("GET", "/answer", Answer(body=body, headers=JSON))
        server.on("POST", "/event", Answer())
        out, _ = ncco("play", f"{server.address}/answer", "--transcript", "t.json", code=0)
        printed, _ = ncco("play", f"{server.address}/answer", "--transcript", "-", code=0)
    assert "a <U+D800> ␛[31m" in out
    written = Path(ncco.folder / "t.json").read_text(encoding="utf-8")
    assert r'"a \ud800 \u001b[31m"' in written
    assert r'"a \ud800 \u001b[31m"' in printed
