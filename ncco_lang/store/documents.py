"""Store documents by name where the provider can read them: in a folder, or in any store that fsspec can write to.

In a folder, a file is written under a temporary name and then renamed. Object stores replace a document atomically too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ncco_lang.store.errors import StoreError
from ncco_lang.workspace.errors import OutputError, reason_of
from ncco_lang.workspace.files import make_folder, write_atomic
from ncco_lang.workspace.regular import read_file

_T = TypeVar("_T")

_NAME = re.compile(r"(?=.{1,200}\Z)[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LOCAL = "file://"
_LARGEST = 1 << 24
"""The largest document that is read, in bytes; ours are never larger."""
_CONTENT_TYPE = "application/json"
_SAYS_TYPE = {
    "s3": {"ContentType": _CONTENT_TYPE},
    "s3a": {"ContentType": _CONTENT_TYPE},
    "gs": {"content_type": _CONTENT_TYPE},
    "gcs": {"content_type": _CONTENT_TYPE},
}
"""Protocol → how its driver takes the content type (s3fs passes it to PutObject, gcsfs has an argument)."""


class Documents:
    """The documents in one place. A name is like `MARK/HASH.json`, and cannot lead out of the place."""

    __slots__ = ("_files", "_folder", "place")

    def __init__(self, place: str, folder: str) -> None:
        """Args:
        place: a folder, relative to `folder`, or a URL like `s3://bucket/ncco`, whose driver finds its
            credentials itself (environment, configuration files).
        folder: the folder of `ncco.toml`.
        """
        self.place = place
        is_local = place.startswith(_LOCAL) or "://" not in place
        self._folder = _path(place.removeprefix(_LOCAL), folder) if is_local else None
        self._files: tuple[Any, str, dict[str, str]] | None = None

    def put(self, name: str, data: bytes) -> bool:
        """Write a document.

        Returns:
            Whether anything was written: a document with the same bytes is left alone.

        Raises:
            StoreError: the store refuses it; the previous document is unchanged.
        """
        path = self._local(name)
        if path is None:
            if self.get(name) == data:
                return False
            self._outside("write", name, lambda files, at, more: _write(files, at, data, more))
            return True
        try:
            make_folder(str(path.parent))
            # Surrogates keep bytes that are not UTF-8.
            return write_atomic(str(path), data.decode("utf-8", "surrogateescape"))
        except OutputError as failed:
            raise StoreError(str(failed)) from failed

    def get(self, name: str) -> bytes | None:
        """Return the bytes of a document; None if it does not exist.

        Raises:
            StoreError: the store cannot be read.
        """
        path = self._local(name)
        if path is None:
            return self._outside("read", name, lambda files, at, _: _read(files, at))
        try:
            return read_file(path, at_most=_LARGEST)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as failed:
            raise StoreError(f"cannot read {path}: {reason_of(failed)}") from failed

    def names(self, folder: str) -> list[str]:
        """Return the names of the documents in one folder, sorted; empty if the folder does not exist.

        Raises:
            StoreError: the store cannot list them.
        """
        path = self._local(folder)
        if path is None:
            return self._outside("list", folder, lambda files, at, _: [f"{folder}/{each}" for each in _list(files, at)])
        try:
            return sorted(f"{folder}/{each.name}" for each in path.iterdir() if each.is_file())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as failed:
            raise StoreError(f"cannot list {path}: {reason_of(failed)}") from failed

    def delete(self, name: str) -> None:
        """Delete a document, if it exists.

        Raises:
            StoreError: the store cannot delete it.
        """
        path = self._local(name)
        if path is None:
            self._outside("delete", name, lambda files, at, _: _delete(files, at))
            return
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as failed:
            raise StoreError(f"cannot delete {path}: {reason_of(failed)}") from failed
        self._tidy(path.parent)

    def _tidy(self, folder: Path) -> None:
        """Remove folders that are empty now, up to but not including the place itself."""
        while self._folder is not None and folder != self._folder:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _local(self, name: str) -> Path | None:
        """Return the file of a document; None if the place is not a folder."""
        if _NAME.fullmatch(name) is None:
            raise StoreError(f"{name[:80]!r} cannot be the name of a document; something has changed the state file")
        return None if self._folder is None else self._folder / name

    def _outside(self, doing: str, name: str, act: Callable[[Any, str, dict[str, str]], _T]) -> _T:
        """Return what an operation of a driver returns; its errors become a StoreError of one sentence."""
        import fsspec

        shown = f"{self.place.rstrip('/')}/{name}"
        try:
            if self._files is None:
                files, root = fsspec.core.url_to_fs(self.place)
                self._files = (files, root.rstrip("/"), _SAYS_TYPE.get(self.place.partition("://")[0], {}))
            files, root, more = self._files
            return act(files, f"{root}/{name}", more)
        except ImportError as failed:
            raise StoreError(_missing_driver(self.place, failed)) from failed
        except FileNotFoundError as failed:
            raise StoreError(f"cannot {doing} {shown}: there is no such bucket or folder") from failed
        except OSError as failed:
            raise StoreError(f"cannot {doing} {shown}: {reason_of(failed)}") from failed
        except Exception as failed:
            # Drivers raise what their own libraries raise: no credentials, no such bucket, no network.
            raise StoreError(f"cannot {doing} {shown}: {_first_line(failed)}") from failed


def _path(place: str, folder: str) -> Path:
    try:
        return Path(folder) / Path(place).expanduser()
    except RuntimeError:
        return Path(folder) / place


def _read(files: Any, at: str) -> bytes | None:
    try:
        return bytes(files.cat_file(at))
    except FileNotFoundError:
        return None


def _write(files: Any, at: str, data: bytes, more: dict[str, str]) -> None:
    try:
        files.pipe_file(at, data, **more)
    except FileNotFoundError:
        # Object stores have no folders; a store that has them (SFTP) needs this one made first.
        files.makedirs(at.rpartition("/")[0], exist_ok=True)
        files.pipe_file(at, data, **more)


def _delete(files: Any, at: str) -> None:
    try:
        files.rm_file(at)
    except FileNotFoundError:
        return


def _list(files: Any, at: str) -> list[str]:
    try:
        found = files.ls(at, detail=False)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name.rstrip("/").rpartition("/")[2] for name in found)


def _missing_driver(place: str, failed: ImportError) -> str:
    """Return what to install for a place; the failed import names the library."""
    cause = failed.__cause__ if isinstance(failed.__cause__, ImportError) else failed
    library = (cause.name or "").partition(".")[0]
    remedy = f"pip install {library}" if library else _first_line(failed)
    return f"the store {place} needs a library that is not installed: {remedy}"


def _first_line(failed: Exception) -> str:
    lines = str(failed).strip().splitlines()
    return (lines[0] if lines else type(failed).__name__)[:200]
