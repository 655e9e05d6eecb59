"""The headers of requests: which names they may have, and the form of their values."""

from __future__ import annotations

import re
from typing import Final

from ncco_lang.values.escape import escape_header

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
"""A token of RFC 9110 (section 5.6.2)."""
OF_CONNECTION: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that belong to the connection and the body, so the HTTP client alone sets them (RFC 9110, section 7.6.1)."""


def is_header_name(name: str) -> bool:
    """Return whether an author can set a header of this name."""
    return _NAME.fullmatch(name) is not None and name.lower() not in OF_CONNECTION


def header_value(text: str) -> str:
    """Return a text as the value of a header: without control characters, and other than ASCII percent-encoded (UTF-8)."""
    text = escape_header(text).strip()
    if text.isascii():
        return text
    # Imported here, because few headers need it.
    from urllib.parse import quote

    return "".join(sign if sign.isascii() else quote(sign, errors="replace") for sign in text)
