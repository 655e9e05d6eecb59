"""Compile `.flow` to NCCO: fixtures and their expected results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.compiler import compile_source
from ncco_lang.diagnostics import Place
from ncco_lang.ncco.emit import emit_ncco, render_ncco
from ncco_lang.program.bind import bind_file
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from tests.budget import searched
from tests.conftest import Golden
from tests.judge import judge

ROOT = Path(__file__).parent.parent
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "compile").glob("*.flow"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_ncco(path: Path, golden: Golden) -> None:
    compiled = compile_source(Source(path.name, path.read_bytes().decode("utf-8")))
    assert compiled.ncco is not None, compiled.diagnostics
    golden.check(path.with_suffix(".json"), render_ncco(compiled.ncco))


@pytest.mark.parametrize("path", [path for path in FIXTURES if path.stem != "raw"], ids=lambda path: path.stem)
def test_fixtures_pass_the_judge(path: Path) -> None:
    assert judge(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))) == []


def test_the_same_text_gives_the_same_bytes_whatever_its_line_ends() -> None:
    text = FIXTURES[0].read_text(encoding="utf-8")
    plain, windows = (compile_source(Source("x", t)).ncco for t in (text, text.replace("\n", "\r\n")))
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


@searched(200, 50_000)
@given(st.lists(st.sampled_from(WORDS), max_size=25), st.sampled_from(["", " "]))
def test_no_input_raises_and_every_output_passes_the_judge(words: list[str], between: str) -> None:
    source = Source("x", between.join(words))
    compiled = compile_source(source)
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
    span = emit_ncco(bind_file(file, Source("x", TEXT), {})).source_map.locate(place)
    assert TEXT[span.start : span.end] == written
