"""The table of commands; a command's module is imported when the command is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "check": ("ncco_lang.cli.check", "Check flows and NCCO JSON, and fix them."),
    "compile": ("ncco_lang.cli.compile", "Compile .flow files to NCCO."),
    "fmt": ("ncco_lang.cli.fmt", "Format .flow files."),
    "decompile": ("ncco_lang.cli.decompile", "Turn NCCO JSON into a .flow file."),
    "show": ("ncco_lang.cli.show", "Show a flow's syntax tree, or its NCCO."),
    "graph": ("ncco_lang.cli.graph", "Draw a flow as a flowchart."),
    "test": ("ncco_lang.cli.test", "Run the tests of flows."),
    "play": ("ncco_lang.cli.play", "Play a call, and show what the caller hears."),
    "serve": ("ncco_lang.cli.serve", "Serve flows: answer the webhooks of calls."),
    "deploy": ("ncco_lang.cli.deploy", "Show what would change at the provider, ask, and change it."),
    "destroy": ("ncco_lang.cli.destroy", "Remove what deploy created, and nothing else."),
    "call": ("ncco_lang.cli.call", "Place a test call and follow it."),
    "calls": ("ncco_lang.cli.calls", "List calls, show one, or change it."),
    "apps": ("ncco_lang.cli.apps", "List the account's applications, or show one."),
    "recording": ("ncco_lang.cli.recording", "Download a recording."),
    "emulate": ("ncco_lang.cli.emulate", "Run an emulated provider on this machine, without an account."),
    "init": ("ncco_lang.cli.init", "Create a project."),
    "explain": ("ncco_lang.cli.explain", "Explain a rule, a statement or an option, with examples."),
    "schema": ("ncco_lang.cli.schema", "Print a JSON Schema for editors and other tools."),
    "lsp": ("ncco_lang.cli.lsp", "Run the language server for editors."),
    "completion": ("ncco_lang.cli.completion", "Print a script for shell completion."),
    "help": ("ncco_lang.cli.help", "Show how to use ncco, or one command."),
    "version": ("ncco_lang.cli.version", "Show the version."),
}
"""Command → (module with the function `command`, line in the help)."""

_ELSEWHERE = {
    "apply": "deploy",
    "build": "compile",
    "docs": "help",
    "emulator": "emulate",
    "format": "fmt",
    "lint": "check",
    "new": "init",
    "plan": "deploy --plan",
    "rollback": "deploy --rollback",
    "run": "play",
    "server": "serve",
    "simulate": "play",
    "validate": "check",
}
"""What other tools call a command → the command here."""


def no_such_command(word: str) -> str:
    """Return the error for an unknown command, with the one that the user most likely means."""
    meant = _ELSEWHERE.get(word.lower())
    if meant is None:
        import difflib

        near = difflib.get_close_matches(word, [*COMMANDS, *_ELSEWHERE], n=1)
        meant = _ELSEWHERE.get(near[0], near[0]) if near else None
    return f'there is no command "{word}"' + (f'; did you mean "{meant}"?' if meant else "")


class _Commands(click.Group):
    """A group that imports a command when it is called, so that a start loads one command only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        _print_by_emit(command.get_help_option(ctx))
        return command

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _print_by_emit(super().get_help_option(ctx))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            ctx.fail(no_such_command(args[0]))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as misused:
            # For an option without its argument, click does not say which command has the option.
            if misused.ctx is None and ctx.invoked_subcommand is not None:
                misused.ctx = click.Context(self, ctx, ctx.invoked_subcommand)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from ncco_lang.cli.version import show_version

        show_version()
        ctx.exit()


def _print_by_emit(option: click.Option | None) -> click.Option | None:
    """Make `--help` print with `emit`, which handles a closed pipe and a closed standard output.

    From 8.1.8 on, click creates a command's help option once, so click then uses the option changed here.
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
    "-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def cli() -> None:
    """Write, check and compile call flows for the Vonage Voice platform.

    \b
    ncco init hello                           create a project
    ncco play hello.flow                      show what a caller hears
    ncco play http://localhost:3000/answer    play the NCCO of your own server
    ncco check menu.json                      what is wrong, where, and how to fix it
    ncco check --fix menu.json                fix it
    ncco compile hello.flow                   compile a .flow file to NCCO
    ncco decompile menu.json                  turn NCCO into a .flow file
    ncco fmt                                  format every flow in this folder
    ncco explain F401                         explain a rule
    ncco deploy                               deploy the flows to the provider
    ncco call "+31 20 123 4567"               place a test call
    """
