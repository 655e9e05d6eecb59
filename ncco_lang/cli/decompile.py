"""`ncco decompile`: turn NCCO JSON into a flow, on standard output or in `-o`; findings go to standard error."""

from __future__ import annotations

from pathlib import Path

import click

from ncco_lang.cli.console import emit, emit_findings
from ncco_lang.cli.options import PATH
from ncco_lang.cli.output_paths import is_same_file
from ncco_lang.cli.render import count_words, visible
from ncco_lang.source import Source
from ncco_lang.workspace.discover import FLOW
from ncco_lang.workspace.files import read_source, write_atomic


@click.command(
    epilog="""\b
Examples:
  ncco decompile menu.json                  a flow on standard output
  ncco decompile menu.json -o menu.flow
  curl -s https://example.com/answer | ncco decompile -

Exit codes: 0 done, 1 the JSON has findings at error level, 2 wrong usage, unreadable input or unwritable output.
"""
)
@click.argument("file", type=PATH, metavar="FILE.json|-")
@click.option("-o", "--output", type=PATH, metavar="PATH", help="Write to this file instead of standard output.")
@click.pass_context
def command(ctx: click.Context, file: str, output: str | None) -> None:
    """Turn the NCCO in FILE into a flow that compiles to the same NCCO; - reads standard input."""
    from ncco_lang.decompiler import decompile_source

    if Path(file).suffix.lower() == FLOW:
        raise click.UsageError(f"{visible(file)} is a flow already: ncco compile makes NCCO of it")
    output = None if output == "-" else output
    if output is not None and file != "-" and is_same_file(file, output):
        raise click.UsageError(f"{visible(output)} is the input and would be overwritten")
    source = read_source(file, allowed="pipes")
    decompiled = decompile_source(source)
    if decompiled.diagnostics:
        emit_findings(decompiled.diagnostics, err=True)
    if decompiled.text is None:
        ctx.exit(1)
    if output is None:
        emit(decompiled.text, product=True)
    else:
        write_atomic(output, decompiled.text)
    _tell_of_raw(file, source, decompiled.text)


def _tell_of_raw(file: str, source: Source, text: str) -> None:
    """Report the actions that `raw` keeps as a whole or in part, if `ncco check --fix` would turn some of them into statements."""
    from ncco_lang.decompiler import count_raw, decompile_source

    kept = count_raw(text)
    if not kept:
        return
    from ncco_lang.checker import check_ncco
    from ncco_lang.fixes import apply_fixes

    fixed = apply_fixes(source, check_ncco)
    after_fixes = decompile_source(fixed.source).text if fixed.applied else None
    if after_fixes is not None and count_raw(after_fixes) < kept:
        how = f"to write fewer with it, first run ncco check --fix {visible(file)}, which fixes older forms"
        emit(f"ncco: {count_words(kept, 'action')} kept with raw; {how}\n", err=True)
