"""Identify the installation that a check ran with: this package, its data, its libraries."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder

from ncco_lang import __version__
from ncco_lang.workspace.file_stamps import look, read_regular

_BESIDE, _PACKAGE = __file__.rsplit(os.sep, 3)[:2]
_RECORD = f"{_BESIDE}{os.sep}ncco_lang-{__version__}.dist-info{os.sep}RECORD"
_ENDINGS = (".py", ".json", ".lark")


def own_files() -> list[str]:
    """Return the files of which at least one differs when the installation differs.

    For an installed package that is the list of its contents. A checkout has no such list, and its files change.
    """
    own = sorted(_checkout()) if look(_RECORD) is None else [_RECORD]
    return own + _numbers()


def fingerprint() -> bytes:
    """Return a digest that differs between installations that may check differently.

    Equal packages have the same digest on every machine; a checkout has its own, made of sizes and times.
    """
    from hashlib import blake2b

    digest = blake2b(repr((__version__, sys.version_info[:3])).encode(), digest_size=16)
    record = read_regular(_RECORD)
    if record is not None:
        # Without what each installer adds: its own name, and compiled files.
        lines = [line for line in record.splitlines() if line.startswith(b"ncco_lang/") and b"sha256=" in line]
        digest.update(b"\n".join(sorted(lines)))
    else:
        for path in sorted(_checkout()):
            found = look(path)
            if found is not None:
                known = (path[len(_BESIDE) :], found.st_size, found.st_mtime_ns)
                digest.update(repr(known).encode("utf-8", "surrogateescape"))
    for path in _numbers():
        digest.update(read_regular(path) or b"")
    return digest.digest()


def _checkout() -> Iterator[str]:
    """Yield the files of a checkout that a check uses."""
    waiting = [f"{_BESIDE}{os.sep}{name}" for name in (_PACKAGE, "grammar", "schemas")]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(_ENDINGS):
                    yield entry.path
                elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                    waiting.append(entry.path)


def _numbers() -> list[str]:
    """Return the file with the version of the library of telephone numbers."""
    found = PathFinder.find_spec("phonenumbers")
    return [found.origin] if found is not None and found.origin is not None else []
