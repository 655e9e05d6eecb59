"""Open the port of a server, with an error that says what to do."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from ncco_lang.workspace.errors import InputError, reason_of

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts that only this machine can reach; http is served on no other."""
_BACKLOG = 512


class CannotListen(InputError):
    """A server cannot listen at the given host and port; the message is a sentence."""


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a socket that already listens, so that the port is taken before it is reported.

    Args:
        port: 0 takes a free one.

    Raises:
        CannotListen: the port is taken, or the host is not this machine's.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as failed:
        raise CannotListen(f"cannot listen at {host}: {reason_of(failed)}") from None
    with listener:
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
            listener.listen(_BACKLOG)
        except OSError as failed:
            words = reason_of(failed).lower()
            raise CannotListen(
                f"cannot listen at {host}:{port}: {words}; --port takes another, and 0 a free one"
            ) from None
        yield listener
