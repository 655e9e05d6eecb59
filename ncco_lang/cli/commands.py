"""The commands, written out, each imported when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "check": ("ncco_lang.cli.check", "Find what is wrong in flows and NCCO JSON, and fix it."),
    "compile": ("ncco_lang.cli.compile", "Compile .flow files to NCCO."),
    "fmt": ("ncco_lang.cli.fmt", "Write .flow files in the one form that all have."),
    "decompile": ("ncco_lang.cli.decompile", "Turn NCCO JSON into a .flow file."),
    "show": ("ncco_lang.cli.show", "Show what a flow is on its way to NCCO."),
    "play": ("ncco_lang.cli.play", "Play a call, and show what the caller hears."),
    "deploy": ("ncco_lang.cli.deploy", "Bring flows to the provider, after showing what would change."),
    "destroy": ("ncco_lang.cli.destroy", "Remove what deploy made, and nothing else."),
    "call": ("ncco_lang.cli.call", "Ring a telephone and follow the call."),
    "calls": ("ncco_lang.cli.calls", "List calls, show one, hang it up."),
    "apps": ("ncco_lang.cli.apps", "List the account's applications, or show one."),
    "recording": ("ncco_lang.cli.recording", "Download a recording."),
    "emulate": ("ncco_lang.cli.emulate", "Be the provider, on this machine, without an account."),
    "init": ("ncco_lang.cli.init", "Begin a project."),
    "explain": ("ncco_lang.cli.explain", "Explain a finding, with a bad and a good example."),
    "schema": ("ncco_lang.cli.schema", "Print a JSON Schema, for editors and other tools."),
    "lsp": ("ncco_lang.cli.lsp", "Be the language server that editors talk to."),
    "completion": ("ncco_lang.cli.completion", "Print what makes a shell complete the commands."),
}
"""Command → (module that holds it as `command`, its line in the help)."""


class _Commands(click.Group):
    """A group that imports a command when it is called, so that each start pays for itself only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        _told_as_all_is(command.get_help_option(ctx))
        return command

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _told_as_all_is(super().get_help_option(ctx))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f'there is no command "{args[0]}"' + (f'; did you mean "{near[0]}"?' if near else ""))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as misused:
            # Of an option without its argument click does not say which command has it.
            if misused.ctx is None and ctx.invoked_subcommand is not None:
                misused.ctx = click.Context(self, ctx, ctx.invoked_subcommand)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from ncco_lang import __version__
        from ncco_lang.cli.console import emit

        emit(f"ncco {__version__}\n")
        ctx.exit()


def _told_as_all_is(option: click.Option | None) -> click.Option | None:
    """Let the help end as other output does on a pipe that is closed, and where there is no output at all.

    click (from 8.1.8 on) makes a command's option once, so this is the one that it then asks.
    """
    if option is not None:
        option.callback = _show_help
    return option


def _show_help(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from ncco_lang.cli.console import emit

        emit(ctx.get_help() + "\n")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def cli() -> None:
    """Write, check and compile call flows for the Vonage Voice platform.

    \b
    ncco init hello               begin a project
    ncco check menu.json          what is wrong, where, and what to do
    ncco check --fix menu.json    mend it
    ncco compile hello.flow       a .flow file as NCCO
    ncco decompile menu.json      NCCO as a .flow file
    ncco fmt                      every flow here in the one form that all have
    ncco explain F401             a finding in full
    ncco play hello.flow          what a caller hears
    ncco deploy                   bring the flows to the provider
    ncco call "+31 20 123 4567"   ring a telephone with them
    """
