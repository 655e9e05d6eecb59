"""Runs the server until its client is gone."""

from __future__ import annotations

import os
import signal
import sys
from typing import BinaryIO, cast

from ncco_lang.lsp.frames import Frames
from ncco_lang.lsp.server import Server, complain, make_server

_PAGE = "docs/editors.md"


def serve_stdio() -> int:
    """Talk over standard input and output. Ctrl-C ends the process with 130.

    Returns:
        the exit code: 0 where the client said goodbye first; else 1, also where what it sent is no message.
    """
    server = make_server()
    # What was ignored, as in a job of the background, stays ignored.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupted)
    if os.isatty(0):
        complain(f"an editor starts this and talks to it over standard input: {_PAGE}. Ctrl-C ends it.")
    # Streams of our own, because the client's goodbye closes them; and whoever prints must not speak to the client.
    with os.fdopen(os.dup(0), "rb") as said, os.fdopen(os.dup(1), "wb") as told:
        sys.stdout.flush()
        os.dup2(2, 1)
        frames = Frames(said)
        server.start_io(cast(BinaryIO, frames), told)
    return _left(server, frames.trouble)


def _interrupted(number: int, _: object) -> None:
    """Leave at once: nothing calls the thread back that waits for standard input, and the end would wait for it."""
    os._exit(128 + number)


def _left(server: Server, trouble: str | None) -> int:
    server.desk.close()
    if trouble is not None:
        complain(f"{trouble}; so the conversation ends here")
        if server.protocol.is_greeted:
            return 1
    if server.desk.is_shut_down:
        return 0
    if server.protocol.is_greeted:
        complain("the editor is gone, and has not said goodbye")
    else:
        complain(f"standard input ended before an editor said who it is; {_PAGE} tells how one starts this")
    return 1
