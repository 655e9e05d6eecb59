"""Test `ncco serve` as a user starts it: what it prints, keeps and refuses."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ncco_lang.serve.addresses import webhook_urls
from ncco_lang.serve.keys import read_keys
from ncco_lang.tokens.jwt import payload_of_query, sign_webhook
from ncco_lang.tokens.sealed import TokenKey
from ncco_lang.workspace.errors import SettingsError
from tests.shells.serving import CALL, MENU, NOTIFY, Call, free_port, keys, query, send, served, status
from tests.shells.shell import NCCO, ROOT, Process, Shell, environment, in_shell

SETTINGS = """\
profile = "live"

[serve]
key = "file:serve.key"

[profiles.live]
provider = "vonage"
base_url = "https://calls.example.com/voice"
params = { word = "profile" }
credentials = { api_key = "env:A", api_secret = "env:B", signature_secret = "file:secret.txt" }

[profiles.live.applications.shop]
flow = "menu.flow"

[profiles.live.applications.closed]
flow = "closed.flow"
params = { word = "application" }
signed_callbacks = false
"""
CLOSED = 'param word: text = "none"\ntalk "We are closed, says the {word}."\n'
SECRET = "the secret of the account"


def project(ncco: Shell) -> None:
    ncco.write("ncco.toml", SETTINGS)
    ncco.write("menu.flow", MENU)
    ncco.write("closed.flow", CLOSED)
    ncco.write("serve.key", "k" * 32 + "\n" + "o" * 32 + "\n")
    ncco.write("secret.txt", SECRET)


def test_it_serves_all_applications_of_the_profile(ncco: Shell) -> None:
    project(ncco)
    with served(ncco) as server:
        key = TokenKey("k" * 32)
        base = "https://calls.example.com/voice"
        assert server.urls == {name: webhook_urls(base, key, name).answer for name in ("shop", "closed")}
        here = {name: server.address + urlsplit(url).path for name, url in server.urls.items()}
        closed = send(query(here["closed"], CALL))
        assert closed.json() == [{"action": "talk", "text": "We are closed, says the application."}]
        # A proxy may leave the path of the base URL out; a part made with the other key works too.
        old = server.address + urlsplit(webhook_urls("http://x", TokenKey("o" * 32), "closed").answer).path
        assert send(query(old, CALL)).content == closed.content
        assert send(query(here["shop"], CALL)).status == 503
        token = _signed(payload_of_query(CALL.items()))
        answered = send(query(here["shop"], CALL), authorization=f"Bearer {token}")
        assert answered.status == 200
        (url,) = [each["eventUrl"][0] for each in answered.json() if each["action"] == "input"]
        assert url.startswith(webhook_urls(base, key, "shop").answer.removesuffix("answer") + "i/")
        _, err = server.end()
    assert SECRET not in err
    assert "the file serve.key can be read by everybody" in err
    assert not (ncco.folder / ".ncco" / "serve" / "key").exists()


def _signed(payload: bytes, secret: str = SECRET) -> str:
    return sign_webhook(secret, payload=payload, api_key="a", application_id=None, now=time.time())


def test_signatures_are_verified(ncco: Shell) -> None:
    project(ncco)
    with served(ncco, "--base-url", "http://127.0.0.1") as server:
        shop = server.address + urlsplit(server.urls["shop"]).path
        body = json.dumps(CALL, separators=(",", ":")).encode()
        tokens = {
            200: f"Bearer {_signed(body)}",
            401: f"Bearer {_signed(body, 'another secret')}",
            503: "Basic abc",
        }
        for code, header in tokens.items():
            assert send(shop, CALL, authorization=header).status == code
        assert send(shop, CALL, authorization=f"Bearer {_signed(b'{}')}").status == 401
        assert send(shop, CALL).status == 503


def test_what_it_keeps_is_for_its_owner_and_out_of_version_control(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    with served(ncco, "menu.flow") as server:
        folder = ncco.folder / ".ncco" / "serve"
        kept = [path for path in folder.rglob("*") if path.is_file() and path.name != ".gitignore"]
        assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
        assert (folder / ".gitignore").read_text() == "*\n"
        key = (folder / "key").read_text()
        assert send(f"{server.address}/healthz").json() == {"status": "ok"}
        first = server.answer
        assert server.end(signal.SIGINT)[0] == 130
    with served(ncco, "menu.flow") as server:
        assert urlsplit(server.answer).path == urlsplit(first).path
        assert server.end() == (0, "")
    assert (folder / "key").read_text() == key
    assert not (folder / "calls.sqlite-wal").exists()


def test_it_prints_how_to_be_reached_from_outside(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    with served(ncco, "menu.flow") as server:
        assert server.process.stdout is not None
        hints = [server.process.stdout.readline().decode() for _ in range(5)]
        assert hints[1] == f"  cloudflared tunnel --url {server.address}\n"
        assert "--base-url" in hints[4]


def test_bundles_are_served(ncco: Shell) -> None:
    ncco.write("flows/menu.flow", MENU)
    ncco("compile", "flows/menu.flow", "-o", "build/", code=0)
    (ncco.folder / "flows").rename(ncco.folder / "gone")
    with served(ncco, "build") as server:
        assert list(server.urls) == ["build"]
        assert Call(server.answer).first == "Press 1 for the desk."


def test_forged_tokens_and_paths_change_nothing(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    ncco.write("other.flow", MENU)
    with served(ncco, "menu.flow", "other.flow") as server:
        call, other = Call(server.urls["menu"]), Call(server.urls["other"])
        url = call.url("input")
        base, token = url.rsplit("/", 1)
        wrong = [
            f"{base}/{token[:-2]}AA",
            f"{base}/{token[:30]}",
            f"{base}/{'A' * 200}",
            f"{base}/{other.url('input').rsplit('/', 1)[1]}",
            url.replace("/i/", "/j/"),
            url.replace("/i/", "/x/"),
            f"{url}/more",
            f"{url}%00",
            server.address,
            f"{server.address}/ncco-{'A' * 22}/answer",
            f"{server.address}/answer",
        ]
        for each in wrong:
            answer = send(each, {**NOTIFY, **keys("1")})
            assert (answer.status, answer.content) == (404, b""), each
        call.to("input", keys("1"))
        assert call.first == "One moment."
        assert send(call.url("connect"), status("answered")).status == 200


def test_bodies_are_limited(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    ncco.write("ncco.toml", "[serve]\nrequest_seconds = 1\n")
    with served(ncco, "menu.flow") as server:
        assert send(server.answer, {**CALL, "more": "x" * (256 << 10)}).status == 413
        assert _raw(server.answer, "transfer-encoding: chunked", b"10000\r\n" + b"x" * 65536 + b"\r\n", 5) == 413
        assert _raw(server.answer, "content-length: 3", b"[1]") == 400
        assert _raw(server.answer, "content-length: 300", b"[" * 300) == 400
        assert _raw(server.answer, "content-length: 2", b"{}") == 400
        assert _raw(server.answer, "content-length: 20", b"{") == 408
        assert _raw(server.answer, "x: y", b"", unfinished=True) == 0
        assert _raw(server.answer, "x: " + "y" * 300_000, b"") == 0
        assert Call(server.answer).first == "Press 1 for the desk."


def _raw(url: str, header: str, body: bytes, times: int = 1, *, unfinished: bool = False) -> int:
    """Send a POST; return the status of the response, 0 if the connection is cut."""
    parts = urlsplit(url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=20) as wire:
        head = f"POST {parts.path} HTTP/1.1\r\nhost: x\r\n{header}\r\n" + ("" if unfinished else "\r\n")
        try:
            wire.sendall(head.encode())
            for _ in range(times):
                wire.sendall(body)
            answer = wire.recv(1000)
        except ConnectionError:
            return 0
    return int(answer.split()[1]) if answer else 0


@pytest.mark.parametrize(("more", "code"), [('fallback_url = "/fallback"', 503), ("", 200)])
def test_overload_is_answered_with_503_or_a_short_document(ncco: Shell, more: str, code: int) -> None:
    ncco.write("menu.flow", MENU)
    profile = (
        f'[profiles.a]\nbase_url = "http://127.0.0.1:1"\n[profiles.a.applications.menu]\nflow = "menu.flow"\n{more}\n'
    )
    # The wrong setting of another profile is reported, and changes nothing here.
    other = '[profiles.b]\njoins = "sometimes"\n'
    ncco.write("ncco.toml", f'profile = "a"\n[serve]\nmax_requests = 1\n{profile}{other}')
    with served(ncco) as server:
        call = Call(server.answer)
        parts = urlsplit(server.answer)
        with socket.create_connection((str(parts.hostname), parts.port or 0)) as slow:
            slow.sendall(f"POST {parts.path} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n".encode())
            assert server.process.stderr is not None
            answered = send(query(server.answer, CALL))
            assert answered.status == code
            if code == 200:
                texts = [each.get("text") for each in answered.json()]
                assert texts == ["Sorry, something went wrong.", "Leave a message.", None]
            assert send(call.url("input"), keys("1")).status == 503
        _, err = server.end()
        assert "overloaded" in err
        assert "one setting is wrong and left out; the others hold" in err


def test_what_cannot_be_served_is_refused(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    ncco.write("wrong.flow", 'tlak "Hello."\n')
    ncco.write("a/menu.flow", MENU)
    ncco.write("short.toml", '[serve]\nkey = "env:SHORT"\n')
    ncco.write("ncco.json", "[]")
    cases: list[tuple[tuple[str, ...], str]] = [
        ((), "there is nothing to serve"),
        (("wrong.flow",), "has errors"),
        (("gone.flow",), "no such file"),
        (("menu.flow", "a/menu.flow"), 'the application "menu"'),
        (("ncco.json",), "not a bundle"),
        (("a",), "no bundle.json"),
        (("menu.flow", "--host", "0.0.0.0"), "--behind-proxy"),
        (("menu.flow", "--tls-cert", "a.pem"), "go together"),
        (("menu.flow", "--tls-cert", "a.pem", "--tls-key", "b.pem"), "TLS"),
        (("menu.flow", "--profile", "x"), 'no profile "x"'),
        (("menu.flow", "--base-url", "calls"), "--base-url"),
    ]
    for arguments, words in cases:
        _, err = ncco("serve", "--port", "0", *arguments, code=2)
        assert words in err.replace("\n", " "), (arguments, err)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        _, err = ncco("serve", "menu.flow", "--port", str(taken.getsockname()[1]), code=2)
        assert "--port takes another" in err
    (ncco.folder / "short.toml").rename(ncco.folder / "ncco.toml")
    _, err = ncco("serve", "menu.flow", "--port", "0", code=2, env={"SHORT": "hunter2"})
    assert "takes 32 or more" in err
    assert "hunter2" not in err
    ncco.write("ncco.toml", "[serve]\nport = 70000\n")
    assert "70000" in ncco("serve", "menu.flow", "--port", "0", code=2)[1]


def test_another_asgi_server_can_run_it(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    ncco.write("ncco.toml", '[profiles.a]\n[profiles.a.applications.menu]\nflow = "menu.flow"\n')
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "ncco_lang.serve:create_app", "--port", str(port)]
    base = f"http://127.0.0.1:{port}"
    env = environment({"NCCO_PROFILE": "a", "NCCO_BASE_URL": base, "PYTHONPATH": str(ROOT)})
    with subprocess.Popen(command, cwd=ncco.folder, env=env, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            while b"running on" not in (line := process.stderr.readline()):
                assert line, process.wait()
            key = TokenKey((ncco.folder / ".ncco/serve/key").read_text().strip())
            assert Call(webhook_urls(base, key, "menu").answer).first == "Press 1 for the desk."
        finally:
            process.terminate()


def test_a_deploy_makes_no_key_for_another_machine(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="give the key of the server"):
        read_keys(None, str(tmp_path), tmp_path, makes=False)
    made = read_keys(None, str(tmp_path), tmp_path)
    again = read_keys(None, str(tmp_path), tmp_path, makes=False)
    assert [each.id for each in again] == [each.id for each in made]


def test_a_damaged_store_is_refused_and_a_damaged_version_is_left_out(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    ncco.write(".ncco/serve/bundles/menu/0123456789ab.json", "{")
    ncco.write(".ncco/serve/calls.sqlite", "no database" * 100)
    assert "call store" in ncco("serve", "menu.flow", "--port", "0", code=2)[1]
    (ncco.folder / ".ncco/serve/calls.sqlite").unlink()
    with served(ncco, "menu.flow") as server:
        assert Call(server.answer).first == "Press 1 for the desk."
    assert not (ncco.folder / ".ncco/serve/bundles/menu/0123456789ab.json").exists()


def test_a_full_disk_refuses_to_serve(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    done = in_shell(ncco, 'ulimit -f 0; exec "$@"', "serve", "menu.flow", "--port", "0")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


class _NearlyFull(Shell):
    """Runs `ncco` on a disk that is nearly full: no file may have more than 200 or 400 KiB."""

    def serve(self, *arguments: str) -> Process:
        command = ["/bin/sh", "-c", 'ulimit -f 400; exec "$@"', "sh", *NCCO, "serve", *arguments]
        env, pipe = environment({}), subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, env=env, stdout=pipe, stderr=pipe)


def test_a_disk_that_fills_up_ends_no_call_and_shows(ncco: Shell) -> None:
    ncco.write("menu.flow", MENU)
    with served(_NearlyFull(ncco.folder), "menu.flow", "-q") as server:
        calls = count()
        while send(f"{server.address}/healthz").status == 200:
            Call(server.answer, leg=f"leg{next(calls)}").to("input", keys("7"))
        call = Call(server.answer)
        call.to("input", keys("1"))
        assert call.first == "One moment."
        (ncco.folder / ".ncco/serve/calls.sqlite").unlink()
        while send(f"{server.address}/healthz").status != 200:
            pass
        call.to("connect", status("busy"))
        assert call.first == "The desk is busy."
        code, err = server.end()
    assert code == 0
    said = [line.partition(" the call store ")[2] for line in err.splitlines() if "cannot be tidied" not in line]
    assert said[0].startswith("fails: d")
    assert said[1:] == ["was deleted or replaced; it is open again", "works again"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_cannot_print_its_addresses_ends(ncco: Shell, workers: str) -> None:
    ncco.write("menu.flow", MENU)
    done = in_shell(ncco, 'exec "$@" > /dev/full', "serve", "menu.flow", "--port", "0", "--workers", workers)
    assert (done.returncode, done.stderr.splitlines()[-1][:35]) == (2, "ncco: the output cannot be written:")


def test_tls(ncco: Shell, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from ncco_lang.net.http_client import HttpClient
    from ncco_lang.net.types import Request
    from ncco_lang.tokens.certificates import issue, make_authority

    now = datetime.now(UTC)
    authority = make_authority(now)
    issued = issue(authority, ["127.0.0.1"], now)
    ncco.write("ca.pem", authority.certificate)
    ncco.write("cert.pem", issued.certificate)
    ncco.write("key.pem", issued.private)
    ncco.write("menu.flow", MENU)
    with (
        served(ncco, "menu.flow", "--host", "0.0.0.0", "--tls-cert", "cert.pem", "--tls-key", "key.pem") as server,
        HttpClient(ca=str(tmp_path / "ca.pem")) as wire,
    ):
        assert server.address.startswith("https://127.0.0.1:")
        assert wire.send(Request(method="GET", url=f"{server.address}/healthz")).status == 200
