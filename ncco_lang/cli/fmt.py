"""`ncco fmt`: format `.flow` files in place, or standard input to standard output."""

from __future__ import annotations

from typing import NamedTuple

import click

from ncco_lang.cli.console import Complaints, emit, emit_findings
from ncco_lang.cli.options import PATH
from ncco_lang.cli.render import count_words, visible
from ncco_lang.workspace.discover import Found, discover
from ncco_lang.workspace.errors import WorkspaceError
from ncco_lang.workspace.files import read_source, write_atomic
from ncco_lang.workspace.projects import Projects


class Tally(NamedTuple):
    """The number of flows with each result; `reported` are those with findings."""

    changed: int = 0
    kept: int = 0
    wrong: int = 0
    refused: int = 0
    reported: int = 0


@click.command(
    epilog="""\b
Examples:
  ncco fmt                    every flow below this folder that .gitignore does not exclude
  ncco fmt menu.flow
  ncco fmt --check            list the flows that are not formatted, without changing them
  ncco fmt --diff menu.flow   show what would change
  ncco fmt - < menu.flow      to standard output, for editors

Exit codes: 0 done, 1 a flow has syntax errors (or --check or --diff shows something), 2 wrong usage, unreadable
input or unwritable output.
"""
)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE|DIR|-]...")
@click.option("--check", is_flag=True, help="List the flows that would change, without changing them.")
@click.option("--diff", is_flag=True, help="Show what would change, without changing it.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], check: bool, diff: bool) -> None:
    """Format flows. Their meaning does not change, and comments are kept.

    A flow with syntax errors stays as it is.
    """
    if check and diff:
        raise click.UsageError("--check names files and --diff shows them: choose one")
    tally, complaints = Tally(), Complaints()
    flows = list(discover(files or (".",), Projects(complaints.add), ncco=False))
    for flow in flows:
        tally = _format_one(flow, tally, complaints, check=check, diff=diff)
    if not flows:
        emit("ncco: no flows here\n", err=True)
    elif [flow.name for flow in flows] != ["-"]:
        emit(_summary(tally, asks=check or diff), err=True)
    is_no = tally.wrong or ((check or diff) and tally.changed)
    ctx.exit(2 if tally.refused or complaints else 1 if is_no else 0)


def _format_one(flow: Found, tally: Tally, complaints: Complaints, *, check: bool, diff: bool) -> Tally:
    # Imported here, so that `--help` does not load the parser.
    from ncco_lang.formatter import format_source

    try:
        if flow.refusal is not None:
            raise flow.refusal
        source = read_source(flow.name, allowed="pipes")
        formatted = format_source(source)
        if formatted.diagnostics:
            emit_findings(formatted.diagnostics, err=True, apart=tally.reported > 0)
            tally = tally._replace(reported=tally.reported + 1)
        if formatted.text is None:
            return tally._replace(wrong=tally.wrong + 1)
        changed = formatted.text != source.text
        if diff:
            from ncco_lang.cli.diff import render_diff

            emit(render_diff(source, formatted.text), product=True)
        elif check:
            emit(f"{visible(source.name)}\n" if changed else "")
        elif flow.name == "-":
            emit(formatted.text, product=True)
        elif changed:
            write_atomic(flow.name, formatted.text)
    except WorkspaceError as failed:
        complaints.add(failed)
        return tally._replace(refused=tally.refused + 1)
    return tally._replace(changed=tally.changed + changed, kept=tally.kept + (not changed))


def _summary(tally: Tally, *, asks: bool) -> str:
    """Return the summary as a line: `2 files formatted, 1 unchanged`."""
    would = "would be formatted" if asks else "formatted"
    words = [f"{count_words(tally.changed, 'file')} {would}"] if tally.changed else []
    if tally.kept:
        words.append(f"{tally.kept} unchanged" if words else f"{count_words(tally.kept, 'file')} unchanged")
    if tally.wrong:
        words.append(f"{count_words(tally.wrong, 'file')} with syntax errors")
    if tally.refused:
        words.append(f"{count_words(tally.refused, 'file')} could not be read or written")
    return ", ".join(words) + "\n"
