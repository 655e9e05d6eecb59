"""A request for the handlers: decoded, of limited size, and with validated content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ncco_lang.emulator.responses import Refuse, invalid, refusal
from ncco_lang.values.received import read_json, read_pairs

MOST_BYTES = 1 << 20
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
