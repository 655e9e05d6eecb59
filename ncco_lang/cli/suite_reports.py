"""Report the results of tests: as text, as JSON, and as JUnit XML for CI tools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ncco_lang.cli.play_source import veiled
from ncco_lang.cli.render import count_words, place_words, render_snippet, visible
from ncco_lang.cli.suites import Suite
from ncco_lang.simulate.bodies import iso
from ncco_lang.simulate.render import render_entry
from ncco_lang.simulate.transcript import Numbering, entry
from ncco_lang.source import Source
from ncco_lang.testing.coverage import Coverage, Part
from ncco_lang.testing.run import Result

_QUIET = frozenset({"webhook", "answer"})
"""What a transcript of a test leaves out, unless it failed."""
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """The results of one suite, and its coverage if that was asked for."""

    suite: Suite
    results: tuple[Result, ...] = ()
    coverage: Coverage | None = None

    @property
    def failed(self) -> list[Result]:
        """The results of the tests that failed."""
        return [each for each in self.results if each.failure is not None]


def name_of(result: Result) -> str:
    """Return the name of a test, with its time if it runs at several."""
    times = result.case.times
    return result.case.name if len(times) < 2 or result.at is None else f"{result.case.name} at {iso(result.at)}"


def transcript_of(suite: Suite, result: Result) -> Iterator[str]:
    """Yield the lines of the transcript of a test, each with the line of its action in the flow."""
    numbering, caller = Numbering(), ""
    for output, place in result.outputs:
        line = numbering.of(entry(output, result.started))
        caller = line["leg"] if line["what"] == "call" else caller
        if line["what"] in _QUIET and "failed" not in line:
            continue
        shown = line if suite.veil is None else veiled(line, suite.veil)
        words = render_entry(shown, caller)
        if words is not None:
            where = (
                "" if place is None else f"   {visible(suite.source.name)}:{suite.source.position(place.start).line}"
            )
            yield visible(words) + where


# ── Text ───────────────────────────────────────────────────────────────────────────────────────────────


def render_failure(suite: Suite, result: Result, *, colour: bool, width: int) -> str:
    """Return a failed test: the transcript so far, what was expected and what was heard, with the lines of both."""
    failure, case = result.failure, result.case
    assert failure is not None
    message = visible(_veiled(suite, failure.message))
    lines = [f'FAILED {place_words(case.source, case.span)} "{visible(name_of(result))}": {message}']
    lines += ["", *transcript_of(suite, result)]
    if failure.span is not None:
        lines += ["", f"{'after' if failure.is_after else 'expected at'} {place_words(case.source, failure.span)}"]
        lines += render_snippet(case.source, failure.span, colour=colour, width=width)
    if failure.heard is not None:
        where = "" if failure.place is None else f" from {place_words(suite.source, failure.place)}"
        heard = f'"{visible(failure.heard)}"' if failure.heard else "nothing"
        lines += ["", f"heard {heard}{where}"]
    if failure.place is not None:
        if failure.heard is None:
            lines += ["", f"at {place_words(suite.source, failure.place)}"]
        lines += render_snippet(suite.source, failure.place, colour=colour, width=width)
    if failure.before is not None:
        where = place_words(case.source, failure.before.span)
        lines += ["", f'the hear at {where} took all of "{visible(failure.before.words)}"']
    if failure.write is not None:
        lines += ["", f"write before that line: {visible(_veiled(suite, failure.write))}"]
    return "\n".join(lines) + "\n"


def _veiled(suite: Suite, words: str) -> str:
    """Return words without texts from the environment."""
    return words if suite.veil is None else str(veiled(words, suite.veil))


def render_coverage(tested: Sequence[SuiteRun]) -> str:
    """Return what no test visits, and how much of each flow and of all flows the tests visit."""
    covered = [(each.suite, each.coverage) for each in tested if each.coverage is not None]
    lines = [
        f"{place_words(suite.source, part.span)}: {visible(_missed_words(suite.source, part))}"
        for suite, coverage in covered
        for part in coverage.missed
    ]
    if len(covered) > 1:
        counts = ((suite, coverage.visited, coverage.total) for suite, coverage in covered)
        lines += [f"{visible(suite.source.name)}: {_share_words(*count)}" for suite, *count in counts]
    lines.append(_share_words(*_totals(tested)))
    return "\n".join(lines) + "\n"


def render_too_low(tested: Sequence[SuiteRun], percent: float) -> str | None:
    """Return that the tests visit less than a share of all parts, as a sentence; None if they do not."""
    visited, total = _totals(tested)
    if 100 * visited >= percent * total:
        return None
    return f"the tests visit {100 * visited // total} % of the flows, and --fail-under requires {percent:g} %"


def _totals(tested: Sequence[SuiteRun]) -> tuple[int, int]:
    covered = [each.coverage for each in tested if each.coverage is not None]
    return sum(each.visited for each in covered), sum(each.total for each in covered)


def _share_words(visited: int, total: int) -> str:
    share = 100 * visited // total if total else 100
    return f"{visited} of {total} steps, arms and outcomes visited ({share} %)"


def _missed_words(source: Source, part: Part) -> str:
    match part.kind:
        case "condition":
            return f"in no test {_name_of_part(source, part)}"
        case "lookup":
            return "no test visits the good outcome of the lookup"
        case _:
            return f"no test visits the {part.kind} {part.name}"


def _name_of_part(source: Source, part: Part) -> str:
    """Return the name of a part; of the outcome of a condition, with the condition as it is written."""
    return (
        f"{' '.join(source.text[slice(*part.span)].split())} is {part.name}" if part.kind == "condition" else part.name
    )


def render_summary(tested: Sequence[SuiteRun]) -> str:
    """Return the summary as a line: `3 tests passed, 1 failed`."""
    failed = sum(len(each.failed) for each in tested)
    passed = sum(len(each.results) for each in tested) - failed
    wrong = sum(each.suite.playable is None for each in tested)
    words = [f"{count_words(passed, 'test')} passed"]
    words += [f"{failed} failed"] if failed else []
    words += [f"{count_words(wrong, 'flow')} with errors"] if wrong else []
    return ", ".join(words) + "\n"


# ── JSON ───────────────────────────────────────────────────────────────────────────────────────────────


def render_json(tested: Sequence[SuiteRun]) -> str:
    """Return a JSON object: `version`, `passed`, `failed`, `tests`, `findings`, and `coverage` if it was asked for."""
    tests = [_json_test(each.suite, result) for each in tested for result in each.results]
    report: dict[str, Any] = {
        "version": 1,
        "passed": sum(test["passed"] for test in tests),
        "failed": sum(not test["passed"] for test in tests),
        "tests": tests,
        "findings": [
            {"file": found.source.name, "line": found.source.position(found.span.start).line, "message": found.message}
            for each in tested
            for found in each.suite.findings
            if found.severity == "error"
        ],
    }
    covered = [(each.suite, each.coverage) for each in tested if each.coverage is not None]
    if covered:
        report["coverage"] = [
            {
                "file": suite.source.name,
                "total": coverage.total,
                "visited": coverage.visited,
                "missed": [
                    {
                        "kind": part.kind,
                        "name": _name_of_part(suite.source, part),
                        "line": suite.source.position(part.span.start).line,
                    }
                    for part in coverage.missed
                ],
            }
            for suite, coverage in covered
        ]
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _json_test(suite: Suite, result: Result) -> dict[str, Any]:
    case, failure = result.case, result.failure
    test: dict[str, Any] = {
        "file": case.source.name,
        "line": case.source.position(case.span.start).line,
        "name": name_of(result),
        "flow": suite.source.name,
        "passed": failure is None,
    }
    if failure is not None:
        test["failure"] = {
            "message": _veiled(suite, failure.message),
            "line": None if failure.span is None else case.source.position(failure.span.start).line,
            "expected": None if failure.span is None or failure.is_after else case.source.text[slice(*failure.span)],
            "heard": failure.heard or None,
            "heard_line": None if failure.place is None else suite.source.position(failure.place.start).line,
        }
        if failure.write is not None:
            test["failure"]["write"] = _veiled(suite, failure.write)
        test["transcript"] = list(transcript_of(suite, result))
    return test


# ── JUnit ──────────────────────────────────────────────────────────────────────────────────────────────


def render_junit(tested: Sequence[SuiteRun]) -> str:
    """Return JUnit XML, with one suite for each flow. It has no times, so the same results give the same bytes."""
    counts = _counts(tested)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="ncco test" {counts}>']
    for each in tested:
        name = _attribute(each.suite.source.name)
        lines.append(f"  <testsuite name={name} {_counts([each])}>")
        lines += _properties(each)
        if each.suite.playable is None:
            found = [found for found in each.suite.findings if found.severity == "error"]
            texts = [f"{place_words(one.source, one.span)}: {one.rule.code} {one.message}" for one in found]
            lines.append(f'    <testcase name="compiles" classname={name}>')
            lines.append(f"      <error message={_attribute(texts[0])}>{_text(chr(10).join(texts))}</error>")
            lines.append("    </testcase>")
        for result in each.results:
            case = result.case
            file, line = _attribute(case.source.name), case.source.position(case.span.start).line
            head = f'    <testcase name={_attribute(name_of(result))} classname={name} file={file} line="{line}"'
            if result.failure is None:
                lines.append(f"{head}/>")
                continue
            text = render_failure(each.suite, result, colour=False, width=120)
            lines.append(f"{head}>")
            message = _attribute(_veiled(each.suite, result.failure.message))
            lines.append(f'      <failure message={message} type="failed">{_text(text)}</failure>')
            lines.append("    </testcase>")
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _properties(tested: SuiteRun) -> Iterator[str]:
    """Yield the lines of the coverage of a flow, if that was asked for."""
    if tested.coverage is not None:
        yield "    <properties>"
        yield f'      <property name="coverage.visited" value="{tested.coverage.visited}"/>'
        yield f'      <property name="coverage.total" value="{tested.coverage.total}"/>'
        yield "    </properties>"


def _counts(tested: Sequence[SuiteRun]) -> str:
    failed = sum(len(each.failed) for each in tested)
    wrong = sum(each.suite.playable is None for each in tested)
    number = sum(len(each.results) for each in tested) + wrong
    return f'tests="{number}" failures="{failed}" errors="{wrong}"'


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))
