"""What the file system says of a file: enough to tell that it is the one that was read before, without reading it."""

from __future__ import annotations

import os
import stat

LARGEST = 1 << 26
"""Bytes that a file of ours may have."""
# A pipe that somebody put in a file's place is not waited for, and a link not followed.
_QUIETLY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
NOTHING = "-"
_TICK = 100_000_000
_COARSE_TICK = 2_000_000_000
_SECOND = 1_000_000_000


def look(path: str) -> os.stat_result | None:
    """What is known of a file, behind links; None where there is none."""
    try:
        return os.stat(path)  # noqa: PTH116 - a Path for each of a thousand files is what this saves
    except (OSError, ValueError):
        return None


def look_at_name(path: str) -> os.stat_result | None:
    """What is known of the file that a name stands for; of a link that leads nowhere, the link itself."""
    try:
        return look(path) or os.lstat(path)
    except (OSError, ValueError):
        return None


def stamp(found: os.stat_result | None) -> str:
    """Size, times and inode in one word. The time of change is among them: setting the other back does not hide a change."""
    if found is None:
        return NOTHING
    return f"{found.st_size}.{found.st_mtime_ns}.{found.st_ino}.{found.st_ctime_ns}"


def is_settled(found: os.stat_result, now: int) -> bool:
    """Whether any later change would get another stamp.

    A file that was changed in the very tick of the clock in which it was read may be changed once more in that tick,
    and look the same (git calls such entries racy). File systems that count whole seconds get two of them.
    """
    latest = max(found.st_mtime_ns, found.st_ctime_ns)
    tick = _COARSE_TICK if found.st_mtime_ns % _SECOND == 0 or found.st_ctime_ns % _SECOND == 0 else _TICK
    return latest + tick < now


def read_regular(path: str) -> bytes | None:
    """A file's bytes; None where there is none, or where it is a link, a pipe, a device or larger than it can be."""
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
