"""`ncco completion`: print a script for shell completion."""

from __future__ import annotations

import click

from ncco_lang.cli.console import emit


@click.command(
    epilog="""\b
To enable completion in every new shell:
  bash   add to ~/.bashrc    eval "$(ncco completion bash)"     (bash 4.4 or newer)
  zsh    add to ~/.zshrc     eval "$(ncco completion zsh)"      (below the line with compinit)
  fish   run once            ncco completion fish > ~/.config/fish/completions/ncco.fish
"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that lets the shell complete ncco's commands, options, files, profiles and rules."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "ncco", "_NCCO_COMPLETE")
    # Not `source()`, which starts bash to ask for its version.
    emit(script.source_template % script.source_vars() + "\n", product=True)
