"""Seal bytes into tokens with AES-256-GCM, and derive the keys for that from one secret.

A token is base64url of: the id of its key (4 bytes), the version of the bundle (6), the expiry in seconds since 1970 (4), a
nonce (12), and the sealed payload with its tag. What is in the clear is authenticated, and so is what the token is for.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LEAST_SECRET = 32
"""Characters of a secret: fewer can be guessed."""
_VERSION, _EXPIRY, _NONCE, _TAG, _ID = 6, 4, 12, 16, 4
_CLEAR = _ID + _VERSION + _EXPIRY
_LAST = 2**32 - 1
_NO_VERSION = bytes(_VERSION)


class TokenKey:
    """What is derived from one secret.

    Attributes:
        id: names the key in a token.
        cipher: AES-256-GCM.
        paths: the key of the unguessable parts of paths.
    """

    __slots__ = ("cipher", "id", "paths")

    def __init__(self, secret: str) -> None:
        """Raises ValueError: the secret is too short; the message shows nothing of it."""
        if len(secret) < LEAST_SECRET:
            raise ValueError(f"the key has {len(secret)} characters; it takes {LEAST_SECRET} or more")
        made = HKDF(SHA256(), 32 + 32 + _ID, salt=None, info=b"ncco serve").derive(secret.encode("utf-8"))
        self.cipher, self.paths, self.id = AESGCM(made[:32]), made[32:64], made[64:]

    def part(self, name: str) -> str:
        """Return the unguessable part of the path of an application's webhooks: 22 characters of base64url."""
        digest = hmac.digest(self.paths, name.encode("utf-8"), hashlib.sha256)
        return urlsafe_b64encode(digest[:16]).rstrip(b"=").decode("ascii")


class Tokens:
    """Seals with the first key, and opens with each of them, so that a key can be replaced while calls run.

    Args:
        keys: at least one.
        seconds: how long a token is valid.
        draw: returns so many random bytes.
    """

    __slots__ = ("_draw", "_keys", "_seconds")

    def __init__(self, keys: tuple[TokenKey, ...], seconds: float, draw: Callable[[int], bytes]) -> None:
        self._keys = {key.id: key for key in reversed(keys)}
        self._seconds = seconds
        self._draw = draw

    def seal(self, payload: bytes, *, version: bytes, about: bytes, now: float) -> str:
        """Return a token.

        Args:
            version: 6 bytes, in the clear.
            about: what the token is for; it opens for nothing else.
            now: seconds since 1970.
        """
        return urlsafe_b64encode(self._sealed(payload, version, about, now)).rstrip(b"=").decode("ascii")

    def unseal(self, token: str, *, about: bytes, now: float) -> tuple[bytes, bytes] | None:
        """Return the version and the payload of a token; None if it is forged, altered, expired or for something else. Never raises."""
        try:
            data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        # The decoder ignores foreign characters and the last bits, and no altered token may open.
        if urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != token:
            return None
        return self._opened(data, about, now)

    def lock(self, data: bytes, *, about: bytes, now: float) -> bytes:
        """Return data that are kept sealed.

        Args:
            about: what the data are; they open as nothing else.
            now: seconds since 1970.
        """
        return self._sealed(data, _NO_VERSION, about, now)

    def unlock(self, data: bytes, *, about: bytes, now: float) -> bytes | None:
        """Return data that `lock` has sealed; None if they are altered, expired or something else. Never raises."""
        opened = self._opened(data, about, now)
        return None if opened is None else opened[1]

    def _sealed(self, payload: bytes, version: bytes, about: bytes, now: float) -> bytes:
        key = next(reversed(self._keys.values()))
        expiry = min(_LAST, int(now + self._seconds))
        clear = key.id + version + expiry.to_bytes(_EXPIRY, "big")
        nonce = self._draw(_NONCE)
        return clear + nonce + key.cipher.encrypt(nonce, payload, clear + about)

    def _opened(self, data: bytes, about: bytes, now: float) -> tuple[bytes, bytes] | None:
        key = self._keys.get(data[:_ID])
        if key is None or len(data) < _CLEAR + _NONCE + _TAG:
            return None
        clear, nonce, sealed = data[:_CLEAR], data[_CLEAR : _CLEAR + _NONCE], data[_CLEAR + _NONCE :]
        try:
            payload = key.cipher.decrypt(nonce, sealed, clear + about)
        except InvalidTag:
            return None
        if int.from_bytes(clear[-_EXPIRY:], "big") < now:
            return None
        return clear[_ID : _ID + _VERSION], payload
