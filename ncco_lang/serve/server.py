"""Run the application on uvicorn, in this process, until a signal ends it."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_GRACE = 1.0
"""Seconds beyond the limit of a request, in which the application answers 408 first."""
MOST_HEADER_BYTES = 64 << 10
_IDLE_SECONDS = 75
_DRAIN_SECONDS = 15


class _Config(uvicorn.Config):
    """uvicorn's, with the seconds that a request may take to arrive, from its first byte to its last."""

    request_seconds = 10.0


class _Protocol(HttpToolsProtocol):
    """uvicorn's, which cuts a connection whose request comes too slowly, or has too many bytes before its body."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._before_body = 0
        self._is_in_body = False
        self._deadline: asyncio.TimerHandle | None = None
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._is_in_body:
            self._before_body += len(data)
            # The first piece may have the whole request, with its body.
            if self._before_body > MOST_HEADER_BYTES and len(data) < self._before_body:
                self.transport.abort()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._begin()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_body, self._before_body = True, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._end()
        self._is_in_body = False
        super().on_message_complete()

    def _begin(self) -> None:
        if self._deadline is None:
            seconds = self.config.request_seconds if isinstance(self.config, _Config) else _Config.request_seconds
            self._deadline = self.loop.call_later(seconds + _GRACE, self._cut)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cut(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.abort()


def serve(
    app: Starlette,
    listener: socket.socket,
    *,
    request_seconds: float,
    certificate: str | None = None,
    key: str | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; requests that have begun are answered first, and then the signal is raised again.

    Args:
        listener: listens already.
        request_seconds: how long a request may take to arrive.
        certificate, key: files in PEM, for https.

    Raises:
        OSError: a file of TLS cannot be used.
    """
    more: dict[str, Any] = {"ws": "none", "log_config": None, "lifespan": "on"}
    config = _Config(
        app,
        http=_Protocol,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        **more,
    )
    config.request_seconds = request_seconds
    config.load()
    uvicorn.Server(config).run(sockets=[listener])
