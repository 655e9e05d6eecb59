"""Handle notifications: what the client opened, changed, saved and closed."""

from __future__ import annotations

from typing import NamedTuple

from lsprotocol import types

from ncco_lang.lsp.checks import PAUSE, Checks
from ncco_lang.lsp.documents import Snapshot
from ncco_lang.lsp.server_state import ServerState
from ncco_lang.lsp.uris import name_of, path_of
from ncco_lang.project.config import CONFIG_NAME
from ncco_lang.workspace.discover import FLOW

WATCHED = [types.FileSystemWatcher(f"**/{CONFIG_NAME}"), types.FileSystemWatcher(f"**/*{FLOW}")]


class SyncContext(NamedTuple):
    """What a notification handler works on: the server's state, and the scheduled checks."""

    state: ServerState
    checks: Checks


def opened(context: SyncContext, params: types.DidOpenTextDocumentParams) -> None:
    """Check a document at once, and the documents that depend on it."""
    document = context.state.documents.open(params.text_document)
    context.checks.opened(document)
    context.checks.schedule(document.uri, 0)
    _schedule_dependent(context, document, 0)


def changed(context: SyncContext, params: types.DidChangeTextDocumentParams) -> None:
    """Check a document after a pause, and the documents that depend on it."""
    identifier = params.text_document
    document = context.state.documents.change(identifier.uri, identifier.version, params.content_changes)
    if document is None:
        return
    context.checks.schedule(document.uri, PAUSE)
    _schedule_dependent(context, document, PAUSE)


def saved(context: SyncContext, params: types.DidSaveTextDocumentParams) -> None:
    """Check all others again if a settings file was saved, because settings may now be found where there were none."""
    document = context.state.documents.get(params.text_document.uri)
    if document is not None and _is_settings(document):
        context.checks.schedule_all(0, document.uri)


def closed(context: SyncContext, params: types.DidCloseTextDocumentParams) -> None:
    """Clear the diagnostics of a closed document. Documents that depend on it read it from the disk again."""
    uri = params.text_document.uri
    context.checks.cancel(uri)
    document = context.state.documents.close(uri)
    if document is None:
        return
    if not context.state.client.pulls:
        context.checks.clear(uri)
    _schedule_dependent(context, document, 0)


def files_changed(context: SyncContext, params: types.DidChangeWatchedFilesParams) -> None:
    """Check everything again if settings changed on the disk, and what imports a flow if the flow changed there."""
    if any(name_of(change.uri) == CONFIG_NAME for change in params.changes):
        context.checks.schedule_all(0)
        return
    for change in params.changes:
        path = path_of(change.uri)
        if path is not None and context.state.documents.at(path) is None:
            context.checks.schedule_importers(path, 0)


def _schedule_dependent(context: SyncContext, document: Snapshot, pause: float) -> None:
    """Check the documents again that depend on one: those of the project if it is a settings file, else its importers."""
    if _is_settings(document):
        context.checks.schedule_all(pause, document.uri)
    elif document.path is not None:
        context.checks.schedule_importers(document.path, pause)


def _is_settings(document: Snapshot) -> bool:
    return document.source.name == CONFIG_NAME
