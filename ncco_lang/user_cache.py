"""Cache texts for this user, if the file system allows it. Nothing here raises for the file system."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path


def read_kept(name: str) -> str | None:
    """Return the text cached under a file name; None if there is none or it cannot be read."""
    try:
        return (_folder() / name).read_text(encoding="utf-8")
    except (OSError, ValueError, RuntimeError):
        return None


def keep(name: str, text: str) -> None:
    """Cache a text under a file name, whole or not at all; do nothing if the folder cannot be written."""
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
    """Return this user's cache folder for this program.

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
