"""Test the cache of `ncco check` on folders: it only changes how long a check takes."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from ncco_lang import __version__
from ncco_lang.compiler import check_flow
from ncco_lang.workspace import run_snapshot
from ncco_lang.workspace.cache import Cache
from ncco_lang.workspace.file_stamps import is_settled, stamp
from ncco_lang.workspace.files import read_source
from ncco_lang.workspace.imports import DiskReader
from ncco_lang.workspace.installation import fingerprint, own_files
from ncco_lang.workspace.projects import Choices, Projects
from tests.shells.shell import LONGEST, ROOT, Shell, environment, imported, limited, run

GOOD = 'talk "Hello"\n'
# The same length, so that only time and content differ.
BAD = 'tlak "Hello"\n'
GOOD_JSON = '[{"action": "talk", "text": "Hello"}]\n'
WARNING_JSON = '[{"action": "stream", "streamUrl": "https://example.com/music.mp3"}]\n'
NOTHING = "no findings in"
CACHE = ".ncco_cache"
COMPILER = {"ncco_lang.compiler", "ncco_lang.checker", "ncco_lang.syntax.parse", "ncco_lang.rules"}


def rest(ncco: Shell) -> None:
    """Wait until the clock of the file system has passed the tick in which the files were written."""
    clock = ncco.folder.parent / "clock"
    paths = [path for path in ncco.folder.rglob("*") if CACHE not in path.parts]
    while True:
        clock.touch()
        now = clock.stat().st_mtime_ns
        if all(is_settled(path.stat(), now) for path in paths):
            return


def index_files(folder: Path) -> list[Path]:
    return sorted((folder / CACHE).glob("check-*"))


def run_files(folder: Path) -> list[Path]:
    return sorted((folder / CACHE).glob("run-*"))


def loaded(ncco: Shell, *arguments: str) -> set[str]:
    """Return the modules that a run imports."""
    return imported(ncco.folder, "-m", "ncco_lang", *arguments)


@pytest.fixture
def project(ncco: Shell) -> Shell:
    """Flows and NCCO in folders, with settings, all without findings and checked once."""
    ncco.folder = ncco.folder / "project"
    ncco.write("ncco.toml", '[check]\njson = ["*.json"]\n[check.severity]\nF350 = "error"\n')
    ncco.write(".gitignore", "out/\n")
    for name in ("a.flow", "sub/b.flow", "sub/deep/c.flow"):
        ncco.write(name, GOOD)
    ncco.write("sub/d.json", GOOD_JSON)
    rest(ncco)
    assert ncco("check", code=0) == ("no findings in 4 files\n", "")
    return ncco


# ── It is there, and it helps ────────────────────────────────────────────────────────────────────────


def test_the_folder_keeps_itself_out_of_git_and_of_backups(project: Shell) -> None:
    assert (project.folder / CACHE / ".gitignore").read_text(encoding="utf-8").endswith("\n*\n")
    tag = (project.folder / CACHE / "CACHEDIR.TAG").read_text(encoding="utf-8")
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert len(index_files(project.folder)) == len(run_files(project.folder)) == 1


def test_a_second_check_loads_neither_the_compiler_nor_click(project: Shell) -> None:
    for arguments in (("check",), ("check", "."), ("check", "-q"), ("check", str(project.folder))):
        project(*arguments, code=0)
        assert loaded(project, *arguments) & (COMPILER | {"click", "pathspec", "tomllib"}) == set()
    project("check", "--format", "json", "--provider", "vonage", code=0)
    assert loaded(project, "check", "--format", "json", "--provider", "vonage") & (COMPILER | {"pathspec"}) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        *((), ("-q",), ("sub",), ("sub", "."), ("--fix",), ("--diff",), ("--fail-on", "info"), ("--provider", "kpn")),
        *(("--format", form) for form in ("json", "sarif", "github", "gitlab")),
        ("--base-url", "https://example.com"),
    ],
    ids=" ".join,
)
def test_it_prints_what_a_run_without_it_prints(project: Shell, arguments: tuple[str, ...]) -> None:
    wanted = project("check", "--no-cache", *arguments, code=0)
    for _ in range(3):
        assert project("check", *arguments, code=0) == wanted


def test_after_a_change_only_what_changed_is_read(project: Shell) -> None:
    project.write("sub/b.flow", GOOD + 'talk "Bye"\n')
    rest(project)
    before = index_files(project.folder)[0].read_bytes()
    assert project("check", code=0)[0] == "no findings in 4 files\n"
    after = index_files(project.folder)[0].read_bytes()
    lines = set(after.split(b"\n")) - set(before.split(b"\n"))
    assert [line.partition(b"\t")[2] for line in lines] == [b"sub/b.flow"]
    assert loaded(project, "check") & {"click"} == set()


def test_findings_are_told_again_and_again(project: Shell) -> None:
    project.write("sub/b.flow", BAD)
    project.write("e.json", WARNING_JSON)
    for form in ("text", "json", "sarif", "github", "gitlab"):
        wanted = project("check", "--no-cache", "--format", form, code=1)
        for _ in range(2):
            assert project("check", "--format", form, code=1) == wanted


# ── It is never wrong ────────────────────────────────────────────────────────────────────────────────


def reported(ncco: Shell, *arguments: str) -> bool:
    """Return whether a check has findings; compare it with a check without the cache."""
    outcomes = []
    for more in ((), ("--no-cache",)):
        done = run(["check", *arguments, *more], ncco.folder, {})
        outcomes.append((done.returncode, done.stdout, done.stderr))
    assert outcomes[0] == outcomes[1]
    return outcomes[0][0] == 1


def test_a_change_of_the_same_length_with_the_old_time(project: Shell) -> None:
    path = project.folder / "a.flow"
    before = path.stat()
    path.write_text(BAD, encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert reported(project)


def test_a_file_that_another_took_the_place_of(project: Shell) -> None:
    path, other = project.folder / "a.flow", project.folder / "a.new"
    before = path.stat()
    other.write_text(BAD, encoding="utf-8")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert reported(project)


def test_a_change_in_the_tick_in_which_it_was_read(ncco: Shell) -> None:
    """Write, check and write again at once, many times: the clock may not have advanced."""
    for _ in range(3):
        ncco.write("a.flow", GOOD)
        ncco("check", code=0)
        ncco.write("a.flow", BAD)
        ncco("check", code=1)


@pytest.mark.parametrize(
    ("latest", "now", "settled"),
    [
        (1_000_000_001, 1_050_000_000, False),
        (1_000_000_001, 1_200_000_000, True),
        # Whole seconds: the file system may store no fractions.
        (1_000_000_000, 2_900_000_000, False),
        (1_000_000_000, 3_100_000_000, True),
        # A clock that is ahead of ours.
        (9_000_000_001, 1_000_000_000, False),
    ],
)
def test_when_a_file_is_at_rest(tmp_path: Path, latest: int, now: int, settled: bool) -> None:
    class Found:
        st_mtime_ns = st_ctime_ns = latest

    assert is_settled(Found, now) is settled  # type: ignore[arg-type]
    assert stamp(None) == "-"


def test_a_new_file_and_one_that_went(project: Shell) -> None:
    path = project.write("sub/new.flow", BAD)
    assert reported(project)
    path.unlink()
    assert not reported(project)
    (project.folder / "a.flow").unlink()
    assert project("check", code=0)[0] == "no findings in 3 files\n"


def test_links_that_lead_elsewhere(project: Shell) -> None:
    outside = project.folder.parent
    (outside / "one.flow").write_text(GOOD, encoding="utf-8")
    (outside / "two.flow").write_text(BAD, encoding="utf-8")
    # Valid as a flow, but not an NCCO.
    (outside / "three.txt").write_text(GOOD, encoding="utf-8")
    link = project.folder / "link.flow"
    link.symlink_to("../one.flow")
    rest(project)
    assert not reported(project)
    assert loaded(project, "check") & {"click"} == set()
    link.unlink()
    link.symlink_to("../two.flow")
    assert reported(project)
    link.unlink()
    link.symlink_to("../three.txt")
    assert not reported(project)
    link.unlink()
    (project.folder / "link.json").symlink_to("../three.txt")
    assert reported(project)


def test_a_folder_that_is_new_and_one_that_was_ignored(project: Shell) -> None:
    project.write("out/x.flow", BAD)
    assert not reported(project)
    project.write(".gitignore", "")
    assert reported(project)
    project.write(".gitignore", "out/\nsub/\n")
    assert project("check", code=0)[0] == "no findings in 1 file\n"


def test_settings_that_change(project: Shell) -> None:
    project.write("sub/d.json", WARNING_JSON)
    project.write("ncco.toml", '[check]\njson = ["*.json"]\n[check.severity]\nF350 = "off"\n')
    assert not reported(project)
    project.write("ncco.toml", '[check]\njson = ["*.json"]\n')
    assert not reported(project, "--fail-on", "error")
    assert reported(project, "--fail-on", "warning")
    project.write("sub/ncco.toml", '[check]\njson = ["*.json"]\n[check.severity]\nF350 = "error"\n')
    assert reported(project)
    (project.folder / "sub/ncco.toml").write_text('[check]\njson = ["no.json"]\n', encoding="utf-8")
    assert not reported(project)


def test_hosts_that_are_no_longer_allowed(ncco: Shell) -> None:
    ncco.write(
        "a.flow",
        'fallback end\nstep start {\n    fetch "http://127.0.0.1/a" { otherwise -> end }\n    goto end\n}\nstep end { talk "Bye." }\n',
    )
    ncco.write("ncco.toml", '[serve]\nallow = ["127.0.0.1"]\n')
    rest(ncco)
    assert NOTHING in ncco("check", code=0)[0]
    ncco.write("ncco.toml", "[serve]\nallow = []\n")
    rest(ncco)
    assert "L109" in ncco("check", code=0)[0]


def test_settings_that_appear_above(ncco: Shell) -> None:
    top, ncco.folder = ncco.folder, ncco.folder / "in"
    ncco.write("ncco.json", WARNING_JSON.replace('"https://example.com/music.mp3"', '["https://example.com/a.mp3"]'))
    rest(ncco)
    ncco("check", code=0)
    ncco("check", code=0)
    (top / "ncco.toml").write_text('[check]\nprovider = "kpm"\n', encoding="utf-8")
    ncco("check", code=2)


def test_an_ignore_file_that_appears_above(ncco: Shell) -> None:
    top, ncco.folder = ncco.folder, ncco.folder / "in"
    (top / ".git").mkdir()
    ncco.write("a.flow", GOOD)
    ncco.write("b.flow", GOOD)
    rest(ncco)
    assert ncco("check", code=0)[0] == "no findings in 2 files\n"
    assert loaded(ncco, "check") & {"click"} == set()
    (top / ".gitignore").write_text("b.flow\n", encoding="utf-8")
    assert ncco("check", code=0)[0] == "no findings in 1 file\n"
    rest(Shell(top))
    assert ncco("check", code=0)[0] == "no findings in 1 file\n"
    assert loaded(ncco, "check") & {"click"} == set()
    (top / ".git").rmdir()
    assert ncco("check", code=0)[0] == "no findings in 2 files\n"


ADDRESSED = 'notify "/events" payload: {"a": 1}\ntalk "Hello"\n'


def test_choices_of_the_command_line(project: Shell) -> None:
    """A flow that is invalid without a base URL for "/events", and NCCO that KPN does not document."""
    project.write("a.flow", ADDRESSED)
    project.write("sub/d.json", '[{"action": "talk", "text": "a"}, {"action": "wait"}]\n')
    rest(project)
    base_url = ("--base-url", "https://example.com")
    for _ in range(2):
        assert reported(project)
        assert not reported(project, *base_url)
        assert not reported(project, *base_url, "--provider", "vonage", "--fail-on", "info")
        assert reported(project, *base_url, "--provider", "kpn", "--fail-on", "info")


PARAM = 'param pin: text\ntalk "{pin}"\n'


def test_values_of_params_settle_what_is_found_and_leave_no_trace(ncco: Shell) -> None:
    ncco.write(
        "ncco.toml",
        'profile = "a"\n[check]\nfail_on = "warning"\nseverity = { F215 = "off" }\n[profiles.a.params]\npin = "env:PIN"\n'
        '[profiles.b.params]\npin = ""\n[profiles.c.params]\npin = "x"\n',
    )
    ncco.write("uses.flow", PARAM)
    ncco.write("other.flow", GOOD)
    rest(ncco)
    for _ in range(2):
        ncco("check", code=1)
        for value in ("one", ""):
            ncco("check", code=0 if value else 1, env={"PIN": value})
        ncco("check", "--profile", "b", code=1)
        ncco("check", "--profile", "c", code=0)
        ncco("check", "--profile", "d", code=2)
    for value in ("secretone", ""):
        ncco("check", "-p", f"pin={value}", code=0 if value else 1)
        ncco("check", code=0 if value else 1, env={"PIN": value})
    kept = b"".join(path.read_bytes() for path in (ncco.folder / CACHE).iterdir())
    assert b"secretone" not in kept
    with_env = [path for path in index_files(ncco.folder) if b"\tuses.flow\n" not in path.read_bytes()]
    assert with_env
    # A line without a digest matches no text, not even an empty one.
    for path in index_files(ncco.folder):
        path.write_bytes(path.read_bytes() + b"\tx.flow\n")
    ncco("check", code=1, env={"PIN": ""})
    assert all(b"\tother.flow\n" in path.read_bytes() for path in index_files(ncco.folder))


def test_the_rules_and_the_data_are_part_of_what_settles_a_result() -> None:
    assert fingerprint() == fingerprint()
    names = {Path(name).name for name in own_files()}
    assert names >= {"ncco.schema.json", "flow.parser.json", "action_order.py", "__init__.py"} or "RECORD" in names


def test_an_installed_package_is_known_by_its_contents_wherever_it_lies(tmp_path: Path) -> None:
    def known(folder: str, record: str) -> str:
        site = tmp_path / folder
        shutil.copytree(ROOT / "ncco_lang", site / "ncco_lang", ignore=shutil.ignore_patterns("__pycache__"))
        info = site / f"ncco_lang-{__version__}.dist-info"
        info.mkdir()
        (info / "RECORD").write_text(record, encoding="utf-8")
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from ncco_lang.workspace import installation as i; print(i.fingerprint(), i.__file__)",
            ],
            env=environment({"PYTHONPATH": str(site)}),
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=True,
        )
        fingerprint_, _, where = done.stdout.strip().rpartition(" ")
        assert where.startswith(str(site))
        return fingerprint_

    record = "ncco_lang/checker.py,sha256=abc,1\nncco_lang/rules.py,sha256=def,2\n"
    one = known("one", record)
    assert (
        known(
            "two", f"ncco_lang-{__version__}.dist-info/INSTALLER,sha256=x,3\nncco_lang/__pycache__/a.pyc,,\n" + record
        )
        == one
    )
    assert known("three", record.replace("abc", "xyz")) != one


# ── Nothing that happens to the folder matters ───────────────────────────────────────────────────────

WRECKS = [
    b"",
    b"\0" * 500,
    b"ncco check 1",
    b"ncco check 1\n\t\t\t\n\n",
    b"\xff\xfe\n",
    b"ncco check 1\n" + b"x" * 10000,
]


@pytest.mark.parametrize("wreck", WRECKS, ids=range(len(WRECKS)))
def test_damaged_files(project: Shell, wreck: bytes) -> None:
    for path in (*index_files(project.folder), *run_files(project.folder)):
        path.write_bytes(wreck)
    assert not reported(project)
    project.write("a.flow", BAD)
    assert reported(project)


def test_files_cut_off_and_with_bytes_changed(project: Shell) -> None:
    chance = random.Random(6)
    (index,), (run,) = index_files(project.folder), run_files(project.folder)
    whole = {path: path.read_bytes() for path in (index, run)}
    project.write("a.flow", BAD)
    for number in range(4):
        for path, data in whole.items():
            at = chance.randrange(len(data))
            path.write_bytes(data[:at] if number % 2 else data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :])
        assert reported(project)


def test_a_list_of_a_run_that_leads_astray(project: Shell) -> None:
    (run,) = run_files(project.folder)
    first, *others = run.read_bytes().split(b"\n")
    for line in (
        b"",
        b"checked\t-\t/\0",
        b"checked\t-\t/nowhere",
        b"folder\t\t/nowhere",
        b"what\tis\tthis",
        b"checked",
    ):
        run.write_bytes(b"\n".join((first, line, b"3")))
        assert project("check", code=0)[0] == "no findings in 4 files\n"
    # Truncated at the end of a line, before the file that has changed.
    (last,) = (number for number, line in enumerate(others) if line.endswith(b"c.flow"))
    project.write("sub/deep/c.flow", BAD)
    for tail in ((), (b"",)):
        run.write_bytes(b"\n".join((first, *others[:last], *tail)))
        assert reported(project)
    project.write("sub/deep/c.flow", GOOD)
    for number in (b"", b"1", b"x"):
        run.write_bytes(b"\n".join((first, *others[:1], number)))
        assert project("check", code=0)[0] == "no findings in 4 files\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_things_that_are_no_files(project: Shell) -> None:
    paths = [*index_files(project.folder), *run_files(project.folder)]
    for path in paths:
        path.unlink()
        os.mkfifo(path)
    assert not reported(project)
    for path in paths:
        path.unlink()
        path.mkdir()
    assert not reported(project)
    for path in paths:
        path.rmdir()
        path.symlink_to("/dev/zero")
    assert not reported(project)


def test_a_link_in_the_place_of_the_folder_is_not_followed(ncco: Shell) -> None:
    ncco.folder = ncco.folder / "project"
    ncco.write("a.flow", GOOD)
    (ncco.folder.parent / "elsewhere").mkdir()
    (ncco.folder / CACHE).symlink_to("../elsewhere")
    rest(ncco)
    ncco("check", code=0)
    assert list((ncco.folder.parent / "elsewhere").iterdir()) == []


def test_a_file_in_the_place_of_the_folder(ncco: Shell) -> None:
    ncco.write("a.flow", GOOD)
    ncco.write(CACHE, "mine")
    assert ncco("check", code=0) == ("no findings in 1 file\n", "")
    assert (ncco.folder / CACHE).read_text(encoding="utf-8") == "mine"


def test_a_folder_that_may_not_be_written(user: Shell) -> None:
    user.write("a.flow", GOOD)
    user.folder.chmod(0o555)
    try:
        assert user("check", code=0) == ("no findings in 1 file\n", "")
    finally:
        user.folder.chmod(0o755)


def test_a_full_disk(ncco: Shell) -> None:
    for number in range(40):
        ncco.write(f"{'long' * 20}{number}.flow", GOOD)
    done = limited(ncco, 1, "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings in 40 files\n", "")
    assert index_files(ncco.folder) == []
    assert ncco("check", code=0)[0] == "no findings in 40 files\n"


def test_it_may_be_deleted_at_any_moment(project: Shell) -> None:
    for path in sorted((project.folder / CACHE).iterdir()):
        path.unlink()
        assert project("check", code=0)[0] == "no findings in 4 files\n"


def test_no_cache_reads_nothing_and_writes_nothing(ncco: Shell) -> None:
    ncco.write("a.flow", GOOD)
    ncco("check", "--no-cache", code=0)
    assert ncco.files() == ["a.flow"]
    ncco("check", "-p", "x=1", code=1)
    ncco("check", "a.flow", "-", code=0, stdin=GOOD)
    assert ncco.files() == ["a.flow"]


def test_the_folder_may_be_elsewhere(project: Shell) -> None:
    elsewhere = project.folder.parent / "kept" / "here"
    env = {"NCCO_CACHE_DIR": str(elsewhere)}
    for _ in range(2):
        assert project("check", code=0, env=env)[0] == "no findings in 4 files\n"
    (own,) = elsewhere.iterdir()
    assert own.name.startswith("project-")
    assert any(path.name.startswith("check-") for path in own.iterdir())


def test_without_settings_it_lies_in_the_working_folder(ncco: Shell) -> None:
    ncco.write("sub/a.flow", GOOD)
    ncco("check", "sub", code=0)
    assert (ncco.folder / CACHE).is_dir()
    assert not (ncco.folder / "sub" / CACHE).exists()
    ncco.write("sub/ncco.toml", "")
    ncco("check", "sub", code=0)
    assert (ncco.folder / "sub" / CACHE).is_dir()


def test_it_serves_another_checkout(project: Shell) -> None:
    """Other times and inodes: every file is read, and none is checked."""
    other = project.folder.parent / "other"
    shutil.copytree(project.folder, other, copy_function=shutil.copyfile)
    project.folder = other
    # `ncco.toml` names a rule.
    assert loaded(project, "check") & COMPILER == {"ncco_lang.rules"}
    project.write("a.flow", BAD)
    assert reported(project)


def test_it_stays_small(project: Shell) -> None:
    shelf = project.folder / CACHE
    for number in range(100):
        (shelf / f"check-{number}").write_bytes(b"old")
        os.utime(shelf / f"check-{number}", ns=(number, number))
    (shelf / ".new-check-x").write_bytes(b"left behind")
    os.utime(shelf / ".new-check-x", ns=(1, 1))
    (shelf / "mine").write_bytes(b"somebody's")
    (project.folder / "sub/b.flow").unlink()
    project.write("sub/new.flow", 'talk "New"\n')
    rest(project)
    project("check", code=0)
    names = [path.name for path in shelf.iterdir()]
    assert len(names) < 40
    assert ".new-check-x" not in names
    assert "mine" in names
    newest = max(index_files(project.folder), key=lambda path: path.stat().st_mtime_ns).read_bytes()
    assert b"\tsub/new.flow\n" in newest
    assert b"\tsub/b.flow\n" not in newest


# ── Imports ──────────────────────────────────────────────────────────────────────────────────────────

IMPORTING = 'use bye from "shared/closing.flow"\ntalk "Hello"\n'
CLOSING = 'let bye = "Bye"\n'


def test_what_a_flow_imports_is_looked_at_in_each_run(ncco: Shell) -> None:
    ncco.write("ncco.toml", "edition = 2026\n")
    ncco.write("main.flow", IMPORTING)

    def codes() -> set[str]:
        rest(ncco)
        outcomes = [ncco("check", *more, "--format", "json", code=1)[0] for more in ((), (), ("--no-cache",))]
        assert outcomes[0] == outcomes[1] == outcomes[2]
        found = json.loads(outcomes[0])["findings"]
        return {each["code"] for each in found if each["file"] == "main.flow"} - {"F203"}  # nothing reads the import

    assert codes() == {"F139", "F219"}
    path = ncco.write("shared/closing.flow", CLOSING)
    assert codes() == {"F139"}
    path.write_text(CLOSING.replace("bye", "boo"), encoding="utf-8")
    assert codes() == {"F139", "F201"}
    path.write_text(CLOSING + 'use main from "../main.flow"\n', encoding="utf-8")
    assert codes() == {"F139", "F220"}
    path.unlink()
    assert codes() == {"F139", "F219"}


class Checked(NamedTuple):
    """What a check of a flow used: the list of the run, the entry of the file; and whether it found something."""

    run: bool
    entry: bool
    wrong: bool


def check_importing(folder: Path) -> Checked:
    """Check `main.flow` as `ncco check` does, but as if this version compiled `use`."""
    root, name = str(folder), str(folder / "main.flow")
    began, project = time.time_ns(), Projects().of_folder(root)
    run = run_snapshot.run_of([root], (None, None))
    known = run_snapshot.files_unchanged(run, root) is not None
    cache = Cache(Choices())
    entry = cache.entry(name, "flow", project)
    assert entry is not None
    if entry.is_same_file():
        same, wrong = True, False
    else:
        source, reader = read_source(name), DiskReader(root, name)
        same = entry.is_same_text(source.text)
        wrong = any(each.rule.code not in ("F139", "F203") for each in check_flow(source, reader=reader))
        if not wrong:
            entry.keep(reader.stamps)
    cache.save()
    if not wrong:
        run_snapshot.remember(run, [root], {}, cache.stamps, cache.imports(), began)
    return Checked(known, same, wrong)


def test_an_entry_serves_while_no_imported_file_changes(ncco: Shell) -> None:
    path = ncco.folder / "shared" / "closing.flow"
    ncco.write("ncco.toml", "edition = 2026\n")
    ncco.write("main.flow", IMPORTING)
    ncco.write("shared/closing.flow", CLOSING + 'use other from "other.flow"\n')
    rest(ncco)
    assert check_importing(ncco.folder) == (False, False, False)
    assert check_importing(ncco.folder) == check_importing(ncco.folder) == (True, True, False)
    # A file that the imported file lacks is created, and deleted.
    ncco.write("shared/other.flow", 'use main from "../main.flow"\n')
    rest(ncco)
    assert check_importing(ncco.folder) == check_importing(ncco.folder) == (False, False, True)
    (ncco.folder / "shared" / "other.flow").unlink()
    rest(ncco)
    assert check_importing(ncco.folder) == (True, True, False)
    before = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("bye", "boo"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    rest(ncco)
    assert check_importing(ncco.folder) == check_importing(ncco.folder) == (False, False, True)
    path.unlink()
    assert check_importing(ncco.folder) == (False, False, True)
    ncco.write("shared/closing.flow", CLOSING)
    rest(ncco)
    assert check_importing(ncco.folder) == (False, False, False)
    assert check_importing(ncco.folder) == (True, True, False)


def test_a_text_alone_serves_no_flow_that_imports(ncco: Shell) -> None:
    ncco.write("ncco.toml", "edition = 2026\n")
    ncco.write("main.flow", IMPORTING)
    ncco.write("shared/closing.flow", CLOSING)
    rest(ncco)
    assert not check_importing(ncco.folder).wrong
    (index,) = index_files(ncco.folder)
    assert b"\0" in index.read_bytes()
    # The same text and index beside another file of that name.
    other = ncco.folder.parent / "other"
    shutil.copytree(ncco.folder, other, copy_function=shutil.copyfile)
    (other / "shared" / "closing.flow").write_text("let boo = 1\n", encoding="utf-8")
    rest(Shell(other))
    assert check_importing(other) == (False, False, True)


# ── Two at once ──────────────────────────────────────────────────────────────────────────────────────


def test_two_processes_writing_at_once(ncco: Shell) -> None:
    """Start two on one folder again and again, while files change: no result is wrong, and no file is torn."""
    for number in range(30):
        ncco.write(f"{'ab'[number % 2]}/{number}.flow", f'talk "{number}"\n')
    rest(ncco)
    for turn in range(4):
        bad = turn % 3 == 2
        ncco.write("a/0.flow", BAD if bad else f'talk "{turn}"\n')
        both = [ncco.begin("check", *arguments) for arguments in ((), (), ("a",), ("b", "a"))]
        for process in both:
            out, err = process.communicate(timeout=LONGEST)
            assert err == b""
            assert process.returncode == int(bad), out
            assert (NOTHING.encode() in out) is not bad
        for path in index_files(ncco.folder):
            lines = path.read_bytes().split(b"\n")
            assert lines[0] == b"ncco check 1"
            assert lines[-1] == b""
            assert all(len(line.split(b"\t")[0].split(b" ")[0]) == 32 for line in lines[1:-1])
    (index,) = index_files(ncco.folder)
    assert {line.rpartition(b"\t")[2].decode() for line in index.read_bytes().split(b"\n")[1:-1]} >= {
        f"{'ab'[number % 2]}/{number}.flow" for number in range(1, 30)
    }
    assert [path.name for path in (ncco.folder / CACHE).iterdir() if path.name.startswith(".new")] == []


def test_a_process_that_is_killed_while_it_writes(project: Shell) -> None:
    """Its leftover files are ignored."""
    (project.folder / CACHE / ".new-check-1.2.3").write_bytes(b"half of")
    assert not reported(project)
