"""Run the application on uvicorn, in this process, until a signal ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_GRACE = 1.0
"""Seconds beyond the limit of a request, in which the application answers 408 first."""
MOST_HEADER_BYTES = 64 << 10
_IDLE_SECONDS = 75
DRAIN_SECONDS = 15
"""Seconds that requests have to end after a signal."""


class Lines(NamedTuple):
    """What connects a worker with the first process.

    Attributes:
        alive: a file descriptor; the worker writes a byte there when it serves, and then every `beat` seconds.
        lifeline: a file descriptor; at its end, which is that of the first process, the worker ends as at SIGTERM.
        is_first: the worker reports what all workers do alike.
    """

    alive: int
    lifeline: int
    beat: float
    is_first: bool

    def say_alive(self) -> None:
        """Let the first process know that this one serves. If that is gone, the lifeline ends as well."""
        with suppress(BrokenPipeError, BlockingIOError):
            os.write(self.alive, b"1")


class Config(uvicorn.Config):
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
            seconds = self.config.request_seconds if isinstance(self.config, Config) else Config.request_seconds
            self._deadline = self.loop.call_later(seconds + _GRACE, self._cut)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cut(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.abort()


class _Server(uvicorn.Server):
    """uvicorn's, which says when it has started, ends at SIGHUP too, and ends at once if a signal came before."""

    def __init__(self, config: Config, started: Callable[[], None], signals: list[int], lines: Lines | None) -> None:
        super().__init__(config)
        self._tell_started = started
        self._signals = signals
        self._lines = lines
        self.failed: Exception | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._signals:
            self.should_exit = True
            return
        if self._lines is not None:
            asyncio.get_running_loop().add_reader(self._lines.lifeline, self._cut_off, self._lines)
            self._beat(self._lines)
        try:
            self._tell_started()
        except Exception as failed:
            # It is raised when the server has ended: uvicorn does not close the listener after an exception here, and
            # the event loop waits for that.
            self.failed, self.should_exit = failed, True

    async def on_tick(self, counter: int) -> bool:
        # uvicorn itself hears SIGINT and SIGTERM, which are in the list only when it has ended.
        return bool(self._signals) or await super().on_tick(counter)

    def _beat(self, lines: Lines) -> None:
        lines.say_alive()
        asyncio.get_running_loop().call_later(lines.beat, self._beat, lines)

    def _cut_off(self, lines: Lines) -> None:
        asyncio.get_running_loop().remove_reader(lines.lifeline)
        self.should_exit = True


def configure(
    app: Starlette, *, request_seconds: float, certificate: str | None = None, key: str | None = None
) -> Config:
    """Return the settings of a server for `serve`.

    Args:
        request_seconds: how long a request may take to arrive.
        certificate, key: files in PEM, for https.

    Raises:
        OSError: a file of TLS cannot be used.
    """
    more: dict[str, Any] = {"ws": "none", "log_config": None, "lifespan": "on"}
    config = Config(
        app,
        http=_Protocol,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        **more,
    )
    config.request_seconds = request_seconds
    config.load()
    return config


def serve(config: Config, listener: socket.socket, *, started: Callable[[], None], lines: Lines | None = None) -> None:
    """Serve until a signal to stop; requests that have begun are answered first, and then the signal is raised again.

    Args:
        listener: listens already.
        started: called when requests are answered, and signals heard.
            What it raises ends the server.
        lines: those of a worker.
    """
    with signals_kept() as signals:
        server = _Server(config, started, signals, lines)
        server.run(sockets=[listener])
    if server.failed is not None:
        raise server.failed
    if signals:
        signal.raise_signal(signals[0])


def signals_to_stop() -> tuple[signal.Signals, ...]:
    """Return the signals that end a server: SIGHUP, which a terminal sends when it closes, unless `nohup` ignores it."""
    hangup = getattr(signal, "SIGHUP", None)
    hears_hangup = hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN
    return (signal.SIGINT, signal.SIGTERM, *([hangup] if hangup is not None and hears_hangup else []))


@contextmanager
def signals_kept() -> Iterator[list[int]]:
    """Collect signals to stop in a list: one that interrupts asyncio while it starts or ends leaves work undone.

    uvicorn handles SIGINT and SIGTERM while it runs, and raises them again afterwards.
    """
    found: list[int] = []
    before = {each: signal.signal(each, lambda number, _: found.append(number)) for each in signals_to_stop()}
    try:
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
