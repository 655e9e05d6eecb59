"""What all tests of commands share: a folder of their own to run `ncco` in."""

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
    """`ncco` in an empty folder, run by somebody who may not read and write everything."""
    return Shell(tmp_path, powerless())
