"""Test `ncco emulate`, as a user or a script runs it."""

from __future__ import annotations

import re
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ncco_lang.emulator.outcomes import ENDINGS
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response
from tests.emulated import basic
from tests.shells.shell import Process, Shell

unix = pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of Unix")


class Started:
    """An emulator in a process: its address, and the first lines that it printed."""

    def __init__(self, process: Process, address: str, hints: str) -> None:
        self.process = process
        self.address = address
        self.hints = hints

    def get(self, path: str, ca: str | None = None) -> Response:
        return self.send("GET", path, ca=ca)

    def send(self, method: str, path: str, json: Any = None, ca: str | None = None) -> Response:
        with HttpClient(ca=ca) as wire:
            return wire.send(Request(method=method, url=self.address + path, headers=basic(), json=json))

    def end(self, by: signal.Signals) -> tuple[int, str]:
        """Return its exit code, and its standard error."""
        self.process.send_signal(by)
        _, err = self.process.communicate(timeout=30)
        return self.process.wait(30), err.decode("utf-8")


@contextmanager
def started(ncco: Shell, *arguments: str, hints: int = 3) -> Iterator[Started]:
    """Start it, and wait for its first lines."""
    process = ncco.begin("emulate", "--port", "0", *arguments)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode("utf-8")
        found = re.fullmatch(r"emulating (?:vonage|kpn) at (https?://127\.0\.0\.1:[1-9]\d*)\n", line)
        assert found is not None, (line, process.stderr.read() if process.stderr and not line else "")
        reported = "".join(process.stdout.readline().decode("utf-8") for _ in range(hints))
        yield Started(process, found[1], reported)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@unix
def test_it_says_where_it_is_and_ends_by_ctrl_c(ncco: Shell) -> None:
    with started(ncco) as emulator:
        assert emulator.get("/v2/applications").status == 200
        assert "API key emulator, API secret emulator-secret" in emulator.hints
        assert "31201234567" in emulator.hints
        code, err = emulator.end(signal.SIGINT)
        assert (code, err.rstrip()) == (130, "GET /v2/applications → 200")


@unix
def test_sigterm_ends_it_quietly(ncco: Shell) -> None:
    with started(ncco, "--provider", "kpn", "--quiet") as emulator:
        assert emulator.get("/communication/nexmo/applications").status == 401
        assert emulator.end(signal.SIGTERM) == (0, "")


def test_with_tls_it_says_what_to_trust(ncco: Shell) -> None:
    with started(ncco, "--tls", "--ca-file", "out/tls/ca.pem", hints=4) as emulator:
        path = str(ncco.folder / "out/tls/ca.pem")
        # An absolute path, because the other terminal may be in another folder.
        assert f"export SSL_CERT_FILE={path}\n" in emulator.hints
        ssl.create_default_context(cafile=path)
        assert emulator.get("/v2/applications", ca=path).status == 200


@unix
def test_a_pace_is_deprecated_and_still_taken(ncco: Shell) -> None:
    with started(ncco, "--pace", "0.1", "--quiet") as emulator:
        code, err = emulator.end(signal.SIGTERM)
        assert (code, err) == (0, "ncco: --pace is deprecated; --speed says how fast calls go\n")


def test_documents_numbers_and_faults_of_the_command_line(ncco: Shell) -> None:
    ncco.write("public/a.json", "[]")
    arguments = ("--documents", "public", "--number", "+31 20 765 4321", "--number", "+44 20 7946 0001")
    with started(ncco, *arguments, "--fail-rate", "1", hints=4) as emulator:
        assert "31207654321, 442079460001" in emulator.hints
        assert emulator.get("/documents/a.json").content == b"[]"
        assert emulator.get("/account/numbers").status == 503


@unix
def test_a_late_effect_after_an_early_answer_and_an_end_before_it(ncco: Shell) -> None:
    gateway = '{"kind": "status", "status": 504, "effect": true, "method": "POST", "times": 2}'
    with started(ncco, "--quiet", "--effect-after", "60", "--fault", gateway) as emulator:

        def total() -> int:
            return int(emulator.get("/v2/applications").json()["total_items"])

        new = {"name": "a", "capabilities": {}}
        assert emulator.send("POST", "/v2/applications", new).status == 504
        assert total() == 0
        assert emulator.send("POST", "/_emulator/advance").status == 204
        assert total() == 1
        assert emulator.send("POST", "/v2/applications", new).status == 504
        assert emulator.end(signal.SIGTERM) == (0, "")


def test_the_sandbox_says_that_it_has_no_numbers(ncco: Shell) -> None:
    with started(ncco, "--provider", "kpn", "--sandbox") as emulator:
        assert "numbers:   none" in emulator.hints
        assert "3120" not in emulator.hints


def test_a_port_that_is_taken_is_said(ncco: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        out, err = ncco("emulate", "--port", str(port), code=2)
    assert out == ""
    assert err.startswith(f"ncco: cannot listen at 127.0.0.1:{port}: address already in use")
    assert "--port" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--host", "0.0.0.0"), "--tls"),
        (("--documents", "a-file"), "a-file is no folder"),
        (("--ca-file", "a.pem"), "--ca-file goes with --tls"),
        (("--sandbox",), "--sandbox goes with --provider kpn"),
        (("--number", "020 123"), "--number takes a number with its country code"),
        (("--signature-secret", "swordfish"), "env:NAME or file:PATH"),
        (("--signature-secret", "env:NO_SUCH_NAME"), "NO_SUCH_NAME"),
        (("--tls", "--ca-file", "a-file/ca.pem"), "cannot make the folder a-file: a file is in its way"),
        (("--provider", "kpn", "--sandbox", "--number", "+31201234567"), "--sandbox has no numbers"),
        (("--fail-rate", "2"), "--fail-rate"),
        (("--speed", "-1"), "--speed"),
        (("--latency", "nan"), "'nan' is not a number"),
        (("--effect-after", "601"), "--effect-after"),
        (("--fault", "{"), "--fault {: it is not valid JSON"),
        (("--fault", '{"kind": "effect_after", "seconds": -1}'), "seconds are from 0 to 600"),
        (("--fault", '{"kind": "status", "chance": 2}'), "chance is from 0 to 1"),
        (("--provider", "acme"), "--provider"),
    ],
)
def test_what_is_refused(ncco: Shell, arguments: tuple[str, ...], words: str) -> None:
    ncco.write("a-file", "")
    out, err = ncco("emulate", "--port", "0", *arguments, code=2)
    assert out == ""
    assert words in err
    assert "swordfish" not in err


def test_the_help_holds_the_table_of_endings(ncco: Shell) -> None:
    out, _ = ncco("emulate", "--help", code=0)
    for digits in ENDINGS:
        assert re.search(rf"\b{digits}  \w", out), digits
