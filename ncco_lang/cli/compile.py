"""`ncco compile`: compile `.flow` files to NCCO, on standard output or in `-o`; findings go to standard error."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from ncco_lang.cli.console import Complaints, Refused, emit, emit_findings
from ncco_lang.cli.options import PATH, choosing
from ncco_lang.cli.output_paths import Job, is_same_file, plan_jobs
from ncco_lang.cli.render import count_words, visible
from ncco_lang.source import Source
from ncco_lang.workspace.errors import InputError, OutputError
from ncco_lang.workspace.files import is_folder, make_folder, read_source, write_atomic
from ncco_lang.workspace.flows import params_of_others, without_params
from ncco_lang.workspace.imports import DiskReader, Known
from ncco_lang.workspace.projects import Choices, from_here

if TYPE_CHECKING:
    from ncco_lang.bundler import Bundled
    from ncco_lang.program.imports import Reader
    from ncco_lang.project.params import Given


class Tally(NamedTuple):
    """The number of flows with each result; `reported` are those with findings."""

    written: int = 0
    unchanged: int = 0
    wrong: int = 0
    refused: int = 0
    reported: int = 0


@click.command(
    epilog="""\b
Examples:
  ncco compile menu.flow                       NCCO on standard output
  ncco compile menu.flow -o menu.ncco.json     to a file, which stays as it is if the flow has errors
  ncco compile menu.flow -o build/             a flow that branches, to build/bundle.json and its documents
  ncco compile . -o out                        every flow below this folder, to out/….ncco.json or out/NAME/bundle.json
  ncco compile menu.flow --profile live -p desk="+31 20 123 4567"
  ncco compile --minify - < menu.flow
  ncco compile menu.flow -o menu.ncco.json --depfile menu.d
                                               for make (-include menu.d) and ninja (depfile = menu.d)

Exit codes: 0 done, 1 a flow has findings at error level, 2 wrong usage, unreadable input or unwritable output.
"""
)
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="FILE|DIR|-...")
@click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="PATH",
    help="Write to this file; for several flows or a folder, write NAME.ncco.json files into this folder. "
    "A flow that branches is written into a folder, as bundle.json with its documents.",
)
@choosing
@click.option("--minify", is_flag=True, help="Print on one line, without spaces.")
@click.option(
    "--depfile", type=PATH, metavar="PATH", help="Write the inputs of each output as rules for make or ninja."
)
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    output: str | None,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
    minify: bool,
    depfile: str | None,
) -> None:
    """Compile flows to NCCO, and those that branch to bundles for ncco serve; - reads standard input.

    If a flow has a finding at error level, its output file stays as it is. A file that would not change is not written.
    """
    output = None if output == "-" else output
    if depfile is not None and output is None:
        raise click.UsageError("--depfile needs -o: standard output cannot be what a rule makes")
    complaints = Complaints()
    jobs, left_out = plan_jobs(files, output, Choices(profile=profile, params=params, base_url=base_url), complaints)
    bundles: dict[str, str] = {}
    if depfile is not None:
        _depfile(depfile, jobs, bundles, {})  # refuses a wrong path before anything is written
    sources: Iterable[Source | None] = (_read(job, complaints) for job in jobs)
    not_for: Mapping[str, frozenset[str]] = {}
    if params and len(jobs) > 1:
        sources = list(sources)
        not_for = params_of_others(filter(None, sources), params)
    tally = Tally(refused=left_out)
    known: Known = {}
    imported: dict[str, list[str]] = {}
    for job, source in zip(jobs, sources, strict=True):
        reader = DiskReader(job.project.folder, job.name, known)
        tally = _run(job, source, reader, not_for.get(job.name, ()), tally, complaints, bundles, minify=minify)
        imported[job.name] = [from_here(Path(path)) for path in reader.stamps]
    if len(jobs) + left_out > 1 or (jobs and any(map(is_folder, files))):
        emit(render_tally(len(jobs) + left_out, tally), err=True)
    elif not jobs and not left_out:
        emit("ncco: no flows here\n", err=True)
    if depfile is not None and not (tally.wrong or tally.refused):
        write_atomic(depfile, _depfile(depfile, jobs, bundles, imported))
    ctx.exit(2 if tally.refused or complaints else 1 if tally.wrong else 0)


def _read(job: Job, complaints: Complaints) -> Source | None:
    """Return the text of a flow; report a flow that cannot be read, and return None."""
    try:
        return read_source(job.name, allowed="pipes")
    except InputError as failed:
        complaints.add(failed)
        return None


def _run(
    job: Job,
    source: Source | None,
    reader: Reader,
    not_for_it: Collection[str],
    tally: Tally,
    complaints: Complaints,
    bundles: dict[str, str],
    *,
    minify: bool,
) -> Tally:
    """Compile one flow and write its product; report and count an output that cannot be written.

    Args:
        bundles: gets the `bundle.json` of a flow that is written as a bundle, by the name of the flow.
    """
    # Imported here, so that `--help` does not load the compiler.
    from ncco_lang.compiler import compile_source
    from ncco_lang.ncco.emit import render_ncco
    from ncco_lang.product import Document

    if source is None:
        return tally._replace(refused=tally.refused + 1)
    options = replace(without_params(job.options, not_for_it), is_written=True, is_single=job.bundle is None)
    compiled = compile_source(source, options, reader)
    product = compiled.product
    if compiled.diagnostics:
        emit_findings(compiled.diagnostics, err=True, apart=tally.reported > 0)
        tally = tally._replace(reported=tally.reported + 1)
    if product is None:
        return tally._replace(wrong=tally.wrong + 1)
    try:
        if isinstance(product, Document):
            is_new = _deliver(job, render_ncco(product.ncco, minify=minify))
        else:
            is_new = _deliver_bundle(job, product, bundles, minify=minify)
    except OutputError as failed:
        complaints.add(failed)
        return tally._replace(refused=tally.refused + 1)
    return tally._replace(written=tally.written + is_new, unchanged=tally.unchanged + (not is_new))


def _deliver_bundle(job: Job, product: Bundled, bundles: dict[str, str], *, minify: bool) -> bool:
    """Write a bundle into its folder; return False if nothing in it changes."""
    from ncco_lang.workspace.bundle_folder import BUNDLE, bundle_files, write_bundle

    assert job.bundle is not None
    bundles[job.name] = str(Path(job.bundle, BUNDLE))
    if job.folder is not None:
        make_folder(job.folder)
    return write_bundle(job.bundle, bundle_files(product, minify=minify))


def _deliver(job: Job, text: str) -> bool:
    """Print or write an NCCO; return False if the file has this content already."""
    if job.output is None:
        emit(text, product=True)
        return True
    if job.folder is not None:
        # The folder that the user named comes first, so that an error names that folder.
        for folder in (job.folder, str(Path(job.output).parent)):
            make_folder(folder)
    return write_atomic(job.output, text)


def _depfile(depfile: str, jobs: list[Job], bundles: Mapping[str, str], imported: Mapping[str, Sequence[str]]) -> str:
    """Return the rules that name the inputs of each output: its flow, its imports, and the `ncco.toml` that applies."""
    from ncco_lang.workspace.depfile import render_depfile

    rules = []
    for job in jobs:
        inputs = (job.name, *imported.get(job.name, ()), job.project.file)
        files = [name for name in inputs if name is not None and name != "-"]
        output = bundles.get(job.name, job.output)
        assert output is not None
        if any(is_same_file(depfile, name) for name in (*files, output)):
            raise click.UsageError(f"--depfile {visible(depfile)} is an input or an output already")
        rules.append((output, files))
    try:
        return render_depfile(rules)
    except ValueError as failed:
        raise Refused(str(failed)) from failed


def render_tally(files: int, tally: Tally) -> str:
    """Return the summary as a line: `3 files compiled, 2 written, 1 unchanged`."""
    words = []
    if tally.wrong:
        words.append(f"{tally.wrong} of {count_words(files, 'file')} {'has' if tally.wrong == 1 else 'have'} errors")
    if tally.refused:
        words.append(f"{count_words(tally.refused, 'file')} could not be read or written")
    if not words:
        words.append(f"{count_words(files, 'file')} compiled")
    words += (
        f"{number} {what}" for number, what in ((tally.written, "written"), (tally.unchanged, "unchanged")) if number
    )
    return ", ".join(words) + "\n"
