"""`ncco compile`: a `.flow` file → NCCO, on standard output or in `-o`; findings go to standard error."""

from __future__ import annotations

from pathlib import Path

import click

from ncco_lang.cli.files import config_of
from ncco_lang.cli.output import emit, read_source, wants_colour, write_atomic


@click.command(
    epilog="""\b
Examples:
  ncco compile hello.flow                     NCCO on standard output
  ncco compile hello.flow -o hello.ncco.json  into a file, which stays as it is when the flow has errors
  ncco compile --minify - < hello.flow

Exit codes: 0 done, 1 the flow has findings at error level, 2 wrong usage, unreadable input or unwritable output.
"""
)
@click.argument("file")
@click.option("-o", "--output", metavar="PATH", help="Write to this file instead of standard output.")
@click.option("--minify", is_flag=True, help="On one line, without blanks.")
@click.pass_context
def command(ctx: click.Context, file: str, output: str | None, minify: bool) -> None:
    """Compile FILE to NCCO; - reads standard input.

    With a finding at error level nothing is written, and a file that -o names stays as it is.
    """
    # Imported here, so that `--help` does not pay for a compiler.
    from ncco_lang.checker import CheckOptions
    from ncco_lang.cli.render import render_text
    from ncco_lang.compiler import compile_text
    from ncco_lang.ncco.emit import render_ncco

    _, config = config_of(str(Path(file).parent))
    options = CheckOptions(provider=config.provider, levels=config.severity)
    compiled = compile_text(read_source(file), options)
    if compiled.diagnostics:
        emit(render_text(compiled.diagnostics, colour=wants_colour(err=True)), err=True)
    if compiled.ncco is None:
        ctx.exit(1)
    text = render_ncco(compiled.ncco, minify=minify)
    if output is None or output == "-":
        emit(text, product=True)
    else:
        write_atomic(output, text)
