"""Reading and writing for the commands: sources, files that are never left half written, standard output.

Everything that can go wrong outside comes out as `Refused`, which ends the program with exit code 2 and a sentence.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, Any

import click

from ncco_lang.cli.render import visible
from ncco_lang.source import Source


class Refused(click.ClickException):
    """The input cannot be read or the output cannot be written; the message says which and what to do."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence on standard error."""
        try:
            click.echo(f"ncco: {visible(self.message)}", err=True)
        except OSError:
            quiet_pipe()


def quiet_pipe() -> None:
    """Point standard output at nothing, so that the interpreter's last flush of a closed pipe stays quiet."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
    except (OSError, ValueError):
        pass


def read_source(name: str) -> Source:
    """The text of a file, or of standard input for `-`; line ends stay as they are.

    Raises:
        Refused: it cannot be opened, or it is not UTF-8.
    """
    shown = "<stdin>" if name == "-" else name
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as failed:
        raise Refused(f"cannot read {shown}: {_reason(failed)}") from failed
    except ValueError as failed:
        raise Refused(f"cannot read {shown!r}: {failed}") from failed
    try:
        return Source(shown, data.decode("utf-8"))
    except UnicodeDecodeError as failed:
        raise Refused(_decoding_words(shown, data, failed.start)) from failed


def _decoding_words(shown: str, data: bytes, at: int) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return f"cannot read {shown}: it is UTF-16; save it as UTF-8"
    line = data.count(b"\n", 0, at) + 1
    column = at - (data.rfind(b"\n", 0, at) + 1) + 1
    return (
        f"cannot read {shown}: it is not UTF-8 (byte {data[at]:#04x} at line {line}, byte {column}); save it as UTF-8"
    )


def _reason(failed: OSError) -> str:
    words = {
        FileNotFoundError: "there is no such file",
        IsADirectoryError: "it is a folder",
        PermissionError: "permission denied",
    }
    return words.get(type(failed), failed.strerror or str(failed))


def write_atomic(name: str, text: str) -> bool:
    """Write a file beside the old one and put it in its place, so that nobody ever sees half of it.

    A file that holds this text already is left alone.

    Returns:
        whether anything was written.

    Raises:
        Refused: the folder or the disk would not take it; the old file is still there.
    """
    # Imported here, because few runs write and each would pay for it.
    import tempfile

    path = Path(os.path.realpath(name))
    data = text.encode("utf-8")
    beside: str | None = None
    try:
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
    except OSError as failed:
        raise Refused(f"cannot write {name}: {_reason(failed)}") from failed
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def emit(text: str, *, err: bool = False, product: bool = False) -> None:
    """Print a text as it is; a closed pipe ends quietly and the command goes on to its exit code.

    A product (a document, a patch) is written in UTF-8 with its own line ends, whatever the terminal speaks.

    Raises:
        Refused: the output cannot be written, for example because the disk is full.
    """
    stream = sys.stderr if err else sys.stdout
    try:
        if product:
            stream.flush()
            stream.buffer.write(text.encode("utf-8", "surrogateescape"))
        else:
            stream.write(text)
        stream.flush()
    except BrokenPipeError:
        if not err:
            quiet_pipe()
    except OSError as failed:
        if not err:
            quiet_pipe()
        raise Refused(f"the output cannot be written: {_reason(failed)}") from failed


def wants_colour(*, err: bool = False) -> bool:
    """Whether to colour a stream: NO_COLOR says no, FORCE_COLOR says yes, else only a terminal gets colours."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") not in (None, "", "0"):
        return True
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and os.environ.get("TERM") != "dumb"
