"""Validate the framing of the client's messages: `Content-Length: N`, an empty line, N bytes.

The protocol library reads whatever length the header gives, and skips headers that it cannot parse. So it reads through
`Frames`, which ends the stream at invalid input: after a wrong length the next message cannot be found.
"""

from __future__ import annotations

import re
from typing import BinaryIO

LARGEST = 64 << 20
"""The limit of one message in bytes. A text of ten million characters fits."""
_LONGEST_LINE = 8 << 10
_MOST_LINES = 32
_NAME = b"content-length"
_NUMBER = re.compile(rb"\d{1,12}")


class Frames:
    """A stream that ends at end of file, or before the first invalid message.

    Attributes:
        error: why it ended early; None if it did not.
    """

    __slots__ = ("_length", "_lines", "_stream", "error")

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines = 0
        self._length: int | None = None
        self.error: str | None = None

    def readline(self) -> bytes:
        """Return a line of the headers, `Content-Length` as the library knows it; empty at the end."""
        if self.error is not None:
            return b""
        line = self._stream.readline(_LONGEST_LINE)
        if not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
            return b""
        self._lines += 1
        if not line.endswith(b"\n") or self._lines > _MOST_LINES:
            return self._end("a message begins with headers that do not end")
        name, colon, value = line.strip().partition(b":")
        if not name:
            return self._body(line)
        if colon and name.strip().lower() == _NAME:
            return self._measured(value.strip())
        return line

    def read(self, size: int) -> bytes:
        """Return the body of a message."""
        return self._stream.read(size)

    def _measured(self, value: bytes) -> bytes:
        shown = value[:40].decode("ascii", "replace")
        if _NUMBER.fullmatch(value) is None:
            return self._end(f'the Content-Length of a message is "{shown}", not a number of bytes')
        self._length = int(value)
        if self._length > LARGEST:
            return self._end(f"a message has {shown} bytes, and at most {LARGEST} are read")
        return b"Content-Length: %d\r\n" % self._length

    def _body(self, line: bytes) -> bytes:
        if self._length is None:
            return self._end("a message has no Content-Length")
        self._lines, self._length = 0, None
        return line

    def _end(self, error: str) -> bytes:
        self.error = error
        return b""
