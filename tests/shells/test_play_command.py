"""Test `ncco play` as a process: files, flows, standard input, and webhook servers."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.tokens.jwt import verify_webhook
from tests.shells.answer_server import PIN, AnswerServer, answer_server
from tests.shells.http_server import Answer, serving
from tests.shells.shell import LONGEST, ROOT, Shell

MENU = json.dumps(
    [
        {"action": "talk", "text": "Press 1.", "bargeIn": True},
        {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}, "eventUrl": ["https://a.example.com/keys"]},
        {"action": "talk", "text": "Bye."},
    ],
    indent=1,
)


@pytest.fixture(scope="module")
def bank() -> Iterator[AnswerServer]:
    with answer_server() as server:
        yield server


# Samples in which a single caller hears nothing.
ALONE = frozenset({"conference"})


def heard(out: str) -> list[str]:
    """Return the texts that a caller hears, from the output."""
    return [line.split('"')[1] for line in out.splitlines() if 'hears "' in line]


def events_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["events"]
    return found


def test_a_file_is_played_with_the_lines_of_its_actions(ncco: Shell) -> None:
    ncco.write("menu.json", MENU)
    out, err = ncco("play", "menu.json", "--press", "1", code=0)
    assert heard(out) == ["Press 1.", "Bye."]
    assert "presses 1" in out
    assert "menu.json:2" in out
    assert err == ""


def test_ctrl_c_keeps_the_transcript_so_far(ncco: Shell) -> None:
    ncco.write("menu.json", MENU)
    arguments = ("play", "menu.json", "--press", "1", "--realtime", "--transcript", "call.json")
    with ncco.start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        while b'hears "Press 1."' not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LONGEST)
    assert process.returncode == 130
    # More may have happened before the signal arrived.
    assert "Press 1." in [event.get("text") for event in events_of(ncco.folder / "call.json")]


@pytest.mark.parametrize("text", ["[{'action': 'talk', 'text': 'x'}]", '[{"action": "talk", "text": "x"},]'])
def test_a_file_that_is_almost_json_is_not_played(ncco: Shell, text: str) -> None:
    ncco.write("a.json", text)
    out, err = ncco("play", "a.json", code=1)
    assert out == ""
    assert "a.json:1:" in err
    assert "--fix" in err


def test_a_flow_is_played(ncco: Shell) -> None:
    ncco.write("a.flow", 'param who: text\ntalk "Hello {who}."\n')
    out, _ = ncco("play", "a.flow", "-p", "who=Ann", code=0)
    assert heard(out) == ["Hello Ann."]
    assert "a.flow:2" in out


def test_a_flow_with_an_error_is_not_played(ncco: Shell) -> None:
    ncco.write("a.flow", 'tlak "Hello"\n')
    out, err = ncco("play", "a.flow", code=1)
    assert out == ""
    assert "F330" in err


def test_standard_input_gives_the_same_transcript(ncco: Shell) -> None:
    ncco.write("menu.json", MENU)
    ncco("play", "menu.json", "--press", "1", "--transcript", "one.json", code=0)
    ncco("play", "-", "--press", "1", "--transcript", "two.json", code=0, stdin=MENU)
    one, two = ((ncco.folder / name).read_bytes() for name in ("one.json", "two.json"))
    assert one == two


def test_the_script_is_followed_in_its_order(ncco: Shell) -> None:
    ask = {"action": "input", "type": ["dtmf", "speech"], "eventUrl": ["https://a.example.com/k"]}
    ncco.write("a.json", json.dumps([ask] * 3))
    script = ("--say", "sales", "--silence", "--press", "12#", "--say=--press")
    ncco("play", "a.json", *script, "--transcript", "t.json", code=0)
    inputs = [event for event in events_of(ncco.folder / "t.json") if event["what"] == "input"]
    assert inputs[0]["speech"]["results"][0]["text"] == "sales"
    assert inputs[1]["speech"]["timeout_reason"] == "start_timeout"
    assert inputs[2]["dtmf"]["digits"] == "12#"
    said = [event["words"] for event in events_of(ncco.folder / "t.json") if event["what"] == "say"]
    assert said == ["sales", "--press"]


def test_webhooks_are_answered_from_files(ncco: Shell) -> None:
    ncco.write("menu.json", MENU)
    ncco.write("sales.json", '[{"action": "talk", "text": "Sales."}]')
    out, _ = ncco("play", "menu.json", "--press", "1", "--webhook", "*/keys=sales.json", code=0)
    assert heard(out) == ["Press 1.", "Sales."]


def test_only_the_actions_of_the_file_have_lines_in_it(ncco: Shell) -> None:
    endpoint = {"type": "phone", "number": "31201234568", "onAnswer": {"url": "https://a.example.com/whisper"}}
    ncco.write("a.json", json.dumps([{"action": "connect", "endpoint": [endpoint], "from": "31201234567"}]))
    ncco.write("whisper.json", '[{"action": "talk", "text": "A call for you."}]')
    out, _ = ncco("play", "a.json", "--webhook", "*/whisper=whisper.json", code=0)
    assert [
        line.partition("   a.json")[1] != "" for line in out.splitlines() if "dials" in line or "hears" in line
    ] == [
        True,
        False,
    ]
    out, _ = ncco("play", "a.json", "--ring", "*=busy", code=0)
    assert "the call to 31201234568 is over (busy)" in out


def test_dead_air_is_an_answer_of_no(ncco: Shell) -> None:
    ncco.write("a.json", '[{"action": "conversation", "name": "room"}]')
    out, _ = ncco("play", "a.json", code=1)
    assert "dead-air" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--press", "x"), "--press takes keys"),
        (("--speak", "soon"), "--speak takes a time"),
        (("--ring", "31201234567=asleep"), "--ring takes NUMBER=STATE"),
        (("--at", "tomorrow"), "--at takes a time"),
        (("--signature-secret", ""), "--signature-secret takes a secret"),
        (("--at", "9999-12-31T23:59"), "--at takes a time from 1970 to 9000"),
        (("--webhook", "a.json"), "--webhook takes GLOB=FILE.json"),
        (("--transcript", "none/t.json"), "cannot write none/t.json: there is no such folder"),
        (("--transcript", "."), "cannot write .: it is a folder"),
    ],
)
def test_wrong_usage_says_what_is_right(ncco: Shell, arguments: tuple[str, ...], words: str) -> None:
    ncco.write("a.json", MENU)
    out, err = ncco("play", "a.json", *arguments, code=2)
    assert words in err
    assert out == ""


def test_a_number_behaves_as_told(ncco: Shell) -> None:
    endpoint = [{"type": "phone", "number": "31201234568"}]
    ncco.write("a.json", json.dumps([{"action": "connect", "endpoint": endpoint, "from": "31201234567"}]))
    out, _ = ncco("play", "a.json", "--ring", "+31 20 123 4568=busy", code=0)
    assert "status: busy" in out


# ── A server of somebody else ────────────────────────────────────────────────────────────────────────


def test_a_menu_of_two_levels_and_a_pin(ncco: Shell, bank: AnswerServer) -> None:
    out, _ = ncco("play", bank.url, "--press", "9", "--press", "1", "--press", "1111", "--press", PIN, code=0)
    assert heard(out) == [
        "Welcome to the bank.",
        "Press 1 for your balance, 2 to leave a message.",
        "That is not a choice.",
        "Press 1 for your balance, 2 to leave a message.",
        "Enter your PIN.",
        "Wrong. Try again.",
        "Your balance is 12 euros.",
    ]
    assert {event["status"] for event in bank.events} >= {"started", "ringing", "answered", "completed"}


def test_voicemail_is_recorded(ncco: Shell, bank: AnswerServer) -> None:
    out, _ = ncco("play", bank.url, "--press", "2", "--speak", "8s", "--press", "#", code=0)
    assert heard(out)[-1] == "Thank you."
    assert bank.recordings[-1]["size"] == 8 * 4000


def test_webhooks_are_signed(ncco: Shell) -> None:
    secret = "a-signature-secret-of-more-than-32-bytes"
    with serving() as server:
        server.on("GET", "/answer", Answer(json=[{"action": "talk", "text": "x"}]))
        server.on("POST", "/event", Answer())
        ncco("play", f"{server.address}/answer", "--signature-secret", secret, code=0)
    posted = server.of("POST", "/event")[-1]
    token = posted.headers["authorization"].removeprefix("Bearer ")
    assert verify_webhook(token, secret, payload=posted.body, now=time.time())["iss"] == "Vonage"


@pytest.mark.parametrize("flow", sorted((ROOT / "samples").glob("*/*.flow")), ids=lambda path: path.stem)
def test_every_sample_reaches_its_end(ncco: Shell, flow: Path) -> None:
    # A caller who waits alone in a conference hears nothing.
    looks_up = "fetch " in flow.read_text(encoding="utf-8")
    answers = ("--fetch", "GET *=404") if looks_up else ()
    out, _ = ncco("play", str(flow), *answers, code=1 if flow.stem in ALONE else 0)
    assert "the call is over" in out


def test_only_the_caller_hears_what_comes_from_the_environment(ncco: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP", "Pedal 4 You")
    monkeypatch.setenv("TOKEN", "s3cr3t/t0ken")
    monkeypatch.setenv("DESK", "+44 20 7946 0123")
    ncco.write(
        "ncco.toml",
        'profile = "live"\n[profiles.live.params]\nshop = "env:SHOP"\ntoken = "env:TOKEN"\ndesk = "env:DESK"\n',
    )
    ncco.write(
        "a.flow",
        """\
param shop: text
param token: text
param desk: phone
talk "This is {shop}."
notify "https://x.example.com/?t={token}" payload: { "t": "{token}" }
connect phone desk from: "+44 20 7946 0124"
""",
    )
    out, err = ncco("play", "a.flow", "--transcript", "t.json", code=0)
    written = (ncco.folder / "t.json").read_text(encoding="utf-8")
    for text in (out + err, written):
        assert "This is Pedal 4 You." in text
        assert "‹from the environment›" in text
        assert not any(part in text for part in ("s3cr3t", "t0ken", "442079460123"))


def test_without_an_operand_the_only_flow_of_the_profile_is_played(ncco: Shell) -> None:
    _, err = ncco("play", code=2)
    assert "name what to play: a .flow or .json file" in err
    app = '[profiles.live.applications.{0}]\nflow = "{0}.flow"\n'
    # Without credentials: no request goes to the provider.
    ncco.write("ncco.toml", 'profile = "live"\n[profiles.live]\nprovider = "vonage"\n' + app.format("shop"))
    ncco.write("shop.flow", 'talk "Hello."\n')
    out, err = ncco("play", code=0)
    assert 'hears "Hello."' in out
    assert "shop.flow:1" in out
    assert err == ""
    ncco.write("ncco.toml", '[profiles.live]\nprovider = "vonage"\n' + app.format("shop") + app.format("desk"))
    _, err = ncco("play", "--profile", "live", code=2)
    assert "name what to play: desk.flow, shop.flow" in err


def test_the_methods_of_the_application_are_used(ncco: Shell) -> None:
    with serving() as server:
        server.on("POST", "/answer", Answer(json=[{"action": "talk", "text": "x"}]))
        server.on("GET", "/events", Answer())
        addresses = (f"{server.address}/answer", "--event-url", f"{server.address}/events")
        ncco("play", *addresses, "--answer-method", "POST", "--event-method", "GET", code=0)
    (asked,) = server.of("POST", "/answer")
    assert asked.json["to"] == "31201234567"
    statuses = [dict(each.query)["status"] for each in server.of("GET", "/events")]
    assert statuses == ["started", "ringing", "answered", "completed"]
    assert server.unexpected == []


@pytest.mark.parametrize(
    "arguments", [("http://",), ("http://[::1",), ("http://a:99999/",), ("http://a/", "--event-url", "a/event")]
)
def test_what_is_not_a_url_is_wrong_usage(ncco: Shell, arguments: tuple[str, ...]) -> None:
    out, err = ncco("play", *arguments, code=2)
    assert out == ""
    assert "URL" in err


def test_the_password_of_a_url_is_not_shown(ncco: Shell) -> None:
    with serving() as server:
        server.on("GET", "/answer", Answer(status=500))
        server.on("POST", "/event", Answer())
        address = server.address.replace("//", "//ann:s3cr3t@")
        out, err = ncco("play", f"{address}/answer", "--transcript", "t.json", code=1)
    assert server.of("GET", "/answer")[0].headers["authorization"].startswith("Basic ")
    assert f"answer webhook {server.address}/answer: it answered 500" in out
    assert "s3cr3t" not in out + err + (ncco.folder / "t.json").read_text(encoding="utf-8")


def test_webhooks_of_a_file_are_posted(ncco: Shell) -> None:
    with serving() as server:
        server.on("POST", "/note", Answer(json=[{"action": "talk", "text": "Noted."}]))
        notify = {"action": "notify", "payload": {"paid": True}, "eventUrl": [f"{server.address}/note"]}
        ncco.write("a.json", json.dumps([notify]))
        out, _ = ncco("play", "a.json", "--post", code=0)
    assert server.of("POST", "/note")[0].json["payload"] == {"paid": True}
    assert 'notify: {"paid": true}' in out
    assert heard(out) == ["Noted."]
    # Nothing is sent to the made-up URL of events.
    assert "events.invalid" not in out
