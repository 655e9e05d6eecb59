"""Find the proxy for a URL in the environment: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, except for `NO_PROXY`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

# Servers on this machine are reached without a proxy.
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """The address and credentials of a proxy. `scheme` is `http`, `https`, `socks5` or `socks5h`."""

    scheme: str
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The name of the proxy in messages, without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"the proxy {host}:{self.port}"


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy for a URL; None if it is reached without one.

    Raises:
        ValueError: the environment's proxy is invalid; the message does not show it, because it may hold a password.
    """
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if parts.hostname is None or parts.hostname in _HERE:
        return None
    named = getproxies()
    found = named.get(parts.scheme) or named.get("all")
    # NO_PROXY may name a host with or without its port; an IPv6 address is found only this way.
    if not found or proxy_bypass(parts.netloc.rpartition("@")[2]) or proxy_bypass(parts.hostname):
        return None
    try:
        return _read(found if "://" in found else f"http://{found}")
    except ValueError:
        raise ValueError("this is no address of a proxy") from None


def is_encrypted(url: str, proxy: Proxy | None) -> bool:
    """Return whether the way to a server needs certificates: to the server itself, or to the proxy."""
    return urlsplit(url).scheme == "https" or (proxy is not None and proxy.scheme == "https")


def _read(text: str) -> Proxy:
    parts = urlsplit(text)
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        raise ValueError
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return Proxy(parts.scheme, host, parts.port or _PORTS[parts.scheme], user, password)
