"""Test invalid messages from a client, and how the server starts and ends."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ncco_lang.lsp.answers import DocumentRequest
from ncco_lang.lsp.capabilities import Capability
from ncco_lang.lsp.frames import Frames
from ncco_lang.lsp.server import answering, make_server
from ncco_lang.lsp.uris import name_of, path_of, uri_of
from tests.shells.lsp_client import LONGEST, SERVER, span, talking
from tests.shells.shell import Shell, in_shell
from tests.shells.shell import run as run_ncco

HELLO: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}


def message(method: str, params: Any = None, number: int | None = None) -> bytes:
    body: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    if number is not None:
        body["id"] = number
    return framed(json.dumps(body).encode())


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


GREETING = message("initialize", HELLO, 1) + message("initialized", {})
GOODBYE = message("shutdown", None, 99) + message("exit")


def run(folder: Path, *messages: bytes) -> tuple[int, list[Any], str]:
    """Run the server with some bytes; return its exit code, its messages and its standard error."""
    done = run_ncco(["lsp"], folder, {}, b"".join(messages))
    sent, rest = [], done.stdout
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].split(b"\r")[0])
        sent.append(json.loads(rest[:length]))
        rest = rest[length:]
    return done.returncode, sent, done.stderr.decode()


def answer(sent: list[Any], number: int) -> Any:
    return next(each for each in sent if each.get("id") == number)


def test_it_goes_when_it_is_told_to(tmp_path: Path) -> None:
    code, sent, complaints = run(tmp_path, GREETING, GOODBYE)
    assert code == 0
    assert answer(sent, 1)["result"]["serverInfo"]["name"] == "ncco"
    assert complaints == ""


def test_it_goes_with_1_when_nobody_said_goodbye(tmp_path: Path) -> None:
    assert run(tmp_path, GREETING, message("exit"))[0] == 1
    assert run(tmp_path, GREETING)[0] == 1
    assert run(tmp_path)[0] == 1
    assert run(tmp_path, GREETING, b"Content-Length: 99\r\n\r\nhalf a mess")[0] == 1


def test_it_says_why_it_goes_with_1(tmp_path: Path) -> None:
    for stream in (b"", b"hello", b"GET / HTTP/1.1\r\n\r\n"):
        code, sent, complaints = run(tmp_path, stream)
        assert (code, sent) == (1, [])
        assert complaints.splitlines()[-1] == (
            "ncco lsp: standard input ended before an initialize request; docs/editors.md says how an editor starts the server"
        )
    assert run(tmp_path, GREETING)[2] == "ncco lsp: the client disconnected without a shutdown request\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_ends_it_while_it_waits(tmp_path: Path, number: int, code: int) -> None:
    with subprocess.Popen(SERVER, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            server.stdin.write(GREETING)
            server.stdin.flush()
            assert server.stdout.readline().startswith(b"Content-Length")
            server.send_signal(number)
            assert server.wait(LONGEST) == code
        finally:
            server.kill()


def test_on_a_terminal_it_says_who_starts_it_and_how_it_ends(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen(SERVER, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE) as server:
        try:
            assert server.stderr is not None
            reported = server.stderr.readline().decode()
            assert reported.startswith("ncco lsp: an editor starts this")
            assert "docs/editors.md" in reported
            server.send_signal(signal.SIGINT)
            assert server.wait(LONGEST) == 130
        finally:
            server.kill()
            os.close(ours)
            os.close(theirs)


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_without_a_stream_there_is_nobody_to_talk_to(ncco: Shell, closed: str) -> None:
    done = in_shell(ncco, f'exec "$@" {closed}', "lsp")
    assert done.returncode == 2
    assert done.stderr.startswith("ncco: ncco lsp talks to an editor over standard input and output, and one of them")


@pytest.mark.parametrize(
    ("head", "reported"),
    [
        (b"Content-Length: 99999999999\r\n\r\n{", "a message has 99999999999 bytes, and at most 67108864 are read"),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{", 'is "9999999999999999999999999999999999999999"'),
        (b"Content-Length: -5\r\n\r\n{}", 'the Content-Length of a message is "-5", not a number of bytes'),
        (b"Content-Length: many\r\n\r\n{}", 'is "many", not a number of bytes'),
        (b"Content-Type: text/plain\r\n\r\n{}", "a message has no Content-Length"),
        (b"\r\n", "a message has no Content-Length"),
        (b"x" * 100_000, "headers that do not end"),
        (b"X-Header: x\r\n" * 1000, "headers that do not end"),
    ],
)
def test_what_is_no_message_ends_it(head: bytes, reported: str) -> None:
    """Test the reader of messages; `test_a_message_without_end` tests the server."""
    frames = Frames(io.BytesIO(head))
    lines = 0
    while frames.readline():
        lines += 1
    assert lines < 40
    assert frames.error is not None
    assert reported in frames.error


def test_a_message_without_end(tmp_path: Path) -> None:
    code, sent, complaints = run(tmp_path, GREETING, b"Content-Length: 99999999999\r\n\r\n{", GOODBYE)
    assert (code, [each.get("id") for each in sent]) == (1, [1])
    assert complaints == (
        "ncco lsp: a message has 99999999999 bytes, and at most 67108864 are read; the server stops\n"
    )


def test_headers_are_read_in_any_letter_case(tmp_path: Path) -> None:
    hello = GREETING.replace(b"Content-Length: ", b"content-type: application/json\r\nCONTENT-LENGTH:")
    code, sent, complaints = run(tmp_path, hello, b"Content-Length: 0\r\n\r\n", GOODBYE)
    assert (code, complaints) == (0, "")
    assert [each.get("id") for each in sent] == [1, 99]


def test_requests_out_of_season_are_refused(tmp_path: Path) -> None:
    opened = {"textDocument": {"uri": "untitled:a", "languageId": "flow", "version": 1, "text": "talk"}}
    request = {"textDocument": {"uri": "untitled:a"}, "position": {"line": 0, "character": 0}}
    code, sent, complaints = run(
        tmp_path,
        message("textDocument/didOpen", opened),
        message("textDocument/hover", request, 2),
        GREETING,
        message("textDocument/hover", request, 3),
        message("initialize", HELLO, 4),
        message("shutdown", None, 5),
        message("textDocument/hover", request, 6),
        message("shutdown", None, 7),
        message("exit"),
    )
    assert code == 0
    reported = [answer(sent, number).get("error", {}).get("code") for number in range(1, 8)]
    assert reported == [None, -32002, None, -32600, None, -32600, -32600]
    # A document that was opened before `initialize` is not open.
    assert answer(sent, 3)["result"] is None
    assert complaints == ""


def test_its_client_may_die(tmp_path: Path) -> None:
    server = subprocess.Popen(SERVER, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(GREETING)
        server.stdin.flush()
        assert server.stdout.readline().startswith(b"Content-Length")
        server.stdout.close()
        server.stdin.close()
        assert server.wait(LONGEST) == 1


def test_messages_that_make_no_sense_are_answered_or_passed_over(tmp_path: Path) -> None:
    uri = (tmp_path / "a.flow").as_uri()
    place = {"textDocument": {"uri": uri}, "position": {"line": -1, "character": -7}}
    nowhere = {"textDocument": {"uri": "file:///nowhere.flow"}, "position": {"line": 0, "character": 0}}
    change = {"contentChanges": [{"text": "x"}], "textDocument": {"uri": "file:///nowhere.flow", "version": 2}}
    code, sent, complaints = run(
        tmp_path,
        GREETING,
        framed(b"no JSON"),
        framed(b"[]"),
        framed(b'"text"'),
        message("textDocument/didChange", change),
        message("textDocument/didClose", {"textDocument": {"uri": "file:///nowhere.flow"}}),
        message("textDocument/didOpen", {"textDocument": 7}),
        message("textDocument/hover", place, 2),
        message("textDocument/hover", nowhere, 3),
        message("textDocument/hover", {}, 4),
        message("ncco/compile", None, 5),
        message("ncco/compile", ["a"], 6),
        message("ncco/none", {}, 7),
        message("$/cancelRequest", {"id": 1234}),
        GOODBYE,
    )
    assert code == 0
    assert [answer(sent, number).get("error", {}).get("code") for number in range(2, 8)] == [
        -32602,
        None,
        -32602,
        None,
        None,
        -32601,
    ]
    assert [each["method"] for each in sent if "window/showMessage" in each.values()] == []
    assert "a mistake of ours" not in complaints


@pytest.mark.asyncio
async def test_places_outside_of_the_text_are_its_ends(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'talk "a"\n')
        talk.type("menu.flow", (0, 500), (70, 3), ' level: 0.5\ntalk "b"')
        talk.type("menu.flow", (99, 0), (99, 0), "\n")
        # Backwards.
        version = talk.type("menu.flow", (0, 7), (0, 6), "é")
        assert await talk.codes("menu.flow", version) == []
        answered = await talk.ask("ncco/compile", {"uri": talk.uri("menu.flow")})
        behind = types.HoverParams(talk.at("menu.flow"), types.Position(2**31 - 1, 2**31 - 1))
        assert await talk.ask(types.TEXT_DOCUMENT_HOVER, behind) is None
        hints = types.InlayHintParams(talk.at("menu.flow"), span((900, 0), (1, 1)))
        assert not await talk.ask(types.TEXT_DOCUMENT_INLAY_HINT, hints)
    assert [line.strip() for line in answered.ncco.splitlines() if "text" in line] == ['"text": "é",', '"text": "b"']


@pytest.mark.asyncio
async def test_a_document_that_is_opened_twice_or_very_long(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.open("menu.flow", 'talk "a" premum\n')
        assert await talk.codes("menu.flow") == ["F331"]
        talk.open("menu.flow", 'talk "a"\n')
        assert await talk.codes("menu.flow") == []
        # One line of a megabyte, with many findings.
        talk.open("a.json", "[" + '{"action":"tlak"},' * 2000 + '"😀' + "x" * 1_000_000, "ncco")
        found = await talk.findings("a.json")
    assert found != []


def test_a_mistake_of_ours_answers_nothing_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(request: DocumentRequest) -> None:
        raise LookupError(request.document.uri)

    async def ask() -> Any:
        server = make_server()
        server.state.documents.open(types.TextDocumentItem("untitled:a", "flow", 1, 'talk "a"'))
        try:
            return await answering(server, Capability(fail))({"uri": "untitled:a"})
        finally:
            server.state.close()

    assert asyncio.run(ask()) is None
    reported = capsys.readouterr().err
    assert "a mistake of ours: LookupError" in reported
    assert "in fail" in reported
    # The document may hold a secret.
    assert "untitled:a" not in reported


def test_nobody_waits_for_what_would_only_be_shown_of_an_older_version() -> None:
    """The worker thread is busy while a request waits and the user keeps typing."""
    answered: list[int] = []
    free = threading.Event()

    def answer(request: DocumentRequest) -> int:
        answered.append(request.document.version)
        return request.document.version

    async def ask(*, is_shown: bool) -> Any:
        server = make_server()
        state = server.state
        state.documents.open(types.TextDocumentItem("untitled:a", "flow", 1, 'talk "a"'))
        busy = asyncio.create_task(state.run_on_worker(free.wait, LONGEST))
        row = answering(server, Capability(answer, is_shown=is_shown))
        older = asyncio.create_task(row({"uri": "untitled:a"}))
        await asyncio.sleep(0)  # both are waiting now
        state.documents.change("untitled:a", 2, [types.TextDocumentContentChangeWholeDocument('talk "b"')])
        newer = asyncio.create_task(row({"uri": "untitled:a"}))
        await asyncio.sleep(0)
        free.set()
        try:
            return await asyncio.gather(busy, older, newer, return_exceptions=True)
        finally:
            state.close()

    _, older, newer = asyncio.run(ask(is_shown=True))
    assert isinstance(older, JsonRpcException)
    assert older.code == -32801
    assert (newer, answered) == (2, [2])
    answered.clear()
    free.clear()
    assert asyncio.run(ask(is_shown=False))[1:] == [1, 2]
    assert answered == [1, 2]


def test_addresses_of_documents() -> None:
    assert path_of("file:///a%20b/%C3%BC%23.flow", windows=False) == "/a b/ü#.flow"
    assert path_of("file://localhost/a", windows=False) == "/a"
    assert path_of("file:///C%3A/Flows/a.flow", windows=True) == "c:/Flows/a.flow"
    assert path_of("file:///c:/Flows/a.flow", windows=True) == "c:/Flows/a.flow"
    assert path_of("file://server/share/a.flow", windows=True) == "//server/share/a.flow"
    for odd in ("untitled:Untitled-1", "https://a/b", "", "file:", "file://[", "file:///a%00b", "git:/a.flow?x"):
        assert path_of(odd, windows=False) is None
    assert [name_of(uri) for uri in ("untitled:a.flow", "file:///x/a%20b.flow", "", "git:/x/c.flow")] == [
        "a.flow",
        "a b.flow",
        "",
        "c.flow",
    ]
    for path in ("/a b/ü#?%.flow", "/a\udcff.flow"):
        assert path_of(uri_of(path, windows=False), windows=False) == path
    assert uri_of("c:\\a b\\x.flow", windows=True) == "file:///c:/a%20b/x.flow"
    assert uri_of("//server/share/x.flow", windows=True) == "file://server/share/x.flow"


def test_without_the_extra_it_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['pygls'] = None; sys.modules['lsprotocol'] = None\n"
    script = hidden + "from ncco_lang.cli.main import main; main(['lsp'])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "ncco: ncco lsp needs more than is installed: pip install 'ncco-lang[lsp]'\n"


def test_nothing_else_loads_the_protocol(ncco: Shell) -> None:
    ncco.write("a.flow", 'talk "a"\n')
    script = "import sys; from ncco_lang.cli.main import main\ntry: main(['check', 'a.flow'])\nfinally: print('pygls' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ncco.folder, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert done.stdout.endswith("False\n")
