"""Read the format version of a state file, upgrade an older one, and back it up."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

from ncco_lang.deploy.errors import NotSaved
from ncco_lang.deploy.state import State
from ncco_lang.workspace.errors import AlreadyThere, OutputError
from ncco_lang.workspace.files import replacing

VERSION = 3
"""The newest format version."""
_WITHOUT_SERVED = 2


def version_of(data: Any) -> int:
    """Return the format version of a state; 0 if it has none."""
    version = data.get("version") if isinstance(data, dict) else None
    return version if isinstance(version, int) and not isinstance(version, bool) else 0


def version_for(state: State) -> int:
    """Return the format version to write: 2, which older versions of ncco read, unless the state has a served flow."""
    is_served = any(each.served is not None or not each.document for each in state.applications.values())
    was_served = any(each.bundle is not None for version in state.history for each in version.changed.values())
    return VERSION if is_served or was_served else _WITHOUT_SERVED


def upgraded(data: Any) -> Any:
    """Return the JSON of a state in the current format; unchanged unless it is in an older format."""
    if version_of(data) != 1:
        return data
    # Version 1 did not record a create that it gave up.
    return {**data, "version": _WITHOUT_SERVED, "given_up": {}}


def keep_backup(path: str, content: bytes, version: int, shown: str) -> str:
    """Write a backup of a state in an older format beside the file, and return how messages name it.

    The name is `NAME.v1.bak`, or `NAME.v1.2.bak` and so on if that holds another state: no backup is overwritten.

    Raises:
        NotSaved: the backup cannot be written.
    """
    for number in count(1):
        ending = f".v{version}.bak" if number == 1 else f".v{version}.{number}.bak"
        try:
            with replacing(path + ending, over=False) as file:
                file.write(content)
        except AlreadyThere:
            if Path(path + ending).read_bytes() != content:
                continue
        except OutputError as failed:
            raise NotSaved(
                f"{failed}; it would be the backup of {shown}, which was left as it is. Make it possible to write there "
                "and run it again"
            ) from failed
        return shown + ending
    raise AssertionError("count does not end")
