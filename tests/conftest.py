"""Options and fixtures of all tests: `--golden` rewrites expected files instead of comparing them."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import budget


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--golden`."""
    parser.addoption("--golden", action="store_true", help="rewrite expected files; read the diff afterwards")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the budget of the searches before a test file is loaded, and let signals end the programs that tests start."""
    budget.choose(config.getoption("markexpr"))
    # A shell starts a command in the background without SIGINT, and nohup without SIGHUP; programs inherit both.
    usual: dict[str, Any] = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL, "SIGTERM": signal.SIG_DFL}
    for name, handler in usual.items():
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_finish() -> None:
    """Keep ten thousand tests out of every garbage collection."""
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class Golden:
    """Expected files: compared, or rewritten with `--golden`."""

    rewrite: bool

    def check(self, path: Path, text: str) -> None:
        """Compare a text with the file at `path`, byte for byte."""
        if self.rewrite:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
            return
        assert path.exists(), f"{path} is missing; `make golden` writes it"
        assert path.read_bytes().decode("utf-8") == text


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """The expected files of this run."""
    return Golden(bool(request.config.getoption("--golden")))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A call store of each kind."""
    from ncco_lang.runtime.call_store import MemoryStore
    from ncco_lang.serve.call_store import SqliteStore

    if request.param == "memory":
        yield MemoryStore()
        return
    store = SqliteStore(tmp_path / "calls.sqlite")
    yield store
    store.close()
