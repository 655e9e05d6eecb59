"""The ASGI application: a request → its webhook, checked → the answer of the runtime → a response."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ncco_lang.net.async_client import AsyncHttpClient
from ncco_lang.runtime.answers import SHORT
from ncco_lang.runtime.rescuing import last_words
from ncco_lang.serve.addresses import VERSION_HEADER
from ncco_lang.serve.log_lines import event_line, failure_line
from ncco_lang.serve.lookups import Lookups, open_client
from ncco_lang.serve.service import Served, Service
from ncco_lang.serve.upkeep import Upkeep
from ncco_lang.tokens.jwt import BadToken, payload_of_query, verify_webhook
from ncco_lang.values.event_urls import Address, read_address
from ncco_lang.values.received import read_json, read_pairs

MOST_BYTES = 256 << 10
"""Bytes of a body."""
_LATE = 1.0
"""Seconds by which the server is late when it counts as overloaded: the platform waits 1 to 10."""
_BEAT = 0.25
_LOOK = 0.5
_AGAIN = 10.0
"""Seconds after which the log says again that the server is overloaded."""
_JSON = "application/json"
_METHODS = ("GET", "POST")
_PART = "/ncco-"
"""How the part of a path begins that names an application; a proxy may have a path of its own before it."""


class _Refused(Exception):
    """A request that is answered with a status and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Front:
    """Handles requests, and measures how busy the server is."""

    __slots__ = ("_late", "_lookups", "_most", "_running", "_service", "_told", "_upkeep")

    def __init__(self, service: Service, client: AsyncHttpClient, upkeep: Upkeep) -> None:
        self._service, self._upkeep = service, upkeep
        self._lookups = Lookups(client, service)
        self._most = service.settings.most_requests
        self._running = 0
        self._late = 0.0
        self._told = float("-inf")

    async def webhook(self, request: Request) -> Response:
        """Answer a webhook."""
        path = request.scope["path"]
        address = read_address(path[max(0, path.find(_PART)) :])
        served = None if address is None else self._service.find(address.part)
        if address is None or served is None:
            return Response(status_code=404)
        self._running += 1
        try:
            if self._running > self._most or self._late > _LATE:
                return self._overloaded(served, address)
            return await self._answer(request, served, address)
        except _Refused as refused:
            # What is left of a large or slow body is not read.
            headers = {"connection": "close"} if refused.status in (408, 413) else None
            return Response(status_code=refused.status, headers=headers)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as failed:
            # The runtime answers whatever fails in it, so this is for a fault around it: a caller must hear something.
            self._service.warn(f"{served.application.key} internal error: {type(failed).__name__}")
            return self._last_resort(served, address)
        finally:
            self._running -= 1

    async def _answer(self, request: Request, served: Served, address: Address) -> Response:
        body = await _body(request, self._service.settings.request_seconds)
        fields = _read(request, served, body)
        key = served.application.key
        answered = await self._lookups.answer(key, lambda: self._service.answer(served, address, fields, time.time()))
        if answered.status != 200:
            why = answered.why or "the token is not valid here, or has expired"
            self._service.tell(f"{key} {address.webhook} webhook refused with {answered.status}: {why}")
            return Response(status_code=answered.status)
        self._service.tell(event_line(key, answered))
        for failed in answered.failures:
            if isinstance(failed, sqlite3.Error):
                self._upkeep.is_suspected = True
                self._service.tell(failure_line(key, answered, failed))
            else:
                self._service.warn(failure_line(key, answered, failed))
        headers = {} if answered.bundle is None else {VERSION_HEADER: answered.bundle.version[:SHORT]}
        return Response(answered.body, headers=headers, media_type=_JSON if answered.body else None)

    def _overloaded(self, served: Served, address: Address) -> Response:
        """Let the platform repeat the webhook; a call that begins and has no other way gets a short document."""
        now = time.monotonic()
        if now - self._told >= _AGAIN:
            self._told = now
            self._service.warn(f"{served.application.key} overloaded: webhooks are answered with 503")
        if address.webhook != "answer" or served.application.has_fallback:
            return Response(status_code=503, headers={"retry-after": "1"})
        return self._last_resort(served, address)

    def _last_resort(self, served: Served, address: Address) -> Response:
        if address.webhook not in ("answer", "fallback", "i", "j"):
            return Response()
        flow = served.flow
        document = flow.document if flow.newest is None else last_words(flow.newest)
        return Response(json.dumps(document), media_type=_JSON)

    async def health(self, _: Request) -> Response:
        """Say whether the server can answer calls."""
        if await self._upkeep.failure():
            return Response('{"status":"the call store fails"}', status_code=503, media_type=_JSON)
        return Response('{"status":"ok"}', media_type=_JSON)

    async def measure(self) -> None:
        """Measure how late the loop is, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(_BEAT)
            self._late = loop.time() - before - _BEAT


class _App(Starlette):
    """Starlette's application, without its routes and layers for the webhooks: they take a third of the time of an event."""

    def __init__(self, front: _Front, lifespan: Callable[[Any], AbstractAsyncContextManager[None]]) -> None:
        routes = [Route("/healthz", front.health), Route("/{path:path}", front.webhook, methods=list(_METHODS))]
        super().__init__(routes=routes, lifespan=lifespan)
        self.router.redirect_slashes = False
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in _METHODS and _PART in scope["path"]:
            response = await self._front.webhook(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def make_app(service: Service, *, reloads: bool = False) -> Starlette:
    """Return the application.

    Args:
        service: with its applications loaded; it is closed with the application.
        reloads: load flows again after an edit.

    Raises:
        SettingsError: as `open_client`.
    """
    client = open_client(service)
    upkeep = Upkeep(service)
    front = _Front(service, client, upkeep)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        work = [front.measure(), upkeep.run()] + ([_reload(service)] if reloads else [])
        tasks = [asyncio.create_task(each) for each in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(Exception):
                await client.close()
            with suppress(Exception):
                service.close()

    return _App(front, lifespan)


async def _reload(service: Service) -> None:
    while True:
        await asyncio.sleep(_LOOK)
        # In a thread, because compiling takes longer than a call may wait.
        await asyncio.to_thread(service.reload)


# ── Requests ───────────────────────────────────────────────────────────────────────────────────────────


async def _body(request: Request, seconds: float) -> bytes:
    """Return the body. Raises _Refused if it is too large or comes too slowly."""
    if request.method == "GET":
        return b""
    announced = request.headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdigit()) or int(announced[:9]) > MOST_BYTES:
        raise _Refused(413)
    try:
        async with asyncio.timeout(seconds):
            return await _received(request.receive)
    except TimeoutError:
        raise _Refused(408) from None


async def _received(receive: Receive) -> bytes:
    """Return a body. Raises _Refused if it is too large, ClientDisconnect if the client is gone."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += bytes(message.get("body", b""))
        if len(body) > MOST_BYTES:
            raise _Refused(413)
        if not message.get("more_body", False):
            return body


def _read(request: Request, served: Served, body: bytes) -> dict[str, Any]:
    """Return the fields of a webhook. Raises _Refused: the signature is wrong or missing, or the fields are not readable."""
    secret = served.application.secret
    if request.method == "GET":
        pairs = read_pairs(request.scope["query_string"])
        if pairs is None:
            raise _Refused(400)
        if secret is not None:
            _verify(request, secret, payload_of_query(pairs))
        return dict(pairs)
    if secret is not None:
        _verify(request, secret, body)
    fields, wrong = read_json(body)
    if wrong is not None or not isinstance(fields, dict):
        raise _Refused(400)
    return fields


def _verify(request: Request, secret: str, payload: bytes) -> None:
    """Raise _Refused unless the request is signed: 401 for a wrong signature.

    After an internal error the platform may send a webhook without a signature, and it repeats it after a 503.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _Refused(503)
    try:
        verify_webhook(token.strip(), secret, payload=payload, now=time.time())
    except BadToken:
        raise _Refused(401) from None
