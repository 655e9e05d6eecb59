"""The open documents as the client has them, which is not always as the disk has them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from lsprotocol import types

from ncco_lang.diagnostics import Edit, apply_edits
from ncco_lang.editor.analysis import Analysis
from ncco_lang.lsp.positions import Encoding, Positions
from ncco_lang.lsp.uris import name_of, path_of
from ncco_lang.source import Source, Span

Change: TypeAlias = types.TextDocumentContentChangeEvent
Colours: TypeAlias = tuple[str, list[int]]


class Snapshot:
    """One version of a document. Its text never changes; what is known of the text is added to it.

    Attributes:
        uri: as the client spells it.
        path: None for a document that is no file.
        language: the client's word for what it is.
        version: the client's number; results for an older one are dropped.
        analysis: what is known of it, once somebody asked; `Desk.analysis` keeps it here.
        colours: the name and the numbers of the colours that the client has of this version.
        colours_before: those that it has of an earlier one.
    """

    __slots__ = (
        "_positions",
        "analysis",
        "colours",
        "colours_before",
        "encoding",
        "language",
        "path",
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
        self.colours: Colours | None = None
        self.colours_before: Colours | None = None
        self._positions: Positions | None = None

    @property
    def positions(self) -> Positions:
        """The places in the text."""
        if self._positions is None:
            self._positions = Positions(self.source, self.encoding)
        return self._positions

    def changed(self, version: int, changes: Sequence[Change]) -> Snapshot:
        """The next version."""
        following = Snapshot(self.uri, self.language, version, change_text(self, changes), self.encoding)
        following.colours_before = self.colours or self.colours_before
        return following


class OpenDocuments:
    """What is open, by its URI; in the order in which it was opened."""

    __slots__ = ("_open", "_uris", "encoding")

    def __init__(self) -> None:
        self._open: dict[str, Snapshot] = {}
        self._uris: dict[str, str] = {}
        self.encoding: Encoding = "utf-16"

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(list(self._open.values()))

    def get(self, uri: str) -> Snapshot | None:
        """The newest version of a document; None where it is not open."""
        return self._open.get(uri)

    def at(self, path: str) -> Snapshot | None:
        """The open document of a file."""
        return self._open.get(self._uris.get(_spelt(path), ""))

    def is_newest(self, document: Snapshot) -> bool:
        """Whether nothing was changed since."""
        return self._open.get(document.uri) is document

    def open(self, item: types.TextDocumentItem) -> Snapshot:
        """Take a document in; again, where the client opens it twice."""
        document = Snapshot(item.uri, item.language_id, item.version, item.text, self.encoding)
        self._open[item.uri] = document
        if document.path is not None:
            self._uris[_spelt(document.path)] = item.uri
        return document

    def change(self, uri: str, version: int, changes: Sequence[Change]) -> Snapshot | None:
        """Follow the client's changes; None where the document is not open."""
        document = self._open.get(uri)
        if document is None:
            return None
        changed = document.changed(version, changes)
        self._open[uri] = changed
        return changed

    def close(self, uri: str) -> Snapshot | None:
        """Forget a document."""
        document = self._open.pop(uri, None)
        if document is not None and document.path is not None:
            self._uris.pop(_spelt(document.path), None)
        return document


def _spelt(path: str) -> str:
    """A path as this system spells it, so that two of one file are equal."""
    return os.path.normcase(os.path.normpath(path))


def change_text(document: Snapshot, changes: Sequence[Change]) -> str:
    """The text after changes, each of which counts in the text that the one before it left.

    Many cursors give many changes, mostly from the last in the text to the first. Those are gathered, since a change
    moves nothing that stands before it, so that lines are counted once for all of them.
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
    """Whether a range lies before a place behind which the text changed; also one that runs backwards."""
    place = positions.position(offset)
    return all((each.line, each.character) < (place.line, place.character) for each in (range_.start, range_.end))


def _of(text: str, document: Snapshot) -> Positions:
    return Positions(Source(document.source.name, text), document.encoding)


def _apply(positions: Positions, gathered: Sequence[Edit]) -> str:
    """The text with edits made that stand from the last in it to the first."""
    return apply_edits(positions.source.text, [Edit(Span(*edit.span), edit.text) for edit in reversed(gathered)])
