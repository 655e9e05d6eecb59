"""Carry requests over connections that keep to a deadline, directly or through a proxy.

`httpx` only has a time-out for each read. `httpcore`, which it uses, takes its network backend as an argument; so this
is an httpx transport around an httpcore pool, by the public interfaces of both. Errors are those of `httpcore`.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterable, Iterable, Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.util import find_spec
from typing import TypedDict

import httpcore
import httpx

from ncco_lang.net.deadline import Deadline
from ncco_lang.net.proxies import Proxy

MOST_AT_ONCE = 256
"""Connections of a pool, and requests of the asynchronous client; more than there are at once, unless servers hang."""
# An idle connection is closed after the time at which common servers close it too.
_KEPT_FOR = 5.0

FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)
"""The errors between us and the server."""


class PoolOptions(TypedDict):
    """What the pools of both clients have in common."""

    ssl_context: ssl.SSLContext | None
    proxy: httpcore.Proxy | None
    max_connections: int
    keepalive_expiry: float


def pool_options(trusted: ssl.SSLContext | None, proxy: Proxy | None) -> PoolOptions:
    """Return the options of a pool.

    Args:
        trusted: the trusted certificate authorities; None if nothing is encrypted.

    Raises:
        ValueError: the proxy's user or password cannot be encoded, or the package for SOCKS is not installed.
    """
    return PoolOptions(
        ssl_context=trusted,
        proxy=None if proxy is None else _proxy(proxy, trusted),
        max_connections=MOST_AT_ONCE,
        keepalive_expiry=_KEPT_FOR,
    )


def to_httpcore(request: httpx.Request, content: Iterable[bytes] | AsyncIterable[bytes]) -> httpcore.Request:
    """Return a request of httpx as one of httpcore. `content` is its body."""
    url = request.url
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=content,
        extensions=request.extensions,
    )


def no_cookies() -> CookieJar:
    """Return a jar that keeps no cookies."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


class Transport(httpx.BaseTransport):
    """Connections that are kept open for later requests; threads may share them."""

    def __init__(self, deadline: Deadline, *, trusted: ssl.SSLContext | None, proxy: Proxy | None) -> None:
        """Args, Raises: as `pool_options`."""
        self._pool = httpcore.ConnectionPool(**pool_options(trusted, proxy), network_backend=_Backend(deadline))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        answer = self._pool.handle_request(to_httpcore(request, request.stream))
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


def _proxy(proxy: Proxy, trusted: ssl.SSLContext | None) -> httpcore.Proxy:
    if proxy.scheme.startswith("socks") and find_spec("socksio") is None:
        raise ValueError("socksio is not installed")
    return httpcore.Proxy(
        url=httpcore.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port, target="/"),
        auth=None if proxy.user is None else (proxy.user.encode(), (proxy.password or "").encode()),
        ssl_context=trusted if proxy.scheme == "https" else None,
    )


class _Body(httpx.SyncByteStream):
    """The body of a response, read as it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Opens connections."""

    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        opened = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(opened, self._deadline)


class _Stream(httpcore.NetworkStream):
    """A connection that keeps to the deadline, around another."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.allows(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.allows(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
