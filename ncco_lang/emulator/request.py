"""A request as the handlers see it: decoded, of limited size, and with nothing in it that could break them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ncco_lang.emulator.responses import Refuse, invalid, refusal

MOST_BYTES = 1 << 20
MOST_DEEP = 64
MOST_FIELDS = 500
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One request.

    Attributes:
        params: what stands in the path for its names.
        headers: names in lower case.
        style: the shape of refusals here, see `responses.py`.
        application_id: whose token or header came with it, where one is needed.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    style: str = "applications"
    application_id: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The query; of a name that comes twice, the last."""
        return dict(self.query)

    @property
    def content_type(self) -> str:
        """`application/json`, without what may stand behind it."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Refuse: 415, or 400 when it is none, or too deep, or holds what JSON has no room for.
        """
        is_json = self.content_type == "application/json" or self.content_type.endswith("+json")
        if not is_json and (self.body or self.content_type):
            raise Refuse(refusal(self.style, 400 if self.style == "gateway" else 415))
        value, reason = read_json(self.body)
        if reason is not None:
            raise Refuse(invalid(self.style, [("body", reason)]))
        return value

    def object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises Refuse."""
        value = self.json()
        if not isinstance(value, dict):
            raise Refuse(invalid(self.style, [("body", "must be a JSON object")]))
        return value

    def form(self) -> dict[str, str]:
        """The body as the fields of a form. Raises Refuse."""
        if self.content_type not in (FORM, ""):
            raise Refuse(refusal(self.style, 415 if self.style == "applications" else 400))
        fields = read_pairs(self.body)
        if fields is None:
            raise Refuse(invalid(self.style, [("body", "is not form-urlencoded")]))
        return dict(fields)

    def number(self, name: str, default: int, least: int, most: int = 1_000_000_000, *, listing: bool = True) -> int:
        """A number from the query. Raises Refuse."""
        text = self.given.get(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
            return int(text)
        reason = f"must be between {least} and {most}" if most < 1_000_000_000 else f"must be {least} or more"
        raise Refuse(invalid(self.style, [(name, reason)], listing=listing))


def read_pairs(data: bytes) -> tuple[tuple[str, str], ...] | None:
    """A query or a form as names and values; None when it is none. Bytes that are no UTF-8 become U+FFFD."""
    try:
        return tuple(parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return None


def read_json(data: bytes) -> tuple[Any, str | None]:
    """A JSON value, and what is wrong with it where something is."""
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError:
        return None, "is not UTF-8"
    except (ValueError, RecursionError):
        return None, "is not valid JSON"
    return value, _unfit(value)


def _refuse(_: str) -> None:
    raise ValueError


def _unfit(value: Any) -> str | None:
    """Why a value that Python's reader takes is none for us: depth, numbers without end, halves of characters."""
    here: list[Any] = [value]
    for _ in range(MOST_DEEP):
        below: list[Any] = []
        for item in here:
            if isinstance(item, dict):
                below += item.values()
                below += item
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                if not is_text(item):
                    return "has a character that is none"
            elif isinstance(item, float) and (item != item or item in (float("inf"), float("-inf"))):
                return "has a number that is too large"
        if not below:
            return None
        here = below
    return f"is nested deeper than {MOST_DEEP} levels"


def is_text(text: str) -> bool:
    """Whether a text can be written in UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_whole(value: Any, least: int, most: int) -> bool:
    """Whether a JSON value is a whole number in a range; `true` is none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_url(value: Any) -> bool:
    """Whether a JSON value is an http or https address with a host."""
    from urllib.parse import urlsplit

    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


def one_of(names: Iterable[str]) -> str:
    """The reason that the platform gives for a word it does not know."""
    return "must be one of: " + ", ".join(names)
