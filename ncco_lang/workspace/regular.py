"""Read files without blocking on a named pipe, a device or a socket in the place of a file."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias

Allowed: TypeAlias = Literal["files", "descriptors", "pipes"]
"""What may be read: files only; also an open descriptor of this process, like `<(…)` of a shell; or also named pipes
and devices, which a user names on the command line and may have to wait for.
"""

_PIECE = 1 << 18
_DESCRIPTOR = re.compile(r"/dev/(std(in|out|err)|fd/\d+)|/proc/(self|\d+)/fd/\d+")
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_file(path: str | os.PathLike[str], allowed: Allowed = "files", *, at_most: int | None = None) -> bytes:
    """Return the bytes of a file, at most the first `at_most`.

    Raises:
        OSError: it cannot be read, or is not a file; `reason_of` says why in words.
        ValueError: the name is not valid for a file.
    """
    name = os.fspath(path)
    waits = allowed == "pipes" or (allowed == "descriptors" and is_descriptor(name))
    if not waits:
        check_regular(os.stat(name))  # noqa: PTH116 - strings are what callers have
    # By handle: Ctrl-C between opening and reading leaves no file object that Python would warn about. Opening does not
    # block either if a pipe has replaced the file meanwhile.
    flags = 0 if waits else getattr(os, "O_NONBLOCK", 0)
    handle = os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0) | flags)
    try:
        if not waits:
            check_regular(os.fstat(handle))
        return read_all(partial(os.read, handle), at_most)
    finally:
        os.close(handle)


def is_descriptor(name: str) -> bool:
    """Return whether a path names an open descriptor: the shell's `<(…)` and `>(…)`, `/dev/stdin`, `/dev/stdout`."""
    return _DESCRIPTOR.fullmatch(name) is not None


def check_regular(found: os.stat_result) -> None:
    """Check that something is a file.

    Raises:
        OSError: it is something else; the error's text says what.
    """
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        what = next((what for is_one, what in _KINDS if is_one(found.st_mode)), "something else")
        raise OSError(errno.EINVAL, f"it is {what}, not a file")


def read_all(read: Callable[[int], bytes], at_most: int | None = None) -> bytes:
    """Read to the end in pieces, because a single read of everything may delay Ctrl-C."""
    pieces: list[bytes] = []
    left = at_most
    while (left is None or left > 0) and (piece := read(_PIECE if left is None else min(left, _PIECE))):
        pieces.append(piece)
        left = None if left is None else left - len(piece)
    return b"".join(pieces)
