"""Run the emulator as a server in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from ncco_lang.emulator.account import Account
from ncco_lang.emulator.app import make_app
from ncco_lang.emulator.call_scheduler import CallScheduler
from ncco_lang.emulator.middleware import Front
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.webhooks import Webhooks
from ncco_lang.workspace.errors import OutputError, reason_of
from ncco_lang.workspace.listening import LOOPBACK, CannotListen, listen

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVERYWHERE = ("0.0.0.0", "::")
_STARTS_WITHIN = 30.0


class Running:
    """A running emulator.

    Attributes:
        address: like `http://127.0.0.1:4580`.
        ca: the file with the authority's certificate (PEM); None without TLS.
        account: its state; read it, and use its `faults`.
        scheduler: runs its calls.
    """

    __slots__ = ("_loop", "account", "address", "ca", "scheduler")

    def __init__(self, scheduler: CallScheduler, ca: str | None, loop: asyncio.AbstractEventLoop) -> None:
        self.scheduler = scheduler
        self.account = scheduler.account
        self.address = scheduler.account.address
        self.ca = ca
        self._loop = loop

    def advance(self, steps: int = 1, *, timeout: float = 30.0) -> None:
        """Let late effects happen, and move every call by so many states (if `pace` is None)."""
        for _ in range(steps):
            self._do(self.scheduler.advance(), timeout)

    def settle(self, *, timeout: float = 30.0) -> None:
        """Wait until every call has ended and its webhooks are sent. Raises TimeoutError."""
        self._do(self.scheduler.settle(), timeout)

    def _do(self, work: Coroutine[Any, Any, None], timeout: float) -> None:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise


@contextmanager
def running(options: EmulatorOptions, tell: Callable[[str], None] | None = None) -> Iterator[Running]:
    """Run an emulator for the duration of the block; calls in progress are dropped at its end.

    Args:
        options: its options; port 0 takes a free one.
        tell: called with a line for each request and event, from the server's thread.

    Raises:
        CannotListen: the port is taken, the host is not this machine's, or others could reach it without TLS.
        OutputError: the authority's certificate cannot be written.
    """
    if options.host not in LOOPBACK and not options.tls:
        raise CannotListen(f"{options.host} can be reached from outside, so it takes --tls; http is for 127.0.0.1")
    account = Account(options, tell)
    with ExitStack() as stack:
        listener = stack.enter_context(listen(options.host, options.port))
        account.address = _address(options, listener.getsockname()[1])
        ca, context = _certify(options, stack) if options.tls else (None, None)
        scheduler = CallScheduler(account, Webhooks(account, ca))
        thread = _Thread(scheduler, listener, context)
        thread.start()
        try:
            yield Running(scheduler, ca, thread.wait())
        finally:
            thread.stop()


class _State(ServerState):
    """The state that uvicorn's server and its connections share, and whether the server is ending."""

    is_ending = False


class _Protocol(H11Protocol):
    """uvicorn's, with the connection in the scope, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        if isinstance(self.server_state, _State) and self.server_state.is_ending:
            # It was accepted just before the end, and is only known now.
            transport.abort()


class _Server(uvicorn.Server):
    """uvicorn's, but without its periodic tick: it ends as soon as it is asked to."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self.server_state: _State = _State()
        self._tell_ready = started
        self.end = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell_ready()

    async def main_loop(self) -> None:
        await self.end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.server_state.is_ending = True
        await self._stop_accepting()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            transport: Any = connection.transport
            transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Aborted connections are notified in the loop's next round.
        await asyncio.sleep(0)

    async def _stop_accepting(self) -> None:
        """Stop accepting, and wait until accepted connections are known: a server that closes loses track of them."""
        loop = asyncio.get_running_loop()
        try:
            for server in self.servers:
                for listener in server.sockets:
                    loop.remove_reader(listener)
        except NotImplementedError:
            pass  # Windows has other loops, which close connections that are not tracked.
            # One round makes the connections' transports, and the next reports them.
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class _Thread(threading.Thread):
    """The server's thread."""

    def __init__(self, scheduler: CallScheduler, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        super().__init__(name="ncco-emulator", daemon=True)
        self._scheduler = scheduler
        self._listener = listener
        self._context = context
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._server: _Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def wait(self) -> asyncio.AbstractEventLoop:
        """Wait until the server responds; return its loop."""
        self._ready.wait(_STARTS_WITHIN)
        if self._failed is not None or self._loop is None:
            raise CannotListen(f"the emulator does not start: {self._failed}")
        return self._loop

    def stop(self) -> None:
        """Stop the server, and wait until it has ended."""
        loop, server = self._loop, self._server
        if loop is not None and server is not None:
            try:
                loop.call_soon_threadsafe(server.end.set)
            except RuntimeError:
                pass  # It has ended by itself.
        self.join()

    def run(self) -> None:
        """Serve until asked to stop."""
        try:
            asyncio.run(self._serve())
        except BaseException as failed:
            self._failed = failed
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        account = self._scheduler.account
        config = _config(Front(account, make_app(account, self._scheduler)))
        config.load()
        config.ssl = self._context
        self._server = _Server(config, self._ready.set)
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            await self._scheduler.drop()
            self._scheduler.exchange.webhooks.close()


def _config(app: Any) -> uvicorn.Config:
    more: Mapping[str, Any] = {"loop": "asyncio", "lifespan": "off", "ws": "none", "log_config": None}
    return uvicorn.Config(
        app,
        http=_Protocol,
        log_level="critical",
        access_log=False,
        server_header=False,
        # The middleware sets the header, because a fault may move the clock.
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=60,
        **more,
    )


def _address(options: EmulatorOptions, port: int) -> str:
    host = "127.0.0.1" if options.host in _EVERYWHERE else options.host
    return f"{'https' if options.tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _certify(options: EmulatorOptions, stack: ExitStack) -> tuple[str, ssl.SSLContext]:
    """Make an authority and a certificate; return the file with the authority's certificate, and the server's context.

    The authority's key is never written and is forgotten at once. The server's is in a private file for a moment,
    because Python can only load it from a file.
    """
    from ncco_lang.tokens.certificates import issue, make_authority

    now = datetime.now(UTC)
    authority = make_authority(now)
    hosts = dict.fromkeys([options.host, socket.gethostname(), "localhost", "127.0.0.1", "::1"])
    issued = issue(authority, [host for host in hosts if host and host not in _EVERYWHERE], now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ncco-emulator-")))
        with tempfile.TemporaryDirectory(dir=folder) as short:
            chain = Path(short, "server.pem")
            chain.touch(mode=0o600)
            chain.write_text(issued.private + issued.certificate, encoding="ascii")
            context.load_cert_chain(chain)
        ca = Path(options.ca_file) if options.ca_file is not None else folder / "ca.pem"
        ca.write_text(authority.certificate, encoding="ascii")
    except OSError as failed:
        raise OutputError(f"cannot write the authority's certificate: {reason_of(failed)}") from None
    return str(ca), context
