"""Send webhooks over HTTP, signed if the application wants it; the phone decides which, and reads the responses."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit, urlunsplit

from ncco_lang.emulator.webhook_client import UNUSABLE, send_webhook, webhook_client
from ncco_lang.net.http_client import HttpClient
from ncco_lang.simulate.types import CLOSED, Answer, Hook, Request
from ncco_lang.workspace.listening import LOOPBACK

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
        try:
            if not self._account.options.outside and urlsplit(hook.url).hostname not in LOOPBACK:
                return Answer(failure=CLOSED, words="it lies on another machine, and this emulator keeps to its own")
        except ValueError:
            return UNUSABLE
        sign = self._signature(application_id) if application is not None and application.signed else None
        await self._room.acquire()
        wire = self._take(hook)
        answer = await in_thread(lambda: send_webhook(wire, request, sign), lambda: self._give_back(hook))
        if request.waits and answer.failure is None:
            self._account.tell(f"{request.kind} webhook {hook.method} {_place(hook)}: {answer.status}")
        return answer

    def _signature(self, application_id: str) -> Callable[[bytes], str] | None:
        """Return a function that signs a payload as an application; None if the account has no secret."""
        options = self._account.options
        secret = options.signature_secret
        if not secret:
            return None

        def sign(payload: bytes) -> str:
            from ncco_lang.tokens.jwt import sign_webhook

            now = self._account.now()
            return sign_webhook(
                secret, payload=payload, api_key=options.api_key, application_id=application_id, now=now
            )

        return sign

    def _take(self, hook: Hook) -> HttpClient:
        """Return a client with the webhook's time-outs, in use until `_give_back`."""
        times = (hook.connect, hook.read)
        self._using[times] += 1
        if times not in self._wires:
            self._wires[times] = webhook_client(hook, self._ca)
        return self._wires[times]

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
