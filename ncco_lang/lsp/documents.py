"""Keep the open documents as the client has them, which may differ from the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from lsprotocol import types

from ncco_lang.diagnostics import Edit, apply_edits
from ncco_lang.editor.analysis import Analysis
from ncco_lang.lsp.imports import OpenReader
from ncco_lang.lsp.positions import Encoding, Positions
from ncco_lang.lsp.uris import name_of, path_of
from ncco_lang.source import Source, Span

Change: TypeAlias = types.TextDocumentContentChangeEvent
Colours: TypeAlias = tuple[str, list[int]]


class Snapshot:
    """One version of a document. Its text never changes; its analysis is added on demand.

    Attributes:
        uri: the URI as the client spells it.
        path: the path; None for a document that is not a file.
        language: the client's language id.
        version: the client's number; results for an older one are dropped.
        analysis: the analysis, once it was needed; `ServerState.analysis` keeps it here.
        number: the number of the analysis, since settings and imported files change too.
        reader: reads what the analysis imports.
        colours: the id and the data of the semantic tokens that the client has of this version.
        colours_before: those that it has of an earlier version.
    """

    __slots__ = (
        "_positions",
        "analysis",
        "colours",
        "colours_before",
        "encoding",
        "language",
        "number",
        "path",
        "reader",
        "source",
        "uri",
        "version",
    )

    def __init__(self, uri: str, language: str, version: int, text: str, encoding: Encoding) -> None:
        self.uri = uri
        self.path = path_of(uri)
        self.language = language
        self.version = version
        self.source = Source(name_of(uri), text)
        self.encoding = encoding
        self.analysis: Analysis | None = None
        self.number = 0
        self.reader: OpenReader | None = None
        self.colours: Colours | None = None
        self.colours_before: Colours | None = None
        self._positions: Positions | None = None

    @property
    def positions(self) -> Positions:
        """The converter of positions in the text."""
        if self._positions is None:
            self._positions = Positions(self.source, self.encoding)
        return self._positions

    def changed(self, version: int, changes: Sequence[Change]) -> Snapshot:
        """Return the next version."""
        following = Snapshot(self.uri, self.language, version, change_text(self, changes), self.encoding)
        following.colours_before = self.colours or self.colours_before
        return following


class OpenDocuments:
    """The open documents by URI, in the order in which they were opened."""

    __slots__ = ("_open", "_uris", "encoding")

    def __init__(self) -> None:
        self._open: dict[str, Snapshot] = {}
        self._uris: dict[str, str] = {}
        self.encoding: Encoding = "utf-16"

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(list(self._open.values()))

    def get(self, uri: str) -> Snapshot | None:
        """Return the newest version of a document; None if it is not open."""
        return self._open.get(uri)

    def at(self, path: str) -> Snapshot | None:
        """Return the open document of a file; None if it is not open."""
        return self._open.get(self._uris.get(_normalized(path), ""))

    def text_at(self, path: str) -> Source | None:
        """Return the newest text of the open document of a file; None if it is not open."""
        document = self.at(path)
        return None if document is None else document.source

    def is_newest(self, document: Snapshot) -> bool:
        """Return whether a snapshot is the newest version of its document."""
        return self._open.get(document.uri) is document

    def open(self, item: types.TextDocumentItem) -> Snapshot:
        """Add a document, or replace it if the client opens it twice."""
        document = Snapshot(item.uri, item.language_id, item.version, item.text, self.encoding)
        self._open[item.uri] = document
        if document.path is not None:
            self._uris[_normalized(document.path)] = item.uri
        return document

    def change(self, uri: str, version: int, changes: Sequence[Change]) -> Snapshot | None:
        """Apply the client's changes and return the new version; None if the document is not open."""
        document = self._open.get(uri)
        if document is None:
            return None
        changed = document.changed(version, changes)
        self._open[uri] = changed
        return changed

    def close(self, uri: str) -> Snapshot | None:
        """Remove a document and return its last version; None if it is not open."""
        document = self._open.pop(uri, None)
        if document is not None and document.path is not None:
            self._uris.pop(_normalized(document.path), None)
        return document


def _normalized(path: str) -> str:
    """Return a path in this system's spelling, so that two paths of one file are equal."""
    return os.path.normcase(os.path.normpath(path))


def change_text(document: Snapshot, changes: Sequence[Change]) -> str:
    """Return the text after changes, each relative to the text that the one before it left.

    Multiple cursors send many changes, mostly from the end of the text to its start. Those are collected, since a
    change moves nothing before it, so that lines are counted once for all of them.
    """
    positions, gathered = document.positions, list[Edit]()
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            positions, gathered = _of(change.text, document), []
            continue
        if gathered and not _is_before(change.range, positions, gathered[-1].span.start):
            positions, gathered = _of(_apply(positions, gathered), document), []
        gathered.append(Edit(positions.span(change.range), change.text))
    return _apply(positions, gathered)


def _is_before(range_: types.Range, positions: Positions, offset: int) -> bool:
    """Return whether a range lies before the offset of a change, even if the range is reversed."""
    place = positions.position(offset)
    return all((each.line, each.character) < (place.line, place.character) for each in (range_.start, range_.end))


def _of(text: str, document: Snapshot) -> Positions:
    return Positions(Source(document.source.name, text), document.encoding)


def _apply(positions: Positions, gathered: Sequence[Edit]) -> str:
    """Return the text with edits applied that are sorted from the end of the text to its start."""
    return apply_edits(positions.source.text, [Edit(Span(*edit.span), edit.text) for edit in reversed(gathered)])
