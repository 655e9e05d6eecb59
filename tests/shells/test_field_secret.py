"""Test row 55 of the field's inputs: a param of the environment that fits nowhere, in the commands and the server."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lsprotocol import types

from ncco_lang.cli.commands import cli
from tests.deploying import captured
from tests.shells.lsp_client import span, talking

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures/field/55-secret"
CANARY = "Qx7Zkw9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "project"))


@pytest.mark.parametrize(
    "words",
    [
        *(("check", "main.flow", "--format", form) for form in ("text", "json", "sarif", "github", "gitlab")),
        ("check", ".", "--fix"),
        ("check", "main.flow", "--diff"),
        ("compile", "main.flow"),
        ("show", "--ncco", "main.flow"),
        ("show", "--tree", "main.flow"),
        ("graph", "main.flow"),
        ("fmt", "--diff", "main.flow"),
    ],
)
@pytest.mark.parametrize("value", [CANARY, f"https://{CANARY}.example/"])
def test_commands_print_no_value_from_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], value: str
) -> None:
    monkeypatch.setenv("SECRET", value)
    done = captured(folder, lambda: cli.main(list(words), prog_name="ncco", standalone_mode=False))
    fits = value != CANARY
    assert done.code in (0, 1)
    # The compiled NCCO has what the call needs.
    assert (CANARY in done.out) is (fits and words[0] == "compile")
    assert CANARY not in done.err
    if "--format" in words:
        assert "F215" in done.out


@pytest.mark.asyncio
async def test_the_language_server_tells_no_value_from_the_environment(folder: Path) -> None:
    text = (folder / "main.flow").read_text()
    async with talking(folder, SECRET=CANARY) as talk:
        talk.open("main.flow", text)
        reported = [repr(await talk.findings("main.flow"))]
        at, whole = talk.at("main.flow"), span((0, 0), (3, 0))
        for line, column in ((0, 7), (2, 3), (2, 9), (2, 21)):
            place = types.Position(line, column)
            reported.append(repr(await talk.ask("textDocument/hover", types.HoverParams(at, place))))
            reported.append(repr(await talk.ask("textDocument/completion", types.CompletionParams(at, place))))
        reported.append(repr(await talk.ask("textDocument/inlayHint", types.InlayHintParams(at, whole))))
        context = types.CodeActionContext([])
        reported.append(repr(await talk.ask("textDocument/codeAction", types.CodeActionParams(at, whole, context))))
        reported.append(repr(await talk.ask("textDocument/documentLink", types.DocumentLinkParams(at))))
        reported.append(repr(await talk.ask("ncco/compile", {"uri": at.uri})))
    assert "F215" in reported[0]
    assert CANARY not in "".join(reported)
