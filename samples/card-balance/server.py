"""The server of a library, which the flow beside it asks. Run it with `uvicorn server:app --port 4601`.

It counts wrong codes by card, and answers a repeated request with the same `Idempotency-Key` without counting it again.
"""

from __future__ import annotations

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MOST_WRONG = 3
CARDS = {
    "10000001": {"code": "4711", "balance": {"owed": 0, "late": 0, "next": "The Waves"}},
    "10000002": {"code": "123456", "balance": {"owed": 2.5, "late": 3}},
}
wrong: dict[str, set[str]] = {}
"""For each card the keys of the requests that had a wrong code."""
locked: set[str] = set()


def refused(request: Request) -> Response | None:
    """Return the answer to a request of a stranger, or about a card that is unknown or locked."""
    if request.headers.get("authorization") != f"Bearer {os.environ['LIBRARY_KEY']}":
        return Response(status_code=403)
    card = request.path_params["card"]
    if card not in CARDS:
        return Response(status_code=404)
    return Response(status_code=423) if card in locked else None


async def balance(request: Request) -> Response:
    """Return what a card owes if the code is right: 401 for a wrong code, 423 for the third one."""
    answer = refused(request)
    if answer is not None:
        return answer
    card, body = request.path_params["card"], await request.json()
    if body.get("code") == CARDS[card]["code"]:
        wrong.pop(card, None)
        return JSONResponse(CARDS[card]["balance"])
    tries = wrong.setdefault(card, set())
    tries.add(request.headers.get("idempotency-key", str(len(tries))))
    if len(tries) < MOST_WRONG:
        return Response(status_code=401)
    locked.add(card)
    return Response(status_code=423)


async def lock(request: Request) -> Response:
    """Lock a card."""
    answer = refused(request)
    if answer is None:
        locked.add(request.path_params["card"])
    return answer or Response(status_code=204)


app = Starlette(
    routes=[
        Route("/cards/{card}/balance", balance, methods=["POST"]),
        Route("/cards/{card}/lock", lock, methods=["POST"]),
    ]
)
