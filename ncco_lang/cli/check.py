"""`ncco check`: findings about NCCO JSON, and their fixes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from ncco_lang.checker import CheckOptions, check_ncco
from ncco_lang.cli.files import config_of, expand
from ncco_lang.cli.output import Refused, emit, read_source, wants_colour, write_atomic
from ncco_lang.cli.render import render_summary, render_text
from ncco_lang.diagnostics import SEVERITIES, Diagnostic
from ncco_lang.source import Source


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line says."""

    fix: bool
    unsafe: bool
    diff: bool
    provider: str | None
    fail_on: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: what is left to report, how many fixes were made, whether its text changed."""

    findings: list[Diagnostic]
    applied: int = 0
    changed: bool = False
    failed: bool = False
    unreadable: bool = False


@click.command(
    epilog="""\b
Examples:
  ncco check menu.json              one file
  ncco check                        the NCCO files below this folder (see [check] json in ncco.toml)
  ncco check --diff menu.json       what --fix would change
  ncco check --fix --unsafe-fixes menu.json
  curl -s https://example.com/answer | ncco check -
  ncco check --format sarif . > findings.sarif

Exit codes: 0 no findings at error level, 1 findings (or --diff shows something), 2 wrong usage or unreadable input.
"""
)
@click.argument("files", nargs=-1, metavar="[FILE.json|DIR|-]...")
@click.option("--fix", is_flag=True, help="Mend what can be mended without changing what the call does.")
@click.option(
    "--unsafe-fixes",
    "unsafe",
    is_flag=True,
    help="With --fix or --diff: also fixes after which the call behaves in another way.",
)
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*SEVERITIES, "never"]),
    help="The least severity that makes the exit code 1.  [default: error]",
)
@click.option(
    "--provider", type=click.Choice(["vonage", "kpn"]), help="Also report what this company's pages do not have."
)
@click.option("-q", "--quiet", is_flag=True, help="No summary and no notes, only warnings and errors.")
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    fix: bool,
    unsafe: bool,
    diff: bool,
    form: str,
    fail_on: str | None,
    provider: str | None,
    quiet: bool,
) -> None:
    """Find what is wrong in NCCO JSON, where, and what to do about it."""
    if fix and diff:
        raise click.UsageError("--fix changes files and --diff only shows: choose one")
    choices = Choices(fix, unsafe, diff, provider, fail_on)
    outcomes = [_check_one(name, choices) for name in expand(files)]
    findings = [
        finding for outcome in outcomes for finding in outcome.findings if not (quiet and finding.severity == "info")
    ]
    unreadable = any(outcome.unreadable for outcome in outcomes)
    checked = sum(not outcome.unreadable for outcome in outcomes)
    to_stderr = diff or (fix and "-" in files)
    if form != "text":
        from ncco_lang.cli.formats import RENDERERS

        emit(RENDERERS[form](findings, checked), err=to_stderr)
    else:
        _print_text(findings, outcomes, choices, checked, quiet=quiet, to_stderr=to_stderr)
    if not outcomes:
        emit('ncco: no NCCO files here; name one, or say in ncco.toml which are: [check] json = ["*.json"]\n', err=True)
    failed = any(outcome.failed or (diff and outcome.changed) for outcome in outcomes)
    ctx.exit(2 if unreadable else 1 if failed else 0)


def _check_one(name: str, choices: Choices) -> Outcome:
    _, config = config_of(str(Path(name).parent))
    try:
        source = read_source(name)
    except Refused as refused:
        refused.show()
        return Outcome([], unreadable=True)
    options = CheckOptions(provider=choices.provider or config.provider, levels=config.severity)

    def check(text: Source) -> list[Diagnostic]:
        return check_ncco(text, options)

    outcome = _fixed(name, source, check, choices) if choices.fix or choices.diff else Outcome(check(source))
    grave = _grave(choices.fail_on or config.fail_on)
    return replace(outcome, failed=any(finding.severity in grave for finding in outcome.findings))


def _grave(fail_on: str) -> tuple[str, ...]:
    """The severities that make the exit code 1."""
    return SEVERITIES[: ("never", *SEVERITIES).index(fail_on)]


def _fixed(name: str, source: Source, check: Callable[[Source], list[Diagnostic]], choices: Choices) -> Outcome:
    """Mend a text and write or show it; what is left to report is what the file then holds."""
    from ncco_lang.fixes import apply_fixes

    fixed = apply_fixes(source, check, unsafe=choices.unsafe)
    changed = fixed.source.text != source.text
    if choices.diff:
        if changed:
            emit(_diff(source, fixed.source), product=True)
        return Outcome(fixed.before, fixed.applied, changed)
    if name == "-":
        emit(fixed.source.text, product=True)
    elif changed:
        try:
            write_atomic(name, fixed.source.text)
        except Refused as refused:
            # The file is as it was; the other files are still worth a look.
            refused.show()
            return Outcome(fixed.before, unreadable=True)
    return Outcome(fixed.remaining, fixed.applied, changed)


def _diff(before: Source, after: Source) -> str:
    """A unified diff that `patch` takes."""
    import difflib

    # Not splitlines: a line ends where `patch` says, and JSON may hold U+2028 and its like.
    old, new = ([line for line in re.split(r"(?<=\n)", text.text) if line] for text in (before, after))
    lines = difflib.unified_diff(old, new, before.name, before.name)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _print_text(
    findings: list[Diagnostic], outcomes: list[Outcome], choices: Choices, checked: int, *, quiet: bool, to_stderr: bool
) -> None:
    if not choices.diff:
        emit(render_text(findings, colour=wants_colour(err=to_stderr)), err=to_stderr)
    if quiet or not checked:
        return
    summary = render_summary(findings, checked)
    if choices.fix:
        applied = sum(outcome.applied for outcome in outcomes)
        summary = f"{applied} fix{'' if applied == 1 else 'es'} made; " + summary
    emit(("\n" if findings and not choices.diff else "") + summary, err=to_stderr)
