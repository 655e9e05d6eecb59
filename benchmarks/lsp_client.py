"""A small client of language servers over stdio, the same for each of them; it only measures."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_LONGEST = 120.0


class Message(NamedTuple):
    """A message of the server, and when it was read (seconds of the monotonic clock)."""

    at: float
    body: dict[str, Any]


class Client:
    """One running server. The server's own requests get a response that lets it continue."""

    def __init__(self, command: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._messages: queue.Queue[Message | None] = queue.Queue()
        self._next = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def request(self, method: str, params: Any) -> Message:
        """Send a request and return its response."""
        self._next += 1
        number = self._next
        self._send({"id": number, "method": method, "params": params})
        return self.wait(lambda body: body.get("id") == number and "method" not in body)

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def wait(self, wanted: Any) -> Message:
        """Return the next message of the wanted kind; requests of the server before it get a response."""
        ends = time.perf_counter() + _LONGEST
        while True:
            message = self._messages.get(timeout=max(0.0, ends - time.perf_counter()))
            if message is None:
                raise RuntimeError("the server ended")
            if wanted(message.body):
                return message
            if "method" in message.body and "id" in message.body:
                self._answer(message.body)

    def diagnostics(self, uri: str, version: int) -> Message:
        """Return the diagnostics of one version of a document."""
        return self.wait(
            lambda body: (
                body.get("method") == "textDocument/publishDiagnostics"
                and body["params"]["uri"] == uri
                and body["params"].get("version") == version
            )
        )

    def close(self) -> None:
        """Shut the server down."""
        try:
            self.request("shutdown", None)
            self.notify("exit", None)
            self._process.wait(10)
        except (OSError, RuntimeError, queue.Empty, subprocess.TimeoutExpired):
            pass
        finally:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()

    def _answer(self, body: dict[str, Any]) -> None:
        asked = body.get("params") or {}
        result = [None] * len(asked.get("items", ())) if body["method"] == "workspace/configuration" else None
        self._send({"id": body["id"], "result": result})

    def _send(self, body: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **body}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        stream = self._process.stdout
        try:
            while line := stream.readline():
                size = 0
                while line.strip():
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        size = int(value)
                    line = stream.readline()
                body = stream.read(size)
                self._messages.put(Message(time.perf_counter(), json.loads(body)))
        except (OSError, ValueError):
            pass
        self._messages.put(None)
