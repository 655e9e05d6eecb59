"""Test each capability for `ncco.toml` and NCCO JSON with a client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.shells.lsp_client import Talk, span, talking

pytestmark = pytest.mark.asyncio

TOML = """\
profile = "😀"

[profiles.live]
base_url = "https://example.com/line"
applications.line.flow = "main flow.flow"

[check]
provider = "kpn"
fail_on = "warning"
"""
JSON = """\
[
  {"action": "talk", "text": "😀", "language": "nl-NL"},
  {
    "action": "stream",
    "streamUrl": ["https://example.com/😀.mp3"]
  }
]
"""


async def ask(talk: Talk, name: str, method: str, kind: Any, *arguments: Any) -> Any:
    return await talk.ask(method, kind(talk.at(name), *arguments))


async def test_completion_of_settings(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("ncco.toml", TOML.replace('"kpn"', ""))
        method, kind = types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams
        keys = await ask(talk, "ncco.toml", method, kind, types.Position(5, 0))
        values = await ask(talk, "ncco.toml", method, kind, types.Position(7, 11))
        talk.type("ncco.toml", (0, 12), (0, 14), "")
        profiles = await ask(talk, "ncco.toml", method, kind, types.Position(0, 12))
    assert "provider" in [item.label for item in keys.items]
    assert [(item.label, item.text_edit.new_text) for item in values.items] == [
        ("vonage", '"vonage"'),
        ("kpn", '"kpn"'),
    ]
    assert [item.label for item in profiles.items] == ["live"]


async def test_completion_of_ncco(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("a.ncco.json", JSON)
        # After the emoji, which has two code units, as an editor does that closes quotes by itself.
        talk.type("a.ncco.json", (1, 33), (1, 33), ', ""')
        method, kind = types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams
        found = await ask(talk, "a.ncco.json", method, kind, types.Position(1, 36))
        (level,) = (item for item in found.items if item.label == "level")
        assert level.text_edit.range == span((1, 36), (1, 37))
        assert level.text_edit.new_text == 'level": 0'
        assert level.documentation.kind == types.MarkupKind.Markdown
        assert "text" not in [item.label for item in found.items]
        version = talk.type("a.ncco.json", (1, 36), (1, 37), 'level": 0.5')
        assert await talk.codes("a.ncco.json", version) == []


async def test_hover(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("ncco.toml", TOML)
        talk.open("a.ncco.json", JSON)
        method, kind = types.TEXT_DOCUMENT_HOVER, types.HoverParams
        setting = await ask(talk, "ncco.toml", method, kind, types.Position(8, 2))
        language = await ask(talk, "a.ncco.json", method, kind, types.Position(1, 50))
    assert "check.fail_on" in setting.contents.value
    assert setting.range == span((8, 0), (8, 7))
    assert "Dutch" in language.contents.value
    assert language.range == span((1, 47), (1, 54))


async def test_the_outline_what_folds_and_links(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("ncco.toml", TOML)
        talk.open("a.ncco.json", JSON)
        reported = {}
        for name in ("ncco.toml", "a.ncco.json"):
            outline = await ask(talk, name, types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams)
            folds = await ask(talk, name, types.TEXT_DOCUMENT_FOLDING_RANGE, types.FoldingRangeParams)
            links = await ask(talk, name, types.TEXT_DOCUMENT_DOCUMENT_LINK, types.DocumentLinkParams)
            reported[name] = (
                [symbol.name for symbol in outline],
                [(fold.start_line, fold.end_line) for fold in folds],
                [(link.target, link.range.end.character) for link in links],
            )
    assert reported == {
        "ncco.toml": (
            ["profile", "profiles.live", "check"],
            [(2, 4), (6, 8)],
            [("https://example.com/line", 36), ((tmp_path / "main flow.flow").as_uri(), 40)],
        ),
        "a.ncco.json": (
            ["talk", "stream"],
            [(0, 5), (2, 4)],
            [("https://example.com/😀.mp3", 45)],
        ),
    }


async def test_a_finding_in_ncco_is_mended_alone_and_with_all_others(tmp_path: Path) -> None:
    text = '[{"action": "stream", "streamUrl": "https://example.com/😀.mp3"}, {"action": "tlak", "text": "a"},]'
    async with talking(tmp_path) as talk:
        talk.open("a.ncco.json", text)
        found = await talk.findings("a.ncco.json")
        context = types.CodeActionContext(found)
        method, kind = types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionParams
        everywhere = span((0, 0), (0, 200))
        every = await ask(talk, "a.ncco.json", method, kind, everywhere, context)
        only = types.CodeActionContext(found, [types.CodeActionKind.SourceFixAll])
        (all_of_them,) = await ask(talk, "a.ncco.json", method, kind, everywhere, only)
        (document,) = all_of_them.edit.document_changes
        changes = [types.TextDocumentContentChangePartial(edit.range, edit.new_text) for edit in document.edits[::-1]]
        version = talk.change("a.ncco.json", *changes)
        left = await talk.codes("a.ncco.json", version)
    assert {each.code for action in every for each in action.diagnostics} == {"F102", "F301", "F350"}
    assert left == ["F301"]


async def test_what_there_is_for_flows_only_is_answered_with_nothing(tmp_path: Path) -> None:
    options = types.FormattingOptions(tab_size=4, insert_spaces=True)
    async with talking(tmp_path) as talk:
        talk.open("ncco.toml", TOML)
        talk.open("a.ncco.json", JSON)
        for name in ("ncco.toml", "a.ncco.json"):
            here = types.Position(1, 5)
            formatted = await ask(talk, name, types.TEXT_DOCUMENT_FORMATTING, types.DocumentFormattingParams, options)
            declared = await ask(talk, name, types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams, here)
            colours = await ask(talk, name, types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensParams)
            hints = await ask(talk, name, types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintParams, span((0, 0), (9, 0)))
            assert not any((formatted, declared, colours.data, hints))
