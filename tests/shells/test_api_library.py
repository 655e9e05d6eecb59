"""Test the clients as a library: the package's example, and what `help` shows of each method."""

from __future__ import annotations

import inspect
import textwrap

import pytest

import ncco_lang.api
from ncco_lang import KpnClient, VonageClient
from ncco_lang.api import emulated
from ncco_lang.api.provider import Provider
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import running
from tests.shells import api_fakes as fakes
from tests.shells.api_fakes import APPS, Time, page
from tests.shells.http_server import serving

METHODS = [name for name, value in vars(Provider).items() if not name.startswith("_")]


def test_the_example_of_the_package_runs_as_it_stands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    about = ncco_lang.api.__doc__
    assert about is not None
    lines = about.splitlines()
    code = textwrap.dedent("\n".join(line for line in lines if line.startswith("    ") or not line))
    with running(EmulatorOptions(speed=None)) as emulator:
        monkeypatch.setattr(emulated, "ADDRESS", emulator.address)
        exec(compile(code, "the example", "exec"), {})
        # Send all events of the call.
        emulator.advance(4)
    assert capsys.readouterr().out == "True outbound\n"


@pytest.mark.parametrize("client", [VonageClient, KpnClient])
def test_every_method_says_what_it_does(client: type[Provider]) -> None:
    assert METHODS
    assert [name for name in METHODS if not inspect.getdoc(getattr(client, name))] == []


def test_a_client_is_closed_behind_its_block() -> None:
    with serving() as server:
        server.on("GET", APPS, page("applications", []))
        with fakes.vonage(server, None, Time()) as client:
            assert list(client.list_applications()) == []
            wire = client._session.http_client
            assert wire._clients
        assert not wire._clients
