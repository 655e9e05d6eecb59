"""The server: registers the capabilities with the protocol library, and survives internal errors."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, get_args

from lsprotocol import types
from pygls.exceptions import (
    FeatureRequestError,
    JsonRpcContentModified,
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from ncco_lang import __version__
from ncco_lang.gc_pause import uncollected
from ncco_lang.lsp.answers import DocumentRequest
from ncco_lang.lsp.capabilities import NOTIFICATIONS, REQUESTS, Capability
from ncco_lang.lsp.checks import Checks
from ncco_lang.lsp.document_sync import WATCHED, SyncContext
from ncco_lang.lsp.documents import Snapshot
from ncco_lang.lsp.internal_error import format_internal_error
from ncco_lang.lsp.positions import Encoding
from ncco_lang.lsp.server_state import ClientCapabilities, ServerState

_DIAGNOSTICS = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier="ncco")
_OURS = (types.TEXT_DOCUMENT_DID_OPEN, types.TEXT_DOCUMENT_DID_CHANGE, types.TEXT_DOCUMENT_DID_CLOSE)


class Protocol(LanguageServerProtocol):
    """The protocol; an invalid request gets an error response, instead of none.

    Attributes:
        is_greeted: the client has sent `initialize`.
    """

    is_greeted = False

    def handle_message(self, message: Any) -> None:
        """Handle a message if the protocol allows it now; otherwise respond with an error."""
        method = getattr(message, "method", None)
        refused = self._refusal(method)
        if refused is None:
            self.is_greeted = self.is_greeted or method == types.INITIALIZE
            super().handle_message(message)
        elif hasattr(message, "id"):
            self._send_response(message.id, error=refused.to_response_error())

    def _send_data(self, data: Any) -> None:
        """Write a message, without garbage collection: a long message is made of as many objects as a tree."""
        with uncollected():
            super()._send_data(data)

    def _refusal(self, method: str | None) -> JsonRpcException | None:
        if method is None or method == types.EXIT:
            return None
        if not self.is_greeted and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized(f"{method} before initialize")
        if self._shutdown or (self.is_greeted and method == types.INITIALIZE):
            return JsonRpcInvalidRequest(f"{method} after {types.SHUTDOWN if self._shutdown else types.INITIALIZE}")
        return None

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Parse a message."""
        try:
            return super().structure_message(data)
        except JsonRpcException as failed:
            if "id" in data and "method" in data:
                invalid = JsonRpcInvalidParams(f"{data['method']}: the params are not as the protocol has them")
                self._send_response(data["id"], error=invalid.to_response_error())
            raise failed


class Server(LanguageServer):
    """The server and its state."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("ncco", __version__, protocol_cls=Protocol)
        self.state = ServerState()
        self.checks = Checks(self.state, self.text_document_publish_diagnostics, self._refresh, self._log)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log an error instead of opening a window, as pygls would. A failed request has its own response."""
        if source is not FeatureRequestError:
            log(self, f"{type(error).__name__}: {error}")

    def _log(self, message: str) -> None:
        log(self, message)

    def _refresh(self) -> None:
        if self.state.client.refreshes:
            self.workspace_diagnostic_refresh(None)


def make_server() -> Server:
    """Return a server that is not connected to a client yet."""
    # For each invalid message the server prints a line of its own, so pygls need not log it.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = Server()
    # pygls keeps texts too, but its lines and positions are not those of the protocol.
    for name in _OURS:
        del server.protocol.fm.builtin_features[name]
    context = SyncContext(server.state, server.checks)
    for name, handler in NOTIFICATIONS.items():
        server.feature(name)(_following(server, context, handler))
    for name, capability in REQUESTS.items():
        server.feature(name, capability.options)(answering(server, capability))
    server.feature(types.INITIALIZE)(_initializing(server))
    server.feature(types.INITIALIZED)(_initialized(server))
    server.feature(types.SHUTDOWN)(_shutting_down(server))
    server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, _DIAGNOSTICS)(_diagnosing(server))
    return server


def log(server: Server, message: str) -> None:
    """Write a message to standard error and to the client's log."""
    print_error(message)
    # An error here means that the client is gone.
    with suppress(OSError, ValueError):
        server.window_log_message(types.LogMessageParams(types.MessageType.Error, message))


def print_error(message: str) -> None:
    """Write a message to standard error, if there is one."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(f"ncco lsp: {message}\n")
            sys.stderr.flush()


def answering(server: Server, capability: Capability) -> Callable[[Any], Coroutine[Any, Any, Any]]:
    """Return the handler of a request about a document. It fixes the version at once, and responds later."""

    async def answer(params: Any) -> Any:
        try:
            document = server.state.documents.get(_uri(params))
            analysis = None if document is None else server.state.analysis(document)
            if document is None or analysis is None:
                return None
            request = DocumentRequest(document, analysis, params, server.state.client)
            return await server.state.run_on_worker(_answer, capability, request, server.state.documents.is_newest)
        except JsonRpcException:
            raise
        except Exception:
            log(server, format_internal_error())
            return None

    return answer


def _answer(capability: Capability, request: DocumentRequest, is_newest: Callable[[Snapshot], bool]) -> Any:
    """Answer on the worker thread. What is only shown is not computed for an outdated version, because requests about
    the newest one would have to wait.

    Raises:
        JsonRpcContentModified: there is a newer version, about which the client asks anyway.
    """
    if capability.is_shown and not is_newest(request.document):
        raise JsonRpcContentModified("the text changed meanwhile")
    with uncollected():
        return capability.answer(request)


def _uri(params: Any) -> str:
    """Return the URI of the document that a request is about; our own requests carry it directly."""
    document = getattr(params, "text_document", params)
    uri = document.get("uri") if isinstance(document, dict) else getattr(document, "uri", None)
    return uri if isinstance(uri, str) else ""


def _following(
    server: Server, context: SyncContext, handler: Callable[[SyncContext, Any], None]
) -> Callable[[Any], None]:
    def handle(params: Any) -> None:
        try:
            handler(context, params)
        except Exception:
            log(server, format_internal_error())

    return handle


def _diagnosing(server: Server) -> Callable[[Any], Coroutine[Any, Any, types.DocumentDiagnosticReport]]:
    async def diagnose(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        try:
            return await server.checks.pull(params.text_document.uri, params.previous_result_id)
        except JsonRpcException:
            raise
        except Exception:
            log(server, format_internal_error())
            return types.RelatedFullDocumentDiagnosticReport([])

    return diagnose


def _initializing(server: Server) -> Callable[[types.InitializeParams], None]:
    def initialize(params: types.InitializeParams) -> None:
        server.state.client = ClientCapabilities(params.capabilities)
        agreed = str(getattr(server.workspace.position_encoding, "value", server.workspace.position_encoding))
        encodings: tuple[Encoding, ...] = get_args(Encoding)
        server.state.documents.encoding = next((each for each in encodings if each == agreed), "utf-16")

    return initialize


def _initialized(server: Server) -> Callable[[Any], Coroutine[Any, Any, None]]:
    async def initialized(_: Any) -> None:
        if server.state.client.registers:
            options = types.DidChangeWatchedFilesRegistrationOptions(WATCHED)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            server.client_register_capability(
                types.RegistrationParams([types.Registration("ncco-toml", method, options)])
            )
        # If the server stops meanwhile, pygls would log this cancellation.
        with suppress(asyncio.CancelledError):
            await server.state.run_on_worker(_warm_up)

    return initialized


def _warm_up() -> None:
    """Load what the first check needs, before a request waits for it."""
    from ncco_lang.compiler import check

    check('talk "Hello."')
    # What is loaded now stays, and need not be scanned for garbage again and again.
    gc.collect()
    gc.freeze()


def _shutting_down(server: Server) -> Callable[[Any], None]:
    def shut_down(_: Any) -> None:
        server.state.is_shut_down = True

    return shut_down
