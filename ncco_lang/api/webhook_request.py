"""Build the requests that the platform sends to webhooks, signed or not (voice-api.md C)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ncco_lang.net.types import Request

MOST_BYTES = 1 << 20
"""The most bytes of one answer to a webhook; the platform documents no limit."""


def webhook_request(
    method: str, address: str, fields: Mapping[str, Any], sign: Callable[[bytes], str] | None = None
) -> Request:
    """Return the request that sends fields to a webhook: in the query of a GET, else as a JSON body.

    Args:
        sign: returns the token of a payload (`tokens.jwt.sign_webhook`); None: the request is unsigned.

    Raises:
        ValueError: `address` is not a URL.
    """
    if method != "GET":
        body = dict(fields)
        return Request(method=method, url=address, json=body, headers=_signature(sign, lambda: _compact(body).encode()))
    parts = urlsplit(address)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *((name, _text(value)) for name, value in fields.items())]
    url = urlunsplit(parts._replace(query=urlencode(pairs), fragment=""))
    return Request(method=method, url=url, headers=_signature(sign, lambda: _payload(pairs)))


def _signature(sign: Callable[[bytes], str] | None, payload: Callable[[], bytes]) -> dict[str, str]:
    return {} if sign is None else {"Authorization": f"Bearer {sign(payload())}"}


def _payload(pairs: list[tuple[str, str]]) -> bytes:
    from ncco_lang.tokens.jwt import payload_of_query

    return payload_of_query(pairs)


def _text(value: Any) -> str:
    """Return a field as it is in a query; what is not a string is JSON."""
    return value if isinstance(value, str) else _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
