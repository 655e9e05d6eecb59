"""Print the commands' output, and errors on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO, Any

import click

from ncco_lang.cli.render import FRAME, render_text, visible
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.workspace.errors import SettingsError, WorkspaceError, reason_of

_FIXER = "check"
"""The command that makes fixes; others name it beside them."""


class Refused(click.ClickException):
    """The command cannot do what the user asked; the message is one sentence that says why.

    Args:
        hint: a line below the message that says where to read more.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message on standard error."""
        try:
            click.echo(f"ncco: {visible(self.message)}", err=True)
            if self.hint is not None:
                click.echo(self.hint, err=True)
        except OSError:
            quiet_pipe()


def quiet_pipe() -> None:
    """Redirect standard output to the null device, so that the interpreter's last flush of a closed pipe is silent."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
    except (OSError, ValueError):
        pass


def complain(failed: WorkspaceError) -> None:
    """Print an error on standard error, after the findings if it is about a file of settings."""
    findings = failed.findings if isinstance(failed, SettingsError) else ()
    if findings:
        emit_findings(findings, err=True)
    Refused(str(failed)).show()


class Complaints:
    """The errors of a run over many files; each message is reported once, however many files it affects."""

    __slots__ = ("_reported",)

    def __init__(self) -> None:
        self._reported: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._reported)

    def add(self, failed: WorkspaceError) -> None:
        """Print the error on standard error, unless it was printed before."""
        if str(failed) not in self._reported:
            self._reported.add(str(failed))
            complain(failed)


def emit(text: str, *, err: bool = False, product: bool = False) -> None:
    """Print a text as it is. A closed pipe is not an error: the command goes on to its exit code.

    A product (a document, a patch) is written in UTF-8 with its own line ends, whatever the terminal's encoding.

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
    """Print findings in the terminal's width and colours; `apart` puts a blank line before them."""
    found = list(findings)
    if not found:
        return
    running = click.get_current_context(silent=True)
    fixed_by = "--fix" if running is None or running.info_name == _FIXER else f"ncco {_FIXER} --fix"
    width = columns(sys.stderr if err else sys.stdout) or FRAME
    text = render_text(found, colour=wants_colour(err=err), width=width, fixed_by=fixed_by)
    emit(("\n" if apart and text else "") + text, err=err)


def columns(stream: IO[str] | None) -> int | None:
    """Return the width of a stream in columns: COLUMNS, or the width of its terminal; None if neither is known.

    `shutil.get_terminal_size` takes longer to import than printing takes.
    """
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and len(said) < 6 and int(said) > 0:
        return int(said)
    try:
        # A terminal of unknown width reports 0.
        return None if stream is None else os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def wants_colour(*, err: bool = False) -> bool:
    """Return whether to colour a stream: no with NO_COLOR, yes with FORCE_COLOR, else only on a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") not in (None, "", "0"):
        return True
    stream = sys.stderr if err else sys.stdout
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
