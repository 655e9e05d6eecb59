"""Detect that nothing has changed since a whole run found nothing wrong, so that there is nothing to do.

A run without findings leaves a list of everything that it read: the files, those that they import, the contents of each folder, the settings
and ignore files at and above them (also those that were missing), and the files of ncco itself, each with its stamp.
While all of these are unchanged, the result is too. This module only asks the file system, reads no file but the list,
and imports no large module; a second check of a thousand files takes less time than reading them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence

from ncco_lang.workspace.cache_dir import above, put, root_of, shelf_of, short_digest
from ncco_lang.workspace.file_stamps import NOTHING, is_settled, look, look_at_name, read_regular, stamp
from ncco_lang.workspace.folder_scan import CONFIG, IGNORE, REPOSITORY, list_folder

_HEAD = "ncco run 1"


def run_of(folders: Sequence[str], choices: Sequence[str | None]) -> str:
    """Return a line that identifies a run: its folders and the choices of its command line."""
    return repr((_HEAD, sys.version, sys.executable, __file__, [os.path.realpath(each) for each in folders], *choices))


def files_unchanged(run: str, first: str) -> int | None:
    """Return how many files a run would check again without need; None if a file may have changed.

    Args:
        run: the line of `run_of`.
        first: the first of its folders; the list is in the cache of its project.
    """
    data = read_regular(_place(run, first)) or b""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if lines[0] != run or lines[-1] != f"{len(lines)}":
        return None
    checked = 0
    for line in lines[1:-1]:
        kind, _, rest = line.partition("\t")
        was, _, path = rest.partition("\t")
        if _state(kind, path) != was or (kind == "checked" and was == NOTHING):
            return None
        checked += kind == "checked"
    return checked


def remember(
    run: str,
    folders: Sequence[str],
    visited: Mapping[str, str],
    files: Mapping[str, str],
    imports: Mapping[str, str | None],
    now: int,
) -> None:
    """Write the list of a run without findings, if none of what it read was changing.

    Args:
        run: the line of `run_of`.
        folders: the folders of the command line.
        visited: the folders that it searched, and the mark of the contents of each.
        files: the stamps of the files that it checked, from before it read them.
        imports: the stamps of the files that these import, also of those that do not exist; None for one that was changing.
        now: when it began, in nanoseconds.
    """
    from ncco_lang.workspace.installation import own_files

    if NOTHING in files.values() or None in imports.values():
        return
    lines = [("folder", mark, path) for path, mark in visited.items()]
    lines += [("checked", word, path) for path, word in files.items()]
    lines += [("file", word, path) for path, word in imports.items() if word is not None]
    try:
        beside = dict.fromkeys([*own_files(), *_settings_of(visited, folders)])
    except OSError:
        return
    for path in beside:
        found = look_at_name(path)
        if found is not None and not is_settled(found, now):
            return
        lines.append(("file", stamp(found), path))
    parents = {parent for folder in folders for parent in above(os.path.realpath(folder))}
    for parent in sorted(parents):
        path = f"{parent}{os.sep}{REPOSITORY}"
        lines.append(("there", _state("there", path) or "", path))
    if any("\n" in word or "\t" in word for line in lines for word in line):
        return
    # The number of lines is the last line, so that half a list is not valid.
    text = "\n".join([run, *("\t".join(line) for line in lines), f"{len(lines) + 2}"])
    shelf, _, name = _place(run, folders[0]).rpartition(os.sep)
    put(shelf, name, text.encode("utf-8", "surrogateescape"))


def _place(run: str, first: str) -> str:
    shelf = shelf_of(root_of(os.path.realpath(first)))
    return f"{shelf}{os.sep}run-{short_digest(run)}"


def _state(kind: str, path: str) -> str | None:
    """Return the current state of a path, as a list records it; None for an unknown kind or an unreadable folder."""
    match kind:
        case "checked":
            return stamp(look(path))
        case "file":
            return stamp(look_at_name(path))
        case "folder":
            try:
                return list_folder(path).mark
            except (OSError, ValueError):
                return None
        case "there":
            return NOTHING if look(path) is None else "yes"
        case _:
            return None


def _settings_of(visited: Mapping[str, str], folders: Sequence[str]) -> Iterable[str]:
    """Yield the paths of settings and ignore files, existing or not: in the folders of a run and above them."""
    for folder, mark in visited.items():
        yield from (f"{folder}{os.sep}{name}" for name in (CONFIG, IGNORE) if name in mark.split("/"))
    for folder in folders:
        for parent in above(os.path.realpath(folder)):
            yield from (f"{parent}{os.sep}{name}" for name in (CONFIG, IGNORE))
