"""Handle notifications: what the client opened, changed, saved and closed."""

from __future__ import annotations

from typing import NamedTuple

from lsprotocol import types

from ncco_lang.lsp.checks import PAUSE, Checks
from ncco_lang.lsp.documents import Snapshot
from ncco_lang.lsp.server_state import ServerState
from ncco_lang.lsp.uris import name_of
from ncco_lang.project.config import CONFIG_NAME

WATCHED = [types.FileSystemWatcher(f"**/{CONFIG_NAME}")]


class SyncContext(NamedTuple):
    """What a notification handler works on: the server's state, and the scheduled checks."""

    state: ServerState
    checks: Checks


def opened(context: SyncContext, params: types.DidOpenTextDocumentParams) -> None:
    """Check a document at once; if it is a settings file, check the documents that depend on it too."""
    document = context.state.documents.open(params.text_document)
    context.checks.opened(document)
    context.checks.schedule(document.uri, 0)
    if _is_settings(document):
        context.checks.schedule_all(0, document.uri)


def changed(context: SyncContext, params: types.DidChangeTextDocumentParams) -> None:
    """Check a document after a pause."""
    identifier = params.text_document
    document = context.state.documents.change(identifier.uri, identifier.version, params.content_changes)
    if document is None:
        return
    context.checks.schedule(document.uri, PAUSE)
    if _is_settings(document):
        context.checks.schedule_all(PAUSE, document.uri)


def saved(context: SyncContext, params: types.DidSaveTextDocumentParams) -> None:
    """Check all others again if a settings file was saved, because settings may now be found where there were none."""
    document = context.state.documents.get(params.text_document.uri)
    if document is not None and _is_settings(document):
        context.checks.schedule_all(0, document.uri)


def closed(context: SyncContext, params: types.DidCloseTextDocumentParams) -> None:
    """Clear the diagnostics of a closed document; a settings file is read from the disk again."""
    uri = params.text_document.uri
    context.checks.cancel(uri)
    document = context.state.documents.close(uri)
    if document is None:
        return
    if not context.state.client.pulls:
        context.checks.clear(uri)
    if _is_settings(document):
        context.checks.schedule_all(0)


def files_changed(context: SyncContext, params: types.DidChangeWatchedFilesParams) -> None:
    """Check everything again if settings changed on the disk."""
    if any(name_of(change.uri) == CONFIG_NAME for change in params.changes):
        context.checks.schedule_all(0)


def _is_settings(document: Snapshot) -> bool:
    return document.source.name == CONFIG_NAME
