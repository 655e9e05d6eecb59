"""The file of the call store: made by one process at a time, and recognised, so that a deleted one is noticed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

Identity: TypeAlias = tuple[int, int]
"""The device and the inode of a file."""
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite has beside a file, by the ends of the names."""


def identify(path: Path) -> Identity | None:
    """Return what distinguishes a file from another one at the same path; None if it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def make_store_file(path: Path, fill: Callable[[Path], None] | None = None) -> None:
    """Make a file where it is missing; only its owner may read it.

    Args:
        fill: writes what a new file begins with, before another process can open it.

    Raises:
        OSError: it cannot be made.
        Exception: what `fill` raises; then there is no file.
    """
    if path.exists():
        return
    with _alone(path.parent):
        if path.exists():
            return
        # They are of a file that was deleted; a process may still use it, and them.
        _remove(path)
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        _remove(new)
        # SQLite gives the files beside it the same mode.
        new.touch(0o600)
        try:
            if fill is not None:
                fill(new)
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise


def _remove(path: Path) -> None:
    for each in _BESIDE:
        path.with_name(path.name + each).unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process make the file at the same time. Windows, which has no such lock, deletes no open file."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        # A file system of the network may have no locks.
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
