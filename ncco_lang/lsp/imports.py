"""Read the files that an open document imports: open documents as they are in the editor, all others from the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.source import Source
from ncco_lang.workspace.file_stamps import look, stamp
from ncco_lang.workspace.imports import read_below

if TYPE_CHECKING:
    from ncco_lang.program.imports import OtherFile, Unread

Version: TypeAlias = Source | str
"""The text of an open document, or the stamp of a file on the disk."""
Known: TypeAlias = "dict[str, tuple[Version, OtherFile | Unread]]"
"""Full path → the version that was read last, and what was read."""


class OpenReader:
    """Reads the files that one version of a document imports. A file's name in findings is its full path.

    Args:
        folder: the folder of the project.
        path: the path of the document.
        opened: returns the text of the open document of a path, if there is one.
        known: what was read for other documents.
    """

    __slots__ = ("_folder", "_known", "_opened", "_path", "_read")

    def __init__(self, folder: str, path: str, opened: Callable[[str], Source | None], known: Known) -> None:
        self._folder = folder
        self._path = path
        self._opened = opened
        self._known = known
        self._read: dict[str, Version] = {}

    @property
    def home(self) -> str:
        """The path of the document from the project's folder, with `/`."""
        return os.path.relpath(self._path, self._folder).replace(os.sep, "/")

    def read(self, path: str) -> OtherFile | Unread:
        """Return a file by its path from the project's folder."""
        full = os.path.join(self._folder, path)  # noqa: PTH118 - pathlib refuses what `look` takes for a missing file
        version = self._version(full)
        known = self._known.get(full)
        if known is None or known[0] != version:
            known = version, self._read_version(path, full, version)
            self._known[full] = known
        self._read[full] = known[0]
        return known[1]

    def has_read(self, path: str) -> bool:
        """Return whether the document imports a file, directly or by way of others."""
        wanted = os.path.normcase(os.path.normpath(path))
        return any(os.path.normcase(each) == wanted for each in list(self._read))

    def is_fresh(self) -> bool:
        """Return whether every file that was read still is as it was read."""
        return all(self._version(full) == version for full, version in list(self._read.items()))

    def _version(self, full: str) -> Version:
        return self._opened(full) or stamp(look(full))

    def _read_version(self, path: str, full: str, version: Version) -> OtherFile | Unread:
        if isinstance(version, str):
            return read_below(os.path.realpath(self._folder), full, str)
        # Imported here, because few flows import.
        from ncco_lang.program.imports import OtherFile

        return OtherFile(path, Source(full, version.text))
