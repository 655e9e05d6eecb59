"""Test what `ncco call` does at the emulator only: inbound calls, scripts, transcripts and a view on a terminal."""

from __future__ import annotations

import json
import os
import pty
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ncco_lang.cli.main import main
from ncco_lang.cli.play_source import veiled
from ncco_lang.cli.typing_keys import HELP, Keyboard, Typing
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running, running
from ncco_lang.ncco.veil import veil_of_texts
from ncco_lang.simulate.types import Act, HangUp, Press, Say, Silence
from tests.shells.shell import LONGEST, Shell, environment, forks
from tests.shells.test_call_commands import settings

NUMBER = "+31 20 123 4567"
SECRET = "hush-hush-4242"
MENU = """\
param company: text
talk "Hello from {company}. Press one." barge_in
input dtmf max_digits: 1 event_url: "EVENTS?key={company}"
talk "Thank you."
"""
Ncco = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Running]]:
    """Yield the folder of a project that is deployed to an emulator whose time is virtual, and the emulator."""
    folder = tmp_path_factory.mktemp("emulated")
    (folder / "public").mkdir()
    with running(EmulatorOptions(documents=str(folder / "public"), speed=0, limits=False)) as emulator:
        text = settings("vonage", emulator.address).replace('"Pedal and Spoke" }', '"env:COMPANY" }')
        (folder / "ncco.toml").write_text(text, encoding="utf-8")
        menu = MENU.replace("EVENTS", f"{emulator.address}/webhooks/event")
        (folder / "main.flow").write_text(menu, encoding="utf-8")
        (folder / "dead.flow").write_text('talk "Hold on."\nconversation "nobody comes"\n', encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setenv("COMPANY", SECRET)
            with pytest.raises(SystemExit) as ended:
                main(["deploy", "--yes"])
        assert ended.value.code == 0
        yield folder, emulator


@pytest.fixture
def emulator(deployed: tuple[Path, Running], monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.chdir(deployed[0])
    monkeypatch.setenv("COMPANY", SECRET)
    deployed[1].account.faults.clear()
    deployed[1].account.requests.clear()
    return deployed[1]


@pytest.fixture
def ncco(emulator: Running, capfd: pytest.CaptureFixture[str]) -> Ncco:
    """`ncco` in the project, without a process of its own: arguments and exit code → both streams."""

    def ask(*arguments: str, code: int) -> tuple[str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capfd.readouterr()
        assert ended.value.code == code, out + err
        if arguments[0] == "call":
            # It may be seen where the person hears it.
            assert SECRET not in out.replace(f'"text": "Hello from {SECRET}. Press one."', "") + err
        return out, err

    return ask


def answer_url(emulator: Running) -> str:
    (application,) = emulator.account.applications.values()
    url: str = application.body["capabilities"]["voice"]["webhooks"]["answer_url"]["address"]
    return url


@pytest.mark.parametrize(
    "script", [["--press", "1"], ["--from", "+44 20 7946 0000", "--at", "2026-02-03T04:05:06", "--hang-up"]]
)
def test_an_inbound_call_is_a_played_one(emulator: Running, ncco: Ncco, script: list[str]) -> None:
    out, err = ncco("call", "--inbound", NUMBER, *script, "--transcript", "call.json", code=0)
    assert err == ""
    last = json.loads(out.splitlines()[-1])
    assert (last["status"], last["direction"], last["ended"]) == ("completed", "inbound", True)
    event = f"{emulator.address}/webhooks/event"
    ncco("play", answer_url(emulator), "--event-url", event, *script, "--transcript", "play.json", code=0)
    called, played = Path("call.json").read_text(encoding="utf-8"), Path("play.json").read_text(encoding="utf-8")
    # `ncco play URL` does not know what comes from the environment.
    hidden = veiled(json.loads(played), veil_of_texts([SECRET]))
    assert called == json.dumps(hidden, ensure_ascii=False, indent=2) + "\n"


def test_an_inbound_call_plays_a_flow_that_is_not_deployed(ncco: Ncco) -> None:
    out, _ = ncco(
        "call", "--inbound", NUMBER, "--flow", "dead.flow", "--to", "31201234567", "--transcript", "-", code=1
    )
    found = json.loads(out[out.index('{\n  "version"') :])
    assert "Hold on." in out
    assert [each["reason"] for each in found["problems"]] == ["dead-air"]
    assert not [each for each in found["events"] if each.get("kind") == "answer"]


def test_what_the_caller_hears_decides_the_exit_code(emulator: Running, ncco: Ncco) -> None:
    emulator.account.faults.put([Fault(kind="status", status=500, path="/documents/", times=0)])
    out, _ = ncco("call", "--inbound", NUMBER, code=1)
    assert "answered 500" in json.loads(out.splitlines()[-1])["no_ncco"]


def test_a_placed_call_follows_a_script_too(ncco: Ncco) -> None:
    out, _ = ncco("call", "+31612345678", "--press", "1", "--at", "2026-01-05T10:00", "--transcript", "-", code=0)
    lines, found = out[: out.index('{\n  "version"')], json.loads(out[out.index('{\n  "version"') :])
    assert json.loads(lines.splitlines()[-1])["start_time"].startswith("2026-01-05T10:00:")
    assert "press" in [each["what"] for each in found["events"]]
    # The script was for one call.
    out, _ = ncco("call", "--to", "+31612345678", "--transcript", "-", code=0)
    assert '"what": "press"' not in out


def test_a_number_that_is_not_linked_is_not_called(ncco: Ncco) -> None:
    _, err = ncco("call", "--inbound", "+44 20 7946 0123", code=3)
    assert "the number 442079460123 is not linked to an application" in err
    assert "31201234567" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name whom to call: TO"),
        (["--inbound", NUMBER, NUMBER], "--inbound takes no TO"),
        (["--inbound", NUMBER, "--to", "+31 30 123 4567"], "are two numbers"),
        (["+31612345678", "--to", "+31612345679"], "are two numbers"),
        (["--inbound", NUMBER, "--detect", "beep"], "--detect is for calls that the application places"),
        (["--inbound", NUMBER, "--ringing-timer", "20"], "--ringing-timer is for calls that the application places"),
        (["--inbound", NUMBER, "--at", "noon"], "--at takes a time"),
        (["--inbound", NUMBER, "--press", "x"], "--press takes keys"),
        (["--inbound", NUMBER, "--say", "\udcff"], "--say takes words, and these are not UTF-8"),
        (["--inbound", "desk"], '--inbound takes a number of the application, not "desk"'),
        (["--inbound", NUMBER, "--from", "\udcff"], "--from takes the caller's number"),
        (["--inbound", NUMBER, "--ring", "1=away"], "--ring takes NUMBER=STATE"),
        (["--inbound", NUMBER, "--no-wait", "--transcript", "a.json"], "--transcript needs the end of the call"),
    ],
)
def test_what_does_not_go_together(emulator: Running, ncco: Ncco, arguments: list[str], words: str) -> None:
    assert words in ncco("call", *arguments, code=2)[1]
    assert list(emulator.account.requests) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--inbound", NUMBER],
        ["+31612345678", "--press", "1"],
        ["+31612345678", "--hang-up"],
        ["+31612345678", "--ring", "*=busy"],
        ["+31612345678", "--at", "2026-01-05"],
        ["--to", "+31612345678"],
        ["+31612345678", "--transcript", "a.json"],
    ],
)
def test_a_real_provider_has_none_of_it(
    emulator: Running, ncco: Ncco, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Path("ncco.toml").read_text(encoding="utf-8").replace("emulator = ", "address = ")
    credentials = '[profiles.test.credentials]\napi_key = "env:KEY"\napi_secret = "env:SECRET"\n'
    (tmp_path / "ncco.toml").write_text(text + credentials, encoding="utf-8")
    (tmp_path / "main.flow").write_text('talk "Hello."\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    _, err = ncco("call", *arguments, code=2)
    option = next(each for each in arguments if each.startswith("--"))
    assert err == f'ncco: {option} is for the emulator, and profile "test" uses a real provider; leave it out\n'
    assert list(emulator.account.requests) == []


# ── The keyboard ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "acts", "shown"),
    [
        ("1#", [Press("1"), Press("#")], "1\n#\n"),
        ("\r", [Silence()], "\n"),
        ("sales 1\n2", [Say("sales 1"), Press("2")], "sales 1\n2\n"),
        ("ab\x7fc\n", [Say("ac")], "ab\b \bc\n"),
        ("a\x7f\x7f\n", [Silence()], "a\b \b\n"),
        ("a\x04\x01b\n\x04", [Say("ab"), HangUp()], "ab\n\n"),
    ],
)
def test_typing_becomes_acts(typed: str, acts: list[Act], shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    typing = Typing()
    assert [act for char in typed if (act := typing.feed(char)) is not None] == acts
    assert capsys.readouterr().out == shown


def test_lines_are_printed_above_the_words_that_are_typed(capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = os.pipe()
    keys = Keyboard(ours)
    try:
        assert list(keys.acts(0.0)) == []
        os.write(theirs, "h\N{LATIN SMALL LETTER E WITH DIAERESIS}".encode()[:2])
        assert list(keys.acts(1.0)) == []
        keys.print_line("status: ringing")
        os.write(theirs, b"\xab")
        assert list(keys.acts(1.0)) == []
        # An arrow.
        os.write(theirs, b"\x1b[A")
        assert list(keys.acts(1.0)) == []
        os.write(theirs, b"\r12")
        assert list(keys.acts(1.0)) == [Say("hë"), Press("1"), Press("2")]
        os.close(theirs)
        assert list(keys.acts(1.0)) == [HangUp()]
        assert list(keys.acts(0.0)) == []
    finally:
        os.close(ours)
    assert capsys.readouterr().out == f"{HELP}\nh\r \rstatus: ringing\nhë\n1\n2\n"


def test_a_terminal_shows_the_call_and_takes_keys(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    with running(EmulatorOptions(documents=str(tmp_path / "public"), speed=4, limits=False)) as emulator:
        shell = Shell(tmp_path)
        shell.write("ncco.toml", settings("vonage", emulator.address))
        shell.write("main.flow", MENU.replace("EVENTS", f"{emulator.address}/webhooks/event"))
        shell("deploy", "--yes", code=0)
        code, shown = typed(shell, "listens for keys", b"1", "call", "--inbound", NUMBER, "--transcript", "call.json")
        assert code == 0, shown
        assert shown.startswith("keys 0-9 * #")
        assert "presses 1" in shown
        assert "status        completed (the call is over)" in shown
        assert '"key": "1"' in (tmp_path / "call.json").read_text(encoding="utf-8")
        code, shown = typed(shell, "status: answered", b"", "call", "--inbound", NUMBER)
        assert code == 130, shown
        call = list(emulator.account.calls.values())[-1]
        assert (f"hung up: the call {call.uuid}" in shown, call.is_over) == (True, True)


def typed(shell: Shell, until: str, keys: bytes, *arguments: str) -> tuple[int, str]:
    """Run it on a terminal, and type keys as soon as a text is shown; return its exit code and what was shown.

    Args:
        keys: empty for Ctrl-C.
    """
    ours, theirs = pty.openpty()
    process = forks().start(arguments, (theirs, theirs, theirs), folder=shell.folder, env=environment({}))
    os.close(theirs)
    shown, is_typed = b"", False
    try:
        while piece := os.read(ours, 4096):
            shown += piece
            if not is_typed and until.encode() in shown:
                is_typed = True
                if keys:
                    os.write(ours, keys)
                else:
                    os.kill(process.pid, signal.SIGINT)
    except OSError:
        # Linux reports with this that the other end is closed.
        pass
    finally:
        os.close(ours)
    return process.wait(LONGEST), shown.decode()
