"""`ncco show`: show a flow's syntax tree, its bound program, its blocks or its NCCO."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import Complaints, emit, emit_findings
from ncco_lang.cli.options import PATH, choosing
from ncco_lang.cli.render import visible
from ncco_lang.workspace.errors import InputError
from ncco_lang.workspace.files import read_source
from ncco_lang.workspace.imports import DiskReader
from ncco_lang.workspace.projects import Choices, Projects, compile_options, refuse_wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ncco_lang.diagnostics import Diagnostic
    from ncco_lang.project.params import Given
    from ncco_lang.source import Source


@click.command(
    epilog="""\b
Examples:
  ncco show --tree menu.flow    show its syntax tree
  ncco show --bound menu.flow   show what each statement means, with its values
  ncco show --blocks menu.flow  show the blocks that a call walks
  ncco show --ncco menu.flow    show its NCCO

Exit codes: 0 done, 1 the flow has findings at error level, 2 wrong usage or unreadable input.
"""
)
@click.argument("file", type=PATH, metavar="FILE|-")
@click.option("--tree", "stage", flag_value="tree", help="Show the syntax tree, without positions.")
@click.option("--bound", "stage", flag_value="bound", help="Show the bound program: each option with its value.")
@click.option("--blocks", "stage", flag_value="blocks", help="Show the graph of blocks that a call walks.")
@click.option("--ncco", "stage", flag_value="ncco", help="Show the NCCO, with values from the environment hidden.")
@choosing
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    stage: str | None,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
) -> None:
    """Show the syntax tree, the bound program, the blocks or the NCCO of the flow in FILE; - reads standard input."""
    if stage is None:
        raise click.UsageError("say what to show: --tree, --bound, --blocks or --ncco")
    if Path(file).suffix.lower() == ".json":
        raise click.UsageError(f"{visible(file)} is not a flow")
    source = read_source(file, allowed="pipes")
    complaints = Complaints()
    if stage == "tree":
        text, found = _tree(source)
    else:
        show = {"bound": _bound, "blocks": _blocks, "ncco": _ncco}[stage]
        text, found = show(source, file, Choices(profile=profile, params=params, base_url=base_url), complaints)
    if found:
        emit_findings(found, err=True)
    emit(text, product=True)
    ctx.exit(2 if complaints else 1 if any(finding.severity == "error" for finding in found) else 0)


def _tree(source: Source) -> tuple[str, Sequence[Diagnostic]]:
    """Return the tree, also of a text with syntax errors, and the findings."""
    from ncco_lang.syntax.ast import dump
    from ncco_lang.syntax.parse import parse_flow

    file, found = parse_flow(source)
    return dump(file), found


def _bound(source: Source, file: str, choices: Choices, complaints: Complaints) -> tuple[str, Sequence[Diagnostic]]:
    """Return the bound program, also of a flow with errors, and the findings; values from the environment are hidden."""
    from ncco_lang.compiler import bind_source
    from ncco_lang.program.show import render_program

    project = Projects(complaints.add).of_file(file)
    refuse_wrong(project, choices.profile)
    program, found = bind_source(source, compile_options(project, choices), DiskReader(project.folder, file))
    return render_program(program), found


def _blocks(source: Source, file: str, choices: Choices, complaints: Complaints) -> tuple[str, Sequence[Diagnostic]]:
    """Return the blocks of a flow, and the findings; nothing of a flow with errors beside what a later version compiles."""
    from ncco_lang.blocks.lower import lower_program
    from ncco_lang.blocks.parts import NotLoweredError
    from ncco_lang.blocks.show import render_graph
    from ncco_lang.compiler import bind_source
    from ncco_lang.syntax.syntax_rules import NOT_YET

    project = Projects(complaints.add).of_file(file)
    refuse_wrong(project, choices.profile)
    program, found = bind_source(source, compile_options(project, choices), DiskReader(project.folder, file))
    if any(each.severity == "error" and each.rule is not NOT_YET for each in found):
        return "", found
    try:
        return render_graph(lower_program(program)[0]), found
    except NotLoweredError as error:
        position = source.position(error.span.start)
        complaints.add(
            InputError(f"{visible(file)}:{position.line}:{position.column}: no blocks for {error} in this version")
        )
        return "", found


def _ncco(source: Source, file: str, choices: Choices, complaints: Complaints) -> tuple[str, Sequence[Diagnostic]]:
    from ncco_lang.compiler import compile_source
    from ncco_lang.ncco.emit import render_ncco

    project = Projects(complaints.add).of_file(file)
    refuse_wrong(project, choices.profile)
    compiled = compile_source(source, compile_options(project, choices), DiskReader(project.folder, file))
    shown = None if compiled.product is None else compiled.product.shown
    if compiled.product is not None and compiled.ncco is None:
        emit("ncco: this flow needs a runtime, so it is not one NCCO; ncco show --blocks shows it\n", err=True)
    elif compiled.product is not None and shown is None:
        emit("ncco: the NCCO is not shown, because values from the environment decide its shape\n", err=True)
    return "" if shown is None else render_ncco(shown), compiled.diagnostics
