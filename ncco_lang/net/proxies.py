"""Which proxy the environment wants for an address: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, but for `NO_PROXY`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

# What runs on this machine is reached without a proxy.
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy is, and who we are to it. `scheme` is `http`, `https`, `socks5` or `socks5h`."""

    scheme: str
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """What it is called in messages: nothing of the user and the password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"the proxy {host}:{self.port}"


def proxy_for(url: str) -> Proxy | None:
    """The proxy for an address; None where it is reached without one.

    Raises:
        ValueError: what the environment names is no proxy; without what it says, for it may hold a password.
    """
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if parts.hostname is None or parts.hostname in _HERE:
        return None
    named = getproxies()
    found = named.get(parts.scheme) or named.get("all")
    # Named with its port, or without; only so is an address of IPv6 found.
    if not found or proxy_bypass(parts.netloc.rpartition("@")[2]) or proxy_bypass(parts.hostname):
        return None
    try:
        return _read(found if "://" in found else f"http://{found}")
    except ValueError:
        raise ValueError("this is no address of a proxy") from None


def _read(text: str) -> Proxy:
    parts = urlsplit(text)
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        raise ValueError
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return Proxy(parts.scheme, host, parts.port or _PORTS[parts.scheme], user, password)
