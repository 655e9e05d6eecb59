"""Which hosts `[serve] allow` of ncco.toml names: with a private address, or without TLS."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import ip_address

from ncco_lang.values.hosts import host_of

_PORT = re.compile(r":([0-9]{1,5})")
_ENTRY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_host_allowed(address: str, allowed: Collection[str]) -> bool:
    """Return whether a list of hosts names that of an address with a scheme.

    Args:
        allowed: `crm.internal`, `127.0.0.1:8000`, `::1`, `[::1]:8000`; one without a port permits each.
    """
    place = host_of(address)
    if place is None:
        return False
    found = _PORT.match(address, place[1])
    port = int(found[1]) if found else _DEFAULT_PORTS.get(address.partition(":")[0].lower())
    return any(_plain(address[slice(*place)]) == host and own in (None, port) for host, own in map(_entry, allowed))


def _entry(entry: str) -> tuple[str, int | None]:
    found = _ENTRY.fullmatch(entry)
    if found is None:  # an IPv6 address without brackets
        return _plain(entry), None
    return _plain(found["host"]), int(found["port"]) if found["port"] else None


def _plain(host: str) -> str:
    """Return a host in small letters, without brackets and a final dot; an IP address in its shortest form."""
    plain = host.strip("[]").lower().rstrip(".")
    try:
        return str(ip_address(plain)) if plain.isascii() else plain.encode("idna").decode("ascii")
    except ValueError:
        return plain
