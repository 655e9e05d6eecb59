"""A typical webhook server, in plain Starlette: a menu of two levels, a PIN with retries, and voicemail."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PIN = "2468"


def _talk(text: str, *, barge_in: bool = False) -> dict[str, Any]:
    return {"action": "talk", "text": text, "language": "en-GB", **({"bargeIn": True} if barge_in else {})}


def _ask(request: Request, path: str, digits: int) -> dict[str, Any]:
    address = str(request.base_url) + path
    return {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": digits}, "eventUrl": [address]}


def _menu(request: Request, *before: dict[str, Any]) -> Response:
    prompt = _talk("Press 1 for your balance, 2 to leave a message.", barge_in=True)
    return JSONResponse([*before, prompt, _ask(request, "menu", 1)])


async def _answer(request: Request) -> Response:
    assert request.query_params["from"]
    return _menu(request, _talk("Welcome to the bank."))


async def _on_menu(request: Request) -> Response:
    digits = (await request.json())["dtmf"]["digits"]
    if digits == "1":
        return JSONResponse([_talk("Enter your PIN.", barge_in=True), _ask(request, "pin?tries=1", 4)])
    if digits == "2":
        record = {"action": "record", "endOnKey": "#", "beepStart": True, "eventUrl": [f"{request.base_url}recording"]}
        return JSONResponse([_talk("Speak after the beep."), record, _talk("Thank you.")])
    return _menu(request, _talk("That is not a choice."))


async def _on_pin(request: Request) -> Response:
    tries = int(request.query_params["tries"])
    if (await request.json())["dtmf"]["digits"] == PIN:
        return JSONResponse([_talk("Your balance is 12 euros.")])
    if tries == 3:
        return JSONResponse([_talk("Goodbye.")])
    return JSONResponse([_talk("Wrong. Try again.", barge_in=True), _ask(request, f"pin?tries={tries + 1}", 4)])


async def _on_recording(request: Request) -> Response:
    request.app.state.recordings.append(await request.json())
    return Response()


async def _on_event(request: Request) -> Response:
    request.app.state.events.append(await request.json())
    return Response(status_code=204)


class AnswerServer:
    """A running server: its answer URL, and the requests that were posted to it."""

    def __init__(self, url: str, app: Starlette) -> None:
        self.url = url
        self.events: list[dict[str, Any]] = app.state.events
        self.recordings: list[dict[str, Any]] = app.state.recordings


@contextmanager
def answer_server() -> Iterator[AnswerServer]:
    """Run the server on a free port of this machine."""
    app = Starlette(
        routes=[
            Route("/answer", _answer),
            Route("/menu", _on_menu, methods=["POST"]),
            Route("/pin", _on_pin, methods=["POST"]),
            Route("/recording", _on_recording, methods=["POST"]),
            Route("/event", _on_event, methods=["POST"]),
        ]
    )
    app.state.events, app.state.recordings = [], []
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield AnswerServer(f"http://127.0.0.1:{port}/answer", app)
    finally:
        server.should_exit = True
        thread.join()
