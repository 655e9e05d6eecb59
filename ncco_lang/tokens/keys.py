"""Make and load RSA keys in PEM: the private key signs an application's JWTs, the provider gets the public one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ncco_lang.tokens.key_text import pem_of, what_it_looks_like

_Key = TypeVar("_Key", rsa.RSAPrivateKey, rsa.RSAPublicKey)

BITS = 2048
"""RS256 requires at least this key size (RFC 7518, 3.3)."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves in PEM, ending with a newline: SubjectPublicKeyInfo and PKCS #8 without a password."""

    public: str
    private: str = field(repr=False)


def make_key_pair() -> KeyPair:
    """Return a new RSA key pair of 2048 bits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(public=_public_pem(key.public_key()), private=private.decode("ascii"))


def public_of(private_pem: str) -> str:
    """Return the public half of a private key, given in any form that `key_text.pem_of` reads.

    Raises:
        ValueError: it is not a private RSA key, has a password, or is too short.
    """
    return _public_pem(load_private(private_pem).public_key())


# Loading a private key validates it, which takes fifty times as long as signing with it.
@lru_cache(maxsize=8)
def load_private(pem: str) -> rsa.RSAPrivateKey:
    """Return a private key, ready to sign.

    Raises:
        ValueError: as `public_of`; the message never shows the key.
    """
    try:
        block = pem_of(pem)
        if "OPENSSH" in block:
            raise ValueError
        key = serialization.load_pem_private_key(block.encode("utf-8"), password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise ValueError(f"not a usable private key: {what_it_looks_like(pem)}") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("the private key is not an RSA key; the provider takes no other")
    return _long_enough(key)


@lru_cache(maxsize=64)
def load_public(pem: str) -> rsa.RSAPublicKey:
    """Return a public key, ready to verify with.

    Raises:
        ValueError: it is not a public RSA key in PEM, or is too short.
    """
    try:
        key = serialization.load_pem_public_key(pem.encode("utf-8"))
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("this is no public key; it begins with -----BEGIN PUBLIC KEY-----") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the public key is not an RSA key; the provider takes no other")
    return _long_enough(key)


def _long_enough(key: _Key) -> _Key:
    if key.key_size < BITS:
        raise ValueError(f"the RSA key has {key.key_size} bits; it takes {BITS} or more")
    return key


def _public_pem(key: rsa.RSAPublicKey) -> str:
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem.decode("ascii")
