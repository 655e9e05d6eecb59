"""List what the commands need of one folder, for the search of files and for the snapshot of a run."""

from __future__ import annotations

import os
from typing import NamedTuple

CONFIG = "ncco.toml"
IGNORE = ".gitignore"
REPOSITORY = ".git"
_SPECIAL = frozenset({CONFIG, IGNORE, REPOSITORY})
_ENDINGS = (".flow", ".json")
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


class Listing(NamedTuple):
    """A folder's content.

    Attributes:
        folders: names of the folders to search, without links.
        files: names of possible flows and NCCO files, with whether each is a link.
        special: which of `ncco.toml`, `.gitignore` and `.git` are there.
        mark: a text that differs when any of these differ.
    """

    folders: list[str]
    files: list[tuple[str, bool]]
    special: frozenset[str]
    mark: str


def list_folder(path: str) -> Listing:
    """Return what a folder holds, without hidden folders and those of other tools.

    Raises:
        OSError: it cannot be read.
    """
    folders: list[str] = []
    files: list[tuple[str, bool]] = []
    marks: list[str] = []
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            if name in _SPECIAL:
                marks.append(name)
            elif name.endswith(_ENDINGS) and _is_file(entry):
                is_link = entry.is_symlink()
                files.append((name, is_link))
                marks.append(f"{name}@{os.path.realpath(entry.path)}" if is_link else name)
            elif name[0] == "." or name in _PASSED_OVER or not _is_folder(entry):
                continue
            elif not entry.is_symlink():
                # A link to a folder is not followed, so that a loop of links costs nothing.
                folders.append(name)
                marks.append(name + "/")
    special = frozenset(_SPECIAL.intersection(marks))
    return Listing(folders, files, special, "/".join(sorted(marks)))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether it is a file, or a link that leads nowhere, which is reported as a mistake.

    A pipe or a device is skipped, since reading it may never end; one that the user names is read.
    """
    try:
        return entry.is_file() or not os.path.exists(entry.path)  # noqa: PTH110 - no Path for each of a thousand files
    except OSError:
        return True
