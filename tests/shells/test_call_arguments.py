"""Test `ncco call -a`: the args of a call reach the flow at a server, and nothing else reaches it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ncco_lang.values.event_urls import with_arguments
from tests.shells.serving import CALL, Server, send
from tests.shells.test_deploy_served import Served, _projects

TO = "+31 6 1234 5678"
PIN = ("-a", "pin=4242")
FLOW = """\
flow "Reminder"
default talk en-GB style: 2
arg patient: text
arg visit: text = "your visit"
arg pin: secret
arg notes: list = []
fallback bye
step start {
    if call.answered_by == "machine" {
        talk "This is a message for {default(patient, "you")}."
        goto bye
    }
    talk "Hello {default(patient, "there")}."
    menu "About {visit}, press 1." {
        1       -> told(notes)
        give_up -> bye
    }
}
step told(said: list) {
    talk "{default(patient, "")}: {said[0]}."
    goto bye
}
step bye {
    talk "Goodbye."
    hangup
}
"""


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Server]]:
    """A project that is deployed at an emulator, and its server."""
    for project in _projects("vonage", tmp_path_factory.mktemp("arguments")):
        project.settle(FLOW)
        with project.serve() as server:
            done = project.run()
            assert done.code == 0, done.err
            yield project, server


def heard(project: Served, *arguments: str, code: int = 0) -> str:
    """Return the transcript of a call that is placed, in which the person presses 1."""
    call = project.command("call", TO, *arguments, "--press", "1", "--transcript", "call.json")
    assert call.code == code, call.err
    return (project.folder / "call.json").read_text(encoding="utf-8")


def answer_url(project: Served) -> str:
    (id,) = project.applications
    address = project.emulator.account.applications[id].answer
    assert address is not None
    return address.address


@pytest.mark.parametrize("detect", [("--detect", "continue"), ("--detect", "beep")])
def test_a_call_that_a_machine_answers_leaves_its_message(
    linked: tuple[Served, Server], detect: tuple[str, ...]
) -> None:
    project, _ = linked
    text = heard(project, "-a", "patient=Ann", *PIN, *detect, "--ring", "*=machine")
    assert "This is a message for Ann." in text
    assert "Hello Ann." not in text
    assert "Hello Ann." in heard(project, "-a", "patient=Ann", *PIN, *detect)


def test_the_args_of_a_call_are_heard_to_its_end(linked: tuple[Served, Server]) -> None:
    project, _ = linked
    text = heard(project, "-a", 'patient=Ms "O" & <Sons>', "-a", 'notes=["bring your card"]', *PIN)
    for said in ('Hello Ms "O" & <Sons>.', "About your visit, press 1.", 'Ms "O" & <Sons>: bring your card.'):
        assert json.dumps(said)[1:-1] in text
    assert "4242" not in text
    assert "args-" not in text


def test_long_args_are_in_the_call_store(linked: tuple[Served, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = linked
    words = [f"word {number * 7919 % 10007}" for number in range(700)]
    text = heard(project, *PIN, "-a", "patient=Kim", "-a", f"notes={json.dumps(words)}")
    assert f"Kim: {words[0]}." in text
    store = project.folder / ".ncco/serve/calls.sqlite"
    moved = store.rename(store.with_name("elsewhere"))
    try:
        refused = project.command("call", TO, *PIN, "-a", "patient=Kim", "-a", f"notes={json.dumps(words)}")
    finally:
        moved.rename(store)
    assert refused.code == 2
    assert "the call store of the server is not here; run ncco call where ncco serve runs" in " ".join(
        refused.err.split()
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "-a: patient has no default, and nothing was given to it; add -a patient=…"),
        (("-a", "patiant=Kim"), "-a: the flow has no arg patiant; did you mean patient?"),
        (("-a", "patient=Kim", "-a", "notes=none"), '-a: notes needs a value of type list, not "none"; write a list'),
        (("-a", "patient=Kim"), "-a: pin has no default, and nothing was given to it; add -a pin=…"),
        (("-a", "patient"), '-a takes NAME=VALUE, and "patient" has no ='),
        (("-a", "patient=a", "-a", "patient=b"), "-a patient is given twice"),
        (("-a", "patient=a", "--flow", "main.flow"), "-a is for the deployed flow"),
        (("-a", "patient=a", "--inbound", "+31201234567"), "-a is for calls that the application places"),
    ],
)
def test_what_is_refused(linked: tuple[Served, Server], arguments: tuple[str, ...], words: str) -> None:
    project, _ = linked
    to = () if "--inbound" in arguments else (TO,)
    refused = project.command("call", *to, *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err


def test_a_call_without_args_has_the_defaults(linked: tuple[Served, Server]) -> None:
    project, _ = linked
    document = json.loads(send(answer_url(project), {**CALL, "uuid": "plain"}).content)
    assert [each["text"] for each in document[:2]] == ["Hello there.", "About your visit, press 1."]


def test_forged_args_change_nothing(linked: tuple[Served, Server]) -> None:
    project, _ = linked
    url = answer_url(project)
    for token in ("x", "A" * 80, re.sub(r".*/", "", url)):
        forged = with_arguments(url, token)
        assert forged is not None
        assert send(forged, {**CALL, "uuid": "forged"}).status == 404
    # A token of an event URL is not one of args.
    (event,) = {
        each["eventUrl"][0]
        for each in json.loads(send(url, {**CALL, "uuid": "other"}).content)
        if each["action"] == "input"
    }
    swapped = with_arguments(url, event.rpartition("/")[2])
    assert swapped is not None
    assert send(swapped, {**CALL, "uuid": "swapped"}).status == 404


def test_another_serve_key_is_refused(linked: tuple[Served, Server]) -> None:
    project, _ = linked
    key: Path = project.folder / ".ncco/serve/key"
    before = key.read_bytes()
    try:
        key.write_bytes(b"x" * 43 + b"\n")
        refused = project.command("call", TO, "-a", "patient=Kim", *PIN)
        assert refused.code == 2
        assert "the serve key here is not that of http://127.0.0.1" in refused.err
        key.unlink()
        refused = project.command("call", TO, "-a", "patient=Kim", *PIN)
        assert refused.code == 2
        assert "there is no serve key in" in refused.err
    finally:
        key.write_bytes(before)


def test_a_played_call_has_args_too(linked: tuple[Served, Server]) -> None:
    project, _ = linked
    played = project.command("play", "main.flow", "-a", "patient=Kim", "--press", "1")
    assert played.code == 0, played.err
    assert "Hello Kim." in played.out
    refused = project.command("play", "main.flow", "-a", "patiant=Kim")
    assert (refused.code, refused.out) == (2, "")
    assert "-a: the flow has no arg patiant; did you mean patient?" in refused.err
