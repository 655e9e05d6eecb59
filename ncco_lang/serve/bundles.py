"""The bundles that calls may be in, by version: kept in the server's folder until their tokens have expired."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ncco_lang.bundle import Bundle
from ncco_lang.bundle_json import BundleError, dump_bundle, load_bundle
from ncco_lang.runtime.answers import SHORT
from ncco_lang.workspace.errors import WorkspaceError
from ncco_lang.workspace.files import make_folder, write_atomic
from ncco_lang.workspace.regular import read_file

_MARGIN = 600.0
"""Seconds that a bundle is kept beyond the expiry of its last token."""
_LARGEST = 64 << 20
_SHORT = re.compile(rf"[0-9a-f]{{{SHORT}}}")


class Versions(Mapping[str, Bundle]):
    """The bundles of one application by the first digits of their versions.

    A version that another process has loaded meanwhile is read when a call asks for it.
    """

    __slots__ = ("_find", "_known")

    def __init__(self, known: dict[str, Bundle], find: Callable[[str], Bundle | None]) -> None:
        """Args: `find` returns the bundle of a version that is not known; None if there is none."""
        self._known, self._find = known, find

    def __getitem__(self, version: str) -> Bundle:
        found = self._known.get(version)
        if found is None:
            found = self._find(version)
            if found is None:
                raise KeyError(version)
            self._known[version] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class KeptBundles:
    """The bundles of one application. The time of a file is when its bundle was the newest one for the last time.

    Args:
        folder: that of the server.
        application: its key.
        seconds: how long a token is valid.
    """

    __slots__ = ("_folder", "_seconds")

    def __init__(self, folder: Path, application: str, seconds: float) -> None:
        self._folder = folder / "bundles" / application
        self._seconds = seconds

    def read(self, now: float) -> dict[str, Bundle]:
        """Return the bundles by the first digits of their versions; files that have expired or are damaged are deleted."""
        found: dict[str, Bundle] = {}
        for path in sorted(self._folder.glob("*.json")):
            try:
                if path.stat().st_mtime + self._seconds + _MARGIN > now:
                    bundle = load_bundle(read_file(path, at_most=_LARGEST).decode("utf-8"))
                    found[bundle.version[:SHORT]] = bundle
                    continue
            except (BundleError, UnicodeDecodeError):
                pass
            except OSError:
                continue
            path.unlink(missing_ok=True)
        return found

    def find(self, version: str) -> Bundle | None:
        """Return the bundle of a version; None if there is none. Never raises."""
        if _SHORT.fullmatch(version) is None:
            return None
        try:
            return load_bundle(read_file(self._folder / f"{version}.json", at_most=_LARGEST).decode("utf-8"))
        except (OSError, BundleError, UnicodeDecodeError):
            return None

    def keep(self, bundle: Bundle, now: float) -> None:
        """Keep a bundle, which is the newest one now.

        Raises:
            OutputError: it cannot be written.
        """
        path = self._path(bundle)
        if not path.exists():
            make_folder(str(self._folder))
            # The flow's params may hold what is for few eyes.
            write_atomic(str(path), dump_bundle(bundle), private=True)
        os.utime(path, (now, now))

    def touch(self, bundle: Bundle, now: float) -> None:
        """Note that a bundle is still the newest one; write it again if its file is gone. Never raises."""
        try:
            self.keep(bundle, now)
        except (OSError, WorkspaceError):
            pass

    def _path(self, bundle: Bundle) -> Path:
        return self._folder / f"{bundle.version[:SHORT]}.json"
