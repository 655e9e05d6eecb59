"""What the server knows while it runs: the open documents, what holds for them, and the one thread that thinks.

Messages are read on the event loop's thread, and all that takes time is done on the other. There is one only, because
two would share one processor and be in each other's way; so nothing of what is known needs a lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from lsprotocol import types

from ncco_lang import __version__
from ncco_lang.editor.analysis import Analysis, analyse, kind_of
from ncco_lang.editor.types import Kind
from ncco_lang.lsp.documents import OpenDocuments, Snapshot
from ncco_lang.lsp.projects import Holding, Holdings
from ncco_lang.workspace.discover import is_ncco
from ncco_lang.workspace.errors import SettingsError

_T = TypeVar("_T")

LANGUAGES: dict[str, Kind] = {"ncco-flow": "flow", "flow": "flow", "ncco": "ncco", "ncco-json": "ncco"}
"""What clients may call our languages; their word holds above a document's name."""


class ClientCapabilities:
    """What the client can do, as it said when it came.

    Attributes:
        docs, tells: how proposals are explained, and hovers: in Markdown where the client shows it.
        pulls: it asks for findings.
        refreshes: it can be told to ask again.
        registers: it watches files for us.
        snippets: it fills in placeholders.
        versioned: it knows which version an edit is for.
    """

    __slots__ = ("docs", "pulls", "refreshes", "registers", "snippets", "tells", "versioned")

    def __init__(self, capabilities: Any = None) -> None:
        self.pulls = _has(capabilities, "text_document", "diagnostic")
        self.refreshes = _has(capabilities, "workspace", "diagnostics", "refresh_support")
        self.registers = _has(capabilities, "workspace", "did_change_watched_files", "dynamic_registration")
        self.docs = _markup(capabilities, "text_document", "completion", "completion_item", "documentation_format")
        self.tells = _markup(capabilities, "text_document", "hover", "content_format")
        self.snippets = _has(capabilities, "text_document", "completion", "completion_item", "snippet_support")
        self.versioned = _has(capabilities, "workspace", "workspace_edit", "document_changes")


class Desk:
    """The state of the server."""

    __slots__ = ("_thread", "client", "documents", "holdings", "is_shut_down")

    def __init__(self) -> None:
        self.client = ClientCapabilities()
        self.documents = OpenDocuments()
        self.holdings = Holdings(self.documents)
        self.is_shut_down = False
        self._thread = ThreadPoolExecutor(1, "ncco")

    async def think(self, work: Callable[..., _T], *arguments: Any) -> _T:
        """Do what takes time, in the order in which it is asked for."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def close(self) -> None:
        """Let what is waiting go."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def holding(self, document: Snapshot) -> Holding:
        """The settings that hold for a document."""
        return self.holdings.of(document.path)

    def analysis(self, document: Snapshot) -> Analysis | None:
        """What is known of a document; None for one that is none of ours."""
        holding = self.holding(document)
        known = document.analysis
        if known is not None and known.settings is holding.settings:
            return known
        kind = _kind(document, holding)
        document.analysis = (
            None if kind is None else analyse(document.source, kind, holding.settings, version=__version__)
        )
        return document.analysis


def _kind(document: Snapshot, holding: Holding) -> Kind | None:
    """What a document is: by the client's word for it, by its name, and for JSON by what `ncco check` would say."""
    if document.language in LANGUAGES:
        return LANGUAGES[document.language]
    kind = kind_of(document.source.name, document.source.text)
    if kind != "ncco":
        return kind
    try:
        return kind if document.path is not None and is_ncco(document.path, holding.project) else None
    except SettingsError:
        return None


def _has(capabilities: Any, *names: str) -> bool:
    """Whether the client has a capability that lies below others."""
    return bool(_said(capabilities, *names))


def _markup(capabilities: Any, *names: str) -> types.MarkupKind | None:
    """How texts are marked up; None where the client knows bare texts only."""
    formats = _said(capabilities, *names) or ()
    return next((kind for kind in (types.MarkupKind.Markdown, types.MarkupKind.PlainText) if kind in formats), None)


def _said(capabilities: Any, *names: str) -> Any:
    for name in names:
        capabilities = getattr(capabilities, name, None)
    return capabilities
