"""The program `ncco`: run a command and turn its result or error into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click

_REPAIR = "Install it again: pip install --force-reinstall ncco-lang\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its exit code.

    0 done, 1 no, 2 wrong usage or input, 3 the provider or the network refused, 4 changes are pending, 130 Ctrl-C.
    """
    try:
        # The imports are inside the `try`, so that Ctrl-C during them ends quietly.
        code = _run(arguments)
    except KeyboardInterrupt:
        code = 130
    except ImportError as failed:
        # Written without click, which may be the missing library.
        if failed.name is None or failed.name.partition(".")[0] == "ncco_lang":
            raise
        sys.stderr.write(f"ncco: a library of ncco-lang does not load: {failed}\n{_REPAIR}")
        code = 2
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    from ncco_lang.cli.fast_path import nothing_new

    if nothing_new(sys.argv[1:] if arguments is None else arguments):
        return 0
    from ncco_lang.cli.commands import cli

    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal cannot show must not end the program.
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    # Outside standalone mode, click returns the exit code instead of exiting.
    return code_of(lambda: cli.main(arguments, prog_name="ncco", standalone_mode=False))


def code_of(run: Callable[[], Any]) -> int:
    """Run a command, print its error if it fails, and return its exit code."""
    import click

    from ncco_lang.cli.console import complain, quiet_pipe
    from ncco_lang.workspace.errors import WorkspaceError

    try:
        code = run()
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return 130
    except WorkspaceError as failed:
        complain(failed)
        return 2
    except click.UsageError as misused:
        _explain(misused)
        return misused.exit_code
    except click.ClickException as refused:
        refused.show()
        return refused.exit_code
    except BrokenPipeError:
        quiet_pipe()
        return 0
    except OSError as failed:
        if failed.filename is None:
            quiet_pipe()
        complain(WorkspaceError(_cause(failed)))
        return 2
    return code if isinstance(code, int) else 0


def _explain(misused: click.UsageError) -> None:
    """Print a usage error in the style of all other errors, with a hint at `--help`."""
    import click

    from ncco_lang.cli.console import Refused

    if isinstance(misused, click.exceptions.NoArgsIsHelpError):
        # `ncco` without arguments prints the help.
        misused.show()
        return
    hint = None if misused.ctx is None else f"Try '{misused.ctx.command_path} --help'."
    Refused(misused.format_message(), hint).show()


def _cause(failed: OSError) -> str:
    """Return the message for an OSError that no command handled.

    The cause is a deleted working folder, a file that the error names, or else a failed write to the output.
    """
    from ncco_lang.workspace.errors import reason_of

    try:
        os.getcwd()  # noqa: PTH109 - pathlib takes longer to load
    except OSError:
        return "the working folder has been deleted; change to one that is there"
    if failed.filename is not None:
        return f"cannot use {os.fsdecode(failed.filename)}: {reason_of(failed)}"
    return f"the output cannot be written: {reason_of(failed)}"


if __name__ == "__main__":
    main()
