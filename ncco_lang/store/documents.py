"""Documents in a folder, or in what fsspec can write to: a name and bytes → a place that the provider can read.

A folder's files are written beside the old ones and put in their place. Object stores do the same by themselves.
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
"""Bytes that are read of a document; one with more is none of ours."""
_CONTENT_TYPE = "application/json"
_SAYS_TYPE = {
    "s3": {"ContentType": _CONTENT_TYPE},
    "s3a": {"ContentType": _CONTENT_TYPE},
    "gs": {"content_type": _CONTENT_TYPE},
    "gcs": {"content_type": _CONTENT_TYPE},
}
"""Protocol → how its driver is told what is written (s3fs hands it to PutObject, gcsfs has an argument)."""


class Documents:
    """The documents at one place. Names are like `MARK/HASH.json`; no name leads out of the place."""

    __slots__ = ("_files", "_folder", "place")

    def __init__(self, place: str, folder: str) -> None:
        """
        Args:
            place: a folder, from `folder` on, or an address like `s3://bucket/ncco`; its credentials are the driver's
                business (environment, configuration files).
            folder: that of `ncco.toml`.
        """
        self.place = place
        is_local = place.startswith(_LOCAL) or "://" not in place
        self._folder = _path(place.removeprefix(_LOCAL), folder) if is_local else None
        self._files: tuple[Any, str, dict[str, str]] | None = None

    def put(self, name: str, data: bytes) -> bool:
        """Write a document.

        Returns:
            whether anything was written: what lies there already with the same bytes is left alone.

        Raises:
            StoreError: the store would not take it; what stood there before still does.
        """
        path = self._local(name)
        if path is None:
            if self.get(name) == data:
                return False
            self._outside("write", name, lambda files, at, more: _write(files, at, data, more))
            return True
        try:
            make_folder(str(path.parent))
            # Surrogates carry bytes that are no UTF-8 there and back unchanged.
            return write_atomic(str(path), data.decode("utf-8", "surrogateescape"))
        except OutputError as failed:
            raise StoreError(str(failed)) from failed

    def get(self, name: str) -> bytes | None:
        """A document's bytes; None where there is none.

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
        """The names of the documents in one folder, sorted; none where there is no such folder.

        Raises:
            StoreError: the store does not tell.
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
        """Delete a document; one that is not there is done.

        Raises:
            StoreError: the store would not let go of it.
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
        """Take away folders that are empty now, up to the place itself, which stays."""
        while self._folder is not None and folder != self._folder:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _local(self, name: str) -> Path | None:
        """The file of a document; None where the place is no folder."""
        if _NAME.fullmatch(name) is None:
            raise StoreError(f"{name[:80]!r} cannot be the name of a document; something has changed the state file")
        return None if self._folder is None else self._folder / name

    def _outside(self, doing: str, name: str, act: Callable[[Any, str, dict[str, str]], _T]) -> _T:
        """Let a driver do something; whatever it raises becomes one sentence."""
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
        # Object stores have no folders; what has some (SFTP) wants them made, and only then is asked to.
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
    """What to install, so that fsspec can reach a place; the library is named by the import that failed."""
    cause = failed.__cause__ if isinstance(failed.__cause__, ImportError) else failed
    library = (cause.name or "").partition(".")[0]
    told = f"pip install {library}" if library else _first_line(failed)
    return f"the store {place} needs a library that is not installed: {told}"


def _first_line(failed: Exception) -> str:
    lines = str(failed).strip().splitlines()
    return (lines[0] if lines else type(failed).__name__)[:200]
