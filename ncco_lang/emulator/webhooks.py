"""Fetch NCCOs from answer URLs and post events, signed if the application wants it.

Rules of the Voice API's webhook reference: one more attempt after a lost connection, a time-out, 429, 503 and 504; then
the fallback URL, with `reason` and `original_request`; an event is posted once.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit, urlunsplit

from ncco_lang.api.webhook_request import MOST_BYTES, webhook_request
from ncco_lang.emulator.applications import Hook
from ncco_lang.emulator.options import LOOPBACK
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response, TransportError

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account

MOST_AT_ONCE = 32
AGAIN = frozenset({429, 503, 504})
GOOD = range(200, 206)
_T = TypeVar("_T")


class Fetched(NamedTuple):
    """An NCCO, or why it is missing, and whether to try again."""

    ncco: list[Any] | None = None
    reason: str | None = None
    again: bool = False


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

    async def fetch(self, hook: Hook, fields: Mapping[str, Any], *, signer: str | None) -> Fetched:
        """Return an NCCO from a webhook, after at most two attempts."""
        fetched = await self._fetch_once(hook, fields, signer)
        if fetched.again:
            fetched = await self._fetch_once(hook, fields, signer)
        return fetched

    async def _fetch_once(self, hook: Hook, fields: Mapping[str, Any], signer: str | None) -> Fetched:
        try:
            answer = await self.send(hook, fields, signer=signer)
        except TransportError as failed:
            return Fetched(reason=f"{_place(hook)}: {failed}", again=True)
        except ValueError:
            return Fetched(reason=f"{_place(hook)}: this is no address that a request can be sent to")
        self._account.tell(f"fetched {hook.method} {_place(hook)}: {answer.status}")
        return read_ncco(hook, answer)

    async def send(self, hook: Hook, fields: Mapping[str, Any], *, signer: str | None) -> Response:
        """Send fields to a webhook by its method; `signer` is the application that signs.

        Raises:
            TransportError: no response arrived, or the URL is outside this machine and that is not allowed.
        """
        if not self._account.options.outside and urlsplit(hook.address).hostname not in LOOPBACK:
            raise TransportError("it lies on another machine, and this emulator keeps to its own", sent=False)
        request = self._request(hook, fields, signer)
        await self._room.acquire()
        wire = self._take(hook)
        return await in_thread(lambda: wire.send(request, at_most=MOST_BYTES), lambda: self._give_back(hook))

    def _request(self, hook: Hook, fields: Mapping[str, Any], signer: str | None) -> Request:
        options = self._account.options
        secret = options.signature_secret

        def sign(payload: bytes) -> str:
            from ncco_lang.tokens.jwt import sign_webhook

            now = self._account.now()
            return sign_webhook(secret or "", payload=payload, api_key=options.api_key, application_id=signer, now=now)

        return webhook_request(hook.method, hook.address, fields, sign if signer is not None and secret else None)

    def _take(self, hook: Hook) -> HttpClient:
        """Return a client with the webhook's time-outs, in use until `_give_back`."""
        times = (hook.connect, hook.read)
        self._using[times] += 1
        return self._wires.setdefault(times, HttpClient(connect=hook.connect, read=hook.read, ca=self._ca))

    def _give_back(self, hook: Hook) -> None:
        """Release the client. If there are too many, close the oldest that are not in use."""
        self._room.release()
        self._using -= Counter([(hook.connect, hook.read)])
        idle = [times for times in self._wires if times not in self._using]
        for times in idle[: max(0, len(self._wires) - self._account.options.bounds.wires)]:
            self._wires.pop(times).close()


def read_ncco(hook: Hook, answer: Response) -> Fetched:
    """Return the NCCO in the response of a webhook; the platform's rules say which failures are tried again."""
    place = _place(hook)
    if answer.status not in GOOD:
        return Fetched(reason=f"{place} answered {answer.status}", again=answer.status in AGAIN)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return Fetched(reason=f"{place} answered {kind or 'without a content type'}, not application/json")
    value = answer.json()
    reason = why_invalid(value)
    return Fetched(ncco=value) if reason is None else Fetched(reason=f"{place}: {reason}")


def why_invalid(value: Any) -> str | None:
    """Return why a value is not an NCCO; None if it is one."""
    from ncco_lang.checker import check_value
    from ncco_lang.vocabulary.ncco_schema import is_valid

    try:
        if isinstance(value, list) and is_valid(value):
            return None
        words = [problem.message for problem in check_value(value)]
    except RecursionError:
        words = ["it is nested too deeply"]
    return f"this is no valid NCCO: {words[0] if words else 'it is no list of actions'}"


def _place(hook: Hook) -> str:
    """Return a URL without its query and credentials, for messages."""
    parts = urlsplit(hook.address)
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
