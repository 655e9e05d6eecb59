"""The wire: one HTTP client with time-outs, proxies, private certificate authorities and a limit on what it reads.

It follows no redirects, keeps no cookies and repeats nothing; that is decided where it is known what a request does.
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

from ncco_lang.net.deadline import Deadline, TooLate, hold
from ncco_lang.net.types import NoAnswer, Request, Response

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    import httpx

MIB = 1 << 20
CONNECT = 5.0
READ = 30.0
_LARGEST_DOWNLOAD = 4096 * MIB
_LARGEST_ERROR = MIB
# A server that sends a byte now and then never trips the time-out for reading; an answer has so many times as long.
_WHOLE = 4
_PIECE = MIB
_HERE = ("127.0.0.1", "localhost", "[::1]")
_PLAIN_HERE = ("127.0.0.1", "localhost", "::1")
_GZIP_OR_ZLIB = 47


class Wire:
    """Sends requests; threads may share it. The environment's proxies and `SSL_CERT_FILE`/`SSL_CERT_DIR` hold.

    What runs on this machine is reached without a proxy.
    """

    __slots__ = ("_ca", "_clients", "_connect", "_deadline", "_lock", "_read")

    def __init__(self, *, connect: float = CONNECT, read: float = READ, ca: str | None = None) -> None:
        """Args: `connect`, `read` in seconds; `ca` a PEM file of authorities that are trusted besides the usual ones."""
        self._connect = connect
        self._read = read
        self._ca = ca
        self._lock = threading.Lock()
        self._deadline = Deadline()
        self._clients: dict[bool, httpx.Client] = {}

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Wire(connect={self._connect}, read={self._read}, ca={self._ca!r})"

    def close(self) -> None:
        """Close what connections are open; the next request would open new ones."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def send(self, request: Request, *, at_most: int = 16 * MIB) -> Response:
        """Send a request and read the whole answer, whatever its status.

        Raises:
            NoAnswer: none came, or it is larger than `at_most` bytes or takes too long to come.
        """
        with self._answer(request) as answer:
            content = _read_whole(answer, at_most)
        return Response(status=answer.status_code, headers=dict(answer.headers), content=content)

    def download(
        self, request: Request, write: Callable[[bytes], Any], *, at_most: int = _LARGEST_DOWNLOAD
    ) -> Response:
        """Send a request and hand the body of a 2xx on piece by piece; other answers are read whole.

        Raises:
            NoAnswer: none came, or it broke off; then some of it may have been written.
        """
        with self._answer(request) as answer:
            content = b""
            if 200 <= answer.status_code < 300:
                # A recording is as long as it is.
                self._deadline.lift()
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

        host = _host(request.url)
        client = self._open(request.url)
        headers = {"accept-encoding": "identity", "user-agent": "ncco-lang", **request.headers}
        content: bytes | None = None
        if request.form is not None:
            content = _form(request.form)
            headers["content-type"] = "application/x-www-form-urlencoded"
        elif request.json is not None:
            content = json.dumps(request.json, separators=(",", ":")).encode("ascii")
            headers["content-type"] = "application/json"
        if not all(text.isascii() and text.isprintable() for pair in headers.items() for text in pair):
            raise NoAnswer("what would go into its headers has characters that cannot be sent there", sent=False)
        self._deadline.start(_WHOLE * self._read)
        try:
            answer = self._begin(client, request, headers, content)
            try:
                yield answer
            finally:
                answer.close()
        except TooLate:
            raise NoAnswer(f"the answer of {host} came too slowly", sent=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as failed:
            raise self._no_answer(host, failed) from None
        finally:
            self._deadline.lift()

    def _begin(
        self, client: httpx.Client, request: Request, headers: dict[str, str], content: bytes | None
    ) -> httpx.Response:
        """Send a request; the answer's body has not been read."""
        query = request.query or None
        try:
            built = client.build_request(request.method, request.url, params=query, headers=headers, content=content)
        except UnicodeError:
            # Without the error, which holds the text.
            raise _no_text() from None
        try:
            return client.send(built, stream=True)
        except UnicodeError:
            raise _no_address() from None

    def _open(self, url: str) -> httpx.Client:
        with self._lock:
            plain = _is_plain_and_here(url)
            if plain not in self._clients:
                client = self._make_plain() if plain else self._make()
                hold(client, self._deadline)
                self._clients[plain] = client
            return self._clients[plain]

    def _make_plain(self) -> httpx.Client:
        """For http on this machine: no proxy, and no certificates, whose reading takes longer than all else here."""
        import httpx

        return httpx.Client(
            verify=False,
            trust_env=False,
            timeout=httpx.Timeout(self._read, connect=self._connect),
            follow_redirects=False,
            cookies=_no_cookies(),
        )

    def _make(self) -> httpx.Client:
        import httpx

        try:
            # With the system's authorities beside the packaged ones: firms install theirs there.
            trusted = httpx.create_ssl_context()
            trusted.load_default_certs()
            if self._ca is not None:
                trusted.load_verify_locations(cafile=self._ca)
        except (OSError, ValueError) as failed:
            asked = self._ca or os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
            why = failed.strerror if type(failed) is not ssl.SSLError and isinstance(failed, OSError) else None
            words = f"the certificates in {asked} cannot be read: {why or 'it is no PEM file of certificates'}"
            raise NoAnswer(words, sent=False) from None
        try:
            return httpx.Client(
                verify=trusted,
                timeout=httpx.Timeout(self._read, connect=self._connect),
                follow_redirects=False,
                cookies=_no_cookies(),
                mounts={f"all://{host}": None for host in _HERE},
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            # Without what it says: a proxy's address may hold a password.
            raise NoAnswer("the proxy that HTTPS_PROXY or ALL_PROXY names cannot be used", sent=False) from None

    def _no_answer(self, host: str, failed: Exception) -> NoAnswer:
        """What went wrong, in words without addresses of ours, headers or bodies."""
        import httpx

        if isinstance(failed, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            return _no_address()
        match failed:
            case httpx.ConnectTimeout():
                return NoAnswer(f"{host} could not be reached within {self._connect:g} s", sent=False)
            case httpx.PoolTimeout():
                return NoAnswer("all connections were busy", sent=False)
            case httpx.ProxyError():
                return NoAnswer(f"the proxy does not lead to {host}", sent=False)
            case httpx.ConnectError():
                return NoAnswer(_connect_words(host, failed), sent=False)
            case httpx.ReadTimeout() if self._deadline.is_over:
                return NoAnswer(f"the answer of {host} came too slowly", sent=True)
            case httpx.ReadTimeout():
                return NoAnswer(f"{host} did not answer within {self._read:g} s", sent=True)
            case httpx.WriteTimeout():
                return NoAnswer(f"{host} did not take the request within {self._read:g} s", sent=True)
            case _:
                return NoAnswer(f"{host} cut the connection before the answer was whole", sent=True)


def _host(url: str) -> str:
    """Whom an address leads to. Raises NoAnswer where it leads nowhere."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if host is None:
        raise _no_address()
    return host


def _no_address() -> NoAnswer:
    return NoAnswer("this is no address that a request can be sent to", sent=False)


def _no_text() -> NoAnswer:
    return NoAnswer("what would be sent has half a character in it, which cannot be written", sent=False)


def _form(pairs: tuple[tuple[str, str], ...]) -> bytes:
    try:
        return urlencode(pairs).encode("ascii")
    except UnicodeError:
        raise _no_text() from None


def _is_plain_and_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and parts.hostname in _PLAIN_HERE
    except ValueError:
        return False


def _no_cookies() -> CookieJar:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def _connect_words(host: str, failed: BaseException) -> str:
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
                return f"{host} has no address here; is its name right, and is there a network"
            case ConnectionRefusedError():
                return f"nothing listens at {host}"
            case _:
                cause = cause.__cause__ or cause.__context__
    return f"there is no way to {host}"


def _read_whole(answer: httpx.Response, at_most: int) -> bytes:
    content = bytearray()
    for piece in _pieces(answer):
        content += piece
        if len(content) > at_most:
            raise _too_large(at_most)
    return bytes(content)


def _pieces(answer: httpx.Response) -> Iterator[bytes]:
    """The body, unpacked in pieces of bounded size: a small one that unpacks to gigabytes is never in memory."""
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    if packed in ("", "identity"):
        yield from answer.iter_raw()
        return
    if packed not in ("gzip", "x-gzip", "deflate"):
        raise NoAnswer("the answer is packed in a way that was not asked for", sent=True)
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
            raise NoAnswer("the answer ends in the middle of what was packed", sent=True)
    except zlib.error:
        raise NoAnswer("the answer is packed wrongly", sent=True) from None


def _too_large(at_most: int) -> NoAnswer:
    return NoAnswer(f"the answer is larger than {at_most // MIB} MiB", sent=True)
