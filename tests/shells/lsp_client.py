"""A client that talks to `ncco lsp` over its standard input and output, and records what it receives."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.io_ import run_async
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import make_test_lsp_client

from tests.shells import fork_server
from tests.shells.shell import NCCO, environment, forks

SERVER = (*NCCO, "lsp")
LONGEST = 30.0


class Talk:
    """A session with documents that are named by their paths in a folder."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.can = types.ServerCapabilities()
        self.reported: list[types.PublishDiagnosticsParams] = []
        self._news = asyncio.Event()
        self._versions: dict[str, int] = {}

    def hear(self, params: types.PublishDiagnosticsParams) -> None:
        self.reported.append(params)
        self._news.set()

    def uri(self, name: str) -> str:
        return name if ":" in name else (self.folder / name).as_uri()

    def at(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str, language: str = "plaintext") -> None:
        self._versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def write(self, name: str, text: str) -> int:
        """Replace the text of a document; return its version."""
        return self.change(name, types.TextDocumentContentChangeWholeDocument(text))

    def type(self, name: str, start: tuple[int, int], end: tuple[int, int], text: str) -> int:
        """Replace the text of a range; return the version."""
        return self.change(name, types.TextDocumentContentChangePartial(span(start, end), text))

    def change(self, name: str, *changes: types.TextDocumentContentChangeEvent) -> int:
        version = self._versions[name] = self._versions[name] + 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=version)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, changes))
        return version

    def close(self, name: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.at(name)))

    async def findings(self, name: str, version: int | None = 1) -> list[types.Diagnostic]:
        """Wait for the diagnostics of a version of a document, and return them."""
        uri = self.uri(name)
        async with asyncio.timeout(LONGEST):
            while True:
                for params in self.reported:
                    if params.uri == uri and params.version == version:
                        self.reported.remove(params)
                        return list(params.diagnostics)
                self._news.clear()
                await self._news.wait()

    async def codes(self, name: str, version: int | None = 1) -> list[Any]:
        """Return the codes of the diagnostics of a version of a document."""
        return [finding.code for finding in await self.findings(name, version)]

    async def ask(self, method: str, params: Any) -> Any:
        """Send a request by its method, and return the result."""
        async with asyncio.timeout(LONGEST):
            protocol: Any = self.client.protocol
            return await protocol.send_request_async(method, params)


def span(start: tuple[int, int], end: tuple[int, int] | None = None) -> types.Range:
    return types.Range(types.Position(*start), types.Position(*(end or start)))


def capabilities(**general: Any) -> types.ClientCapabilities:
    """Return the capabilities of the client."""
    found = client_capabilities("neovim@v0.9.1")
    assert found.workspace is not None
    found.workspace.workspace_edit = types.WorkspaceEditClientCapabilities(document_changes=True)
    if general:
        found.general = types.GeneralClientCapabilities(**general)
    return found


async def start(client: Any, folder: Path, env: Mapping[str, str]) -> None:
    """Start a server; a forked one where that is possible, since a start takes as long as many of the tests."""
    if not fork_server.IS_AVAILABLE:
        await client.start_io(*SERVER, cwd=folder, env=environment(env))
        return
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
    with Path(os.devnull).open("wb") as nothing:
        process = forks().start(["lsp"], (theirs_in, theirs_out, nothing.fileno()), folder=folder, env=environment(env))
    os.close(theirs_in)
    os.close(theirs_out)
    pipes = os.fdopen(ours_out, "rb", 0), os.fdopen(ours_in, "wb", 0)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipes[0])
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, pipes[1])
    client.protocol.set_writer(asyncio.StreamWriter(transport, protocol, None, loop))
    client._server = ForkedServer(process)
    reading = run_async(stop_event=client._stop_event, reader=reader, protocol=client.protocol)
    client._async_tasks += [asyncio.create_task(reading), asyncio.create_task(client._server_exit())]


class ForkedServer:
    """A forked server, with what pygls uses of `asyncio.subprocess.Process`."""

    def __init__(self, process: fork_server.Forked) -> None:
        self.pid = process.pid
        self.returncode: int | None = None
        self._ended = asyncio.ensure_future(asyncio.to_thread(process.wait, 2 * LONGEST))

    async def wait(self) -> int:
        self.returncode = await asyncio.shield(self._ended)
        return self.returncode

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


@asynccontextmanager
async def talking(
    folder: Path,
    said: types.ClientCapabilities | None = None,
    on: Mapping[str, Callable[[Any], Any]] | None = None,
    **env: str,
) -> AsyncIterator[Talk]:
    """Run an initialized server; shut it down afterwards, and check that it exits with 0."""
    client: Any = make_test_lsp_client()
    talk = Talk(client, folder)
    # The handler of pytest-lsp only keeps the last ones.
    client.protocol.fm.features.update({types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: talk.hear, **(on or {})})
    await start(client, folder, env)
    try:
        params = types.InitializeParams(capabilities=said or capabilities(), root_uri=folder.as_uri())
        async with asyncio.timeout(LONGEST):
            talk.can = (await client.initialize_session(params)).capabilities
            yield talk
            await client.shutdown_session()
        assert client._server is not None
        assert client._server.returncode == 0
    finally:
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        await client.stop()
