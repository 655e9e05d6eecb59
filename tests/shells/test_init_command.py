"""`ncco init`: a new project compiles, is tested, and what it says to do next works."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import running
from tests.shells.serving import served
from tests.shells.shell import LONGEST, Shell, environment, path_of_commands


@pytest.mark.parametrize(
    ("template", "folder"),
    [("voicemail", "."), ("voicemail", "new"), ("voicemail", "deep/in a/folder"), ("menu", "."), ("menu", "new")],
)
def test_a_first_project_compiles_and_checks_without_findings(ncco: Shell, template: str, folder: str) -> None:
    options = [] if template == "voicemail" else ["--template", template]
    out, err = ncco("init", *options, *([] if folder == "." else [folder]), code=0)
    assert err == ""
    assert [line for line in out.splitlines() if line.startswith("made ")] == [
        f"made {Path(folder, name)}" for name in ("main.flow", "ncco.toml", ".gitignore", ".gitattributes")
    ]
    ncco.folder /= folder
    assert ncco("check", "--fail-on", "info", code=0) == ("no findings in 1 file\n", "")
    assert ncco("fmt", "--check", code=0)[0] == ""
    for arguments in ((), ("--profile", "live")):
        assert ncco("check", *arguments, code=0)[0] == "no findings in 1 file\n"
        ncco("compile", "main.flow", *(["-o", "out/main"] if template == "menu" else []), *arguments, code=0)
    ncco("compile", ".", "-o", "out", code=0)
    # .gitignore excludes what was written.
    assert ncco("check", code=0) == ("no findings in 1 file\n", "")


def test_the_tests_of_the_menu_visit_every_arm(ncco: Shell) -> None:
    ncco("init", "--template", "menu", code=0)
    out, _ = ncco("test", "--coverage", code=0)
    assert out.endswith("(100 %)\n3 tests passed\n")


@pytest.mark.parametrize(
    ("name", "hint"), [("meno", 'did you mean "menu"?'), ("x", "there are voicemail and menu"), ("", "there are")]
)
def test_a_template_that_does_not_exist(ncco: Shell, name: str, hint: str) -> None:
    _, err = ncco("init", "--template", name, "new", code=2)
    assert f'there is no template "{name}"; {hint}' in err
    assert ncco.files() == []


def test_git_leaves_out_what_is_made_and_what_is_secret(ncco: Shell) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("there is no git")
    ncco("init", code=0)
    ncco("compile", ".", "-o", "out", code=0)
    for name in (
        ".ncco/local.state.json",
        ".ncco/local.state.json.lock",
        ".ncco/keys/main.pem",
        "out/documents/a.json",
    ):
        ncco.write(name, "")
    for arguments in (("init", "-q"), ("add", ".")):
        subprocess.run([git, *arguments], cwd=ncco.folder, env=environment({}), capture_output=True, check=True)
    added = subprocess.run([git, "ls-files"], cwd=ncco.folder, env=environment({}), capture_output=True, check=True)
    assert added.stdout.decode().split() == [
        ".gitattributes",
        ".gitignore",
        ".ncco/local.state.json",
        "main.flow",
        "ncco.toml",
    ]


def run_next(ncco: Shell, out: str, addresses: dict[str, str], *started: str) -> None:
    """Run what `ncco init` says to do next, with other addresses in the settings and without what runs already."""
    steps = out.partition("\nNext:\n")[2]
    assert steps.splitlines()[0] == "  cd 'a project'"
    commands = [line.strip().split("   ")[0] for line in steps.splitlines()]
    for command in started:
        commands.remove(command)
    # There is no terminal to confirm on.
    commands[commands.index("ncco deploy")] += " --yes"
    toml = (ncco.folder / "a project/ncco.toml").read_text(encoding="utf-8")
    for usual, address in addresses.items():
        toml, count = re.subn(rf"{re.escape(usual)}(?!\d)", address, toml)
        assert count
    ncco.write("a project/ncco.toml", toml)
    binaries = {"PATH": path_of_commands()}
    done = subprocess.run(
        ["sh", "-c", "\n".join(["set -e", *commands])],
        cwd=ncco.folder,
        env=environment(binaries),
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_init_says_to_do_next_works(ncco: Shell) -> None:
    out, _ = ncco("init", "a project", code=0)
    documents = str(ncco.folder / "a project/out/documents")
    with running(EmulatorOptions(documents=documents, speed=50)) as emulator:
        addresses = {"http://127.0.0.1:4580": emulator.address}
        run_next(ncco, out, addresses, "ncco emulate -q --documents out/documents &")
        assert [call.status for call in emulator.account.calls.values()] == ["completed"]


def test_what_init_says_to_do_next_works_for_a_menu(ncco: Shell) -> None:
    out, _ = ncco("init", "--template", "menu", "a project", code=0)
    with running(EmulatorOptions(speed=50)) as emulator, served(Shell(ncco.folder / "a project"), "-q") as server:
        addresses = {"http://127.0.0.1:4580": emulator.address, "http://127.0.0.1:4590": server.address}
        run_next(ncco, out, addresses, "ncco serve -q &", "ncco emulate -q &")
        assert [call.status for call in emulator.account.calls.values()] == ["completed"]


def test_init_overwrites_nothing(ncco: Shell) -> None:
    ncco.write("main.flow", "mine")
    _, err = ncco("init", code=2)
    assert err == "ncco: main.flow is there already; nothing was written\n"
    assert ncco.files() == ["main.flow"]
    (ncco.folder / "ncco.toml").symlink_to("nowhere")
    _, err = ncco("init", ".", code=2)
    assert err == "ncco: main.flow and ncco.toml are there already; nothing was written\n"


def test_init_keeps_a_gitignore(ncco: Shell) -> None:
    ncco.write(".gitignore", "mine\n")
    out, _ = ncco("init", code=0)
    assert "kept .gitignore as it is; /out/ and /.ncco/keys/ may belong into it\n" in out
    assert (ncco.folder / ".gitignore").read_text(encoding="utf-8") == "mine\n"


def test_init_where_a_file_is(ncco: Shell) -> None:
    ncco.write("file", "")
    _, err = ncco("init", "file", code=2)
    assert err == "ncco: cannot make the folder file: a file is in its way\n"
