"""Tests of the client of lookups against a server on this machine."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ncco_lang.net.async_client import AsyncHttpClient
from ncco_lang.net.transport import MOST_AT_ONCE
from ncco_lang.net.types import MOST_DEEP, Request, Response, TransportError
from tests.net.local_server import Asked, Handler, LocalServer, response, serving

SECRET = "hidden"
LONG = 60.0
SHORT = 0.05


async def echo(asked: Asked) -> bytes | None:
    """Answer with what was received."""
    return response(json.dumps([asked.method, asked.target, asked.body.decode()]).encode())


async def never(asked: Asked) -> bytes | None:
    await asked.end()
    return None


def answering(content: bytes) -> Handler:
    async def handler(asked: Asked) -> bytes | None:
        return content

    return handler


def request(server: LocalServer, path: str = "/", method: str = "GET", **more: Any) -> Request:
    headers = {"Authorization": f"Bearer {SECRET}", **more.pop("headers", {})}
    return Request(method=method, url=f"http://{server.address}{path}", headers=headers, **more)


@asynccontextmanager
async def lookups(
    handler: Handler, *, allow: tuple[str, ...] = ()
) -> AsyncIterator[tuple[LocalServer, AsyncHttpClient]]:
    """A server, and a client that may reach it. Every connection is closed at the end."""
    async with serving(handler) as server:
        async with AsyncHttpClient(allow=("127.0.0.1", *allow), proxy_for=lambda _: None, find=nowhere_else) as client:
            yield server, client
        await server.until(lambda now: now.open == 0)


async def nowhere_else(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


async def fails(sending: Coroutine[Any, Any, Response]) -> TransportError:
    with pytest.raises(TransportError) as failed:
        await sending
    assert SECRET not in f"{failed.value!r} {failed.value.__cause__!r}"
    return failed.value


def run(test: Coroutine[Any, Any, None]) -> None:
    # A test that hangs fails.
    asyncio.run(asyncio.wait_for(test, 60))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_lookup_arrives_and_its_response_comes_whole(method: str) -> None:
    async def test() -> None:
        async with lookups(echo) as (server, client):
            body = None if method == "GET" else {"name": "é"}
            made = request(server, "/a?b=c%20d", method, json=body, headers={"ACCEPT": "application/x+json"})
            found = await client.send(made, seconds=LONG)
            text = "" if body is None else '{"name":"\\u00e9"}'
            assert (found.status, found.parse_json()) == (200, [method, "/a?b=c%20d", text])
            (asked,) = server.asked
            assert asked.headers["authorization"] == f"Bearer {SECRET}"
            assert asked.headers["accept"] == "application/x+json"
            assert asked.headers.get("content-type") == (None if body is None else "application/json")

    run(test())


@pytest.mark.parametrize("status", [204, 304, 404, 500])
def test_any_status_is_a_response(status: int) -> None:
    async def test() -> None:
        async with lookups(answering(response(b"", status=status))) as (server, client):
            assert (await client.send(request(server), seconds=LONG)).status == status

    run(test())


def test_a_connection_is_used_again() -> None:
    async def test() -> None:
        async with lookups(echo) as (server, client):
            for _ in range(3):
                await client.send(request(server), seconds=LONG)
            assert server.connections == 1

    run(test())


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://127.0.0.1/", "http://[oops", "http://a b/", "http://127.0.0.1:99999/", "http://%31/"]
)
def test_an_invalid_url_is_not_sent(url: str) -> None:
    async def test() -> None:
        async with lookups(echo) as (_, client):
            failed = await fails(client.send(Request(method="GET", url=url), seconds=LONG))
            assert (failed.sent, failed.late) == (False, False)

    run(test())


def test_a_header_that_would_begin_another_is_not_sent() -> None:
    async def test() -> None:
        async with lookups(echo) as (server, client):
            bad = request(server, headers={"x": f"{SECRET}\r\nhost: evil.test"})
            assert not (await fails(client.send(bad, seconds=LONG))).sent
            assert server.connections == 0

    run(test())


# ── Time ───────────────────────────────────────────────────────────────────────────────────────────────


async def drip(asked: Asked) -> bytes | None:
    await asked.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        await asked.write(b" ")


async def continues(asked: Asked) -> bytes | None:
    while True:
        await asked.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")


@pytest.mark.parametrize("handler", [never, drip, continues])
def test_a_slow_response_is_cut_by_the_total_time(handler: Handler) -> None:
    async def test() -> None:
        async with lookups(handler) as (server, client):
            failed = await fails(client.send(request(server, method="POST"), seconds=SHORT))
            assert (failed.sent, failed.late) == (True, True)
            assert str(failed) == "127.0.0.1 did not answer within 0.05 s"
            assert len(server.asked) == 1

    run(test())


def test_a_name_server_that_hangs_is_cut_by_the_total_time() -> None:
    async def find(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async def test(connect: float) -> None:
        async with AsyncHttpClient(allow=["crm.test"], find=find, proxy_for=lambda _: None, connect=connect) as client:
            sending = client.send(Request(method="GET", url="http://crm.test/"), seconds=SHORT if connect > 1 else LONG)
            failed = await fails(sending)
            assert (str(failed), failed.sent) == ("crm.test could not be reached within 0.05 s", False)
            assert failed.late

    run(test(LONG))
    run(test(SHORT))


# ── Failures ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_is_down_was_sent_nothing() -> None:
    async def test() -> None:
        async with lookups(echo) as (server, client):
            port = server.port
        async with AsyncHttpClient(allow=["127.0.0.1"]) as client:
            failed = await fails(
                client.send(Request(method="GET", url=f"http://127.0.0.1:{port}/?{SECRET}"), seconds=LONG)
            )
            assert (failed.sent, failed.refused, failed.late) == (False, True, False)
            assert str(failed) == f"nothing listens at 127.0.0.1:{port}"

    run(test())


def test_a_name_without_an_address_is_named() -> None:
    async def find(host: str, port: int) -> list[str]:
        import socket

        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    async def test() -> None:
        async with AsyncHttpClient(find=find, proxy_for=lambda _: None) as client:
            failed = await fails(client.send(Request(method="GET", url="https://crm.test/"), seconds=LONG))
            assert str(failed).startswith("crm.test has no address here")
            assert not failed.sent

    run(test())


def test_an_address_that_refuses_is_followed_by_the_next() -> None:
    async def test() -> None:
        async def find(host: str, port: int) -> list[str]:
            return ["127.0.0.2", "127.0.0.1"]

        async with serving(echo) as server, AsyncHttpClient(allow=["crm.test"], find=find) as client:
            made = Request(method="GET", url=f"http://crm.test:{server.port}/")
            assert (await client.send(made, seconds=LONG)).status == 200

    run(test())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["nothing", "cut", "other protocol", "long header", "chunks"],
)
def test_a_broken_response_is_a_failure(content: bytes) -> None:
    async def handler(asked: Asked) -> bytes | None:
        await asked.write(content)
        return None

    async def test() -> None:
        async with lookups(handler) as (server, client):
            failed = await fails(client.send(request(server), seconds=LONG))
            assert (failed.sent, failed.late) == (True, False)
            assert len(server.asked) == 1

    run(test())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (response(b"0" * (1 << 20)), None),
        (response(b"0" * ((1 << 20) + 1)), "the answer is larger than 1 MiB"),
        (response(gzip.compress(b"0" * (64 << 20)), content_encoding="gzip"), "the answer is larger than 1 MiB"),
        (response(gzip.compress(b"[1]"), content_encoding="gzip"), None),
        (response(b"no gzip", content_encoding="gzip"), "the answer is packed wrongly"),
        (response(gzip.compress(b"[1]")[:-9], content_encoding="gzip"), "the answer ends in the middle of"),
        (response(b"?", content_encoding="br"), "the answer is packed in a way"),
    ],
    # Compressed data have the time in them.
    ids=["full", "too large", "bomb", "gzip", "invalid gzip", "cut gzip", "brotli"],
)
def test_a_body_is_bounded_after_decompression(content: bytes, words: str | None) -> None:
    async def test() -> None:
        async with lookups(answering(content)) as (server, client):
            if words is None:
                assert (await client.send(request(server), seconds=LONG)).content
            else:
                assert str(await fails(client.send(request(server), seconds=LONG))).startswith(words)

    run(test())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("[" * MOST_DEEP + "]" * MOST_DEEP, ...),
        ("[" * (MOST_DEEP + 1) + "]" * (MOST_DEEP + 1), ValueError),
        ("[" * 100_000, ValueError),
        ("", ValueError),
        ("<html>", ValueError),
        ("NaN", ValueError),
        ("1e999", ValueError),
        ("1" * 5000, ValueError),
        ("{} {}", ValueError),
        ("\xff", ValueError),
    ],
)
def test_json_is_parsed_strictly(text: str, value: Any) -> None:
    found = Response(status=200, content=text.encode("latin-1"))
    if value is ValueError:
        with pytest.raises(ValueError, match=r"^the response is not JSON$"):
            found.parse_json()
        assert found.json() is None
    else:
        assert value is ... or found.parse_json() == value
        assert found.json() == found.parse_json()


# ── A kept connection that the server closes ───────────────────────────────────────────────────────────


def test_only_a_get_is_sent_again_and_only_on_a_kept_connection() -> None:
    async def handler(asked: Asked) -> bytes | None:
        # The second request of each connection is not answered.
        is_first = [each.peer for each in asked.server.asked].count(asked.peer) == 1
        return response() if is_first and asked.target == "/" else None

    async def test() -> None:
        async with lookups(handler) as (server, client):
            assert (await client.send(request(server), seconds=LONG)).status == 200
            assert (await client.send(request(server), seconds=LONG)).status == 200
            assert (len(server.asked), server.connections) == (3, 2)
            failed = await fails(client.send(request(server, method="POST"), seconds=LONG))
            assert (failed.sent, len(server.asked)) == (True, 4)
            # Now on a new connection.
            failed = await fails(client.send(request(server, "/never"), seconds=LONG))
            assert (failed.sent, len(server.asked)) == (True, 5)

    run(test())


# ── Many at once ───────────────────────────────────────────────────────────────────────────────────────


def test_many_lookups_share_a_bounded_number_of_connections() -> None:
    count = 200

    async def handler(asked: Asked) -> bytes | None:
        # Nothing is answered before as many are asked as may be at once.
        await asked.server.until(lambda now: len(now.asked) >= MOST_AT_ONCE // 2)
        return response(json.dumps(asked.target).encode())

    async def test() -> None:
        async with lookups(handler) as (server, client):
            sent = (client.send(request(server, f"/{number}"), seconds=LONG) for number in range(count))
            found = await asyncio.gather(*sent)
            assert [each.parse_json() for each in found] == [f"/{number}" for number in range(count)]
            assert server.connections == MOST_AT_ONCE // 2

    run(test())


def test_a_path_that_hangs_leaves_connections_for_others_and_cancelling_frees_them() -> None:
    async def handler(asked: Asked) -> bytes | None:
        return await (echo if asked.target == "/good" else never)(asked)

    async def test() -> None:
        async with lookups(handler, allow=("other.test",)) as (server, client):
            hanging = [
                asyncio.create_task(client.send(request(server), seconds=LONG, kind="bad")) for _ in range(MOST_AT_ONCE)
            ]
            await server.until(lambda now: len(now.asked) == MOST_AT_ONCE // 2)
            other = Request(method="GET", url=f"http://other.test:{server.port}/good")
            assert (await client.send(other, seconds=LONG)).status == 200
            assert (await client.send(request(server, "/good"), seconds=LONG, kind="good")).status == 200
            waiting = await fails(client.send(request(server, "/good"), seconds=SHORT, kind="bad"))
            assert (waiting.sent, waiting.late) == (False, True)
            assert str(waiting) == (
                "earlier requests to 127.0.0.1 were not answered, so this one was not sent within 0.05 s"
            )
            for task in hanging:
                task.cancel()
            assert all(
                isinstance(end, asyncio.CancelledError)
                for end in await asyncio.gather(*hanging, return_exceptions=True)
            )
            await server.until(lambda now: now.open <= 2)
            assert (await client.send(request(server, "/good"), seconds=LONG, kind="bad")).status == 200

    run(test())


@pytest.mark.parametrize("status", [204, 304])
def test_the_body_of_a_status_without_one_is_not_the_next_response(status: int) -> None:
    async def handler(asked: Asked) -> bytes | None:
        return response(b"{}" + response(b"[1]"), status=status) if asked.target == "/empty" else await echo(asked)

    async def test() -> None:
        async with lookups(handler) as (server, client):
            found = await client.send(request(server, "/empty"), seconds=LONG)
            assert (found.status, found.content) == (status, b"")
            found = await client.send(request(server, "/next", "POST"), seconds=LONG)
            assert found.parse_json() == ["POST", "/next", ""]

    run(test())


def test_a_name_is_asked_for_once_at_a_time() -> None:
    asked, answer = list[str](), asyncio.Event()

    async def find(host: str, port: int) -> list[str]:
        asked.append(host)
        if host == "bad.test":
            await answer.wait()
        return ["127.0.0.1"]

    async def test() -> None:
        async with serving(echo) as server:
            async with AsyncHttpClient(allow=["bad.test", "good.test"], find=find, proxy_for=lambda _: None) as client:

                def get(host: str) -> Request:
                    return Request(method="GET", url=f"http://{host}:{server.port}/")

                assert (await fails(client.send(get("bad.test"), seconds=SHORT))).late
                waiting = [asyncio.create_task(client.send(get("bad.test"), seconds=LONG)) for _ in range(9)]
                assert (await client.send(get("good.test"), seconds=LONG)).status == 200
                assert asked == ["bad.test", "good.test"]
                answer.set()
                assert [each.status for each in await asyncio.gather(*waiting)] == [200] * 9
                assert asked == ["bad.test", "good.test"]
            await server.until(lambda now: now.open == 0)

    run(test())


def test_closing_ends_what_is_in_progress() -> None:
    async def test() -> None:
        async with serving(never) as server:
            client = AsyncHttpClient(allow=["127.0.0.1"])
            task = asyncio.create_task(client.send(request(server), seconds=LONG))
            await server.until(lambda now: len(now.asked) == 1)
            await client.close()
            assert (await fails(asyncio.wait_for(task, LONG))).sent
            await server.until(lambda now: now.open == 0)
            assert str(await fails(client.send(request(server), seconds=LONG))) == "the client is closed"
            await client.close()

    run(test())
