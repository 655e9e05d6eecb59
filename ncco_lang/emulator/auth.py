"""Who may: Basic for applications and numbers, JWTs for calls (Vonage); opaque tokens and the application header (KPN)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import string
from typing import TYPE_CHECKING

from ncco_lang.emulator.answers import Answer, Refuse, missing, refusal
from ncco_lang.emulator.asked import Asked

if TYPE_CHECKING:
    from ncco_lang.emulator.world import World

TOKEN_LENGTH = 28
_LETTERS = string.ascii_letters + string.digits


def basic(world: World, asked: Asked) -> str:
    """Let the account's key and secret through. Raises Refuse."""
    if not _is_basic(world, asked):
        raise Refuse(refusal(asked.style, 401))
    return ""


def basic_or_query(world: World, asked: Asked) -> str:
    """The same, or both in the query, as the Numbers API takes them. Raises Refuse."""
    given, options = asked.given, world.options
    if "authorization" not in asked.headers and "api_key" in given:
        pair = (given["api_key"], given.get("api_secret", ""))
        if _same(":".join(pair), f"{options.api_key}:{options.api_secret}"):
            return ""
    return basic(world, asked)


def application_token(world: World, asked: Asked) -> str:
    """The application whose private key signed the JWT. Raises Refuse."""
    id, jti = _signer(world, asked)
    _use_once(world, f"{id}/{jti}", world.now())
    return id


def _signer(world: World, asked: Asked) -> tuple[str, str]:
    """The application that signed, and the token's id."""
    from ncco_lang.tokens.jwt import BadToken, read_application, verify_application

    token = _bearer(asked)
    now, leeway = world.now(), world.options.leeway
    try:
        id, _ = read_application(token, now=now, leeway=leeway)
        application = world.applications.get(id)
        if application is None:
            raise BadToken("there is no such application")
        claims = verify_application(token, application.public_key, now=now, leeway=leeway)
    except BadToken as failed:
        raise Refuse(refusal("calls", 401, str(failed))) from None
    return id, str(claims["jti"])


def _use_once(world: World, jti: str, now: float) -> None:
    """A token whose id was seen is refused; ids are forgotten a day after, when no such token lives any more."""
    most = world.options.bounds.used
    while world.used and (len(world.used) >= most or next(iter(world.used.values())) < now - 25 * 3600):
        world.used.popitem(last=False)
    _refuse_used(world, jti)
    world.used[_hash(jti)] = now


def _refuse_used(world: World, jti: str) -> None:
    if _hash(jti) in world.used:
        raise Refuse(refusal("calls", 401, "the token's jti was used before"))


def _hash(jti: str) -> bytes:
    """An id of any length in 16 bytes."""
    return hashlib.sha256(jti.encode("utf-8", "replace")).digest()[:16]


def kpn_token(world: World, asked: Asked) -> str:
    """Let a token of KPN's through that has not ended. Raises Refuse."""
    ends = world.tokens.get(_bearer(asked))
    if ends is None or ends <= world.now():
        raise Refuse(refusal(asked.style, 401))
    return ""


def kpn_application(world: World, asked: Asked) -> str:
    """The same, with the application that the header names. Raises Refuse."""
    kpn_token(world, asked)
    id = asked.headers.get("applicationid", "")
    if not id:
        raise Refuse(refusal(asked.style, 400, "the header ApplicationId is missing"))
    if id not in world.applications:
        raise Refuse(missing(asked.style, id))
    return id


def kpn_numbers(world: World, asked: Asked) -> str:
    """A token of KPN's, of a project that is in production: the sandbox has no numbers. Raises Refuse."""
    kpn_token(world, asked)
    if world.options.sandbox:
        raise Refuse(refusal(asked.style, 403, "This resource is not available in the sandbox"))
    return ""


def recording_token(world: World, asked: Asked) -> str:
    """The application of a JWT; recordings take the same one more than once, because players ask in pieces."""
    id, jti = _signer(world, asked)
    _refuse_used(world, f"{id}/{jti}")
    return id


def nobody(world: World, asked: Asked) -> str:
    """Let everybody through."""
    return ""


def give_token(world: World, asked: Asked) -> Answer:
    """`POST /oauth/client_credential/accesstoken`: all values are strings, `issued_at` in milliseconds."""
    form, options = asked.form(), world.options
    kind = asked.given.get("grant_type", form.get("grant_type"))
    if kind != "client_credentials":
        code = "invalid_request" if kind is None else "unsupported_grant_type"
        return Answer(status=400, body={"ErrorCode": code, "Error": "grant_type must be client_credentials"})
    pair = f"{form.get('client_id', '')}:{form.get('client_secret', '')}"
    if not _same(pair, f"{options.client_id}:{options.client_secret}"):
        return Answer(status=401, body={"ErrorCode": "invalid_client", "Error": "ClientId is Invalid"})
    now = world.now()
    token = "".join(secrets.choice(_LETTERS) for _ in range(TOKEN_LENGTH))
    while len(world.tokens) >= options.bounds.tokens:
        del world.tokens[next(iter(world.tokens))]
    world.tokens[token] = now + options.token_lifetime
    body = {
        "refresh_token_expires_in": "0",
        "api_product_list": "[emulator]",
        "api_product_list_json": ["emulator"],
        "organization_name": "kpn",
        "developer_email": "",
        "token_type": "Bearer",
        "issued_at": str(int(now * 1000)),
        "client_id": options.client_id,
        "access_token": token,
        "application_name": "00000000-0000-4000-8000-000000000000",
        "scope": "",
        "expires_in": str(options.token_lifetime),
        "refresh_count": "0",
        "status": "approved",
    }
    return Answer(body=body, headers={"Cache-Control": "no-store"})


def give_jwt(world: World, asked: Asked) -> Answer:
    """KPN's `GET /jwt`: a token of the platform for the application's recordings."""
    from ncco_lang.tokens.jwt import sign_application

    application = world.applications[asked.application_id]
    token = sign_application(application.id, application.private_key, now=world.now())
    return Answer(
        body={"app_level": "application", "application_Id": application.id, "JWT_token": token},
        headers={"Cache-Control": "no-store"},
    )


def _is_basic(world: World, asked: Asked) -> bool:
    scheme, _, text = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(text.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    return _same(given, f"{world.options.api_key}:{world.options.api_secret}")


def _bearer(asked: Asked) -> str:
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refuse(refusal(asked.style, 401))
    return token.strip()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
