"""Texts that are made once and kept for this user, where they can be kept. Nothing here raises for the file system."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path


def read_kept(name: str) -> str | None:
    """Return what was kept under a file name; None where nothing was, or it cannot be read."""
    try:
        return (_folder() / name).read_text(encoding="utf-8")
    except (OSError, ValueError, RuntimeError):
        return None


def keep(name: str, text: str) -> None:
    """Keep a text under a file name, whole or not at all; a folder that cannot be written keeps nothing."""
    with contextlib.suppress(OSError, RuntimeError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=name, dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(part).replace(folder / name)
        except OSError:
            Path(part).unlink(missing_ok=True)


def _folder() -> Path:
    """Return this user's folder for caches of ours.

    Raises:
        RuntimeError: the user has no home folder.
    """
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "ncco-lang" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ncco-lang"
    stated = os.environ.get("XDG_CACHE_HOME", "")
    # A relative path there is invalid by the XDG base directory specification.
    base = Path(stated) if stated.startswith("/") else Path.home() / ".cache"
    return base / "ncco-lang"
