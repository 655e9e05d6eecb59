"""Map regions to hosts. A request for a call of another region gets a 404 (Vonage, regions of the Voice API)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

REGIONS: Mapping[str, str] = {
    "na-east": "api-us-3.vonage.com",
    "na-west": "api-us-4.vonage.com",
    "eu-west": "api-eu-3.vonage.com",
    "eu-east": "api-eu-4.vonage.com",
    "apac-sng": "api-ap-3.vonage.com",
    "apac-australia": "api-ap-4.vonage.com",
}
"""An application's `region` → the host that handles its calls."""


def region_of(address: str) -> str | None:
    """Return the region whose host an address has, or None."""
    host = urlsplit(address).hostname
    return next((region for region, name in REGIONS.items() if name == host), None)
