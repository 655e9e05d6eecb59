"""Tests of where the client of lookups connects to: addresses, redirects, proxies and TLS."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import httpcore
import pytest

from ncco_lang.net.async_client import MOST_REDIRECTS, AsyncHttpClient
from ncco_lang.net.names import Resolver
from ncco_lang.net.proxies import Proxy
from ncco_lang.net.types import AddressForbidden, Request
from ncco_lang.tokens.certificates import issue, make_authority
from tests.net.local_server import Asked, Handler, LocalServer, response, serving
from tests.net.test_async_client import LONG, SECRET, echo, fails, run

PUBLIC, OTHER, PRIVATE = "198.41.0.4", "2001:500:2::c", "10.0.0.7"


def get(url: str) -> Request:
    return Request(method="GET", url=url, headers={"authorization": SECRET})


def resolving(*answers: list[str]) -> Resolver:
    """Return a name server that gives these answers in turn, again and again."""
    turns = cycle(answers)

    async def find(host: str, port: int) -> list[str]:
        return next(turns)

    return find


@dataclass(frozen=True, slots=True)
class Network(httpcore.AsyncNetworkBackend):
    """A network in which every address leads to one port of this machine, except those that are down.

    `by_port` has other ports of this machine for some ports of the addresses.
    """

    port: int = 0
    down: frozenset[str] = frozenset()
    by_port: Mapping[int, int] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)
    sockets: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        if host in self.down:
            raise httpcore.ConnectTimeout
        to = self.by_port.get(port, self.port)
        return await self.sockets.connect_tcp("127.0.0.1", to, timeout, local_address, socket_options)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """The certificate of shop.example, and the file of the authority that issued it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    now = datetime.now(UTC)
    made = make_authority(now)
    issued = issue(made, ["shop.example"], now)
    (folder / "ca.pem").write_text(made.certificate)
    (folder / "server.pem").write_text(issued.certificate + issued.private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, str(folder / "ca.pem")


@asynccontextmanager
async def shop(
    handler: Handler, find: Resolver, tls: tuple[ssl.SSLContext, str] | None = None, down: str = ""
) -> AsyncIterator[tuple[LocalServer, Network, AsyncHttpClient]]:
    """A server for shop.example, and a client; without TLS the host is allowed."""
    context, ca = tls or (None, None)
    allow = ["shop.example"] if tls is None else []
    async with serving(handler, context) as server:
        network = Network(server.port, frozenset(down.split()))
        async with AsyncHttpClient(allow=allow, ca=ca, find=find, network=network, proxy_for=lambda _: None) as client:
            yield server, network, client
        await server.until(lambda now: now.open == 0)


# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────────


PRIVATE_FORMS = """
    127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 017700000001 10.0.0.1 169.254.169.254 0xa9fea9fe 0.0.0.0 0
    [::1] [::] [::ffff:127.0.0.1] [::ffff:a9fe:a9fe] [64:ff9b::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [fd00:ec2::254]
    localhost u:p@127.0.0.1 127.0.0.1:8443
""".split()
ODD_FORMS = (
    "127.0.0.01 127。0。0。1 ①27.0.0.1 [::ffff:127.0.0.1%25eth0] 127.0.0.1%00 %6cocalhost LOCALHOST. xn--".split()
)


def test_a_private_address_is_not_connected_to_in_any_form() -> None:
    async def test() -> None:
        # With the name server of this machine, which reads every form of an address.
        network = Network()
        async with AsyncHttpClient(network=network, proxy_for=lambda _: None) as client:
            for host in PRIVATE_FORMS + ODD_FORMS:
                failed = await fails(client.send(get(f"https://{host}/latest/meta-data"), seconds=LONG))
                assert isinstance(failed, AddressForbidden) or host in ODD_FORMS, host
                assert not failed.sent, host
                assert network.connected == [], host

    run(test())


def test_the_address_that_was_checked_is_the_one_connected_to(tls: tuple[ssl.SSLContext, str]) -> None:
    async def test() -> None:
        # A name server that gives a public address to the check, and then a private one.
        async with shop(echo, resolving([PUBLIC], [PRIVATE]), tls) as (server, network, client):
            assert (await client.send(get("https://shop.example/"), seconds=LONG)).status == 200
            assert network.connected == [PUBLIC]
            # Another port is another connection.
            failed = await fails(client.send(get("https://shop.example:8443/"), seconds=LONG))
            assert isinstance(failed, AddressForbidden)
            assert str(failed) == (
                f'shop.example has the address {PRIVATE}, which is not public; `allow = ["shop.example"]` below [serve] in ncco.toml permits it'
            )
            assert network.connected == [PUBLIC]
            assert len(server.asked) == 1

    run(test())


def test_of_several_addresses_the_public_ones_are_tried_in_turn(tls: tuple[ssl.SSLContext, str]) -> None:
    async def test() -> None:
        answer = resolving([PRIVATE, OTHER, "::1", PUBLIC, OTHER])
        async with shop(echo, answer, tls, down=OTHER) as (_, network, client):
            assert (await client.send(get("https://shop.example/"), seconds=LONG)).status == 200
            assert network.connected == [OTHER, PUBLIC]

    run(test())


def test_http_is_only_for_hosts_that_are_allowed() -> None:
    async def test() -> None:
        network = Network()
        async with AsyncHttpClient(allow=["shop.example:81"], find=resolving([PUBLIC]), network=network) as client:
            for url in ("http://shop.example/", "http://other.test:81/", "HTTP://shop.example:80/"):
                failed = await fails(client.send(get(url), seconds=LONG))
                assert isinstance(failed, AddressForbidden)
        assert network.connected == []
        async with serving(echo) as server:
            network = Network(server.port)
            async with AsyncHttpClient(allow=["shop.example:81"], find=resolving([PRIVATE]), network=network) as client:
                assert (await client.send(get("http://Shop.Example.:81/"), seconds=LONG)).status == 200
            assert network.connected == [PRIVATE]

    run(test())


# ── Redirects ──────────────────────────────────────────────────────────────────────────────────────────


def redirecting(status: int, location: str) -> Handler:
    """Redirect every path but /there."""

    async def handler(asked: Asked) -> bytes | None:
        if asked.target == "/there":
            return await echo(asked)
        return response(b"moved", status=status, location=location)

    return handler


@pytest.mark.parametrize("location", ["/there", "there", "//shop.example/there", "http://SHOP.example:80/there"])
@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "PUT", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "PATCH", "PATCH"),
        (301, "GET", "GET"),
    ],
)
def test_a_redirect_on_the_host_is_followed(location: str, status: int, method: str, then: str) -> None:
    async def test() -> None:
        async with shop(redirecting(status, location), resolving([PUBLIC])) as (server, network, client):
            body = None if method == "GET" else {"a": 1}
            headers = {"authorization": SECRET}
            made = Request(method=method, url="http://shop.example/here", json=body, headers=headers)
            found = await client.send(made, seconds=LONG)
            kept = '{"a":1}' if then == method and body else ""
            assert found.parse_json() == [then, "/there", kept]
            assert server.asked[1].headers["authorization"] == SECRET
            assert network.connected == [PUBLIC]

    run(test())


@pytest.mark.parametrize(
    ("location", "is_forbidden"),
    [
        ("https://evil.test/there", True),
        ("//evil.test/there", True),
        ("https://127.0.0.1/there", True),
        ("https://shop.example:80/there", True),
        ("http://shop.example:8080/there", True),
        ("https://shop.example.evil.test/there", True),
        ("https://shop.example@evil.test/there", True),
        ("file:///etc/passwd", True),
        ("ftp://shop.example/there", True),
        ("https://shop.example:99999/there", True),
        ("https://xn--/there", False),
        ("https://[oops/there", True),
    ],
)
def test_a_redirect_that_leaves_the_host_is_not_followed(location: str, is_forbidden: bool) -> None:
    async def test() -> None:
        async with shop(redirecting(302, location), resolving([PUBLIC])) as (server, network, client):
            failed = await fails(client.send(get("http://shop.example/"), seconds=LONG))
            assert isinstance(failed, AddressForbidden) == is_forbidden
            assert failed.sent
            assert str(failed).startswith("shop.example redirects to ")
            assert len(server.asked) == 1
            assert network.connected == [PUBLIC]

    run(test())


def test_redirects_are_counted() -> None:
    async def test() -> None:
        async with shop(redirecting(302, "/again"), resolving([PUBLIC])) as (server, _, client):
            failed = await fails(client.send(get("http://shop.example/"), seconds=LONG))
            assert str(failed) == "shop.example redirects more than 5 times"
            assert len(server.asked) == 1 + MOST_REDIRECTS

    run(test())


def test_a_redirect_may_begin_tls_and_never_ends_it(tls: tuple[ssl.SSLContext, str]) -> None:
    async def plain(asked: Asked) -> bytes | None:
        return response(status=301, location="https://shop.example/there")

    async def test() -> None:
        handler = redirecting(302, "http://shop.example/there")
        async with shop(handler, resolving([PUBLIC]), tls) as (server, _, client):
            failed = await fails(client.send(get("https://shop.example/"), seconds=LONG))
            assert isinstance(failed, AddressForbidden)
            assert len(server.asked) == 1
            async with serving(plain) as beginning:
                ports = Network(server.port, by_port={80: beginning.port})
                async with AsyncHttpClient(
                    allow=["shop.example"], ca=tls[1], find=resolving([PRIVATE]), network=ports
                ) as both:
                    assert (await both.send(get("http://shop.example/"), seconds=LONG)).status == 200
            assert server.asked[1].headers["authorization"] == SECRET

    run(test())


# ── TLS and proxies ────────────────────────────────────────────────────────────────────────────────────


def test_a_certificate_for_another_host_or_of_another_authority_is_refused(tls: tuple[ssl.SSLContext, str]) -> None:
    async def test() -> None:
        async with shop(echo, resolving([PUBLIC]), tls) as (server, network, client):
            failed = await fails(client.send(get("https://other.test/"), seconds=LONG))
            assert "vouches for other.test" in str(failed)
            assert not failed.sent
            async with AsyncHttpClient(find=resolving([PUBLIC]), network=network) as stranger:
                failed = await fails(stranger.send(get("https://shop.example/"), seconds=LONG))
                assert "vouches for shop.example" in str(failed)
            assert server.asked == []

    run(test())


async def silent(asked: Asked) -> bytes | None:
    raise AssertionError("a TLS handshake is not a request")


def test_a_handshake_that_hangs_leaves_no_connection() -> None:
    async def test() -> None:
        async with serving(silent) as server:
            network = Network(server.port)
            async with AsyncHttpClient(find=resolving([PUBLIC]), network=network, proxy_for=lambda _: None) as client:
                sending = asyncio.create_task(client.send(get("https://shop.example/"), seconds=LONG))
                await server.until(lambda now: now.open == 1)
                # Until the client has sent its first message, and waits.
                for _ in range(20):
                    await asyncio.sleep(0)
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
                await server.until(lambda now: now.open == 0)

    # The garbage collector would close it too.
    gc.disable()
    try:
        run(test())
    finally:
        gc.enable()


def test_a_file_of_authorities_that_cannot_be_read_is_named() -> None:
    async def test() -> None:
        async with AsyncHttpClient(ca="none.pem", find=resolving([PUBLIC])) as client:
            failed = await fails(client.send(get("https://shop.example/"), seconds=LONG))
            assert "none.pem" in str(failed)

    run(test())


async def tunnel(asked: Asked) -> bytes | None:
    """Connect a client to the port that it names, on this machine."""
    reader, writer = asked.peer
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", int(asked.target.rpartition(":")[2]))
    await asked.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
        target.close()

    await asyncio.gather(pump(reader, server_writer), pump(server_reader, writer))
    return None


def test_a_proxy_resolves_the_name(tls: tuple[ssl.SSLContext, str]) -> None:
    async def nothing(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    async def test() -> None:
        async with serving(echo, tls[0]) as server, serving(tunnel) as proxy:
            through = Proxy("http", "127.0.0.1", proxy.port, "user", SECRET)
            async with AsyncHttpClient(ca=tls[1], find=nothing, proxy_for=lambda _: through) as client:
                found = await client.send(get(f"https://shop.example:{server.port}/a"), seconds=LONG)
                assert found.status == 200
                assert [(each.method, each.target) for each in proxy.asked] == [
                    ("CONNECT", f"shop.example:{server.port}")
                ]
                assert "authorization" not in proxy.asked[0].headers
                for host in ("10.0.0.1", "0x0a000001", "[::ffff:10.0.0.1]", "localhost", "crm", "crm.internal."):
                    failed = await fails(client.send(get(f"https://{host}:{server.port}/"), seconds=LONG))
                    assert isinstance(failed, AddressForbidden)
            await server.until(lambda now: now.open == 0)
            await proxy.until(lambda now: now.open == 0)
            assert proxy.connections == 1

    run(test())


@pytest.mark.parametrize(
    ("status", "words"), [(502, "does not lead to shop.example (502)"), (407, "wants to know who asks")]
)
def test_a_proxy_that_refuses_is_named(status: int, words: str) -> None:
    async def refuse(asked: Asked) -> bytes | None:
        return response(status=status)

    async def test() -> None:
        async with serving(refuse) as proxy:
            through = Proxy("http", "127.0.0.1", proxy.port, "user", SECRET)
            async with AsyncHttpClient(proxy_for=lambda _: through) as client:
                failed = await fails(client.send(get("https://shop.example/"), seconds=LONG))
            assert str(failed).startswith(f"the proxy {proxy.address} {words}")
            assert not failed.sent

    run(test())


def test_an_invalid_proxy_is_not_shown() -> None:
    def invalid(url: str) -> Proxy | None:
        raise ValueError(SECRET)

    async def test() -> None:
        async with AsyncHttpClient(proxy_for=invalid) as client:
            assert str(await fails(client.send(get("https://shop.example/"), seconds=LONG))).startswith(
                "the proxy that"
            )

    run(test())
