"""The paths, written out, and the way of a request: who asks, how often, then what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ncco_lang.emulator import applications_kpn, applications_vonage, auth, documents, numbers, steer, voice
from ncco_lang.emulator.answers import JSON, Answer, Refuse, refusal
from ncco_lang.emulator.asked import MOST_BYTES, Asked, read_pairs

if TYPE_CHECKING:
    from ncco_lang.emulator.world import World

Handler = Callable[["World", Asked], Answer]
Guard = Callable[["World", Asked], str]

KPN = "/communication/nexmo"
EFFECT_AFTER = "ncco.effect_after"
"""Key of a request's scope: the seconds after which it takes effect."""
_UNLIMITED = frozenset({"tokens", "documents", "emulator"})
_ACCEPTED = ("*/*", "application/*", JSON, "application/hal+json")


def make_app(world: World) -> Starlette:
    """The provider's API, and what lies beside it."""
    provider = _kpn_routes(world) if world.is_kpn else _vonage_routes(world)
    handlers: Mapping[Any, Any] = {404: _no_such_path(world), 405: _no_such_method(world)}
    app = Starlette(routes=[*provider, *_own_routes(world)], exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app


def _vonage_routes(world: World) -> list[Route]:
    def route(path: str, style: str, guard: Guard, **handlers: Handler) -> Route:
        return _route(world, path, style, guard, handlers)

    v2, calls = applications_vonage, "/v1/calls"
    token = auth.application_token
    return [
        route("/v2/applications", "applications", auth.basic, GET=v2.list_applications, POST=v2.create_application),
        route(
            "/v2/applications/{id}",
            "applications",
            auth.basic,
            GET=v2.read_application,
            PUT=v2.update_application,
            DELETE=v2.delete_application,
        ),
        route(calls, "calls", token, GET=voice.list_calls, POST=voice.create_call),
        *_call_routes(world, calls, "calls", token),
        route(calls + "/{uuid}/input/dtmf", "calls", token, PUT=voice.listen, DELETE=voice.listen),
        *_number_routes(world, "", "numbers", auth.basic_or_query),
        route("/v1/files/{id}", "calls", auth.recording_token, GET=documents.read_recording),
    ]


def _kpn_routes(world: World) -> list[Route]:
    def route(path: str, style: str, guard: Guard, **handlers: Handler) -> Route:
        return _route(world, path, style, guard, handlers)

    v1, calls = applications_kpn, KPN + "/voice/calls"
    return [
        route("/oauth/client_credential/accesstoken", "tokens", auth.nobody, POST=auth.give_token),
        route(KPN + "/applications", "gateway", auth.kpn_token, GET=v1.list_applications, POST=v1.create_application),
        route(
            KPN + "/applications/{uuid}",
            "gateway",
            auth.kpn_token,
            GET=v1.read_application,
            PUT=v1.update_application,
            DELETE=v1.delete_application,
        ),
        route(calls, "gateway", auth.kpn_application, GET=voice.list_calls, POST=voice.create_call),
        *_call_routes(world, calls, "gateway", auth.kpn_application),
        route(KPN + "/jwt", "gateway", auth.kpn_application, GET=auth.give_jwt),
        *_number_routes(world, KPN + "/phone-numbers", "gateway", auth.kpn_numbers),
        route("/v1/files/{id}", "calls", auth.recording_token, GET=documents.read_recording),
    ]


def _call_routes(world: World, calls: str, style: str, guard: Guard) -> list[Route]:
    one = calls + "/{uuid}"
    return [
        _route(world, one, style, guard, {"GET": voice.read_call, "PUT": voice.change_call}),
        _route(world, one + "/talk", style, guard, {"PUT": voice.start_talk, "DELETE": voice.stop_talk}),
        _route(world, one + "/stream", style, guard, {"PUT": voice.start_stream, "DELETE": voice.stop_stream}),
        _route(world, one + "/dtmf", style, guard, {"PUT": voice.send_dtmf}),
    ]


def _number_routes(world: World, prefix: str, style: str, guard: Guard) -> list[Route]:
    return [
        _route(world, prefix + "/account/numbers", style, guard, {"GET": numbers.list_numbers}),
        _route(world, prefix + "/number/search", style, guard, {"GET": numbers.search_numbers}),
        _route(world, prefix + "/number/update", style, guard, {"POST": numbers.update_number}),
        _route(world, prefix + "/number/buy", style, guard, {"POST": numbers.buy_number}),
        _route(world, prefix + "/number/cancel", style, guard, {"POST": numbers.cancel_number}),
    ]


def _own_routes(world: World) -> list[Route]:
    def route(path: str, style: str, **handlers: Handler) -> Route:
        return _route(world, path, style, auth.nobody, handlers)

    return [
        route("/documents/{name:path}", "documents", GET=documents.read_document),
        route("/webhooks/event", "documents", GET=documents.take_event, POST=documents.take_event),
        route("/_emulator/requests", "emulator", GET=steer.list_requests, DELETE=steer.forget_requests),
        route("/_emulator/events", "emulator", GET=steer.list_events, DELETE=steer.forget_events),
        route("/_emulator/calls/{uuid}/events", "emulator", GET=steer.list_call_events),
        route("/_emulator/faults", "emulator", GET=steer.list_faults, PUT=steer.put_faults),
        route("/_emulator/revoke", "emulator", POST=steer.revoke_tokens),
        _advance_route(world),
    ]


def _advance_route(world: World) -> Route:
    """`POST /_emulator/advance`: late effects happen now, and every call goes on to its next state."""

    async def endpoint(request: Request) -> Response:
        if world.switchboard is not None:
            await world.switchboard.advance()
        return Response(status_code=204)

    return Route("/_emulator/advance", endpoint, methods=["POST"])


def _route(world: World, path: str, style: str, guard: Guard, handlers: Mapping[str, Handler]) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            asked = await _read(request, style)
            handler = handlers["GET" if asked.method == "HEAD" else asked.method]
            answer = await _answer(world, asked, guard, handler, request.scope.get(EFFECT_AFTER, 0.0))
        except Refuse as refused:
            answer = refused.answer
        except (ClientDisconnect, asyncio.CancelledError):
            raise
        return _response(world, answer)

    return Route(path, endpoint, methods=list(handlers))


async def _answer(world: World, asked: Asked, guard: Guard, handler: Handler, late: float) -> Answer:
    """The answer to a request. Who asks and how often is looked at when it comes, even if it takes effect late."""
    asked = replace(asked, application_id=guard(world, asked))
    _check_limits(world, asked)
    if asked.style == "applications" and not _is_accepted(asked.headers.get("accept", "")):
        raise Refuse(refusal(asked.style, 406))
    if late:
        await world.late.wait(late)
    return handler(world, asked)


def _check_limits(world: World, asked: Asked) -> None:
    if not world.options.limits or asked.style in _UNLIMITED:
        return
    is_new_call = asked.method == "POST" and asked.path.endswith("/calls")
    limit = world.limits.calls if is_new_call else world.limits.others
    if not limit.admit():
        raise Refuse(refusal(asked.style, 429, **{"Retry-After": "1"}))


def _is_accepted(accept: str) -> bool:
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return accept.strip() == "" or any(kind in _ACCEPTED for kind in kinds)


async def _read(request: Request, style: str) -> Asked:
    """The request as handlers see it. Raises Refuse where it is too large or its query is none."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise Refuse(refusal(style, 413, "the body is too large"))
    query = read_pairs(request.scope["query_string"])
    if query is None:
        raise Refuse(refusal(style, 400, "the query cannot be read"))
    return Asked(
        method=request.method,
        path=request.url.path,
        params=request.path_params,
        query=query,
        headers=dict(request.headers),
        body=bytes(body),
        style=style,
    )


def _response(world: World, answer: Answer) -> Response:
    data = answer.data
    headers = dict(answer.headers)
    if world.is_kpn:
        headers = {**_quota(world), **headers}
    kind = answer.content_type if data else None
    return Response(data, status_code=answer.status, headers=headers, media_type=kind)


def _quota(world: World) -> dict[str, str]:
    """The gateway's headers about what is left."""
    limit = world.limits.others
    return {
        "quota-limit": str(limit.most),
        "quota-interval": "1",
        "quota-time-unit": "second",
        "quota-used": str(limit.used()),
        "quota-reset-UTC": str(int(world.now() * 1000) + 1000),
        "api-version": "v1",
    }


def style_of(path: str) -> str:
    """The shape of refusals at a path that nothing answers."""
    if path.startswith((KPN, "/oauth")):
        return "gateway"
    if path.startswith(("/number", "/account")):
        return "numbers"
    return "calls" if path.startswith("/v1") else "applications"


def _no_such_path(world: World) -> Any:
    async def handler(request: Request, _: Exception) -> Response:
        return _response(world, refusal(style_of(request.url.path), 404))

    return handler


def _no_such_method(world: World) -> Any:
    async def handler(request: Request, failed: Any) -> Response:
        words = f"Request method '{request.method[:20]}' not supported"
        answer = refusal(style_of(request.url.path), 405, words)
        return _response(world, replace(answer, headers=dict(failed.headers or {})))

    return handler
