"""The serve key, which seals tokens and makes paths: from the settings, or made once for this folder."""

from __future__ import annotations

import secrets
from pathlib import Path

from ncco_lang.project.targets import Reference
from ncco_lang.tokens.sealed import TokenKey
from ncco_lang.workspace.errors import AlreadyThere, SettingsError, reason_of
from ncco_lang.workspace.files import make_folder, replacing, write_atomic
from ncco_lang.workspace.projects import from_here
from ncco_lang.workspace.regular import read_file
from ncco_lang.workspace.secrets import read_secret

_BYTES = 32
KEY_FILE = "key"
"""The name of the key that was made, in the folder of the server."""


def make_serve_folder(folder: Path) -> None:
    """Create the folder of the server, which excludes itself from version control.

    Raises:
        OutputError: it cannot be written.
    """
    make_folder(str(folder))
    write_atomic(str(folder / ".gitignore"), "*\n")


def will_make_key(reference: Reference | None, folder: Path) -> bool:
    """Return whether `read_keys` makes a new key, and so new paths."""
    return reference is None and not (folder / KEY_FILE).exists()


def read_keys(reference: Reference | None, home: str, folder: Path, *, makes: bool = True) -> tuple[TokenKey, ...]:
    """Return the keys: the first one seals, and each of them opens. Without a reference one is made if there is none.

    Args:
        reference: where the settings say that the keys are, separated by white space.
        home: the folder of `ncco.toml`.
        folder: that of the server; it exists if a key may be made.
        makes: make a key if there is none. A deploy for a server on another machine needs the key of that server.

    Raises:
        SettingsError: a key cannot be read, or is too short; or there is none, and none may be made.
        OutputError: the new key cannot be written.
    """
    if reference is None:
        path = folder / KEY_FILE
        if not makes and not path.exists():
            raise SettingsError(
                f"there is no serve key in {from_here(path)}; give the key of the server: [serve] key ="
                ' "env:NCCO_SERVE_KEY" in ncco.toml'
            )
        text, shown = _made(path), from_here(path)
    else:
        text, shown = read_secret(reference, home), str(reference)
    try:
        keys = tuple(map(TokenKey, text.split()))
    except ValueError as failed:
        raise SettingsError(f"the serve key in {shown} cannot be used: {failed}") from None
    if not keys:
        raise SettingsError(f"the serve key in {shown} is empty; delete the file, and a new key is made")
    return keys


def _made(path: Path) -> str:
    """Return the key of a folder; of two processes that make one at the same time, both get the same."""
    if not path.exists():
        try:
            with replacing(str(path), over=False, private=True) as file:
                file.write(secrets.token_urlsafe(_BYTES).encode("ascii") + b"\n")
        except AlreadyThere:
            pass
    try:
        return read_file(path).decode("ascii")
    except (OSError, ValueError) as failed:
        why = reason_of(failed) if isinstance(failed, OSError) else "it is not text"
        raise SettingsError(f"cannot read the serve key {from_here(path)}: {why}") from failed
