"""Make the lookups of flows: many requests at once, each with one time limit, to hosts on the internet only.

A flow's URL may hold what a caller keyed in, so its target is not trusted:

- A connection is opened only to a public address; `async_transport` checks it. A host in `allow` may have any address.
- Only hosts in `allow` are reached without TLS.
- A redirect stays on its host and port, and never goes from https to http.
- A proxy of the environment resolves names itself, so only the URL is checked: a private address in any form, or a
  name that has no meaning on the internet (`localhost`, `crm.internal`), is refused. The proxy may have any address.

No request is repeated, because only the flow knows what it does, with one exception: a GET on a connection that was
kept open, which the server closed at that moment, is sent once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from types import TracebackType
from typing import TYPE_CHECKING

import httpcore
import httpx

from ncco_lang.net.allow import Place, how_to_allow, is_allowed, place_of, read_allowed
from ncco_lang.net.async_transport import AsyncTransport
from ncco_lang.net.deadline import CONNECT
from ncco_lang.net.failures import crowded, describe_failure, host_of, no_address, no_proxy, unanswered, unreached
from ncco_lang.net.names import Names, Resolver, resolve
from ncco_lang.net.payloads import MIB, Body, half_a_character, write_request
from ncco_lang.net.proxies import Proxy, is_encrypted, proxy_for
from ncco_lang.net.seats import Seats
from ncco_lang.net.transport import FAILURES, MOST_AT_ONCE, no_cookies
from ncco_lang.net.trust import load_trusted
from ncco_lang.net.types import AddressForbidden, Request, Response, TransportError
from ncco_lang.values.hosts import is_unreachable

if TYPE_CHECKING:
    import ssl

LARGEST_RESPONSE = MIB
"""The most bytes of a response, after decompression."""
MOST_REDIRECTS = 5
_EMPTY = (204, 304)
"""Statuses whose response has no body."""


class AsyncHttpClient:
    """Makes lookups; the tasks of one event loop share it. It honours the environment's proxies as `HttpClient` does."""

    __slots__ = (
        "_allowed",
        "_ca",
        "_clients",
        "_closed",
        "_connect",
        "_find",
        "_network",
        "_proxy_for",
        "_seats",
        "_trusted",
    )

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        ca: str | None = None,
        connect: float = CONNECT,
        find: Resolver = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
        proxy_for: Callable[[str], Proxy | None] = proxy_for,
    ) -> None:
        """Make a client.

        Args:
            allow: the hosts, each with or without a port, that may have a private address and be reached without TLS.
            ca: a PEM file of authorities trusted besides the usual ones.
            connect: the most seconds until a connection is open.
            find: returns the addresses of a host.
            network: connects to an address that has been checked; None for the usual sockets.
            proxy_for: returns the proxy for a URL.

        Raises:
            ValueError: `allow` has an invalid entry; the error has it as its argument.
        """
        self._allowed = read_allowed(allow)
        self._ca = ca
        self._connect = connect
        self._find = Names(find)
        self._network = network or httpcore.AnyIOBackend()
        self._proxy_for = proxy_for
        self._trusted: ssl.SSLContext | None = None
        # Keyed by whether anything is encrypted, and by the proxy.
        self._clients: dict[tuple[bool, Proxy | None], httpx.AsyncClient] = {}
        self._closed = False
        self._seats = Seats(MOST_AT_ONCE)

    async def __aenter__(self) -> AsyncHttpClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncHttpClient(connect={self._connect}, ca={self._ca!r})"

    def load_trusted(self) -> None:
        """Load the certificate authorities, which else the first request over TLS does while others wait.

        Raises:
            TransportError: a file of them cannot be read.
        """
        if self._trusted is None:
            self._trusted = load_trusted(self._ca)

    async def close(self) -> None:
        """Close all connections for good; requests that are still in progress fail."""
        self._closed = True
        self._find.close()
        for client in self._clients.values():
            await client.aclose()

    async def send(
        self, request: Request, *, seconds: float, at_most: int = LARGEST_RESPONSE, kind: str | None = None
    ) -> Response:
        """Send a request, follow its redirects and return the whole response, whatever its status.

        Args:
            seconds: the most time for all of it, from the wait for a connection to the last byte.
            at_most: the most bytes of a response.
            kind: requests of one kind that hang leave connections for those of others; None for the host.

        Raises:
            AddressForbidden: the target is one that only `allow` permits, or a redirect leaves its host.
            TransportError: no response arrived, it is larger than `at_most` bytes, or it takes too long (`late`).
        """
        progress = _Progress(host_of(request.url))
        try:
            async with asyncio.timeout(seconds):
                async with self._seats.seat(progress.host if kind is None else kind):
                    progress.is_waiting = False
                    return await self._follow(request, at_most, progress)
        except TimeoutError:
            if progress.is_sent:
                raise unanswered(progress.host, seconds) from None
            if progress.is_waiting:
                raise crowded(progress.host, seconds) from None
            raise unreached(progress.first, seconds) from None

    async def _follow(self, request: Request, at_most: int, progress: _Progress) -> Response:
        built = _build(request, progress)
        for _ in range(1 + MOST_REDIRECTS):
            place = self._check_target(built.url)
            answer, content = await self._exchange(built, place, at_most, progress)
            following = answer.next_request
            if following is None:
                return Response(status=answer.status_code, headers=dict(answer.headers), content=content)
            _check_redirect(built.url, following.url)
            built = following
        raise TransportError(f"{progress.host} redirects more than {MOST_REDIRECTS} times", sent=True)

    def _check_target(self, url: httpx.URL) -> Place:
        """Return the host and the port of a URL. Raises TransportError if it is invalid or only `allow` permits it."""
        place = place_of(url)
        if url.scheme not in ("http", "https") or place is None:
            raise no_address()
        if url.scheme == "http" and not is_allowed(place, self._allowed):
            words = f"{place.host} is addressed by http; write https, or {how_to_allow(place.host)}"
            raise AddressForbidden(words, sent=False)
        return place

    async def _exchange(
        self, built: httpx.Request, place: Place, at_most: int, progress: _Progress
    ) -> tuple[httpx.Response, bytes]:
        """Send one request; return its response and the body."""
        url = str(built.url)
        proxy = self._proxy(url, place)
        client = self._open(url, proxy)
        progress.begin(proxy)
        try:
            answer = await self._begin(client, built, progress)
            try:
                body = Body(answer.headers, at_most)
                async for raw in answer.aiter_raw():
                    body.add(raw)
                return answer, body.end()
            finally:
                await answer.aclose()
                if answer.status_code in _EMPTY and answer.headers.get("content-length", "0") != "0":
                    # Some servers send a body all the same, which would be read as the next response.
                    await answer.extensions["network_stream"].aclose()
        except (httpx.RemoteProtocolError, UnicodeError):
            # `httpx` itself raises these only for the URL of a redirect.
            raise TransportError(f"{place.host} redirects to an invalid address", sent=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, *FAILURES) as failed:
            # Without a time-out for a single read: `send` limits the whole.
            raise describe_failure(url, proxy, failed, connect=self._connect, read=0) from None

    async def _begin(self, client: httpx.AsyncClient, built: httpx.Request, progress: _Progress) -> httpx.Response:
        """Send a request; the body of the response is not read yet."""
        try:
            return await client.send(built, stream=True)
        except (httpcore.NetworkError, httpcore.RemoteProtocolError):
            if built.method != "GET" or progress.is_new:
                raise
        return await client.send(built, stream=True)

    def _proxy(self, url: str, place: Place) -> Proxy | None:
        """Return the proxy for a URL. Raises TransportError if it is invalid, or the URL has a private address."""
        try:
            proxy = self._proxy_for(url)
        except ValueError:
            raise no_proxy() from None
        if proxy is not None and is_unreachable(place.host) and not is_allowed(place, self._allowed):
            raise AddressForbidden(f"{place.host} is not public; {how_to_allow(place.host)}", sent=False)
        return proxy

    def _open(self, url: str, proxy: Proxy | None) -> httpx.AsyncClient:
        if self._closed:
            raise TransportError("the client is closed", sent=False)
        encrypted = is_encrypted(url, proxy)
        client = self._clients.get((encrypted, proxy))
        if client is None:
            client = self._clients[encrypted, proxy] = self._make(encrypted, proxy)
        return client

    def _make(self, encrypted: bool, proxy: Proxy | None) -> httpx.AsyncClient:
        if encrypted:
            self.load_trusted()
        trusted = self._trusted if encrypted else None
        try:
            transport = AsyncTransport(
                allowed=self._allowed, find=self._find, network=self._network, trusted=trusted, proxy=proxy
            )
        except ValueError:
            raise no_proxy() from None
        return httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            timeout=httpx.Timeout(None, connect=self._connect),
            follow_redirects=False,
            cookies=no_cookies(),
        )


class _Progress:
    """How far a request is: what to say when its time is over, and whether it may be sent again."""

    __slots__ = ("first", "host", "is_new", "is_sent", "is_waiting")

    def __init__(self, host: str) -> None:
        self.host = self.first = host
        self.is_new = self.is_sent = False
        self.is_waiting = True

    def begin(self, proxy: Proxy | None) -> None:
        """Start an exchange: the first one, or that of a redirect."""
        self.first = self.host if proxy is None else proxy.shown
        self.is_new = False

    async def trace(self, event: str, _: object) -> None:
        """Take an event of `httpcore`."""
        if event.endswith("connect_tcp.started"):
            self.is_new = True
        elif event.endswith("send_request_headers.started"):
            self.is_sent = True


def _build(request: Request, progress: _Progress) -> httpx.Request:
    """Return a request for `httpx`. Raises TransportError if it cannot be sent."""
    headers, content = write_request(request)
    headers.setdefault("accept", "application/json")
    try:
        return httpx.Request(
            request.method,
            request.url,
            params=request.query or None,
            headers=headers,
            content=content,
            extensions={"trace": progress.trace},
        )
    except httpx.InvalidURL:
        raise no_address() from None
    except UnicodeError:
        # Suppress the error, which holds the text.
        raise half_a_character() from None


def _check_redirect(url: httpx.URL, location: httpx.URL) -> None:
    """Raise AddressForbidden for a redirect that leaves the host or the port, or goes from https to http."""
    here, there = place_of(url), place_of(location)
    is_same = (url.scheme, here) == (location.scheme, there)
    is_upgrade = (url.scheme, here, location.scheme) == ("http", _at(there, 80), "https") and location.port is None
    if not (is_same or is_upgrade):
        words = f"{url.raw_host.decode()} redirects to another host or port, or to http, which is not followed"
        raise AddressForbidden(words, sent=True)


def _at(place: Place | None, port: int) -> Place | None:
    return None if place is None else Place(place.host, port)
