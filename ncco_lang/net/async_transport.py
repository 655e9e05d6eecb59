"""Carry requests over asynchronous connections whose addresses are checked where they are opened.

The check is between the look-up of a name and the connection, on the very address that is connected to, so a name
server that gives another address a moment later changes nothing. See `transport` for why this is a transport of our
own. Errors are those of `httpcore`, and `AddressForbidden`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import suppress

import httpcore
import httpx

from ncco_lang.net.allow import Place, how_to_allow, is_allowed, read_address
from ncco_lang.net.names import Resolver
from ncco_lang.net.proxies import Proxy
from ncco_lang.net.transport import pool_options, to_httpcore
from ncco_lang.net.types import AddressForbidden
from ncco_lang.values.ip_addresses import is_public


class AsyncTransport(httpx.AsyncBaseTransport):
    """Connections that are kept open for later requests; the tasks of one event loop may share them."""

    def __init__(
        self,
        *,
        allowed: frozenset[Place],
        find: Resolver,
        network: httpcore.AsyncNetworkBackend,
        trusted: ssl.SSLContext | None,
        proxy: Proxy | None,
    ) -> None:
        """Args, Raises: as `CheckedBackend` and `pool_options`. The address of a proxy is not checked."""
        backend = CheckedBackend(allowed if proxy is None else None, find, network)
        self._pool = httpcore.AsyncConnectionPool(**pool_options(trusted, proxy), network_backend=backend)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        answer = await self._pool.handle_async_request(to_httpcore(request, request.stream))
        return httpx.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    """The body of a response, read as it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._answer.stream, AsyncIterable)
        return self._answer.aiter_stream()

    async def aclose(self) -> None:
        await self._answer.aclose()


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses, and to any address of the allowed hosts."""

    def __init__(self, allowed: frozenset[Place] | None, find: Resolver, network: httpcore.AsyncNetworkBackend) -> None:
        """Make a backend.

        Args:
            allowed: None if every host is.
            find: returns the addresses of a host.
            network: connects to an address.
        """
        self._allowed = allowed
        self._network = network
        self._find = find

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        ends = None if timeout is None else loop.time() + timeout
        try:
            async with asyncio.timeout_at(ends):
                addresses = await self._checked(host, port)
        except TimeoutError as late:
            raise httpcore.ConnectTimeout from late
        while True:
            address, *addresses = addresses
            # An address that does not respond leaves time for those after it.
            share = None if ends is None else max(0.0, ends - loop.time()) / (1 + len(addresses))
            try:
                return _Stream(await self._network.connect_tcp(address, port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not addresses:
                    raise

    async def _checked(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host that may be connected to, at least one."""
        literal = read_address(host)
        try:
            found = await self._find(host, port) if literal is None else [host]
        except (OSError, UnicodeError) as failed:
            raise httpcore.ConnectError from failed
        place = Place(host.rstrip(".") if literal is None else str(literal), port)
        if self._allowed is None or is_allowed(place, self._allowed):
            return list(found)
        permitted = [each for each in found if (address := read_address(each)) is not None and is_public(address)]
        if not permitted:
            raise AddressForbidden(
                f"{host} has the address {found[0]}, which is not public; {how_to_allow(host)}", sent=False
            )
        return permitted


class _Stream(httpcore.AsyncNetworkStream):
    """A connection, which is closed when a request is cancelled in the middle of a TLS handshake: `httpcore` leaves it open."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            with suppress(Exception):
                await self._inner.aclose()
            raise

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
