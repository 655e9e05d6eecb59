"""`ncco completion`: print a script for shell completion."""

from __future__ import annotations

import os

import click

from ncco_lang.cli.console import emit

_SHELLS = ("bash", "zsh", "fish")


def _own_shell() -> str:
    """Return the user's shell."""
    shell = os.path.basename(os.environ.get("SHELL", "")).removesuffix(".exe")  # noqa: PTH119
    if shell not in _SHELLS:
        raise click.UsageError(f"name a shell: ncco completion {', ncco completion '.join(_SHELLS[:-1])} or fish")
    return shell


@click.command(
    epilog="""\b
To enable completion in every new shell:
  bash   add to ~/.bashrc    eval "$(ncco completion bash)"     (bash 4.4 or newer)
  zsh    add to ~/.zshrc     eval "$(ncco completion zsh)"      (below the line with compinit)
  fish   run once            ncco completion fish > ~/.config/fish/completions/ncco.fish
"""
)
@click.argument("shell", required=False, type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str | None) -> None:
    """Print a script that lets the shell complete ncco's commands, options, files, profiles, params and rules.

    Without SHELL: for the shell in the environment variable SHELL.
    """
    from click.shell_completion import get_completion_class

    shell = _own_shell() if shell is None else shell
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "ncco", "_NCCO_COMPLETE")
    # Not `source()`, which starts bash to ask for its version.
    text = script.source_template % script.source_vars()
    if shell == "bash":
        # The value of a param follows its name without a blank.
        text = text.replace("    return 0", '    [[ "${COMPREPLY[0]}" == *= ]] && compopt -o nospace\n    return 0')
    emit(text + "\n", product=True)
