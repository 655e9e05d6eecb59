"""`ncco lsp`: the language server, for editors."""

from __future__ import annotations

import sys

import click

from ncco_lang.cli.console import Refused


@click.command(
    epilog="""\b
Examples:
  ncco lsp              for an editor that starts it and talks to it over standard input and output

Exit codes: 0 the editor ended it, 1 the editor is gone, 2 wrong usage or the extra is not installed,
130 Ctrl-C.
"""
)
@click.option("--stdio", is_flag=True, hidden=True, help="Talk over standard input and output, as it does anyway.")
@click.pass_context
def command(ctx: click.Context, stdio: bool) -> None:
    """Check flows, ncco.toml and NCCO JSON while you type them, in any editor that speaks LSP.

    docs/editors.md says how editors start it.
    """
    from ncco_lang.gc_pause import uncollected

    if sys.stdin is None or sys.stdout is None:
        raise Refused("ncco lsp talks to an editor over standard input and output, and one of them is closed")
    try:
        # Half a second of classes that all stay: an editor waits for this.
        with uncollected():
            from ncco_lang.lsp.run import serve_stdio
    except ImportError as failed:
        if (failed.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Refused("ncco lsp needs more than is installed: pip install 'ncco-lang[lsp]'") from failed
    ctx.exit(serve_stdio())
