"""Find the real path of a file to be written, and refuse a symbolic link that leads out of its project.

A link in a cloned project may lead anywhere, to a shell's settings for example. So nothing is written through a link
that leaves the project. The project is the folder of the nearest `ncco.toml` at or above the file; without one it is
the working folder, and for a file outside of that the file's own folder. Links above the project do not count.
"""

from __future__ import annotations

import os
from pathlib import Path

from ncco_lang.workspace.errors import OutputError
from ncco_lang.workspace.folder_scan import CONFIG
from ncco_lang.workspace.regular import is_descriptor


def real_place(name: str) -> Path:
    """Return the real path of a file or a folder to be written, links followed.

    Raises:
        OutputError: a link in its project leads out of it, or the name is not valid for a file.
    """
    try:
        real = Path(os.path.realpath(name))
    except ValueError as failed:
        raise OutputError(f"cannot write {name!r}: {failed}") from failed
    # The path as the user writes it: no link is followed.
    path = Path(os.path.abspath(name))  # noqa: PTH100 - absolute() keeps ".."
    if is_descriptor(str(path)):
        # A pipe from the shell has no path of its own.
        return real if real.exists() else path
    root = _project_of(path)
    if not _is_below(real, Path(os.path.realpath(root))):
        link = _leaving(path, root)
        raise OutputError(
            f"cannot write {name}: {_shown(link)} is a link that leads out of the project, to {os.path.realpath(link)}. "
            f"Nothing was written; name {real} itself if it is meant"
        )
    return real


def _project_of(path: Path) -> Path:
    for parent in path.parents:
        if os.path.lexists(parent / CONFIG):
            return parent
    here = Path.cwd()
    return here if _is_below(path, here) else path.parent


def _leaving(path: Path, root: Path) -> Path:
    """Return the first link between a folder and a path below it that leads out of the folder."""
    real = Path(os.path.realpath(root))
    between = [each for each in (*reversed(path.parents), path) if each != root and _is_below(each, root)]
    return next((each for each in between if not _is_below(Path(os.path.realpath(each)), real)), path)


def _is_below(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _shown(link: Path) -> str:
    try:
        shown = os.path.relpath(link)
    except ValueError:
        return str(link)
    return str(link) if shown.startswith(os.pardir) else shown
