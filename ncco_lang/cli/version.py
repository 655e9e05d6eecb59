"""`ncco version`: print the version, as `ncco --version` does."""

from __future__ import annotations

import click

from ncco_lang.cli.console import emit


@click.command()
def command() -> None:
    """Show the version of ncco."""
    show_version()


def show_version() -> None:
    """Print the version."""
    from ncco_lang import __version__

    emit(f"ncco {__version__}\n")
