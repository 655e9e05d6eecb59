"""Fixtures of all tests of commands: a folder in which to run `ncco`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shells.shell import Shell, powerless


@pytest.fixture
def ncco(tmp_path: Path) -> Shell:
    """`ncco` in an empty folder."""
    return Shell(tmp_path)


@pytest.fixture
def user(tmp_path: Path) -> Shell:
    """`ncco` in an empty folder, run by a user who may not read and write every file."""
    return Shell(tmp_path, powerless())
