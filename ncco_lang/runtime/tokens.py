"""The state of a call in an event URL: packed, and sealed by a cipher that the caller passes in."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple, Protocol, TypeAlias

from ncco_lang.engine.state import State, dump_state
from ncco_lang.runtime.call_store import REFERENCE_BYTES

LEAST_SECONDS = 4 * 3600
"""A token is valid for the limit of a call, and at least so long."""
VERSION_BYTES = 6
"""So many bytes of a bundle's version are in a token, in the clear but authenticated."""
LARGEST = 64 << 10
"""Bytes of a state."""
_SHORT = 200
"""Bytes from which on it matters for a URL how long a state is; to deflate one takes longer than to seal it."""
_WINDOW_BITS, _MEMORY = 12, 4
"""Most states are small, and zlib takes longer to clear the memory of its defaults than to deflate one."""
_DEFLATED, _ELSEWHERE, _SECRETS = b"\0", b"\1", b"\2"
"""The first byte of a payload that is not the JSON of a state itself: deflated JSON, or a reference to a state in the store,
or one to secrets and then the payload of the state without them."""


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

    def lock(self, data: bytes, *, about: bytes, now: float) -> bytes:
        """Return data as a store keeps them; `about` says what they are, and they open as nothing else."""

    def unlock(self, data: bytes, *, about: bytes, now: float) -> bytes | None:
        """Return data that `lock` has sealed; None if they are altered, expired or something else. Never raises."""


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

    def lock(self, data: bytes, *, about: bytes, now: float) -> bytes:
        """Return the data as they are."""
        return data

    def unlock(self, data: bytes, *, about: bytes, now: float) -> bytes | None:
        """Return the data."""
        return data


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


class StateTooLarge(ValueError):
    """A state has more bytes than a call may keep."""


class Payload(NamedTuple):
    """What a payload has: a reference to secrets in the store, and the state or a reference to it there."""

    secrets: bytes | None
    state: bytes
    reference: bytes | None


def pack(state: State) -> bytes:
    """Return a state as a payload, deflated if it is long and that is shorter.

    Raises:
        StateTooLarge: it has more than 64 KiB.
    """
    text = dump_state(state).encode("utf-8", "surrogatepass")
    if len(text) > LARGEST:
        raise StateTooLarge(f"the state of the call has {len(text)} bytes; it may have {LARGEST}")
    return deflated(text)


def deflated(text: bytes) -> bytes:
    """Return JSON as a payload, deflated if it is long and that is shorter."""
    if len(text) < _SHORT:
        return text
    deflater = zlib.compressobj(6, zlib.DEFLATED, -_WINDOW_BITS, _MEMORY)
    shorter = _DEFLATED + deflater.compress(text) + deflater.flush()
    return shorter if len(shorter) < len(text) else text


def elsewhere(reference: bytes) -> bytes:
    """Return the payload for a state that is kept in the store."""
    return _ELSEWHERE + reference


def beside_secrets(reference: bytes, payload: bytes) -> bytes:
    """Return a payload with a reference to the secrets of its state."""
    return _SECRETS + reference + payload


def read_payload(payload: bytes) -> Payload:
    """Return what a payload has."""
    secrets = None
    if payload[:1] == _SECRETS:
        secrets, payload = payload[1 : 1 + REFERENCE_BYTES], payload[1 + REFERENCE_BYTES :]
    return Payload(secrets, payload, payload[1:] if payload[:1] == _ELSEWHERE else None)


def unpack(payload: bytes) -> str | None:
    """Return the JSON of the state in a payload; None if it is damaged or too large."""
    if payload[:1] != _DEFLATED:
        data = payload
    else:
        inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        try:
            data = inflater.decompress(payload[1:], LARGEST)
        except zlib.error:
            return None
        if not inflater.eof:
            return None
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
