"""Messages and exit codes of commands that do not end normally."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncco_lang.cli.commands import cli
from ncco_lang.cli.main import code_of


def test_a_file_that_no_command_has_told_of_is_not_called_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none" / "a"
    assert code_of(missing.touch) == 2
    assert capsys.readouterr().err == f"ncco: cannot use {missing}: there is no such file\n"


@pytest.mark.parametrize(
    ("arguments", "said", "command"),
    [
        (["deploy", "--profile"], "Option '--profile' requires an argument.", "ncco deploy"),
        (["deploy", "--profil", "x"], "No such option '--profil'. Did you mean '--profile'?", "ncco deploy"),
        (["calls", "--limit", "0"], "Invalid value for '--limit': 0 is not in the range x>=1.", "ncco calls"),
        (["compile"], "Missing argument 'FILE|DIR|-...'.", "ncco compile"),
        (["init", "a", "b"], "Got unexpected extra argument (b)", "ncco init"),
        (["check", "--fix", "--diff"], "--fix changes files and --diff only shows: choose one", "ncco check"),
        (["check", "-p", "x"], '-p takes NAME=VALUE, and "x" has no =', "ncco check"),
        (["--nothing"], "No such option '--nothing'.", "ncco"),
        (["chek\n"], 'there is no command "chek\u240a"; did you mean "check"?', "ncco"),
    ],
)
def test_wrong_words_are_told_in_one_way(
    arguments: list[str], said: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of(lambda: cli.main(arguments, prog_name="ncco", standalone_mode=False)) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"ncco: {said}\nTry '{command} --help'.\n")


def test_no_words_at_all_are_answered_with_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(lambda: cli.main([], prog_name="ncco", standalone_mode=False)) == 2
    assert capsys.readouterr().err.startswith("Usage: ncco [OPTIONS] COMMAND [ARGS]...\n")
