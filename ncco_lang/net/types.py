"""A request, an answer, and the lack of one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_DEEP = 100
"""Levels of an answer's JSON; what has more is none of a provider's, and breaks whoever walks through it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. At most one of `json` and `form` is given.

    Attributes:
        method: `GET`, `POST`, …
        url: with scheme and host; `query` is added to it.
        headers: what our side adds. They may hold secrets, and so may the rest: `repr` leaves all of them out.
    """

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
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
        """The body as JSON; None where it is empty or no JSON (errors of gateways are often HTML).

        What Python's reader lets through and nobody can write again is no JSON either: NaN, numbers without end, and
        what is nested deeper than `MOST_DEEP`. Halves of characters become U+FFFD.
        """
        try:
            return _whole(json.loads(self.content, parse_constant=_refuse, parse_float=_number), MOST_DEEP)
        except (ValueError, RecursionError):
            return None


def _refuse(word: str) -> None:
    raise ValueError(word)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _whole(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not isinstance(value, (list, dict)):
        return value
    if levels == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [_whole(item, levels - 1) for item in value]
    return {_whole(name, levels - 1): _whole(item, levels - 1) for name, item in value.items()}


class TransportError(Exception):
    """No answer came; the message says why, in words.

    Attributes:
        sent: whether the request may have reached the other side, so that it may have taken effect.
        nobody: whether it is known that no program listens there.
        late: whether time ran out.
    """

    def __init__(self, message: str, *, sent: bool, nobody: bool = False, late: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.nobody = nobody
        self.late = late
