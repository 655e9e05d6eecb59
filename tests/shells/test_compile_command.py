"""Test `ncco compile` as a process: which files it writes, which it never does, and what make and ninja learn."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shells.shell import LONGEST, ROOT, Shell, codes, in_shell, limited

GOOD = 'talk "Grüße – 中文"\n'
GOOD_NCCO = '[\n  {\n    "action": "talk",\n    "text": "Grüße – 中文"\n  }\n]\n'
WARNING = 'raw { "action": "dance" }\n'
BAD = 'tlak "Hello"\n'


def texts(path: Path) -> list[str]:
    """Return the texts that a compiled file speaks."""
    return [action["text"] for action in json.loads(path.read_text(encoding="utf-8"))]


# ── One flow ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_standard_input_to_standard_output_whatever_the_terminal_speaks(ncco: Shell, encoding: str) -> None:
    out, err = ncco("compile", "-", code=0, stdin=GOOD, env={"PYTHONIOENCODING": encoding})
    assert out == GOOD_NCCO
    assert err == ""
    assert ncco("compile", "-", "-o", "-", code=0, stdin=GOOD)[0] == GOOD_NCCO


def test_minify(ncco: Shell) -> None:
    out, _ = ncco("compile", "--minify", "-", code=0, stdin=GOOD)
    assert out == '[{"action":"talk","text":"Grüße – 中文"}]\n'


def test_findings_go_to_standard_error_and_the_answer_is_no(ncco: Shell) -> None:
    out, err = ncco("compile", "-", code=1, stdin=BAD)
    assert out == ""
    assert err.startswith("<stdin>:1:1: error F330 no-such-verb")


def test_a_warning_does_not_stand_in_the_way(ncco: Shell) -> None:
    out, err = ncco("compile", "-", code=0, stdin=WARNING)
    assert json.loads(out) == [{"action": "dance"}]
    assert "warning F349" in err


def test_output_to_a_file(ncco: Shell) -> None:
    ncco.write("a.flow", GOOD)
    assert ncco("compile", "a.flow", "-o", "a.json", code=0) == ("", "")
    assert (ncco.folder / "a.json").read_text(encoding="utf-8") == GOOD_NCCO
    assert ncco.files() == ["a.flow", "a.json"]


def test_one_flow_into_a_folder(ncco: Shell) -> None:
    ncco.write("flows/a.flow", GOOD)
    ncco("compile", "flows/a.flow", "-o", "new/deep/", code=0)
    ncco("compile", "flows/a.flow", "-o", "flows", code=0)
    assert ncco.files() == ["flows", "flows/a.flow", "flows/a.ncco.json", "new", "new/deep", "new/deep/a.ncco.json"]


def test_an_unchanged_output_is_not_written_again(ncco: Shell) -> None:
    ncco("compile", "-", "-o", "a.json", code=0, stdin=GOOD)
    os.utime(ncco.folder / "a.json", ns=(1, 1))
    before = (ncco.folder / "a.json").stat()
    ncco("compile", "-", "-o", "a.json", code=0, stdin=GOOD)
    after = (ncco.folder / "a.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, 1)


def test_a_failure_leaves_the_output_as_it_was(ncco: Shell) -> None:
    output = ncco.write("a.json", "old")
    ncco("compile", "-", "-o", "a.json", code=1, stdin=BAD)
    assert output.read_text(encoding="utf-8") == "old"
    assert ncco.files() == ["a.json"]


# ── Several flows ────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_goes_into_a_folder_and_keeps_its_shape(ncco: Shell) -> None:
    ncco.write("flows/a.flow", 'talk "a"')
    ncco.write("flows/deep/b.flow", 'talk "b"')
    ncco.write("flows/notes.txt", "no flow")
    out, err = ncco("compile", "flows", "-o", "out/new", code=0)
    assert out == ""
    assert err == "2 files compiled, 2 written\n"
    assert texts(ncco.folder / "out/new/a.ncco.json") == ["a"]
    assert texts(ncco.folder / "out/new/deep/b.ncco.json") == ["b"]
    ncco.write("flows/a.flow", 'talk "A"')
    assert ncco("compile", "flows", "-o", "out/new", code=0)[1] == "2 files compiled, 1 written, 1 unchanged\n"
    # The default patterns of `check` know the outputs.
    assert ncco("check", "out", code=0)[0] == "no findings in 2 files\n"


def test_several_flows_go_into_a_folder_by_their_names(ncco: Shell) -> None:
    ncco.write("one/a.flow", 'talk "a"')
    ncco.write("two/b.flow", 'talk "b"')
    ncco.write("three/c/d.flow", 'talk "d"')
    ncco.write("odd.txt", 'talk "odd"')
    _, err = ncco("compile", "one/a.flow", "two/b.flow", "./one/a.flow", "three", "odd.txt", "-o", "out", code=0)
    assert err == "4 files compiled, 4 written\n"
    outputs = sorted(path.name for path in (ncco.folder / "out").rglob("*.json"))
    assert outputs == ["a.ncco.json", "b.ncco.json", "d.ncco.json", "odd.txt.ncco.json"]
    assert (ncco.folder / "out/c/d.ncco.json").exists()


def test_one_flow_with_errors_does_not_keep_the_others_from_being_written(ncco: Shell) -> None:
    for name, text in {"a": GOOD, "b": BAD, "c": GOOD, "d": BAD}.items():
        ncco.write(f"{name}.flow", text)
        ncco.write(f"out/{name}.ncco.json", "old")
    out, err = ncco("compile", ".", "-o", "out", code=1)
    assert out == ""
    assert codes(err) == [("b.flow", "F330"), ("d.flow", "F330")]
    assert err.endswith("\n2 of 4 files have errors, 2 written\n")
    assert {path.name: path.read_text("utf-8") == "old" for path in (ncco.folder / "out").iterdir()} == {
        "a.ncco.json": False,
        "b.ncco.json": True,
        "c.ncco.json": False,
        "d.ncco.json": True,
    }
    ncco.write("d.flow", GOOD)
    assert ncco("compile", ".", "-o", "out", code=1)[1].endswith("1 of 4 files has errors, 1 written, 2 unchanged\n")


def test_a_flow_that_cannot_be_read_does_not_either(ncco: Shell) -> None:
    ncco.write("a.flow", GOOD)
    ncco.write("latin.flow", b'talk "Gr\xfc\xdfe"\n')
    _, err = ncco("compile", "a.flow", "none.flow", "latin.flow", "-o", "out", code=2)
    assert err.splitlines() == [
        "ncco: cannot read none.flow: there is no such file",
        "ncco: cannot read latin.flow: it is not UTF-8 (byte 0xfc at line 1, byte 9); save it as UTF-8",
        "2 files could not be read or written, 1 written",
    ]
    assert ncco.files() == ["a.flow", "latin.flow", "out", "out/a.ncco.json"]


def test_nothing_is_written_when_two_outputs_would_be_one(ncco: Shell) -> None:
    ncco.write("c.flow", GOOD)
    ncco.write("one/a.flow", GOOD)
    ncco.write("two/a.flow", GOOD)
    _, err = ncco("compile", "c.flow", "one/a.flow", "two/a.flow", "-o", "out", code=2)
    assert err == "ncco: one/a.flow and two/a.flow would both be written to out/a.ncco.json; nothing was done\n"
    assert not (ncco.folder / "out").exists()


def test_no_flow_is_overwritten(ncco: Shell) -> None:
    path = ncco.write("a.flow", GOOD)
    (ncco.folder / "link").symlink_to("a.flow")
    for output in ("a.flow", "./a.flow", "link"):
        _, err = ncco("compile", "a.flow", "-o", output, code=2)
        assert "would be overwritten" in err
    assert path.read_text(encoding="utf-8") == GOOD


def test_a_folder_without_flows(ncco: Shell) -> None:
    assert ncco("compile", ".", "-o", "out", code=0) == ("", "ncco: no flows here\n")
    assert ncco.files() == []


# ── Wrong usage, and when files will not have it ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Missing argument"),
        (("missing.flow",), "cannot read missing.flow: there is no such file"),
        ((".",), "the outputs of a folder of flows need a folder: -o DIR"),
        (("a.flow", "b.flow"), "the outputs of several flows need a folder: -o DIR"),
        (("a.flow", "b.flow", "-o", "-"), "need a folder: -o DIR"),
        (("a.flow", "b.flow", "-o", "file"), "and file is a file"),
        ((".", "-o", "file"), "and file is a file"),
        ((".", "-o", "file/out"), "cannot make the folder file/out: a file is in its way"),
        (("--sing", "-"), "--sing"),
        (("-", "-o", "missing/folder/a.json"), "cannot write missing/folder/a.json: there is no such folder"),
        (("-", "-o", "."), "standard input has no name"),
        (("-", "a.flow", "-o", "out"), "standard input has no name"),
        (("a.json",), "a.json is not a flow: ncco check checks NCCO, and ncco decompile makes a flow of it"),
        (("--depfile", "a.d", "a.flow"), "--depfile needs -o"),
        (("--depfile", "a.d", "a.flow", "-o", "-"), "--depfile needs -o"),
        (("--depfile", "a.flow", "a.flow", "-o", "x.json"), "is an input or an output already"),
        (("--depfile", "./x.json", "a.flow", "-o", "x.json"), "is an input or an output already"),
        (("a.flow", "b.flow", "-o", "out.json"), "need a folder, and out.json is the name of a file"),
        ((".", "-o", "out.ncco.json"), "need a folder, and out.ncco.json is the name of a file"),
        (("--base-url", "ftp://example.com", "a.flow"), "--base-url takes an http or https address"),
        (("--base-url", "https://example.com/?q", "a.flow"), "--base-url takes an http or https address"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_is_2_and_writes_nothing(ncco: Shell, arguments: tuple[str, ...], words: str) -> None:
    for name in ("a.flow", "b.flow", "file"):
        ncco.write(name, GOOD)
    out, err = ncco("compile", *arguments, code=2, stdin=GOOD)
    assert out == ""
    assert words in err
    assert ncco.files() == ["a.flow", "b.flow", "file"]
    assert (ncco.folder / "a.flow").read_text(encoding="utf-8") == GOOD


def test_a_full_disk_leaves_the_old_file_and_the_others_are_still_tried(ncco: Shell) -> None:
    ncco.write("large.flow", f'talk "{"a" * 900}"\n' * 30)
    ncco.write("small.flow", GOOD)
    ncco.write("out/large.ncco.json", "old")
    done = limited(ncco, 8, "compile", ".", "-o", "out")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.splitlines()[0].startswith("ncco: cannot write out/large.ncco.json: ")
    assert done.stderr.splitlines()[-1] == "1 file could not be read or written, 1 written"
    assert (ncco.folder / "out/large.ncco.json").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in (ncco.folder / "out").iterdir()) == ["large.ncco.json", "small.ncco.json"]


def test_a_folder_that_may_not_be_written(user: Shell) -> None:
    user.write("a.flow", GOOD)
    (user.folder / "out").mkdir(mode=0o500)
    _, err = user("compile", "a.flow", "-o", "out/a.json", code=2)
    assert err == "ncco: cannot write out/a.json: permission denied\n"


def test_a_folder_that_cannot_be_made_is_told_once(user: Shell) -> None:
    for name in ("a", "b", "sub/c", "sub/deep/d"):
        user.write(f"flows/{name}.flow", GOOD)
    (user.folder / "shut").mkdir(mode=0o500)
    _, err = user("compile", "flows", "-o", "shut/out", code=2)
    assert err == "ncco: cannot make the folder shut/out: permission denied\n4 files could not be read or written\n"


def test_standard_output_that_is_closed(ncco: Shell) -> None:
    ncco.write("a.flow", GOOD)
    done = in_shell(ncco, '"$@" >&- <&-', "compile", "a.flow")
    assert (done.returncode, done.stderr) == (2, "ncco: the output cannot be written: standard output is closed\n")
    done = in_shell(ncco, '"$@" <&-', "compile", "-")
    assert (done.returncode, done.stderr) == (2, "ncco: cannot read <stdin>: it is closed\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_standard_output_that_is_full(ncco: Shell) -> None:
    ncco.write("a.flow", GOOD)
    done = in_shell(ncco, '"$@" > /dev/full', "compile", "a.flow")
    assert done.returncode == 2
    assert done.stderr.startswith("ncco: the output cannot be written: ")
    assert done.stderr.count("\n") == 1


def test_a_closed_pipe_ends_quietly(ncco: Shell) -> None:
    ncco.write("a.flow", "".join(f'talk "line {number}"\n' for number in range(2000)))
    done = in_shell(ncco, '"$@" | head -c 1', "compile", "a.flow")
    assert (done.stdout, done.stderr) == ("[", "")


def test_control_c(ncco: Shell) -> None:
    fifo = ncco.folder / "a.flow"
    os.mkfifo(fifo)
    ncco.write("out.json", "old")
    process = ncco.start(
        ("compile", "a.flow", "-o", "out.json"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # Opening a pipe for writing waits until it is opened for reading.
    with fifo.open("wb"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONGEST)
    assert (process.returncode, out) == (130, b"")
    assert err in (b"", b"\n")
    assert (ncco.folder / "out.json").read_text(encoding="utf-8") == "old"


# ── Rules for make and ninja ─────────────────────────────────────────────────────────────────────────

ODD = "a b#c$d:e.flow"
MAKEFILE = """\
all: out/a\\ b\\#c$$d\\:e.ncco.json
-include out.d
out/%.json:
\t@echo made
"""


def test_a_depfile_says_what_each_output_was_made_from(ncco: Shell) -> None:
    ncco.write("flows/ncco.toml", "")
    ncco.write("flows/a.flow", GOOD)
    ncco.write("flows/b c.flow", GOOD)
    ncco.write("d.flow", GOOD)
    ncco("compile", "flows", "d.flow", "-o", "out", "--depfile", "out.d", code=0)
    assert (ncco.folder / "out.d").read_text(encoding="utf-8") == (
        "out/a.ncco.json: flows/a.flow flows/ncco.toml\n"
        "out/b\\ c.ncco.json: flows/b\\ c.flow flows/ncco.toml\n"
        "out/d.ncco.json: d.flow\n"
        "flows/a.flow:\nflows/ncco.toml:\nflows/b\\ c.flow:\nd.flow:\n"
    )
    ncco.folder /= "flows"
    ncco("compile", "a.flow", "-o", "x.json", "--depfile", "x.d", code=0)
    assert (ncco.folder / "x.d").read_text(encoding="utf-8") == "x.json: a.flow ncco.toml\na.flow:\nncco.toml:\n"
    ncco("compile", "-", "-o", "x.json", "--depfile", "x.d", code=0, stdin=GOOD)
    assert (ncco.folder / "x.d").read_text(encoding="utf-8") == "x.json: ncco.toml\nncco.toml:\n"


def test_a_folder_with_one_flow_has_a_summary(ncco: Shell) -> None:
    ncco.write("flows/a.flow", GOOD)
    assert ncco("compile", "flows", "-o", "out", code=0)[1] == "1 file compiled, 1 written\n"


def test_a_depfile_waits_until_every_flow_compiles(ncco: Shell) -> None:
    ncco.write("a.flow", BAD)
    ncco.write("a.d", "old")
    ncco("compile", "a.flow", "-o", "a.json", "--depfile", "a.d", code=1)
    assert (ncco.folder / "a.d").read_text(encoding="utf-8") == "old"


def test_a_depfile_cannot_say_a_line_break(ncco: Shell) -> None:
    ncco.write("a\nb.flow", GOOD)
    _, err = ncco("compile", "a\nb.flow", "-o", "a.json", "--depfile", "a.d", code=2)
    assert "a name with a line break cannot stand in a depfile" in err
    assert ncco.files() == ["a\nb.flow"]


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_reads_the_depfile(ncco: Shell) -> None:
    flow = ncco.write(ODD, GOOD)
    ncco.write("ncco.toml", "")
    ncco("compile", ODD, "-o", "out/", "--depfile", "out.d", code=0)
    ncco.write("Makefile", MAKEFILE)
    output = ncco.folder / "out" / "a b#c$d:e.ncco.json"
    for changed in (flow, ncco.folder / "ncco.toml"):
        os.utime(output, (2_000_000_000, 2_000_000_000))
        assert "made" not in make(ncco)
        os.utime(changed, (2_000_000_001, 2_000_000_001))
        assert "made" in make(ncco)
        os.utime(changed, (1, 1))
    (ncco.folder / "ncco.toml").unlink()
    assert "made" in make(ncco)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_the_makefile_of_the_docs(ncco: Shell) -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    ncco.write("Makefile", page.partition("```make\n")[2].partition("```")[0])
    ncco.write("flows/a.flow", GOOD)
    command = ncco.write("ncco", f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m ncco_lang "$@"\n')
    command.chmod(0o755)
    command_path = f"{ncco.folder}{os.pathsep}{os.environ['PATH']}"
    for _ in range(2):
        done = subprocess.run(
            ["make"], cwd=ncco.folder, env={**os.environ, "PATH": command_path}, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert b"Nothing to be done" in done.stdout
    assert (ncco.folder / "out" / "a.ncco.json").read_text(encoding="utf-8") == GOOD_NCCO


def make(ncco: Shell) -> str:
    done = subprocess.run(["make"], cwd=ncco.folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("ninja") is None, reason="there is no ninja")
def test_ninja_reads_the_depfile(ncco: Shell) -> None:
    flow = ncco.write(ODD, GOOD)
    ncco("compile", ODD, "-o", "a.json", "--depfile", "a.d", code=0)
    ncco.write(
        "build.ninja", "rule again\n command = cp a.d.kept a.d && touch a.json\n depfile = a.d\nbuild a.json: again\n"
    )
    shutil.copy(ncco.folder / "a.d", ncco.folder / "a.d.kept")
    ninja(ncco)
    assert "no work to do" in ninja(ncco)
    os.utime(flow, (2_000_000_001, 2_000_000_001))
    assert "no work to do" not in ninja(ncco)


def ninja(ncco: Shell) -> str:
    done = subprocess.run(["ninja"], cwd=ncco.folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout
