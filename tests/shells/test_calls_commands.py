"""Test what `ncco calls` changes in a call, and which calls `ncco call` places, in process and with an emulator."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest

from ncco_lang.api.types import Endpoint, NewCall
from ncco_lang.cli.call_control import change_call, check_control, control_of, control_options
from ncco_lang.cli.call_options import CallOptions
from ncco_lang.cli.call_request import make_call
from ncco_lang.cli.main import main
from ncco_lang.cli.provider_command import chosen
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running, running
from ncco_lang.net.http_client import HttpClient
from tests.shells import api_fakes as fakes
from tests.shells.http_server import Answer, serving
from tests.shells.test_call_commands import ANSWERS, FLOW, NOBODY, RINGS, STAYS, settings

OLD = '[{"action": "stream", "streamUrl": "https://a.test/a.mp3"}]'
HELLO = '[{"action": "talk", "text": "Hello."}]'


class Place:
    """A project that is deployed to an emulator, and `ncco` in its folder, without a process of its own."""

    def __init__(self, folder: Path, emulator: Running, ask: Callable[..., tuple[int, str, str]]) -> None:
        self.folder = folder
        self.emulator = emulator
        self.ask = ask

    def __call__(self, *arguments: str, code: int) -> tuple[str, str]:
        found, out, err = self.ask(*arguments)
        assert found == code, out + err
        return out, err


@contextmanager
def deployed(provider: str, folder: Path) -> Iterator[tuple[Path, Running]]:
    """Yield the folder of a project that is deployed to an emulator, and the emulator."""
    (folder / "public").mkdir()
    with running(
        EmulatorOptions(provider=provider, documents=str(folder / "public"), speed=10, limits=False)
    ) as emulator:
        (folder / "ncco.toml").write_text(settings(provider, emulator.address), encoding="utf-8")
        (folder / "main.flow").write_text(FLOW, encoding="utf-8")
        (folder / "hello.json").write_text(HELLO, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            with pytest.raises(SystemExit) as ended:
                main(["deploy", "--yes"])
        assert ended.value.code == 0
        yield folder, emulator


@pytest.fixture(scope="module")
def at_vonage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Running]]:
    with deployed("vonage", tmp_path_factory.mktemp("vonage")) as found:
        yield found


@pytest.fixture(scope="module")
def at_kpn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Running]]:
    with deployed("kpn", tmp_path_factory.mktemp("kpn")) as found:
        yield found


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[tuple[Path, Running]], Place]:
    """Return a function to a project as a test finds it."""

    def ask(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err

    def made(found: tuple[Path, Running]) -> Place:
        folder, emulator = found
        monkeypatch.chdir(folder)
        emulator.account.faults.clear()
        emulator.account.requests.clear()
        return Place(folder, emulator, ask)

    return made


@pytest.fixture
def vonage(at_vonage: tuple[Path, Running], make: Callable[[tuple[Path, Running]], Place]) -> Place:
    return make(at_vonage)


@pytest.fixture
def kpn(at_kpn: tuple[Path, Running], make: Callable[[tuple[Path, Running]], Place]) -> Place:
    return make(at_kpn)


@pytest.fixture(params=["vonage", "kpn"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each of the two projects."""
    found: Place = request.getfixturevalue(request.param)
    return found


# ── ncco calls: what is sent ───────────────────────────────────────────────────────────────────────────

APP, LEG = fakes.APP, fakes.LEG
_VOICE = ["--talk", "Hallo", "--language", "nl-NL", "--style", "1", "--level", "-0.5", "--loop", "2"]
_SENT: list[tuple[str, list[str], str, str, Any]] = [
    ("vonage", _VOICE, "PUT", "/talk", {"text": "Hallo", "language": "nl-NL", "style": 1, "level": "-0.5", "loop": 2}),
    ("kpn", ["--talk", "Hallo", "--voice-name", "Lotte"], "PUT", "/talk", {"text": "Hallo", "voiceName": "Lotte"}),
    ("vonage", ["--stop-talk"], "DELETE", "/talk", None),
    (
        "vonage",
        ["--stream", "https://a.test/a.mp3", "--level", "0.4", "--loop", "0"],
        "PUT",
        "/stream",
        {"stream_url": ["https://a.test/a.mp3"], "level": "0.4", "loop": 0},
    ),
    ("kpn", ["--stop-stream"], "DELETE", "/stream", None),
    ("vonage", ["--dtmf", "1p*#"], "PUT", "/dtmf", {"digits": "1p*#"}),
    *(("kpn", [f"--{each}"], "PUT", "", {"action": each}) for each in ("mute", "unmute", "earmuff", "unearmuff")),
    ("vonage", ["--hang-up"], "PUT", "", {"action": "hangup"}),
    (
        "kpn",
        ["--transfer", "https://a.test/x.json"],
        "PUT",
        "",
        {"action": "transfer", "destination": {"type": "ncco", "url": ["https://a.test/x.json"]}},
    ),
]


@pytest.mark.parametrize(("provider", "arguments", "method", "path", "body"), _SENT, ids=lambda each: str(each)[:24])
def test_a_change_is_one_request(provider: str, arguments: list[str], method: str, path: str, body: Any) -> None:
    with click.Context(command := control_options(click.command()(lambda: None))) as ctx:
        command.parse_args(ctx, list(arguments))
        control = control_of(ctx)
    assert control is not None
    check_control(control, provider)
    with serving() as server, HttpClient(connect=5, read=5) as wire:
        client = (fakes.kpn if provider == "kpn" else fakes.vonage)(server, wire, fakes.Time())
        at = f"{fakes.KPN}/voice/calls/{LEG}" if provider == "kpn" else f"{fakes.CALLS}/{LEG}"
        server.on(method, at + path, Answer(200 if path else 204, json={"uuid": LEG} if path else None))
        change_call(client, APP, LEG, control, None)
        (asked,) = server.of(method, at + path)
    assert (asked.body and asked.json) == (body or b"")


# ── ncco calls: what is refused ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--talk", "Hello"], "--talk wants the UUID"),
        ([LEG, "--talk", "a", "--mute"], "--talk and --mute are two changes"),
        ([LEG, "--talk", "a", "--talk", "b"], "--talk and --talk are two changes"),
        ([LEG, "--hang-up", "--unmute"], "--hang-up and --unmute are two changes"),
        ([LEG, "--language", "nl-NL"], "--language goes with --talk"),
        ([LEG, "--stream", "https://a.test/a.mp3", "--style", "1"], "--style goes with --talk"),
        ([LEG, "--mute", "--loop", "2"], "--loop goes with --talk or --stream"),
        ([LEG, "--talk", " "], "--talk takes a text"),
        ([LEG, "--talk", "<speak>Hello"], '--talk: the element "speak" is never closed'),
        ([LEG, "--talk", "a", "--level", "1.5"], "--level"),
        ([LEG, "--talk", "a", "--level", "nan"], "--level takes a number from -1 to 1"),
        ([LEG, "--talk", "a", "--loop", "-1"], "--loop"),
        ([LEG, "--stream", "ftp://a.test/a.mp3"], "--stream: "),
        ([LEG, "--talk", "a\udcff"], "--talk: a value is not UTF-8"),
        ([LEG, "--dtmf", "12a"], '--dtmf takes keys (0-9, *, # and p for a pause), not "12a"'),
        ([LEG, "--transfer", "ftp://a.test/a.json"], "--transfer takes an http or https address, or a file"),
        ([LEG, "--transfer", "https://a.test/a.json", "-p", "a=1"], "-p and --base-url go with --transfer FILE.flow"),
        ([LEG, "--mute", "--status", "busy"], "are for lists"),
    ],
)
def test_what_is_no_change(vonage: Place, arguments: list[str], words: str) -> None:
    out, err = vonage("calls", *arguments, code=2)
    assert words in err
    assert (out, list(vonage.emulator.account.requests)) == ("", [])


def test_what_a_provider_does_not_have(place: Place) -> None:
    at_kpn = {
        ("--talk", "a", "--language", "nl-NL"): "KPN has no --language here; it has --voice-name and --loop",
        ("--stream", "https://a.test/a.mp3", "--level", "0"): "KPN has no --level here; it has --loop",
        ("--talk", "a", "--voice-name", "Lote"): 'KPN has no voice "Lote"; did you mean "Lotte"?',
        ("--transfer", "hello.json"): "KPN takes no NCCO with a transfer; write the URL of one",
        ("--transfer", "nowhere.flow"): "KPN takes no NCCO with a transfer; write the URL of one",
    }
    at_vonage = {
        ("--talk", "a", "--voice-name", "Kimberly"): "Vonage has no --voice-name here; write --language en-US --style",
        ("--transfer", "nowhere.flow"): "cannot read nowhere.flow: there is no such file",
    }
    for arguments, words in (at_kpn if place.emulator.account.is_kpn else at_vonage).items():
        assert words in place("calls", LEG, *arguments, code=2)[1]
    assert list(place.emulator.account.requests) == []


def test_a_call_is_changed_while_it_goes_on(place: Place) -> None:
    uuid = place("call", RINGS, "--no-wait", code=0)[0].strip()
    assert f"the call {uuid} is not answered yet (" in place("calls", uuid, "--talk", "Hello", code=1)[1]
    place("calls", uuid, "--hang-up", code=0)
    uuid = answered(place)
    for arguments, words in {
        ("--talk", "Hello"): "the text is spoken",
        ("--stop-talk",): "the text is stopped",
        ("--stream", "https://media.example.com/a.mp3"): "the audio is played",
        ("--dtmf", "1p#"): "keys played",
        ("--mute",): "muted",
        ("--unearmuff",): "unearmuffed",
        ("--transfer", f"{place.emulator.address}/documents/hello.json"): "transferred",
        ("--hang-up",): "hung up",
    }.items():
        assert place("calls", uuid, *arguments, code=0) == ("", f"{words}: the call {uuid}\n")
    _, err = place("calls", uuid, "--talk", "Hello", code=1)
    assert err == f"ncco: the call {uuid} is over, so nothing can be changed (completed)\n"
    assert "no such call" in place("calls", NOBODY, "--mute", code=1)[1]


def answered(place: Place) -> str:
    """Return the uuid of a call that was answered and goes on."""
    uuid = place("call", STAYS, "--no-wait", code=0)[0].strip()
    until = time.monotonic() + 10
    while '"answered"' not in place("calls", uuid, "--json", code=0)[0] and time.monotonic() < until:
        time.sleep(0.01)
    return uuid


def test_a_change_that_the_provider_refuses_is_no_success(place: Place) -> None:
    uuid = answered(place)
    place.emulator.account.faults.put([Fault(kind="status", status=403, method="PUT", path="/")])
    assert "this account may not do that" in place("calls", uuid, "--talk", "Hello", code=3)[1]
    place.emulator.account.faults.clear()
    place("calls", uuid, "--hang-up", code=0)


def test_a_transfer_takes_a_file(vonage: Place) -> None:
    uuid = answered(vonage)
    (vonage.folder / "wrong.json").write_text('[{"action": "tlak"}]', encoding="utf-8")
    (vonage.folder / "old.json").write_text(OLD, encoding="utf-8")
    (vonage.folder / "wrong.flow").write_text("talk 5\n", encoding="utf-8")
    (vonage.folder / "with.flow").write_text('param desk: text\ntalk "This is {desk}."\n', encoding="utf-8")
    assert "wrong.json:1:13: error F301 unknown-action" in vonage("calls", uuid, "--transfer", "wrong.json", code=1)[1]
    assert "error F" in vonage("calls", uuid, "--transfer", "wrong.flow", code=1)[1]
    assert "bring it up to date with: ncco check --fix" in vonage("calls", uuid, "--transfer", "old.json", code=1)[1]
    assert [each for each in vonage.emulator.account.requests if each["method"] == "PUT"] == []
    for arguments in (["hello.json"], ["with.flow", "-p", "desk=the desk"], ["main.flow"]):
        assert vonage("calls", uuid, "--transfer", *arguments, code=0)[1].endswith(f"transferred: the call {uuid}\n")
    vonage("calls", uuid, "--hang-up", code=0)


# ── ncco call: what is placed ──────────────────────────────────────────────────────────────────────────


def call_of(to: str, **given: Any) -> NewCall:
    """Return the request that the options of `ncco call` make, in the working folder's project."""
    place = chosen(None)
    of_flags: dict[str, Any] = dict.fromkeys(("random_from", "force", "no_check"), False)
    names = ("sender", "flow", "base_url", "detect", "detect_mode", "beep_timeout", "ringing_timer", "length_timer")
    none: dict[str, Any] = dict.fromkeys((*names, "content_type", "inbound", "called", "at", "transcript"))
    options = CallOptions(
        to=to, **{**of_flags, **none, "params": {}, "arguments": {}, "rings": {}, "headers": (), **given}
    )
    return make_call(options, place, place.app(None))


def test_the_options_of_a_call_are_in_its_request(vonage: Place) -> None:
    call = call_of(ANSWERS, ringing_timer=20, length_timer=86_400)
    assert (call.ringing_timer, call.length_timer, call.from_number) == (20, 86_400, "31201234567")
    assert call_of(ANSWERS, random_from=True).random_from_number
    assert call_of(ANSWERS, sender="sip:desk@example.com").from_number == "sip:desk@example.com"
    for given, advanced in (
        ({"detect": "beep", "beep_timeout": 60}, {"behavior": "continue", "mode": "detect_beep", "beep_timeout": 60}),
        ({"detect": "hangup", "detect_mode": "detect"}, {"behavior": "hangup", "mode": "detect"}),
        ({"detect_mode": "default"}, {"behavior": "continue", "mode": "default"}),
    ):
        call = call_of(ANSWERS, **given)
        assert (call.machine_detection, call.advanced_machine_detection) == (None, advanced)
    assert call_of(ANSWERS, detect="hangup").machine_detection == "hangup"


def test_a_websocket_a_user_and_an_extension_are_called(vonage: Place) -> None:
    rate = {"content-type": "audio/l16;rate=16000"}
    assert call_of("wss://a.test/s").to == Endpoint(type="websocket", address="wss://a.test/s", options=rate)
    more = {"content-type": "audio/l16;rate=24000", "headers": {"id": "42", "word": "a=b"}}
    call = call_of("wss://a.test/s", content_type=more["content-type"], headers=("id=42", "word=a=b"))
    assert call.to.options == more
    assert call_of("app:jamie").to == Endpoint(type="app", address="jamie")
    assert call_of("vbc:1234").to == Endpoint(type="vbc", address="1234")
    call = call_of("sip:a@b.test", headers=("id=42",))
    assert call.to == Endpoint(type="sip", address="sip:a@b.test", options={"headers": {"id": "42"}})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["+31201234500", "--content-type", "audio/l16;rate=8000"], "--content-type goes with a websocket"),
        (["+31201234500", "--header", "a=b"], "--header goes with a websocket or a SIP address"),
        (["wss://a.test", "--header", "a"], '--header takes NAME=VALUE, not "a"'),
        (["wss://a.test", "--header", "a=1", "--header", "a=2"], "--header a is given twice"),
        (["wss://a.test", "--content-type", "mp3"], "--content-type"),
        (["app:"], "is not a number to call"),
        (["app:a\nb"], "it has a character that cannot be printed"),
        (["wss://a.test/\udcff"], "it has a character that cannot be printed"),
        (["wss://a.test", "--header", "a=\udcff"], "--header takes NAME=VALUE"),
        (["+31201234500", "--ringing-timer", "121"], "--ringing-timer"),
        (["+31201234500", "--length-timer", "86401"], "--length-timer"),
        (["+31201234500", "--beep-timeout", "29"], "--beep-timeout"),
    ],
)
def test_what_is_not_called(vonage: Place, arguments: list[str], words: str) -> None:
    assert words in vonage("call", *arguments, code=2)[1]
    assert list(vonage.emulator.account.requests) == []


def test_options_that_contradict_each_other(vonage: Place) -> None:
    for arguments, words in {
        ("--beep-timeout", "60"): "--beep-timeout goes with --detect beep",
        ("--detect", "beep", "--detect-mode", "detect"): "does not go with --detect-mode detect",
        ("--from", "+31201234567", "--random-from"): "--from and --random-from contradict",
    }.items():
        assert words in vonage("call", ANSWERS, *arguments, code=2)[1]


def test_what_kpn_does_not_call(kpn: Place) -> None:
    for arguments, words in {
        ("app:jamie",): 'KPN Voice does not document endpoints of type "app"',
        ("vbc:12",): 'KPN Voice does not document endpoints of type "vbc"',
        (
            "wss://a.test",
            "--content-type",
            "audio/l16;rate=24000",
        ): 'KPN Voice does not document this value of "content-type"',
        ("sip:a@b.test", "--header", "a=b"): "KPN has no --header for a SIP address",
        (ANSWERS, "--detect-mode", "detect"): "KPN has no --detect-mode",
        (ANSWERS, "--beep-timeout", "60"): "KPN has no --beep-timeout",
        (ANSWERS, "--random-from"): "KPN has no --random-from",
        (ANSWERS, "--length-timer", "7201"): "--length-timer is at most 7200 seconds at KPN",
        (ANSWERS, "--from", "sip:a@b.test"): "--from at KPN is a number of your account",
    }.items():
        assert words in kpn("call", *arguments, code=2)[1]
    assert list(kpn.emulator.account.requests) == []
    assert json.loads(kpn("call", "wss://a.test/s", "--no-wait", "--json", code=0)[0])["uuid"]
