"""The host of an address, and whether servers on the internet can reach it."""

from __future__ import annotations

import re

_HOST = re.compile(r"^[a-z][a-z0-9+.-]*:(?://)?(?:[^\s/?#@]*@)?(\[[^\]]*\]|[^\s/?#:;>]*)", re.IGNORECASE)
_PRIVATE_ENDS = (
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".home.arpa",
    ".corp",
    ".private",
    ".test",
    ".invalid",
)
_PART = re.compile(r"0[xX][0-9A-Fa-f]+|[0-9]+")
_DOCUMENTATION = ((0xC0000200, 24), (0xC6336400, 24), (0xCB007100, 24))
"""Networks for examples (RFC 5737), which stand for real addresses as example.com does."""


def host_of(address: str) -> tuple[int, int] | None:
    """Return (start, end) of the host of an address with a scheme, without its port; None without a scheme or a host."""
    match = _HOST.match(address)
    return match.span(1) if match is not None and match[1] else None


def is_unreachable(host: str) -> bool:
    """Return whether a host is in a private network or on the same machine, so that no server on the internet finds it.

    Args:
        host: a name or an IP address in any form that resolvers read, such as `127.1` and `0x7f000001`.
    """
    plain = host.strip("[]").rstrip(".").lower()
    if ":" in plain:
        return _is_private(plain)
    if plain[:1].isdigit() and (number := _ipv4(plain)) is not None:
        if any(number >> (32 - bits) == network >> (32 - bits) for network, bits in _DOCUMENTATION):
            return False
        return _is_private(number)
    if "." not in plain:
        return re.fullmatch(r"[a-z0-9_-]+", plain) is not None
    return plain.endswith(_PRIVATE_ENDS)


def _ipv4(host: str) -> int | None:
    """Return the number of an IPv4 address of one to four parts, decimal, octal or hexadecimal, or None."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_PART.fullmatch(part) for part in parts):
        return None
    try:
        numbers = [int(part, 16 if part[:2] in ("0x", "0X") else 8 if part[:1] == "0" else 10) for part in parts]
    except ValueError:
        return None
    *first, last = numbers
    room = 8 * (4 - len(first))
    if any(number > 255 for number in first) or last >= 1 << room:
        return None
    return sum(number << (24 - 8 * index) for index, number in enumerate(first)) + last


def _is_private(address: int | str) -> bool:
    # Imported here, because few addresses are numbers.
    import ipaddress

    from ncco_lang.values.ip_addresses import is_public

    try:
        return not is_public(ipaddress.ip_address(address))
    except ValueError:
        return False
