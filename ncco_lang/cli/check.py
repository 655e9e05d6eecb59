"""`ncco check`: report findings in flows and NCCO JSON, and fix them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from ncco_lang.cli.console import Complaints, complain, emit, emit_findings
from ncco_lang.cli.options import PATH, choosing
from ncco_lang.cli.render import render_summary
from ncco_lang.cli.rule_choice import RuleChoice, complete_rules, read_choice
from ncco_lang.diagnostics import SEVERITIES, Diagnostic
from ncco_lang.source import Source
from ncco_lang.workspace.cache import Cache
from ncco_lang.workspace.discover import Found, discover, is_flow
from ncco_lang.workspace.errors import InputError, OutputError
from ncco_lang.workspace.files import is_folder, read_source, write_atomic
from ncco_lang.workspace.flows import checker_of, params_of_others
from ncco_lang.workspace.imports import DiskReader, Known
from ncco_lang.workspace.outputs import outputs_among
from ncco_lang.workspace.projects import Choices, Project, Projects

if TYPE_CHECKING:
    from ncco_lang.project.params import Given

_T = TypeVar("_T")


class Wishes(NamedTuple):
    """The options of this run."""

    fix: bool
    unsafe: bool
    diff: bool
    fail_on: str | None
    choices: Choices
    rules: RuleChoice


class Outcome(NamedTuple):
    """The result for one file: findings to report, the number of fixes made, whether its text changed."""

    findings: list[Diagnostic]
    applied: int = 0
    changed: bool = False
    failed: bool = False
    unreadable: bool = False


CLEAN = Outcome([])
UNREADABLE = Outcome([], unreadable=True)


@click.command(
    epilog="""\b
Examples:
  ncco check menu.flow              one file
  ncco check                        all flows and NCCO files below this folder that .gitignore does not exclude
                                    (which JSON is NCCO: [check] json in ncco.toml)
  ncco check --diff menu.json       what --fix would change
  ncco check --fix --unsafe-fixes menu.json
  ncco check --silence menu.flow    how long a caller can hear nothing while servers hang
  ncco check --select F4,speech-too-long --ignore F401
  ncco check --profile live -p desk="+31 20 123 4567" menu.flow
  curl -s https://example.com/answer | ncco check -
  ncco check --stdin-filename menu.flow - < menu.flow
  ncco check --format sarif . > findings.sarif

Exit codes: 0 no findings at error level, 1 findings (or --diff shows something), 2 wrong usage or unreadable input.
"""
)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE|DIR|-]...")
@click.option("--fix", is_flag=True, help="Make the fixes that do not change what the call does.")
@click.option(
    "--unsafe-fixes",
    "unsafe",
    is_flag=True,
    help="With --fix or --diff: also make fixes that change what the call does.",
)
@click.option("--diff", is_flag=True, help="Show what --fix would change, without changing it.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "gitlab"]),
    default="text",
    show_default=True,
    help="The output format.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*SEVERITIES, "never"]),
    help="The lowest severity that makes the exit code 1.  [default: error]",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=complete_rules,
    help="Report only these rules: codes, beginnings of codes (F4) or names, separated by commas. Can be repeated.",
)
@click.option("--ignore", multiple=True, metavar="RULES", shell_complete=complete_rules, help="Leave out these rules.")
@click.option(
    "--provider",
    type=click.Choice(["vonage", "kpn"]),
    help="Also report what this provider's documentation does not have.",
)
@choosing
@click.option(
    "--stdin-filename",
    metavar="NAME",
    help="Treat standard input (-) as this file: its suffix, its settings, its name in findings.",
)
@click.option("--no-cache", is_flag=True, help="Check every file, and neither read nor write .ncco_cache.")
@click.option(
    "--silence", is_flag=True, help="Also report the longest silence that a caller can hear while servers hang."
)
@click.option("-q", "--quiet", is_flag=True, help="Print only warnings and errors: no notes and no summary.")
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    fix: bool,
    unsafe: bool,
    diff: bool,
    form: str,
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    provider: str | None,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
    stdin_filename: str | None,
    no_cache: bool,
    silence: bool,
    quiet: bool,
) -> None:
    """Check flows and NCCO JSON: report what is wrong, where, and how to fix it."""
    if fix and diff:
        raise click.UsageError("--fix changes files and --diff only shows: choose one")
    if unsafe and not (fix or diff):
        raise click.UsageError("--unsafe-fixes says which fixes, and goes with --fix or --diff")
    if stdin_filename is not None and "-" not in files:
        raise click.UsageError("--stdin-filename says what - is, and - is not among the files")
    choices = Choices(profile=profile, params=params, base_url=base_url, provider=provider, silence=silence)
    wishes = Wishes(fix, unsafe, diff, fail_on, choices, read_choice(select, ignore))
    job = _Job(files or (".",), wishes, stdin_filename)
    outcomes = job.outcomes() if no_cache or params or silence or not wishes.rules.is_all else _with_cache(job)
    _report(outcomes, wishes, form, quiet=quiet, to_stderr=diff or (fix and "-" in files))
    unreadable = job.has_complained or any(outcome.unreadable for outcome in outcomes)
    failed = any(outcome.failed or (diff and outcome.changed) for outcome in outcomes)
    ctx.exit(2 if unreadable else 1 if failed else 0)


def _with_cache(job: _Job) -> list[Outcome]:
    """Return the outcomes; files that had no findings and have not changed are not checked again."""
    from ncco_lang.workspace import run_snapshot

    choices, only_folders = job.wishes.choices, all(map(is_folder, job.files))
    began, run = time.time_ns(), ""
    if only_folders and choices.base_url is None:
        run = run_snapshot.run_of(job.files, (choices.profile, choices.provider))
        number = run_snapshot.files_unchanged(run, job.files[0])
        if number:
            return [CLEAN] * number
    cache = Cache(choices)
    outcomes = job.outcomes(cache)
    cache.save()
    if run and outcomes and not job.has_complained and all(outcome == CLEAN for outcome in outcomes):
        run_snapshot.remember(run, job.files, job.visited, cache.stamps, {**cache.imports(), **job.outputs}, began)
    return outcomes


class _Job:
    """One run over files and folders."""

    __slots__ = (
        "_complaints",
        "_folders",
        "_imported",
        "_projects",
        "_stdin_filename",
        "files",
        "outputs",
        "visited",
        "wishes",
    )

    def __init__(self, files: tuple[str, ...], wishes: Wishes, stdin_filename: str | None) -> None:
        self.files = files
        self.wishes = wishes
        self.visited: dict[str, str] = {}
        self.outputs: dict[str, str | None] = {}
        self._stdin_filename = stdin_filename
        self._complaints = Complaints()
        self._projects = Projects(self._complaints.add)
        self._folders: dict[str, Project] = {}
        self._imported: Known = {}

    @property
    def has_complained(self) -> bool:
        """Return whether an unreadable file or a wrong setting was reported."""
        return bool(self._complaints)

    def outcomes(self, cache: Cache | None = None) -> list[Outcome]:
        """Return the outcome of each file."""
        found = list(discover(self.files, self._projects, ncco=True, visited=self.visited))
        outputs = dict(outputs_among(found))
        self.outputs = {file.real: before for file, before in outputs.items() if file.real is not None}
        found = [file for file in found if file not in outputs]
        return [*self._outcomes(found, cache), *self._of_settings(found)]

    def _outcomes(self, found: list[Found], cache: Cache | None) -> list[Outcome]:
        params = self.wishes.choices.params
        if not params:
            return [self._attempt(partial(self._one, file, cache)) or UNREADABLE for file in found]
        files = [(file, self._attempt(partial(self._read, file))) for file in found]
        flows = [source for file, source in files if source is not None and is_flow(self._named(file), source.text)]
        not_for = params_of_others(flows, params)
        return [
            (source and self._attempt(partial(self._checked, file, source, not_for.get(source.name, ())))) or UNREADABLE
            for file, source in files
        ]

    def _of_settings(self, found: list[Found]) -> Iterator[Outcome]:
        """Yield the findings about the applications of each project whose folder is checked."""
        for project in {project.folder: project for project in self._folders.values()}.values():
            if project.folder not in self.visited or not any(
                profile.table.get("applications") for profile in project.config.profiles.values()
            ):
                continue
            from ncco_lang.checker import levelled
            from ncco_lang.workspace.applications import check_applications

            flows = [file.name for file in found if is_flow(file.name, "") and self._project(file) == project]
            findings = levelled(check_applications(project, flows), project.config.severity)
            findings = [finding for finding in findings if self.wishes.rules.has(finding)]
            if findings:
                grave = _grave(self.wishes.fail_on or project.config.fail_on)
                yield Outcome(findings, failed=any(finding.severity in grave for finding in findings))

    def _attempt(self, work: Callable[[], _T]) -> _T | None:
        """Return the result of `work`; report an unreadable file or unreadable settings, and return None."""
        try:
            return work()
        except InputError as failed:
            self._complaints.add(failed)
            return None

    def _one(self, file: Found, cache: Cache | None) -> Outcome:
        entry = None
        if cache is not None and file.real is not None and file.refusal is None:
            entry = cache.entry(file.real, file.name.rpartition(".")[2], self._project(file))
            if entry is not None and entry.is_same_file():
                return CLEAN
        source = self._read(file)
        if entry is not None and entry.is_same_text(source.text):
            return CLEAN
        reader = self._reader(file)
        outcome = self._checked(file, source, (), reader)
        if entry is not None and outcome == CLEAN:
            entry.keep(reader.stamps)
        return outcome

    def _reader(self, file: Found) -> DiskReader:
        return DiskReader(self._project(file).folder, self._named(file), self._imported)

    def _checked(
        self, file: Found, source: Source, not_for_it: Collection[str], reader: DiskReader | None = None
    ) -> Outcome:
        project, wishes = self._project(file), self.wishes
        reader = self._reader(file) if reader is None else reader
        check = wishes.rules.of(checker_of(self._named(file), source, project, wishes.choices, reader, not_for_it))
        outcome = _fixed(file.name, source, check, wishes) if wishes.fix or wishes.diff else _found(source, check)
        grave = _grave(wishes.fail_on or project.config.fail_on)
        return outcome._replace(failed=any(finding.severity in grave for finding in outcome.findings))

    def _read(self, file: Found) -> Source:
        if file.refusal is not None:
            raise file.refusal
        named = self._named(file)
        return read_source(file.name, None if named == "-" else named, allowed="pipes")

    def _named(self, file: Found) -> str:
        """Return the name of a file in messages."""
        return self._stdin_filename if file.name == "-" and self._stdin_filename is not None else file.name

    def _project(self, file: Found) -> Project:
        """Return the settings for a file; they are looked up once for each folder."""
        folder = self._named(file).rpartition(os.sep)[0]
        if folder not in self._folders:
            self._folders[folder] = self._projects.of_file(self._named(file))
        return self._folders[folder]


def _grave(fail_on: str) -> tuple[str, ...]:
    """Return the severities that make the exit code 1."""
    return SEVERITIES[: ("never", *SEVERITIES).index(fail_on)]


def _found(source: Source, check: Callable[[Source], list[Diagnostic]]) -> Outcome:
    """Return the findings of a file, each with the fix that `--fix` would make."""
    findings = check(source)
    if any(each.fix is not None for each in findings):
        from ncco_lang.fixes import offered

        findings = offered(source, findings, check)
    return Outcome(findings)


def _fixed(name: str, source: Source, check: Callable[[Source], list[Diagnostic]], wishes: Wishes) -> Outcome:
    """Fix a text, and write it or show the difference; the outcome has the findings that remain in the file."""
    from ncco_lang.fixes import apply_fixes

    fixed = apply_fixes(source, check, unsafe=wishes.unsafe)
    changed = fixed.source.text != source.text
    if wishes.diff:
        if changed:
            from ncco_lang.cli.diff import render_diff

            emit(render_diff(source, fixed.source.text), product=True)
        return Outcome(fixed.before, fixed.applied, changed)
    if name == "-":
        emit(fixed.source.text, product=True)
    elif changed:
        try:
            write_atomic(name, fixed.source.text)
        except OutputError as failed:
            # The file is unchanged; go on with the other files.
            complain(failed)
            return Outcome(fixed.before, unreadable=True)
    return Outcome(fixed.remaining, fixed.applied, changed)


def _report(outcomes: list[Outcome], wishes: Wishes, form: str, *, quiet: bool, to_stderr: bool) -> None:
    """Print the findings of all files, and the summary."""
    checked = sum(not outcome.unreadable for outcome in outcomes)
    findings = [
        finding for outcome in outcomes for finding in outcome.findings if not (quiet and finding.severity == "info")
    ]
    if form != "text":
        from ncco_lang.cli.reporters import RENDERERS

        emit(RENDERERS[form](findings, checked), err=to_stderr)
    else:
        if not wishes.diff:
            emit_findings(findings, err=to_stderr)
        if checked and not quiet:
            summary = render_summary(findings, checked)
            applied = sum(outcome.applied for outcome in outcomes)
            if wishes.fix and (applied or findings):
                summary = f"{applied} fix{'' if applied == 1 else 'es'} made; " + summary
            emit(("\n" if findings and not wishes.diff else "") + summary, err=to_stderr)
    if not outcomes:
        emit(
            "ncco: no flows and no NCCO files here; name one, or say in ncco.toml which JSON files are NCCO: "
            '[check] json = ["*.json"]\n',
            err=True,
        )
