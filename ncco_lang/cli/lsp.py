"""`ncco lsp`: run the language server for editors."""

from __future__ import annotations

import sys

import click

from ncco_lang.cli.console import Refused


@click.command(
    epilog="""\b
Examples:
  ncco lsp              started by an editor, which communicates over standard input and output

Exit codes: 0 the editor ended it, 1 the editor disconnected, 2 wrong usage or the extra is not installed, 130 Ctrl-C.
"""
)
@click.option(
    "--stdio", is_flag=True, hidden=True, help="Communicate over standard input and output, which is the default."
)
@click.pass_context
def command(ctx: click.Context, stdio: bool) -> None:
    """Check flows, ncco.toml and NCCO JSON as you type, in any editor that supports LSP.

    docs/editors.md describes how to set up an editor.
    """
    from ncco_lang.gc_pause import uncollected

    if sys.stdin is None or sys.stdout is None:
        raise Refused("ncco lsp talks to an editor over standard input and output, and one of them is closed")
    try:
        # The import takes half a second, in which an editor waits, and creates no garbage.
        with uncollected():
            from ncco_lang.lsp.run import serve_stdio
    except ImportError as failed:
        if (failed.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Refused("ncco lsp needs more than is installed: pip install 'ncco-lang[lsp]'") from failed
    ctx.exit(serve_stdio())
