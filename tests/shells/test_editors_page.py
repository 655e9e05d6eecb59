"""Test what `docs/editors.md` says about editors that are not run: its settings are valid, and name existing things."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from ncco_lang.lsp.convert import FIX_ALL
from ncco_lang.lsp.server_state import LANGUAGES
from tests.shells.editor_runs import PAGE, block
from tests.shells.shell import ROOT

PACKAGE: dict[str, Any] = json.loads((ROOT / "editors/vscode/package.json").read_text(encoding="utf-8"))


def test_settings_of_vs_code_are_those_of_the_extension() -> None:
    said: dict[str, Any] = json.loads(block("json"))
    (language,) = (each["id"] for each in PACKAGE["contributes"]["languages"])
    known = PACKAGE["contributes"]["configuration"]["properties"]
    of_language = said.pop(f"[{language}]")
    assert set(said) <= set(known)
    assert list(of_language["editor.codeActionsOnSave"]) == [FIX_ALL]
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in known if f"`{name}`" not in page and f'"{name}"' not in page] == []


def test_commands_of_vs_code_are_those_of_the_extension() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    commands = PACKAGE["contributes"]["commands"]
    assert commands
    assert [each["title"] for each in commands if f"**{each['category']}: {each['title']}**" not in page] == []


def test_settings_of_helix_start_the_server_for_flows() -> None:
    settings = tomllib.loads(block("text"))
    flow, _ = settings["language"]
    (server,) = flow["language-servers"]
    assert settings["language-server"][server] == {"command": "ncco", "args": ["lsp"]}
    assert LANGUAGES[flow["name"]] == "flow"
    assert flow["file-types"] == ["flow"]
