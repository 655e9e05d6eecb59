"""The call store of a server that goes on: its file is deleted, replaced or made by two processes, and nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from ncco_lang.serve.applications import Sources
from ncco_lang.serve.call_store import SqliteStore
from ncco_lang.serve.service import CALLS, Service, open_service
from ncco_lang.serve.upkeep import Upkeep
from ncco_lang.workspace.projects import Choices
from tests.test_serve_app import sender

FLOW = 'step start { menu "Press 1." { 1 -> start; silence, otherwise -> retry; give_up -> last } }\nstep last { hangup }\n'
NOW = 1000.0


@pytest.fixture
def warned() -> list[str]:
    return []


@pytest.fixture
def service(tmp_path: Path, warned: list[str]) -> Iterator[Service]:
    (tmp_path / "ncco.toml").write_text("")
    (tmp_path / "menu.flow").write_text(FLOW)
    sources = Sources((str(tmp_path / "menu.flow"),), Choices(base_url="http://127.0.0.1:1"))
    service = open_service(sources, tell=lambda _: None, warn=warned.append)
    yield service
    service.close()


def failure_of(service: Service) -> str:
    return asyncio.run(Upkeep(service).failure())


@pytest.mark.parametrize("names", [(CALLS,), (CALLS, f"{CALLS}-wal"), (CALLS, f"{CALLS}-wal", f"{CALLS}-shm")])
def test_a_file_that_is_deleted_is_made_again_with_what_it_had(
    service: Service, warned: list[str], names: tuple[str, ...]
) -> None:
    path = service.settings.folder / CALLS
    kept = [service.store.put("leg", b"%d" % number * 900, NOW) for number in range(2000)]
    for name in names:
        (path.parent / name).unlink()
    assert service.store.is_moved()
    assert failure_of(service) == ""
    assert warned == ["the call store was deleted or replaced; it is open again"]
    assert not service.store.is_moved()
    kept.append(service.store.put("leg", b"new", NOW))
    service.store.close()
    again = SqliteStore(path)
    assert [again.get(reference) for reference in kept] == [*(b"%d" % number * 900 for number in range(2000)), b"new"]
    again.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_all_processes_find_the_file_that_one_of_them_has_made(service: Service) -> None:
    path = service.settings.folder / CALLS
    stores = [SqliteStore(path) for _ in range(3)]
    path.unlink()
    kept = []
    for store in stores:
        assert store.is_moved()
        store.go_on_with(SqliteStore(path, before=store))
        kept.append(store.put("leg", b"x", NOW))
    assert [[store.get(reference) for reference in kept] for store in stores] == [[b"x"] * 3] * 3
    for store in stores:
        store.close()
    assert failure_of(service) == ""
    assert [service.store.get(reference) for reference in kept] == [b"x"] * 3


def test_a_folder_that_is_deleted_is_made_again_without_its_key(service: Service, warned: list[str]) -> None:
    reference = service.store.put("leg", b"x", NOW)
    shutil.rmtree(service.settings.folder)
    assert failure_of(service) == ""
    assert service.store.get(reference) == b"x"
    service.touch_versions(NOW)
    assert len(list((service.settings.folder / "bundles" / "menu").iterdir())) == 1
    assert len(warned) == 2
    assert "key was deleted; put it back" in warned[0]


def test_a_store_that_is_damaged_in_its_place_is_made_again_empty_when_it_is_deleted(service: Service) -> None:
    path = service.settings.folder / CALLS
    service.store.put("leg", b"x" * 9000, NOW)
    service.tidy_store(0.0)
    with path.open("r+b") as file:
        file.write(b"\xff" * 5000)
    assert "malformed" in failure_of(service) or "not a database" in failure_of(service)
    path.unlink()
    assert failure_of(service) == ""
    assert service.store.get(service.store.put("leg", b"y", NOW)) == b"y"


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database" * 100)


def _other_version(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 9")
    database.close()


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_garbage, "file is not a database; without calls it may be deleted"),
        (_other_version, "is of another version of ncco"),
        (_folder, "unable to open database file"),
    ],
)
def test_a_store_that_cannot_be_used_is_reported_once_and_calls_go_on(
    service: Service, warned: list[str], spoil: Callable[[Path], None], words: str
) -> None:
    path = service.settings.folder / CALLS
    reference = service.store.put("leg", b"x", NOW)
    for each in path.parent.glob(f"{CALLS}*"):
        each.unlink()
    spoil(path)
    clock = count().__next__
    upkeep = Upkeep(service, clock=clock)
    for _ in range(3):
        asyncio.run(upkeep.failure())
    assert len(warned) == 1
    assert warned[0].startswith("the call store fails: ")
    assert words in warned[0]
    assert sender(service)("GET", "/healthz") == (503, b'{"status":"the call store fails"}')
    assert service.store.get(reference) == b"x"
    path.rmdir() if path.is_dir() else path.unlink()
    assert asyncio.run(upkeep.failure()) == ""
    assert warned[-1] == "the call store works again"
    assert sender(service)("GET", "/healthz") == (200, b'{"status":"ok"}')
    assert service.store.get(reference) == b"x"
