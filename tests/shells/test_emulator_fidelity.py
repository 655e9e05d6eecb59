"""Test that the emulator accepts, refuses and answers what the providers describe, at the edges of their descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ncco_lang.emulator.server import Running
from ncco_lang.tokens.keys import KeyPair, make_key_pair
from tests.emulated import STAYS, TALK, Client, emulator_of


@pytest.fixture(scope="module")
def keys() -> KeyPair:
    return make_key_pair()


@pytest.fixture(scope="module")
def kpn_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "talk.json").write_text(json.dumps(TALK), encoding="utf-8")
    with emulator_of(provider="kpn", pace=None, documents=str(folder)) as emulator:
        yield emulator


@pytest.fixture
def kpn(kpn_server: Running) -> Iterator[Client]:
    with Client(kpn_server) as client:
        client.create()
        yield client


def answer_url(client: Client) -> list[str]:
    return [f"{client.emulator.address}/documents/talk.json"]


# ── KPN ──


@pytest.mark.parametrize(
    ("what", "more", "words"),
    [
        ("talk", {"voiceName": "Lotte", "loop": 0}, None),
        ("talk", {"voiceName": "Nobody"}, "voiceName must be one of: Agnieszka, Amy, "),
        ("talk", {"voiceName": ["Lotte"]}, "voiceName must be one of: "),
        ("talk", {"language": "nl-NL", "style": 1}, "language is not supported; style is not supported"),
        ("stream", {"loop": 2}, None),
        ("stream", {"level": 0.5}, "level is not supported"),
    ],
)
def test_what_kpn_plays_into_a_call(kpn: Client, what: str, more: dict[str, Any], words: str | None) -> None:
    uuid = kpn.placed(STAYS, answer_url=answer_url(kpn))
    kpn.emulator.advance(2)
    body = {"text": "Dag"} if what == "talk" else {"stream_url": ["https://example.com/a.mp3"]}
    answer = kpn("PUT", f"/voice/calls/{uuid}/{what}", json={**body, **more})
    assert answer.status == (200 if words is None else 400)
    assert words is None or words in answer.json()["message"]
