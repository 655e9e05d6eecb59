"""Test Neovim with the settings of `docs/editors.md`: a broken flow is opened, inspected, fixed and saved."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.shells.editor_runs import BROKEN, FIXED_FLOW, Place, block

NVIM = shutil.which("nvim")
pytestmark = pytest.mark.skipif(NVIM is None, reason="needs nvim (Debian: neovim)")
DRIVE = Path(__file__).parent / "neovim/drive.lua"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("neovim"))


@pytest.fixture(scope="module")
def seen(place: Place) -> dict[str, Any]:
    """What a user sees who works through `drive.lua` once."""
    config = place.write("home/init.lua", block("lua"))
    assert NVIM is not None
    return place.run(NVIM, "--headless", "--clean", "-u", config, "-S", DRIVE, "menu.flow")


def test_findings_are_shown(seen: dict[str, Any]) -> None:
    assert seen["filetype"] == "ncco-flow"
    (found,) = seen["findings"]
    line = next(number for number, text in enumerate(BROKEN.splitlines(), 1) if "premum" in text)
    assert (found["line"], found["code"]) == (line, "F331")
    assert "did you mean premium?" in found["text"]


def test_fix_format_and_save(seen: dict[str, Any], place: Place) -> None:
    assert any("premium" in offered for offered in seen["offered"])
    assert place.flow == FIXED_FLOW


def test_names(seen: dict[str, Any]) -> None:
    assert seen["definition"].startswith("param helpdesk: phone")
    lines = FIXED_FLOW.splitlines()
    assert [lines[number - 1].split()[0] for number in seen["references"]] == ["param", "connect"]
    assert "param desk: phone" in seen["renamed"]
    assert "connect phone desk from" in seen["renamed"]


def test_hover_outline_and_completion(seen: dict[str, Any]) -> None:
    assert '"action": "connect"' in seen["hover"]
    assert any("helpdesk" in entry for entry in seen["outline"])
    assert any(word.startswith("talk ") for word in seen["proposed"])


def test_a_flow_with_a_lookup(seen: dict[str, Any]) -> None:
    assert "Your order is {order.state}." in seen["lookup_hover"]
    assert any("5xx" in word for word in seen["lookup_proposed"])


def test_settings_and_json_are_looked_at_by_the_same_server(seen: dict[str, Any]) -> None:
    assert [found["code"] for found in seen["toml"]] == ["F801"]
    assert "F301" in [found["code"] for found in seen["json"]]
    assert seen["clients"] == 1


def test_the_server_complained_about_nothing(seen: dict[str, Any], place: Place) -> None:
    assert seen
    logs = [path.read_text(encoding="utf-8") for path in place.folder.rglob("lsp.log")]
    assert [line for log in logs for line in log.splitlines() if "ERROR" in line or "WARN" in line] == []
