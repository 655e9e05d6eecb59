"""Findings while somebody types: after a pause, of the newest version only, and never of another.

A client that asks for findings is answered; to one that does not they are sent. What is wrong with an `ncco.toml` that
is not open is sent in either case, because nobody would ask for it.
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
from ncco_lang.lsp.mistakes import mistake
from ncco_lang.lsp.positions import Positions
from ncco_lang.lsp.projects import Holding
from ncco_lang.lsp.server_state import Desk
from ncco_lang.lsp.uris import uri_of

PAUSE = 0.15
"""Seconds without a key before a text is checked."""
AHEAD = PAUSE / 3
"""Seconds without a key before it is at least parsed: whatever the client asks next needs the tree."""
SERVER_CANCELLED = -32802

Publish = Callable[[types.PublishDiagnosticsParams], None]


class Checks:
    """What is going to be checked, and which files of settings were complained about."""

    __slots__ = ("_complained", "_desk", "_publish", "_refresh", "_tell", "_typed", "_waiting")

    def __init__(self, desk: Desk, publish: Publish, refresh: Callable[[], None], tell: Callable[[str], None]) -> None:
        self._desk = desk
        self._publish = publish
        self._refresh = refresh
        self._tell = tell
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._complained: dict[str, tuple[Diagnostic, ...]] = {}
        self._typed: dict[str, float] = {}

    def soon(self, uri: str, pause: float) -> None:
        """Check a document once nobody has typed for a while; whoever was going to do so need not."""
        self.forget(uri)
        if pause:
            self._typed[uri] = asyncio.get_running_loop().time()
        if not self._desk.client.pulls:
            self._waiting[uri] = asyncio.create_task(self._check(uri, pause))

    def forget(self, uri: str) -> None:
        """Do not check what was going to be checked."""
        self._typed.pop(uri, None)
        task = self._waiting.pop(uri, None)
        if task is not None:
            task.cancel()

    def everything(self, pause: float, besides: str = "") -> None:
        """Check all that is open again, because settings changed."""
        if self._desk.client.pulls:
            self._refresh()
        for document in self._desk.documents:
            if document.uri != besides:
                self.soon(document.uri, pause)

    def clear(self, uri: str) -> None:
        """Take back the findings of a document."""
        self._publish(types.PublishDiagnosticsParams(uri, []))

    async def asked(self, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
        """Answer a client that asks for the findings of a document.

        Raises:
            JsonRpcException: somebody typed meanwhile; the client asks again.
        """
        document = self._desk.documents.get(uri)
        if document is None:
            return types.RelatedFullDocumentDiagnosticReport([])
        if uri in self._typed:
            await self._rest(uri)
        if not self._desk.documents.is_newest(document):
            raise _typed_meanwhile()
        holding = self._desk.holding(document)
        name = f"{document.version}.{holding.number}"
        if name == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(name)
        found = await self._find(document, holding)
        if found is None:
            raise _typed_meanwhile()
        self._complain(holding)
        return types.RelatedFullDocumentDiagnosticReport(found, result_id=name)

    async def _check(self, uri: str, pause: float) -> None:
        try:
            if pause:
                await self._rest(uri)
            await self._check_now(uri)
        except Exception:
            self._tell(mistake())

    async def _check_now(self, uri: str) -> None:
        document = self._desk.documents.get(uri)
        if document is None:
            return
        holding = self._desk.holding(document)
        found = await self._find(document, holding)
        if found is not None:
            self._publish(types.PublishDiagnosticsParams(uri, found, document.version))
            self._complain(holding)

    async def _rest(self, uri: str) -> None:
        """Let the pause go by, and parse meanwhile."""
        now = asyncio.get_running_loop().time
        end = self._typed.get(uri, 0) + PAUSE
        await asyncio.sleep(max(end - PAUSE + AHEAD - now(), 0))
        document = self._desk.documents.get(uri)
        analysis = None if document is None else self._desk.analysis(document)
        if document is not None and analysis is not None and now() < end:
            await self._desk.think(_parse, document, analysis, self._desk.documents.is_newest)
        await asyncio.sleep(max(end - now(), 0))

    async def _find(self, document: Snapshot, holding: Holding) -> list[types.Diagnostic] | None:
        """The findings of a version; None where it is no longer the newest."""
        analysis = self._desk.analysis(document)
        if analysis is None:
            return []
        is_newest = self._desk.documents.is_newest
        found = await self._desk.think(_findings, document, analysis, holding, is_newest)
        return found if is_newest(document) else None

    def _complain(self, holding: Holding) -> None:
        """Say what is wrong with a file of settings that is not open, or that nothing is wrong any more."""
        if holding.path is None or self._desk.documents.at(holding.path) is not None:
            return
        if self._complained.get(holding.path, ()) == holding.troubles:
            return
        self._complained[holding.path] = holding.troubles
        uri = uri_of(holding.path)
        self._publish(types.PublishDiagnosticsParams(uri, self._converted(holding.troubles, uri)))

    def opened(self, document: Snapshot) -> None:
        """A file of settings that was complained about is open now, and says itself what is wrong."""
        if document.path is not None and self._complained.pop(document.path, ()):
            self.clear(uri_of(document.path))

    def _converted(self, found: Sequence[Diagnostic], uri: str) -> list[types.Diagnostic]:
        if not found:
            return []
        positions = Positions(found[0].source, self._desk.documents.encoding)
        return [diagnostic(finding, positions, uri) for finding in found]


def _findings(
    document: Snapshot, analysis: Analysis, holding: Holding, is_newest: Callable[[Snapshot], bool]
) -> list[types.Diagnostic] | None:
    """What takes time, on the thinking thread: it stops half-way where somebody typed on."""
    _parse(document, analysis, is_newest)
    if not is_newest(document):
        return None
    found = list(analysis.findings)
    if analysis.kind == "toml":
        found += (trouble for trouble in holding.troubles if not _is_told(trouble, found))
    return [diagnostic(finding, document.positions, document.uri) for finding in found]


def _parse(document: Snapshot, analysis: Analysis, is_newest: Callable[[Snapshot], bool]) -> None:
    """Have the tree made, which is kept; unless somebody typed on."""
    if is_newest(document):
        _ = analysis.file


def _is_told(trouble: Diagnostic, found: Sequence[Diagnostic]) -> bool:
    return any((each.span, each.message) == (trouble.span, trouble.message) for each in found)


def _typed_meanwhile() -> JsonRpcException:
    return JsonRpcException("the text changed meanwhile", SERVER_CANCELLED, {"retriggerRequest": True})
