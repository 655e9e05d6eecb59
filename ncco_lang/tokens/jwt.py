"""Sign and verify the JWTs of the Voice API: those of an application (RS256) and of a signed webhook (HS256).

The time is an argument, so PyJWT's checks of time are switched off and `exp`, `iat` and `nbf` are checked here.
Sources: Vonage's guides on authentication and on signed webhooks; RFC 7519.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import jwt as pyjwt

from ncco_lang.tokens.keys import load_private, load_public

SHORTEST, DEFAULT, LONGEST = 30, 900, 24 * 3600
"""Seconds that an application's token may live, and the default lifetime."""

LEEWAY = 30.0
"""Seconds by which two clocks may differ."""

ISSUER = "Vonage"
_LONGEST_TOKEN = 16 * 1024
# The signature is checked with a named algorithm; all times are checked below.
_NO_CLOCK: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
_UNPROVED: Any = {**_NO_CLOCK, "verify_signature": False}


class BadToken(Exception):
    """An invalid token; the message says why, without the token."""


def sign_application(application_id: str, private_pem: str, *, now: float, lifetime: int = DEFAULT) -> str:
    """Return a token for requests of an application. Each has a unique `jti`, because a token may be sent only once.

    Args:
        now: seconds since 1970.
        lifetime: seconds, 30 to 86400.

    Raises:
        ValueError: the key is not a private RSA key, or the lifetime is out of range.
    """
    if not SHORTEST <= lifetime <= LONGEST:
        raise ValueError(f"a token lives from {SHORTEST} to {LONGEST} seconds, not {lifetime}")
    issued = int(now)
    claims = {"application_id": application_id, "iat": issued, "jti": str(uuid4()), "exp": issued + lifetime}
    return pyjwt.encode(claims, load_private(private_pem), algorithm="RS256")


def read_application_token(token: str, *, now: float, leeway: float = LEEWAY) -> tuple[str, dict[str, Any]]:
    """Return the application id and the claims that a token asserts, to find its key. **The signature is not checked.**

    Raises:
        BadToken: it is not a token of an application, or it has expired.
    """
    return _application_of(_decode(token, None, "RS256"), now, leeway)


def verify_application(token: str, public_pem: str, *, now: float, leeway: float = LEEWAY) -> dict[str, Any]:
    """Return the claims of a token that the owner of the private key has signed.

    Raises:
        BadToken: it is not signed with that key, uses another algorithm, has expired, or lacks a claim.
    """
    try:
        key = load_public(public_pem)
    except ValueError as failed:
        raise BadToken(f"the application's public key is of no use: {failed}") from None
    return _application_of(_decode(token, key, "RS256"), now, leeway)[1]


def sign_webhook(secret: str, *, payload: bytes, api_key: str, application_id: str | None, now: float) -> str:
    """Return the token of a signed webhook.

    Args:
        secret: the account's signature secret.
        payload: the body as it is sent; for a GET, `payload_of_query`.

    Raises:
        ValueError: the secret is empty.
    """
    claims: dict[str, Any] = {"iat": int(now), "jti": str(uuid4()), "iss": ISSUER, "payload_hash": _hash_of(payload)}
    claims["api_key"] = api_key
    if application_id is not None:
        claims["application_id"] = application_id
    return pyjwt.encode(claims, _hmac_key(secret), algorithm="HS256")


def verify_webhook(token: str, secret: str, *, payload: bytes, now: float, at_most_old: float = 300) -> dict[str, Any]:
    """Return the claims of a webhook's token that was signed with the secret, for this payload, a short while ago.

    Args:
        payload: the body as received; for a GET, `payload_of_query`.
        at_most_old: seconds; these tokens have no `exp`.

    Raises:
        BadToken: the signature, the payload or the age is wrong.
        ValueError: the secret is empty.
    """
    claims = _decode(token, _hmac_key(secret), "HS256")
    if claims.get("iss") != ISSUER:
        raise BadToken(f"the token was not issued by {ISSUER}")
    issued = _time(claims, "iat")
    if issued is None:
        raise BadToken("the token has no iat")
    _check_times(claims, now, LEEWAY)
    if issued < now - at_most_old:
        raise BadToken(f"the token is older than {at_most_old:g} s")
    claimed = claims.get("payload_hash")
    if not isinstance(claimed, str):
        raise BadToken("the token has no payload_hash")
    # Compare bytes: `compare_digest` raises for texts that are not ASCII.
    if not hmac.compare_digest(claimed.encode("utf-8", "replace"), _hash_of(payload).encode("ascii")):
        raise BadToken("the token was made for another payload")
    return claims


def payload_of_query(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return what the token of a webhook by GET signs: the query parameters, decoded and in order, as compact JSON.

    A name that comes twice keeps its first place and its last value.
    """
    return json.dumps(dict(pairs), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _hash_of(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def _hmac_key(secret: str) -> bytes:
    if not secret:
        raise ValueError("the signature secret is empty, so anybody could sign")
    # HMAC pads short keys with zeros (RFC 2104), so this changes no signature. PyJWT warns of keys below 32 bytes, but
    # the provider chooses the length of an account's secret.
    return secret.encode("utf-8").ljust(32, b"\0")


def _decode(token: str, key: Any, algorithm: str) -> dict[str, Any]:
    """Check the header and, with a key, the signature. The algorithm is ours to name, never the token's."""
    if len(token) > _LONGEST_TOKEN:
        raise BadToken(f"the token is longer than {_LONGEST_TOKEN} characters")
    try:
        header = pyjwt.get_unverified_header(token)
        if header.get("alg") != algorithm:
            raise BadToken(f"the token is not signed by {algorithm}")
        if "crit" in header:
            raise BadToken("the token has a crit header, and none of them is known here")
        if key is None:
            claims: Any = pyjwt.decode(token, options=_UNPROVED)
        else:
            claims = pyjwt.decode(token, key, algorithms=[algorithm], options=_NO_CLOCK)
    except pyjwt.InvalidSignatureError:
        raise BadToken("the token is not signed with this key") from None
    # Besides PyJWT's own errors: those of JSON that is nested too deeply or has numbers with too many digits.
    except (pyjwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise BadToken("this is no JWT, or a broken one") from None
    if not isinstance(claims, dict):
        raise BadToken("the token's claims are no object")
    return claims


def _application_of(claims: dict[str, Any], now: float, leeway: float) -> tuple[str, dict[str, Any]]:
    application = claims.get("application_id")
    if not isinstance(application, str) or not application:
        raise BadToken("the token has no application_id")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise BadToken("the token has no jti")
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    if issued is None:
        raise BadToken("the token has no iat")
    _check_times(claims, now, leeway)
    if expires is None:
        expires = issued + DEFAULT
        if now >= expires + leeway:
            raise BadToken(f"the token has expired: it has no exp, so it lived {DEFAULT} s")
    if not SHORTEST <= expires - issued <= LONGEST:
        raise BadToken(f"the token lives {expires - issued:g} s; it takes {SHORTEST} to {LONGEST}")
    return application, claims


def _check_times(claims: Mapping[str, Any], now: float, leeway: float) -> None:
    expires = _time(claims, "exp")
    if expires is not None and now >= expires + leeway:
        raise BadToken("the token has expired")
    for name in ("iat", "nbf"):
        begins = _time(claims, name)
        if begins is not None and begins > now + leeway:
            raise BadToken(f"the token's {name} lies in the future; is a clock wrong?")


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a claim in seconds since 1970; None if it is absent."""
    value = claims.get(name)
    if value is None:
        return None
    # Until the year 5138, so that no comparison overflows.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e11 or math.isnan(value):
        raise BadToken(f"the token's {name} is no time")
    return float(value)
