"""Test Emacs with the settings of `docs/editors.md`: a broken flow is opened, inspected, fixed and saved."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.shells.editor_runs import BROKEN, FIXED_FLOW, Place, block

EMACS = shutil.which("emacs")
DRIVE = Path(__file__).parent / "emacs/drive.el"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("emacs"))


@pytest.fixture(scope="module")
def seen(place: Place) -> dict[str, Any]:
    """What a user sees who works through `drive.el` once."""
    if EMACS is None:
        pytest.skip("needs emacs (Debian: emacs-nox)")
    start = (EMACS, "--batch", "-f", "package-initialize")
    asked = [*start, "--eval", '(kill-emacs (if (locate-library "eglot") 0 1))']
    if subprocess.run(asked, capture_output=True, timeout=60, check=False).returncode:
        pytest.skip("needs eglot (Debian: elpa-eglot)")
    config = place.write("home/init.el", block("elisp"))
    return place.run(*start, "-l", config, "-l", DRIVE)


def test_findings_are_shown(seen: dict[str, Any]) -> None:
    assert seen["mode"] == "ncco-flow-mode"
    (found,) = seen["findings"]
    line = next(number for number, text in enumerate(BROKEN.splitlines(), 1) if "premum" in text)
    assert found["line"] == line
    assert "did you mean premium?" in found["text"]


def test_fix_format_and_save(seen: dict[str, Any], place: Place) -> None:
    assert any("premium" in offered for offered in seen["offered"])
    assert place.flow == FIXED_FLOW


def test_names(seen: dict[str, Any]) -> None:
    assert seen["definition"].startswith("param helpdesk: phone")
    assert "param helpdesk" in seen["references"]
    assert "connect phone helpdesk" in seen["references"]
    assert "param desk: phone" in seen["renamed"]
    assert "connect phone desk from" in seen["renamed"]


def test_hover_outline_completion_and_colours(seen: dict[str, Any]) -> None:
    assert '"action": "connect"' in seen["hover"]
    assert "helpdesk" in seen["outline"]
    assert any("talk" in word for word in seen["proposed"])
    assert seen["comment"].startswith("font-lock-comment")


def test_a_flow_with_a_lookup(seen: dict[str, Any]) -> None:
    assert "Your order is {order.state}." in seen["lookup_hover"]
    assert any("5xx" in word for word in seen["lookup_proposed"])


def test_settings_and_json_are_looked_at(seen: dict[str, Any]) -> None:
    (found,) = seen["toml"]
    assert 'did you mean "provider"?' in found["text"]
    assert any("F301" in found["text"] for found in seen["json"])
