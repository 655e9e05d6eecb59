"""Send HTTP requests with time-outs, proxies, private certificate authorities and a limit on the size of a response.

The client follows no redirects, keeps no cookies and repeats no request; callers, which know what a request does, do.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from ncco_lang.net.deadline import Deadline, TooLate
from ncco_lang.net.proxies import Proxy, proxy_for
from ncco_lang.net.types import Request, Response, TransportError

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    import httpx

MIB = 1 << 20
CONNECT = 5.0
READ = 30.0
LARGEST_ANSWER = 4 * MIB
"""A page of a hundred applications has a tenth of it; parsed JSON may take thirty times its size in memory."""
_LARGEST_DOWNLOAD = 4096 * MIB
# Seconds for the whole download of a recording.
_LONGEST_DOWNLOAD = 3600.0
_LARGEST_ERROR = MIB
# A server that sends a byte now and then never exceeds the read time-out, so a response may take this many times as
# long.
_WHOLE = 4
_PIECE = MIB
_GZIP_OR_ZLIB = 47


class HttpClient:
    """Sends requests; threads may share it. It honours the environment's proxies and `SSL_CERT_FILE`/`SSL_CERT_DIR`.

    Servers on this machine are reached without a proxy.
    """

    __slots__ = ("_ca", "_clients", "_connect", "_deadline", "_lock", "_read", "_whole")

    def __init__(
        self, *, connect: float = CONNECT, read: float = READ, whole: float | None = None, ca: str | None = None
    ) -> None:
        """Make a client.

        Args:
            connect, read: time-outs in seconds.
            whole: the most seconds from sending a request to having read its response; None for four times `read`.
            ca: a PEM file of authorities trusted besides the usual ones.
        """
        self._connect = connect
        self._read = read
        self._whole = _WHOLE * read if whole is None else whole
        self._ca = ca
        self._lock = threading.Lock()
        self._deadline = Deadline()
        # Keyed by whether anything is encrypted, and by the proxy.
        self._clients: dict[tuple[bool, Proxy | None], httpx.Client] = {}

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"HttpClient(connect={self._connect}, read={self._read}, ca={self._ca!r})"

    def close(self) -> None:
        """Close the open connections; the next request opens new ones."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def send(self, request: Request, *, at_most: int = LARGEST_ANSWER) -> Response:
        """Send a request and return the whole response, whatever its status.

        Raises:
            TransportError: no response arrived, it is larger than `at_most` bytes, or it takes too long.
        """
        with self._answer(request) as answer:
            content = _read_whole(answer, at_most)
        return Response(status=answer.status_code, headers=dict(answer.headers), content=content)

    def download(
        self, request: Request, write: Callable[[bytes], Any], *, at_most: int = _LARGEST_DOWNLOAD
    ) -> Response:
        """Send a request and pass the body of a 200 to `write` piece by piece; read other responses whole.

        Raises:
            TransportError: no response arrived, or it breaks off, is larger than `at_most` bytes or takes longer than
                an hour; a part of it may have been written.
        """
        with self._answer(request) as answer:
            content = b""
            if answer.status_code == 200:
                # The length of a recording is unknown.
                self._deadline.start(_LONGEST_DOWNLOAD)
                size = 0
                for piece in _pieces(answer):
                    size += len(piece)
                    if size > at_most:
                        raise _too_large(at_most)
                    write(piece)
            else:
                content = _read_whole(answer, _LARGEST_ERROR)
        return Response(status=answer.status_code, headers=dict(answer.headers), content=content)

    @contextmanager
    def _answer(self, request: Request) -> Iterator[httpx.Response]:
        import httpx

        from ncco_lang.net.transport import FAILURES

        host = _host(request.url)
        proxy = _proxy_for(request.url)
        client = self._open(request.url, proxy)
        headers = {"accept-encoding": "identity", "user-agent": "ncco-lang", **request.headers}
        content: bytes | None = None
        if request.form is not None:
            content = _form(request.form)
            headers["content-type"] = "application/x-www-form-urlencoded"
        elif request.json is not None:
            content = _json(request.json)
            headers["content-type"] = "application/json"
        if not all(text.isascii() and text.isprintable() for pair in headers.items() for text in pair):
            raise TransportError("what would go into its headers has characters that cannot be sent there", sent=False)
        self._deadline.start(self._whole)
        try:
            answer = self._begin(client, request, headers, content)
            try:
                yield answer
            finally:
                answer.close()
        except TooLate:
            raise TransportError(f"the answer of {host} came too slowly", sent=True, late=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, *FAILURES) as failed:
            raise self._no_answer(request.url, proxy, failed) from None
        finally:
            self._deadline.lift()

    def _begin(
        self, client: httpx.Client, request: Request, headers: dict[str, str], content: bytes | None
    ) -> httpx.Response:
        """Send a request; the body of the response is not read yet."""
        query = request.query or None
        try:
            built = client.build_request(request.method, request.url, params=query, headers=headers, content=content)
        except UnicodeError:
            # Suppress the error, which holds the text.
            raise _no_text() from None
        try:
            return client.send(built, stream=True)
        except UnicodeError:
            raise _no_address() from None

    def _open(self, url: str, proxy: Proxy | None) -> httpx.Client:
        encrypted = "https" in (urlsplit(url).scheme, proxy.scheme if proxy is not None else "")
        with self._lock:
            client = self._clients.get((encrypted, proxy))
            if client is None:
                client = self._clients[encrypted, proxy] = self._make(encrypted, proxy)
            return client

    def _make(self, encrypted: bool, proxy: Proxy | None) -> httpx.Client:
        import httpx

        from ncco_lang.net.transport import Transport

        # Load certificates only if needed: it takes longer than anything else here.
        trusted = self._trusted() if encrypted else None
        try:
            transport = Transport(self._deadline, trusted=trusted, proxy=proxy)
        except ValueError:
            raise _no_proxy() from None
        return httpx.Client(
            transport=transport,
            trust_env=False,
            timeout=httpx.Timeout(self._read, connect=self._connect),
            follow_redirects=False,
            cookies=_no_cookies(),
        )

    def _trusted(self) -> ssl.SSLContext:
        """Return a context with the trusted certificate authorities."""
        import httpx

        try:
            # With the system's authorities besides the packaged ones: companies install theirs there.
            trusted = httpx.create_ssl_context()
            trusted.load_default_certs()
            if self._ca is not None:
                trusted.load_verify_locations(cafile=self._ca)
        except (OSError, ValueError) as failed:
            asked = self._ca or os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
            why = failed.strerror if type(failed) is not ssl.SSLError and isinstance(failed, OSError) else None
            words = f"the certificates in {asked} cannot be read: {why or 'it is no PEM file of certificates'}"
            raise TransportError(words, sent=False) from None
        return trusted

    def _no_answer(self, url: str, proxy: Proxy | None, failed: Exception) -> TransportError:
        """Return the error in words, without our URLs, headers or bodies."""
        host = _host(url)
        import httpcore
        import httpx

        if isinstance(failed, httpx.InvalidURL | httpcore.UnsupportedProtocol | httpcore.LocalProtocolError):
            return _no_address()
        # The host to which the connection is opened.
        first = host if proxy is None else proxy.shown
        match failed:
            case httpcore.ConnectTimeout():
                return TransportError(f"{first} could not be reached within {self._connect:g} s", sent=False, late=True)
            case httpcore.PoolTimeout():
                return TransportError("all connections were busy", sent=False)
            case httpcore.ProxyError():
                return TransportError(_proxy_words(host, first, failed), sent=False)
            case httpcore.ConnectError() if _is_refused(failed):
                at = _place(url) if proxy is None else proxy.shown
                return TransportError(f"nothing listens at {at}", sent=False, refused=True)
            case httpcore.ConnectError():
                return TransportError(_connect_words(host, first, failed), sent=False)
            case httpcore.ReadTimeout() if self._deadline.is_over:
                return TransportError(f"the answer of {host} came too slowly", sent=True, late=True)
            case httpcore.ReadTimeout():
                return TransportError(f"{host} did not answer within {self._read:g} s", sent=True, late=True)
            case httpcore.WriteTimeout():
                return TransportError(f"{host} did not take the request within {self._read:g} s", sent=True, late=True)
            case _:
                return TransportError(f"{host} cut the connection before the answer was whole", sent=True)


def _host(url: str) -> str:
    """Return the host of a URL. Raises TransportError if it has none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if host is None:
        raise _no_address()
    return host


def _no_address() -> TransportError:
    return TransportError("this is no address that a request can be sent to", sent=False)


def _proxy_for(url: str) -> Proxy | None:
    try:
        return proxy_for(url)
    except ValueError:
        raise _no_proxy() from None


def _no_proxy() -> TransportError:
    # Do not show its URL, which may hold a password.
    return TransportError(
        "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used: it is no address of one, "
        "or one of a kind for which nothing is installed (SOCKS wants the package socksio)",
        sent=False,
    )


def _no_text() -> TransportError:
    return TransportError("what would be sent has half a character in it, which cannot be written", sent=False)


def _json(value: Any) -> bytes:
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")
    except ValueError:
        raise TransportError(
            "what would be sent has a number in it that JSON has not: NaN or one without end", sent=False
        ) from None


def _form(pairs: tuple[tuple[str, str], ...]) -> bytes:
    try:
        return urlencode(pairs).encode("ascii")
    except UnicodeError:
        raise _no_text() from None


def _no_cookies() -> CookieJar:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def _proxy_words(host: str, proxy: str, failed: BaseException) -> str:
    # The error begins with the status if the proxy sent one; the rest is the proxy's text and is not repeated.
    status = str(failed)[:3]
    if status == "407":
        return f"{proxy} wants to know who asks (407); HTTPS_PROXY takes a user: http://USER:PASSWORD@HOST:PORT"
    return f"{proxy} does not lead to {host}" + (f" ({status})" if status.isdecimal() else "")


def _place(url: str) -> str:
    """Return the host and the port of a URL, without its credentials."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _is_refused(failed: BaseException) -> bool:
    """Return whether a connection was refused because no program listens there."""
    cause: BaseException | None = failed
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _connect_words(host: str, first: str, failed: BaseException) -> str:
    """Args: `host` is the TLS peer; `first` is the host the connection is opened to: the proxy, or the same."""
    cause: BaseException | None = failed
    while cause is not None:
        match cause:
            case ssl.SSLCertVerificationError():
                return (
                    f"nobody who is trusted here vouches for {host} ({cause.verify_message}); a private authority's "
                    "certificate is named by `api.ca` in ncco.toml, or by SSL_CERT_FILE"
                )
            case ssl.SSLError():
                return f"{host} and we could not agree on how to encrypt"
            case socket.gaierror():
                return f"{first} has no address here; is its name right, and is there a network"
            case _:
                cause = cause.__cause__ or cause.__context__
    return f"there is no way to {first}"


def _read_whole(answer: httpx.Response, at_most: int) -> bytes:
    content = bytearray()
    for piece in _pieces(answer):
        content += piece
        if len(content) > at_most:
            raise _too_large(at_most)
    return bytes(content)


def _pieces(answer: httpx.Response) -> Iterator[bytes]:
    """Yield the body, decompressed in pieces of bounded size, so that a small one cannot fill the memory."""
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    if packed in ("", "identity"):
        yield from answer.iter_raw()
        return
    if packed not in ("gzip", "x-gzip", "deflate"):
        raise TransportError("the answer is packed in a way that was not asked for", sent=True)
    unpacker, begun = zlib.decompressobj(_GZIP_OR_ZLIB), False
    try:
        for raw in answer.iter_raw():
            data, begun = raw, True
            while data:
                if piece := unpacker.decompress(data, _PIECE):
                    yield piece
                data = unpacker.unconsumed_tail
        if piece := unpacker.flush():
            yield piece
        if begun and not unpacker.eof:
            raise TransportError("the answer ends in the middle of what was packed", sent=True)
    except zlib.error:
        raise TransportError("the answer is packed wrongly", sent=True) from None


def _too_large(at_most: int) -> TransportError:
    size = f"{at_most // MIB} MiB" if at_most >= MIB else f"{-(-at_most // 1024)} KiB"
    return TransportError(f"the answer is larger than {size}", sent=True)
