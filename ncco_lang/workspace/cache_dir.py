"""Locate the cache folder, and read and write its files so that no result depends on them.

Any file in it may be deleted, damaged or replaced at any moment, also by another ncco process. A file is written next
to its target and renamed; a file that cannot be read or written counts as missing.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.workspace.file_stamps import look
from ncco_lang.workspace.folder_scan import CONFIG

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ".ncco_cache"
VARIABLE = "NCCO_CACHE_DIR"
PREFIXES = ("check-", "run-")
"""The prefixes of its file names; no other file in the folder is ever deleted."""
_BESIDE = ".new-"
_MOST_FILES = 24
_HOUR = 3600
_BINARY = getattr(os, "O_BINARY", 0)
_NOTES = {
    ".gitignore": b"# Made by ncco. Safe to delete.\n*\n",
    "CACHEDIR.TAG": b"Signature: 8a477f597d28d172789f06886806bc55\n# Made by ncco. Safe to delete.\n",
}


def root_of(folder: str) -> str:
    """Return the nearest (real) folder at or above one that has an `ncco.toml`, else the working folder."""
    for parent in above(folder):
        found = look(f"{parent}{os.sep}{CONFIG}")
        if found is not None and stat.S_ISREG(found.st_mode):
            return parent
    return os.path.realpath(os.curdir)


def above(folder: str) -> Iterator[str]:
    """Yield a (real) folder and those above it; the topmost is the empty text."""
    while folder:
        yield folder
        folder = folder.rpartition(os.sep)[0]
    yield ""


def shelf_of(root: str) -> str:
    """Return the cache folder of a project: in the project, or a folder of its own below NCCO_CACHE_DIR."""
    chosen = os.environ.get(VARIABLE)
    if not chosen:
        return f"{root}{os.sep}{FOLDER}"
    return f"{chosen}{os.sep}{root.rpartition(os.sep)[2]}-{short_digest(root)}"


def short_digest(text: str) -> str:
    """Return eight letters for a file name. Not hashlib, whose import costs time; a clash costs speed, nothing else."""
    number = 2166136261
    for byte in text.encode("utf-8", "surrogateescape"):
        number = (number ^ byte) * 16777619 & 0xFFFFFFFF
    return f"{number:08x}"


def put(shelf: str, name: str, data: bytes) -> None:
    """Write a file of the cache; do nothing if that is not possible."""
    # Imported here: a run in which nothing has changed does not need it.
    from pathlib import Path

    folder = Path(shelf)
    beside = folder / f"{_BESIDE}{name}.{os.getpid()}.{time.monotonic_ns()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink():
            # A cloned repository may hold a link to anywhere.
            return
        for note, text in _NOTES.items():
            if not (folder / note).exists():
                _write(folder / note, text)
        try:
            _write(beside, data)
            beside.replace(folder / name)
        finally:
            beside.unlink(missing_ok=True)
        _clear(folder)
    except (OSError, ValueError):
        return


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | _BINARY, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)


def _clear(folder: Path) -> None:
    """Delete the oldest files if there are many, and the temporary files of killed processes."""
    ours = [path for path in folder.iterdir() if path.name.startswith((*PREFIXES, _BESIDE)) and path.is_file()]
    aged = sorted((path.lstat().st_mtime, path) for path in ours)
    left = [path for age, path in aged if path.name.startswith(_BESIDE) and age < time.time() - _HOUR]
    for path in left + [path for _, path in aged if not path.name.startswith(_BESIDE)][:-_MOST_FILES]:
        path.unlink(missing_ok=True)
