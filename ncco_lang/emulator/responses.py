"""Responses, and the bodies of refusals in the four styles of the providers (Voice API reference, errors).

The style of a path is one of `applications` (problem details), `calls` (`type` and `error_title`), `numbers`
(`error-code`) and `gateway` (KPN's own).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

JSON = "application/json"
VONAGE = "https://developer.vonage.com/api-errors"
_ONLY_JSON = f"Must be one of the following: '{JSON}'"
_PROBLEMS: Mapping[int, tuple[str, str, str]] = {
    400: ("/application#payload-validation", "Bad Request", "The request failed due to validation errors"),
    401: ("#unauthorized", "Invalid credentials supplied", "You did not provide correct credentials."),
    403: ("#forbidden", "Forbidden", "Your account does not have permission to perform this action."),
    404: ("#not-found", "Not Found", "There is nothing at this path"),
    405: ("#wrong-verb", "Request method not allowed", "This request method is not supported"),
    406: ("#accept-header", "Invalid Accept header", f"Invalid Accept header provided. {_ONLY_JSON}"),
    415: (
        "#content-type-header",
        "Unsupported Content-Type header",
        f"Unsupported Content-Type header provided. {_ONLY_JSON}",
    ),
    429: ("#rate-limit", "Rate Limit Hit", "Please wait, then retry your request"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response. `body` is JSON; `content` are bytes instead of it, and `zeros` zero bytes after them."""

    status: int = 200
    body: Any = None
    content: bytes | None = None
    zeros: int = 0
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        """Return the body as it is sent. All but ASCII is escaped, so that no text can break the encoding."""
        if self.content is not None:
            return self.content
        return b"" if self.body is None else json.dumps(self.body, separators=(",", ":")).encode("ascii")


class Refuse(Exception):
    """Ends the work on a request with this response."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def phrase_of(status: int) -> str:
    """Return `Bad Request` for 400; `Error` for a status without a phrase."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def refusal(style: str, status: int, detail: str | None = None, **headers: str) -> Answer:
    """Return a refusal as the provider writes it; `detail` is included if the style has a field for it."""
    return Answer(status=status, body=_body(style, status, detail), headers=headers)


def _body(style: str, status: int, detail: str | None) -> dict[str, Any]:
    phrase = phrase_of(status)
    match style:
        case "gateway":
            name = phrase.upper().replace(" ", "_")
            if status == 401:
                return {"type": name, "error_title": phrase}
            return {
                "transactionId": str(uuid4()),
                "status": str(status),
                "name": name,
                "message": detail or phrase,
                "info": "https://developer.kpn.com/support",
            }
        case "numbers":
            label = "authentication failed" if status == 401 else detail or "method failed"
            return {"error-code": str(status), "error-code-label": label}
        case "calls" if status != 429 and status < 500:
            more = {} if detail is None else {"detail": detail}
            return {"type": phrase.upper().replace(" ", "_"), "error_title": phrase, **more}
        case _:
            kind, title, words = _PROBLEMS.get(status, ("", phrase, phrase))
            return {"type": VONAGE + kind, "title": title, "detail": detail or words, "instance": uuid4().hex}


def invalid(style: str, found: Iterable[tuple[str, str]], *, listing: bool = False) -> Answer:
    """Return a 400 with what is wrong: (name of the parameter, reason)."""
    parameters = [{"name": name, "reason": reason} for name, reason in found]
    match style:
        case "applications":
            body = _body(style, 400, None)
            if listing:
                body["type"] = f"{VONAGE}/application#list-validation"
            return Answer(status=400, body={**body, "invalid_parameters": parameters})
        case "numbers":
            words = "; ".join(f"{parameter['name']} {parameter['reason']}" for parameter in parameters)
            return Answer(status=420, body={"error-code": "420", "error-code-label": words})
        case "gateway":
            words = "; ".join(f"{parameter['name']} {parameter['reason']}" for parameter in parameters)
            return Answer(status=400, body=_body(style, 400, words))
        case _:
            return Answer(status=400, body={"type": 400, "title": "Bad Request", "invalid_parameters": parameters})


def missing(style: str, id: str) -> Answer:
    """Return a 404: there is nothing with this id."""
    return refusal(style, 404, f"ID '{id[:100]}' does not exist, or you do not have access")
