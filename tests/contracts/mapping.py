"""Map URLs on this machine to those of the provider that is emulated there."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit, urlunsplit

HOSTS = {"vonage": "api.nexmo.com", "kpn": "api-prd.kpn.com"}
NUMBERS_HOST = "rest.nexmo.com"


def published_url(provider: Literal["vonage", "kpn"], url: str) -> str:
    """Return the provider's own URL for one of an emulator (absolute, or from the path on)."""
    parts = urlsplit(url)
    host = HOSTS[provider]
    if provider == "vonage" and parts.path.startswith(("/account/", "/number/")):
        host = NUMBERS_HOST
    return urlunsplit(("https", host, parts.path, parts.query, ""))
