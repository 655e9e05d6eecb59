"""Plan where the outputs of `ncco compile` go, and refuse clashes before the first is written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from ncco_lang.cli.console import Complaints, Refused
from ncco_lang.cli.render import visible
from ncco_lang.program.file_of_tests import is_file_of_tests
from ncco_lang.workspace.discover import FLOW, Found, discover
from ncco_lang.workspace.errors import InputError
from ncco_lang.workspace.file_stamps import look
from ncco_lang.workspace.files import is_folder
from ncco_lang.workspace.outputs import OUTPUT_SUFFIX
from ncco_lang.workspace.projects import Choices, Project, Projects, compile_options, refuse_wrong

if TYPE_CHECKING:
    from ncco_lang.compiler import CompileOptions


class Job(NamedTuple):
    """A flow, its settings, and where its product goes.

    Attributes:
        output: the file of its NCCO; None for standard output.
        folder: the folder of all outputs, if they go into one.
        bundle: the folder of its bundle, if it needs a runtime; None where only a file can be written.
    """

    name: str
    project: Project
    options: CompileOptions
    output: str | None
    folder: str | None
    bundle: str | None


def plan_jobs(
    files: tuple[str, ...], output: str | None, choices: Choices, complaints: Complaints
) -> tuple[list[Job], int]:
    """Return the jobs for the command's arguments, and how many folders and flows are left out.

    Reports folders that cannot be read and settings that cannot be used.

    Raises:
        click.UsageError: the arguments cannot be combined.
        Refused: two outputs would be the same file, or an output would overwrite a flow.
    """
    for name in files:
        if is_file_of_tests(name):
            raise click.UsageError(f"{visible(name)} has tests, and is not compiled: ncco test runs them")
        if Path(name).suffix.lower() == ".json":
            raise click.UsageError(
                f"{visible(name)} is not a flow: ncco check checks NCCO, and ncco decompile makes a flow of it"
            )
    folder = output if _wants_folder(files, output) else None
    projects = Projects(complaints.add)
    jobs, left_out = [], 0
    for found in discover(files, projects, ncco=False):
        if is_file_of_tests(found.name) and found.name not in files:
            continue
        path = output if folder is None else str(Path(folder, output_name(found)))
        try:
            if found.refusal is not None:
                raise found.refusal
            project = projects.of_file(found.name)
            refuse_wrong(project, choices.profile)
            bundle = _bundle_folder(files, output, folder, found)
            jobs.append(Job(found.name, project, compile_options(project, choices), path, folder, bundle))
        except InputError as failed:
            complaints.add(failed)
            left_out += 1
    _refuse_clashes(jobs)
    return jobs, left_out


def _bundle_folder(files: tuple[str, ...], output: str | None, folder: str | None, found: Found) -> str | None:
    """Return the folder for a bundle: that of `-o` for the only flow, else one of its name in the folder of all outputs."""
    if folder is not None and (len(files) > 1 or is_folder(files[0])):
        return str(Path(folder, found.below.removesuffix(FLOW)))
    is_file = output is not None and (
        output.lower().endswith(".json") or (not is_folder(output) and look(output) is not None)
    )
    return None if output is None or is_file else output


def output_name(found: Found) -> str:
    """Return the path of an output below the folder of all outputs."""
    return found.below.removesuffix(FLOW) + OUTPUT_SUFFIX


def is_same_file(one: str, other: str) -> bool:
    """Return whether two paths name the same file, after following links."""
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _wants_folder(files: tuple[str, ...], output: str | None) -> bool:
    """Return whether outputs go into a folder.

    Raises:
        click.UsageError: they have to, and `-o` is missing or names a file, or standard input is among the flows.
    """
    into_folder = output is not None and (is_folder(output) or output.endswith(("/", os.sep)))
    if len(files) > 1 or is_folder(files[0]):
        what = "several flows" if len(files) > 1 else "a folder of flows"
        if output is None:
            raise click.UsageError(f"the outputs of {what} need a folder: -o DIR")
        if not is_folder(output) and look(output) is not None:
            raise click.UsageError(f"the outputs of {what} need a folder, and {visible(output)} is a file")
        if output.lower().endswith(".json") and not into_folder:
            raise click.UsageError(f"the outputs of {what} need a folder, and {visible(output)} is the name of a file")
        into_folder = True
    if into_folder and "-" in files:
        raise click.UsageError("standard input has no name for a file in a folder: compile it alone, with -o FILE")
    return into_folder


def _refuse_clashes(jobs: list[Job]) -> None:
    """Raise Refused if an output would overwrite another output or a flow."""
    made: dict[str, str] = {}
    flows = {os.path.normcase(os.path.realpath(job.name)) for job in jobs}
    for job in jobs:
        if job.output is None:
            continue
        real = os.path.normcase(os.path.realpath(job.output))
        if real in made:
            raise Refused(f"{made[real]} and {job.name} would both be written to {job.output}; nothing was done")
        if real in flows:
            raise Refused(f"{job.output} is a flow and would be overwritten; nothing was done")
        made[real] = job.name
