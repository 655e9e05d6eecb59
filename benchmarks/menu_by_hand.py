"""The menu of `menus.py` by hand in bare Starlette, as a developer would write it for this menu only.

Its answers are those of `ncco serve` but for the tokens. A repeated webhook is a new event to it, it writes no log, and it
keeps what it knows of a connect in memory.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.menus import DESK, FROM
from benchmarks.webhooks_by_hand import Action, Webhooks, talk

_MOST = 2
"""How often a question is asked again."""


_MESSAGE = [
    talk("Please leave a message after the beep."),
    {"action": "record", "beepStart": True, "endOnSilence": 4},
]
_TAIL = [talk("Sorry, something went wrong."), *_MESSAGE]
_SPEECH = {"language": "en-GB", "startTimeout": 5, "context": ["orders", "opening hours", "agent"]}
_MAIN = [
    talk("For orders, press 1. For our opening hours, press 2. For a colleague, press 0, or say agent.", bargeIn=True),
    {"action": "input", "type": ["dtmf", "speech"], "dtmf": {"maxDigits": 1, "timeOut": 5}, "speech": _SPEECH},
]
_ORDERS = [
    talk("For a new order, press 1. To change an order, press 2.", bargeIn=True),
    {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}},
]
_CONNECT = {
    "action": "connect",
    "endpoint": [{"type": "phone", "number": DESK}],
    "timeout": 20,
    "from": FROM,
    "eventType": "synchronous",
}


class Shop(Webhooks):
    """The shop's phone menu.

    Args:
        base: the address of the webhooks.
    """

    def __init__(self, base: str) -> None:
        super().__init__(base)
        self.statuses: dict[str, list[str]] = {}

    # ── Documents ─────────────────────────────────────────────────────────────────────────────────────

    def ask(self, menu: str, call: list[str], count: int, *before: Action) -> list[Action]:
        """Return the document of a question."""
        prompt, listen = _MAIN if menu == "main" else _ORDERS
        return [*before, prompt, {**listen, "eventUrl": self.url("i", [menu, count, *call])}, *_TAIL]

    def retry(self, menu: str, call: list[str], count: int, text: str | None) -> list[Action]:
        """Return the document that asks again, or that of the message after the last time."""
        if count >= _MOST:
            return _MESSAGE
        return self.ask(menu, call, count + 1, *([] if text is None else [talk(text, bargeIn=True)]))

    def agent(self, about: str, call: list[str]) -> list[Action]:
        """Return the document that connects the caller."""
        state = ["agent", 0, *call]
        return [
            talk(f"One moment, for {about}."),
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
            return self.ask(menu, call, count, talk("We are open on weekdays from nine to six."))
        if digits == "0" or (not digits and "agent" in words):
            return self.agent("the main menu", call)
        return self.retry(menu, call, count, "Sorry, I did not get that." if digits or words else None)

    # ── Webhooks ──────────────────────────────────────────────────────────────────────────────────────

    async def on_answer(self, request: Request) -> Response:
        """Answer the answer webhook."""
        fields = request.query_params
        call = [fields["uuid"], fields["conversation_uuid"], fields["from"], fields["to"]]
        return self.respond(self.ask("main", call, 0, talk("Welcome to the shop.")))

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
            return self.respond([talk("All our colleagues are busy."), *_MESSAGE])
        failed = status in ("timeout", "unanswered", "failed", "rejected", "cancelled")
        return self.respond(_MESSAGE) if failed else Response()

    async def on_joined(self, request: Request) -> Response:
        """Answer the notify after the connect."""
        state = self.state("j", request.path_params["token"])
        if state is None:
            return Response(status_code=404)
        is_good = "answered" in self.statuses.get(state[2], ())
        return self.respond([talk("Thank you for calling. Goodbye.")] if is_good else _MESSAGE)


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
