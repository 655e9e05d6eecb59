"""Keep private keys in a folder. A key is saved before the request that carries its public half, and is never sent.

Files are named `KEY-MARK.pem`, are readable by their owner only and are never overwritten. The folder excludes itself
from version control. Profiles may share one; `ncco destroy` moves a profile's keys to the folder `destroyed-PROFILE` in
it, so that their profile is known after the state is gone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from ncco_lang.deploy.errors import NotSaved
from ncco_lang.workspace.errors import OutputError, SettingsError, reason_of
from ncco_lang.workspace.files import make_folder, write_atomic
from ncco_lang.workspace.regular import read_file

_KEY_FILE = re.compile(r"-[0-9a-f]{16}\.pem$")


def key_file_name(key: str, mark: str) -> str:
    """Return the name of an application's private key in the folder of keys."""
    return f"{key}-{mark}.pem"


class Keyring:
    """A folder of private keys.

    Args:
        folder: its path.
        shown: how messages name it.
    """

    __slots__ = ("_folder", "_shown")

    def __init__(self, folder: str, shown: str) -> None:
        self._folder = Path(folder)
        self._shown = shown

    def has(self, name: str) -> bool:
        """Return whether a key of that name exists."""
        try:
            return (self._folder / name).is_file()
        except OSError:
            return False

    def public_key(self, name: str) -> str:
        """Return the public half of a key as PEM; make the pair if it does not exist.

        Raises:
            NotSaved: the key cannot be written or read.
            SettingsError: the file is not a private key.
        """
        from ncco_lang.tokens.keys import make_key_pair, public_of

        shown = f"{self._shown}/{name}"
        try:
            private = read_file(self._folder / name).decode("utf-8")
        except FileNotFoundError:
            pair = make_key_pair()
            self._save(name, pair.private)
            return pair.public
        except (OSError, ValueError) as failed:
            why = reason_of(failed) if isinstance(failed, OSError) else "it is no text"
            raise NotSaved(f"cannot read the private key {shown}: {why}. Nothing was sent") from failed
        try:
            return public_of(private)
        except ValueError as failed:
            raise SettingsError(f"{shown}: {failed}; delete it, and a new one is made") from failed

    def read_public(self, name: str) -> str | None:
        """Return the public half of an existing key; None if the file does not exist or cannot be read.

        Raises:
            ValueError: the file is not a private key; the message shows nothing of its content.
        """
        from ncco_lang.tokens.keys import public_of

        try:
            private = read_file(self._folder / name).decode("utf-8", "replace")
        except OSError:
            return None
        return public_of(private)

    def named(self, marks: Collection[str]) -> list[str]:
        """Return the names of the keys with one of the marks, sorted."""
        return sorted(path.name for mark in marks for path in self._folder.glob(f"*-{mark}.pem"))

    def remove(self, mark: str) -> None:
        """Delete the keys with a mark, and the temporary files of killed runs that were writing them."""
        self._delete({*self._folder.glob(f"*-{mark}.pem"), *self._folder.glob(f".*-{mark}.pem.*")})

    def set_aside(self, mark: str, profile: str) -> None:
        """Set aside the keys with a mark, for a profile whose application is gone."""
        names = self.named((mark,))
        aside = self._aside(profile)
        try:
            if names:
                make_folder(str(aside))
            for name in names:
                (self._folder / name).rename(aside / name)
        except OutputError as failed:
            raise NotSaved(f"{failed}; the private keys of what is gone are put there") from failed
        except OSError as failed:
            raise NotSaved(f"cannot put {self._shown}/{name} into {aside.name}: {reason_of(failed)}") from failed

    def take_over(self, other: Keyring, marks: Collection[str], before: str, after: str) -> None:
        """Move the keys of a renamed profile here: those with its marks, and those that were set aside.

        Args:
            other: the folder with the keys.
            before, after: the profile's names.

        Raises:
            NotSaved: a key cannot be moved; the keys before it were.
        """
        here, there = self._aside(after), other._aside(before)
        shown = other._shown
        try:
            if other._folder != self._folder and (names := other.named(marks)):
                make_folder(str(self._folder))
                self._ignore()
                for name in names:
                    if not self.has(name):
                        (other._folder / name).rename(self._folder / name)
            if there.is_dir() and not here.exists():
                make_folder(str(self._folder))
                there.rename(here)
        except OutputError as failed:
            raise NotSaved(f"{failed}; the private keys in {shown} stay there") from failed
        except OSError as failed:
            raise NotSaved(f"cannot move private keys from {shown} to {self._shown}: {reason_of(failed)}") from failed

    def named_aside(self, profile: str, keys: Collection[str] | None = None) -> list[str]:
        """Return the names of a profile's keys that were set aside: those of `keys`, or all if it is None."""
        names = sorted(path.name for path in self._aside(profile).glob("*.pem"))
        return [name for name in names if keys is None or _KEY_FILE.sub("", name) in keys]

    def remove_aside(self, profile: str, keys: Collection[str] | None = None) -> None:
        """Delete the keys that `named_aside` returns."""
        aside = self._aside(profile)
        self._delete({aside / name for name in self.named_aside(profile, keys)})
        with suppress(OSError):
            aside.rmdir()

    def shown_aside(self, profile: str) -> str:
        """Return how messages name the folder of a profile's keys that were set aside."""
        return f"{self._shown}/{self._aside(profile).name}"

    def _aside(self, profile: str) -> Path:
        return self._folder / f"destroyed-{profile}"

    def _delete(self, paths: Collection[Path]) -> None:
        for path in sorted(paths):
            try:
                path.unlink(missing_ok=True)
            except OSError as failed:
                raise NotSaved(f"cannot delete {self._shown}/{path.name}: {reason_of(failed)}") from failed

    def _save(self, name: str, private: str) -> None:
        """Write a key durably: the file is complete or absent, and only its owner can read it."""
        beside = self._folder / f".{name}.{os.urandom(4).hex()}"
        try:
            make_folder(str(self._folder))
            self._ignore()
            for left in self._folder.glob(f".{name}.*"):
                left.unlink(missing_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(private)
                file.flush()
                os.fsync(file.fileno())
            # The lock is held, so no other run makes the same file in between.
            beside.rename(self._folder / name)
            _sync(self._folder)
        except OutputError as failed:
            raise NotSaved(f"{failed}; so no private key can be kept, and nothing was sent") from failed
        except OSError as failed:
            raise NotSaved(
                f"cannot write the private key {self._shown}/{name}: {reason_of(failed)}. Nothing was sent"
            ) from failed
        finally:
            try:
                beside.unlink(missing_ok=True)
            except OSError:
                pass

    def _ignore(self) -> None:
        """Keep the folder out of version control; also if a full disk left an empty file the last time."""
        ignore = self._folder / ".gitignore"
        if not ignore.exists() or ignore.stat().st_size == 0:
            write_atomic(str(ignore), "*\n")


def _sync(folder: Path) -> None:
    """Flush the names in a folder to disk, if the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
