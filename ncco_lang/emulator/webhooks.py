"""Send webhooks over HTTP, signed if the application wants it; the phone decides which, and reads the responses."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit, urlunsplit

from ncco_lang.api.webhook_request import MOST_BYTES, webhook_request
from ncco_lang.emulator.options import LOOPBACK
from ncco_lang.net import types as http
from ncco_lang.net.http_client import HttpClient
from ncco_lang.simulate.types import CLOSED, TIMED_OUT, Answer, Hook, Request

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account

MOST_AT_ONCE = 128
_T = TypeVar("_T")


class Webhooks:
    """Sends requests from worker threads, so that the server never blocks."""

    __slots__ = ("_account", "_ca", "_room", "_using", "_wires")

    def __init__(self, account: Account, ca: str | None) -> None:
        self._account = account
        self._ca = ca
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._wires: dict[tuple[float, float], HttpClient] = {}
        self._using: Counter[tuple[float, float]] = Counter()

    def close(self) -> None:
        """Close all connections."""
        wires, self._wires = list(self._wires.values()), {}
        for wire in wires:
            wire.close()

    async def send(self, request: Request, application_id: str) -> Answer:
        """Send a webhook of an application; return the response, or the failure as the platform names it."""
        hook = request.hook
        application = self._account.applications.get(application_id)
        signer = application_id if application is not None and application.signed else None
        try:
            if not self._account.options.outside and urlsplit(hook.url).hostname not in LOOPBACK:
                return Answer(failure=CLOSED, words="it lies on another machine, and this emulator keeps to its own")
            sent = self._request(request, signer)
        except ValueError:
            return Answer(failure=CLOSED, words="this is not an address that a request can be sent to")
        await self._room.acquire()
        wire = self._take(hook)
        try:
            answer = await in_thread(lambda: wire.send(sent, at_most=MOST_BYTES), lambda: self._give_back(hook))
        except (http.TransportError, ValueError) as failed:
            late = isinstance(failed, http.TransportError) and failed.late
            return Answer(failure=TIMED_OUT if late else CLOSED, words=str(failed))
        if request.waits:
            self._account.tell(f"{request.kind} webhook {hook.method} {_place(hook)}: {answer.status}")
        return Answer(status=answer.status, content_type=answer.headers.get("content-type", ""), body=answer.content)

    def _request(self, request: Request, signer: str | None) -> http.Request:
        options = self._account.options
        secret = options.signature_secret

        def sign(payload: bytes) -> str:
            from ncco_lang.tokens.jwt import sign_webhook

            now = self._account.now()
            return sign_webhook(secret or "", payload=payload, api_key=options.api_key, application_id=signer, now=now)

        hook = request.hook
        return webhook_request(hook.method, hook.url, request.fields, sign if signer is not None and secret else None)

    def _take(self, hook: Hook) -> HttpClient:
        """Return a client with the webhook's time-outs, in use until `_give_back`."""
        times = (hook.connect, hook.read)
        self._using[times] += 1
        # The read time-out is for the whole answer, so that a byte now and then does not prolong it.
        wire = HttpClient(connect=hook.connect, read=hook.read, whole=hook.connect + hook.read, ca=self._ca)
        return self._wires.setdefault(times, wire)

    def _give_back(self, hook: Hook) -> None:
        """Release the client. If there are too many, close the oldest that are not in use."""
        self._room.release()
        self._using -= Counter([(hook.connect, hook.read)])
        idle = [times for times in self._wires if times not in self._using]
        for times in idle[: max(0, len(self._wires) - self._account.options.bounds.wires)]:
            self._wires.pop(times).close()


def _place(hook: Hook) -> str:
    """Return a URL without its query and credentials, for messages."""
    parts = urlsplit(hook.url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


async def in_thread(work: Callable[[], _T], ended: Callable[[], None]) -> _T:
    """Do work in a thread of its own. Unlike a pool's thread, it never keeps the program alive.

    Args:
        ended: called in the loop when the thread has ended, which may be after the caller stopped waiting.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def hand_over(result: _T | None, failed: BaseException | None) -> None:
        ended()
        if done.done():
            return
        if failed is not None:
            done.set_exception(failed)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except Exception as error:
            failed = error
        try:
            loop.call_soon_threadsafe(hand_over, result, failed)
        except RuntimeError:
            pass  # The server has ended in the meantime.

    threading.Thread(target=run, name="ncco-webhook", daemon=True).start()
    return await done
