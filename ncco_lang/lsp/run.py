"""Runs the server until its client is gone."""

from __future__ import annotations

import os
import sys

from ncco_lang.lsp.server import Server, make_server


def serve_stdio() -> int:
    """Talk over standard input and output.

    Returns:
        the exit code: 0 where the client said goodbye first, else 1.
    """
    server = make_server()
    # Streams of our own, because the client's goodbye closes them; and whoever prints must not speak to the client.
    with os.fdopen(os.dup(0), "rb") as said, os.fdopen(os.dup(1), "wb") as told:
        sys.stdout.flush()
        os.dup2(2, 1)
        server.start_io(said, told)
    return _left(server)


def _left(server: Server) -> int:
    server.desk.close()
    return 0 if server.desk.is_shut_down else 1
