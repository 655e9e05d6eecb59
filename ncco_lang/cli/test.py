"""`ncco test`: run the tests of flows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import Complaints, Refused, columns, emit, emit_findings, wants_colour
from ncco_lang.cli.options import PATH, choosing
from ncco_lang.cli.render import FRAME, visible

if TYPE_CHECKING:
    from ncco_lang.cli.suite_reports import SuiteRun
    from ncco_lang.cli.suites import Suite
    from ncco_lang.project.params import Given
    from ncco_lang.workspace.projects import Choices


@click.command(
    epilog="""\b
Examples:
  ncco test                          run the tests of all flows below the current folder
  ncco test menu.flow -k busy        those of one flow whose names contain "busy"
  ncco test --coverage               also print what no test visits
  ncco test --fail-under 90          fail if the tests visit less than 90 %
  ncco test --format junit > tests.xml

Exit codes: 0 all tests passed, 1 a test failed, a flow has errors, or the coverage is too low, 2 wrong usage, unreadable input, or a path or -k
that no test matches.
""",
)
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATH]...")
@click.option("-k", "part", metavar="NAME", help="Run only tests whose names contain this, in any letter case.")
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "junit")), default="text", help="How results are printed."
)
@click.option(
    "--coverage", is_flag=True, help="Print the steps, arms and outcomes of conditions and lookups that no test visits."
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="With the coverage: fail if the tests visit less than this share of all parts.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print the name of each test that passes, too.")
@choosing
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    part: str | None,
    form: str,
    coverage: bool,
    fail_under: float | None,
    verbose: bool,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
) -> None:
    """Run the tests of flows: the calls of their test blocks, played on a virtual clock. No account is needed.

    A test is in the flow itself, or in NAME_test.flow beside NAME.flow. A path is a flow, a file of tests or a folder.
    """
    from ncco_lang.cli import suite_reports as reports
    from ncco_lang.workspace.projects import Choices

    complaints = Complaints()
    choices = Choices(profile=profile, params=params, base_url=base_url)
    suites = _suites(paths or (".",), choices, complaints, part, is_named=bool(paths))
    tested: list[SuiteRun] = []
    for suite in suites:
        found = _tested(suite, coverage=coverage or fail_under is not None)
        tested.append(found)
        if form == "text":
            _show(found, verbose=verbose)
    is_empty = not any(each.results or each.suite.playable is None for each in tested)
    if form == "json":
        emit(reports.render_json(tested), product=True)
    elif form == "junit":
        emit(reports.render_junit(tested), product=True)
    elif not is_empty:
        shown = reports.render_coverage(tested) if coverage or fail_under is not None else ""
        emit(shown + reports.render_summary(tested))
    if is_empty and not complaints:
        emit("ncco: no tests here; docs/testing.md explains how to write one\n", err=True)
    too_low = None if fail_under is None else reports.render_too_low(tested, fail_under)
    if too_low is not None:
        emit(f"ncco: {too_low}\n", err=True)
    failed = too_low is not None or any(each.failed or each.suite.playable is None for each in tested)
    ctx.exit(2 if complaints else 1 if failed else 0)


def _suites(
    paths: tuple[str, ...], choices: Choices, complaints: Complaints, part: str | None, *, is_named: bool
) -> list[Suite]:
    """Return the suites of all paths, each flow once, with the tests that are chosen.

    Raises:
        Refused: a path has no tests, or no test has that part in its name.
    """
    from dataclasses import replace

    from ncco_lang.cli.suites import Wanted, load_suite, params_of, wanted_flows
    from ncco_lang.workspace.errors import InputError
    from ncco_lang.workspace.projects import Projects

    projects = Projects(complaints.add)
    named = {path: wanted_flows(path, projects, complaints) for path in paths}
    flows: dict[str, Wanted] = {}
    for found in named.values():
        for name, wanted in found.items():
            flows[name] = flows.get(name, Wanted()) | wanted
    suites: dict[str, Suite] = {}
    known = params_of(flows) if choices.params else frozenset()
    for name, wanted in flows.items():
        try:
            suites[name] = load_suite(name, wanted, choices, projects, known)
        except InputError as failed:
            complaints.add(failed)
    for path, found in named.items():
        if is_named and not complaints and not any(_has_tests(suites[name]) for name in found):
            raise Refused(f"{visible(path)} has no tests")
    chosen = [
        replace(suite, cases=tuple(case for case in suite.cases if _is_chosen(case.name, part)))
        for suite in suites.values()
    ]
    if part is not None and not complaints and not any(map(_has_tests, chosen)):
        raise Refused(f'no test has "{visible(part)}" in its name')
    return [suite for suite in chosen if _has_tests(suite)]


def _has_tests(suite: Suite) -> bool:
    return bool(suite.cases) or suite.playable is None


def _is_chosen(name: str, part: str | None) -> bool:
    return part is None or part.casefold() in name.casefold()


def _tested(suite: Suite, *, coverage: bool) -> SuiteRun:
    """Run the tests of a suite."""
    from ncco_lang.cli.suite_reports import SuiteRun
    from ncco_lang.testing.coverage import coverage_of
    from ncco_lang.testing.run import run_case

    playable = suite.playable
    if playable is None:
        return SuiteRun(suite)
    results = tuple(result for case in suite.cases for result in run_case(case, playable))
    visited = None
    if coverage and playable.bundle is not None:
        trail = frozenset(edge for result in results for edge in result.trail)
        blocks = frozenset(block for result in results for block in result.blocks)
        visited = coverage_of(playable.bundle, playable.places, playable.conditions, trail, blocks)
    return SuiteRun(suite, results, visited)


def _show(tested: SuiteRun, *, verbose: bool) -> None:
    """Print the errors of a flow, and the tests that failed."""
    from ncco_lang.cli.suite_reports import name_of, render_failure

    if tested.suite.playable is None:
        emit_findings(tested.suite.findings, err=True)
    colour, width = wants_colour(), columns(sys.stdout) or FRAME
    for result in tested.results:
        if result.failure is not None:
            emit(render_failure(tested.suite, result, colour=colour, width=width) + "\n")
        elif verbose:
            emit(f'passed {visible(result.case.source.name)} "{visible(name_of(result))}"\n')
