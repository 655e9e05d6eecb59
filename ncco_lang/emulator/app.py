"""Route requests: check who sends one and how often, then call its handler."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ncco_lang.emulator import applications_kpn, applications_vonage, auth, control_api, documents, numbers, voice
from ncco_lang.emulator.request import MOST_BYTES, ApiRequest
from ncco_lang.emulator.responses import JSON, Answer, Refuse, refusal
from ncco_lang.values.received import read_pairs

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from ncco_lang.emulator.account import Account
    from ncco_lang.emulator.call_scheduler import CallScheduler

Handler = Callable[["Account", ApiRequest], Answer]
Guard = Callable[["Account", ApiRequest], str]

KPN = "/communication/nexmo"
EFFECT_AFTER = "ncco.effect_after"
"""Key in a request's scope: the seconds after which the request takes effect."""
ZEROS = "ncco.zeros"
"""Key in the message of a response's body: how many zero bytes follow it."""
_UNLIMITED = frozenset({"tokens", "documents", "emulator"})
_ACCEPTED = ("*/*", "application/*", JSON, "application/hal+json")


def make_app(account: Account, board: CallScheduler) -> Starlette:
    """Return the app with the provider's API and the emulator's own paths."""
    provider = _kpn_routes(account, board) if account.is_kpn else _vonage_routes(account, board)
    handlers: Mapping[Any, Any] = {404: _no_such_path(account), 405: _no_such_method(account)}
    app = Starlette(routes=[*provider, *_own_routes(account, board)], exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app


def _vonage_routes(account: Account, board: CallScheduler) -> list[Route]:
    def route(path: str, style: str, guard: Guard, **handlers: Handler) -> Route:
        return _route(account, path, style, guard, handlers)

    v2, calls = applications_vonage, "/v1/calls"
    listen = partial(voice.listen, board)
    token = auth.application_token
    return [
        route("/v2/applications", "applications", auth.basic, GET=v2.list_applications, POST=v2.create_application),
        route(
            "/v2/applications/{id}",
            "applications",
            auth.basic,
            GET=v2.get_application,
            PUT=v2.update_application,
            DELETE=v2.delete_application,
        ),
        *_call_routes(account, board, calls, "calls", token),
        route(calls + "/{uuid}/input/dtmf", "calls", token, PUT=listen, DELETE=listen),
        *_number_routes(account, "", "numbers", auth.basic_or_fields),
        route("/v1/files/{id}", "calls", auth.recording_token, GET=documents.read_recording),
    ]


def _kpn_routes(account: Account, board: CallScheduler) -> list[Route]:
    def route(path: str, style: str, guard: Guard, **handlers: Handler) -> Route:
        return _route(account, path, style, guard, handlers)

    v1, calls = applications_kpn, KPN + "/voice/calls"
    return [
        route("/oauth/client_credential/accesstoken", "tokens", auth.allow_all, POST=auth.give_token),
        route(KPN + "/applications", "gateway", auth.kpn_token, GET=v1.list_applications, POST=v1.create_application),
        route(
            KPN + "/applications/{uuid}",
            "gateway",
            auth.kpn_token,
            GET=v1.get_application,
            PUT=v1.update_application,
            DELETE=v1.delete_application,
        ),
        *_call_routes(account, board, calls, "gateway", auth.kpn_application),
        route(KPN + "/jwt", "gateway", auth.kpn_application, GET=auth.give_jwt),
        *_number_routes(account, KPN + "/phone-numbers", "gateway", auth.kpn_numbers),
        route("/v1/files/{id}", "calls", auth.recording_token, GET=documents.read_recording),
    ]


def _call_routes(account: Account, board: CallScheduler, calls: str, style: str, guard: Guard) -> list[Route]:
    one = calls + "/{uuid}"

    def route(path: str, **handlers: Callable[[CallScheduler, Account, ApiRequest], Answer]) -> Route:
        return _route(account, path, style, guard, {name: partial(each, board) for name, each in handlers.items()})

    return [
        _route(account, calls, style, guard, {"GET": voice.list_calls, "POST": partial(voice.create_call, board)}),
        _route(account, one, style, guard, {"GET": voice.read_call, "PUT": partial(voice.change_call, board)}),
        route(one + "/talk", PUT=voice.start_talk, DELETE=voice.stop_talk),
        route(one + "/stream", PUT=voice.start_stream, DELETE=voice.stop_stream),
        route(one + "/dtmf", PUT=voice.send_dtmf),
    ]


def _number_routes(account: Account, prefix: str, style: str, guard: Guard) -> list[Route]:
    return [
        _route(account, prefix + "/account/numbers", style, guard, {"GET": numbers.list_numbers}),
        _route(account, prefix + "/number/search", style, guard, {"GET": numbers.search_numbers}),
        _route(account, prefix + "/number/update", style, guard, {"POST": numbers.update_number}),
        _route(account, prefix + "/number/buy", style, guard, {"POST": numbers.buy_number}),
        _route(account, prefix + "/number/cancel", style, guard, {"POST": numbers.cancel_number}),
    ]


def _own_routes(account: Account, board: CallScheduler) -> list[Route]:
    def route(path: str, style: str, **handlers: Handler) -> Route:
        return _route(account, path, style, auth.allow_all, handlers)

    return [
        route("/documents/{name:path}", "documents", GET=documents.read_document),
        route("/webhooks/event", "documents", GET=documents.take_event, POST=documents.take_event),
        route("/_emulator/requests", "emulator", GET=control_api.list_requests, DELETE=control_api.forget_requests),
        route("/_emulator/events", "emulator", GET=control_api.list_events, DELETE=control_api.forget_events),
        route("/_emulator/calls", "emulator", POST=partial(control_api.ring_in, board)),
        route("/_emulator/scripts", "emulator", POST=control_api.keep_script),
        route("/_emulator/calls/{uuid}/act", "emulator", POST=partial(control_api.act, board)),
        route("/_emulator/calls/{uuid}/transcript", "emulator", GET=control_api.read_transcript),
        route("/_emulator/calls/{uuid}/events", "emulator", GET=control_api.list_call_events),
        route("/_emulator/faults", "emulator", GET=control_api.list_faults, PUT=control_api.put_faults),
        route("/_emulator/revoke", "emulator", POST=control_api.revoke_tokens),
        _advance_route(board),
    ]


def _advance_route(board: CallScheduler) -> Route:
    """Handle `POST /_emulator/advance`: let late effects happen now, and time go on to the next change of a status."""

    async def endpoint(request: Request) -> Response:
        await board.advance()
        return Response(status_code=204)

    return Route("/_emulator/advance", endpoint, methods=["POST"])


def _route(account: Account, path: str, style: str, guard: Guard, handlers: Mapping[str, Handler]) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            api_request = await _read(request, style)
            handler = handlers["GET" if api_request.method == "HEAD" else api_request.method]
            answer = await _answer(account, api_request, guard, handler, request.scope.get(EFFECT_AFTER, 0.0))
        except Refuse as refused:
            answer = refused.answer
        except (ClientDisconnect, asyncio.CancelledError):
            raise
        return _response(account, answer)

    return Route(path, endpoint, methods=list(handlers))


async def _answer(account: Account, api_request: ApiRequest, guard: Guard, handler: Handler, late: float) -> Answer:
    """Return the response. Credentials and rate are checked when the request arrives, even if it takes effect late."""
    api_request = replace(api_request, application_id=guard(account, api_request))
    _check_limits(account, api_request)
    if api_request.style == "applications" and not _is_accepted(api_request.headers.get("accept", "")):
        raise Refuse(refusal(api_request.style, 406))
    if late:
        await account.late.wait(late)
    return handler(account, api_request)


def _check_limits(account: Account, api_request: ApiRequest) -> None:
    if not account.options.limits or api_request.style in _UNLIMITED:
        return
    is_new_call = api_request.method == "POST" and api_request.path.endswith("/calls")
    limit = account.limits.calls if is_new_call else account.limits.others
    if not limit.admit():
        raise Refuse(refusal(api_request.style, 429, **{"Retry-After": "1"}))


def _is_accepted(accept: str) -> bool:
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return accept.strip() == "" or any(kind in _ACCEPTED for kind in kinds)


async def _read(request: Request, style: str) -> ApiRequest:
    """Return the request for handlers. Raises Refuse if it is too large or its query is invalid."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise Refuse(refusal(style, 413, "the body is too large"))
    query = read_pairs(request.scope["query_string"])
    if query is None:
        raise Refuse(refusal(style, 400, "the query cannot be read"))
    return ApiRequest(
        method=request.method,
        path=request.url.path,
        params=request.path_params,
        query=query,
        headers=dict(request.headers),
        body=bytes(body),
        style=style,
    )


class Sound(Response):
    """A response with bytes and then so many zeros, which the middleware makes when it sends them."""

    def __init__(self, content: bytes, zeros: int, headers: Mapping[str, str], kind: str) -> None:
        super().__init__(content, headers={**headers, "content-length": str(len(content) + zeros)}, media_type=kind)
        self._zeros = zeros

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it to the middleware."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, ZEROS: self._zeros})


def _response(account: Account, answer: Answer) -> Response:
    data = answer.data
    headers = dict(answer.headers)
    if account.is_kpn:
        headers = {**_quota(account), **headers}
    kind = answer.content_type if data else None
    if answer.zeros:
        return Sound(data, answer.zeros, headers, answer.content_type)
    return Response(data, status_code=answer.status, headers=headers, media_type=kind)


def _quota(account: Account) -> dict[str, str]:
    """Return the gateway's headers with the remaining quota."""
    limit = account.limits.others
    return {
        "quota-limit": str(limit.most),
        "quota-interval": "1",
        "quota-time-unit": "second",
        "quota-used": str(limit.used()),
        "quota-reset-UTC": str(int(account.now() * 1000) + 1000),
        "api-version": "v1",
    }


def style_of(path: str) -> str:
    """Return the style of the refusal at an unknown path."""
    if path.startswith((KPN, "/oauth")):
        return "gateway"
    if path.startswith(("/number", "/account")):
        return "numbers"
    return "calls" if path.startswith("/v1") else "applications"


def _no_such_path(account: Account) -> Any:
    async def handler(request: Request, _: Exception) -> Response:
        return _response(account, refusal(style_of(request.url.path), 404))

    return handler


def _no_such_method(account: Account) -> Any:
    async def handler(request: Request, failed: Any) -> Response:
        words = f"Request method '{request.method[:20]}' not supported"
        answer = refusal(style_of(request.url.path), 405, words)
        return _response(account, replace(answer, headers=dict(failed.headers or {})))

    return handler
