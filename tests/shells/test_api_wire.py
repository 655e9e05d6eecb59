"""Test the HTTP client and its rate limit: real sockets on this machine, and a fake clock for slow things."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.proxies import proxy_for
from ncco_lang.net.rate_limit import Pace
from ncco_lang.net.types import Request, TransportError
from tests.shells.http_server import Answer, Scripts, serving

FIVE = (301, 302, 303, 307, 308)


@pytest.fixture
def server() -> Iterator[Scripts]:
    with serving() as scripts:
        yield scripts
    assert scripts.unexpected == []


@pytest.fixture
def wire() -> Iterator[HttpClient]:
    with HttpClient(connect=2, read=5) as wire:
        yield wire


def get(server: Scripts, path: str = "/") -> Request:
    return Request(method="GET", url=server.address + path)


def fails(wire: HttpClient, request: Request) -> TransportError:
    with pytest.raises(TransportError) as caught:
        wire.send(request)
    return caught.value


def test_a_request_arrives_as_it_was_meant_and_the_answer_comes_whole(server: Scripts, wire: HttpClient) -> None:
    server.on("POST", "/a", Answer(201, json={"a": 1}, headers={"X-Kind": "b"}))
    url = server.address + "/a"
    answer = wire.send(
        Request(method="POST", url=url, query=(("q", "a b&c"),), headers={"X-One": "1"}, json={"text": "é"})
    )
    assert (answer.status, answer.json(), answer.headers["x-kind"]) == (201, {"a": 1}, "b")
    wire.send(Request(method="POST", url=url, form=(("name", "Pedal & Spoke"), ("to", "+31"))))
    first, second = server.asked
    assert (first.query, first.json, first.headers["x-one"]) == ((("q", "a b&c"),), {"text": "é"}, "1")
    assert first.headers["content-type"] == "application/json"
    assert second.form == {"name": "Pedal & Spoke", "to": "+31"}
    assert second.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", FIVE)
def test_redirects_are_not_followed(server: Scripts, wire: HttpClient, status: int) -> None:
    server.on("GET", "/", Answer(status, headers={"location": "/elsewhere"}))
    assert wire.send(get(server)).status == status


def test_no_cookies_are_kept(server: Scripts, wire: HttpClient) -> None:
    server.on("GET", "/", Answer(headers={"set-cookie": "session=1; Path=/"}))
    wire.send(get(server))
    wire.send(get(server))
    assert "cookie" not in server.asked[1].headers


@pytest.mark.parametrize("cut", ["before", "middle"])
def test_a_cut_connection_may_have_taken_effect(server: Scripts, wire: HttpClient, cut: str) -> None:
    server.on("GET", "/", Answer(json=["x" * 100], cut=cut))  # type: ignore[arg-type]
    assert fails(wire, get(server)).sent


def test_a_server_that_says_nothing_is_given_up(server: Scripts) -> None:
    server.on("GET", "/", Answer(cut="silent"))
    with HttpClient(read=0.1) as wire:
        failed = fails(wire, get(server))
    assert failed.sent
    assert str(failed) == "127.0.0.1 did not answer within 0.1 s"


def test_where_nobody_listens_nothing_was_sent(wire: HttpClient) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        failed = fails(wire, Request(method="GET", url=f"http://somebody:hidden@127.0.0.1:{port}/a?b=c"))
    assert not failed.sent
    assert failed.refused
    assert str(failed) == f"nothing listens at 127.0.0.1:{port}"


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/", "http://[oops", "http://a b/"])
def test_what_is_no_address_is_said_so(wire: HttpClient, url: str) -> None:
    assert not fails(wire, Request(method="GET", url=url)).sent


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_has_not_is_not_sent(server: Scripts, wire: HttpClient, number: float) -> None:
    failed = fails(wire, Request(method="POST", url=server.address + "/", json=[{"level": number}]))
    assert not failed.sent
    assert "JSON" in str(failed)
    assert server.asked == []


def test_a_large_answer_is_not_read(server: Scripts, wire: HttpClient) -> None:
    server.on("GET", "/", Answer(body=b"x" * (2 << 20)))
    assert len(wire.send(get(server)).content) == 2 << 20
    with pytest.raises(TransportError, match=r"larger than 1 MiB"):
        wire.send(get(server), at_most=1 << 20)


def test_a_packed_answer_is_unpacked_no_further_than_allowed(server: Scripts, wire: HttpClient) -> None:
    server.on("GET", "/small", Answer(body=gzip.compress(b'{"a": 1}'), headers={"content-encoding": "gzip"}))
    assert wire.send(get(server, "/small")).json() == {"a": 1}
    server.on("GET", "/bomb", Answer(body=gzip.compress(b"0" * (64 << 20)), headers={"content-encoding": "gzip"}))
    with pytest.raises(TransportError, match="larger than 1 MiB"):
        wire.send(get(server, "/bomb"), at_most=1 << 20)
    server.on("GET", "/bad", Answer(body=b"no gzip", headers={"content-encoding": "gzip"}))
    assert "packed wrongly" in str(fails(wire, get(server, "/bad")))
    server.on("GET", "/odd", Answer(body=b"?", headers={"content-encoding": "br"}))
    assert "not asked for" in str(fails(wire, get(server, "/odd")))


def test_a_download_comes_in_pieces_and_an_error_does_not(server: Scripts, wire: HttpClient) -> None:
    pieces: list[bytes] = []
    server.on("GET", "/", Answer(body=b"x" * 300_000, headers={"content-type": "audio/mpeg"}))
    answer = wire.download(get(server), pieces.append)
    assert (b"".join(pieces), answer.content, answer.headers["content-type"]) == (b"x" * 300_000, b"", "audio/mpeg")
    assert len(pieces) > 1
    pieces.clear()
    server.on("GET", "/", Answer(404, json={"title": "Not Found"}))
    assert wire.download(get(server), pieces.append).json() == {"title": "Not Found"}
    assert pieces == []


def test_what_a_writer_raises_goes_through(server: Scripts, wire: HttpClient) -> None:
    def full(piece: bytes) -> None:
        raise OSError(28, "No space left on device")

    server.on("GET", "/", Answer(body=b"x"))
    with pytest.raises(OSError, match="No space"):
        wire.download(get(server), full)


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no proxy."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


def test_the_proxy_of_the_environment_is_used_but_not_for_this_machine(
    server: Scripts, no_proxies: pytest.MonkeyPatch
) -> None:
    server.on("GET", "/a", Answer(json=1))
    no_proxies.setenv("HTTP_PROXY", server.address)
    with HttpClient() as wire:
        assert wire.send(Request(method="GET", url="http://provider.test/a")).json() == 1
        assert wire.send(get(server, "/a")).json() == 1
    assert [asked.target for asked in server.asked] == ["http://provider.test/a", "/a"]


@pytest.mark.parametrize(
    ("environment", "url", "wanted"),
    [
        ({}, "https://a.test/", None),
        ({"HTTPS_PROXY": "http://p.test:3128"}, "https://a.test/", ("http", "p.test", 3128)),
        ({"https_proxy": "http://p.test:3128/"}, "https://a.test/", ("http", "p.test", 3128)),
        ({"HTTPS_PROXY": "p.test:3128"}, "https://a.test/", ("http", "p.test", 3128)),
        ({"HTTPS_PROXY": "http://p.test"}, "https://a.test/", ("http", "p.test", 80)),
        ({"HTTPS_PROXY": "https://[fe80::1]"}, "https://a.test/", ("https", "fe80::1", 443)),
        ({"ALL_PROXY": "socks5://p.test"}, "https://a.test/", ("socks5", "p.test", 1080)),
        ({"HTTP_PROXY": "http://p.test"}, "https://a.test/", None),
        ({"HTTPS_PROXY": ""}, "https://a.test/", None),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": "b.test, a.test"}, "https://a.test/", None),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": ".test"}, "https://a.test/", None),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": "a.test:8443"}, "https://a.test:8443/", None),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": "fe80::1"}, "https://[fe80::1]:1/", None),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": "*"}, "https://a.test/", None),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": "test"}, "https://atest/", ("http", "p.test", 80)),
        ({"ALL_PROXY": "http://p.test"}, "http://localhost:1/", None),
        ({"ALL_PROXY": "http://p.test"}, "https://127.0.0.1:1/", None),
        ({"ALL_PROXY": "http://p.test"}, "http://[::1]:1/", None),
    ],
)
def test_the_environment_says_which_proxy(
    no_proxies: pytest.MonkeyPatch, environment: dict[str, str], url: str, wanted: tuple[str, str, int] | None
) -> None:
    for name, value in environment.items():
        no_proxies.setenv(name, value)
    found = proxy_for(url)
    assert wanted == (None if found is None else (found.scheme, found.host, found.port))


@pytest.mark.parametrize(
    "text",
    [
        "nothing://user:hidden@p.test",
        "http://user:hidden@[p",
        "http://user:hidden@a b",
        "http://user:hidden@p.test:99999",
        "http://user:hidden@",
        "http://user:hidden\udcff@p.test",
        "socks5://user:hidden@p.test",
    ],
)
def test_what_is_no_proxy_is_said_without_its_password(no_proxies: pytest.MonkeyPatch, text: str) -> None:
    if text.startswith("socks5") and find_spec("socksio") is not None:
        pytest.skip("SOCKS can be spoken here")
    no_proxies.setenv("HTTPS_PROXY", text)
    with HttpClient() as wire:
        failed = fails(wire, Request(method="GET", url="https://provider.test/"))
    assert str(failed).startswith("the proxy that HTTPS_PROXY")
    assert "hidden" not in f"{failed!r} {failed.__cause__!r}"
    assert not failed.sent


def test_a_proxy_that_fails_is_named_and_its_password_is_not(server: Scripts, no_proxies: pytest.MonkeyPatch) -> None:
    url = "https://provider.test/"
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        no_proxies.setenv("HTTPS_PROXY", f"http://user:hidden@127.0.0.1:{port}")
        with HttpClient() as wire:
            failed = fails(wire, Request(method="GET", url=url))
    assert (str(failed), failed.sent) == (f"nothing listens at the proxy 127.0.0.1:{port}", False)
    here = server.address.removeprefix("http://")
    no_proxies.setenv("HTTPS_PROXY", f"http://us%40er:hidden@{here}")
    server.on("CONNECT", "443", Answer(502), Answer(407))
    with HttpClient() as wire:
        failed = fails(wire, Request(method="GET", url=url, headers={"authorization": "Bearer secret"}))
        assert (str(failed), failed.sent) == (f"the proxy {here} does not lead to provider.test (502)", False)
        failed = fails(wire, Request(method="GET", url=url))
        assert f"the proxy {here} wants to know who asks (407)" in str(failed)
    assert server.asked[0].headers["proxy-authorization"] == f"Basic {b64encode(b'us@er:hidden').decode()}"
    # The provider's headers are not sent to the proxy.
    assert "authorization" not in server.asked[0].headers


@contextmanager
def tunnelling(to: str) -> Iterator[tuple[str, list[bytes]]]:
    """Run a proxy that connects every client to one server; return its address, and what it received in clear."""
    asked: list[bytes] = []
    port = int(to.rpartition(":")[2])

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve() -> None:
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", port)) as server:
                asked.append(client.recv(65536))
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=pass_on, args=(server, client))
                back.start()
                pass_on(client, server)
                back.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_proxy_is_a_tunnel_for_what_is_encrypted(
    authority: tuple[Scripts, str], no_proxies: pytest.MonkeyPatch
) -> None:
    server, ca = authority
    with tunnelling(server.address) as (proxy, asked):
        no_proxies.setenv("HTTPS_PROXY", proxy)
        with HttpClient(ca=ca) as wire:
            request = Request(method="GET", url="https://provider.test/", headers={"authorization": "Bearer secret"})
            assert wire.send(request).json() == "hello"
    assert len(asked) == 1
    assert asked[0].startswith(b"CONNECT provider.test:443 ")
    assert b"secret" not in asked[0]
    assert server.asked[0].headers["authorization"] == "Bearer secret"


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[Scripts, str]]:
    """A server with TLS, and the file of the authority that issued its certificate."""
    from ncco_lang.tokens.certificates import issue, make_authority

    now = datetime.now(UTC)
    made = make_authority(now)
    issued = issue(made, ["127.0.0.1", "provider.test"], now)
    (tmp_path / "ca.pem").write_text(made.certificate)
    (tmp_path / "server.pem").write_text(issued.certificate + issued.private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with serving(context) as scripts:
        scripts.on("GET", "/", Answer(json="hello"))
        yield scripts, str(tmp_path / "ca.pem")


def test_a_private_authority_is_trusted_when_it_is_named(
    authority: tuple[Scripts, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, ca = authority
    with HttpClient() as wire:
        failed = fails(wire, get(server))
    assert not failed.sent
    assert "no trusted authority vouches for 127.0.0.1" in str(failed)
    assert server.asked == []
    with HttpClient(ca=ca) as wire:
        assert wire.send(get(server)).json() == "hello"
    monkeypatch.setenv("SSL_CERT_FILE", ca)
    with HttpClient() as wire:
        assert wire.send(get(server)).json() == "hello"


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    for name in ("none.pem", "bad.pem"):
        with HttpClient(ca=str(tmp_path / name)) as wire:
            failed = fails(wire, Request(method="GET", url="https://127.0.0.1:1/"))
        assert name in str(failed)
        assert not failed.sent


def test_threads_share_a_wire_and_a_closed_one_opens_again(server: Scripts, wire: HttpClient) -> None:
    server.on("GET", "/", Answer(json=1))
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(wire.send(get(server)).json())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wire.close()
    found.append(wire.send(get(server)).json())
    assert found == [1] * 9


class Clock:
    """A clock that only sleeping advances."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def test_no_more_start_in_a_second_than_are_allowed() -> None:
    clock = Clock()
    pace = Pace(3, 1.0, clock=clock, sleep=clock.sleep)
    starts = []
    for _ in range(8):
        pace.wait()
        starts.append(clock())
    assert starts == [100, 100, 100, 101, 101, 101, 102, 102]
    clock.now = 110.5
    pace.wait()
    assert clock() == 110.5


def test_a_clock_that_is_set_back_holds_nobody_up() -> None:
    clock = Clock()
    pace = Pace(1, 1.0, clock=clock, sleep=clock.sleep)
    pace.wait()
    clock.now = 5.0
    pace.wait()
    assert clock() == 5.0


def test_threads_take_turns() -> None:
    slept: list[float] = []
    pace = Pace(2, 1.0, clock=lambda: 7.0, sleep=slept.append)
    threads = [threading.Thread(target=pace.wait) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [1, 1, 2, 2, 3, 3, 4, 4]
