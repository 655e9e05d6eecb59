"""The files that the arguments of a command mean.

A file named outright is always taken. Of a folder the flows are, and the JSON files that the settings call NCCO, but
nothing that a `.gitignore` leaves out: those in the folder count, and those above it up to the repository's root, or
up to the folder of the `ncco.toml` where there is no repository.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ncco_lang.project.config import CONFIG_NAME, invalid_setting, json_patterns
from ncco_lang.workspace.errors import InputError, SettingsError, reason_of
from ncco_lang.workspace.files import is_file, is_folder
from ncco_lang.workspace.projects import Project, Projects

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FLOW = ".flow"
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})

_Ignores: TypeAlias = "tuple[tuple[str, GitIgnoreSpec], ...]"
"""Folders with a `.gitignore`, the nearest first."""


class Found(NamedTuple):
    """A file to work on: its path, or `-`; its path below the folder that was named, or its own name."""

    name: str
    below: str


def discover(arguments: Iterable[str], projects: Projects, *, ncco: bool) -> Iterator[Found]:
    """The files that arguments mean, each once, in the order given and sorted within a folder.

    Args:
        arguments: files, folders and `-` for standard input.
        projects: what settings hold where.
        ncco: whether to take NCCO JSON of a folder too, or flows only.

    Raises:
        InputError: a folder or a `.gitignore` cannot be read, or the settings have a pattern that is none.
    """
    seen: set[str] = set()
    for argument in arguments:
        is_one = argument == "-" or not is_folder(argument)
        found = [Found(argument, Path(argument).name)] if is_one else sorted(_of_folder(argument, projects, ncco))
        for file in found:
            real = file.name if file.name == "-" else os.path.realpath(file.name)
            if real not in seen:
                seen.add(real)
                yield file


def is_flow(name: str, text: str) -> bool:
    """Whether a file is a flow or NCCO JSON: its suffix says it, else its first character does."""
    suffix = Path(name).suffix.lower()
    if suffix in (FLOW, ".json"):
        return suffix == FLOW
    return text.lstrip("\ufeff \t\r\n")[:1] not in ("[", "{")


def _of_folder(folder: str, projects: Projects, ncco: bool) -> Iterator[Found]:
    """The files below a folder; links to folders are not followed, so a loop of links costs nothing."""
    top = os.path.realpath(folder)
    project = projects.of_folder(top)
    settings = {top: (project, _patterns(project))}
    ignores = {top: _own_ignores(top, _ignores_above(top, project))}
    for parent, folders, files in os.walk(folder, onerror=_unreadable):
        below = os.path.relpath(parent, folder)
        here = os.path.normpath(Path(top, below))
        (project, wanted), ignored = settings.pop(here), ignores.pop(here)
        folders[:] = [name for name in sorted(folders) if _is_open(name) and not _is_ignored(here, name + "/", ignored)]
        for name in folders:
            inner = str(Path(here, name))
            nested = projects.of_folder(inner) if is_file(Path(inner, CONFIG_NAME)) else None
            settings[inner] = (project, wanted) if nested is None else (nested, _patterns(nested))
            ignores[inner] = _own_ignores(inner, ignored)
        for name in files:
            is_ncco = ncco and name.endswith(".json") and wanted.match_file(_relative(here, name, project.folder))
            if (is_ncco or name.endswith(FLOW)) and not _is_ignored(here, name, ignored):
                yield Found(os.path.normpath(Path(parent, name)), os.path.normpath(Path(below, name)))


def _is_open(name: str) -> bool:
    return not name.startswith(".") and name not in _PASSED_OVER


def _unreadable(failed: OSError) -> None:
    raise InputError(f"cannot read the folder {failed.filename}: {reason_of(failed)}") from failed


def _patterns(project: Project) -> GitIgnoreSpec:
    """Which JSON files of a project are NCCO."""
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(json_patterns(project.config))
    except ValueError as failed:
        if project.source is None:
            raise
        finding = invalid_setting(project.source, ("check", "json"), str(failed).lower(), None)
        raise SettingsError(f"{project.source.name} is not usable; nothing was done", [finding]) from failed


def _ignores_above(top: str, project: Project) -> _Ignores:
    """What the folders above one say; nothing, where they leave that very folder out: it was named outright."""
    above = _folders_above(top, project)
    ignores: _Ignores = ()
    for outer, inner in pairwise([*above, top]):
        ignores = _own_ignores(outer, ignores)
        if _is_ignored(outer, Path(inner).name + "/", ignores):
            return ()
    return ignores


def _folders_above(top: str, project: Project) -> list[str]:
    """The folders above one whose `.gitignore` counts, the outermost first."""
    parents = [str(parent) for parent in Path(top).parents]
    for number, folder in enumerate([top, *parents]):
        if Path(folder, ".git").exists():
            return parents[:number][::-1]
    if project.source is not None and project.folder in parents:
        return parents[: parents.index(project.folder) + 1][::-1]
    return []


def _own_ignores(folder: str, above: _Ignores) -> _Ignores:
    """What counts in a folder: its own `.gitignore` before those above."""
    file = Path(folder, ".gitignore")
    if not is_file(file):
        return above
    import pathspec

    try:
        text = file.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as failed:
        raise InputError(f"cannot read {file}: {reason_of(failed)}") from failed
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    try:
        return ((folder, pathspec.GitIgnoreSpec.from_lines(lines)), *above)
    except ValueError:
        # git passes over a line that is no pattern, and so do we.
        usable = [line for line in lines if _is_pattern(line)]
        return ((folder, pathspec.GitIgnoreSpec.from_lines(usable)), *above)


def _is_pattern(line: str) -> bool:
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _is_ignored(folder: str, name: str, ignores: _Ignores) -> bool:
    """Whether the nearest `.gitignore` that speaks of a file leaves it out; a folder's name ends with a slash."""
    for where, spec in ignores:
        said = spec.check_file(_relative(folder, name, where)).include
        if said is not None:
            return said
    return False


def _relative(folder: str, name: str, root: str) -> str:
    return name if folder == root else f"{os.path.relpath(folder, root)}/{name}"
