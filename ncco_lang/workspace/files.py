"""Reading sources, and writing files that are never left half written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ncco_lang.source import Source
from ncco_lang.workspace.errors import InputError, OutputError, reason_of

_PIECE = 1 << 18


def read_source(name: str, shown: str | None = None) -> Source:
    """The text of a file, or of standard input for `-`; line ends stay as they are.

    Args:
        name: the path.
        shown: what messages call it; the path itself, or `<stdin>`, where it is None.

    Raises:
        InputError: it cannot be opened, or it is not UTF-8.
    """
    shown = shown if shown is not None else "<stdin>" if name == "-" else name
    try:
        data = _read_stdin() if name == "-" else _read_file(name)
    except OSError as failed:
        raise InputError(f"cannot read {shown}: {reason_of(failed)}") from failed
    except ValueError as failed:
        raise InputError(f"cannot read {shown!r}: {failed}") from failed
    try:
        return Source(shown, data.decode("utf-8"))
    except UnicodeDecodeError as failed:
        raise InputError(_decoding_words(shown, data, failed.start)) from failed


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise InputError("cannot read <stdin>: it is closed")
    buffer: Any = sys.stdin.buffer
    return _read_all(buffer.read1)


def _read_file(name: str) -> bytes:
    # By handle: Ctrl-C between opening and reading leaves no file object behind that Python would warn about.
    handle = os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return _read_all(partial(os.read, handle))
    finally:
        os.close(handle)


def _read_all(read: Callable[[int], bytes]) -> bytes:
    """Piece by piece, because Ctrl-C may not be heard inside of one read of everything."""
    pieces = []
    while piece := read(_PIECE):
        pieces.append(piece)
    return b"".join(pieces)


def _decoding_words(shown: str, data: bytes, at: int) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return f"cannot read {shown}: it is UTF-16; save it as UTF-8"
    line = data.count(b"\n", 0, at) + 1
    column = at - (data.rfind(b"\n", 0, at) + 1) + 1
    return (
        f"cannot read {shown}: it is not UTF-8 (byte {data[at]:#04x} at line {line}, byte {column}); save it as UTF-8"
    )


def is_file(path: str | Path) -> bool:
    """Whether there is a file that one may know of."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: str | Path) -> bool:
    """Whether there is a folder that one may know of."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def make_folder(name: str) -> None:
    """Make a folder and those above it, where they are missing.

    Raises:
        OutputError: the disk would not take it.
    """
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as failed:
        raise OutputError(f"cannot make the folder {name}: a file is in its way") from failed
    except OSError as failed:
        raise OutputError(f"cannot make the folder {name}: {reason_of(failed)}") from failed


def write_atomic(name: str, text: str) -> bool:
    """Write a file beside the old one and put it in its place, so that nobody ever sees half of it.

    A file that holds this text already is left alone. Bytes of a file name that are no text are written as they are.

    Returns:
        whether anything was written.

    Raises:
        OutputError: the folder or the disk would not take it; the old file is still there.
    """
    # Imported here, because few runs write and each would pay for it.
    import tempfile

    beside: str | None = None
    try:
        path = Path(os.path.realpath(name))
        data = text.encode("utf-8", "surrogateescape")
        if path.is_file() and path.read_bytes() == data:
            return False
        if path.exists() and not path.is_file():
            # A device or a pipe (`-o /dev/stdout`) has no place beside it.
            path.write_bytes(data)
            return True
        handle, beside = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
        Path(beside).replace(path)
        beside = None
    except FileNotFoundError as failed:
        raise OutputError(f"cannot write {name}: there is no such folder") from failed
    except OSError as failed:
        raise OutputError(f"cannot write {name}: {reason_of(failed)}") from failed
    except ValueError as failed:
        raise OutputError(f"cannot write {name!r}: {failed}") from failed
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
