"""The menu of `menus.py` by hand in bare Starlette, as a developer would write it for this menu only.

Its answers are those of `ncco serve` but for the tokens. It seals its state into them with the same cipher and layout, and
checks each NCCO with the same closures. A repeated webhook is a new event to it, it writes no log, and it keeps what it
knows of a connect in memory.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.menus import DESK, FROM
from ncco_lang import is_valid

Action: TypeAlias = dict[str, Any]

_SECONDS = 4 * 3600
_HEAD = b"key1" + b"0" * 6
_VOICE = {"language": "en-GB", "style": 2}
_MOST = 2
"""How often a question is asked again."""


def _talk(text: str, **more: Any) -> Action:
    return {"action": "talk", "text": text, **_VOICE, **more}


_MESSAGE = [
    _talk("Please leave a message after the beep."),
    {"action": "record", "beepStart": True, "endOnSilence": 4},
]
_TAIL = [_talk("Sorry, something went wrong."), *_MESSAGE]
_SPEECH = {"language": "en-GB", "startTimeout": 5, "context": ["orders", "opening hours", "agent"]}
_MAIN = [
    _talk("For orders, press 1. For our opening hours, press 2. For a colleague, press 0, or say agent.", bargeIn=True),
    {"action": "input", "type": ["dtmf", "speech"], "dtmf": {"maxDigits": 1, "timeOut": 5}, "speech": _SPEECH},
]
_ORDERS = [
    _talk("For a new order, press 1. To change an order, press 2.", bargeIn=True),
    {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}},
]
_CONNECT = {
    "action": "connect",
    "endpoint": [{"type": "phone", "number": DESK}],
    "timeout": 20,
    "from": FROM,
    "eventType": "synchronous",
}


class Shop:
    """The shop's phone menu.

    Args:
        base: the address of the webhooks.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.cipher = AESGCM(os.urandom(32))
        self.statuses: dict[str, list[str]] = {}

    # ── Tokens ────────────────────────────────────────────────────────────────────────────────────────

    def url(self, hook: str, state: list[Any]) -> list[str]:
        """Return the event URL of an action, with a state in it."""
        data = zlib.compress(json.dumps(state, separators=(",", ":")).encode(), 6, wbits=-15)
        clear = _HEAD + int(time.time() + _SECONDS).to_bytes(4, "big")
        nonce = os.urandom(12)
        sealed = self.cipher.encrypt(nonce, data, clear + hook.encode())
        return [f"{self.base}/{hook}/{urlsafe_b64encode(clear + nonce + sealed).rstrip(b'=').decode()}"]

    def state(self, hook: str, token: str) -> list[Any] | None:
        """Return the state in a token; None if it is not one of ours, or has expired."""
        try:
            data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            sealed = self.cipher.decrypt(data[14:26], data[26:], data[:14] + hook.encode())
        except (ValueError, InvalidTag):
            return None
        if int.from_bytes(data[10:14], "big") < time.time():
            return None
        state: list[Any] = json.loads(zlib.decompress(sealed, wbits=-15))
        return state

    # ── Documents ─────────────────────────────────────────────────────────────────────────────────────

    def ask(self, menu: str, call: list[str], count: int, *before: Action) -> list[Action]:
        """Return the document of a question."""
        prompt, listen = _MAIN if menu == "main" else _ORDERS
        return [*before, prompt, {**listen, "eventUrl": self.url("i", [menu, count, *call])}, *_TAIL]

    def retry(self, menu: str, call: list[str], count: int, text: str | None) -> list[Action]:
        """Return the document that asks again, or that of the message after the last time."""
        if count >= _MOST:
            return _MESSAGE
        return self.ask(menu, call, count + 1, *([] if text is None else [_talk(text, bargeIn=True)]))

    def agent(self, about: str, call: list[str]) -> list[Action]:
        """Return the document that connects the caller."""
        state = ["agent", 0, *call]
        return [
            _talk(f"One moment, for {about}."),
            {**_CONNECT, "eventUrl": self.url("c", state)},
            {"action": "notify", "payload": {}, "eventUrl": self.url("j", state)},
            *_TAIL,
        ]

    def answered(self, menu: str, count: int, call: list[str], body: dict[str, Any]) -> list[Action]:
        """Return the document after an input."""
        digits = body.get("dtmf", {}).get("digits") or ""
        results = body.get("speech", {}).get("results") or []
        words = " ".join(results[0]["text"].casefold().split()) if results else ""
        if menu == "orders":
            match digits:
                case "1":
                    return self.agent("a new order", call)
                case "2":
                    return self.agent("a change", call)
                case _:
                    return self.retry(menu, call, count, "Please press 1 or 2.")
        if digits == "1" or (not digits and "orders" in words):
            return self.ask("orders", call, 0)
        if digits == "2" or (not digits and "opening hours" in words):
            return self.ask(menu, call, count, _talk("We are open on weekdays from nine to six."))
        if digits == "0" or (not digits and "agent" in words):
            return self.agent("the main menu", call)
        return self.retry(menu, call, count, "Sorry, I did not get that." if digits or words else None)

    # ── Webhooks ──────────────────────────────────────────────────────────────────────────────────────

    async def on_answer(self, request: Request) -> Response:
        """Answer the answer webhook."""
        fields = request.query_params
        call = [fields["uuid"], fields["conversation_uuid"], fields["from"], fields["to"]]
        return self.respond(self.ask("main", call, 0, _talk("Welcome to the shop.")))

    async def on_input(self, request: Request) -> Response:
        """Answer the event of an input."""
        state = self.state("i", request.path_params["token"])
        if state is None:
            return Response(status_code=404)
        body = json.loads(await request.body())
        menu, count, *call = state
        return self.respond(self.answered(menu, count, call, body))

    async def on_connect(self, request: Request) -> Response:
        """Answer an event of the leg that is rung."""
        state = self.state("c", request.path_params["token"])
        if state is None:
            return Response(status_code=404)
        status = json.loads(await request.body()).get("status")
        self.statuses.setdefault(state[2], []).append(status)
        if status == "busy":
            return self.respond([_talk("All our colleagues are busy."), *_MESSAGE])
        failed = status in ("timeout", "unanswered", "failed", "rejected", "cancelled")
        return self.respond(_MESSAGE) if failed else Response()

    async def on_joined(self, request: Request) -> Response:
        """Answer the notify after the connect."""
        state = self.state("j", request.path_params["token"])
        if state is None:
            return Response(status_code=404)
        is_good = "answered" in self.statuses.get(state[2], ())
        return self.respond([_talk("Thank you for calling. Goodbye.")] if is_good else _MESSAGE)

    def respond(self, document: list[Action]) -> Response:
        """Return the response with a document."""
        if not is_valid(document):
            raise ValueError(document)
        return Response(json.dumps(document, separators=(",", ":")), media_type="application/json")


def make_app(base: str) -> Starlette:
    """Return the application, whose webhooks are below the path of `base`."""
    shop = Shop(base)
    part = f"/{base.rpartition('/')[2]}"
    return Starlette(
        routes=[
            Route(f"{part}/answer", shop.on_answer),
            Route(f"{part}/i/{{token}}", shop.on_input, methods=["POST"]),
            Route(f"{part}/c/{{token}}", shop.on_connect, methods=["POST"]),
            Route(f"{part}/j/{{token}}", shop.on_joined, methods=["POST"]),
        ]
    )
