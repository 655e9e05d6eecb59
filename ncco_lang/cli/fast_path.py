"""Answer `ncco check` on folders that have not changed since a run without findings, before click is imported.

Importing click takes longer than comparing a thousand files, so this module reads the arguments itself. It answers
only calls without options other than `-q`, with the command's own output; every other call goes to the command.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence

_QUIET = ("-q", "--quiet")


def nothing_new(arguments: Sequence[str]) -> bool:
    """Return whether the call was `ncco check` on unchanged folders without findings, and has been answered."""
    if list(arguments[:1]) != ["check"] or "_NCCO_COMPLETE" in os.environ or sys.stdout is None:
        return False
    folders = [word for word in arguments[1:] if word not in _QUIET] or [os.curdir]
    is_quiet = any(word in _QUIET for word in arguments)
    if any(word.startswith("-") or not _is_folder(word) for word in folders):
        return False
    from ncco_lang.workspace.run_snapshot import files_unchanged, run_of

    try:
        number = files_unchanged(run_of(folders, (None, None)), folders[0])
    except OSError:
        # The working folder has been deleted.
        return False
    if not number:
        return False
    if not is_quiet:
        try:
            sys.stdout.write(f"no findings in {number} file{'' if number == 1 else 's'}\n")
            sys.stdout.flush()
        except OSError:
            return False
    return True


def _is_folder(word: str) -> bool:
    from ncco_lang.workspace.file_stamps import look

    found = look(word)
    return found is not None and stat.S_ISDIR(found.st_mode)
