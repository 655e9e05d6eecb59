"""Remember the texts in which earlier runs of `ncco check` found nothing wrong.

The cache keeps no findings: there are few, and finding them again costs no more than storing them correctly would. An
entry is the digest of a text that had no findings under certain settings; with it the stamp of the file, which saves
reading the file. The entry of a flow that imports has the paths and stamps of the imported files instead, also of those
that do not exist, so it serves only while none of them changes. In a damaged index the lines that cannot be read match nothing. A user who may write into the cache
can hide findings, as a user who may write into the sources can; nothing worse.

A value from the command line or the environment may be a secret, so neither the value nor its digest is kept: a run
with `-p` is not cached, and of a profile with `env:NAME` only the flows that do not name the param.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from ncco_lang.project.params import variables_of
from ncco_lang.workspace.cache_dir import put, shelf_of
from ncco_lang.workspace.file_stamps import NOTHING, is_settled, look, read_regular, settled_stamp, stamp
from ncco_lang.workspace.projects import Choices, Project, profile_of

_HEAD = b"ncco check 1"
_NO_DIGEST = "-" * 32
"""In place of the digest of a text that means something only beside the files that it imports."""
_MOST_LINES = 200_000


class CheckIndex:
    """The texts of a project without findings, under one set of settings."""

    __slots__ = ("_added", "_digests", "_known", "_name", "_root", "_shelf", "secrets")

    def __init__(self, root: str, settings: str, secrets: frozenset[str]) -> None:
        self.secrets = secrets
        self._root = root
        self._shelf = shelf_of(root)
        self._name = f"check-{settings}"
        self._known = _read(f"{self._shelf}{os.sep}{self._name}")
        self._digests = {line[:32] for line in self._known.values()} - {_NO_DIGEST.encode()}
        self._added: dict[bytes, bytes] = {}

    def key(self, real: str) -> bytes:
        """Return the name of a file in the index: relative to the root, so that another checkout can use the cache."""
        inside = real.startswith(self._root + os.sep)
        return (real[len(self._root) + 1 :] if inside else real).encode("utf-8", "surrogateescape")

    def imports(self, key: bytes) -> list[str]:
        """Return the full paths of the files that the file of that name imports."""
        words = self._known.get(key, b"").split(b"\0")[1:]
        return [self._path(word.partition(b" ")[2]) for word in words]

    def has_stamps(self, key: bytes, word: str, imports: Mapping[str, str | None]) -> bool:
        """Return whether the file of that name had no findings, and it and the files that it imports are unchanged."""
        return word != NOTHING and self._known.get(key, b"")[33:] == self._stamps(word, imports)

    def has_text(self, digest: str) -> bool:
        """Return whether a text had no findings, under any name."""
        return digest.encode() in self._digests

    def add(self, key: bytes, digest: str, word: str, imports: Mapping[str, str | None]) -> None:
        """Record that a text has no findings, if none of the files that it imports was changing."""
        line = b"%s %s" % (digest.encode(), self._stamps(word, imports))
        is_plain = b"\n" not in key + line and b"\t" not in line
        if is_plain and None not in imports.values() and self._known.get(key) != line:
            self._added[key] = line

    def _stamps(self, word: str, imports: Mapping[str, str | None]) -> bytes:
        others = (b"%s %s" % (f"{stamp}".encode(), self.key(path)) for path, stamp in imports.items())
        return b"\0".join([word.encode(), *others])

    def save(self) -> None:
        """Write the new entries, and keep those that other processes wrote in the meantime."""
        if not self._added:
            return
        lines = _read(f"{self._shelf}{os.sep}{self._name}")
        for key in [key for key in lines if key not in self._added and look(self._path(key)) is None]:
            del lines[key]
        lines.update(self._added)
        if len(lines) > _MOST_LINES:
            lines = self._added
        data = b"".join(b"%s\t%s\n" % (line, key) for key, line in lines.items())
        put(self._shelf, self._name, b"%s\n%s" % (_HEAD, data))

    def _path(self, key: bytes) -> str:
        name = key.decode("utf-8", "surrogateescape")
        return name if name.startswith(os.sep) else f"{self._root}{os.sep}{name}"


def _read(path: str) -> dict[bytes, bytes]:
    """Return the lines of an index by file name; empty if the file is missing or is not an index."""
    head, _, rest = (read_regular(path) or b"").partition(b"\n")
    if head != _HEAD:
        return {}
    lines = (line.partition(b"\t") for line in rest.split(b"\n"))
    return {key: line for line, _, key in lines if key}


class Entry:
    """The cache entry of one file.

    Attributes:
        imports: the full path of each file that it imports → its stamp, as `settled_stamp` has it.
    """

    __slots__ = ("_digest", "_index", "_key", "_kind", "_stamp", "imports")

    def __init__(self, index: CheckIndex, real: str, kind: str) -> None:
        found = look(real)
        self._index = index
        self._kind = kind
        self._key = index.key(real)
        self._stamp = stamp(found) if found is not None and is_settled(found, time.time_ns()) else NOTHING
        self._digest = ""
        self.imports: Mapping[str, str | None] = {}

    @property
    def stamp(self) -> str:
        """The file's stamp before it was read; `-` if a later change might leave the stamp the same."""
        return self._stamp

    def is_same_file(self) -> bool:
        """Return whether the file had no findings and has not changed since."""
        self.imports = {path: settled_stamp(path) for path in self._index.imports(self._key)}
        return self._index.has_stamps(self._key, self._stamp, self.imports)

    def is_same_text(self, text: str) -> bool:
        """Return whether the text that was read had no findings, under any name."""
        from hashlib import blake2b

        if not any(name in text for name in self._index.secrets):
            self._digest = blake2b(f"{self._kind}\0{text}".encode(), digest_size=16).hexdigest()
        known = bool(self._digest) and self._index.has_text(self._digest)
        if known:
            self.keep()
        return known

    def keep(self, imports: Mapping[str, str | None] | None = None) -> None:
        """Record that the text has no findings beside the files that it imports, whose stamps are from before."""
        self.imports = imports or {}
        if self._digest:
            digest = _NO_DIGEST if imports else self._digest
            self._index.add(self._key, digest, self._stamp, self.imports)


class Cache:
    """The indexes of one run.

    Attributes:
        stamps: the stamp of each file that was checked.
    """

    __slots__ = ("_choices", "_entries", "_indexes", "_installation", "stamps")

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._entries: list[Entry] = []
        self._indexes: dict[str, CheckIndex | None] = {}
        self._installation = b""
        self.stamps: dict[str, str] = {}

    def entry(self, real: str, kind: str, project: Project) -> Entry | None:
        """Return a file's entry; None if nothing can be kept.

        Args:
            real: its real path.
            kind: the suffix that decides how it is read; the target of a link may have another suffix.
            project: the settings of its project.

        Raises:
            SettingsError: the chosen profile does not exist.
        """
        if project.folder not in self._indexes:
            self._indexes[project.folder] = self._open(project)
        index = self._indexes[project.folder]
        if index is None or not real.endswith(f".{kind}"):
            self.stamps[real] = NOTHING
            return None
        entry = Entry(index, real, kind)
        self.stamps[real] = NOTHING if index.secrets else entry.stamp
        self._entries.append(entry)
        return entry

    def imports(self) -> dict[str, str | None]:
        """Return the stamps of the files that the checked files import."""
        return {path: word for entry in self._entries for path, word in entry.imports.items()}

    def save(self) -> None:
        """Write the new entries of every index."""
        for index in self._indexes.values():
            if index is not None:
                index.save()

    def _open(self, project: Project) -> CheckIndex | None:
        from hashlib import blake2b

        settings, secrets = _settings(project, self._choices)
        if secrets is None:
            return None
        if not self._installation:
            from ncco_lang.workspace.installation import fingerprint

            try:
                self._installation = fingerprint()
            except OSError:
                return None
        words = repr(settings).encode("utf-8", "surrogateescape")
        digest = blake2b(self._installation + words, digest_size=16).hexdigest()
        root = os.path.realpath(os.curdir) if project.source is None else project.folder
        return CheckIndex(root, digest, secrets)


def _settings(project: Project, choices: Choices) -> tuple[list[Any], frozenset[str] | None]:
    """Return the settings that decide a check, and the params with secrets; None for these if a variable is not set."""
    profile = profile_of(project, choices.profile)
    config = project.config
    provider = choices.provider or (None if profile is None else profile.provider) or config.provider
    base_url = choices.base_url or (None if profile is None else profile.base_url)
    params = {} if profile is None else {name: setting.value for name, setting in profile.params.items()}
    variables = [variable for value in params.values() for variable in variables_of(value)]
    secrets = frozenset(name for name, value in params.items() if any(variables_of(value)))
    of_graph = None if profile is None else (profile.joins, profile.mixed_barge_in)
    settings: list[Any] = [provider, base_url, sorted(config.severity.items()), config.serve.get("allow"), of_graph]
    settings.append(sorted(params.items(), key=lambda item: item[0]))
    return settings, secrets if all(name in os.environ for name in variables) else None
