"""An HTTP request, a response, and the error for a missing response."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_DEEP = 100
"""Levels of nesting allowed in a response's JSON; more would exceed the recursion limit of code that walks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. At most one of `json` and `form` is given.

    Attributes:
        method: `GET`, `POST`, …
        url: with scheme and host; `query` is appended to it.
        headers: the headers we add. They may hold secrets, as may the fields after them: `repr` omits all of these.
    """

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    form: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The method and the URL without the query, for messages."""
        return f"{self.method} {self.url}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete response. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        """Return the body as JSON; None if it is empty or not JSON (errors of gateways are often HTML).

        `parse_json` says what is valid.
        """
        try:
            return self.parse_json()
        except ValueError:
            return None

    def parse_json(self, most_values: int | None = None) -> Any:
        """Return the body as JSON, if it has no more than `most_values` values.

        NaN, infinite numbers and nesting deeper than `MOST_DEEP` are invalid, although Python's parser accepts them,
        because they cannot be written as JSON again. Lone surrogates become U+FFFD.

        Raises:
            ValueError: the body is empty or not JSON; the message does not show it.
            TooManyValues: it has more values; a walk over all of them would take long.
        """
        try:
            value = json.loads(self.content, parse_constant=_refuse, parse_float=_number)
            if most_values is None or not _has_more_values(value, most_values):
                return _whole(value, MOST_DEEP)
        except (ValueError, RecursionError):
            raise ValueError("the response is not JSON") from None
        raise TooManyValues


def _has_more_values(value: Any, most: int) -> bool:
    # Imported here, because it imports `decimal`, which only lookups need.
    from ncco_lang.values.data import has_more_values

    return has_more_values(value, most)


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


class TooManyValues(ValueError):
    """The JSON of a response has too many values."""


class TransportError(Exception):
    """No response arrived; the message says why.

    Attributes:
        sent: whether the server may have received the request, so that it may have taken effect.
        refused: whether the connection was refused, so that no program listens there.
        late: whether a time-out or the deadline passed.
    """

    def __init__(self, message: str, *, sent: bool, refused: bool = False, late: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.refused = refused
        self.late = late


class AddressForbidden(TransportError):
    """The request was not made, because its target is a private address or not encrypted, and its host is not allowed.

    A redirect to another host has this error too; `sent` is then true, because the request before it was made.
    """


class BadCertificates(TransportError):
    """A file of trusted certificate authorities cannot be used.

    Attributes:
        file: its path, or that of a folder of such files.
        why: the reason in words.
    """

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"the certificates in {file} cannot be read: {why}", sent=False)
        self.file = file
        self.why = why
