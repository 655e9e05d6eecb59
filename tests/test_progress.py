"""The line that tells how a call goes, on a terminal that lines for programs may share."""

from __future__ import annotations

import io

import pytest

from ncco_lang.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch, kind: str) -> Terminal:
    """What stands for standard error from now on; not a fixture, because pytest takes the stream back in between."""
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
