"""What `ncco serve` makes of the answers of servers, and what its log has of each."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ncco_lang.net.transport import MOST_AT_ONCE
from ncco_lang.runtime.answers import Answered, Pending
from ncco_lang.serve.applications import Sources
from ncco_lang.serve.log_lines import event_line
from ncco_lang.serve.lookups import Lookups, open_client
from ncco_lang.serve.service import Service, open_service
from ncco_lang.tokens.certificates import issue, make_authority
from ncco_lang.values.event_urls import Address
from ncco_lang.workspace.projects import Choices
from tests.net import local_server
from tests.net.local_server import Asked, response
from tests.shells.http_server import Answer, serving
from tests.shells.serving import MENU
from tests.shells.shell import Shell

FLOW = """flow "Look"
default talk en-GB style: 1
step start {{
    fetch "{address}/a" into: found {{ otherwise -> sorry }}
    talk "Found {{found.a}}."
}}
step sorry {{ talk "Sorry." }}
"""
AWAY = "failed: 127.0.0.1 redirects to another host or port, or to http, which is not followed"


@pytest.mark.parametrize(
    ("answer", "words", "said"),
    [
        (Answer(json={"a": "it"}), "200", "Found it."),
        (Answer(204), "204", "Sorry."),
        (Answer(body=b"<html>"), "200 without JSON", "Sorry."),
        (Answer(json=[[]] * 10_000), "200 with more than 10,000 values", "Sorry."),
        (Answer(body=b" " * (1 << 20) + b"1"), "no response: the answer is larger than 1 MiB", "Sorry."),
        (Answer(301, headers={"Location": "http://169.254.169.254/"}), AWAY, "Sorry."),
        (Answer(cut="before"), "no response: 127.0.0.1 cut the connection before the answer was whole", "Sorry."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_an_answer_comes_to(tmp_path: Path, answer: Answer, words: str, said: str) -> None:
    lines, (_, body) = looked_up(tmp_path, answer)
    assert [re.sub(r" \d+ ms$", "", line) for line in lines] == [f"look leg GET 127.0.0.1/a {words}"]
    assert said.encode() in body


HANGING = """flow "Look"
default talk en-GB style: 1
step start {{
    if call.uuid == "good" {{
        fetch "http://{address}/good" {{ otherwise -> sorry }}
        talk "Found."
    }} else {{
        fetch "http://{address}/bad/{{call.uuid}}" {{ otherwise -> sorry }}
    }}
}}
step sorry {{ talk "Sorry." }}
"""


def test_a_path_that_hangs_leaves_the_others_of_its_host(tmp_path: Path) -> None:
    async def handler(asked: Asked) -> bytes | None:
        if "bad" in asked.target:
            await asked.end()
            return None
        return response()

    async def test() -> None:
        async with local_server.serving(handler) as server:
            service = opened(tmp_path, HANGING.format(address=server.address))
            async with open_client(service) as client:
                lookups = Lookups(client, service)
                calls = [
                    asyncio.create_task(lookups.answer("look", asking(service, f"leg{number}")))
                    for number in range(MOST_AT_ONCE)
                ]
                await server.until(lambda now: len(now.asked) == MOST_AT_ONCE // 2)
                assert b"Found." in (await lookups.answer("look", asking(service, "good"))).body
                for each in calls:
                    each.cancel()
                await asyncio.gather(*calls, return_exceptions=True)
            service.close()

    asyncio.run(test())


def test_the_log_says_that_a_text_is_too_long_to_be_said(tmp_path: Path) -> None:
    _, (line, body) = looked_up(tmp_path, Answer(json={"a": "a" * 100_000}))
    assert line.endswith(" (the call takes the route for failures)")
    assert b"aaa" not in body
    _, (line, _) = looked_up(tmp_path, Answer(json={"a": "a"}))
    assert "(" not in line


def test_an_authority_of_the_settings_is_trusted(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    authority = make_authority(now)
    issued = issue(authority, ["127.0.0.1"], now)
    for name, text in (("ca", authority.certificate), ("cert", issued.certificate), ("key", issued.private)):
        (tmp_path / f"{name}.pem").write_text(text)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    _, (_, body) = looked_up(tmp_path, Answer(json={"a": "it"}), tls, 'ca = "ca.pem"')
    assert b"Found it." in body
    (tmp_path / "without").mkdir()
    (line,), _ = looked_up(tmp_path / "without", Answer(json={"a": "it"}), tls)
    assert "no trusted authority vouches for 127.0.0.1" in line
    assert "`ca` below [serve]" in line


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone.pem", "there is no such file"),
        ("ncco.toml", "it is not a PEM file of certificates"),
        (".", "it is a folder"),
        ("pipe", "it is a pipe, not a file"),
    ],
)
def test_a_file_of_authorities_that_cannot_be_used_is_reported_at_the_start(ncco: Shell, name: str, why: str) -> None:
    ncco.write("menu.flow", MENU)
    ncco.write("ncco.toml", f'[serve]\nallow = []\nca = "{name}"\n')
    os.mkfifo(ncco.folder / "pipe")
    _, err = ncco("serve", "menu.flow", "--port", "0", code=2)
    lines = err.splitlines()
    assert lines[0].startswith("ncco.toml:3:1: error ")
    assert lines[0].endswith(f'the certificates in "{name}" cannot be read: {why}')
    assert lines[-1] == "ncco: ncco.toml: [serve] is wrong, so nothing was done; correct it first"


def looked_up(
    folder: Path, answer: Answer, tls: ssl.SSLContext | None = None, setting: str = ""
) -> tuple[list[str], tuple[str, bytes]]:
    """Return the lines of the lookups of a call that begins, the line of its event, and the document."""
    lines = list[str]()
    with serving(tls) as server:
        server.on("GET", "/a", answer)
        service = opened(folder, FLOW.format(address=server.address), setting, lines.append)

        async def answered() -> Answered:
            async with open_client(service) as client:
                return await Lookups(client, service).answer("look", asking(service, "leg"))

        try:
            found = asyncio.run(answered())
        finally:
            service.close()
    return lines, (event_line("look", found), found.body)


def opened(folder: Path, flow: str, setting: str = "", tell: Callable[[str], None] = lambda _: None) -> Service:
    """Return a service of a flow whose lookups may go to this machine."""
    (folder / "ncco.toml").write_text(f'[serve]\nallow = ["127.0.0.1"]\n{setting}\n')
    (folder / "look.flow").write_text(flow)
    return open_service(Sources((str(folder / "look.flow"),), Choices(base_url="http://127.0.0.1:1")), tell=tell)


def asking(service: Service, leg: str) -> Callable[[], Answered | Pending]:
    """Return what asks the runtime for the answer to a call that begins."""
    (served,) = service.applications
    address = Address(service.keys[0].part("look"), "answer")
    fields = {"uuid": leg, "conversation_uuid": f"CON-{leg}"}
    return lambda: service.answer(served, address, fields, time.time())
