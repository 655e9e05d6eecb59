"""Vonage's official Node SDK for tests: `with node_sdk(emulator, keys, id) as sdk: sdk.voice.getCall(uuid)`."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ncco_lang.emulator.options import API_KEY, API_SECRET
from ncco_lang.emulator.server import Running
from ncco_lang.tokens.keys import KeyPair

FOLDER = Path(__file__).resolve().parent / "node"
NODE = shutil.which("node")
_LONGEST = 30.0


class NodeError(Exception):
    """The SDK raised an error; `status` is the response's, or None."""

    def __init__(self, words: str, status: int | None) -> None:
        super().__init__(words)
        self.status = status


@cache
def why_not() -> str:
    """Return why the SDK cannot run here; empty if it can."""
    if NODE is None:
        return "node is not installed"
    if not (FOLDER / "node_modules/@vonage/server-sdk").is_dir():
        return "the packages of tests/node are not installed (npm ci there installs them)"
    command = [NODE, "-e", "require('@vonage/server-sdk')"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, encoding="utf-8", timeout=_LONGEST, check=False)
    return "" if done.returncode == 0 else "the Node SDK does not load in this node"


class NodeSdk:
    """The SDK in a process of node: attributes are its APIs, theirs are its methods."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __getattr__(self, api: str) -> Api:
        return Api(self, api)

    def ask(self, request: dict[str, Any]) -> Any:
        """Send one request, and return its result. Raises NodeError."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        # A process that hangs is killed, which ends the read.
        timer = threading.Timer(_LONGEST, process.kill)
        timer.start()
        try:
            line = process.stdout.readline()
        finally:
            timer.cancel()
        assert line, "node has ended"
        answer = json.loads(line)
        if "error" in answer:
            raise NodeError(answer["error"], answer["status"])
        return answer["result"]


class Api:
    """One API of the SDK."""

    def __init__(self, sdk: NodeSdk, name: str) -> None:
        self._sdk = sdk
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda *values: self._sdk.ask({"api": self._name, "method": method, "values": values})


@contextmanager
def node_sdk(emulator: Running, keys: KeyPair, application_id: str) -> Iterator[NodeSdk]:
    """Run the SDK as a client of an emulator."""
    assert NODE is not None
    process = subprocess.Popen(
        [NODE, "sdk.js"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        with process:
            sdk = NodeSdk(process)
            credentials = {"apiKey": API_KEY, "apiSecret": API_SECRET}
            credentials |= {"applicationId": application_id, "privateKey": keys.private}
            hosts = {"apiHost": emulator.address, "restHost": emulator.address}
            sdk.ask({"credentials": credentials, "options": hosts})
            yield sdk
    finally:
        process.kill()
