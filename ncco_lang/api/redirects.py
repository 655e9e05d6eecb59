"""Where a redirect leads, whether it is followed, and how an address is shown."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import SplitResult, parse_qsl, quote, urljoin, urlsplit, urlunsplit

from ncco_lang.net.types import Request, Response

_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What an address may have; everything else is escaped, because addresses stand in messages.
_KEPT = "%:/?#[]@!$&'()*+,;="


def followed(request: Request, response: Response, hops: int) -> Request | None:
    """Return the request that a redirect leads to; None where there is none, or it is not followed.

    Only a GET is, on the same host, and five times in a row.

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
    """Return where a redirect leads; empty where it does not say, or says nonsense."""
    given = response.headers.get("location", "")
    try:
        return urlsplit(urljoin(request.url, given)).geturl() if given else ""
    except ValueError:
        return ""


def _netloc(parts: SplitResult) -> str:
    """Return host and port; gateways write the usual port out, where we do not."""
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts.netloc.lower().removesuffix(usual)


def shown_address(url: str) -> str:
    """Return an address without query, fragment, user and password: what may stand in a message."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
