"""Printing for the commands: a text or a product to a stream, and what went wrong to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO, Any

import click

from ncco_lang.cli.render import FRAME, render_text, visible
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.workspace.errors import SettingsError, WorkspaceError, reason_of


class Refused(click.ClickException):
    """The command cannot do what it was asked to; the message is one sentence that says why.

    Args:
        hint: a line below it, that says where to read more.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence on standard error."""
        try:
            click.echo(f"ncco: {visible(self.message)}", err=True)
            if self.hint is not None:
                click.echo(self.hint, err=True)
        except OSError:
            quiet_pipe()


def quiet_pipe() -> None:
    """Point standard output at nothing, so that the interpreter's last flush of a closed pipe stays quiet."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
    except (OSError, ValueError):
        pass


def complain(failed: WorkspaceError) -> None:
    """Say on standard error what the outside world refused, with the findings where a file of settings has them."""
    findings = failed.findings if isinstance(failed, SettingsError) else ()
    if findings:
        emit_findings(findings, err=True)
    Refused(str(failed)).show()


class Complaints:
    """What went wrong in a run over many files: the same cause is told once, however many files it stops."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._told)

    def add(self, failed: WorkspaceError) -> None:
        """Say it on standard error, unless it was said before."""
        if str(failed) not in self._told:
            self._told.add(str(failed))
            complain(failed)


def emit(text: str, *, err: bool = False, product: bool = False) -> None:
    """Print a text as it is; a closed pipe ends quietly and the command goes on to its exit code.

    A product (a document, a patch) is written in UTF-8 with its own line ends, whatever the terminal speaks.

    Raises:
        Refused: the output cannot be written, for example because the disk is full.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is None:
        if err:
            return
        raise Refused("the output cannot be written: standard output is closed")
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
        raise Refused(f"the output cannot be written: {reason_of(failed)}") from failed


def emit_findings(findings: Iterable[Diagnostic], *, err: bool = False, apart: bool = False) -> None:
    """Print findings as the terminal has colours and columns for them; `apart` from what stands above."""
    found = list(findings)
    if not found:
        return
    text = render_text(found, colour=wants_colour(err=err), width=columns(sys.stderr if err else sys.stdout) or FRAME)
    emit(("\n" if apart and text else "") + text, err=err)


def columns(stream: IO[str] | None) -> int | None:
    """How wide a stream is: as COLUMNS says, or its terminal; None where nobody knows. The other stream may be a file.

    `shutil` can tell too, and takes longer to load than all of this takes to print.
    """
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and len(said) < 6 and int(said) > 0:
        return int(said)
    try:
        # A terminal that does not know says 0.
        return None if stream is None else os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def wants_colour(*, err: bool = False) -> bool:
    """Whether to colour a stream: NO_COLOR says no, FORCE_COLOR says yes, else only a terminal gets colours."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") not in (None, "", "0"):
        return True
    stream = sys.stderr if err else sys.stdout
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
