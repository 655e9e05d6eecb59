"""What `ncco serve` makes of the answers of servers, and what its log has of each."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest

from ncco_lang.net.async_client import AsyncHttpClient
from ncco_lang.runtime.answers import Answered, Pending
from ncco_lang.serve.applications import Sources
from ncco_lang.serve.log_lines import event_line
from ncco_lang.serve.lookups import Lookups
from ncco_lang.serve.service import open_service
from ncco_lang.values.event_urls import Address
from ncco_lang.workspace.projects import Choices
from tests.shells.http_server import Answer, serving

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


def test_the_log_says_that_a_text_is_too_long_to_be_said(tmp_path: Path) -> None:
    _, (line, body) = looked_up(tmp_path, Answer(json={"a": "a" * 100_000}))
    assert line.endswith(" (the call takes the route for failures)")
    assert b"aaa" not in body
    _, (line, _) = looked_up(tmp_path, Answer(json={"a": "a"}))
    assert "(" not in line


def looked_up(folder: Path, answer: Answer) -> tuple[list[str], tuple[str, bytes]]:
    """Return the lines of the lookups of a call that begins, the line of its event, and the document."""
    lines = list[str]()
    with serving() as server:
        server.on("GET", "/a", answer)
        (folder / "ncco.toml").write_text("")
        (folder / "look.flow").write_text(FLOW.format(address=server.address))
        service = open_service(
            Sources((str(folder / "look.flow"),), Choices(base_url="http://127.0.0.1:1")), tell=lines.append
        )
        (served,) = service.applications
        address = Address(service.keys[0].part("look"), "answer")
        fields = {"uuid": "leg", "conversation_uuid": "CON-leg"}

        def ask() -> Answered | Pending:
            return service.answer(served, address, fields, time.time())

        async def answered() -> Answered:
            async with AsyncHttpClient(allow=["127.0.0.1"]) as client:
                return await Lookups(client, service).answer("look", ask)

        try:
            found = asyncio.run(answered())
        finally:
            service.close()
    return lines, (event_line("look", found), found.body)
