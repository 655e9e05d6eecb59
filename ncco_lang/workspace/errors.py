"""Errors of the file system and the environment. Each is one sentence that says what and why."""

from __future__ import annotations

from collections.abc import Sequence

from ncco_lang.diagnostics import Diagnostic


class WorkspaceError(Exception):
    """A file or a setting is not usable."""


class InputError(WorkspaceError):
    """A file cannot be read, or its content is not text."""


class SettingsError(InputError):
    """`ncco.toml`, or the environment that it refers to, lacks what is needed.

    Attributes:
        findings: what is wrong in the file, if the file is wrong.
    """

    def __init__(self, message: str, findings: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class OutputError(WorkspaceError):
    """A file or a folder cannot be written; what was there before is unchanged."""


class AlreadyThere(OutputError):
    """A file is already at the path of a new one, and is left as it is."""


def reason_of(failed: OSError | ValueError) -> str:
    """Return in words why the operating system refused, or why what it gave is not text."""
    if isinstance(failed, UnicodeDecodeError):
        return _not_text(failed.object, failed.start)
    if isinstance(failed, ValueError):
        return str(failed)
    words = {
        FileNotFoundError: "there is no such file",
        IsADirectoryError: "it is a folder",
        PermissionError: "permission denied",
    }
    return words.get(type(failed), failed.strerror or str(failed))


def _not_text(data: bytes, at: int) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is UTF-16; save it as UTF-8"
    line = data.count(b"\n", 0, at) + 1
    column = at - (data.rfind(b"\n", 0, at) + 1) + 1
    return f"it is not UTF-8 (byte {data[at]:#04x} at line {line}, byte {column}); save it as UTF-8"
