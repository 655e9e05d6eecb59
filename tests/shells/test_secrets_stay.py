"""Test that no command prints, writes or logs a secret, whatever the provider responds."""

from __future__ import annotations

import base64
import json
import logging
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.api.auth import Basic, Bearer, SignedJwt
from ncco_lang.api.client_credentials import ClientCredentials
from ncco_lang.api.errors import ApiError
from ncco_lang.api.session import Session
from ncco_lang.api.types import Settings
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running, running
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.types import Request, Response
from ncco_lang.tokens.certificates import Authority, Issued
from ncco_lang.tokens.keys import make_key_pair
from tests.shells import api_fakes as fakes
from tests.shells.api_fakes import APP, LEG, Time
from tests.shells.http_server import Answer, Asked, Scripts, serving
from tests.shells.shell import run

KEY, SECRET, PROXY = "key-QQ11", "s3cret+/QQ22==", "proxy-QQ33"
SIGNATURE = "signature-QQ44-0123456789-0123456789"
PAIR = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
ENV = {"NCCO_TEST_KEY": KEY, "NCCO_TEST_SECRET": SECRET}
NAMES = {"vonage": ("api_key", "api_secret"), "kpn": ("client_id", "client_secret")}
SETTINGS = Settings(name="a", answer_url="https://a.test", event_url="https://a.test")
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.eyJ")
AUTHORIZATION = re.compile(r"(?i)(basic|bearer) [A-Za-z0-9+/=._-]{8,}")
CALL = ("call", "+31201234500", "--from", "+31201234567", "--json")


def toml(provider: str, address: str, public: str) -> str:
    key, secret = NAMES[provider]
    return f"""\
profile = "test"

[profiles.test]
provider = "{provider}"
credentials = {{ {key} = "env:NCCO_TEST_KEY", {secret} = "env:NCCO_TEST_SECRET" }}

[profiles.test.api]
address = "{address}"

[profiles.test.documents]
store = "public"
url = "{public}/documents"

[profiles.test.applications.main]
flow = "main.flow"
name = "Shop"
numbers = ["+31 20 123 4567"]
event_url = "{public}/webhooks/event"
"""


class Watched:
    """A project whose commands are run; their output and files are searched for secrets."""

    def __init__(self, folder: Path, provider: str, emulator: Running) -> None:
        self.folder = folder
        self.provider = provider
        self.emulator = emulator
        self.write(emulator.address)
        (folder / "main.flow").write_text('talk "Hello."\n')

    def write(self, address: str) -> None:
        (self.folder / "ncco.toml").write_text(toml(self.provider, address, self.emulator.address))

    def __call__(self, *arguments: str, code: int, is_logged: bool = True, **env: str) -> str:
        """Run a command; return what it printed, and what all libraries logged."""
        done = run(arguments, self.folder, {**ENV, **env}, is_logged=is_logged)
        printed = (done.stdout + done.stderr).decode()
        assert done.returncode == code, printed
        assert "Traceback" not in printed
        self.check(printed)
        for path in self.folder.rglob("*"):
            if path.is_file() and path.suffix != ".pem":
                self.check(path.read_bytes().decode("utf-8", "replace"))
        return printed

    def secrets(self) -> list[str]:
        """Return all secrets: those of the profile, tokens, and the lines of private keys."""
        pems = [path.read_text() for path in self.folder.rglob("*.pem")]
        lines = [line for pem in pems for line in pem.splitlines() if not line.startswith("-----")]
        return [SECRET, "s3cret%2B", PAIR, PROXY, SIGNATURE, *self.emulator.account.tokens, *lines]

    def check(self, text: str) -> None:
        assert [secret for secret in self.secrets() if secret in text] == [], text
        assert JWT.search(text) is None, text
        assert AUTHORIZATION.search(text) is None, text


@pytest.fixture(params=["vonage", "kpn"])
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    options = EmulatorOptions(
        provider=request.param,
        documents=str(tmp_path / "public"),
        limits=False,
        speed=50,
        api_key=KEY,
        api_secret=SECRET,
        client_id=KEY,
        client_secret=SECRET,
        signature_secret=SIGNATURE,
    )
    (tmp_path / "public").mkdir()
    with running(options) as emulator:
        yield Watched(tmp_path, request.param, emulator)
        assert not any(secret in repr(options) for secret in (SECRET, SIGNATURE))


def test_what_people_do(watched: Watched) -> None:
    watched("deploy", "--plan", code=0)
    watched("deploy", "--plan", "--json", code=0)
    watched("deploy", "--plan", "-o", "plan.json", code=0)
    watched("deploy", "plan.json", "--yes", code=0)
    watched("deploy", "--yes", code=0)
    watched("deploy", "--drift", "--json", code=0)
    watched("deploy", "--history", "--json", code=0)
    assert "completed" in watched(*CALL, code=0)
    watched("calls", code=0)
    watched("calls", "--json", code=0)
    watched("apps", code=0)
    watched("apps", "Shop", "--json", code=0)
    watched("recording", f"{watched.emulator.address}/v1/files/{APP}", "-o", "a.wav", code=0)
    assert (watched.folder / "a.wav").stat().st_size > 1000
    watched("destroy", "--yes", code=0)
    used = watched.emulator.account.used if watched.provider == "vonage" else watched.emulator.account.tokens
    assert used
    assert not any(secret in json.dumps(list(watched.emulator.account.requests)) for secret in watched.secrets())


ECHO = {"title": f"you sent {SECRET}, {PAIR} and s3cret%2B%2FQQ22%3D%3D", "detail": SECRET, "error-code-label": SECRET}
FAULTS = {
    "401": Fault(kind="status", status=401, body=ECHO, times=0),
    "400": Fault(kind="status", status=400, body={**ECHO, "invalid_parameters": [{"name": SECRET}]}, times=0),
    "500": Fault(
        kind="status", status=500, body=ECHO, headers={"X-Echo": f"Basic {PAIR}", "Retry-After": "0"}, times=0
    ),
    "elsewhere": Fault(
        kind="status", status=302, headers={"Location": f"https://elsewhere.test/?api_secret={SECRET}"}, times=0
    ),
    "html": Fault(kind="status", status=200, body=f"<html>{SECRET}</html>", times=0),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_a_provider_repeats(watched: Watched, kind: str) -> None:
    watched("deploy", "--yes", code=0)
    (watched.folder / "main.flow").write_text('talk "Goodbye."\n')
    watched.emulator.account.faults.add(FAULTS[kind])
    # Without logging: httpcore writes the headers of responses at DEBUG, and the server decides what they hold.
    for arguments in (("deploy", "--yes"), CALL, ("apps",), ("destroy", "--yes")):
        watched(*arguments, code=3, is_logged=False)
    state = watched.folder / ".ncco/test.state.json"
    assert state.is_file()


def test_a_proxy_with_a_password(watched: Watched) -> None:
    watched.write("https://provider.test")
    for proxy in (f"http://user:{PROXY}@127.0.0.1:1", f"nothing://user:{PROXY}@127.0.0.1:1"):
        said = watched("apps", code=3, HTTPS_PROXY=proxy, https_proxy=proxy, NO_PROXY="", no_proxy="")
        assert "proxy" in said or "provider.test" in said


# ── In the program ──


def test_logging_of_all_libraries_shows_no_token(caplog: pytest.LogCaptureFixture) -> None:
    """The library httpx logs method, URL and status; httpcore logs steps and headers of responses, never of requests."""
    caplog.set_level(logging.DEBUG)
    with serving() as server, HttpClient(connect=5, read=5) as wire:
        for client in (fakes.vonage(server, wire, Time()), fakes.kpn(server, wire, Time())):
            base = "/v2/applications" if client.name == "vonage" else f"{fakes.KPN}/applications"
            calls = "/v1/calls" if client.name == "vonage" else f"{fakes.KPN}/voice/calls"
            server.on("GET", f"{base}/{APP}", Answer(json=fakes.application()))
            server.on("GET", f"{calls}/{LEG}", Answer(json=fakes.call()))
            client.read_application(APP)
            client.read_call(APP, LEG)
        sent = [
            asked.headers["authorization"].split(" ")[1] for asked in server.asked if "authorization" in asked.headers
        ]
    assert len(sent) == 4
    assert "httpcore" in caplog.text
    assert not any(secret in caplog.text for secret in (*sent, *fakes.SECRETS))


def shown(value: object, seen: set[int]) -> Iterator[str]:
    """Yield the `repr` of an object and of all objects of our own that it holds."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if type(value).__module__.startswith("ncco_lang"):
        yield repr(value)
        names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        for name in (*names, *getattr(value, "__dict__", {})):
            yield from shown(getattr(value, name, None), seen)


def test_repr_shows_no_secret() -> None:
    pair = make_key_pair()
    with serving() as server:
        server.on("GET", f"{fakes.KPN}/applications/{APP}", Answer(json=fakes.kpn_application()))
        kpn = fakes.kpn(server, None, Time())
        kpn.read_application(APP)
        vonage = fakes.vonage(server, None, Time())
        session = Session(secrets=(SECRET,), profile="live")
        things: list[Any] = [kpn, vonage, session, Basic(KEY, SECRET), Bearer(SECRET), HttpClient(), pair]
        things += [SignedJwt(APP, lambda _: pair.private, Time()), Authority("", SECRET), Issued("", SECRET)]
        things += [ClientCredentials(session, "https://a.test", KEY, SECRET, Time())]
        things += [
            Request(method="GET", url="https://a.test", query=(("a", SECRET),), headers={"a": SECRET}, json=SECRET)
        ]
        things += [Response(status=200, headers={"a": SECRET}, content=SECRET.encode())]
        texts = [text for thing in things for text in shown(thing, set())]
        kpn.close()
        vonage.close()
    assert len(texts) > len(things)
    lines = [line for line in pair.private.splitlines() if not line.startswith("-----")]
    assert not any(secret in text for secret in (SECRET, PAIR, *fakes.SECRETS, *lines) for text in texts)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503])
def test_no_traceback_shows_what_was_repeated(server: Scripts, status: int) -> None:
    """The response repeats the request in its title; the whole chain of errors is searched, with its attributes."""

    def repeated(asked: Asked) -> Answer:
        sent = asked.headers.get("authorization", "") + asked.body.decode()
        return Answer(status, json={"title": sent, "detail": sent, "invalid_parameters": {sent: sent}})

    with HttpClient(connect=5, read=5) as wire:
        for client in (fakes.vonage(server, wire, Time()), fakes.kpn(server, wire, Time())):
            base = "/v2/applications" if client.name == "vonage" else f"{fakes.KPN}/applications"
            calls = "/v1/calls" if client.name == "vonage" else f"{fakes.KPN}/voice/calls"
            for method, path in (("GET", base), ("POST", base), ("GET", calls), ("GET", f"{calls}/{LEG}")):
                server.on(method, path, repeated)
            server.on("GET", f"{base}/{APP}", repeated)
            if client.name == "kpn" and status == 403:
                server.on("POST", fakes.TOKEN, repeated)
            for act in (
                lambda client=client: client.create_application(SETTINGS),
                lambda client=client: client.read_call(APP, LEG),
                lambda client=client: list(client.list_calls(APP)),
            ):
                with pytest.raises(ApiError) as caught:
                    act()
                text = "".join(traceback.format_exception(caught.value)) + everything(caught.value)
                sent = [
                    asked.headers["authorization"].split(" ")[1]
                    for asked in server.asked
                    if "authorization" in asked.headers
                ]
                assert not any(secret in text for secret in (*fakes.SECRETS, *sent[-1:])), text


def everything(failed: BaseException | None) -> str:
    """Return the content of an error and of its causes."""
    text = ""
    while failed is not None:
        text += f"{failed!r} {failed.args} {vars(failed)}"
        failed = failed.__cause__ or failed.__context__
    return text


@pytest.fixture
def server() -> Iterator[Scripts]:
    with serving() as scripts:
        yield scripts
