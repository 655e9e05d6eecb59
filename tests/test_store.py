"""Stores of documents: folders, and targets of fsspec."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from ncco_lang.store.documents import Documents
from ncco_lang.store.errors import StoreError
from tests.shells.shell import LONGEST, ROOT, as_user, environment

NAME = "0123456789abcdef/00112233445566778899.json"
DATA = '[{"action":"talk","text":"Grüße"}]'.encode()


class Slow(MemoryFileSystem):  # type: ignore[misc]
    """A file system whose folders must be created, which records what it is given and may refuse."""

    protocol = "s3"
    cachable = False
    refusal: Exception | None = None
    written_with: dict[str, Any]

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        inside: str = super()._strip_protocol(path.replace("s3://", "memory://"))
        return inside

    def pipe_file(self, path: str, value: bytes, **more: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        if not self.isdir(self._parent(path)):
            raise FileNotFoundError(path)
        type(self).written_with = more
        super().pipe_file(path, value)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **more: Any) -> bytes:
        if self.refusal is not None:
            raise self.refusal
        content: bytes = super().cat_file(path, start, end, **more)
        return content

    def rm_file(self, path: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        super().rm_file(path)


@pytest.fixture
def _memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty memory://, and s3:// with a driver."""
    # The module, which a mapping of the same name hides.
    monkeypatch.setitem(sys.modules["fsspec.registry"]._registry, "s3", Slow)
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    yield
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


# ── Everywhere ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("_memory")
@pytest.mark.parametrize("place", ["public/ncco", "memory://bucket/ncco/", "s3://bucket/ncco", "file://HERE/public"])
def test_a_document_comes_and_goes(place: str, tmp_path: Path) -> None:
    store = Documents(place.replace("HERE", str(tmp_path)), str(tmp_path))
    assert store.get(NAME) is None
    store.delete(NAME)
    assert store.put(NAME, DATA) is True
    assert store.get(NAME) == DATA
    assert store.put(NAME, DATA) is False
    assert store.put(NAME, DATA + b"\xff\x00") is True
    assert Documents(place.replace("HERE", str(tmp_path)), str(tmp_path)).get(NAME) == DATA + b"\xff\x00"
    assert store.put(NAME.replace("00112", "99999"), DATA) is True
    folder = NAME.partition("/")[0]
    assert store.names(folder) == sorted([NAME, NAME.replace("00112", "99999")])
    assert store.names("elsewhere") == []
    store.delete(NAME)
    assert store.get(NAME) is None
    assert store.get(NAME.replace("00112", "99999")) == DATA
    assert store.names(folder) == [NAME.replace("00112", "99999")]


@pytest.mark.usefixtures("_memory")
@pytest.mark.parametrize("place", ["public", "memory://bucket"])
@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/../b", "/etc/a", "a//b", "a/", "a\\b", "a\n", "a b", ".hidden", "é", "a" * 201]
)
def test_no_name_leads_out_of_the_place(place: str, name: str, tmp_path: Path) -> None:
    store = Documents(place, str(tmp_path))
    for act in (store.get, store.delete, lambda name: store.put(name, DATA)):
        with pytest.raises(StoreError, match="cannot be the name of a document"):
            act(name)
    assert list(tmp_path.iterdir()) == []


# ── A folder ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_holds_the_documents_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for place, top in (("public/ncco", tmp_path / "public/ncco"), ("~/public", tmp_path / "home/public")):
        store = Documents(place, str(tmp_path))
        store.put(NAME, DATA)
        assert [path for path in top.rglob("*") if path.is_file()] == [top / NAME]
        assert (top / NAME).read_bytes() == DATA
        # Web servers read it: unlike a temporary file, it is not readable by its owner alone.
        assert (top / NAME).stat().st_mode & 0o044 == 0o044
        store.delete(NAME)
        assert list(top.iterdir()) == []


def test_what_is_there_already_is_not_touched(tmp_path: Path) -> None:
    store = Documents("public", str(tmp_path))
    store.put(NAME, DATA)
    before = (tmp_path / "public" / NAME).stat()
    assert store.put(NAME, DATA) is False
    after = (tmp_path / "public" / NAME).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("", encoding="utf-8")
    store = Documents("public", str(tmp_path))
    with pytest.raises(StoreError, match=r"cannot make the folder .*: a file is in its way"):
        store.put(NAME, DATA)
    assert store.get(NAME) is None
    store.delete(NAME)
    (tmp_path / "other" / NAME).mkdir(parents=True)
    other = Documents("other", str(tmp_path))
    for act in (lambda: other.get(NAME), lambda: other.put(NAME, DATA), lambda: other.delete(NAME)):
        with pytest.raises(StoreError, match=r"^cannot (read|write|delete) .*\.json: "):
            act()


PUT = "import sys; from ncco_lang.store.documents import Documents; Documents('public', '.').put(sys.argv[1], b'new' * 9999)"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    Documents("public", str(tmp_path)).put(NAME, DATA)
    # No file can grow, as on a full disk.
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh", sys.executable, "-c", PUT, NAME],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    assert done.stderr.splitlines()[-1].startswith(f"ncco_lang.store.errors.StoreError: cannot write public/{NAME}: ")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "public" / NAME]
    assert (tmp_path / "public" / NAME).read_bytes() == DATA


@as_user
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    store = Documents("public", str(tmp_path))
    store.put(NAME, DATA)
    folder = (tmp_path / "public" / NAME).parent
    folder.chmod(0o500)
    try:
        with pytest.raises(StoreError, match=r"cannot write .*\.json: permission denied"):
            store.put(NAME, b"new")
        with pytest.raises(StoreError, match=r"cannot delete .*\.json: permission denied"):
            store.delete(NAME)
        assert store.get(NAME) == DATA
        with pytest.raises(StoreError, match=r"cannot write .*\.json: permission denied"):
            store.put(NAME.replace("00112", "99999"), DATA)
        folder.chmod(0)
        with pytest.raises(StoreError, match=r"cannot read .*\.json: permission denied"):
            store.get(NAME)
    finally:
        folder.chmod(0o700)


# ── An object store ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("_memory")
def test_an_object_store_is_told_what_is_written() -> None:
    Documents("s3://bucket/ncco", ".").put(NAME, DATA)
    assert Slow.written_with == {"ContentType": "application/json"}
    assert list(MemoryFileSystem.store) == [f"/bucket/ncco/{NAME}"]


@pytest.mark.usefixtures("_memory")
@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (PermissionError("Access Denied"), "permission denied"),
        (NotADirectoryError(20, "Not a directory"), "Not a directory"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (RuntimeError("Unable to locate credentials\nmore"), "Unable to locate credentials"),
        (KeyError(), "KeyError"),
    ],
    ids=repr,
)
def test_a_store_that_refuses(refusal: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Documents("s3://bucket/ncco/", ".")
    monkeypatch.setattr(Slow, "refusal", refusal)
    for doing, act in (("read", store.get), ("delete", store.delete), ("read", lambda name: store.put(name, DATA))):
        with pytest.raises(StoreError) as refused:
            act(NAME)
        assert str(refused.value) == f"cannot {doing} s3://bucket/ncco/{NAME}: {words}"
    monkeypatch.setattr(Slow, "refusal", None)
    assert store.get(NAME) is None


def test_a_driver_that_is_not_installed() -> None:
    # SFTP's driver comes with fsspec, but the library that it needs does not come with any of ours.
    if find_spec("paramiko") is not None:
        pytest.skip("paramiko is installed here")
    with pytest.raises(StoreError) as refused:
        Documents("sftp://example.com/ncco", ".").put(NAME, DATA)
    assert str(refused.value) == (
        "the store sftp://example.com/ncco needs a library that is not installed: pip install paramiko"
    )


def test_a_protocol_that_nobody_knows() -> None:
    with pytest.raises(
        StoreError, match=r"^cannot read nonsense://bucket/0123456789abcdef/.*\.json: Protocol not known"
    ):
        Documents("nonsense://bucket", ".").get(NAME)


def test_a_folder_does_not_load_fsspec(tmp_path: Path) -> None:
    code = f"{PUT}; sys.exit('fsspec' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, NAME],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT)}),
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0


@pytest.mark.usefixtures("_memory")
def test_a_bucket_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    # An object store does not create buckets on writing.
    monkeypatch.setattr(Slow, "makedirs", lambda *_, **__: None)
    with pytest.raises(StoreError, match=r"^cannot write s3://bucket/.*\.json: there is no such bucket or folder$"):
        Documents("s3://bucket", ".").put(NAME, DATA)
