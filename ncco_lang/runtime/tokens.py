"""The state of a call in an event URL: packed, and sealed by a cipher that the caller passes in."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Protocol, TypeAlias

from ncco_lang.engine.state import State, dump_state

LEAST_SECONDS = 4 * 3600
"""A token is valid for the limit of a call, and at least so long."""
VERSION_BYTES = 6
"""So many bytes of a bundle's version are in a token, in the clear but authenticated."""
_LARGEST = 64 << 10
"""Bytes of a state."""
_DEFLATED, _ELSEWHERE = b"\0", b"\1"
"""The first byte of a payload that is not the JSON of a state itself: deflated JSON, or the name of a state in the store."""


Opened: TypeAlias = tuple[bytes, bytes]
"""What an authentic token has: the first bytes of the bundle's version, and a payload."""


class Sealer(Protocol):
    """Makes tokens of payloads, and reads them back."""

    def seal(self, payload: bytes, *, version: bytes, about: bytes, now: float) -> str:
        """Return a token of the characters of base64url.

        Args:
            version: `VERSION_BYTES` bytes.
            about: what the token is for; it opens for nothing else.
            now: seconds since 1970.
        """

    def unseal(self, token: str, *, about: bytes, now: float) -> Opened | None:
        """Return what a token has; None if it is forged, altered, expired or for something else. Never raises."""


class PlainSealer:
    """Packs tokens without a secret, so the same call has the same tokens: for `ncco play` and tests, never for a server."""

    __slots__ = ()

    def seal(self, payload: bytes, *, version: bytes, about: bytes, now: float) -> str:
        """Return a token."""
        return encode_token(version + payload)

    def unseal(self, token: str, *, about: bytes, now: float) -> Opened | None:
        """Return what a token has."""
        data = decode_token(token)
        if data is None or len(data) <= VERSION_BYTES:
            return None
        return data[:VERSION_BYTES], data[VERSION_BYTES:]


def encode_token(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_token(token: str) -> bytes | None:
    """Return the bytes of a token; None if `encode_token` would write them in another way."""
    try:
        data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    return data if encode_token(data) == token else None


def pack(state: State) -> bytes:
    """Return a state as a payload, deflated if that is shorter."""
    text = dump_state(state).encode("utf-8", "surrogatepass")
    deflated = _DEFLATED + zlib.compress(text, 6, wbits=-zlib.MAX_WBITS)
    return deflated if len(deflated) < len(text) else text


def elsewhere(name: str) -> bytes:
    """Return the payload for a state that is kept in the store under a name of hexadecimal digits."""
    return _ELSEWHERE + bytes.fromhex(name)


def name_elsewhere(payload: bytes) -> str | None:
    """Return the name under which the store has the state of a payload; None if the payload has the state itself."""
    return payload[1:].hex() if payload[:1] == _ELSEWHERE else None


def unpack(payload: bytes) -> str | None:
    """Return the JSON of the state in a payload; None if it is damaged or too large."""
    if payload[:1] != _DEFLATED:
        data = payload
    else:
        inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        try:
            data = inflater.decompress(payload[1:], _LARGEST)
        except zlib.error:
            return None
        if not inflater.eof:
            return None
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
