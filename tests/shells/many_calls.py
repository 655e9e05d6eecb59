"""Many calls at once over real sockets, each by a script, by the rules of the platform for webhooks that fail (ncco.md 13.4)."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.shells.serving import CALL, NOTIFY

LATE = 10.0
"""Seconds after which the platform takes a webhook for unanswered."""
_REPEATED = frozenset({429, 503, 504})


class Answer(NamedTuple):
    """A response; status 0 for none."""

    status: int
    body: bytes = b""


async def exchange(method: str, url: str, body: bytes) -> Answer:
    """Send one request by a connection of its own."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = f"{method} {target} HTTP/1.1\r\nhost: {parts.netloc}\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    try:
        async with asyncio.timeout(LATE):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write(head.encode() + body)
                answer = await reader.read()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return Answer(0)
    head_bytes, complete, content = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head_bytes)
    # A server that is killed may have sent a part of its answer.
    if not complete or length is None or len(content) < int(length[1]):
        return Answer(0)
    return Answer(int(head_bytes.split()[1]), content)


class Receiver:
    """The business's server: takes orders, and says what became of them.

    Attributes:
        bodies: what came, by idempotency key.
        authorizations: the headers of that name.
    """

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self.bodies: dict[str, list[bytes]] = defaultdict(list)
        self.authorizations = set[str]()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                if "idempotency-key" in fields:
                    self.bodies[fields["idempotency-key"]].append(lines[0].split()[1].encode() + b" " + body)
                if "authorization" in fields:
                    self.authorizations.add(fields["authorization"])
                await asyncio.sleep(self.pause)
                status = "404 Not Found" if "/unknown" in lines[0] else "200 OK"
                writer.write(
                    f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}".encode()
                )
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(pause: float, port: int = 0) -> AsyncIterator[tuple[Receiver, int]]:
    """Run a receiver; yield it and its port."""
    receiver = Receiver(pause)
    async with await asyncio.start_server(receiver.take, "127.0.0.1", port) as server:
        yield receiver, server.sockets[0].getsockname()[1]


@dataclass
class Caller:
    """Makes calls.

    Attributes:
        answer_url: that of the flow.
        seconds: webhooks that are sent for the second time and not answered yet.
        repeated: how many webhooks were sent twice because the first one failed.
        wrong: what went otherwise than the script says.
    """

    answer_url: str
    chance: random.Random
    seconds: int = 0
    repeated: int = 0
    wrong: list[str] = field(default_factory=list)

    async def call(self, leg: str, script: Sequence[tuple[str, Mapping[str, Any], str]]) -> None:
        """Make a call.

        Args:
            script: the action of the newest document whose event comes, the event, and what the caller hears first then.
        """
        ids = {"uuid": leg, "conversation_uuid": f"CON-{leg}"}
        document = await self._webhook("GET", f"{self.answer_url}?{urlencode({**CALL, **ids})}", b"")
        for action, fields, said in script:
            urls = [each["eventUrl"][0] for each in document if each["action"] == action]
            if len(urls) != 1:
                self.wrong.append(f"{leg}: no {action} in {document}")
                return
            content = json.dumps({**fields, **{name: ids[name] for name in ids if name in fields}}).encode()
            document = await self._webhook("POST", urls[0], content)
            heard = document[0].get("text") if document else "nothing"
            if heard != said:
                self.wrong.append(f"{leg}: {heard!r} in place of {said!r}")
                return

    async def _webhook(self, method: str, url: str, body: bytes) -> list[dict[str, Any]]:
        """Send a webhook; now and then twice at the same time, and then the answers are the same."""
        if self.chance.random() < 0.1:
            both = await asyncio.gather(self._send(method, url, body), self._send(method, url, body))
            if both[0] != both[1]:
                self.wrong.append(f"two answers to one webhook: {both}")
            answer = both[0]
        else:
            answer = await self._send(method, url, body)
        if answer.status != 200:
            self.wrong.append(f"{method} {url[:60]}: status {answer.status}")
            return []
        document: list[dict[str, Any]] = json.loads(answer.body or b"[]")
        return document

    async def _send(self, method: str, url: str, body: bytes) -> Answer:
        """Send a webhook, and once more if there is no answer.

        A server that is overloaded is asked until it is not: a slow machine is not what is tested.
        """
        answer = await exchange(method, url, body)
        if answer.status and answer.status not in _REPEATED:
            return answer
        self.seconds += 1
        self.repeated += not answer.status
        try:
            answer = await exchange(method, url, body)
            while answer.status in _REPEATED:
                await asyncio.sleep(0.2)
                answer = await exchange(method, url, body)
            return answer
        finally:
            self.seconds -= 1


async def in_parallel(most: int, works: list[Callable[[], Awaitable[None]]]) -> None:
    """Do all works, so many at once."""
    gate = asyncio.Semaphore(most)

    async def one(work: Callable[[], Awaitable[None]]) -> None:
        async with gate:
            await work()

    await asyncio.gather(*map(one, works))


def joined(leg: str) -> dict[str, Any]:
    """Return the event of a notify."""
    return {**NOTIFY, "conversation_uuid": f"CON-{leg}"}
