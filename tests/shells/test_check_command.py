"""Test the command as a process: exit codes, streams, and the state of files after a failure."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ncco_lang import __version__
from ncco_lang.rules import RULES
from tests.laws.documents import TEXTS
from tests.shells.shell import LONGEST, NCCO, ROOT, Shell, codes, environment, in_shell, limited, run

GOOD = '[{"action": "talk", "text": "Hello"}]\n'
NOTE = '[{"action": "talk", "text": "Hello", "provider": "Google"}]\n'
WARNING = '[{"action": "stream", "streamUrl": "https://example.com/music.mp3"}]\n'
WARNING_FIXED = '[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]\n'
ERROR = '[{"action": "tlak", "text": "Hello"}]\n'
ERROR_FIXED = '[{"action": "talk", "text": "Hello"}]\n'


# ── What is checked, and the exit code ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "code"), [(GOOD, 0), (NOTE, 0), (WARNING, 0), (ERROR, 1), ("", 1), ("[", 1), ("\0", 1)]
)
def test_the_exit_code_says_whether_there_are_errors(ncco: Shell, text: str, code: int) -> None:
    ncco.write("a.json", text)
    ncco("check", "a.json", code=code)
    ncco("check", "-", code=code, stdin=text)


def test_a_finding_names_file_line_and_column_and_shows_the_place(ncco: Shell) -> None:
    ncco.write("calls/a.json", '[\n  {\n    "action": "tlak",\n    "text": "Hello"\n  }\n]\n')
    out, err = ncco("check", "calls/a.json", code=1)
    assert out == (
        'calls/a.json:3:15: error F301 unknown-action: there is no action "tlak"\n'
        '  3 |     "action": "tlak",\n'
        "    |               ^^^^^^\n"
        '    = hint: did you mean "talk"?\n'
        '    = fix: write "talk" (--fix --unsafe-fixes)\n'
        "\n"
        "1 error in 1 file; 1 can be fixed with --fix --unsafe-fixes\n"
    )
    assert err == ""


def test_the_longest_silence_is_reported_if_it_is_asked_for(ncco: Shell) -> None:
    ncco.write("a.flow", 'fetch "https://example.com/a" timeout: 7s { otherwise -> hangup }\ntalk "Thank you."\n')
    assert "P112" not in ncco("check", "a.flow", code=0)[0]
    assert "the longest silence while servers hang is 8 s" in ncco("check", "--silence", "a.flow", code=0)[0]


def test_several_files_are_checked_in_the_order_given_and_each_once(ncco: Shell) -> None:
    ncco.write("b.json", ERROR)
    ncco.write("a.json", WARNING)
    out, _ = ncco("check", "b.json", "a.json", "./b.json", code=1)
    assert codes(out) == [("b.json", "F301"), ("a.json", "F350")]
    assert out.endswith(
        "1 error and 1 warning in 2 files; 1 can be fixed with --fix, 1 more with --fix --unsafe-fixes\n"
    )


def test_a_folder_gives_the_files_that_are_called_ncco(ncco: Shell) -> None:
    for name in ("ncco.json", "menu.ncco.json", "ncco/x.json", "ncco/deep/y.json", "sub/z.ncco.json"):
        ncco.write(name, ERROR)
    for name in (
        "package.json",
        "menu.json",
        "ncco/x.txt",
        ".git/ncco.json",
        "node_modules/ncco.json",
        "venv/ncco.json",
    ):
        ncco.write(name, ERROR)
    wanted = ["menu.ncco.json", "ncco.json", "ncco/deep/y.json", "ncco/x.json", "sub/z.ncco.json"]
    for arguments in (("check",), ("check", ".")):
        out, _ = ncco(*arguments, code=1)
        assert codes(out) == [(name, "F301") for name in wanted]
    out, _ = ncco("check", "sub", code=1)
    assert codes(out) == [("sub/z.ncco.json", "F301")]


def test_a_folder_without_such_files_says_what_to_do(ncco: Shell) -> None:
    ncco.write("package.json", "{}")
    out, err = ncco("check", code=0)
    assert out == ""
    assert "ncco.toml" in err


def test_the_settings_say_which_files_and_a_file_named_outright_is_always_checked(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[check]\njson = ["calls/*.json", "!calls/skip.json"]\n')
    for name in ("calls/a.json", "calls/skip.json", "calls/deep/b.json", "ncco.json"):
        ncco.write(name, ERROR)
    out, _ = ncco("check", code=1)
    assert codes(out) == [("calls/a.json", "F301")]
    out, _ = ncco("check", "calls", code=1)
    assert codes(out) == [("calls/a.json", "F301")]
    out, _ = ncco("check", "calls/skip.json", "ncco.json", code=1)
    assert codes(out) == [("calls/skip.json", "F301"), ("ncco.json", "F301")]


def test_the_settings_are_found_upward_and_the_nearest_hold(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[check.severity]\nF350 = "error"\n')
    ncco.write("one/deep/a.json", WARNING)
    ncco.write("two/ncco.toml", "")
    ncco.write("two/a.json", WARNING)
    out, _ = ncco("check", "one/deep/a.json", code=1)
    assert " error F350 " in out
    out, _ = ncco("check", "two/a.json", code=0)
    assert " warning F350 " in out
    ncco.folder /= "one/deep"
    ncco("check", "-", code=1, stdin=WARNING)


@pytest.mark.parametrize("rule", ["F350", "text-for-list"])
@pytest.mark.parametrize(("level", "code"), [("error", 1), ("warning", 0), ("info", 0), ("off", 0)])
def test_severities_by_code_and_by_name(ncco: Shell, rule: str, level: str, code: int) -> None:
    ncco.write("ncco.toml", f'[check.severity]\n{rule} = "{level}"\n')
    ncco.write("a.json", WARNING)
    out, _ = ncco("check", "a.json", code=code)
    assert (f" {level} F350 " in out) is (level != "off")


@pytest.mark.parametrize(
    ("text", "threshold", "code"),
    [
        (ERROR, "never", 0),
        (ERROR, "error", 1),
        (WARNING, "error", 0),
        (WARNING, "warning", 1),
        (NOTE, "warning", 0),
        (NOTE, "info", 1),
        (GOOD, "info", 0),
    ],
)
def test_fail_on_by_option_and_by_setting(ncco: Shell, text: str, threshold: str, code: int) -> None:
    ncco.write("a.json", text)
    ncco("check", "--fail-on", threshold, "a.json", code=code)
    ncco.write("ncco.toml", f'[check]\nfail_on = "{threshold}"\n')
    ncco("check", "a.json", code=code)
    ncco("check", "--fail-on", "error", "a.json", code=1 if text == ERROR else 0)


def test_the_provider_by_option_and_by_setting(ncco: Shell) -> None:
    ncco.write("a.json", '[{"action": "talk", "text": "a"}, {"action": "wait"}]\n')
    ncco("check", "a.json", code=0)
    by_option, _ = ncco("check", "--provider", "kpn", "a.json", code=0)
    ncco.write("ncco.toml", '[check]\nprovider = "kpn"\n')
    by_setting, _ = ncco("check", "a.json", code=0)
    assert codes(by_option) == codes(by_setting) == [("a.json", "F701")]


def test_quiet_leaves_notes_and_the_summary_out(ncco: Shell) -> None:
    ncco.write("a.json", NOTE)
    ncco.write("b.json", WARNING)
    out, err = ncco("check", "-q", "a.json", "b.json", code=0)
    assert codes(out) == [("b.json", "F350")]
    assert "in 2 files" not in out + err


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[check\n", "ncco.toml:1:7", "not TOML"),
        ('[check]\n\nprovidr = "kpn"\n', "ncco.toml:3:1", 'did you mean "provider"?'),
        ('[chekc]\nprovider = "kpn"\n', "ncco.toml:1:2", 'did you mean "check"?'),
        ('[check]\nprovider = "kpm"\n', "ncco.toml:2:1", '"vonage" or "kpn"'),
        ('[check]\njson = "*.json"\n', "ncco.toml:2:1", "takes a list"),
        ("[check]\nfail_on = 1\n", "ncco.toml:2:1", "takes a text"),
        ("[check]\nfail_on = 1979-05-27\n", "ncco.toml:2:1", "takes a text"),
        ('[check.severity]\nF350 = "fatal"\n', "ncco.toml:2:1", '"off"'),
        ('[check.severity]\nF999 = "off"\n', "ncco.toml:2:1", 'there is no rule "F999"'),
        ('[check.severity]\ntext-for-lists = "off"\n', "ncco.toml:2:1", 'did you mean "text-for-list"?'),
        ('[check.severity]\nf350 = "off"\n', "ncco.toml:2:1", 'did you mean "F350"?'),
        ('requires = ">=99"\n', "ncco.toml:1:1", "install a newer"),
        ("edition = 1999\n", "ncco.toml:1:1", "2026"),
        (f"edition = {'9' * 5000}\n", "ncco.toml:2:1", "4300 digits"),
    ],
)
def test_bad_settings_cost_themselves_and_say_where(ncco: Shell, text: str, place: str, words: str) -> None:
    ncco.write("ncco.toml", text)
    ncco.write("a.json", ERROR)
    ncco.write("b.json", ERROR)
    for arguments in (("a.json", "b.json"), (".",)):
        out, err = ncco("check", *arguments, code=2)
        is_lost = text.startswith(("[check\n", "requires", "edition = 9999"))
        # In a folder only JSON that the settings name is NCCO.
        assert codes(out) == ([] if is_lost or arguments == (".",) else [("a.json", "F301"), ("b.json", "F301")])
        # Once, however many files there are.
        assert err.count(f"{place}: error F801 invalid-setting: ") == 1
        assert words in err
        assert "--unsafe-fixes" not in err


def test_settings_that_cannot_be_read_stop_the_run(ncco: Shell) -> None:
    ncco.write("ncco.toml", b"[check]\n# caf\xe9\n")
    ncco.write("a.json", GOOD)
    out, err = ncco("check", "a.json", code=2)
    assert out == ""
    assert "ncco.toml" in err
    assert "line 2" in err


# ── Fixing ───────────────────────────────────────────────────────────────────────────────────────────


def test_fix_changes_only_what_it_mends(ncco: Shell) -> None:
    before = '[ {"action":"stream" ,\r\n\t"streamUrl":  "https://example.com/é.mp3"  , "loop": "2"}\r\n ]'
    after = '[ {"action":"stream" ,\r\n\t"streamUrl":  ["https://example.com/é.mp3"]  , "loop": 2}\r\n ]'
    path = ncco.write("a.json", before)
    path.chmod(0o640)
    out, err = ncco("check", "--fix", "a.json", code=0)
    assert path.read_bytes() == after.encode("utf-8")
    assert path.stat().st_mode & 0o777 == 0o640
    assert out == "2 fixes made; no findings in 1 file\n"
    assert ncco("check", "--fix", "a.json", code=0)[0] == "no findings in 1 file\n"
    assert err == ""
    assert ncco.files() == ["a.json"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_fix_keeps_line_ends_and_takes_the_mark_away(ncco: Shell, end: str, mark: str) -> None:
    text = end.join(["[", '{"action": "wait"},', '{"action": "talk", "text": "a", "loop": "2"}', "]", ""])
    path = ncco.write("a.json", mark + text)
    ncco("check", "--fix", "a.json", code=0)
    assert path.read_bytes() == text.replace('"2"', "2").encode("utf-8")


def test_fix_leaves_a_file_alone_that_needs_none(ncco: Shell) -> None:
    path = ncco.write("a.json", GOOD)
    os.utime(path, ns=(1, 1))
    before = path.stat()
    ncco("check", "--fix", "--unsafe-fixes", "a.json", code=0)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, 1)


def test_fix_writes_where_a_link_leads(ncco: Shell) -> None:
    target = ncco.write("real/a.json", WARNING)
    link = ncco.folder / "link.json"
    link.symlink_to("real/a.json")
    ncco("check", "--fix", "link.json", code=0)
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == WARNING_FIXED
    assert ncco.files() == ["link.json", "real", "real/a.json"]


def test_unsafe_fixes_are_made_only_when_asked_for(ncco: Shell) -> None:
    path = ncco.write("a.json", ERROR)
    ncco("check", "--fix", "a.json", code=1)
    assert path.read_text(encoding="utf-8") == ERROR
    ncco("check", "--fix", "--unsafe-fixes", "a.json", code=0)
    assert path.read_text(encoding="utf-8") == ERROR_FIXED


def test_fix_of_standard_input_prints_the_text_and_complains_elsewhere(ncco: Shell) -> None:
    text = TEXTS["older"].replace("\n", "\r\n")
    out, err = ncco("check", "--fix", "-", code=1, stdin=text)
    assert '"bargeIn": true, "loop": 2' in out
    assert out.count("\r\n") == text.count("\r\n") == out.count("\n")
    assert "<stdin>:" in err
    out, err = ncco("check", "--fix", "-", code=0, stdin=GOOD)
    assert out == GOOD
    out, err = ncco("check", "--fix", "--format", "json", "-", code=0, stdin=WARNING)
    assert out == WARNING_FIXED
    assert json.loads(err)["findings"] == []


def test_a_document_keeps_its_characters_whatever_the_terminal_speaks(ncco: Shell) -> None:
    text = '[{"action": "talk", "text": "é\u2028🙂", "loop": "2"}]\n'
    for encoding in ("ascii", "latin-1", "utf-16"):
        env = {"PYTHONIOENCODING": encoding}
        out, _ = raw(ncco, "check", "--fix", "-", stdin=text, env=env)
        assert out == text.replace('"2"', "2").encode("utf-8")
        patch, _ = raw(ncco, "check", "--diff", "-", stdin=text, env=env)
        assert text.encode("utf-8") in patch


def raw(ncco: Shell, *arguments: str, stdin: str, env: Mapping[str, str]) -> tuple[bytes, bytes]:
    done = run(arguments, ncco.folder, env, stdin.encode("utf-8"))
    assert b"Traceback" not in done.stderr
    return done.stdout, done.stderr


DAMAGED = {
    "one.json": WARNING,
    "no_end.json": WARNING.rstrip("\n"),
    "crlf.json": TEXTS["older"].replace("\n", "\r\n"),
    "cr.json": TEXTS["older"].replace("\n", "\r"),
    "far.json": WARNING[:-2] + "," + "\n" * 40 + '{"action": "wait", "timeout": "2"}\n]\n',
    "separators.json": '[{"action": "talk", "text": "a\u2028b\u0085c", "loop": "2"},\n{"action": "wait"}]',
    "mark.json": "\ufeff" + GOOD,
    "sub/slips.json": "// a\n[{'action': 'talk', 'text': 'Hello',},]\n",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_diff_shows_what_fix_would_write(ncco: Shell, name: str) -> None:
    path = ncco.write(name, DAMAGED[name])
    before = path.read_bytes()
    shown, _ = ncco("check", "--diff", name, code=1)
    assert path.read_bytes() == before
    ncco("check", "--fix", "--fail-on", "never", name, code=0)
    fixed = path.read_bytes()
    assert fixed != before
    assert patched(before, shown.encode("utf-8")) == fixed


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no patch program")
def test_patch_takes_what_diff_shows(ncco: Shell) -> None:
    for name, text in DAMAGED.items():
        ncco.write(name, text)
    shown, _ = ncco("check", "--diff", *DAMAGED, code=1)
    subprocess.run(
        ["patch", "-p0", "--binary"], input=shown.encode("utf-8"), cwd=ncco.folder, check=True, capture_output=True
    )
    by_patch = {name: (ncco.folder / name).read_bytes() for name in DAMAGED}
    for name, text in DAMAGED.items():
        ncco.write(name, text)
    ncco("check", "--fix", "--fail-on", "never", *DAMAGED, code=0)
    assert by_patch == {name: (ncco.folder / name).read_bytes() for name in DAMAGED}


def patched(before: bytes, diff: bytes) -> bytes:
    """Apply a unified diff of one file; check that each line that it keeps or removes exists."""
    old = before.split(b"\n")
    new: list[bytes] = []
    at, last = 0, b""
    for line in diff.split(b"\n")[2:]:
        sign, rest = line[:1], line[1:] + b"\n"
        if sign == b"@":
            hunk = re.match(rb"@@ -(\d+)(,0)?", line)
            assert hunk is not None
            start = int(hunk[1]) - (hunk[2] is None)
            new += [kept + b"\n" for kept in old[at:start]]
            at = start
        elif sign == b"\\" and last != b"-":
            new[-1] = new[-1].removesuffix(b"\n")
        if sign in (b" ", b"-"):
            assert old[at] + b"\n" == rest
            at += 1
        if sign in (b" ", b"+"):
            new.append(rest)
        last = sign
    return b"".join(new) + b"\n".join(old[at:])


def test_diff_says_nothing_where_there_is_nothing_to_mend(ncco: Shell) -> None:
    ncco.write("a.json", GOOD)
    out, err = ncco("check", "--diff", "a.json", code=0)
    assert out == ""
    assert err == "no findings in 1 file\n"
    ncco.write("b.json", ERROR)
    out, _ = ncco("check", "--diff", "b.json", code=1)
    assert out == ""
    out, _ = ncco("check", "--diff", "--unsafe-fixes", "b.json", code=1)
    assert out.startswith("--- b.json\n+++ b.json\n@@ -1 +1 @@\n")


def test_fix_and_diff_together_are_wrong_usage(ncco: Shell) -> None:
    ncco("check", "--fix", "--diff", code=2)


# ── When files and streams will not have it ──────────────────────────────────────────────────────────


def test_a_missing_file_does_not_keep_the_others_from_being_checked(ncco: Shell) -> None:
    ncco.write("a.json", ERROR)
    out, err = ncco("check", "none.json", "a.json", code=2)
    assert codes(out) == [("a.json", "F301")]
    assert err == "ncco: cannot read none.json: there is no such file\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'[\n{"action": "talk", "text": "caf\xe9"}]', "it is not UTF-8 (byte 0xe9 at line 2, byte 32)"),
        (GOOD.encode("utf-16"), "it is UTF-16"),
        (b"\xfe\xff" + GOOD.encode("utf-16-be"), "it is UTF-16"),
        (b"\xff\xd8\xff\xe0", "it is not UTF-8 (byte 0xff at line 1, byte 1)"),
        (b'["\xed\xa0\x80"]', "it is not UTF-8"),
    ],
)
def test_what_is_not_utf_8_is_refused_with_the_line(ncco: Shell, data: bytes, words: str) -> None:
    path = ncco.write("a.json", data)
    for arguments in (("check", "a.json"), ("check", "--fix", "a.json"), ("check", "--diff", "a.json")):
        out, err = ncco(*arguments, code=2)
        assert words in err
        assert codes(out) == []
    assert path.read_bytes() == data
    _, err = ncco("check", "-", code=2, stdin=data)
    assert words in err
    assert "<stdin>" in err


def test_a_name_cannot_steer_the_terminal(ncco: Shell) -> None:
    name = "a\x1b[31m\n.json"
    _, err = ncco("check", name, code=2)
    assert "\x1b" not in err
    ncco.write(name, ERROR)
    out, _ = ncco("check", name, code=1)
    assert "\x1b" not in out


def test_a_name_that_is_no_text(ncco: Shell) -> None:
    name = os.fsdecode(b"caf\xe9.json")
    try:
        ncco.write(name, ERROR)
    except OSError as failed:
        if failed.errno != errno.EILSEQ:
            raise
        pytest.skip("this file system takes text only")
    for form in ("text", "json", "sarif", "github"):
        out, err = ncco("check", "--format", form, name, code=1)
        assert "caf" in out
        assert "F301" in out
        assert err == ""


def test_a_folder_where_a_file_is_wanted(ncco: Shell) -> None:
    (ncco.folder / "ncco.json").mkdir()
    ncco.write("ncco.json/ncco.json", ERROR)
    out, _ = ncco("check", code=1)
    assert codes(out) == [("ncco.json/ncco.json", "F301")]


def test_links_that_go_round_in_a_circle(ncco: Shell) -> None:
    ncco.write("a/ncco.json", ERROR)
    (ncco.folder / "a" / "loop").symlink_to(ncco.folder)
    (ncco.folder / "b").symlink_to("b")
    out, _ = ncco("check", ".", code=1)
    assert codes(out) == [("a/ncco.json", "F301")]
    _, err = ncco("check", "b", code=2)
    assert err.startswith("ncco: cannot read b: ")


def test_a_file_that_may_not_be_read(user: Shell) -> None:
    user.write("a.json", GOOD).chmod(0)
    _, err = user("check", "a.json", code=2)
    assert err == "ncco: cannot read a.json: permission denied\n"


def test_a_folder_that_may_not_be_written(user: Shell) -> None:
    path = user.write("sub/a.json", WARNING)
    path.parent.chmod(0o500)
    try:
        _, err = user("check", "--fix", "sub/a.json", code=2)
    finally:
        path.parent.chmod(0o700)
    assert err == "ncco: cannot write sub/a.json: permission denied\n"
    assert path.read_text(encoding="utf-8") == WARNING
    assert user.files() == ["sub", "sub/a.json"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(ncco: Shell) -> None:
    """`ulimit -f 0` refuses every byte that is written to a file, as a full disk does; pipes are not files."""
    path = ncco.write("a.json", WARNING)
    done = limited(ncco, 0, "check", "--fix", "a.json")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("ncco: cannot write a.json: ")
    assert "Traceback" not in done.stderr
    assert path.read_text(encoding="utf-8") == WARNING
    assert ncco.files() == ["a.json"]


def test_a_file_that_cannot_be_written_does_not_keep_the_others_from_being_fixed(ncco: Shell) -> None:
    large = WARNING[:-2] + " " * 10_000 + "]"
    ncco.write("large.json", large)
    ncco.write("small.json", WARNING)
    done = limited(ncco, 4, "check", "--fix", "large.json", "small.json")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("ncco: cannot write large.json: ")
    assert codes(done.stdout) == [("large.json", "F350")]
    assert (ncco.folder / "large.json").read_text(encoding="utf-8") == large
    assert (ncco.folder / "small.json").read_text(encoding="utf-8") == WARNING_FIXED
    assert ncco.files() == ["large.json", "small.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "a.json"),
        ("check", "--format", "json", "a.json"),
        ("check", "--diff", "--unsafe-fixes", "a.json"),
        ("explain",),
        ("schema",),
        ("--version",),
        ("--help",),
    ],
    ids=" ".join,
)
def test_output_that_cannot_be_written(ncco: Shell, arguments: tuple[str, ...]) -> None:
    ncco.write("a.json", ERROR)
    with Path("/dev/full").open("wb") as full:
        process = ncco.start(arguments, stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        _, err = process.communicate(timeout=LONGEST)
    assert process.returncode == 2
    assert re.fullmatch(rb"ncco: the output cannot be written: [^\n]+\n", err), err


def test_a_closed_pipe_ends_quietly(ncco: Shell) -> None:
    ncco.write("a.json", "[" + ",".join(['{"action": "tlak"}'] * 1_500) + "]")
    for arguments in (
        ("check", "a.json"),
        ("check", "--format", "sarif", "a.json"),
        ("check", "--fix", "-q", "a.json"),
    ):
        process = ncco.start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(100)
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        process.wait(LONGEST)
        assert err == b""
        assert process.returncode == 1


@pytest.mark.parametrize(
    "arguments", [("--help",), ("-h",), ("check", "--help"), ("--version",), ("explain",)], ids=" ".join
)
def test_a_pipe_that_nobody_reads_and_no_output_at_all(ncco: Shell, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = ncco.start(arguments, stdout=writing, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    os.close(writing)
    assert process.communicate(timeout=LONGEST)[1] == b""
    assert process.returncode == 0
    done = in_shell(ncco, '"$@" >&-', *arguments)
    assert done.stderr == "ncco: the output cannot be written: standard output is closed\n"
    assert done.returncode == 2


def test_unsafe_fixes_alone_ask_for_nothing(ncco: Shell) -> None:
    ncco.write("a.json", ERROR)
    _, err = ncco("check", "--unsafe-fixes", "a.json", code=2)
    assert "--unsafe-fixes says which fixes, and goes with --fix or --diff" in err


def test_head_takes_a_line(ncco: Shell) -> None:
    ncco.write("a.json", "[" + ",".join(['{"action": "tlak"}'] * 1_500) + "]")
    done = in_shell(ncco, '"$@" | head -n 1', "check", "a.json")
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("a.json:1:13: error F301 ")
    assert done.stderr == ""


def test_control_c_while_it_reads_standard_input(ncco: Shell) -> None:
    with ncco.start(("check", "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        # More than a pipe holds: when this returns, the process is reading, and cannot have reached the end.
        process.stdin.write(b" " * 1_000_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        hold_quiet(process.stdout.read(), process.stderr.read())
        assert process.wait(LONGEST) == 130


def hold_quiet(out: bytes, err: bytes) -> None:
    """Check that at most the line with ^C is ended."""
    assert out == b""
    assert err in (b"", b"\n")


def test_control_c_while_it_reads_a_file(ncco: Shell) -> None:
    fifo = ncco.folder / "a.json"
    os.mkfifo(fifo)
    process = ncco.start(("check", "a.json"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # Opening a pipe for writing waits until it is opened for reading.
    with fifo.open("wb"):
        process.send_signal(signal.SIGINT)
        hold_quiet(*process.communicate(timeout=LONGEST))
    assert process.returncode == 130


def test_a_pipe_in_a_folder_is_not_waited_for(ncco: Shell) -> None:
    ncco.write("b.flow", 'talk "Hello"\n')
    os.mkfifo(ncco.folder / "a.flow")
    assert ncco("check", code=0)[0] == "no findings in 1 file\n"
    assert ncco("check", "--no-cache", code=0)[0] == "no findings in 1 file\n"
    (ncco.folder / "a.flow").unlink()
    (ncco.folder / "a.flow").symlink_to("gone")
    assert "a.flow" in ncco("check", code=2)[1]


def test_a_pipe_with_a_name_is_read_as_a_file(ncco: Shell) -> None:
    fifo = ncco.folder / "a.json"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_text, args=(ERROR,))
    writer.start()
    out, _ = ncco("check", "a.json", code=1)
    writer.join(LONGEST)
    assert codes(out) == [("a.json", "F301")]


# ── Colour ───────────────────────────────────────────────────────────────────────────────────────────


def on_terminal(ncco: Shell, env: Mapping[str, str]) -> str:
    """Return the output of `ncco check a.json` on a terminal."""
    master, slave = pty.openpty()
    try:
        process = subprocess.Popen(
            [*NCCO, "check", "a.json"],
            cwd=ncco.folder,
            env=environment(env),
            stdin=slave,
            stdout=slave,
            stderr=subprocess.PIPE,
        )
        os.close(slave)
        printed = b"".join(until_closed(master))
        _, err = process.communicate(timeout=LONGEST)
    finally:
        os.close(master)
    assert process.returncode == 1
    assert err == b""
    return printed.decode("utf-8")


def until_closed(master: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(master, 65536)
        except OSError as failed:
            # Linux reports this when the last process has closed the terminal.
            if failed.errno != errno.EIO:
                raise
            return
        if not data:
            return
        yield data


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": "", "TERM": "xterm"}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_gets_colour(ncco: Shell, env: dict[str, str], coloured: bool) -> None:
    ncco.write("a.json", ERROR)
    printed = on_terminal(ncco, env)
    assert ("\x1b[1;31merror F301\x1b[0m" in printed) is coloured
    assert ("\x1b" in printed) is coloured


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_a_pipe_gets_none_unless_forced(ncco: Shell, env: dict[str, str], coloured: bool) -> None:
    ncco.write("a.json", ERROR)
    out, _ = ncco("check", "a.json", code=1, env=env)
    assert ("\x1b" in out) is coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", out) == ncco("check", "a.json", code=1)[0]


def test_a_terminal_that_shows_ascii_only(ncco: Shell) -> None:
    ncco.write("é🙂.json", '[{"action": "tlak", "text": "é🙂"}]')
    for form in ("text", "json", "sarif", "github"):
        out, err = ncco("check", "--format", form, "é🙂.json", code=1, env={"PYTHONIOENCODING": "ascii"})
        assert out.isascii()
        assert "F301" in out
        assert err == ""
    ncco("explain", "F606", code=0, env={"PYTHONIOENCODING": "ascii"})


# ── For programs ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def odd(ncco: Shell) -> Shell:
    """A folder with findings of every severity, some with fixes and labels, one after an emoji."""
    ncco.write("a b.json", '[{"action": "talk", "text": "🙂", "level": 0.25, "loop": "2"}]\n')
    ncco.write("older.json", TEXTS["older"])
    ncco.write("clean.json", GOOD)
    return ncco


def test_json_for_programs(odd: Shell) -> None:
    out, err = odd("check", "--format", "json", "a b.json", "older.json", "clean.json", code=1)
    assert err == ""
    report = json.loads(out)
    assert (report["version"], report["files"]) == (1, 3)
    assert {finding["file"] for finding in report["findings"]} == {"a b.json", "older.json"}
    text = (odd.folder / "a b.json").read_text(encoding="utf-8")
    first = report["findings"][0]
    assert (first["code"], first["name"], first["severity"]) == ("F313", "unusual-value", "warning")
    assert text[first["start"]["offset"] : first["end"]["offset"]] == "0.25"
    assert (first["start"]["line"], first["start"]["column"]) == (1, text.index("0.25") + 1)
    assert {finding["severity"] for finding in report["findings"]} == {"error", "warning", "info"}
    assert any(finding["fix"] and finding["fix"]["unsafe"] for finding in report["findings"])
    assert any(finding["labels"] for finding in report["findings"])


def test_sarif_for_programs(odd: Shell) -> None:
    out, err = odd("check", "--format", "sarif", "a b.json", "older.json", "clean.json", code=1)
    assert err == ""
    log = json.loads(out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("ncco", __version__)
    assert run["columnKind"] == "utf16CodeUnits"
    levels = set()
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        levels.add(result["level"])
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            place = location["physicalLocation"]
            assert place["artifactLocation"]["uri"] in {"a%20b.json", "older.json"}
            region = place["region"]
            assert min(region.values()) >= 1
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        for fix in result.get("fixes", ()):
            for change in fix["artifactChanges"]:
                assert change["replacements"]
                assert all("deletedRegion" in replacement for replacement in change["replacements"])
    assert levels == {"error", "warning", "note"}
    text = (odd.folder / "a b.json").read_text(encoding="utf-8")
    (level,) = [
        result for result in run["results"] if result["ruleId"] == "F313" and "0.25" in result["message"]["text"]
    ]
    region = level["locations"][0]["physicalLocation"]["region"]
    # The emoji before it has two UTF-16 code units.
    assert region["startColumn"] == text.index("0.25") + 2


def test_github_for_programs(odd: Shell) -> None:
    out, err = odd("check", "--format", "github", "a b.json", "older.json", "clean.json", code=1)
    assert err == ""
    pattern = r"::(error|warning|notice) file=([^,:]+),line=\d+,endLine=\d+,col=\d+(?:,endColumn=\d+)?,title=[FLPQS]\d{3} [a-z-]+::.+"
    matches = [re.fullmatch(pattern, line) for line in out.splitlines()]
    assert all(matches)
    assert {match[1] for match in matches if match} == {"error", "warning", "notice"}
    assert {match[2] for match in matches if match} == {"a b.json", "older.json"}


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_no_findings_for_programs(ncco: Shell, form: str) -> None:
    ncco.write("a.json", GOOD)
    out, err = ncco("check", "--format", form, "a.json", code=0)
    assert err == ""
    if form == "github":
        assert out == ""
    else:
        report = json.loads(out)
        assert (report["findings"] if form == "json" else report["runs"][0]["results"]) == []


# ── The other commands ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("word", ["F401", "f401", "barge-in-without-input", "Barge-In-Without-Input"])
def test_explain_a_rule(ncco: Shell, word: str) -> None:
    out, err = ncco("explain", word, code=0)
    assert out.startswith("F401 barge-in-without-input (error)\n")
    assert '"bargeIn": true' in out
    assert out.index("\nBad:\n") < out.index("\nGood:\n")
    assert err == ""


@pytest.mark.parametrize(
    ("word", "first", "further"),
    [
        ("talk", "talk\n", "The NCCO that it becomes:"),
        ("connect.timeout", "connect.timeout\n", "  range        1s to 2m\n"),
        ("timeout", "The option timeout (", "  menu.timeout "),
        ("hangup", "hangup\n", "\n\nhangup (in a test)\n"),
        ("record", "record\n", "\n\nThe option record ("),
    ],
)
def test_explain_a_statement_or_an_option(ncco: Shell, word: str, first: str, further: str) -> None:
    out, err = ncco("explain", word, code=0)
    assert out.startswith(first)
    assert further in out
    assert err == ""


def test_explain_lists_every_rule(ncco: Shell) -> None:
    out, _ = ncco("explain", code=0)
    assert [line.split() for line in out.splitlines()] == [[rule.code, rule.severity, rule.name] for rule in RULES]


def test_explain_what_a_bad_setting_shows(ncco: Shell) -> None:
    out, _ = ncco("explain", "F801", code=0)
    assert out.startswith("F801 invalid-setting (error)\n")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("barge-in-without-inputs", 'did you mean "barge-in-without-input"?'),
        ("barge", 'did you mean "barge-in-without-input"'),
        ("zzz", "ncco explain lists"),
        ("tlak", 'did you mean "talk"?'),
        ("ring", "it is a statement of a later version; nothing places a second call yet"),
        ("connect.timeot", 'did you mean "connect.timeout"?'),
    ],
)
def test_explain_what_there_is_not(ncco: Shell, word: str, hint: str) -> None:
    out, err = ncco("explain", word, code=2)
    assert out == ""
    assert f'no rule, statement or option is named "{word}"' in err
    assert hint in err


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((), "ncco.schema.json"), (("ncco",), "ncco.schema.json"), (("toml",), "ncco-toml.schema.json")],
)
def test_schema_prints_the_file(ncco: Shell, arguments: tuple[str, ...], name: str) -> None:
    out, err = ncco("schema", *arguments, code=0)
    assert out == (ROOT / "schemas" / name).read_text(encoding="utf-8")
    assert err == ""


def test_version_and_help(ncco: Shell) -> None:
    for words in ("--version", "-V", "version"):
        assert ncco(words, code=0) == (f"ncco {__version__}\n", "")
    assert ncco("help", code=0) == ncco("--help", code=0)
    assert ncco("help", "compile", code=0) == ncco("compile", "--help", code=0)
    for command in ((), ("check",), ("compile",), ("explain",), ("schema",)):
        for option in ("-h", "--help"):
            out, err = ncco(*command, option, code=0)
            assert out.startswith("Usage: ncco")
            assert err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chekc",), 'there is no command "chekc"; did you mean "check"?'),
        (("zzz",), 'there is no command "zzz"'),
        (("plan",), 'there is no command "plan"; did you mean "deploy --plan"?'),
        (("apply",), 'there is no command "apply"; did you mean "deploy"?'),
        (("lint",), 'there is no command "lint"; did you mean "check"?'),
        (("vaildate",), 'there is no command "vaildate"; did you mean "check"?'),
        (("format",), 'there is no command "format"; did you mean "fmt"?'),
        (("help", "formt"), 'there is no command "formt"; did you mean "fmt"?'),
        (("check", "--fxi"), "--fxi"),
        (("check", "--format", "xml"), "xml"),
        (("check", "--fail-on", "sometimes"), "sometimes"),
        (("check", "--provider", "kpm"), "kpm"),
        (("schema", "xml"), "xml"),
        (("explain", "F401", "F402"), "F402"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage(ncco: Shell, arguments: tuple[str, ...], words: str) -> None:
    out, err = ncco(*arguments, code=2)
    assert out == ""
    assert words in err


def test_the_installed_command_is_the_same(ncco: Shell) -> None:
    script = Path(sys.executable).parent / "ncco"
    done = subprocess.run([script, "--version"], capture_output=True, encoding="utf-8", timeout=LONGEST, check=True)
    assert done.stdout == f"ncco {__version__}\n"


# ── Start-up ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "text", "unwanted"),
    [
        (
            "a.json",
            GOOD,
            {"ncco_lang.compiler", "ncco_lang.syntax.parse", "ncco_lang.rules", "lark", "pathspec", "tomllib"},
        ),
        ("a.flow", 'talk "Hello"\n', {"ncco_lang.formatter", "ncco_lang.rules", "pathspec", "tomllib", "phonenumbers"}),
    ],
)
def test_a_check_imports_only_what_it_needs(ncco: Shell, name: str, text: str, unwanted: set[str]) -> None:
    ncco.write(name, text)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ncco_lang", "check", name],
        cwd=ncco.folder,
        env=environment({}),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    never = {"jsonschema", "difflib", "ncco_lang.user_cache", "ncco_lang.decompiler", "ncco_lang.cli.reporters"}
    assert imported & (never | unwanted) == set()
    assert "click" in imported


# ── The choice of rules ──────────────────────────────────────────────────────────────────────────────

UNUSED = 'let desk = 1\ntalk "Hello, {{name}}."\n'


def test_rules_are_selected_and_ignored(ncco: Shell) -> None:
    ncco.write("a.flow", UNUSED)
    every = codes(ncco("check", "a.flow", code=0)[0])
    assert ("a.flow", "F203") in every
    assert len(every) > 1
    for words in (("--select", "unused-name"), ("--select", "F203,F901"), ("--select", "F20", "--select", "S101")):
        assert codes(ncco("check", *words, "a.flow", code=0)[0]) == [("a.flow", "F203")]
    assert codes(ncco("check", "--ignore", "f203", "a.flow", code=0)[0]) == [
        each for each in every if each != ("a.flow", "F203")
    ]
    assert ncco("check", "--select", "F2", "--ignore", "F203", "a.flow", code=0)[0] == "no findings in 1 file\n"


def test_a_choice_of_rules_is_not_remembered_and_decides_what_is_fixed(ncco: Shell) -> None:
    path = ncco.write("a.flow", UNUSED)
    ncco("check", "--select", "S101", code=0)
    assert "F203" in ncco("check", code=0)[0]
    ncco("check", "--fix", "--ignore", "F203", code=0)
    assert path.read_text(encoding="utf-8") == UNUSED
    ncco("check", "--fix", "--select", "F203", code=0)
    assert path.read_text(encoding="utf-8") == UNUSED.partition("\n")[2]


def test_syntax_errors_are_reported_whatever_is_selected(ncco: Shell) -> None:
    ncco.write("a.flow", 'talk "Hello.\n')
    assert "F122" in ncco("check", "--select", "F203", "--ignore", "F1", "a.flow", code=1)[0]


@pytest.mark.parametrize(
    ("word", "hint"), [("unused-nam", 'did you mean "unused-name"?'), ("F999", "ncco explain"), ("", "ncco explain")]
)
def test_a_choice_of_unknown_rules_is_refused(ncco: Shell, word: str, hint: str) -> None:
    ncco.write("a.flow", UNUSED)
    assert hint in ncco("check", "--select", word, "a.flow", code=2)[1]


def test_what_compile_wrote_is_not_checked(ncco: Shell) -> None:
    ncco.write("a.flow", UNUSED)
    ncco.write("sub/b.flow", 'step start {\n    menu "Press 1." {\n        1 -> end\n        give_up -> end\n    }\n}\n'
               'step end {\n    talk "Bye."\n    hangup\n}\n')  # fmt: skip
    ncco.write("ncco.toml", '[check]\njson = ["*.json"]\n')
    ncco("compile", ".", "-o", "out", code=0)
    ncco("compile", "a.flow", "-o", "a.ncco.json", "--minify", code=0)
    assert "in 2 files" in ncco("check", code=0)[0]
    # A file that is named is checked, and so is one that was written by hand.
    assert "in 1 file" in ncco("check", "a.ncco.json", code=0)[0]
    ncco.write("a.ncco.json", '[{"action": "tlak"}]')
    assert ("a.ncco.json", "F301") in codes(ncco("check", code=1)[0])
