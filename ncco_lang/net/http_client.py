"""Send HTTP requests with time-outs, proxies, private certificate authorities and a limit on the size of a response.

The client follows no redirects, keeps no cookies and repeats no request; callers, which know what a request does, do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ncco_lang.net.deadline import CONNECT, Deadline, TooLate
from ncco_lang.net.failures import describe_failure, host_of, no_address, no_proxy
from ncco_lang.net.payloads import MIB, Body, Unpacker, half_a_character, too_large, write_request
from ncco_lang.net.proxies import Proxy, is_encrypted, proxy_for
from ncco_lang.net.trust import load_trusted
from ncco_lang.net.types import Request, Response, TransportError

if TYPE_CHECKING:
    import httpx

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
                        raise too_large(at_most)
                    write(piece)
            else:
                content = _read_whole(answer, _LARGEST_ERROR)
        return Response(status=answer.status_code, headers=dict(answer.headers), content=content)

    @contextmanager
    def _answer(self, request: Request) -> Iterator[httpx.Response]:
        import httpcore
        import httpx

        from ncco_lang.net.transport import FAILURES

        host = host_of(request.url)
        proxy = _proxy_for(request.url)
        client = self._open(request.url, proxy)
        headers, content = write_request(request)
        self._deadline.start(self._whole)
        try:
            answer = self._begin(client, request, headers, content)
            try:
                yield answer
            finally:
                answer.close()
        except TooLate:
            raise _too_slow(host) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, *FAILURES) as failed:
            if isinstance(failed, httpcore.ReadTimeout) and self._deadline.is_over:
                raise _too_slow(host) from None
            raise describe_failure(request.url, proxy, failed, connect=self._connect, read=self._read) from None
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
            raise half_a_character() from None
        try:
            return client.send(built, stream=True)
        except UnicodeError:
            raise no_address() from None

    def _open(self, url: str, proxy: Proxy | None) -> httpx.Client:
        encrypted = is_encrypted(url, proxy)
        with self._lock:
            client = self._clients.get((encrypted, proxy))
            if client is None:
                client = self._clients[encrypted, proxy] = self._make(encrypted, proxy)
            return client

    def _make(self, encrypted: bool, proxy: Proxy | None) -> httpx.Client:
        import httpx

        from ncco_lang.net.transport import Transport, no_cookies

        # Load certificates only if needed: it takes longer than anything else here.
        trusted = load_trusted(self._ca) if encrypted else None
        try:
            transport = Transport(self._deadline, trusted=trusted, proxy=proxy)
        except ValueError:
            raise no_proxy() from None
        return httpx.Client(
            transport=transport,
            trust_env=False,
            timeout=httpx.Timeout(self._read, connect=self._connect),
            follow_redirects=False,
            cookies=no_cookies(),
        )


def _proxy_for(url: str) -> Proxy | None:
    try:
        return proxy_for(url)
    except ValueError:
        raise no_proxy() from None


def _too_slow(host: str) -> TransportError:
    return TransportError(f"the answer of {host} came too slowly", sent=True, late=True)


def _read_whole(answer: httpx.Response, at_most: int) -> bytes:
    body = Body(answer.headers, at_most)
    for raw in answer.iter_raw():
        body.add(raw)
    return body.end()


def _pieces(answer: httpx.Response) -> Iterator[bytes]:
    unpacker = Unpacker(answer.headers)
    for raw in answer.iter_raw():
        yield from unpacker.pieces(raw)
    yield from unpacker.rest()
