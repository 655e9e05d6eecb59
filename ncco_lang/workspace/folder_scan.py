"""What one folder holds, as far as the commands look: read once, for those who search it and those who remember it."""

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
        folders: names of the folders to look into, links left out.
        files: names of what may be a flow or NCCO, with whether it is a link.
        special: which of the names that settle how a folder is read are there.
        mark: a text that is other when anything that counts is.
    """

    folders: list[str]
    files: list[tuple[str, bool]]
    special: frozenset[str]
    mark: str


def list_folder(path: str) -> Listing:
    """What a folder holds; hidden folders and those of other tools are passed over.

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
    """Whether it is a file, or a link that leads nowhere, which is a mistake to be told.

    A pipe or a device is passed over, since nobody knows when it ends; one that is named outright is read.
    """
    try:
        return entry.is_file() or not os.path.exists(entry.path)  # noqa: PTH110 - no Path for each of a thousand files
    except OSError:
        return True
