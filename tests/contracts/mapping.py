"""Addresses on this machine, as the provider that they stand for would write them."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit, urlunsplit

HOSTS = {"vonage": "api.nexmo.com", "kpn": "api-prd.kpn.com"}
NUMBERS_HOST = "rest.nexmo.com"


def published_url(provider: Literal["vonage", "kpn"], url: str) -> str:
    """What an address of a stand-in (absolute, or from the path on) is at the provider itself."""
    parts = urlsplit(url)
    host = HOSTS[provider]
    if provider == "vonage" and parts.path.startswith(("/account/", "/number/")):
        host = NUMBERS_HOST
    return urlunsplit(("https", host, parts.path, parts.query, ""))
