"""The flows of `asking_flows.py` by hand in bare Starlette, and httpx for the lookup. Their answers are those of `ncco serve`."""

from __future__ import annotations

import json
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.menus import DESK, FROM
from benchmarks.webhooks_by_hand import Action, Webhooks, talk

_MOST = 2
"""How often a question is asked again."""
_CONNECT = [{"action": "connect", "endpoint": [{"type": "phone", "number": DESK}], "from": FROM}]
_TAIL = [talk("Sorry, something went wrong."), *_CONNECT]


class Asking(Webhooks):
    """Asks for digits, again and again.

    Attributes:
        welcome: what a call begins with. prompt: the question. again: what is said after a wrong answer.
        size: the number of digits.
        values: what is known at the beginning.
    """

    welcome: str
    prompt: str
    again: str
    size: int
    values: tuple[int, ...] = ()

    def ask(self, state: list[Any], count: int, *before: Action) -> Response:
        """Return the document of the question."""
        document = [*before, talk(self.prompt, bargeIn=True)]
        listen = {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": self.size}}
        return self.respond([*document, {**listen, "eventUrl": self.url("i", [count, *state])}, *_TAIL])

    def retry(self, state: list[Any], count: int, text: str) -> Response:
        """Return the document that asks again, or the connect after the last time."""
        if count >= _MOST:
            return self.respond(_CONNECT)
        return self.ask(state, count + 1, talk(text, bargeIn=True))

    async def on_answer(self, request: Request) -> Response:
        """Answer the answer webhook."""
        fields = request.query_params
        call = [fields["uuid"], fields["conversation_uuid"], fields["from"], fields["to"]]
        return self.ask([*call, *self.values], 0, talk(self.welcome))

    async def on_input(self, request: Request) -> Response:
        """Answer the event of an input."""
        opened = self.state("i", request.path_params["token"])
        if opened is None:
            return Response(status_code=404)
        count, *state = opened
        digits = json.loads(await request.body()).get("dtmf", {}).get("digits") or ""
        if len(digits) != self.size or not digits.isdecimal():
            return self.retry(state, count, self.again)
        return await self.answered(state, count, digits)

    async def answered(self, state: list[Any], count: int, digits: str) -> Response:
        """Answer an entry that is complete."""
        raise NotImplementedError


class Water(Asking):
    """Calculates with the answer."""

    welcome, prompt = "Welcome to the water company.", "Please key in the three digits of your meter."
    again, size, values = "That was not a reading of three digits.", 3, (3, 2, 0)

    async def answered(self, state: list[Any], count: int, digits: str) -> Response:
        """Evaluate the ten expressions of the flow, and speak three of the values."""
        *call, price, paid, readings = state
        readings += 1
        is_round = digits in ("100", "200", "300")
        size = len(digits)
        cost = price * readings + size
        due = cost - paid
        tax = Decimal(due) / 4
        is_high = tax > Decimal("1.5") and not is_round
        number = call[2] or "withheld"
        is_ours = fnmatchcase(number, "316*")
        said = []
        if is_high or is_ours:
            said = [talk(f"Reading {readings}: {due} euros are open, {tax.normalize():f} of them are taxes.")]
        return self.ask([*call, price, paid, readings], 0, *said)


class Bakery(Asking):
    """Looks the answer up.

    Args:
        shop: the server that knows it.
    """

    welcome, prompt = "Welcome to the bakery.", "Please key in the six digits of your order."
    again, size = "An order has six digits.", 6

    def __init__(self, base: str, shop: str) -> None:
        super().__init__(base)
        self.shop, self.client = shop, httpx.AsyncClient(timeout=9)

    async def answered(self, state: list[Any], count: int, digits: str) -> Response:
        """Look up."""
        try:
            response = await self.client.get(f"{self.shop}/orders/{quote(digits, safe='')}")
            order = response.json() if response.is_success else None
        except (httpx.HTTPError, ValueError):
            return self.respond(_CONNECT)
        if response.status_code == 404:
            return self.retry(state, count, "I do not know that order.")
        if order is None:
            return self.respond(_CONNECT)
        return self.ask(state, 0, talk(f"Your order is {order['state']}."))


def make_app(asking: Asking) -> Starlette:
    """Return the application, whose webhooks are below the path of its base."""
    part = f"/{asking.base.rpartition('/')[2]}"
    return Starlette(
        routes=[
            Route(f"{part}/answer", asking.on_answer),
            Route(f"{part}/i/{{token}}", asking.on_input, methods=["POST"]),
        ]
    )
