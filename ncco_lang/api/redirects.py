"""Decide whether to follow a redirect, and show a URL in messages."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import SplitResult, parse_qsl, quote, urljoin, urlsplit, urlunsplit

from ncco_lang.net.types import Request, Response

_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The characters that a URL may have; all others are escaped, because URLs are shown in messages.
_KEPT = "%:/?#[]@!$&'()*+,;="


def followed(request: Request, response: Response, hops: int) -> Request | None:
    """Return the request that a redirect leads to; None without a redirect, or if it is not followed.

    Only a GET is followed, on the same host, up to five times in a row.

    Args:
        hops: how many redirects led to this request.
    """
    if response.status not in _REDIRECTS or request.method != "GET" or hops >= _HOPS:
        return None
    target = urlsplit(location(request, response))
    here = urlsplit(request.url)
    if (target.scheme, _netloc(target)) != (here.scheme, _netloc(here)):
        return None
    query = tuple(parse_qsl(target.query, keep_blank_values=True))
    return replace(request, url=quote(shown_address(target.geturl()), safe=_KEPT), query=query)


def location(request: Request, response: Response) -> str:
    """Return the target of a redirect; empty if it is missing or invalid."""
    given = response.headers.get("location", "")
    try:
        return urlsplit(urljoin(request.url, given)).geturl() if given else ""
    except ValueError:
        return ""


def _netloc(parts: SplitResult) -> str:
    """Return host and port without the default port, which gateways write and we do not."""
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts.netloc.lower().removesuffix(usual)


def shown_address(url: str) -> str:
    """Return a URL without query, fragment, user and password, for messages."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
