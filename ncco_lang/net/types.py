"""A request, an answer, and the lack of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. At most one of `json` and `form` is given.

    Attributes:
        method: `GET`, `POST`, …
        url: with scheme and host; `query` is added to it.
        headers: what our side adds; may hold secrets, so `repr` leaves them out.
    """

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    form: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """Method and address without the query, for messages."""
        return f"{self.method} {self.url}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer that has come whole. Names of headers are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        """The body as JSON; None where it is empty or no JSON (errors of gateways are often HTML)."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


class NoAnswer(Exception):
    """No answer came; the message says why, in words.

    Attributes:
        sent: whether the request may have reached the other side, so that it may have taken effect.
    """

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent
