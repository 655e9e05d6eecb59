"""The command `ncco`: its commands, written out, each imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from ncco_lang.cli.output import Refused, quiet_pipe

COMMANDS = {
    "check": ("ncco_lang.cli.check", "Find what is wrong in NCCO JSON, and fix it."),
    "compile": ("ncco_lang.cli.compile", "Compile a .flow file to NCCO."),
    "explain": ("ncco_lang.cli.explain", "Explain a finding, with a bad and a good example."),
    "schema": ("ncco_lang.cli.schema", "Print a JSON Schema, for editors and other tools."),
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
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f'there is no command "{args[0]}"' + (f'; did you mean "{near[0]}"?' if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from ncco_lang import __version__

        click.echo(f"ncco {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def cli() -> None:
    """Write, check and compile call flows for the Vonage Voice platform.

    \b
    ncco check menu.json          what is wrong, where, and what to do
    ncco check --fix menu.json    mend it
    ncco compile hello.flow       a .flow file as NCCO
    ncco explain F401             a finding in full
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 done, 1 no, 2 wrong usage or input, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # A name or a text that the terminal cannot show must not end the program.
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        # Outside of its standalone mode click hands the exit code back instead of leaving.
        code = cli.main(arguments, prog_name="ncco", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except (Refused, click.ClickException) as refused:
        refused.show()
        sys.exit(refused.exit_code)
    except BrokenPipeError:
        quiet_pipe()
    except OSError as failed:
        quiet_pipe()
        os.write(2, f"ncco: the output cannot be written: {failed.strerror}\n".encode())
        sys.exit(2)
    else:
        sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
