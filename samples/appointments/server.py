"""The server of a practice, which the flow beside it asks. Run it with `uvicorn server:app --port 4602`.

Each appointment and each free slot has the text that a caller hears for it.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

booked = {
    "a1": {"id": "a1", "phone": "447700900123", "spoken": "Monday the fourth of May at nine", "state": "booked"},
    "a2": {"id": "a2", "phone": "447700900124", "spoken": "Monday the fourth of May at ten", "state": "booked"},
}
slots = [
    {"id": "s1", "spoken": "Tuesday the fifth of May at two in the afternoon"},
    {"id": "s2", "spoken": "Wednesday the sixth of May at half past eight"},
]


async def find(request: Request) -> Response:
    """Return the appointment of a telephone number; 404 if there is none."""
    phone = request.query_params.get("phone", "").removeprefix("+")
    found = next((each for each in booked.values() if each["phone"] == phone), None)
    return JSONResponse(found) if found is not None else Response(status_code=404)


async def free(request: Request) -> Response:
    """Return the slots that are free."""
    return JSONResponse(slots)


async def change(request: Request) -> Response:
    """Confirm (PATCH), move (PUT) or cancel (DELETE) an appointment; 409 for a slot that is taken."""
    at = request.path_params["id"]
    if at not in booked:
        return Response(status_code=404)
    if request.method == "DELETE":
        del booked[at]
        return Response(status_code=204)
    body = await request.json()
    if request.method == "PATCH":
        booked[at]["state"] = str(body.get("state"))
        return JSONResponse(booked[at])
    if booked[at].get("slot") == body.get("slot"):
        return JSONResponse(booked[at])  # the same request again
    slot = next((each for each in slots if each["id"] == body.get("slot")), None)
    if slot is None:
        return Response(status_code=409)
    slots.remove(slot)
    booked[at] |= {"slot": slot["id"], "spoken": slot["spoken"]}
    return JSONResponse(booked[at])


app = Starlette(
    routes=[
        Route("/appointments", find),
        Route("/appointments/{id}", change, methods=["PATCH", "PUT", "DELETE"]),
        Route("/slots", free),
    ]
)
