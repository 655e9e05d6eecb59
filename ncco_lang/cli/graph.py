"""`ncco graph`: draw a flow as a flowchart, with its findings marked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import Complaints, complain, emit, emit_findings
from ncco_lang.cli.options import PATH, choosing
from ncco_lang.cli.output_paths import is_same_file
from ncco_lang.cli.render import visible
from ncco_lang.workspace.errors import InputError
from ncco_lang.workspace.files import read_source, write_atomic
from ncco_lang.workspace.imports import DiskReader
from ncco_lang.workspace.projects import Choices, Projects, compile_options, refuse_wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ncco_lang.compiler import CompileOptions
    from ncco_lang.diagnostics import Diagnostic
    from ncco_lang.program.imports import Reader
    from ncco_lang.project.params import Given
    from ncco_lang.source import Source

_MOST_EDGES = 500
"""What Mermaid draws by default."""


@click.command(
    epilog="""\b
Examples:
  ncco graph menu.flow              a Mermaid flowchart on standard output
  ncco graph menu.flow -o menu.mmd  write it to a file

Exit codes: 0 done, 1 the flow has findings at error level, 2 wrong usage, unreadable input or unwritable output.
"""
)
@click.argument("file", type=PATH, metavar="FILE|-")
@click.option("-o", "--output", type=PATH, metavar="PATH", help="Write to this file instead of standard output.")
@click.option("--format", type=click.Choice(["mermaid"]), default="mermaid", show_default=True, help="What to write.")
@choosing
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    output: str | None,
    format: str,
    params: dict[str, Given],
    profile: str | None,
    base_url: str | None,
) -> None:
    """Draw the flow in FILE: its steps, questions and jumps, with findings marked; - reads standard input."""
    if Path(file).suffix.lower() == ".json":
        raise click.UsageError(f"{visible(file)} is not a flow")
    output = None if output == "-" else output
    if output is not None and file != "-" and is_same_file(file, output):
        raise click.UsageError(f"{visible(output)} is the input and would be overwritten")
    source = read_source(file, allowed="pipes")
    complaints = Complaints()
    project = Projects(complaints.add).of_file(file)
    refuse_wrong(project, profile)
    options = compile_options(project, Choices(profile=profile, params=params, base_url=base_url))
    text, found = _drawn(source, options, DiskReader(project.folder, file))
    if found:
        emit_findings(found, err=True)
    if text is not None and output is not None:
        write_atomic(output, text)
    elif text is not None:
        emit(text, product=True)
    ctx.exit(2 if complaints else 1 if text is None or any(each.severity == "error" for each in found) else 0)


def _drawn(source: Source, options: CompileOptions, reader: Reader) -> tuple[str | None, Sequence[Diagnostic]]:
    """Return the flowchart, and the findings; None for a flow that has no blocks because of its errors."""
    from ncco_lang.blocks.chart import chart_of
    from ncco_lang.blocks.lower import lower_program
    from ncco_lang.blocks.mermaid import render_mermaid
    from ncco_lang.blocks.parts import NotLoweredError
    from ncco_lang.compiler import bind_source

    program, found = bind_source(source, options, reader)
    try:
        graph, places = lower_program(program)
    except NotLoweredError as error:
        if not any(each.severity == "error" for each in found):
            position = source.position(error.span.start)
            where = f"{visible(source.name)}:{position.line}:{position.column}"
            complain(InputError(f"{where}: cannot draw {error} in this version"))
        return None, found
    chart = chart_of(program, graph, places, found)
    if len(chart.edges) > _MOST_EDGES:
        emit(f"ncco: {len(chart.edges)} edges: Mermaid draws more than {_MOST_EDGES} if maxEdges says so\n", err=True)
    return render_mermaid(chart), found
