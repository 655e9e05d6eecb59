"""Test each capability with a client. The content of results is tested elsewhere; here it is their form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.shells.lsp_client import Talk, capabilities, span, talking

pytestmark = pytest.mark.asyncio

FLOW = """\
/// 😀 The line of a bakery.
param shop: phone = "+44 20 7946 0150"

talk "Good morning, {shop}. 😀 {shop}" level: 0.5
connect phone shop {
    timeout: 25s
}
record event_url: "https://example.com/😀/events"
"""


def place(text: str, word: str, nth: int = 0) -> types.Position:
    """Return the position of a word, in UTF-16 code units."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(word, at + 1)
    before = text[:at]
    last = before.rpartition("\n")[2]
    return types.Position(before.count("\n"), len(last.encode("utf-16-le")) // 2)


def of(text: str, range_: types.Range) -> str:
    """Return the text of a range in UTF-16 code units."""
    lines = text.splitlines(keepends=True)
    offsets = []
    for position in (range_.start, range_.end):
        line = lines[position.line] if position.line < len(lines) else ""
        before = line.encode("utf-16-le")[: 2 * position.character].decode("utf-16-le")
        offsets.append(sum(map(len, lines[: position.line])) + len(before))
    return text[offsets[0] : offsets[1]]


def edited(text: str, edits: list[types.TextEdit]) -> str:
    """Return a text after edits, made from the last to the first."""
    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        head = of(text, types.Range(types.Position(0, 0), edit.range.start))
        text = head + edit.new_text + text[len(head) + len(of(text, edit.range)) :]
    return text


async def ask(talk: Talk, method: str, kind: Any, *arguments: Any) -> Any:
    return await talk.ask(method, kind(talk.at("menu.flow"), *arguments))


async def test_what_the_server_says_that_it_can_do(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        can = talk.can
    assert isinstance(can.text_document_sync, types.TextDocumentSyncOptions)
    assert can.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    assert can.position_encoding == types.PositionEncodingKind.Utf16
    providers = [name for name in dir(can) if name.endswith("_provider") and getattr(can, name)]
    assert set(providers) >= {
        "code_action_provider",
        "completion_provider",
        "definition_provider",
        "diagnostic_provider",
        "document_formatting_provider",
        "document_highlight_provider",
        "document_link_provider",
        "document_range_formatting_provider",
        "document_symbol_provider",
        "folding_range_provider",
        "hover_provider",
        "inlay_hint_provider",
        "references_provider",
        "rename_provider",
        "selection_range_provider",
        "semantic_tokens_provider",
    }


async def test_completion_and_hover(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        # Emoji before the position make the unit of columns matter.
        talk.open("menu.flow", "ta\r\n" + FLOW)
        found = await ask(talk, types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams, types.Position(0, 2))
        reported = await ask(talk, types.TEXT_DOCUMENT_HOVER, types.HoverParams, place("ta\n" + FLOW, "level"))
        nothing = await ask(talk, types.TEXT_DOCUMENT_HOVER, types.HoverParams, types.Position(99, 99))
    (talk_item,) = (item for item in found.items if item.label == "talk")
    assert talk_item.text_edit.range == span((0, 0), (0, 2))
    assert reported.range == span((4, 39), (4, 44))
    assert "level" in reported.contents.value
    assert nothing is None


async def test_proposals_have_placeholders_only_for_who_fills_them_in(tmp_path: Path) -> None:
    can = capabilities()
    assert can.text_document is not None
    assert can.text_document.completion is not None
    for snippets in (True, False):
        can.text_document.completion.completion_item = types.ClientCompletionItemOptions(snippet_support=snippets)
        async with talking(tmp_path, can) as talk:
            talk.open("menu.flow", "")
            found = await ask(talk, types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams, types.Position(0, 0))
        formats = {item.insert_text_format for item in found.items}
        assert (types.InsertTextFormat.Snippet in formats) is snippets
        assert any("$" in item.text_edit.new_text for item in found.items) is snippets


async def test_an_editor_that_asks_by_itself_opens_no_list_where_a_line_may_end(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'talk "😀"')

        async def labels(context: types.CompletionContext) -> list[str]:
            params = types.CompletionParams(talk.at("menu.flow"), types.Position(0, 9), context)
            return [item.label for item in (await talk.ask(types.TEXT_DOCUMENT_COMPLETION, params)).items]

        typed = types.CompletionContext(types.CompletionTriggerKind.TriggerCharacter, '"')
        assert await labels(typed) == []
        assert "premium" in await labels(types.CompletionContext(types.CompletionTriggerKind.Invoked))
        assert talk.can.completion_provider is not None
        assert '"' in (talk.can.completion_provider.trigger_characters or ())


async def test_names_are_found_and_renamed_across_the_text_and_its_tests(tmp_path: Path) -> None:
    tests = 'test "a" {\n    call\n    hear shop\n}\n'
    (tmp_path / "menu_test.flow").write_text(tests)
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", FLOW)
        here = place(FLOW, "shop", 2)
        declared = await ask(talk, types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams, here)
        asked = types.ReferenceParams(types.ReferenceContext(include_declaration=False), talk.at("menu.flow"), here)
        used = await talk.ask(types.TEXT_DOCUMENT_REFERENCES, asked)
        marked = await ask(talk, types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, types.DocumentHighlightParams, here)
        prepared = await ask(talk, types.TEXT_DOCUMENT_PREPARE_RENAME, types.PrepareRenameParams, here)
        nowhere = await ask(talk, types.TEXT_DOCUMENT_PREPARE_RENAME, types.PrepareRenameParams, types.Position(5, 0))

        async def rename(position: types.Position, name: str) -> Any:
            params = types.RenameParams(talk.at("menu.flow"), position, name)
            return await talk.ask(types.TEXT_DOCUMENT_RENAME, params)

        renamed = await rename(here, "bakery")
        assert await rename(here, "shop") is None
        with pytest.raises(Exception, match="name"):
            await rename(here, "no name")
        with pytest.raises(Exception, match="no name"):
            await rename(types.Position(5, 0), "bakery")
    assert of(FLOW, declared.range) == "shop"
    assert declared.range.start == place(FLOW, "shop")
    assert [of(FLOW, each.range) for each in used[:3]] == ["shop"] * 3
    assert [(each.uri, of(tests, each.range)) for each in used[3:]] == [
        ((tmp_path / "menu_test.flow").as_uri(), "shop")
    ]
    assert len(marked) == 4
    assert (prepared.placeholder, of(FLOW, prepared.range)) == ("shop", "shop")
    assert nowhere is None
    change, beside = renamed.document_changes
    assert change.text_document.version == 1
    assert edited(FLOW, change.edits) == FLOW.replace("shop", "bakery")
    assert beside.text_document.version is None
    assert edited(tests, beside.edits) == tests.replace("shop", "bakery")


async def test_a_finding_is_mended(tmp_path: Path) -> None:
    text = '// 😀\ntalk "😀" // ncco: allow F601\ntalk "b" // ncco: allow F601\n'
    fixed = '// 😀\ntalk "😀"\ntalk "b"\n'
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", text)
        (finding, _) = await talk.findings("menu.flow")

        async def actions(*only: str, by: types.CodeActionTriggerKind | None = None) -> Any:
            context = types.CodeActionContext([finding], only or None, by)
            return await ask(talk, types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionParams, finding.range, context)

        automatic = await actions(by=types.CodeActionTriggerKind.Automatic)
        by_hand = await actions(by=types.CodeActionTriggerKind.Invoked)
        fix_all = await actions("source.fixAll")
        others = await actions("refactor")
    (quick,) = automatic
    assert quick.kind == types.CodeActionKind.QuickFix
    assert quick.is_preferred
    assert [each.code for each in quick.diagnostics] == ["F141"]
    assert edited(text, quick.edit.document_changes[0].edits) == fixed.replace('"b"', '"b" // ncco: allow F601')
    assert [action.kind for action in by_hand] == ["quickfix", "source.fixAll.ncco"]
    (all_of_them,) = fix_all
    assert edited(text, all_of_them.edit.document_changes[0].edits) == fixed
    assert not others


async def test_a_fix_after_which_the_call_differs_is_not_preferred(tmp_path: Path) -> None:
    text = '[{"action": "record", "channels": 2, "eventUrl": ["https://example.com/"]}]'
    can = capabilities()
    assert can.workspace is not None
    can.workspace.workspace_edit = types.WorkspaceEditClientCapabilities(document_changes=False)
    async with talking(tmp_path, can) as talk:
        talk.open("a.ncco.json", text)
        findings = await talk.findings("a.ncco.json")
        context = types.CodeActionContext(findings, trigger_kind=types.CodeActionTriggerKind.Automatic)
        everywhere = span((0, 0), (0, len(text)))
        params = types.CodeActionParams(talk.at("a.ncco.json"), everywhere, context)
        actions = await talk.ask(types.TEXT_DOCUMENT_CODE_ACTION, params)
    unsafe = [action for action in actions if not action.is_preferred]
    assert unsafe != []
    assert all(action.title.endswith("(the call then behaves in another way)") for action in unsafe)
    assert all(list(action.edit.changes) == [talk.uri("a.ncco.json")] for action in actions)


async def test_a_finding_is_allowed_where_it_stands(tmp_path: Path) -> None:
    text = 'talk "😀"\ntalk "Call 1234567."\n'
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", text)
        (finding,) = await talk.findings("menu.flow")
        context = types.CodeActionContext([finding], None, types.CodeActionTriggerKind.Automatic)
        (action,) = await ask(talk, types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionParams, finding.range, context)
        allowed = edited(text, action.edit.document_changes[0].edits)
        assert await talk.findings("menu.flow", talk.write("menu.flow", allowed)) == []
    assert (action.title, action.is_preferred) == ("allow spoken-digits for this statement", False)
    assert allowed == 'talk "😀"\n// ncco: allow spoken-digits\ntalk "Call 1234567."\n'


async def test_a_text_is_formatted_whole_and_in_part(tmp_path: Path) -> None:
    text = 'talk   "😀"\r\n\r\n\r\nwait    1s\r\ntalk "b"   level:0.5'
    options = types.FormattingOptions(tab_size=4, insert_spaces=True)
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", text)
        whole = await ask(talk, types.TEXT_DOCUMENT_FORMATTING, types.DocumentFormattingParams, options)
        lines = span((3, 0), (3, 1))
        part = await ask(
            talk, types.TEXT_DOCUMENT_RANGE_FORMATTING, types.DocumentRangeFormattingParams, lines, options
        )
        talk.write("menu.flow", 'talk   "a')
        broken = await ask(talk, types.TEXT_DOCUMENT_FORMATTING, types.DocumentFormattingParams, options)
    assert edited(text, whole) == 'talk "😀"\r\n\r\nwait 1s\r\ntalk "b" level: 0.5\r\n'
    assert edited(text, part) == text.replace("wait    1s", "wait 1s")
    assert not broken


async def test_the_outline_and_what_folds(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", FLOW)
        outline = await ask(talk, types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams)
        folds = await ask(talk, types.TEXT_DOCUMENT_FOLDING_RANGE, types.FoldingRangeParams)
    assert "shop" in [symbol.name for symbol in outline]
    for symbol in outline:
        assert of(FLOW, symbol.selection_range) in of(FLOW, symbol.range)
    assert (4, 5) in [(fold.start_line, fold.end_line) for fold in folds] or (4, 6) in [
        (fold.start_line, fold.end_line) for fold in folds
    ]


def words(text: str, data: list[int]) -> list[str]:
    """Return the words of semantic tokens."""
    line = character = 0
    found = []
    for at in range(0, len(data), 5):
        down, right, length = data[at : at + 3]
        line, character = line + down, right + (0 if down else character)
        found.append(of(text, span((line, character), (line, character + length))))
    return found


async def test_selections_grow(tmp_path: Path) -> None:
    deep = '[{"action": "notify", "payload": ' + "[" * 90 + "1" + "]" * 90 + "}]"
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'talk "😀" loop: 2\nwait 1s\n')
        places = [types.Position(0, 6), types.Position(1, 0)]
        one, other = await ask(talk, types.TEXT_DOCUMENT_SELECTION_RANGE, types.SelectionRangeParams, places)
        talk.open("a.json", deep, "ncco")
        params = types.SelectionRangeParams(talk.at("a.json"), [types.Position(0, deep.index("1"))])
        (deepest,) = await talk.ask(types.TEXT_DOCUMENT_SELECTION_RANGE, params)
    assert (one.range, one.parent.range) == (span((0, 6), (0, 8)), span((0, 5), (0, 9)))
    assert one.parent.parent.range == span((0, 0), (0, 17))
    assert (other.range, other.parent.range) == (span((1, 0), (1, 4)), span((1, 0), (1, 7)))
    while deepest.parent is not None:
        deepest = deepest.parent
    assert deepest.range == span((0, 0), (0, len(deep)))


async def test_colours_and_what_changed_in_them(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", FLOW)
        full = await ask(talk, types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensParams)
        changed = talk.type("menu.flow", (3, 0), (3, 0), "wait 1s\n")
        method = types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA
        delta = await ask(talk, method, types.SemanticTokensDeltaParams, full.result_id)
        fresh = await ask(talk, types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensParams)
        same = await ask(talk, method, types.SemanticTokensDeltaParams, delta.result_id)
        unknown = await ask(talk, method, types.SemanticTokensDeltaParams, "other")
        lines = span((3, 0), (3, 7))
        part = await ask(talk, types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, types.SemanticTokensRangeParams, lines)
    assert changed == 2
    assert "talk" in words(FLOW, full.data)
    assert all(word.strip() for word in words(FLOW, full.data))
    data = list(full.data)
    for edit in delta.edits:
        data[edit.start : edit.start + edit.delete_count] = edit.data or []
    assert data == list(fresh.data) == list(unknown.data)
    assert len(delta.edits) == 1
    assert len(delta.edits[0].data) < len(data) / 2
    assert same.edits == ()
    assert part.data[0] == 3
    assert len(part.data) < len(data)


async def test_hints_and_links(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", FLOW)
        whole = span((0, 0), (99, 0))
        hints = await ask(talk, types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintParams, whole)
        links = await ask(talk, types.TEXT_DOCUMENT_DOCUMENT_LINK, types.DocumentLinkParams)
    assert any("442079460150" in str(hint.label) for hint in hints)
    assert all(hint.position.line < 8 for hint in hints)
    assert "https://example.com/😀/events" in [of(FLOW, link.range) for link in links]


async def test_the_ncco_follows_the_text(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'talk "a"\n')
        first = await talk.ask("ncco/compile", {"uri": talk.uri("menu.flow")})
        talk.type("menu.flow", (0, 6), (0, 7), "b")
        second = await talk.ask("ncco/compile", {"uri": talk.uri("menu.flow")})
        talk.write("menu.flow", 'talk "')
        broken = await talk.ask("ncco/compile", {"uri": talk.uri("menu.flow")})
        unknown = await talk.ask("ncco/compile", {"uri": "file:///nowhere.flow"})
    assert '"text": "a"' in first.ncco
    assert first.findings == 0
    assert '"text": "b"' in second.ncco
    assert broken.ncco is None
    assert broken.findings > 0
    assert unknown is None
