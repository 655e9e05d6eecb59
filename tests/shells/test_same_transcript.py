"""Test that a flow sounds the same played and served: `ncco play`, and `ncco serve` with a call at the emulator."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.api.emulator_control import EmulatorControl
from ncco_lang.emulator.options import NUMBERS
from ncco_lang.net.http_client import HttpClient
from tests.emulated import Client, emulator_of
from tests.shells.serving import MENU, served
from tests.shells.shell import LONGEST, Shell

CALLER, AT = "31611111111", "2026-02-03T04:05:06Z"
SCRIPTS: dict[str, tuple[list[dict[str, Any]], list[str], dict[str, str]]] = {
    "a wrong key, then the desk": ([{"press": "7"}, {"press": "1"}], ["--press", "7", "--press", "1"], {}),
    "a busy desk, and a message": (
        [{"press": "1"}, {"speak": 4}, {"press": "#"}],
        ["--press", "1", "--speak", "4s", "--press", "#"],
        {"31207654321": "busy"},
    ),
    "silence": ([], [], {}),
    "hanging up": ([{"hang_up": True}], ["--hang-up"], {}),
}


def called(address: str, script: list[dict[str, Any]], rings: dict[str, str]) -> dict[str, Any]:
    """Return the transcript of a call from outside to the application of the emulator."""
    with HttpClient() as client:
        control = EmulatorControl(address, client)
        plans = {number: {"status": status} for number, status in rings.items()}
        call = control.receive_call({"to": NUMBERS[0], "from": CALLER, "script": script, "rings": plans, "at": AT})
        until = time.monotonic() + LONGEST
        while not (part := control.read_transcript(call.uuid, 0)).over:
            assert time.monotonic() < until
        return {"events": part.events, "problems": part.problems}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_served_call_has_the_transcript_of_a_played_one(ncco: Shell, name: str) -> None:
    script, arguments, rings = SCRIPTS[name]
    ncco.write("menu.flow", MENU)
    options = [f"--ring={number}={status}" for number, status in rings.items()]
    numbers = ["--from", CALLER, "--to", NUMBERS[0], "--at", AT]
    ncco("play", "menu.flow", *numbers, *arguments, *options, "--transcript", "played.json", code=0)
    played = json.loads(Path(ncco.folder, "played.json").read_text(encoding="utf-8"))
    with served(ncco, "menu.flow") as server, emulator_of() as emulator, Client(emulator) as client:
        hooks = {
            "answer_url": {"address": server.answer, "http_method": "GET"},
            "event_url": {"address": server.answer.replace("/answer", "/event"), "http_method": "POST"},
        }
        application = client.create(webhooks=hooks)
        number = {"country": "NL", "msisdn": NUMBERS[0], "app_id": application["id"]}
        assert client("POST", "/number/update", form=number).status == 200
        transcript = called(emulator.address, script, rings)
    assert transcript["events"] == played["events"]
    assert transcript["problems"] == played["problems"] == []
