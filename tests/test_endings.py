"""What is said, and which exit code there is, when a command ends in another way than well."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncco_lang.cli.main import code_of


def test_a_file_that_no_command_has_told_of_is_not_called_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none" / "a"
    assert code_of(missing.touch) == 2
    assert capsys.readouterr().err == f"ncco: cannot use {missing}: there is no such file\n"
