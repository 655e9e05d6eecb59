"""Handle notifications: what the client opened, changed, saved and closed."""

from __future__ import annotations

from typing import NamedTuple

from lsprotocol import types

from ncco_lang.lsp.checks import PAUSE, Checks
from ncco_lang.lsp.documents import Snapshot
from ncco_lang.lsp.server_state import Desk
from ncco_lang.lsp.uris import name_of
from ncco_lang.project.config import CONFIG_NAME

WATCHED = [types.FileSystemWatcher(f"**/{CONFIG_NAME}")]


class Heard(NamedTuple):
    """What a notification handler works on: the server's state, and the scheduled checks."""

    desk: Desk
    checks: Checks


def opened(heard: Heard, params: types.DidOpenTextDocumentParams) -> None:
    """Check a document at once; if it is a settings file, check the documents that depend on it too."""
    document = heard.desk.documents.open(params.text_document)
    heard.checks.opened(document)
    heard.checks.soon(document.uri, 0)
    if _is_settings(document):
        heard.checks.everything(0, document.uri)


def changed(heard: Heard, params: types.DidChangeTextDocumentParams) -> None:
    """Check a document after a pause."""
    identifier = params.text_document
    document = heard.desk.documents.change(identifier.uri, identifier.version, params.content_changes)
    if document is None:
        return
    heard.checks.soon(document.uri, PAUSE)
    if _is_settings(document):
        heard.checks.everything(PAUSE, document.uri)


def saved(heard: Heard, params: types.DidSaveTextDocumentParams) -> None:
    """Check all others again if a settings file was saved, because settings may now be found where there were none."""
    document = heard.desk.documents.get(params.text_document.uri)
    if document is not None and _is_settings(document):
        heard.checks.everything(0, document.uri)


def closed(heard: Heard, params: types.DidCloseTextDocumentParams) -> None:
    """Clear the diagnostics of a closed document; a settings file is read from the disk again."""
    uri = params.text_document.uri
    heard.checks.forget(uri)
    document = heard.desk.documents.close(uri)
    if document is None:
        return
    if not heard.desk.client.pulls:
        heard.checks.clear(uri)
    if _is_settings(document):
        heard.checks.everything(0)


def files_changed(heard: Heard, params: types.DidChangeWatchedFilesParams) -> None:
    """Check everything again if settings changed on the disk."""
    if any(name_of(change.uri) == CONFIG_NAME for change in params.changes):
        heard.checks.everything(0)


def _is_settings(document: Snapshot) -> bool:
    return document.source.name == CONFIG_NAME
