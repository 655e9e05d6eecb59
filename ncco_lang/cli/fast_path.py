"""`ncco check` on folders in which nothing has changed since it found nothing: the answer, before anything is loaded.

The command line's library alone takes longer to load than a thousand files to compare, so this looks at the words
itself. It answers the plainest calls only, and with the words that the command has for them; every other call, and
every doubt, is for the command.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence

_QUIET = ("-q", "--quiet")


def nothing_new(arguments: Sequence[str]) -> bool:
    """Whether a call was `ncco check` on folders, had nothing to find, and is answered."""
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
        # The folder in which this was called has been deleted.
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
