"""Run tests of flows: the tests of `fixtures/testing/*.flow` pass, those of `failing/*.flow` fail as their golden files show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ncco_lang.cli.suite_reports import (
    SuiteRun,
    render_coverage,
    render_failure,
    render_json,
    render_junit,
    render_too_low,
    transcript_of,
)
from ncco_lang.cli.suites import Suite, playable_of
from ncco_lang.compiler import DEFAULTS, bind_parsed, compile_program, compile_text
from ncco_lang.engine.events import Result as Looked
from ncco_lang.simulate.types import HangUp, Plan, Press, Say
from ncco_lang.source import Source, Span
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.testing.cases import LAST, Call, Case, Do, Expect, Given, Hear, Holds, Line, Quiet, Wait, cases_of
from ncco_lang.testing.coverage import coverage_of
from ncco_lang.testing.heard import Sound, matches, taken
from ncco_lang.testing.run import Result, run_case
from ncco_lang.testing.servers import Server
from ncco_lang.values.data import UNDEFINED
from tests.conftest import Golden

FOLDER = Path(__file__).parent / "fixtures" / "testing"
PASSING = sorted(FOLDER.glob("*.flow"))
FAILING = sorted((FOLDER / "failing").glob("*.flow"))


def suite_of(text: str, name: str = "shop.flow") -> Suite:
    source = Source(name, text)
    file, syntax = parse_flow(source)
    program = bind_parsed(source, file, DEFAULTS)
    compiled = compile_program(program, syntax, DEFAULTS)
    assert compiled.product is not None, [each.message for each in compiled.diagnostics]
    return Suite(source, playable_of(compiled.product, program), tuple(cases_of(program)))


def ran(text: str, name: str = "shop.flow") -> SuiteRun:
    suite = suite_of(text, name)
    playable = suite.playable
    assert playable is not None
    results = tuple(result for case in suite.cases for result in run_case(case, playable))
    coverage = None
    if playable.bundle is not None:
        trail = frozenset(edge for result in results for edge in result.trail)
        blocks = frozenset(block for result in results for block in result.blocks)
        coverage = coverage_of(playable.bundle, playable.places, playable.conditions, trail, blocks)
    return SuiteRun(suite, results, coverage)


def passes(text: str) -> list[Result]:
    done = ran(text)
    assert not done.failed, "\n".join(render_failure(done.suite, each, colour=False, width=120) for each in done.failed)
    return list(done.results)


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.stem)
def test_every_test_of_a_fixture_passes(path: Path) -> None:
    assert passes(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FAILING, ids=lambda path: path.stem)
def test_every_failure_shows_what_was_expected_and_heard(path: Path, golden: Golden) -> None:
    done = ran(path.read_text(encoding="utf-8"), path.name)
    assert len(done.failed) == len(done.results) > 0
    shown = [render_failure(done.suite, each, colour=False, width=120) for each in done.results]
    golden.check(path.with_suffix(".txt"), "\n".join([*shown, render_coverage([done])]))
    golden.check(path.with_suffix(".json"), render_json([done]))
    golden.check(path.with_suffix(".xml"), render_junit([done]))


@pytest.mark.parametrize("path", PASSING + FAILING, ids=lambda path: path.stem)
def test_a_flow_compiles_to_the_same_with_and_without_its_tests(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    with_tests, without = compile_text(text).product, compile_text(text[: text.index('\ntest "')]).product
    assert with_tests is not None
    assert getattr(with_tests, "bundle", None) == getattr(without, "bundle", None) is not None


def test_no_report_has_a_secret_that_was_entered() -> None:
    path = FOLDER / "failing" / "secrets.flow"
    done = ran(path.read_text(encoding="utf-8"))
    texts = [render_json([done]), render_junit([done])]
    assert not any("9876" in text for text in texts)
    assert all("••••" in text for text in texts)


def test_a_flow_without_branches_can_be_tested() -> None:
    flow = 'talk "Hello."\nconnect phone "+31201234567" from: "+31207654321"\ntalk "Goodbye."\n'
    (result,) = passes(
        flow + 'test "a" {\n given ring "*" busy\n call\n hear "Hello."\n hear "Goodbye."\n expect hangup\n}'
    )
    assert next(place for _, place in result.outputs if place is not None).start == 0


def test_a_condition_about_a_flow_without_branches() -> None:
    lines = 'call from: "+31 6 1234 5678"\n hear "Hello."\n expect that: call.from == "31612345678"'
    passes(f'talk "Hello."\ntest "a" {{\n {lines}\n}}')
    (failed,) = ran(f'talk "Hello."\ntest "a" {{\n {lines[:-1]}0"\n}}').failed
    assert failed.failure is not None
    assert failed.failure.message == 'the condition is false: call.from is "31612345678"'


def test_the_same_test_gives_the_same_bytes() -> None:
    text = FAILING[0].read_text(encoding="utf-8")
    assert render_json([ran(text)]) == render_json([ran(text)])


WORDS = st.one_of(
    st.builds(
        Given, st.sampled_from(["*", "31201234567"]), st.builds(Plan, status=st.sampled_from(["busy", "answered"]))
    ),
    st.builds(Hear, st.sampled_from(["text", "music", "recording", "nothing"]), st.sampled_from(["*", "Press*", "x"])),
    st.builds(
        Do, st.sampled_from([Press("1"), Press("0"), Press("2"), Press("30"), Say("music"), Say("", 2.0), HangUp()])
    ),
    st.builds(Quiet, st.sampled_from([None, 0.0, 1.5, 30.0])),
    st.builds(Wait, st.sampled_from([0.0, 0.5, 90.0])),
    st.builds(
        Expect, st.sampled_from(["hangup", "ring"]), st.booleans(), st.sampled_from([None, "31201234567"]), st.none()
    ),
    st.just(Call()),
    st.builds(
        Server,
        st.sampled_from(["get", "post"]),
        st.sampled_from(["*", "https://shop.example.com/o*"]),
        st.builds(
            Looked, st.sampled_from([None, 200, 404, 500]), st.sampled_from([UNDEFINED, {"until": 1}, [1], None])
        ),
        st.sampled_from([None, 0.0, 1.0, 7.5]),
    ),
    st.builds(Expect, st.just("fetch"), st.booleans(), url=st.sampled_from([None, "*/open"]), json=st.just({"a": 1})),
    st.builds(Holds, st.sampled_from([True, ["defined", ["call", "from"]], ["language"]])),
)
LINES = st.lists(st.builds(Line, st.just(Span(0, 1)), WORDS, st.sampled_from([None, None, None, LAST])), max_size=12)


@pytest.fixture(scope="module")
def lookups() -> Suite:
    return suite_of((FOLDER / "lookups.flow").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def menu() -> Suite:
    return suite_of((FOLDER / "menu.flow").read_text(encoding="utf-8"))


@given(LINES, st.booleans())
@settings(max_examples=80, deadline=None)
def test_no_test_raises_and_each_ends_the_same_way_again(
    menu: Suite, lookups: Suite, lines: list[Line], has_lookups: bool
) -> None:
    suite = lookups if has_lookups else menu
    case = Case("any", suite.source, Span(0, 1), (Line(Span(0, 1), Call()), *lines))
    assert suite.playable is not None
    first, second = run_case(case, suite.playable), run_case(case, suite.playable)
    assert first == second
    for result in first:
        assert "ncco itself" not in (result.failure.message if result.failure else "")
        assert list(transcript_of(suite, result))


# ── What a hear takes ─────────────────────────────────────────────────────────────────────────────────


def heard(*words: str) -> list[Sound]:
    return [Sound("text", each, "en-GB") for each in words]


@pytest.mark.parametrize(
    ("glob", "size"),
    [("*", 3), ("One*", 3), ("One.", 1), ("One. Two.", 2), ("*Two.", 2), ("Two.", 0), ("On?.", 1), ("one.", 0)],
)
def test_a_hear_takes_the_longest_run_that_it_matches(glob: str, size: int) -> None:
    assert taken(Hear("text", glob), heard("One.", "Two.", "Three.")) == size


def test_a_run_ends_at_another_sound() -> None:
    sounds = [*heard("One."), Sound("recording", "https://example.com/a.mp3"), *heard("Two.")]
    assert taken(Hear("text", "*"), sounds) == 1
    assert taken(Hear("text", "https://*.mp3"), sounds[1:]) == 1
    assert taken(Hear("recording"), sounds[1:]) == 1
    assert taken(Hear("music"), sounds[1:]) == 0


@pytest.mark.parametrize(
    ("glob", "text", "fits"),
    [
        ("[1] costs *", "[1] costs 5", True),
        ("[1]", "1", False),
        ("a  b", "a b", True),
        ("*" * 50 + "x", "a" * 5000, False),
    ],
)
def test_globs(glob: str, text: str, fits: bool) -> None:
    assert matches(glob, text) is fits


# ── Coverage ──────────────────────────────────────────────────────────────────────────────────────────

PARTS = """
anywhere { * -> repeat }
step start {
    menu "Press 1, 2 or 3." {
        1          -> go_on
        2          -> go_on
        3, give_up -> other
    }
    menu "Press 4." {
        4       -> other
        give_up -> go_on
    }
    talk "Good."
}
step other { talk "Other." }
step again { goto start }
"""


@pytest.mark.parametrize(
    ("acts", "missed"),
    [
        ('press "1"\n hear "*"\n press "4"\n hear "*"', ["2", "3, give_up", "give_up", "*", "step again"]),
        (
            'press "2"\n hear "*"\n press "*"\n hear "*"',
            ["1", "3, give_up", "4", "give_up", "step other", "step again"],
        ),
        (
            'silence\n hear "*"\n silence\n hear "*"\n silence\n hear "Other."',
            ["1", "2", "*", "4", "give_up", "step again"],
        ),
    ],
)
def test_what_no_test_visits(acts: str, missed: list[str]) -> None:
    done = ran(
        PARTS + f'test "a" {{\n call\n hear "*"\n {acts}\n}}',
        "shop.flow",
    )
    assert not done.failed
    assert done.coverage is not None
    shown = [part.name if part.kind == "arm" else f"step {part.name}" for part in done.coverage.missed]
    assert sorted(shown) == sorted(missed)


OUTCOMES = """
step start {
    ask code "Code?" digits: 1 { otherwise, give_up -> hangup }
    if code == "1" { talk "One." } else if code == "2" { talk "Two." }
    if 1 > 2 { talk "Never." }
    fetch "https://example.com/{code}" { 404 -> go_on; otherwise -> hangup }
    each item in [1, 2] { talk "Again." }
    menu "Which?" {
        each item in ["a", "b"] { key -> go_on }
        give_up -> hangup
    }
}
"""


@pytest.mark.parametrize(
    ("code", "status", "missed"),
    [
        ("1", 200, {'code == "2" is false', 'code == "2" is true', 'code == "1" is false', "404", "otherwise"}),
        ("2", 404, {'code == "2" is false', 'code == "1" is true', "good", "otherwise"}),
        ("3", 500, {'code == "2" is true', 'code == "1" is true', "good", "404", "key"}),
    ],
)
def test_outcomes_of_conditions_and_lookups_are_counted(code: str, status: int, missed: set[str]) -> None:
    given = f'given fetch "*" status: {status}'
    menu = "" if status == 500 else 'hear "*"; press "2"'
    done = ran(OUTCOMES + f'test "a" {{ {given}; call; hear "*"; press "{code}"; {menu} }}')
    assert not done.failed
    assert done.coverage is not None
    report = json.loads(render_json([done]))["coverage"][0]
    assert {part["name"] for part in report["missed"]} == {*missed, "otherwise, give_up", "give_up"}
    assert report["visited"] == report["total"] - len(report["missed"])
    share = 100 * report["visited"] // report["total"]
    assert render_too_low([done], share) is None
    assert render_too_low([done], share + 1) is not None
