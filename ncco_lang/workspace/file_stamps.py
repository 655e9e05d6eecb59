"""Stamp files by their metadata, to recognise an unchanged file without reading it."""

from __future__ import annotations

import os
import stat
import time

LARGEST = 1 << 26
"""Bytes that a file of the cache may have."""
# Do not wait for a pipe that was put in the place of the file, and do not follow a link.
_QUIETLY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
NOTHING = "-"
_TICK = 100_000_000
_COARSE_TICK = 2_000_000_000
_SECOND = 1_000_000_000


def look(path: str) -> os.stat_result | None:
    """Return the metadata of a file, links followed; None if there is no such file."""
    try:
        return os.stat(path)  # noqa: PTH116 - a Path for each of a thousand files is what this saves
    except (OSError, ValueError):
        return None


def look_at_name(path: str) -> os.stat_result | None:
    """Return the metadata of the file of that name; of the link itself if it leads nowhere."""
    try:
        return look(path) or os.lstat(path)
    except (OSError, ValueError):
        return None


def stamp(found: os.stat_result | None) -> str:
    """Return size, times and inode as one word. A program cannot set back the ctime in it to hide a change."""
    if found is None:
        return NOTHING
    return f"{found.st_size}.{found.st_mtime_ns}.{found.st_ino}.{found.st_ctime_ns}"


def is_settled(found: os.stat_result, now: int) -> bool:
    """Return whether any later change would give another stamp.

    A file that changed in the same tick of the clock in which it was read may change once more in that tick and look
    the same (git calls such entries racy). File systems that count whole seconds get a tick of two seconds.
    """
    latest = max(found.st_mtime_ns, found.st_ctime_ns)
    tick = _COARSE_TICK if found.st_mtime_ns % _SECOND == 0 or found.st_ctime_ns % _SECOND == 0 else _TICK
    return latest + tick < now


def settled_stamp(path: str) -> str | None:
    """Return the stamp of the file of that name, `-` if no such file exists; None if a later change might keep the stamp."""
    found = look_at_name(path)
    return stamp(found) if found is None or is_settled(found, time.time_ns()) else None


def read_regular(path: str) -> bytes | None:
    """Return a file's bytes; None if it is missing, a link, a pipe, a device, or too large."""
    try:
        handle = os.open(path, os.O_RDONLY | _QUIETLY)
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
                return None
            pieces = []
            while piece := os.read(handle, 1 << 20):
                pieces.append(piece)
            return b"".join(pieces)
        finally:
            os.close(handle)
    except (OSError, ValueError):
        return None
