"""`ncco serve` in a process, and calls of it by hand-made webhooks."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response
from tests.shells.shell import Process, Shell

LEG, CONVERSATION = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
CALL = {"from": "31612345678", "to": "31201234567", "uuid": LEG, "conversation_uuid": CONVERSATION}
NOTIFY = {"payload": {}, "conversation_uuid": CONVERSATION, "timestamp": "2026-01-05T10:00:30.000Z"}

MENU = """\
flow "Shop"
default talk en-GB style: 2
fallback message
step start {
    menu "Press 1 for the desk." {
        timeout: 5s
        1 -> desk
        silence, otherwise -> retry "Once more."
        give_up -> message
    }
}
step desk {
    talk "One moment."
    connect phone "+31 20 765 4321" from: "+31 20 123 4567" timeout: 25s {
        busy -> { talk "The desk is busy."; goto message }
        otherwise -> message
    }
    talk "Thank you for calling."
}
step message {
    talk "Leave a message."
    record end_on_key: #
}
"""


def keys(digits: str) -> dict[str, Any]:
    return {"dtmf": {"digits": digits, "timed_out": not digits}, "speech": {"results": []}, **CALL}


def status(name: str) -> dict[str, Any]:
    return {"status": name, "uuid": "other", "conversation_uuid": CONVERSATION, "from": "1", "to": "2"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def send(url: str, fields: Mapping[str, Any] | None = None, **headers: str) -> Response:
    """Send a webhook: by POST with fields, else by GET."""
    with HttpClient() as wire:
        method = "GET" if fields is None else "POST"
        return wire.send(
            Request(method=method, url=url, headers=headers, json=None if fields is None else dict(fields))
        )


def query(url: str, fields: Mapping[str, str]) -> str:
    from urllib.parse import urlencode

    return f"{url}?{urlencode(fields)}"


class Server:
    """A server in a process.

    Attributes:
        urls: the answer URLs of its applications by their keys.
        printed: what it printed at its start.
    """

    def __init__(self, process: Process) -> None:
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline().decode("utf-8")
        found = re.match(r"serving (\d+) applications? at (\S+)\n", line)
        if found is None:
            raise AssertionError(line + (process.stderr.read().decode("utf-8") if process.stderr else ""))
        lines = [line] + [process.stdout.readline().decode("utf-8") for _ in range(3 * int(found[1]))]
        self.printed = "".join(lines)
        self.address = found[2]
        self.urls = dict(re.findall(r"(?m)^  (\S+)\n    answer: (\S+)$", self.printed))

    @property
    def answer(self) -> str:
        """The answer URL of the first application."""
        return str(next(iter(self.urls.values())))

    def end(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Return its exit code and its standard error."""
        self.process.send_signal(by)
        _, err = self.process.communicate(timeout=30)
        return self.process.wait(30), err.decode("utf-8")


@contextmanager
def served(ncco: Shell, *arguments: str, port: int = 0) -> Iterator[Server]:
    """Start a server, and wait for its first lines."""
    process = ncco.serve("--port", str(port), *arguments)
    try:
        yield Server(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


class Call:
    """A call of a served flow: `to` sends the event of an action of its newest document."""

    def __init__(self, answer_url: str, leg: str = LEG) -> None:
        self.fields = {**CALL, "uuid": leg}
        self.document: list[dict[str, Any]] = []
        self.take(send(query(answer_url, self.fields)))

    def take(self, response: Response) -> Response:
        assert response.status == 200, response.status
        if response.content:
            self.document = json.loads(response.content)
        return response

    def url(self, action: str) -> str:
        (url,) = [each["eventUrl"][0] for each in self.document if each["action"] == action]
        return str(url)

    def to(self, action: str, fields: Mapping[str, Any]) -> Response:
        return self.take(send(self.url(action), fields))

    @property
    def first(self) -> str:
        """The first text of its document."""
        return str(self.document[0]["text"])
