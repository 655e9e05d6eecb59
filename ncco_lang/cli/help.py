"""`ncco help`: print the help of ncco or of one command, as `--help` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import emit

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the matching commands."""
    from click.shell_completion import CompletionItem

    from ncco_lang.cli.commands import COMMANDS

    return [CompletionItem(name, help=line) for name, (_, line) in COMMANDS.items() if name.startswith(incomplete)]


@click.command(
    epilog="""\b
Examples:
  ncco help            all commands
  ncco help compile    the same as ncco compile --help
"""
)
@click.argument("name", required=False, metavar="[COMMAND]", shell_complete=_complete)
@click.pass_context
def command(ctx: click.Context, name: str | None) -> None:
    """Show how to use ncco, or one of its commands."""
    from ncco_lang.cli.commands import no_such_command

    top = ctx.find_root()
    if name is None:
        emit(top.get_help() + "\n")
        return
    assert isinstance(top.command, click.Group)
    found = top.command.get_command(top, name)
    if found is None:
        raise click.UsageError(no_such_command(name))
    emit(found.get_help(click.Context(found, top, name)) + "\n")
