"""Read sources, and write files that are never left half written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ncco_lang.source import Source
from ncco_lang.workspace.errors import AlreadyThere, InputError, OutputError, reason_of
from ncco_lang.workspace.links import real_place
from ncco_lang.workspace.regular import Allowed, read_all, read_file


def read_source(name: str, shown: str | None = None, *, allowed: Allowed = "files") -> Source:
    """Return the text of a file, or of standard input for `-`; line ends stay as they are.

    Args:
        name: the path.
        shown: the name in messages; None for the path itself, or `<stdin>`.
        allowed: what it may be besides a file. Only an operand of a command may be a pipe.

    Raises:
        InputError: it cannot be opened, or it is not UTF-8.
    """
    shown = shown if shown is not None else "<stdin>" if name == "-" else name
    try:
        data = _read_stdin() if name == "-" else read_file(name, allowed)
        return Source(shown, data.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as failed:
        raise InputError(f"cannot read {shown}: {reason_of(failed)}") from failed
    except ValueError as failed:
        raise InputError(f"cannot read {shown!r}: {reason_of(failed)}") from failed


def read_settings(file: str, shown: str) -> Source:
    """Return the text of an `ncco.toml`, which is a file or a link to one: reading a pipe of that name would block.

    Raises:
        InputError: it cannot be read, is something else, or is not UTF-8.
    """
    try:
        Path(file).stat()
    except (OSError, ValueError) as failed:
        if isinstance(failed, FileNotFoundError) and Path(file).is_symlink():
            raise InputError(f"cannot read {shown}: it is a link that leads nowhere") from failed
    return read_source(file, shown)


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise InputError("cannot read <stdin>: it is closed")
    buffer: Any = sys.stdin.buffer
    return read_all(buffer.read1)


def is_file(path: str | Path) -> bool:
    """Return whether there is a file at a path, as far as the user may see it."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: str | Path) -> bool:
    """Return whether there is a folder at a path, as far as the user may see it."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def make_folder(name: str) -> None:
    """Create a folder and the missing folders above it.

    Raises:
        OutputError: a link leads out of the project, or the disk refuses it.
    """
    try:
        real_place(name)
        Path(name).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as failed:
        raise OutputError(f"cannot make the folder {name}: a file is in its way") from failed
    except OSError as failed:
        raise OutputError(f"cannot make the folder {name}: {reason_of(failed)}") from failed


def write_atomic(name: str, text: str, *, private: bool = False) -> bool:
    """Write a file next to the old one and rename it, so that no process ever sees half of it.

    A file with the same text is left alone. Bytes of a file name that are not text are written as they are.

    Args:
        private: the text may hold secrets, so only the user may read the file (mode 0600), also where it was there before.

    Returns:
        whether the file was written.

    Raises:
        OutputError: a link leads out of the project, or the folder or the disk refuses it; the old file is unchanged.
    """
    try:
        data = text.encode("utf-8", "surrogateescape")
    except ValueError as failed:
        raise OutputError(f"cannot write {name}: {failed}") from failed
    with _output_errors(name):
        path = real_place(name)
        if not private and path.is_file() and path.read_bytes() == data:
            return False
    with replacing(name, private=private) as file:
        file.write(data)
    return True


@contextmanager
def replacing(name: str, *, over: bool = True, private: bool = False) -> Iterator[IO[bytes]]:
    """Open a temporary file for writing; it replaces the target if the block ends well, else it is deleted.

    Args:
        name: the target. A device or a pipe (`/dev/stdout`) cannot be replaced and is written to directly.
        over: whether an existing file is replaced.
        private: only the user may read the file.

    Raises:
        OutputError: a link leads out of the project, or the folder or the disk refuses it; the old file is unchanged.
        AlreadyThere: there is a file, maybe only since the block began, and `over` is false.
    """
    # Imported here, because few runs write and each would pay for it.
    import tempfile

    beside: Path | None = None
    with _output_errors(name):
        path = real_place(name)
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        if path.exists() and not over:
            raise AlreadyThere(f"{name} is there already")
        try:
            handle, made = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
            beside = Path(made)
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if not private:
                beside.chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
            if over:
                beside.replace(path)
            elif not _put(beside, path):
                raise AlreadyThere(f"{name} is there already")
        finally:
            if beside is not None:
                beside.unlink(missing_ok=True)


def _put(beside: Path, path: Path) -> bool:
    """Give a file its name; return False if another process has taken the name meanwhile."""
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    except OSError:
        # A file system without hard links.
        if path.exists():
            return False
        beside.replace(path)
    return True


@contextmanager
def _output_errors(name: str) -> Iterator[None]:
    """Turn the system's errors into an `OutputError` that names the file."""
    try:
        yield
    except FileNotFoundError as failed:
        raise OutputError(f"cannot write {name}: there is no such folder") from failed
    except OSError as failed:
        raise OutputError(f"cannot write {name}: {reason_of(failed)}") from failed


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
