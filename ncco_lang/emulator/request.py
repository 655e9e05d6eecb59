"""A request for the handlers: decoded, of limited size, and with validated content."""

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
        params: the values of the names in the path.
        headers: names in lower case.
        style: the style of refusals here, see `responses.py`.
        application_id: the application of the token or header, if one is needed.
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
        """Return the query; of a repeated name, the last value."""
        return dict(self.query)

    @property
    def content_type(self) -> str:
        """Return the media type, like `application/json`, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def _sent(self) -> str:
        return self.content_type[:60] or "without a Content-Type"

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            Refuse: 415, or 400 if it is not JSON, is too deep, or holds a value that JSON cannot express.
        """
        is_json = self.content_type == "application/json" or self.content_type.endswith("+json")
        if not is_json and (self.body or self.content_type):
            if self.style == "gateway":
                raise Refuse(invalid(self.style, [("body", f"must be JSON (application/json), not {self._sent}")]))
            raise Refuse(refusal(self.style, 415))
        value, reason = read_json(self.body)
        if reason is not None:
            raise Refuse(invalid(self.style, [("body", reason)]))
        return value

    def object(self) -> dict[str, Any]:
        """Return the body as a JSON object. Raises Refuse."""
        value = self.json()
        if not isinstance(value, dict):
            raise Refuse(invalid(self.style, [("body", "must be a JSON object")]))
        return value

    def form(self) -> dict[str, str]:
        """Return the body as the fields of a form. Raises Refuse."""
        is_json = self.body.lstrip()[:1] in (b"{", b"[")
        if self.content_type not in (FORM, "") or is_json:
            sent = "JSON" if is_json else self._sent
            raise Refuse(invalid(self.style, [("body", f"must be a form ({FORM}), not {sent}")]))
        fields = read_pairs(self.body)
        if fields is None:
            raise Refuse(invalid(self.style, [("body", "is not form-urlencoded")]))
        return dict(fields)

    def number(self, name: str, default: int, least: int, most: int = 1_000_000_000, *, listing: bool = True) -> int:
        """Return a number from the query. Raises Refuse."""
        text = self.given.get(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
            return int(text)
        reason = f"must be between {least} and {most}" if most < 1_000_000_000 else f"must be {least} or more"
        raise Refuse(invalid(self.style, [(name, reason)], listing=listing))


def read_pairs(data: bytes) -> tuple[tuple[str, str], ...] | None:
    """Return a query or a form as names and values; None if it is invalid. Bytes that are not UTF-8 become U+FFFD."""
    try:
        return tuple(parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return None


def read_json(data: bytes) -> tuple[Any, str | None]:
    """Return a JSON value, and what is wrong with it or None."""
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
    """Return why a value from Python's parser is refused: depth, infinite numbers, lone surrogates."""
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
    """Return whether a text can be encoded as UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_whole(value: Any, least: int, most: int) -> bool:
    """Return whether a JSON value is a whole number in a range; `true` is not."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_url(value: Any) -> bool:
    """Return whether a JSON value is an http or https URL with a host."""
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
    """Return the platform's reason for an unknown word."""
    return "must be one of: " + ", ".join(names)
