"""Test `ncco play` on a terminal, whose keys are the caller's."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

MENU = [
    {"action": "talk", "text": "Press 1 for sales, or 2 for support.", "bargeIn": True},
    {"action": "input", "type": ["dtmf", "speech"], "dtmf": {"maxDigits": 2}, "eventUrl": ["https://a.example.com/k"]},
    {
        "action": "connect",
        "from": "31201234567",
        "endpoint": [{"type": "phone", "number": "31201234568"}],
    },
]


def on_terminal(
    folder: Path, *arguments: str, typed: list[tuple[str, bytes]], file: str = "menu.json"
) -> tuple[int, str]:
    """Run `ncco play` on a terminal; type each text when the words before it are shown."""
    (folder / "menu.json").write_text(json.dumps(MENU), encoding="utf-8")
    command = [sys.executable, "-m", "ncco_lang", "play", file, *arguments]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, start_new_session=True
    ) as run:
        os.close(theirs)
        shown, at, end = "", 0, time.monotonic() + 30
        try:
            while time.monotonic() < end and select.select([ours], [], [], 30)[0]:
                shown += os.read(ours, 65536).decode()
                while typed and (found := shown.find(typed[0][0], at)) >= 0:
                    at = found + len(typed[0][0])
                    os.write(ours, typed.pop(0)[1])
        except OSError:
            # Linux ends the output of a terminal with EIO.
            pass
        finally:
            os.close(ours)
            run.kill() if time.monotonic() >= end else run.wait(30)
    return run.returncode, shown.replace("\r\n", "\n")


def test_keys_words_and_the_other_side_are_asked_for(tmp_path: Path) -> None:
    code, shown = on_terminal(tmp_path, typed=[("> ", b"21"), ("(m)achine?", b"xb")])
    assert code == 0
    assert "input: keys 21 " in shown
    assert "status: busy" in shown
    assert shown.count("> ") == 1
    code, shown = on_terminal(tmp_path, typed=[("> ", b"sales, plea\x7fase\r"), ("(m)achine?", b"\r")])
    assert code == 0
    assert 'says "sales, please"' in shown
    assert "is connected with 31201234568" in shown


def test_enter_alone_is_silence_and_ctrl_d_hangs_up(tmp_path: Path) -> None:
    _, shown = on_terminal(tmp_path, typed=[("> ", b"\r"), ("(m)achine?", b"n")])
    assert "input: nothing" in shown
    assert "status: timeout" in shown
    code, shown = on_terminal(tmp_path, typed=[("> ", b"\x04")])
    assert code == 0
    assert "the person hung up" in shown
    code, shown = on_terminal(tmp_path, typed=[("> ", b"21"), ("(m)achine?", b"x\x04")])
    assert code == 0
    assert "the person hung up" in shown
    assert "status: cancelled" in shown


def test_in_real_time_a_key_cuts_the_prompt(tmp_path: Path) -> None:
    code, shown = on_terminal(tmp_path, "--realtime", typed=[("listens", b"12"), ("(m)achine?", b"r\x04")])
    assert code == 0
    assert "the key cuts the prompt after 0" in shown
    assert "input: keys 12 " in shown
    assert "the person hung up" in shown


def test_a_flow_that_branches_asks_again(tmp_path: Path) -> None:
    (tmp_path / "shop.flow").write_text(
        'step start {\n    menu "Press 1." {\n        1         -> { talk "Good."; hangup }\n'
        '        otherwise -> retry "Sorry."\n        give_up   -> hangup\n    }\n}\n'
    )
    code, shown = on_terminal(tmp_path, file="shop.flow", typed=[("> ", b"7"), ('hears "Press 1."', b""), ("> ", b"1")])
    assert code == 0
    assert shown.index("presses 7") < shown.index('hears "Sorry."') < shown.index('hears "Good."')


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ([b"no JSON\n", b'404 {"why": "sold out"}\n'], "There is none."),
        ([b'{"state": "ready"}\n'], "It is ready."),
        ([b"\n"], "It is ."),
        ([b"timeout\n"], "We are closed."),
        ([b"\x04"], "the person hung up"),
    ],
)
def test_the_answers_of_lookups_are_asked_for(tmp_path: Path, typed: list[bytes], words: str) -> None:
    (tmp_path / "shop.flow").write_text(
        'step start {\n    menu "Press 1." { 1 -> order; give_up -> hangup }\n}\nstep order {\n'
        '    fetch "https://shop.example.com/orders" into: found {\n'
        '        404       -> { talk "There is none."; hangup }\n'
        '        otherwise -> { talk "We are closed."; hangup }\n    }\n    talk "It is {found.state}."\n}\n'
    )
    answers = [("Enter: 200 {}): ", each) for each in typed]
    code, shown = on_terminal(tmp_path, file="shop.flow", typed=[("> ", b"1"), *answers])
    assert code == 0
    assert words in shown
    assert shown.count("type a status, JSON or both") == len(typed) - 1
