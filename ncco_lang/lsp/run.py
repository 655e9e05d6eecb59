"""Run the server until its client disconnects."""

from __future__ import annotations

import os
import signal
import sys
from typing import BinaryIO, cast

from ncco_lang.lsp.frames import Frames
from ncco_lang.lsp.server import Server, complain, make_server

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
        complain(f"an editor starts this and talks to it over standard input: {_PAGE}. Ctrl-C ends it.")
    # Duplicated streams, because `exit` closes them; and output of other code must not reach the client.
    with os.fdopen(os.dup(0), "rb") as said, os.fdopen(os.dup(1), "wb") as output:
        sys.stdout.flush()
        os.dup2(2, 1)
        frames = Frames(said)
        server.start_io(cast(BinaryIO, frames), output)
    return _left(server, frames.trouble)


def _interrupted(number: int, _: object) -> None:
    """Exit at once: the thread that reads standard input cannot be interrupted, and a normal exit would wait for it."""
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
