"""Where a file that is to be written really lies, and that no symbolic link leads there from within a project.

A link in a project that was cloned may lead anywhere, to a shell's settings for one. So nothing is written through one
that leaves the project. The project is the folder of the nearest `ncco.toml` at or above the file; without one it is the
working folder, and for a file that is not in it the file's own folder. Links above the project do not count.
"""

from __future__ import annotations

import os
from pathlib import Path

from ncco_lang.workspace.errors import OutputError
from ncco_lang.workspace.folder_scan import CONFIG
from ncco_lang.workspace.regular import is_descriptor


def real_place(name: str) -> Path:
    """Return where a file or a folder to be written lies, links followed.

    Raises:
        OutputError: a link in its project leads out of it, or no file has such a name.
    """
    try:
        real = Path(os.path.realpath(name))
    except ValueError as failed:
        raise OutputError(f"cannot write {name!r}: {failed}") from failed
    # As it is written: a link is followed nowhere.
    path = Path(os.path.abspath(name))  # noqa: PTH100 - absolute() keeps ".."
    if is_descriptor(str(path)):
        # A pipe that the shell hands over has a name of its own nowhere.
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
    """The first link on the way from a folder to what is below it that leads out of the folder."""
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
