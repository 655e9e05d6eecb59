"""Wrap the app: log requests, set the `Date` header, and apply faults."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.app import EFFECT_AFTER, ZEROS, style_of
from ncco_lang.emulator.request import MOST_BYTES
from ncco_lang.emulator.responses import Answer, refusal
from ncco_lang.values.received import read_pairs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ncco_lang.emulator.account import Account
    from ncco_lang.emulator.faults import Fault

_SECRETS = frozenset({"api_secret", "client_secret"})
_PIECE = 1 << 16
"""Bytes of silence that are sent at once."""
_SHOWN_QUERY = 2000
_SHOWN_PATH = 2000
_EMPTY = (204, 205, 304)
"""Statuses whose responses have no body (RFC 9110)."""


class Taken:
    """A response that was made and has not been sent. After its body come `zeros` zero bytes."""

    __slots__ = ("body", "headers", "status", "zeros")

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()
        self.zeros = 0

    async def send(self, message: Message) -> None:
        """Add a part to it."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            self.zeros += message.get(ZEROS, 0)


class Front:
    """An ASGI app around another."""

    __slots__ = ("_account", "_app")

    def __init__(self, account: Account, app: ASGIApp) -> None:
        self._account = account
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or do what a fault says instead."""
        if scope["type"] != "http":
            return
        account, method = self._account, scope["method"]
        # The descriptions of the APIs write the roots with a slash at the end, and the clients without.
        path = scope["path"]
        if not path.startswith("/documents"):
            path = path.rstrip("/") or "/"
        entry = _entry(scope, path)
        if not path.startswith("/_emulator"):
            account.requests.append(entry)
        faults = {fault.kind: fault for fault in account.faults.take(method, path)}
        scope = {**scope, "path": path}
        if "effect_after" in faults:
            await self._late(scope, receive, send, entry, faults)
            return
        if "latency" in faults:
            await asyncio.sleep(faults["latency"].seconds)
        taken = Taken()
        if _takes_effect(faults):
            await self._make(scope, receive, taken.send)
        await self._answer(scope, send, entry, faults, taken)

    async def _late(
        self, scope: Scope, receive: Receive, send: Send, entry: dict[str, Any], faults: Mapping[str, Fault]
    ) -> None:
        """Let the request take effect late. The response waits for that, unless a fault gives another one."""
        kept = await _keep(receive)
        if kept is None:
            return
        seconds, taken = faults["effect_after"].seconds, Taken()
        is_early = _is_early(faults)
        async with asyncio.TaskGroup() as group:
            work = (
                self._make({**scope, EFFECT_AFTER: seconds}, kept, taken.send) if _takes_effect(faults) else _nothing()
            )
            made = group.create_task(work)
            if "latency" in faults:
                await asyncio.sleep(faults["latency"].seconds)
            if not is_early:
                await made
            is_gone = scope["state"]["transport"].is_closing()
            if not is_gone:
                await self._answer(scope, send, entry, faults, taken)
        if taken.status and (is_early or is_gone):
            how = "after another answer" if is_early else "after the client had gone"
            self._account.tell(f"{entry['method']} {entry['path']} finished {how}: {taken.status}")

    async def _answer(
        self, scope: Scope, send: Send, entry: dict[str, Any], faults: Mapping[str, Fault], taken: Taken
    ) -> None:
        """Send the response, or do what a fault says instead."""
        account, drop = self._account, faults.get("drop")
        if "status" in faults:
            taken = _of_fault(faults["status"], scope["path"])
        if drop is not None and (drop.when != "middle" or not taken.body):
            # An empty response has no middle.
            _cut(account, scope, entry)
            return
        if taken.status == 0:
            return
        entry["status"] = taken.status
        if not any(name == b"date" for name, _ in taken.headers):
            # A fault may have set another date.
            taken.headers.append((b"date", formatdate(account.now(), usegmt=True).encode("ascii")))
        if not scope["path"].startswith("/_emulator"):
            account.tell(f"{entry['method']} {entry['path']} → {taken.status}")
        await _send(scope, send, taken, half=drop is not None)

    async def _make(self, scope: Scope, receive: Receive, send: Callable[[Message], Awaitable[None]]) -> None:
        from starlette.requests import ClientDisconnect

        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception as failed:
            # The 500 is the emulator's, not one of the provider's: say so where the user looks.
            self._account.tell(
                f"the emulator itself failed: {type(failed).__name__} at {scope['method']} {scope['path']}"
            )


def _takes_effect(faults: Mapping[str, Fault]) -> bool:
    """Return whether the faults let the request through to its handler."""
    if _is_cut_first(faults) and not faults["drop"].effect:
        return False
    return "status" not in faults or faults["status"].effect


def _is_cut_first(faults: Mapping[str, Fault]) -> bool:
    return "drop" in faults and faults["drop"].when == "before"


def _is_early(faults: Mapping[str, Fault]) -> bool:
    """Return whether the response does not depend on the effect, so that it need not wait for it."""
    if "drop" in faults and faults["drop"].when != "middle":
        return _is_cut_first(faults)
    return "status" in faults


async def _keep(receive: Receive) -> Receive | None:
    """Read a body at once, because the client may be gone when it is needed; None if the client disconnects."""
    body, more = bytearray(), True
    while more and len(body) <= MOST_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)

    async def again() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return again


async def _nothing() -> None:
    pass


def _entry(scope: Scope, path: str) -> dict[str, Any]:
    """Return the log entry of a request, without its query, which may hold secrets."""
    pairs = read_pairs(scope["query_string"][:_SHOWN_QUERY]) or ()
    query = {name: "…" if name in _SECRETS else value for name, value in pairs}
    return {"method": scope["method"], "path": path[:_SHOWN_PATH], "query": query, "status": None}


def _cut(account: Account, scope: Scope, entry: dict[str, Any]) -> None:
    account.tell(f"{entry['method']} {entry['path']}: the connection is cut")
    scope["state"]["transport"].abort()


def _of_fault(fault: Fault, path: str) -> Taken:
    """Return the response of a fault: with its own body, or the provider's one for the status."""
    if fault.status in _EMPTY:
        answer = Answer(status=fault.status)
    elif fault.body is not None:
        answer = Answer(status=fault.status, body=fault.body)
    elif fault.status >= 400:
        answer = refusal(style_of(path), fault.status)
    else:
        answer = Answer(status=fault.status)
    taken = Taken()
    taken.status = fault.status
    taken.body += answer.data
    headers = {"content-type": answer.content_type} if answer.data else {}
    headers |= {name.lower(): value for name, value in fault.headers.items()}
    if fault.status not in _EMPTY:
        headers["content-length"] = str(len(taken.body))
    taken.headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    return taken


async def _send(scope: Scope, send: Send, taken: Taken, *, half: bool) -> None:
    transport = scope["state"]["transport"]
    left = len(taken.body) + taken.zeros
    if half:
        left //= 2
    await send({"type": "http.response.start", "status": taken.status, "headers": taken.headers})
    piece = bytes(taken.body[:left])
    left -= len(piece)
    while left > 0 and not transport.is_closing():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        piece = bytes(min(left, _PIECE))
        left -= len(piece)
    await send({"type": "http.response.body", "body": piece, "more_body": half})
    if half:
        # Closed and not aborted, so that what was written is sent first.
        transport.close()
