"""Run the server until its client disconnects."""

from __future__ import annotations

import os
import signal
import sys
from typing import BinaryIO, cast

from ncco_lang.lsp.frames import Frames
from ncco_lang.lsp.server import Server, make_server, print_error

_PAGE = "docs/editors.md"


def serve_stdio() -> int:
    """Serve over standard input and output. Ctrl-C ends the process with 130.

    Returns:
        the exit code: 0 if the client sent `shutdown` first; otherwise 1, also after an invalid message.
    """
    server = make_server()
    # A signal that was ignored, as in a background job, stays ignored.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupted)
    if os.isatty(0):
        print_error(f"an editor starts this server and sends requests to standard input: see {_PAGE}. Ctrl-C ends it.")
    # Duplicated streams, because `exit` closes them; and output of other code must not reach the client.
    with os.fdopen(os.dup(0), "rb") as stream, os.fdopen(os.dup(1), "wb") as output:
        sys.stdout.flush()
        os.dup2(2, 1)
        frames = Frames(stream)
        server.start_io(cast(BinaryIO, frames), output)
    return _exit_code(server, frames.error)


def _interrupted(number: int, _: object) -> None:
    """Exit at once: the thread that reads standard input cannot be interrupted, and a normal exit would wait for it."""
    os._exit(128 + number)


def _exit_code(server: Server, error: str | None) -> int:
    server.state.close()
    if error is not None:
        print_error(f"{error}; the server stops")
        if server.protocol.is_greeted:
            return 1
    if server.state.is_shut_down:
        return 0
    if server.protocol.is_greeted:
        print_error("the client disconnected without a shutdown request")
    else:
        print_error(f"standard input ended before an initialize request; {_PAGE} says how an editor starts the server")
    return 1
