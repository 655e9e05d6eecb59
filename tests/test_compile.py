"""`.flow` → NCCO: fixtures and samples beside what they compile to, and the command as people run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ncco_lang.compiler import compile_text
from ncco_lang.diagnostics import Place
from ncco_lang.ncco.emit import emit_ncco, render_ncco
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.judge import judge
from tests.conftest import Golden

ROOT = Path(__file__).parent.parent
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "compile").glob("*.flow"))
SAMPLES = sorted((ROOT / "samples").glob("*/*.flow"))


@pytest.mark.parametrize("path", [*FIXTURES, *SAMPLES], ids=lambda path: path.stem)
def test_ncco(path: Path, golden: Golden) -> None:
    compiled = compile_text(Source(path.name, path.read_bytes().decode("utf-8")))
    assert compiled.ncco is not None, compiled.diagnostics
    golden.check(path.with_suffix(".json"), render_ncco(compiled.ncco))


@pytest.mark.parametrize("path", [path for path in FIXTURES if path.stem != "raw"], ids=lambda path: path.stem)
def test_fixtures_pass_the_judge(path: Path) -> None:
    assert judge(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_nothing_is_to_be_said_about_a_sample(path: Path) -> None:
    compiled = compile_text(Source(path.name, path.read_text(encoding="utf-8")))
    assert compiled.diagnostics == ()
    assert judge(compiled.ncco) == []


def test_the_same_text_gives_the_same_bytes_whatever_its_line_ends() -> None:
    text = SAMPLES[0].read_text(encoding="utf-8")
    plain, windows = (compile_text(Source("x", t)).ncco for t in (text, text.replace("\n", "\r\n")))
    assert render_ncco(plain) == render_ncco(windows)


WORDS = [
    *"talk stream record input dtmf speech connect phone sip conversation wait transfer notify raw pay menu if".split(),
    *"text level style premium barge_in bargeIn timeout limit end_on_key endOnKey from event_url payload".split(),
    *"transcription language flow use param step true null PO".split(),
    *["{", "}", "[", "]", "(", ")", ":", ",", ";", "\n", " ", "->", "#", "*", "-", "+", "==", "//", '"', "{{", "\\"],
    *[
        '"a"',
        '"+44 20 7946 0123"',
        '"https://example.com/a"',
        '"""\n  x\n"""',
        '"{x}"',
        "5",
        "-1.5",
        "5s",
        "1h",
        "en-GB",
    ],
    *['{ "action": "talk" }', "\ud800", "\u00a0", "é", "\r\n", "1e999", "09:00-17:00", "2026-12-24", "1..3", "."],
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25), st.sampled_from(["", " "]))
def test_no_input_raises_and_every_output_passes_the_judge(words: list[str], between: str) -> None:
    source = Source("x", between.join(words))
    compiled = compile_text(source)
    assert (compiled.ncco is None) == any(finding.severity == "error" for finding in compiled.diagnostics)
    for finding in compiled.diagnostics:
        assert 0 <= finding.span.start <= finding.span.end <= len(source.text)
    if compiled.ncco is not None and "raw" not in source.text:
        assert judge(compiled.ncco) == []


# ── Where the parts of an NCCO come from ───────────────────────────────────────────────────────────────

TEXT = """connect phone "+44 20 7946 0123" random_from_number { timeout: 5s; on_answer { url: "https:\\/\\/a.b" } }
input dtmf event_url: "https://example.com/e" max_digits: 4
raw { "action": "talk", "text": ["a", "b"] }"""


@pytest.mark.parametrize(
    ("place", "written"),
    [
        (Place((0, "action")), "connect"),
        (Place((0, "endpoint", 0, "number")), '"+44 20 7946 0123"'),
        (Place((0, "endpoint", 0, "number"), "inside", 0, 2), '"+44 20 7946 0123"'),
        (Place((0, "endpoint", 0, "type")), "phone"),
        (Place((0, "endpoint"), "key"), "phone"),
        (Place((0, "randomFromNumber"), "key"), "random_from_number"),
        (Place((0, "timeout")), "5s"),
        (Place((0, "timeout"), "key"), "timeout"),
        (Place((0, "endpoint", 0, "onAnswer", "url"), "inside", 0, 7), r"https:\/"),
        (Place((0, "endpoint", 0, "onAnswer", "ringbackTone")), 'on_answer { url: "https:\\/\\/a.b" }'),
        (Place((1, "type")), "dtmf"),
        (Place((1, "eventUrl")), '"https://example.com/e"'),
        (Place((1, "eventUrl", 0), "inside", 0, 5), "https"),
        (Place((1, "dtmf"), "key"), "max_digits"),
        (Place((1, "speech")), 'input dtmf event_url: "https://example.com/e" max_digits: 4'),
        (Place((2, "text", 1)), '"b"'),
        (Place((2, "action"), "key"), '"action"'),
    ],
    ids=lambda value: str(value.path) + value.part if isinstance(value, Place) else "",
)
def test_places_of_the_ncco_are_found_in_the_text(place: Place, written: str) -> None:
    file, problems = parse_flow(Source("x", TEXT))
    assert problems == []
    span = emit_ncco(file).origins.locate(place)
    assert TEXT[span.start : span.end] == written


# ── The command ────────────────────────────────────────────────────────────────────────────────────────

GOOD = 'talk "Grüße – 中文"\n'
BAD = 'tlak "Hello"\n'


def ncco(*arguments: str, text: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    # A terminal of another encoding must not get at the JSON.
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "ncco_lang", *arguments],
        input=None if text is None else text.encode("utf-8"),
        capture_output=True,
        cwd=cwd,
        env=environment,
        check=False,
    )


def test_standard_input_to_standard_output() -> None:
    done = ncco("compile", "-", text=GOOD)
    assert done.returncode == 0
    assert done.stdout.decode("utf-8") == '[\n  {\n    "action": "talk",\n    "text": "Grüße – 中文"\n  }\n]\n'
    assert done.stderr == b""


def test_minify() -> None:
    done = ncco("compile", "--minify", "-", text=GOOD)
    assert done.stdout.decode("utf-8") == '[{"action":"talk","text":"Grüße – 中文"}]\n'


def test_findings_go_to_standard_error_and_the_answer_is_no() -> None:
    done = ncco("compile", "-", text=BAD)
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"<stdin>:1:1: error F330 no-such-verb" in done.stderr


def test_a_warning_does_not_stand_in_the_way() -> None:
    done = ncco("compile", "-", text='raw { "action": "dance" }')
    assert done.returncode == 0
    assert json.loads(done.stdout) == [{"action": "dance"}]
    assert b"warning F349" in done.stderr


def test_output_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.flow").write_text(GOOD, encoding="utf-8")
    done = ncco("compile", "a.flow", "-o", "a.json", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))[0]["text"] == "Grüße – 中文"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.flow", "a.json"]


def test_an_unchanged_output_is_not_written_again(tmp_path: Path) -> None:
    output = tmp_path / "a.json"
    ncco("compile", "-", "-o", str(output), text=GOOD)
    os.utime(output, ns=(1, 1))
    assert ncco("compile", "-", "-o", str(output), text=GOOD).returncode == 0
    assert output.stat().st_mtime_ns == 1


def test_a_failure_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    output = tmp_path / "a.json"
    output.write_text("old", encoding="utf-8")
    assert ncco("compile", "-", "-o", str(output), text=BAD).returncode == 1
    assert output.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["compile", "missing.flow"], None),
        (["compile", "."], None),
        (["compile"], None),
        (["compile", "--sing", "-"], GOOD),
        (["compile", "-", "-o", "missing/folder/a.json"], GOOD),
        (["compile", "-", "-o", "."], GOOD),
    ],
)
def test_wrong_usage_is_2(arguments: list[str], text: str | None, tmp_path: Path) -> None:
    done = ncco(*arguments, text=text, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_input_that_is_not_utf_8_is_2(tmp_path: Path) -> None:
    (tmp_path / "latin.flow").write_bytes(b'talk "Gr\xfc\xdfe"\n')
    assert ncco("compile", "latin.flow", cwd=tmp_path).returncode == 2


def test_a_closed_pipe_ends_quietly() -> None:
    flow = "".join(f'talk "line {number}"\n' for number in range(2000))
    script = f'"{sys.executable}" -m ncco_lang compile - | head -c 1'
    done = subprocess.run(
        ["sh", "-c", script],
        input=flow.encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stdout == b"["
    assert done.stderr == b""
