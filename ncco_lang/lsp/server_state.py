"""The state of the running server: the open documents, their settings, and the one worker thread.

Messages are read on the event loop's thread; all that takes time is done on the worker. There is only one, because two
would compete for the interpreter, and so the state needs no locks.
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
from ncco_lang.lsp.imports import Known, OpenReader
from ncco_lang.lsp.projects import LoadedProject, LoadedProjects
from ncco_lang.workspace.discover import is_ncco
from ncco_lang.workspace.errors import SettingsError

_T = TypeVar("_T")

LANGUAGES: dict[str, Kind] = {"ncco-flow": "flow", "flow": "flow", "ncco": "ncco", "ncco-json": "ncco"}
"""The language ids that clients use for our languages; they take precedence over a document's name."""


class ClientCapabilities:
    """The capabilities that the client announced.

    Attributes:
        docs_markup: the markup of proposals' documentation: Markdown if the client supports it.
        hover_markup: that of hovers.
        links_rules: it shows the link of a finding to its rule.
        pulls: it pulls diagnostics.
        refreshes: it supports requests to pull again.
        registers: it can watch files.
        snippets: it supports snippets.
        versioned: it supports edits bound to a version.
    """

    __slots__ = (
        "docs_markup",
        "hover_markup",
        "links_rules",
        "pulls",
        "refreshes",
        "registers",
        "snippets",
        "versioned",
    )

    def __init__(self, capabilities: Any = None) -> None:
        self.pulls = _has(capabilities, "text_document", "diagnostic")
        self.links_rules = _has(capabilities, "text_document", "publish_diagnostics", "code_description_support")
        self.refreshes = _has(capabilities, "workspace", "diagnostics", "refresh_support")
        self.registers = _has(capabilities, "workspace", "did_change_watched_files", "dynamic_registration")
        self.docs_markup = _markup(
            capabilities, "text_document", "completion", "completion_item", "documentation_format"
        )
        self.hover_markup = _markup(capabilities, "text_document", "hover", "content_format")
        self.snippets = _has(capabilities, "text_document", "completion", "completion_item", "snippet_support")
        self.versioned = _has(capabilities, "workspace", "workspace_edit", "document_changes")


class ServerState:
    """The state of the server."""

    __slots__ = ("_imported", "_thread", "client", "documents", "is_shut_down", "projects")

    def __init__(self) -> None:
        self.client = ClientCapabilities()
        self.documents = OpenDocuments()
        self.projects = LoadedProjects(self.documents)
        self.is_shut_down = False
        self._imported: Known = {}
        self._thread = ThreadPoolExecutor(1, "ncco")

    async def run_on_worker(self, work: Callable[..., _T], *arguments: Any) -> _T:
        """Run work on the worker thread, in the order of the calls, and return its result."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def close(self) -> None:
        """Cancel the work that is waiting."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def project_of(self, document: Snapshot) -> LoadedProject:
        """Return the settings of a document."""
        return self.projects.for_path(document.path)

    def analysis(self, document: Snapshot) -> Analysis | None:
        """Return the analysis of a document; None for one in another language."""
        loaded = self.project_of(document)
        known, reader = document.analysis, document.reader
        if known is not None and known.settings is loaded.settings and (reader is None or reader.is_fresh()):
            return known
        kind = _kind(document, loaded)
        if kind is None:
            document.analysis = None
            return None
        if document.path is not None:
            reader = OpenReader(loaded.project.folder, document.path, self.documents.text_at, self._imported)
        document.number += 1
        document.reader = reader
        document.analysis = analyse(document.source, kind, loaded.settings, version=__version__, reader=reader)
        return document.analysis

    def importers(self, path: str) -> list[Snapshot]:
        """Return the open documents that import a file, directly or by way of others."""
        return [each for each in self.documents if each.reader is not None and each.reader.has_read(path)]


def _kind(document: Snapshot, loaded: LoadedProject) -> Kind | None:
    """Return the kind of a document: by the client's language id, by its name, and JSON as `ncco check` does."""
    if document.language in LANGUAGES:
        return LANGUAGES[document.language]
    kind = kind_of(document.source.name, document.source.text)
    if kind != "ncco":
        return kind
    try:
        return kind if document.path is not None and is_ncco(document.path, loaded.project) else None
    except SettingsError:
        return None


def _has(capabilities: Any, *names: str) -> bool:
    """Return whether the client has a nested capability."""
    return bool(_nested(capabilities, *names))


def _markup(capabilities: Any, *names: str) -> types.MarkupKind | None:
    """Return the preferred markup; None if the client supports only plain strings."""
    formats = _nested(capabilities, *names) or ()
    return next((kind for kind in (types.MarkupKind.Markdown, types.MarkupKind.PlainText) if kind in formats), None)


def _nested(capabilities: Any, *names: str) -> Any:
    for name in names:
        capabilities = getattr(capabilities, name, None)
    return capabilities
