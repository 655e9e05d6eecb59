"""Test documents as the client has them, and their diagnostics."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest
from lsprotocol import types

from ncco_lang.lsp.uris import path_of
from tests.shells.lsp_client import capabilities, span, talking

pytestmark = pytest.mark.asyncio

GOOD = 'talk "Hello."\n'
MISSPELT = 'talk "Hello." premum\n'


async def test_a_finding_says_where_what_and_why(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'let a = "x"\nlet a = "y"\ntalk "{a}" premum\n')
        first, second = await talk.findings("menu.flow")
    assert (first.code, first.source, first.severity) == ("F202", "ncco", types.DiagnosticSeverity.Error)
    assert first.range == span((1, 4), (1, 5))
    assert first.related_information is not None
    assert [each.location.range for each in first.related_information] == [span((0, 4), (0, 5))]
    assert (second.code, second.range) == ("F331", span((2, 11), (2, 17)))
    assert second.message == 'talk has no option "premum"\ndid you mean premium?'


async def test_a_finding_and_a_hover_link_to_the_installed_pages(tmp_path: Path) -> None:
    can = capabilities()
    assert can.text_document is not None
    assert can.text_document.publish_diagnostics is not None
    assert can.text_document.hover is not None
    can.text_document.hover.content_format = [types.MarkupKind.Markdown]
    for linked in (True, False):
        can.text_document.publish_diagnostics.code_description_support = linked
        async with talking(tmp_path, can) as talk:
            talk.open("menu.flow", MISSPELT)
            (found,) = await talk.findings("menu.flow")
            place = types.HoverParams(talk.at("menu.flow"), types.Position(0, 1))
            hover = await talk.ask(types.TEXT_DOCUMENT_HOVER, place)
        assert (found.code_description is not None) is linked
        if found.code_description is not None:
            assert heading(found.code_description.href) == "### F331 no-such-option"
        (link,) = re.findall(r"\[talk in the reference\]\(<(file:[^>]+)>\)", hover.contents.value)
        assert heading(link) == "### talk"


def heading(link: str) -> str:
    """Return the line of a file that a link names."""
    uri, _, line = link.partition("#L")
    path = path_of(uri)
    assert path is not None
    return Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]


async def test_what_is_left_over_is_faded_and_what_is_older_is_struck_out(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'let a = "x"\n' + GOOD)
        (unused,) = await talk.findings("menu.flow")
        talk.open("a.json", '[{"action": "talk", "text": "Hello.", "voiceName": "Amy"}]', "ncco")
        (older,) = await talk.findings("a.json")
    assert unused.tags == (types.DiagnosticTag.Unnecessary,)
    assert older.tags == (types.DiagnosticTag.Deprecated,)


async def test_findings_follow_what_is_typed(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", GOOD)
        assert await talk.codes("menu.flow") == []
        version = talk.type("menu.flow", (0, 13), (0, 13), " premum")
        assert await talk.codes("menu.flow", version) == ["F331"]
        version = talk.type("menu.flow", (0, 18), (0, 18), "i")
        assert await talk.codes("menu.flow", version) == []
        talk.close("menu.flow")
        assert await talk.codes("menu.flow", None) == []


async def test_only_the_newest_of_quick_changes_is_told(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", GOOD * 400)
        assert await talk.codes("menu.flow") == []
        for _ in range(5):
            talk.write("menu.flow", MISSPELT)
        newest = talk.write("menu.flow", GOOD + MISSPELT)
        (found,) = await talk.findings("menu.flow", newest)
        # Diagnostics of the other versions were published before, or not at all.
        talk.write("menu.flow", "")
        await talk.ask("ncco/compile", {"uri": talk.uri("menu.flow")})
    assert found.range.start.line == 1
    assert [params.version for params in talk.reported if params.version not in (None, newest, newest + 1)] == []


async def test_several_changes_at_once_count_one_after_another(tmp_path: Path) -> None:
    def put(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
        return types.TextDocumentContentChangePartial(span(start, end), text)

    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'talk "a"\r\ntalk "b"\rtalk "c"\n')
        # From the last to the first, as several cursors do, then in the changed text.
        talk.change(
            "menu.flow",
            put((2, 6), (2, 7), "three"),
            put((1, 6), (1, 7), "two\ntalk"),
            put((0, 6), (0, 7), "one"),
            put((2, 4), (2, 4), '"\ntalk "'),
        )
        answer = await talk.ask("ncco/compile", {"uri": talk.uri("menu.flow")})
        talk.change("menu.flow", types.TextDocumentContentChangeWholeDocument('talk "x"'), put((0, 6), (0, 7), "y"))
        after = await talk.ask("ncco/compile", {"uri": talk.uri("menu.flow")})
    assert answer.ncco is None
    assert '"text": "y"' in after.ncco


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_characters_count_as_agreed(tmp_path: Path, encoding: str) -> None:
    text = '// 😀 é\r\ntalk "😀é" premum\rtalk "a" premum\n'
    units = {"utf-8": 4 + 2, "utf-16": 2 + 1, "utf-32": 1 + 1}[encoding]
    async with talking(tmp_path, capabilities(position_encodings=[types.PositionEncodingKind(encoding)])) as talk:
        talk.open("menu.flow", text)
        first, second = await talk.findings("menu.flow")
        assert first.range == span((1, units + 8), (1, units + 14))
        assert second.range == span((2, 9), (2, 15))
        version = talk.type("menu.flow", (1, units + 8), (1, units + 14), "premium")
        (left,) = await talk.findings("menu.flow", version)
        assert left.range == span((2, 9), (2, 15))


async def test_half_typed_and_broken_texts_are_answered(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", "talk ")
        assert await talk.codes("menu.flow") != []
        for text in ('talk "', 'talk "{', "connect phone {", "}}}}", '\ufeff"""', "\0\ud83d", "let = = ="):
            assert await talk.codes("menu.flow", talk.write("menu.flow", text)) != []
        assert await talk.codes("menu.flow", talk.write("menu.flow", GOOD)) == []
        talk.open("a.ncco.json", '[{"action": ')
        assert await talk.codes("a.ncco.json") != []
        talk.open("ncco.toml", "[check\n")
        assert await talk.codes("ncco.toml") == ["F801"]


async def test_json_is_looked_at_where_it_is_ncco(tmp_path: Path) -> None:
    bad = '[{"action": "tlak"}]'
    (tmp_path / "ncco.toml").write_text('[check]\njson = ["answers/*.json"]\n')
    async with talking(tmp_path) as talk:
        talk.open("answers/a.json", bad, "json")
        talk.open("package.json", bad, "json")
        talk.open("said.json", bad, "ncco-json")
        talk.open("a.md", bad, "markdown")
        assert "F301" in await talk.codes("answers/a.json")
        assert await talk.codes("package.json") == []
        assert "F301" in await talk.codes("said.json")
        assert await talk.codes("a.md") == []


async def test_settings_hold_as_they_stand_in_the_editor(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'param desk: text\ntalk "{desk}"\n')
        assert await talk.codes("menu.flow") == ["F206"]
        # Never saved.
        talk.open("ncco.toml", 'profile = "a"\n[profiles.a.params]\ndesk = "Hello."\n')
        assert await talk.codes("ncco.toml") == []
        assert await talk.codes("menu.flow") == []
        version = talk.write("ncco.toml", 'profile = "b"\n[profiles.a.params]\ndesk = "Hello."\n')
        (finding,) = await talk.findings("ncco.toml", version)
        assert (finding.code, finding.range.start.line) == ("F801", 0)
        assert await talk.codes("menu.flow") == ["F206"]
        talk.close("ncco.toml")
        assert await talk.codes("ncco.toml", None) == []


async def test_a_misspelt_setting_costs_that_setting_alone(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("ncco.toml", 'profile = "a"\n[profiles.a]\nbase_urll = 1\n[profiles.a.params]\ndesk = "Hello."\n')
        assert await talk.codes("ncco.toml") == ["F801"]
        talk.open("menu.flow", 'param desk: text\ntalk "{desk}"\n')
        assert await talk.codes("menu.flow") == []


async def test_settings_on_the_disk_are_complained_about_and_read_again(tmp_path: Path) -> None:
    toml = tmp_path / "ncco.toml"
    toml.write_text('[check]\nprovidr = "kpn"\n')
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", MISSPELT)
        assert await talk.codes("menu.flow") == ["F331"]
        (finding,) = await talk.findings("ncco.toml", None)
        assert (finding.code, finding.range) == ("F801", span((1, 0), (1, 7)))
        toml.write_text('[check.severity]\nunused-name = "off"\n')
        talk.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([types.FileEvent(talk.uri("ncco.toml"), types.FileChangeType.Changed)])
        )
        assert await talk.codes("ncco.toml", None) == []


async def test_settings_that_cannot_be_read_are_complained_about(tmp_path: Path) -> None:
    # Reading a pipe of that name would never end.
    os.mkfifo(tmp_path / "ncco.toml")
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", MISSPELT)
        assert await talk.codes("menu.flow") == ["F331"]
        (finding,) = await talk.findings("ncco.toml", None)
        assert "cannot read ncco.toml: it is a pipe" in finding.message


async def test_a_variable_that_is_not_set_costs_its_param_only(tmp_path: Path) -> None:
    toml = 'profile = "a"\n[profiles.a.params]\ndesk = "env:NCCO_TEST_DESK"\nshop = "Rye"\n'
    flow = 'param desk: text\nparam shop: text\ntalk "{desk} {shop}"\n'
    async with talking(tmp_path) as talk:
        talk.open("ncco.toml", toml)
        (reported,) = await talk.findings("ncco.toml")
        assert (reported.severity, reported.range) == (types.DiagnosticSeverity.Information, span((2, 0), (2, 4)))
        assert "NCCO_TEST_DESK" in reported.message
        talk.open("menu.flow", flow)
        (missing,) = await talk.findings("menu.flow")
        assert "desk" in missing.message
    async with talking(tmp_path, NCCO_TEST_DESK="Hello.") as talk:
        talk.open("ncco.toml", toml)
        assert await talk.codes("ncco.toml") == []
        talk.open("menu.flow", flow)
        assert "F206" not in await talk.codes("menu.flow")


async def test_a_client_that_asks_is_answered_and_not_told(tmp_path: Path) -> None:
    can = capabilities()
    assert can.text_document is not None
    can.text_document.diagnostic = types.DiagnosticClientCapabilities()
    async with talking(tmp_path, can) as talk:

        async def ask(previous: str | None = None) -> types.DocumentDiagnosticReport:
            params = types.DocumentDiagnosticParams(talk.at("menu.flow"), "ncco", previous)
            report: types.DocumentDiagnosticReport = await talk.ask(types.TEXT_DOCUMENT_DIAGNOSTIC, params)
            return report

        talk.open("menu.flow", MISSPELT)
        full = await ask()
        assert isinstance(full, types.RelatedFullDocumentDiagnosticReport)
        assert [finding.code for finding in full.items] == ["F331"]
        assert isinstance(await ask(full.result_id), types.RelatedUnchangedDocumentDiagnosticReport)
        talk.write("menu.flow", GOOD)
        overtaken = asyncio.ensure_future(ask(full.result_id))
        await asyncio.sleep(0)
        talk.write("menu.flow", MISSPELT + MISSPELT)
        newest = await ask(full.result_id)
        assert isinstance(newest, types.RelatedFullDocumentDiagnosticReport)
        assert len(newest.items) == 2
        with pytest.raises(Exception, match="changed meanwhile"):
            await overtaken
        assert talk.reported == []


async def test_documents_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "a b#ü").mkdir()
    (tmp_path / "a b#ü" / "ncco.toml").write_text('[check.severity]\nno-such-option = "warning"\n')
    async with talking(tmp_path) as talk:
        talk.open("untitled:Untitled-1", MISSPELT, "ncco-flow")
        assert await talk.codes("untitled:Untitled-1") == ["F331"]
        talk.open("untitled:Untitled-2", MISSPELT)
        assert await talk.codes("untitled:Untitled-2") == []
        # Letters that need no escape may have one.
        odd = talk.uri("a b#ü/menu.flow").replace("menu", "%6Denu")
        talk.open(odd, 'let a = "x"\n' + GOOD)
        assert await talk.codes(odd) == ["F203"]


async def test_file_watching_is_asked_for_where_it_can_be(tmp_path: Path) -> None:
    can = capabilities()
    assert can.workspace is not None
    can.workspace.did_change_watched_files = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    asked: asyncio.Future[types.RegistrationParams] = asyncio.get_running_loop().create_future()

    def hear(params: types.RegistrationParams) -> None:
        asked.set_result(params)

    async with talking(tmp_path, can, on={types.CLIENT_REGISTER_CAPABILITY: hear}):
        registration = (await asked).registrations[0]
    assert registration.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
