"""Read secrets: a reference of `ncco.toml` → its value. Error messages never contain a secret."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ncco_lang.project.targets import Reference
from ncco_lang.workspace.errors import SettingsError, reason_of
from ncco_lang.workspace.regular import read_file

_LONGEST = 1 << 16
"""Bytes. A longer file is not a secret (a device, a recording)."""


def read_secret(reference: Reference, folder: str) -> str:
    """Return the value of a reference, without trailing line ends.

    Args:
        reference: an environment variable or a file; a relative path counts from `folder`, `~` is the home folder.
        folder: the folder of `ncco.toml`.

    Raises:
        SettingsError: it is missing, unreadable, empty or not text; the message names the reference.
    """
    text = _variable(reference.name) if reference.kind == "env" else _file(reference.name, folder)
    text = text.rstrip("\r\n")
    if not text.strip():
        raise SettingsError(f"{_shown(reference)} is empty, and a secret is wanted from it")
    return text


def exposed(reference: Reference, folder: str) -> str | None:
    """Return a warning for a file that other users of this machine can read; None if only the owner can, or if unknown.

    Only a warning: what a container's orchestrator mounts is often readable by all users in there, on purpose.
    """
    if reference.kind != "file" or os.name != "posix":
        return None
    path = _path(reference.name, folder)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(mode) or not mode & stat.S_IROTH:
        return None
    return f"the file {reference.name} can be read by everybody on this machine; chmod 600 makes it yours"


def _shown(reference: Reference) -> str:
    return f"the {'environment variable' if reference.kind == 'env' else 'file'} {reference.name}"


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise SettingsError(f"the environment variable {name} is not set, and a secret is wanted from it")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        # Without the first error, which holds the value.
        raise SettingsError(f"the environment variable {name} is not UTF-8") from None
    return value


def _path(name: str, folder: str) -> Path:
    try:
        return Path(folder) / Path(name).expanduser()
    except RuntimeError:
        # There is no home folder, or no such user.
        return Path(folder) / name


def _file(name: str, folder: str) -> str:
    try:
        data = read_file(_path(name, folder), "descriptors", at_most=_LONGEST + 1)
    except OSError as failed:
        raise SettingsError(f"cannot read the secret in {name}: {reason_of(failed)}") from failed
    if len(data) > _LONGEST:
        raise SettingsError(f"cannot read the secret in {name}: it has more than {_LONGEST // 1024} KiB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"cannot read the secret in {name}: it is not UTF-8") from None
