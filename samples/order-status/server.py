"""The server of a bakery, which the flow beside it asks: GET /orders/NUMBER. Run it with `uvicorn server:app --port 4600`."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ORDERS = {
    "123456": {"state": "ready"},
    "200015": {"state": "baking", "minutes": 15},
    "200045": {"state": "baking", "minutes": 45},
    "300000": {"state": "collected"},
}


async def order(request: Request) -> Response:
    """Return the state of an order; 404 for an unknown one."""
    found = ORDERS.get(request.path_params["number"])
    return JSONResponse(found) if found is not None else Response(status_code=404)


app = Starlette(routes=[Route("/orders/{number}", order)])
