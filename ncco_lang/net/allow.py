"""The hosts that lookups may reach although their address is private, or without TLS."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

# Resolvers and proxies may read other characters, such as `%`, in their own ways.
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")

_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port, as they are compared.

    Attributes:
        host: in lower case and ASCII, without a final dot; an IPv6 address in its shortest form, without brackets.
        port: None for any.
    """

    host: str
    port: int | None


def place_of(url: httpx.URL) -> Place | None:
    """Return the host and the port of a URL; None if the host is not a name or an address, or the port is too large."""
    host = url.raw_host.decode("ascii")
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    if port is not None and port > _LAST_PORT:
        return None
    if (address := read_address(host)) is not None:
        return Place(str(address), port)
    return Place(host.rstrip("."), port) if _NAME.fullmatch(host) else None


def read_allowed(entries: Collection[str]) -> frozenset[Place]:
    """Return the places that a list of hosts names: `crm.internal`, `127.0.0.1:8000`, `::1`, `[::1]:8000`.

    Raises:
        ValueError: an entry is invalid; the error has it as its argument.
    """
    return frozenset(map(_read, entries))


def is_allowed(place: Place, allowed: frozenset[Place]) -> bool:
    """Return whether a place is in a set, with its port or with any."""
    return place in allowed or Place(place.host, None) in allowed


def how_to_allow(host: str) -> str:
    """Return the end of the message for a host that is not allowed: what to write."""
    return f'`allow = ["{host}"]` below [serve] in ncco.toml permits it'


def read_address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host without brackets is in its usual form; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _read(entry: str) -> Place:
    bare = read_address(entry) if ":" in entry else None
    try:
        url = httpx.URL(f"//{entry}" if bare is None else f"//[{bare}]")
    except httpx.InvalidURL:
        raise ValueError(entry) from None
    place = place_of(url)
    if place is None or url.userinfo or url.raw_path not in (b"", b"/") or url.fragment or entry.endswith("/"):
        raise ValueError(entry)
    return place
