"""The words for a request without a response, without our URLs, headers or bodies."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from ncco_lang.net.proxies import Proxy
from ncco_lang.net.types import TransportError


def describe_failure(
    url: str, proxy: Proxy | None, failed: Exception, *, connect: float, read: float
) -> TransportError:
    """Return an error of `httpx` or `httpcore` in words.

    Args:
        url, proxy: where the request was to go.
        connect, read: the time-outs, in seconds.
    """
    import httpcore
    import httpx

    host = host_of(url)
    if isinstance(failed, httpx.InvalidURL | httpcore.UnsupportedProtocol | httpcore.LocalProtocolError):
        return no_address()
    # The host to which the connection is opened.
    first = host if proxy is None else proxy.shown
    match failed:
        case httpcore.ConnectTimeout():
            return unreached(first, connect)
        case httpcore.PoolTimeout():
            return TransportError("all connections were busy", sent=False)
        case httpcore.ProxyError():
            return TransportError(_proxy_words(host, first, failed), sent=False)
        case httpcore.ConnectError() if _is_refused(failed):
            at = _place(url) if proxy is None else proxy.shown
            return TransportError(f"nothing listens at {at}", sent=False, refused=True)
        case httpcore.ConnectError():
            return TransportError(_connect_words(host, first, failed), sent=False)
        case httpcore.ReadTimeout():
            return unanswered(host, read)
        case httpcore.WriteTimeout():
            return TransportError(f"{host} did not take the request within {read:g} s", sent=True, late=True)
        case _:
            return TransportError(f"{host} cut the connection before the answer was whole", sent=True)


def host_of(url: str) -> str:
    """Return the host of a URL. Raises TransportError if it has none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if host is None:
        raise no_address()
    return host


def no_address() -> TransportError:
    """Return the error for an invalid URL."""
    return TransportError("this address is invalid, so no request can be sent to it", sent=False)


def no_proxy() -> TransportError:
    """Return the error for an invalid proxy, without its URL, which may hold a password."""
    return TransportError(
        "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used: its address is invalid, "
        "or its kind needs a package that is not installed (SOCKS: socksio)",
        sent=False,
    )


def unreached(first: str, seconds: float) -> TransportError:
    """Return the error for a connection that was not open in time. `first` is the host that it goes to."""
    return TransportError(f"{first} could not be reached within {seconds:g} s", sent=False, late=True)


def crowded(host: str, seconds: float) -> TransportError:
    """Return the error for a request that has waited for others of its kind."""
    words = f"earlier requests to {host} were not answered, so this one was not sent within {seconds:g} s"
    return TransportError(words, sent=False, late=True)


def unanswered(host: str, seconds: float) -> TransportError:
    """Return the error for a response that did not arrive in time."""
    return TransportError(f"{host} did not answer within {seconds:g} s", sent=True, late=True)


def _proxy_words(host: str, proxy: str, failed: BaseException) -> str:
    # The error begins with the status if the proxy sent one; the rest is the proxy's text and is not repeated.
    status = str(failed)[:3]
    if status == "407":
        return f"{proxy} wants to know who asks (407); HTTPS_PROXY takes a user: http://USER:PASSWORD@HOST:PORT"
    return f"{proxy} does not lead to {host}" + (f" ({status})" if status.isdecimal() else "")


def _place(url: str) -> str:
    """Return the host and the port of a URL, without its credentials."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _causes(failed: BaseException | None) -> Iterator[BaseException]:
    while failed is not None:
        yield failed
        failed = failed.__cause__ or failed.__context__


def _is_refused(failed: BaseException) -> bool:
    """Return whether a connection was refused because no program listens there."""
    return any(isinstance(cause, ConnectionRefusedError) for cause in _causes(failed))


def _connect_words(host: str, first: str, failed: BaseException) -> str:
    """Args: `host` is the TLS peer; `first` is the host the connection is opened to: the proxy, or the same."""
    for cause in _causes(failed):
        match cause:
            case ssl.SSLCertVerificationError():
                return (
                    f"no trusted authority vouches for {host} ({cause.verify_message}); name the certificate of a private "
                    "one in SSL_CERT_FILE, or in ncco.toml: `api.ca` of the profile for its provider, `ca` below [serve] for"
                    " lookups"
                )
            case ssl.SSLError():
                return f"{host} and we could not agree on how to encrypt"
            case socket.gaierror():
                return f"{first} has no address here; is its name right, and is there a network"
            case _:
                pass
    return f"there is no way to {first}"
