"""Fixtures of all tests of commands: a folder in which to run `ncco`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncco_lang.tokens.keys import KeyPair, make_key_pair
from tests.shells.shell import Shell, powerless


@pytest.fixture(scope="session")
def keys() -> KeyPair:
    """The keys of applications at the emulator."""
    return make_key_pair()


@pytest.fixture
def ncco(tmp_path: Path) -> Shell:
    """`ncco` in an empty folder."""
    return Shell(tmp_path)


@pytest.fixture
def user(tmp_path: Path) -> Shell:
    """`ncco` in an empty folder, run by a user who may not read and write every file."""
    return Shell(tmp_path, powerless())
