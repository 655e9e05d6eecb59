"""Test calls of the emulator to `ncco serve`: their transcripts are those of `ncco play`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ncco_lang.emulator.options import NUMBERS
from ncco_lang.simulate.scenario import read_act
from ncco_lang.simulate.types import HangUp, Press, Say, Silence
from tests.emulated import Client, basic, emulator_of
from tests.shells.serving import MENU, served
from tests.shells.shell import Shell

DESK, AT, CALLER = "31207654321", "2026-01-05T10:00:00Z", "31612345678"
CALLS: list[tuple[list[dict[str, Any]], str]] = [
    ([{"press": "1"}], "answered"),
    ([{"press": "7"}, {"press": "1"}], "busy"),
    ([{"silence": True}, {"press": "1"}], "timeout"),
    ([{"press": "1"}], "rejected"),
    ([{"press": "9"}, {"press": "9"}, {"press": "9"}, {"speak": 3}], "answered"),
    ([{"hang_up": True}], "answered"),
]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, Client]]:
    """A server of the menu, and an emulator with an application that has its webhooks and a number."""
    ncco = Shell(tmp_path_factory.mktemp("served"))
    ncco.write("menu.flow", MENU)
    with served(ncco, "menu.flow", "--quiet") as server, emulator_of() as emulator, Client(emulator) as client:
        urls = {"answer_url": server.answer, "event_url": server.answer.replace("/answer", "/event")}
        application = client.create(webhooks={name: {"address": url} for name, url in urls.items()})
        form = {"country": "NL", "msisdn": NUMBERS[0], "app_id": application["id"]}
        assert client.send("POST", "/number/update", form=form, headers=basic()).status == 200
        yield ncco, client


@pytest.mark.parametrize(("script", "status"), CALLS)
def test_a_served_call_has_the_transcript_of_a_played_one(
    linked: tuple[Shell, Client], script: list[dict[str, Any]], status: str
) -> None:
    ncco, client = linked
    body = {"to": NUMBERS[0], "from": CALLER, "script": script, "rings": {DESK: {"status": status}}, "at": AT}
    made = client.send("POST", "/_emulator/calls", json=body)
    assert made.status == 201, made.content
    client.emulator.settle()
    at_emulator = client.send("GET", f"/_emulator/calls/{made.json()['uuid']}/transcript").json()
    words = [word for act in script for word in _option(act)]
    ring = f"+{DESK}={status}"
    out, _ = ncco(
        *("play", "menu.flow", *words, "--ring", ring, "--from", f"+{CALLER}", "--to", f"+{NUMBERS[0]}"),
        *("--at", AT, "--transcript", "-"),
        code=0,
    )
    played = json.loads(out[out.index("{\n") :])
    assert at_emulator["events"] == played["events"]
    assert at_emulator["problems"] == played["problems"] == []


def _option(act: dict[str, Any]) -> tuple[str, ...]:
    """Return the option of `ncco play` for an item of a script."""
    match read_act(act):
        case Press(keys):
            return "--press", keys
        case Say(_, seconds):
            return "--speak", f"{seconds}s"
        case Silence():
            return ("--silence",)
        case HangUp():
            return ("--hang-up",)
