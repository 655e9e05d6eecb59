"""Test documents that import others: open ones, and files on the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.shells.lsp_client import Talk, capabilities, span, talking

pytestmark = pytest.mark.asyncio

MAIN = 'use bye from "shared/closing.flow"\nstep start { talk bye }\n'
CLOSING = 'let bye = "Bye."\n'
OTHER = 'let byes = "Boo."\n'


@pytest.fixture
def closing(tmp_path: Path) -> Path:
    path = tmp_path / "shared" / "closing.flow"
    path.parent.mkdir()
    path.write_text(CLOSING)
    (tmp_path / "ncco.toml").write_text("edition = 2026\n")
    return path


async def found(talk: Talk, name: str, version: int = 1) -> list[types.Diagnostic]:
    """Return the findings of a document, except that this version does not compile `use`, and unused names."""
    return [each for each in await talk.findings(name, version) if each.code not in ("F139", "F203", "F346")]


def told(talk: Talk, *changes: tuple[str, types.FileChangeType]) -> None:
    events = [types.FileEvent(talk.uri(name), kind) for name, kind in changes]
    talk.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))


async def test_an_open_document_counts_as_it_is_in_the_editor(tmp_path: Path, closing: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("main.flow", MAIN)
        assert await found(talk, "main.flow") == []
        talk.open("shared/closing.flow", OTHER)
        (unknown,) = await found(talk, "main.flow")
        assert (unknown.code, unknown.range) == ("F201", span((0, 4), (0, 7)))
        (place,) = unknown.related_information or ()
        assert place.location == types.Location(closing.as_uri(), span((0, 4), (0, 8)))
        talk.write("shared/closing.flow", "// 😀\n" + CLOSING)
        assert await found(talk, "main.flow") == []
        talk.write("shared/closing.flow", OTHER)
        assert [each.code for each in await found(talk, "main.flow")] == ["F201"]
        talk.close("shared/closing.flow")
        assert await found(talk, "main.flow") == []


async def test_what_changes_on_the_disk_is_read_again(tmp_path: Path, closing: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("main.flow", MAIN)
        assert await found(talk, "main.flow") == []
        closing.unlink()
        told(talk, ("shared/closing.flow", types.FileChangeType.Deleted))
        assert [each.code for each in await found(talk, "main.flow")] == ["F219"]
        closing.write_text(OTHER)
        told(talk, ("unrelated.flow", types.FileChangeType.Created))
        told(talk, ("shared/closing.flow", types.FileChangeType.Created))
        assert [each.code for each in await found(talk, "main.flow")] == ["F201"]
        # Clients that watch no files see the change with the next keystroke.
        closing.write_text(CLOSING + "\n")
        assert await found(talk, "main.flow", talk.write("main.flow", MAIN + "\n")) == []


async def test_a_cycle_of_open_documents(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("a.flow", 'use b from "b.flow"\nlet a = 1\n')
        assert [each.code for each in await found(talk, "a.flow")] == ["F219"]
        talk.open("b.flow", 'use c from "c.flow"\nlet b = 1\n')
        assert [each.code for each in await found(talk, "b.flow")] == ["F219"]
        assert await found(talk, "a.flow") == []
        talk.open("c.flow", 'use a from "a.flow"\nlet c = 1\n')
        for name, others in (("a.flow", "bc"), ("b.flow", "ca"), ("c.flow", "ab")):
            (cycle,) = await found(talk, name)
            assert (cycle.code, cycle.range) == ("F220", span((0, 11), (0, 19)))
            places = [each.location for each in cycle.related_information or ()]
            assert places == [types.Location(talk.uri(f"{one}.flow"), span((0, 11), (0, 19))) for one in others]
        version = talk.write("b.flow", "let b = 1\n")
        assert await found(talk, "b.flow", version) == await found(talk, "a.flow") == await found(talk, "c.flow") == []


async def test_a_client_that_asks_is_told_to_ask_again(tmp_path: Path, closing: Path) -> None:
    can = capabilities()
    assert can.text_document is not None
    assert can.workspace is not None
    can.text_document.diagnostic = types.DiagnosticClientCapabilities()
    can.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    refreshed = asyncio.Event()

    def hear(_: Any) -> None:
        refreshed.set()

    async with talking(tmp_path, can, on={types.WORKSPACE_DIAGNOSTIC_REFRESH: hear}) as talk:

        async def ask(previous: str | None = None) -> types.DocumentDiagnosticReport:
            params = types.DocumentDiagnosticParams(talk.at("main.flow"), "ncco", previous)
            report: types.DocumentDiagnosticReport = await talk.ask(types.TEXT_DOCUMENT_DIAGNOSTIC, params)
            return report

        talk.open("main.flow", MAIN)
        first = await ask()
        assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
        assert {each.code for each in first.items} == {"F139"}
        talk.open("other.flow", OTHER)
        assert isinstance(await ask(first.result_id), types.RelatedUnchangedDocumentDiagnosticReport)
        assert not refreshed.is_set()
        talk.open("shared/closing.flow", OTHER)
        async with asyncio.timeout(10):
            await refreshed.wait()
        after = await ask(first.result_id)
        assert isinstance(after, types.RelatedFullDocumentDiagnosticReport)
        assert {each.code for each in after.items} == {"F139", "F201"}


async def test_the_definition_is_in_the_other_file(tmp_path: Path, closing: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("main.flow", MAIN)

        async def definition(*place: int) -> types.Location:
            params = types.DefinitionParams(talk.at("main.flow"), types.Position(*place))
            location: types.Location = await talk.ask(types.TEXT_DOCUMENT_DEFINITION, params)
            return location

        wanted = types.Location(closing.as_uri(), span((0, 4), (0, 7)))
        assert await definition(0, 5) == await definition(1, 19) == wanted
        talk.open("shared/closing.flow", "\n" + CLOSING)
        assert (await definition(1, 19)).range == span((1, 4), (1, 7))
        talk.write("shared/closing.flow", "")
        assert await definition(1, 19) == types.Location(talk.uri("main.flow"), span((0, 4), (0, 7)))


async def test_a_document_that_is_no_file_imports_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("untitled:Untitled-1", MAIN, "ncco-flow")
        assert {*await talk.codes("untitled:Untitled-1")} == {"F139"}


async def test_the_tests_of_a_flow_read_its_names(tmp_path: Path) -> None:
    (tmp_path / "shop.flow").write_text('let hello = "Hello."\ntalk hello\n')
    async with talking(tmp_path) as talk:
        talk.open("shop_test.flow", 'test "a" {\n    call\n    hear hello\n}\n')
        assert await talk.findings("shop_test.flow") == []
        talk.open("shop.flow", 'let hullo = "Hello."\ntalk hullo\n')
        assert [each.code for each in await talk.findings("shop_test.flow", 1)] == ["F345"]


async def test_a_name_of_a_flow_is_found_and_renamed_from_its_tests(tmp_path: Path) -> None:
    (tmp_path / "shop.flow").write_text('arg who: text = "you"\nstep start {\n    talk "Hello {who}."\n    hangup\n}\n')
    async with talking(tmp_path) as talk:
        talk.open("shop_test.flow", 'test "a" {\n    call args: { "who": "Ann" }\n    expect that: who == "Ann"\n}\n')
        here, there = talk.uri("shop_test.flow"), talk.uri("shop.flow")
        wanted = [
            (there, span((0, 4), (0, 7))),
            (there, span((2, 17), (2, 20))),
            (here, span((1, 18), (1, 21))),
            (here, span((2, 17), (2, 20))),
        ]
        at, place = talk.at("shop_test.flow"), types.Position(2, 18)
        context = types.ReferenceContext(include_declaration=True)
        found = await talk.ask(types.TEXT_DOCUMENT_REFERENCES, types.ReferenceParams(context, at, place))
        assert [(each.uri, each.range) for each in found] == wanted
        lit = await talk.ask(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, types.DocumentHighlightParams(at, place))
        assert [each.range for each in lit] == [range for uri, range in wanted if uri == here]
        edit = await talk.ask(types.TEXT_DOCUMENT_RENAME, types.RenameParams(at, place, "name"))
        edits = [(each.text_document.uri, one.range) for each in edit.document_changes for one in each.edits]
        assert sorted(edits, key=str) == sorted(wanted, key=str)
