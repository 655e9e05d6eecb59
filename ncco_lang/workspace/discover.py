"""Find the files that the arguments of a command mean.

A file named on the command line is always taken. In a folder, the flows are taken and the JSON files that the settings
call NCCO, except those that a `.gitignore` leaves out: in the folder and above it up to the root of the repository, or
up to the folder of the `ncco.toml` if there is no repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ncco_lang.project.config import json_patterns
from ncco_lang.workspace.errors import InputError, reason_of
from ncco_lang.workspace.file_stamps import look
from ncco_lang.workspace.files import is_file, is_folder
from ncco_lang.workspace.folder_scan import CONFIG, IGNORE, REPOSITORY, list_folder
from ncco_lang.workspace.projects import Project, Projects
from ncco_lang.workspace.regular import read_file

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FLOW = ".flow"

_Ignores: TypeAlias = "tuple[tuple[str, GitIgnoreSpec], ...]"
"""Folders with a `.gitignore`, the nearest first."""


class Found(NamedTuple):
    """A file to work on, or a folder that could not be searched.

    Attributes:
        name: its path, or `-`.
        below: its path below the folder that was named, or its own name.
        real: its real path, if it was found in a folder and not named itself.
        refusal: for a folder: why it could not be searched.
    """

    name: str
    below: str
    real: str | None = None
    refusal: InputError | None = None


class _Search(NamedTuple):
    """What to search for below a folder; the search fills `visited` and `chosen`."""

    top: str
    projects: Projects
    ncco: bool
    visited: dict[str, str]
    chosen: dict[str, GitIgnoreSpec]


class _Place(NamedTuple):
    """A folder to search: its path from the top, as shown, and real; its settings and its ignore files."""

    below: str
    shown: str
    real: str
    project: Project
    ignores: _Ignores


def discover(
    arguments: Iterable[str], projects: Projects, *, ncco: bool, visited: dict[str, str] | None = None
) -> Iterator[Found]:
    """Yield the files that arguments mean, each once, in the order given and sorted within a folder.

    A folder that cannot be read, or whose settings are not usable, is yielded in place of its files.

    Args:
        arguments: files, folders and `-` for standard input.
        projects: the settings of each folder.
        ncco: whether to take the NCCO JSON files of a folder too, or flows only.
        visited: filled with the folders that were searched, and the mark of their contents.
    """
    seen: set[str] = set()
    for argument in arguments:
        if argument == "-" or not is_folder(argument):
            found = [Found(argument, Path(argument).name)]
        else:
            search = _Search(os.path.realpath(argument), projects, ncco, {} if visited is None else visited, {})
            found = sorted(_of_folder(os.path.normpath(argument), search), key=_name_of)
        for file in found:
            real = file.real or (file.name if file.name == "-" else os.path.realpath(file.name))
            if real not in seen:
                seen.add(real)
                yield file


def is_flow(name: str, text: str) -> bool:
    """Return whether a file is a flow, else NCCO JSON: by its suffix, or by the first character of its text."""
    suffix = Path(name).suffix.lower()
    if suffix in (FLOW, ".json"):
        return suffix == FLOW
    return text.lstrip("\ufeff \t\r\n")[:1] not in ("[", "{")


def is_ncco(path: str, project: Project) -> bool:
    """Return whether the settings of a project call a JSON file NCCO.

    Raises:
        SettingsError: they have an invalid pattern.
    """
    folder, name = os.path.split(os.path.realpath(path))
    return name.endswith(".json") and _patterns(project).match_file(
        _relative(folder, name, os.path.realpath(project.folder))
    )


def _name_of(found: Found) -> str:
    return found.name


def _of_folder(folder: str, search: _Search) -> Iterator[Found]:
    """Yield the files below a folder, and the folders below it that cannot be searched."""
    waiting: list[_Place] = []
    try:
        project = search.projects.of_folder(search.top)
        shown = "" if folder == os.curdir else folder
        waiting.append(_Place("", shown, search.top, project, _ignores_above(search.top, project)))
    except InputError as failed:
        yield Found(folder, "", search.top, failed)
    while waiting:
        place = waiting.pop()
        try:
            files, folders = _look_into(place, search)
        except InputError as failed:
            yield Found(place.shown or os.curdir, place.below, place.real, failed)
        else:
            yield from files
            waiting += folders


def _look_into(place: _Place, search: _Search) -> tuple[list[Found], list[_Place]]:
    """Return the files of a folder, and the folders in it that are to be searched.

    Raises:
        InputError: it or its `.gitignore` cannot be read, or its settings are not usable.
    """
    below, shown, here, project, ignores = place
    try:
        listing = list_folder(shown or os.curdir)
    except OSError as failed:
        raise InputError(f"cannot read the folder {failed.filename}: {reason_of(failed)}") from failed
    search.visited[here] = listing.mark
    if CONFIG in listing.special and here != search.top:
        project = search.projects.of_folder(here)
    if IGNORE in listing.special:
        ignores = _own_ignores(here, ignores)
    folders = [
        _Place(_join(below, name), _join(shown, name), _join(here, name), project, ignores)
        for name in listing.folders
        if not _is_ignored(here, name + "/", ignores)
    ]
    files = []
    for name, is_link in listing.files:
        wanted = name.endswith(FLOW) or (search.ncco and _is_ncco(here, name, project, search.chosen))
        if wanted and not _is_ignored(here, name, ignores):
            real = _join(here, name)
            files.append(Found(_join(shown, name), _join(below, name), os.path.realpath(real) if is_link else real))
    return files, folders


def _join(folder: str, name: str) -> str:
    """Return the path of a name in a folder; `pathlib` would take most of the time of a search."""
    return f"{folder}{'' if not folder or not name or folder.endswith(os.sep) else os.sep}{name}"


def _is_ncco(here: str, name: str, project: Project, chosen: dict[str, GitIgnoreSpec]) -> bool:
    """Return whether the settings call a JSON file NCCO; the patterns of each project are compiled once."""
    if project.folder not in chosen:
        chosen[project.folder] = _patterns(project)
    return chosen[project.folder].match_file(_relative(here, name, project.folder))


def _patterns(project: Project) -> GitIgnoreSpec:
    """Return the patterns of a project's NCCO JSON files."""
    return _spec(json_patterns(project.config))


def _spec(lines: Sequence[str]) -> GitIgnoreSpec:
    """Return the patterns of some lines; a line that is not a pattern is ignored, as git does."""
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):
        return pathspec.GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _ignores_above(top: str, project: Project) -> _Ignores:
    """Return the ignore files above a folder; empty if they leave out the folder itself, since the user named it."""
    above = _folders_above(top, project)
    ignores: _Ignores = ()
    for outer, inner in pairwise([*above, top]):
        ignores = _own_ignores(outer, ignores)
        if _is_ignored(outer, Path(inner).name + "/", ignores):
            return ()
    return ignores


def _folders_above(top: str, project: Project) -> list[str]:
    """Return the folders above one whose `.gitignore` applies, the outermost first."""
    parents = [str(parent) for parent in Path(top).parents]
    for number, folder in enumerate([top, *parents]):
        if look(_join(folder, REPOSITORY)) is not None:
            return parents[:number][::-1]
    if project.source is not None and project.folder in parents:
        return parents[: parents.index(project.folder) + 1][::-1]
    return []


def _own_ignores(folder: str, above: _Ignores) -> _Ignores:
    """Return the ignore files that apply in a folder: its own `.gitignore` before those above."""
    file = Path(folder, IGNORE)
    if not is_file(file):
        return above
    try:
        text = read_file(file).decode("utf-8", "surrogateescape")
    except OSError as failed:
        raise InputError(f"cannot read {file}: {reason_of(failed)}") from failed
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    return ((folder, _spec(lines)), *above)


def _is_pattern(line: str) -> bool:
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def _is_ignored(folder: str, name: str, ignores: _Ignores) -> bool:
    """Return whether the nearest `.gitignore` that matches a file leaves it out; a folder's name ends with a slash."""
    for where, spec in ignores:
        said = spec.check_file(_relative(folder, name, where)).include
        if said is not None:
            return said
    return False


def _relative(folder: str, name: str, root: str) -> str:
    """Return a name in a folder as a path from `root`, which is the same folder or one above it."""
    return name if folder == root else f"{folder[len(root) :].lstrip(os.sep)}/{name}"
