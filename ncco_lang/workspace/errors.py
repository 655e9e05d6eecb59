"""What the outside world may refuse. Each of these is one sentence that says what and why."""

from __future__ import annotations

from collections.abc import Sequence

from ncco_lang.diagnostics import Diagnostic


class WorkspaceError(Exception):
    """A file or a setting is not as it has to be."""


class InputError(WorkspaceError):
    """A file cannot be read, or what it holds is no text."""


class SettingsError(InputError):
    """`ncco.toml`, or the environment that it leans on, does not say what is needed.

    Attributes:
        findings: what is wrong in the file, where it is the file.
    """

    def __init__(self, message: str, findings: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class OutputError(WorkspaceError):
    """A file or a folder cannot be written; what stood there before still does."""


class AlreadyThere(OutputError):
    """A file stands where a new one was to go, and is left as it is."""


def reason_of(failed: OSError) -> str:
    """Why the operating system said no, in words."""
    words = {
        FileNotFoundError: "there is no such file",
        IsADirectoryError: "it is a folder",
        PermissionError: "permission denied",
    }
    return words.get(type(failed), failed.strerror or str(failed))
