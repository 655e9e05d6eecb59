"""A pipe, device or socket in place of a file is refused at once wherever the user did not name it to be read."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ncco_lang.deploy.errors import NotSaved, StateError
from ncco_lang.deploy.keyring import Keyring
from ncco_lang.deploy.lock import Lock
from ncco_lang.deploy.state_file import read_state
from ncco_lang.store.documents import Documents
from ncco_lang.store.errors import StoreError
from ncco_lang.workspace.errors import InputError
from ncco_lang.workspace.files import read_settings, read_source

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")

MARK = "0123456789abcdef"


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            # A short name, because the path of a socket has at most a hundred bytes.
            made.bind(path.name)
    finally:
        os.chdir(here)


MAKE: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": Path.mkdir,
}


def _lock(path: Path) -> None:
    with Lock(str(path.with_suffix("")), shown="here", clock=lambda: 1e9, say=print):
        pass


READ: dict[str, tuple[type[Exception], Callable[[Path], object]]] = {
    "state": (StateError, lambda path: read_state(str(path))),
    "lock": (NotSaved, _lock),
    "settings": (InputError, lambda path: read_settings(str(path), "ncco.toml")),
    # Plan files and the flows of applications too.
    "source": (InputError, lambda path: read_source(str(path))),
    "key": (NotSaved, lambda path: Keyring(str(path.parent), "keys").public_key(path.name)),
    "document": (
        StoreError,
        lambda path: Documents(str(path.parent.parent), "/").get(f"{path.parent.name}/{path.name}"),
    ),
}


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("what", READ)
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str, what: str) -> None:
    path = tmp_path / MARK / "file.lock"
    path.parent.mkdir()
    MAKE[kind](path)
    error, read = READ[what]
    with pytest.raises(error, match=re.escape(f"it is {kind}")):
        read(path)
