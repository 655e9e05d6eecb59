"""Find diagnostics while the user types: after a pause, and only for the newest version.

A client that pulls diagnostics gets a response; to any other client they are published. The diagnostics of an
`ncco.toml` that is not open are always published, because no client asks for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.editor.analysis import Analysis
from ncco_lang.lsp.convert import diagnostic
from ncco_lang.lsp.documents import Snapshot
from ncco_lang.lsp.internal_error import format_internal_error
from ncco_lang.lsp.positions import Positions
from ncco_lang.lsp.projects import LoadedProject
from ncco_lang.lsp.server_state import ServerState
from ncco_lang.lsp.uris import uri_of

PAUSE = 0.15
"""Seconds without a keystroke before a text is checked."""
AHEAD = PAUSE / 3
"""Seconds without a keystroke before the text is parsed, because the client's next request needs the tree."""
SERVER_CANCELLED = -32802

Publish = Callable[[types.PublishDiagnosticsParams], None]


class Checks:
    """The scheduled checks, and the settings files with published diagnostics."""

    __slots__ = ("_log", "_publish", "_published", "_refresh", "_refreshing", "_state", "_typed", "_waiting")

    def __init__(
        self, state: ServerState, publish: Publish, refresh: Callable[[], None], log: Callable[[str], None]
    ) -> None:
        self._state = state
        self._publish = publish
        self._refresh = refresh
        self._log = log
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._published: dict[str, tuple[Diagnostic, ...]] = {}
        self._typed: dict[str, float] = {}
        self._refreshing: asyncio.Task[None] | None = None

    def schedule(self, uri: str, pause: float) -> None:
        """Check a document after a pause in typing; an earlier scheduled check is cancelled."""
        self.cancel(uri)
        if pause:
            self._typed[uri] = asyncio.get_running_loop().time()
        if not self._state.client.pulls:
            self._waiting[uri] = asyncio.create_task(self._check(uri, pause))

    def cancel(self, uri: str) -> None:
        """Cancel the scheduled check of a document."""
        self._typed.pop(uri, None)
        task = self._waiting.pop(uri, None)
        if task is not None:
            task.cancel()

    def schedule_all(self, pause: float, except_uri: str = "") -> None:
        """Check all open documents again, because settings changed."""
        self._schedule_again([each for each in self._state.documents if each.uri != except_uri], pause)

    def schedule_importers(self, path: str, pause: float) -> None:
        """Check the open documents again that import a file, because the file changed."""
        self._schedule_again(self._state.importers(path), pause)

    def _schedule_again(self, documents: Sequence[Snapshot], pause: float) -> None:
        for document in documents:
            self.schedule(document.uri, pause)
        if documents and self._state.client.pulls:
            if self._refreshing is not None:
                self._refreshing.cancel()
            self._refreshing = asyncio.create_task(self._refresh_after(pause))

    async def _refresh_after(self, pause: float) -> None:
        await asyncio.sleep(pause)
        self._refresh()

    def clear(self, uri: str) -> None:
        """Clear the diagnostics of a document."""
        self._publish(types.PublishDiagnosticsParams(uri, []))

    async def pull(self, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
        """Return the diagnostics of a document to a client that pulls them.

        Raises:
            JsonRpcException: the text changed meanwhile; the client asks again.
        """
        document = self._state.documents.get(uri)
        if document is None:
            return types.RelatedFullDocumentDiagnosticReport([])
        if uri in self._typed:
            await self._wait_for_pause(uri)
        if not self._state.documents.is_newest(document):
            raise _content_modified()
        loaded = self._state.project_of(document)
        self._state.analysis(document)
        name = f"{document.version}.{loaded.number}.{document.number}"
        if name == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(name)
        found = await self._find(document, loaded)
        if found is None:
            raise _content_modified()
        self._publish_settings(loaded)
        return types.RelatedFullDocumentDiagnosticReport(found, result_id=name)

    async def _check(self, uri: str, pause: float) -> None:
        try:
            if pause:
                await self._wait_for_pause(uri)
            await self._check_now(uri)
        except Exception:
            self._log(format_internal_error())

    async def _check_now(self, uri: str) -> None:
        document = self._state.documents.get(uri)
        if document is None:
            return
        loaded = self._state.project_of(document)
        found = await self._find(document, loaded)
        if found is not None:
            self._publish(types.PublishDiagnosticsParams(uri, found, document.version))
            self._publish_settings(loaded)

    async def _wait_for_pause(self, uri: str) -> None:
        """Wait until the pause is over, and parse meanwhile."""
        now = asyncio.get_running_loop().time
        end = self._typed.get(uri, 0) + PAUSE
        await asyncio.sleep(max(end - PAUSE + AHEAD - now(), 0))
        document = self._state.documents.get(uri)
        analysis = None if document is None else self._state.analysis(document)
        if document is not None and analysis is not None and now() < end:
            await self._state.run_on_worker(_parse, document, analysis, self._state.documents.is_newest)
        await asyncio.sleep(max(end - now(), 0))

    async def _find(self, document: Snapshot, loaded: LoadedProject) -> list[types.Diagnostic] | None:
        """Return the diagnostics of a version; None if it is no longer the newest."""
        analysis = self._state.analysis(document)
        if analysis is None:
            return []
        is_newest = self._state.documents.is_newest
        linked = self._state.client.links_rules
        found = await self._state.run_on_worker(_findings, document, analysis, loaded, is_newest, linked)
        return found if is_newest(document) else None

    def _publish_settings(self, loaded: LoadedProject) -> None:
        """Publish the diagnostics of a settings file that is not open; an empty list once they are gone."""
        if loaded.path is None or self._state.documents.at(loaded.path) is not None:
            return
        if self._published.get(loaded.path, ()) == loaded.findings:
            return
        self._published[loaded.path] = loaded.findings
        uri = uri_of(loaded.path)
        self._publish(types.PublishDiagnosticsParams(uri, self._converted(loaded.findings, uri)))

    def opened(self, document: Snapshot) -> None:
        """Clear the diagnostics of a settings file that is open now, because it reports its own."""
        if document.path is not None and self._published.pop(document.path, ()):
            self.clear(uri_of(document.path))

    def _converted(self, found: Sequence[Diagnostic], uri: str) -> list[types.Diagnostic]:
        if not found:
            return []
        positions = Positions(found[0].source, self._state.documents.encoding)
        linked = self._state.client.links_rules
        return [diagnostic(finding, positions, uri, linked=linked) for finding in found]


def _findings(
    document: Snapshot,
    analysis: Analysis,
    loaded: LoadedProject,
    is_newest: Callable[[Snapshot], bool],
    linked: bool,
) -> list[types.Diagnostic] | None:
    """Return the diagnostics, on the worker thread; None if the text has changed."""
    _parse(document, analysis, is_newest)
    if not is_newest(document):
        return None
    found = list(analysis.findings)
    if analysis.kind == "toml":
        found += (finding for finding in loaded.findings if not _is_reported(finding, found))
    return [diagnostic(finding, document.positions, document.uri, linked=linked) for finding in found]


def _parse(document: Snapshot, analysis: Analysis, is_newest: Callable[[Snapshot], bool]) -> None:
    """Build the tree, which the analysis keeps, unless the text has changed."""
    if is_newest(document):
        _ = analysis.file


def _is_reported(finding: Diagnostic, found: Sequence[Diagnostic]) -> bool:
    return any((each.span, each.message) == (finding.span, finding.message) for each in found)


def _content_modified() -> JsonRpcException:
    return JsonRpcException("the text changed meanwhile", SERVER_CANCELLED, {"retriggerRequest": True})
