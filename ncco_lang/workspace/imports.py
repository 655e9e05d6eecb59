"""Read the files that flows import, from the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.source import Source
from ncco_lang.workspace.errors import reason_of
from ncco_lang.workspace.file_stamps import settled_stamp
from ncco_lang.workspace.projects import from_here
from ncco_lang.workspace.regular import read_file

if TYPE_CHECKING:
    from ncco_lang.program.imports import OtherFile, Unread

Known: TypeAlias = "dict[str, tuple[OtherFile | Unread, str | None]]"
"""Full path → what was read, and the stamp from before, for one run."""


class DiskReader:
    """Reads the files that one flow imports, each once in a run.

    Attributes:
        home: the path of the flow from the root, with `/`.
        stamps: the full path of each file that was asked for → its stamp from before it was read, as `settled_stamp` has it.

    Args:
        root: the real path of the project's folder.
        name: the path of the flow; for standard input, a name in the working folder.
        known: the files that were read for other flows of this run.
    """

    __slots__ = ("_known", "_root", "home", "stamps")

    def __init__(self, root: str, name: str, known: Known | None = None) -> None:
        real = os.path.realpath(name)
        home = _below(root, real)
        # A flow outside of the project, by its path or by a link, has only its own folder.
        self._root = root if home is not None else os.path.dirname(real)  # noqa: PTH120 - a text, as the others are
        self.home = home or os.path.basename(real)  # noqa: PTH119
        self._known: Known = {} if known is None else known
        self.stamps: dict[str, str | None] = {}

    def read(self, path: str) -> OtherFile | Unread:
        """Return a file by its path from the root."""
        full = f"{self._root}{os.sep}{path}"
        if full not in self._known:
            before = settled_stamp(full)
            self._known[full] = read_below(self._root, full, from_here), before
        found, self.stamps[full] = self._known[full]
        return found


def read_below(root: str, full: str, name_of: Callable[[Path], str]) -> OtherFile | Unread:
    """Return a file that is imported.

    Args:
        root: the real path of the project's folder.
        full: the full path of the file.
        name_of: returns the name of a file in findings, from its real path.
    """
    # Imported here, because few flows import.
    from ncco_lang.program.imports import LONGEST_FILE, NO_FILE, OtherFile, Unread

    try:
        real = os.path.realpath(full)
        path = _below(root, real)
        if path is None:
            return Unread("it is a link that leads out of the project")
        data = read_file(real, at_most=LONGEST_FILE + 1)
        if len(data) > LONGEST_FILE:
            return Unread(f"it is larger than {LONGEST_FILE >> 20} MiB")
        return OtherFile(path, Source(name_of(Path(real)), data.decode("utf-8")))
    except FileNotFoundError:
        return NO_FILE
    except (OSError, UnicodeDecodeError) as failed:
        return Unread(reason_of(failed))
    except ValueError:
        return Unread("its path is not valid for a file")


def _below(root: str, real: str) -> str | None:
    """Return a real path from the root, with `/`; None if it is outside."""
    top = root.rstrip(os.sep) + os.sep
    return real[len(top) :].replace(os.sep, "/") if real.startswith(top) else None
