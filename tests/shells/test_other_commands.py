"""Test `ncco fmt`, `decompile`, `show`, `init` and `completion` as processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.mermaid import check_mermaid
from tests.shells.shell import LONGEST, Shell, codes, environment, limited

LOOSE = '// a comment\ntalk   "Hello."    { level :0.5 ; premium:true }\n'
TIDY = '// a comment\ntalk "Hello." { level: 0.5; premium: true }\n'
BROKEN = 'talk "a\ntalk "b"\n'


# ── fmt ──────────────────────────────────────────────────────────────────────────────────────────────


def test_fmt_in_place(ncco: Shell) -> None:
    loose = ncco.write("sub/a.flow", LOOSE)
    tidy = ncco.write("b.flow", TIDY)
    broken = ncco.write("c.flow", BROKEN)
    os.utime(tidy, ns=(1, 1))
    out, err = ncco("fmt", code=1)
    assert out == ""
    assert codes(err) == [("c.flow", "F122")]
    assert err.endswith("\n1 file formatted, 1 unchanged, 1 file with syntax errors\n")
    assert loose.read_text(encoding="utf-8") == TIDY
    assert tidy.stat().st_mtime_ns == 1
    assert broken.read_text(encoding="utf-8") == BROKEN
    assert ncco("fmt", "sub", "b.flow", code=0) == ("", "2 files unchanged\n")


def test_fmt_keeps_the_line_ends_of_windows(ncco: Shell) -> None:
    path = ncco.write("a.flow", LOOSE.replace("\n", "\r\n"))
    ncco("fmt", code=0)
    tidy = TIDY.replace("\n", "\r\n")
    assert path.read_bytes() == tidy.encode("utf-8")
    assert ncco("fmt", "--check", code=0) == ("", "1 file unchanged\n")
    assert ncco("fmt", "-", code=0, stdin=tidy) == (tidy, "")


def test_fmt_check_names_and_changes_nothing(ncco: Shell) -> None:
    path = ncco.write("a.flow", LOOSE)
    ncco.write("b.flow", TIDY)
    assert ncco("fmt", "--check", code=1) == ("a.flow\n", "1 file would be formatted, 1 unchanged\n")
    assert ncco("fmt", "--check", "b.flow", code=0) == ("", "1 file unchanged\n")
    assert path.read_text(encoding="utf-8") == LOOSE


def test_fmt_diff_shows_and_changes_nothing(ncco: Shell) -> None:
    path = ncco.write("a.flow", LOOSE)
    out, err = ncco("fmt", "--diff", "a.flow", code=1)
    old, new = LOOSE.splitlines()[1], TIDY.splitlines()[1]
    assert out == f"--- a.flow\n+++ a.flow\n@@ -1,2 +1,2 @@\n // a comment\n-{old}\n+{new}\n"
    assert err == "1 file would be formatted\n"
    assert path.read_text(encoding="utf-8") == LOOSE


def test_fmt_of_standard_input(ncco: Shell) -> None:
    assert ncco("fmt", "-", code=0, stdin=LOOSE) == (TIDY, "")
    assert ncco("fmt", "-", code=0, stdin=TIDY) == (TIDY, "")
    assert ncco("fmt", "--check", "-", code=1, stdin=LOOSE) == ("<stdin>\n", "")
    out, err = ncco("fmt", "-", code=1, stdin=BROKEN)
    assert out == ""
    assert codes(err) == [("<stdin>", "F122")]


def test_fmt_where_nothing_can_be_written(ncco: Shell) -> None:
    path = ncco.write("a.flow", LOOSE)
    done = limited(ncco, 0, "fmt", "a.flow")
    assert done.returncode == 2
    assert done.stderr.startswith("ncco: cannot write a.flow: ")
    assert path.read_text(encoding="utf-8") == LOOSE
    assert ncco.files() == ["a.flow"]


# ── decompile and show ───────────────────────────────────────────────────────────────────────────────

NCCO_TEXT = '[{"action": "talk", "text": "Grüße", "bargeIn": false}]\n'


def test_decompile_and_compile_again(ncco: Shell) -> None:
    ncco.write("a.json", NCCO_TEXT)
    out, err = ncco("decompile", "a.json", code=0)
    assert err == ""
    assert "Grüße" in out
    assert json.loads(ncco("compile", "-", code=0, stdin=out)[0]) == json.loads(NCCO_TEXT)
    assert ncco("decompile", "-", code=0, stdin=NCCO_TEXT)[0] == out
    assert ncco("decompile", "a.json", "-o", "a.flow", code=0) == ("", "")
    assert (ncco.folder / "a.flow").read_text(encoding="utf-8") == out
    assert ncco("fmt", "--check", "a.flow", code=0) == ("", "1 file unchanged\n")


def test_decompile_tells_of_raw_where_fixes_help(ncco: Shell) -> None:
    older = '{"action": "stream", "streamUrl": "https://example.com/raw.mp3"}'
    unknown = '{"action": "tlak", "text": "raw"}, {"action": "talk", "text": "raw", "tone": "kind"}'
    ncco.write("a.json", f"[{older}, {unknown}]")
    out, err = ncco("decompile", "a.json", code=0)
    assert out.count("raw {") == 2
    assert 'talk "raw" raw: { "tone": "kind" }' in out
    how = "to write fewer with it, first run ncco check --fix a.json, which fixes older forms"
    assert err == f"ncco: 3 actions kept with raw; {how}\n"
    ncco("check", "--fix", "a.json", code=1)
    out, err = ncco("decompile", "a.json", code=0)
    assert out.startswith('stream "https://example.com/raw.mp3"\nraw {')
    assert err == ""


def test_decompile_what_is_no_ncco(ncco: Shell) -> None:
    output = ncco.write("a.flow", "old")
    out, err = ncco("decompile", "-", "-o", "a.flow", code=1, stdin="[")
    assert out == ""
    assert codes(err) == [("<stdin>", "F101")]
    assert output.read_text(encoding="utf-8") == "old"


def test_show_the_tree(ncco: Shell) -> None:
    ncco.write("a.flow", 'talk "Hello"\n')
    out, err = ncco("show", "--tree", "a.flow", code=0)
    assert out.startswith("File\n  Command\n    verb: Word 'talk'\n")
    assert err == ""
    # The valid part is shown, whatever follows.
    out, err = ncco("show", "--tree", "-", code=1, stdin='talk "Hello"\ntalk "a\n')
    assert "'Hello'" in out
    assert codes(err) == [("<stdin>", "F122")]


def test_show_the_bound_program(ncco: Shell) -> None:
    out, err = ncco("show", "--bound", "-p", "name=Ann", "-", code=0, stdin='param name: text\ntalk "Hello {name}."\n')
    assert (out, err) == ('talk  (2:1)\n  text = "Hello Ann."\n', "")
    out, err = ncco("show", "--bound", "-", code=1, stdin='talk "Hello" volume: 1\n')
    assert out == 'talk  (1:1)\n  text = "Hello"\n  ? volume\n'
    assert codes(err) == [("<stdin>", "F331")]


def test_show_the_blocks(ncco: Shell) -> None:
    ncco.write("a.flow", 'talk "Hello."\ngoto end\nstep end { hangup }\n')
    out, _ = ncco("show", "--blocks", "a.flow", code=0)
    assert out == ('entry start.1\nstep end() end.1\nstart.1:\n  talk {text: "Hello."}\n  jump end()\nend.1:\n  end\n')
    out, err = ncco("show", "--blocks", "-", code=2, stdin="step start { consent }\n")
    assert (out, "no blocks for consent in this version" in err) == ("", True)
    out, err = ncco("show", "--blocks", "-", code=1, stdin='talk "Hello" volume: 1\n')
    assert (out, codes(err)) == ("", [("<stdin>", "F331")])


def test_graph(ncco: Shell) -> None:
    ncco.write(
        "a.flow",
        'param unread: text = "x"\nmenu "Press 1." { 1 -> end; otherwise, give_up -> hangup }\nstep end { hangup }\n',
    )
    out, err = ncco("graph", "a.flow", code=0)
    check_mermaid(out)
    assert 'start_2 -->|"1"| end_1' in out
    assert codes(err) == [("a.flow", "F203"), ("a.flow", "P105")]
    assert ncco("graph", "a.flow", "--format", "mermaid", "-o", "a.mmd", code=0) == ("", err)
    assert (ncco.folder / "a.mmd").read_text(encoding="utf-8") == out


def test_graph_of_what_cannot_be_drawn(ncco: Shell) -> None:
    drawn = ncco.write("a.mmd", "old")
    out, err = ncco("graph", "-", "-o", "a.mmd", code=1, stdin="step start { consent }\n")
    assert (out, codes(err)[0][1]) == ("", "F139")
    assert drawn.read_text(encoding="utf-8") == "old"
    out, err = ncco("graph", "-", code=1, stdin='talk "a\ntalk "b"\n')
    assert "“a”<br/>“b”<br/>F122" in out
    assert codes(err) == [("<stdin>", "F122")]


def test_show_the_ncco(ncco: Shell) -> None:
    ncco.write("a.flow", 'talk "Hello"\n')
    assert ncco("show", "--ncco", "a.flow", code=0) == ncco("compile", "a.flow", code=0)
    out, err = ncco("show", "--ncco", "-", code=1, stdin='tlak "Hello"')
    assert out == ""
    assert codes(err) == [("<stdin>", "F330")]


# ── completion ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_and_starts_nothing(ncco: Shell, shell: str) -> None:
    out, err = ncco("completion", shell, code=0, env={"PATH": ""})
    assert "_NCCO_COMPLETE" in out
    assert "ncco" in out
    assert err == ""


def test_completion_is_for_the_shell_of_the_environment(ncco: Shell) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert ncco("completion", code=0, env={"SHELL": f"/usr/bin/{shell}"}) == ncco("completion", shell, code=0)
    out, err = ncco("completion", code=2, env={"SHELL": "/bin/sh"})
    assert (out, "name a shell: ncco completion bash" in err) == ("", True)


def words(ncco: Shell, line: str) -> list[str]:
    """Return the completions that bash offers at the end of a line."""
    env = {"_NCCO_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    # The completion requires a program with this name.
    code = "import sys; sys.argv[0] = 'ncco'; from ncco_lang.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ncco.folder,
        env=environment(env),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_what_is_completed(ncco: Shell) -> None:
    ncco.write("ncco.toml", "[profiles.live]\n[profiles.test]\n[profiles.tests]\n")
    assert words(ncco, "ncco dec") == ["plain,decompile"]
    assert {"plain,check", "plain,fmt", "plain,init"} <= set(words(ncco, "ncco "))
    assert words(ncco, "ncco compile --profile t") == ["plain,test", "plain,tests"]
    assert "plain,--base-url" in words(ncco, "ncco compile --b")
    assert words(ncco, "ncco check me") == ["file,me"]
    assert words(ncco, "ncco explain F40")[0] == "plain,F401"
    assert "plain,barge-in-without-input" in words(ncco, "ncco explain barge")
    assert words(ncco, "ncco completion ") == ["plain,bash", "plain,zsh", "plain,fish"]
    ncco.write("ncco.toml", "profile = 1\n")
    assert words(ncco, "ncco compile --profile t") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_takes_the_script(ncco: Shell, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell}")
    script, _ = ncco("completion", shell, code=0)
    done = subprocess.run([program, "-n"], input=script, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")


# ── All of them ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fmt", "--check", "--diff"), "--check names files and --diff shows them: choose one"),
        (("fmt", "none.flow"), "cannot read none.flow: there is no such file"),
        (("decompile",), "Missing argument"),
        (("decompile", "a.flow"), "a.flow is a flow already: ncco compile makes NCCO of it"),
        (("decompile", "a.json", "-o", "./a.json"), "./a.json is the input and would be overwritten"),
        (("decompile", "none.json"), "cannot read none.json: there is no such file"),
        (("decompile", "a.json", "-o", "no/a.flow"), "cannot write no/a.flow: there is no such folder"),
        (("show", "a.flow"), "say what to show: --tree, --bound, --blocks or --ncco"),
        (("show", "--tree"), "Missing argument"),
        (("show", "--tree", "a.json"), "a.json is not a flow"),
        (("show", "--ncco", "none.flow"), "cannot read none.flow: there is no such file"),
        (("graph", "a.json"), "a.json is not a flow"),
        (("graph", "a.flow", "-o", "./a.flow"), "./a.flow is the input and would be overwritten"),
        (("graph", "a.flow", "--format", "dot"), "'dot' is not 'mermaid'"),
        (("graph", "none.flow"), "cannot read none.flow: there is no such file"),
        (("completion", "tcsh"), "tcsh"),
        (("init", "a", "b"), "b"),
        (("init", ""), "a path is empty; is a variable unset?"),
        (("check", ""), "a path is empty; is a variable unset?"),
        (("fmt", "a.flow", ""), "a path is empty; is a variable unset?"),
        (("compile", "a.flow", "-o", ""), "a path is empty; is a variable unset?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_is_2(ncco: Shell, arguments: tuple[str, ...], message: str) -> None:
    ncco.write("a.json", NCCO_TEXT)
    ncco.write("a.flow", LOOSE)
    out, err = ncco(*arguments, code=2)
    assert out == ""
    assert message in err
    assert ncco.files() == ["a.flow", "a.json"]


@pytest.mark.parametrize(
    "command", ["check", "compile", "fmt", "decompile", "show", "graph", "init", "explain", "schema"]
)
def test_help_has_examples(ncco: Shell, command: str) -> None:
    out, err = ncco(command, "--help", code=0)
    assert f"\n  Examples:\n    ncco {command}" in out
    assert err == ""


def test_completion_of_keys_and_params(ncco: Shell) -> None:
    ncco.write(
        "ncco.toml",
        '[profiles.a.applications.front]\nflow = "a.flow"\n[profiles.b.applications.back]\nflow = "a.flow"\n',
    )
    ncco.write("a.flow", 'param desk: phone\nparam company: text = "Quillmark"\ntalk "Hello."\n')
    ncco.write("b.flow", 'param other: text\ntalk "{\n')
    assert words(ncco, "ncco destroy ") == ["plain,front", "plain,back"]
    assert words(ncco, "ncco deploy --profile b ") == ["plain,back"]
    assert words(ncco, "ncco deploy --replace f") == ["plain,front"]
    assert words(ncco, "ncco call --app b") == ["plain,back"]
    assert words(ncco, "ncco compile a.flow -p ") == ["plain,company=", "plain,desk="]
    assert words(ncco, "ncco check -p o") == ["plain,other="]


def test_only_check_names_its_own_option_for_fixes(ncco: Shell) -> None:
    ncco.write("a.json", '[{"action": "talk", "text": "Hello."},]')
    assert "(ncco check --fix)" in ncco("decompile", "a.json", code=1)[1]
    assert "(--fix)" in ncco("check", "a.json", code=1)[0]
