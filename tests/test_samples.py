"""The samples: each compiles without a finding, is formatted, and does what its comments and its tests say.

A flow that is one NCCO has it beside it, and decompiles to the same call. The others are bundles.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ncco_lang.bundler import Bundled
from ncco_lang.compiler import CompileOptions, compile_source, compile_text
from ncco_lang.decompiler import decompile
from ncco_lang.formatter import format_source
from ncco_lang.ncco.emit import render_ncco
from ncco_lang.project.params import Given
from ncco_lang.source import Source
from tests.conftest import Golden
from tests.judge import judge
from tests.shells.shell import path_of_commands

FOLDER = Path(__file__).resolve().parent.parent / "samples"
SAMPLES = sorted(FOLDER.glob("*/*.flow"))
NAMES = """
    announcement appointment-reminder appointments call-forward card-balance clinic conference emergency-broadcast
    emergency-line front-desk hold-music order-status pin-prompt sip-handover voicemail websocket-bot
""".split()
BRANCHING = {"appointments", "card-balance", "clinic", "emergency-line", "front-desk", "order-status"}

every_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
every_ncco = pytest.mark.parametrize(
    "path", [path for path in SAMPLES if path.stem not in BRANCHING], ids=lambda path: path.stem
)


def read(path: Path) -> Source:
    return Source(path.name, path.read_bytes().decode("utf-8"))


def given(**values: str) -> CompileOptions:
    """Return options with params as they come from the command line."""
    return CompileOptions(params={name: Given(value=value, origin=f"-p {name}") for name, value in values.items()})


def test_every_sample_has_a_folder_of_its_own() -> None:
    assert [path.relative_to(FOLDER).as_posix() for path in SAMPLES] == [f"{name}/{name}.flow" for name in NAMES]
    listed = re.findall(
        r"^\| \[([\w-]+)\]\(([\w/.-]+)\)", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(listed) == [(name, f"{name}/{name}.flow") for name in NAMES]


@every_sample
def test_nothing_is_to_be_said_about_it(path: Path) -> None:
    compiled = compile_source(read(path))
    assert [finding.message for finding in compiled.diagnostics] == []
    assert isinstance(compiled.product, Bundled) == (path.stem in BRANCHING)
    if isinstance(compiled.product, Bundled):
        nccos = [compiled.product.fallback(), *(document for _, document in compiled.product.documents())]
        assert any(action["action"] == "connect" for action in nccos[0]), "callers get a person if the server is dead"
    else:
        assert compiled.ncco is not None
        nccos = [compiled.ncco]
    assert [complaint for ncco in nccos for complaint in judge(ncco)] == []


@every_ncco
def test_ncco(path: Path, golden: Golden) -> None:
    compiled = compile_source(read(path))
    assert compiled.ncco is not None
    golden.check(path.with_suffix(".ncco.json"), render_ncco(compiled.ncco))


@every_sample
def test_it_is_documented(path: Path) -> None:
    lines = read(path).text.splitlines()
    title = next(number for number, line in enumerate(lines) if line.startswith("flow "))
    assert title > 0
    assert all(line.startswith("///") for line in lines[:title])


@every_sample
def test_it_is_formatted(path: Path) -> None:
    source = read(path)
    assert format_source(source).text == source.text


@every_ncco
def test_its_ncco_decompiles_and_compiles_back(path: Path) -> None:
    ncco = compile_source(read(path)).ncco
    assert ncco is not None
    text = decompile(ncco)
    assert "raw {" not in text
    assert compile_text(text).ncco == ncco
    assert format_source(Source("decompiled", text)).text == text


@pytest.mark.parametrize(
    "profile", [[], ["--profile", "local"], ["--profile", "lookups"]], ids=["no profile", "local", "lookups"]
)
def test_the_folder_passes_the_check(profile: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ncco_lang", "check", "--fail-on", "info", *profile, "samples"],
        cwd=FOLDER.parent,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"no findings in {len(NAMES)} files\n"


def test_their_tests_visit_every_step_and_arm() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ncco_lang", "test", "--coverage", "samples"],
        cwd=FOLDER.parent,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(
        r"(?:.*\d+ of \d+ steps, arms and outcomes visited \(100 %\)\n){7}\d\d tests passed\n", done.stdout
    )


def test_the_demo_runs_to_its_end() -> None:
    done = subprocess.run(
        ["sh", FOLDER / "demo.sh"],
        env={**os.environ, "NO_COLOR": "1", "PATH": path_of_commands()},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("lines", [1, 40])
def test_the_demo_ends_quietly_where_nobody_reads_on(lines: int) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with subprocess.Popen(
        ["sh", FOLDER / "demo.sh"],
        env={**os.environ, "NO_COLOR": "1", "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        for _ in range(lines):
            assert demo.stdout.readline()
        demo.stdout.close()
        err = demo.stderr.read()
    assert (demo.returncode, err) == (0, "")


# ── Claims of comments and pages ───────────────────────────────────────────────────────────────────────


def compiled_with(name: str, **values: str) -> tuple[str, list[str]]:
    """Return the NCCO of a sample with other params, as text, and the codes of its findings."""
    compiled = compile_source(read(FOLDER / name / f"{name}.flow"), given(**values))
    assert compiled.ncco is not None
    return render_ncco(compiled.ncco), [finding.rule.code for finding in compiled.diagnostics]


def test_the_conference_for_guests() -> None:
    chair, guests = (compiled_with("conference", chair=word) for word in ("true", "false"))
    for key in ("startOnEnter", "endOnExit"):
        assert f'"{key}": true' in chair[0]
        assert f'"{key}": false' in guests[0]
    # A guest alone does not start the meeting, as the flow intends.
    assert (chair[1], guests[1]) == ([], ["F503"])


def test_the_plumber_of_another_week() -> None:
    ncco, codes = compiled_with("call-forward", on_duty="+44 20 7946 0163")
    assert '"number": "442079460163"' in ncco
    assert codes == []


def test_a_reminder_for_a_patient() -> None:
    patient = {"patient": "Ms Okafor", "day": "Friday the third of May", "time": "ten o'clock", "code": "HD48213"}
    ncco, codes = compiled_with("appointment-reminder", **patient)
    assert "a reminder for Ms Okafor." in ncco
    assert "is Friday the third of May, at ten o'clock." in ncco
    assert "https://harbourdental.example.com/reminders/HD48213" in ncco
    assert codes == []


def test_an_announcement_of_another_week() -> None:
    ncco, codes = compiled_with("announcement", notice="The pool is closed on Monday.")
    assert "The pool is closed on Monday.\\nThe large pool" in ncco
    assert codes == []
