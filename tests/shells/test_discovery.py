"""Test which files of a folder a command takes: flows and NCCO, except those that `.gitignore` excludes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shells.shell import Shell, codes, in_shell

GOOD = 'talk "Hello"\n'
BAD_FLOW = 'tlak "Hello"\n'
BROKEN_FLOW = 'talk "Hello\n'
BAD_NCCO = '[{"action": "tlak", "text": "Hello"}]\n'


def checked(ncco: Shell, *arguments: str) -> list[str]:
    """Return the files that `ncco check` takes; every one has an error."""
    out, _ = ncco("check", *arguments, code=1)
    return [name for name, _ in codes(out)]


def fill(ncco: Shell, *names: str) -> None:
    for name in names:
        ncco.write(name, BAD_FLOW if name.endswith(".flow") else BAD_NCCO)


def test_flows_and_ncco_of_a_folder(ncco: Shell) -> None:
    fill(ncco, "b.flow", "a.ncco.json", "sub/c.flow", "package.json", "b.flow.txt", ".hidden/d.flow", "venv/e.flow")
    assert checked(ncco) == ["a.ncco.json", "b.flow", "sub/c.flow"]
    assert checked(ncco, "sub") == ["sub/c.flow"]
    assert checked(ncco, "sub", ".") == ["sub/c.flow", "a.ncco.json", "b.flow"]
    ncco("check", "--fix", "--unsafe-fixes", code=0)
    assert (ncco.folder / "sub/c.flow").read_text(encoding="utf-8") == GOOD


def test_compile_and_fmt_take_flows_only(ncco: Shell) -> None:
    for name in ("a.flow", "sub/b.flow"):
        ncco.write(name, 'talk   "x"\n')
    fill(ncco, "ncco.json")
    assert ncco("compile", ".", "-o", "out", code=0)[1] == "2 files compiled, 2 written\n"
    assert ncco("fmt", "--check", code=1)[0] == "a.flow\nsub/b.flow\n"


IGNORED = ["build/a.flow", "sub/build/b.flow", "secret.flow", "sub/secret.flow", "sub/own.flow", "logs/x.ncco.json"]
KEPT = ["a.flow", "logs/keep.ncco.json", "own.flow", "sub/a.flow", "sub/deep/kept.flow"]


def test_gitignore_files_count_each_for_its_folder(ncco: Shell) -> None:
    (ncco.folder / ".git").mkdir()
    ncco.write(".gitignore", "# comment\nbuild/\nsecret.flow\r\n/logs/*\n!/logs/keep.ncco.json\nkept.flow\n")
    ncco.write("sub/.gitignore", "own.flow\n!kept.flow\n")
    fill(ncco, *IGNORED, *KEPT)
    assert checked(ncco) == KEPT
    assert checked(ncco, "sub") == ["sub/a.flow", "sub/deep/kept.flow"]
    # A folder or a file that is named explicitly is taken, as are the files in such a folder.
    assert checked(ncco, "build") == ["build/a.flow"]
    assert checked(ncco, "sub/build", "secret.flow") == ["sub/build/b.flow", "secret.flow"]


def test_git_agrees(ncco: Shell) -> None:
    subprocess.run(["git", "init", "-q"], cwd=ncco.folder, check=True)
    ncco.write(".gitignore", "*.flow\n!/sub/*.flow\nx[1-3].flow\n**/deep/**\n/only\\ here.flow \n!\n\\\na/**/z.flow\n")
    ncco.write("sub/.gitignore", "\ufeffx?.flow\n!x2.flow\n")
    names = ["a.flow", "sub/a.flow", "sub/x1.flow", "sub/x2.flow", "sub/deep/a.flow", "only here.flow", "a/b/z.flow"]
    fill(ncco, *names)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard", "*.flow"],
        cwd=ncco.folder,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert checked(ncco) == sorted(listed.stdout.rstrip("\0").split("\0"))


def test_gitignore_counts_up_to_the_root_of_the_repository(ncco: Shell) -> None:
    ncco.write(".gitignore", "a.flow\n")
    ncco.write("repo/.gitignore", "b.flow\n")
    # A worktree or a submodule has a file instead of the folder.
    ncco.write("repo/.git", "gitdir: elsewhere\n")
    fill(ncco, *(f"repo/sub/{name}.flow" for name in "abc"))
    ncco.folder /= "repo/sub"
    assert checked(ncco) == ["a.flow", "c.flow"]


def test_without_a_repository_gitignore_counts_up_to_the_settings(ncco: Shell) -> None:
    ncco.write(".gitignore", "a.flow\n")
    ncco.write("project/.gitignore", "b.flow\n")
    fill(ncco, *(f"project/sub/{name}.flow" for name in "abc"))
    ncco.folder /= "project/sub"
    assert checked(ncco) == ["a.flow", "b.flow", "c.flow"]
    (ncco.folder.parent / "ncco.toml").touch()
    assert checked(ncco) == ["a.flow", "c.flow"]


def test_a_project_in_a_project_has_its_own_patterns(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[check]\njson = ["calls/*.json"]\n')
    ncco.write("inner/ncco.toml", '[check]\njson = ["*.call"]\n')
    ncco.write("inner/own/ncco.toml", '[check]\njson = ["x.json"]\n')
    fill(ncco, "calls/a.json", "inner/calls/b.json", "inner/own/x.json", "inner/own/y.json", "x.json")
    assert checked(ncco) == ["calls/a.json", "inner/own/x.json"]


def test_a_pattern_that_is_none_is_a_finding_in_the_settings(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[check]\njson = ["*.json", "!"]\n')
    ncco.write("a.json", BAD_NCCO)
    out, err = ncco("check", code=2)
    # The pattern alone is left out: the other one still finds a file.
    assert codes(out) == [("a.json", "F301")]
    assert err.startswith("ncco.toml:2:")
    assert "error F801 invalid-setting: " in err


def test_a_gitignore_that_may_not_be_read(user: Shell) -> None:
    user.write(".gitignore", "").chmod(0)
    _, err = user("check", code=2)
    assert err.startswith("ncco: cannot read ")


CLOSED = "ncco: cannot read the folder closed: permission denied\n"
ALL_COMMANDS = [("check",), ("fmt",), ("fmt", "--check"), ("compile", "-o", "out")]


@pytest.fixture
def closed(user: Shell) -> Iterator[Shell]:
    """A user with a folder that may not be read, beside others."""
    folder = user.write("closed/a.flow", GOOD).parent
    folder.chmod(0)
    yield user
    folder.chmod(0o700)


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_a_folder_that_may_not_be_read(closed: Shell, command: tuple[str, ...]) -> None:
    _, err = closed(*command, "closed", code=2)
    assert err.startswith(CLOSED)
    assert "output" not in err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("check",), "1 error in 2 files\n"),
        (("check", "-p", "x=1"), "1 error in 2 files\n"),
        (
            ("fmt", "--check"),
            "1 file would be formatted, 1 file with syntax errors, 1 file could not be read or written\n",
        ),
        (("compile", ".", "-o", "out"), "1 of 3 files has errors, 1 file could not be read or written, 1 written\n"),
    ],
)
def test_the_folders_beside_one_that_may_not_be_read(closed: Shell, command: tuple[str, ...], words: str) -> None:
    closed.write("a.flow", 'param x: text = "a"\ntalk   "{x}"\n')
    closed.write("last/b.flow", BROKEN_FLOW)
    out, err = closed(*command, code=2)
    assert err.count(CLOSED) == 1
    assert codes(out + err)[-1][0] == "last/b.flow"
    assert words.partition(" in ")[0] in out + err


@pytest.mark.parametrize("path", ["closed/x", "closed/x/y"])
def test_an_output_in_a_folder_that_may_not_be_read(closed: Shell, path: str) -> None:
    closed.write("open/a.flow", GOOD)
    _, err = closed("compile", "open", "-o", path, code=2)
    summary = "1 file could not be read or written\n"
    assert err == f"ncco: cannot make the folder {path}: permission denied\n{summary}"


@pytest.mark.parametrize("text", ["edition = 2027\n", "edition = \n", b"\xff"])
@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_settings_that_are_wrong_leave_out_what_they_hold_for(
    ncco: Shell, command: tuple[str, ...], text: str | bytes
) -> None:
    ncco.write("dep/d2/ncco.toml", text)
    for name in ("dep/d2/a.flow", "dep/d2/deep/b.flow", "dep/x.flow", "z.flow"):
        ncco.write(name, BROKEN_FLOW)
    out, err = ncco(*command, ".", code=2)
    assert {name for name, code in codes(out + err) if code != "F801"} == {"dep/x.flow", "z.flow"}
    assert ("cannot read dep/d2/ncco.toml" if text == b"\xff" else "nothing was done in dep/d2\n") in err
    assert err.count("ncco: ") == 1


def test_settings_are_told_once_for_all_folders_that_are_named(ncco: Shell) -> None:
    ncco.write("ncco.toml", "edition = 2027\n")
    fill(ncco, "a/a.flow", "b/b.flow")
    for command in ALL_COMMANDS:
        assert ncco(*command, "a", "b", code=2)[1].count("ncco.toml is not usable; nothing was done\n") == 1


def test_settings_are_told_once_for_all_files_that_are_named(ncco: Shell) -> None:
    ncco.write("sub/ncco.toml", "edition = 2027\n")
    fill(ncco, "sub/a.flow", "sub/b.flow", "c.flow")
    for command in (("check",), ("check", "-p", "x=1"), ("compile", "-o", "out/")):
        out, err = ncco(*command, "sub/a.flow", "c.flow", "sub/b.flow", code=2)
        assert {name for name, code in codes(out + err) if code != "F801"} == {"c.flow"}
        assert err.count("sub/ncco.toml is not usable; nothing was done in sub\n") == 1


@pytest.mark.parametrize("command", ["check", "fmt"])
def test_a_folder_with_nothing_to_do(ncco: Shell, command: str) -> None:
    out, err = ncco(command, code=0)
    assert out == ""
    assert err.startswith("ncco: no flows")


# ── Flow or JSON? ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BAD_FLOW, "F330"),
        (BAD_NCCO, "F301"),
        ('\ufeff \r\n\t{"a": 1}', "F110"),
        ("[", "F101"),
        ("", "F346"),
    ],
)
def test_what_standard_input_is_when_nobody_says(ncco: Shell, text: str, code: str) -> None:
    found = codes(ncco("check", "-", code=1, stdin=text)[0])
    assert ("<stdin>", code) in found


def test_standard_input_may_have_a_name(ncco: Shell) -> None:
    # A severity of that folder's settings applies; the digits are a warning elsewhere.
    ncco.write("sub/ncco.toml", '[check.severity]\nF609 = "error"\n')
    out, _ = ncco("check", "--stdin-filename", "sub/new.flow", "-", code=1, stdin='talk "Call 1234567."\n')
    assert out.startswith("sub/new.flow:1:12: error F609 ")
    out, _ = ncco("check", "--stdin-filename", "x.flow", "-", code=1, stdin="[")
    assert codes(out)[0][0] == "x.flow"
    assert "F101" not in out
    out, _ = ncco("check", "--stdin-filename", "x.json", "-", code=1, stdin=BAD_FLOW)
    assert all(code.startswith("F1") for _, code in codes(out))
    out, err = ncco("check", "--fix", "--stdin-filename", "x.flow", "-", code=0, stdin='talk "a" premium: true;\n')
    assert out.startswith('talk "a"')
    _, err = ncco("check", "--stdin-filename", "x.flow", "a.flow", code=2)
    assert "--stdin-filename says what - is" in err


@pytest.mark.parametrize(
    ("name", "code"), [("a.txt", "F330"), ("A.FLOW", "F330"), ("noname", "F330"), ("a.json", "F1")]
)
def test_a_name_that_says_nothing_leaves_it_to_the_text(ncco: Shell, name: str, code: str) -> None:
    ncco.write(name, BAD_FLOW)
    assert codes(ncco("check", name, code=1)[0])[0][1].startswith(code)


def test_both_kinds_in_one_run(ncco: Shell) -> None:
    ncco.write("a.flow", BAD_FLOW)
    ncco.write("b.json", BAD_NCCO)
    out, _ = ncco("check", "--fix", "--unsafe-fixes", "a.flow", "b.json", code=0)
    assert out == "2 fixes made; no findings in 2 files\n"
    assert Path(ncco.folder, "a.flow").read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize("arguments", [("check",), ("check", "."), ("fmt", "."), ("deploy", "--plan"), ("apps",)])
def test_a_working_folder_that_was_deleted(ncco: Shell, arguments: tuple[str, ...]) -> None:
    done = in_shell(ncco, 'mkdir gone && cd gone && rmdir ../gone && "$@"', *arguments)
    assert done.returncode == 2
    assert done.stderr == "ncco: the working folder has been deleted; change to one that is there\n"
