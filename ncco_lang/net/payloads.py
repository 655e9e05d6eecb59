"""The bytes of a request, and the body of a response while it arrives."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from ncco_lang.net.types import Request, TransportError

MIB = 1 << 20
_PIECE = MIB
_GZIP_OR_ZLIB = 47


def write_request(request: Request) -> tuple[dict[str, str], bytes | None]:
    """Return the headers and the body of a request.

    Raises:
        TransportError: it has text or a number that cannot be sent; the message does not show it.
    """
    headers = {"accept-encoding": "identity", "user-agent": "ncco-lang"}
    headers |= {name.lower(): value for name, value in request.headers.items()}
    content: bytes | None = None
    if request.form is not None:
        content = _form(request.form)
        headers["content-type"] = "application/x-www-form-urlencoded"
    elif request.json is not None:
        content = _json(request.json)
        headers.setdefault("content-type", "application/json")
    if not all(text.isascii() and text.isprintable() for pair in headers.items() for text in pair):
        raise TransportError("what would go into its headers has characters that cannot be sent there", sent=False)
    return headers, content


def half_a_character() -> TransportError:
    """Return the error for text with a lone surrogate."""
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
        raise half_a_character() from None


class Unpacker:
    """Decompresses a body in pieces of bounded size, so that a small one cannot fill the memory."""

    __slots__ = ("_begun", "_zlib")

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Args: `headers` are those of the response.

        Raises:
            TransportError: the body is compressed in another way than gzip and deflate.
        """
        packed = headers.get("content-encoding", "identity").strip().lower()
        if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise TransportError("the answer is packed in a way that was not asked for", sent=True)
        self._zlib = None if packed in ("", "identity") else zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        """Yield what the next bytes of the body decompress to. Raises TransportError if they are invalid."""
        if self._zlib is None:
            yield raw
            return
        data, self._begun = raw, True
        try:
            while data:
                if piece := self._zlib.decompress(data, _PIECE):
                    yield piece
                data = self._zlib.unconsumed_tail
        except zlib.error:
            raise TransportError("the answer is packed wrongly", sent=True) from None

    def rest(self) -> Iterator[bytes]:
        """Yield what is left at the end of the body. Raises TransportError if it ends too early."""
        if self._zlib is None:
            return
        if piece := self._zlib.flush():
            yield piece
        if self._begun and not self._zlib.eof:
            raise TransportError("the answer ends in the middle of what was packed", sent=True)


class Body:
    """A whole body of bounded size, filled as its bytes arrive."""

    __slots__ = ("_at_most", "_content", "_unpacker")

    def __init__(self, headers: Mapping[str, str], at_most: int) -> None:
        """Args: `headers` are those of the response; `at_most` is in bytes, decompressed.

        Raises:
            TransportError: the body is compressed in another way than gzip and deflate.
        """
        self._unpacker = Unpacker(headers)
        self._at_most = at_most
        self._content = bytearray()

    def add(self, raw: bytes) -> None:
        """Add the next bytes. Raises TransportError if they are invalid, or the body is too large."""
        self._take(self._unpacker.pieces(raw))

    def end(self) -> bytes:
        """Return the content, at the end of the body. Raises TransportError if it ends too early or is too large."""
        self._take(self._unpacker.rest())
        return bytes(self._content)

    def _take(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            self._content += piece
            if len(self._content) > self._at_most:
                raise too_large(self._at_most)


def too_large(at_most: int) -> TransportError:
    """Return the error for a body of more than `at_most` bytes."""
    size = f"{at_most // MIB} MiB" if at_most >= MIB else f"{-(-at_most // 1024)} KiB"
    return TransportError(f"the answer is larger than {size}", sent=True)
