"""The progress line of a call, on a terminal that output for programs may share."""

from __future__ import annotations

import io
import os

import pytest

from ncco_lang.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch, kind: str) -> Terminal:
    """Replace standard error by a terminal; not a fixture, because pytest restores the stream in between."""
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", kind)
    return shown


def test_a_line_that_is_not_wanted_at_once_comes_behind_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch, "xterm")
    progress = Progress(is_on=True)
    progress.tell("ringing", at_once=False)
    assert shown.getvalue() == ""
    progress.sleep(0.01)
    assert shown.getvalue() == "\r0:00  ringing"
    progress.clear()
    assert shown.getvalue().endswith("\r             \r")


def test_a_line_that_cannot_be_rewritten_is_told_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch, "dumb")
    Progress(is_on=True).tell("ringing", at_once=False)
    assert shown.getvalue() == "ringing\n"


def test_a_line_is_as_long_as_the_terminal_that_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output may be a file, or another terminal."""
    termios = pytest.importorskip("termios")
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 30))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        Progress(is_on=True).tell("a word " * 20)
        stream.flush()
        shown = os.read(ours, 4096).decode("utf-8")
    os.close(ours)
    assert len(shown) == len("\r") + 29
