"""Authorize requests: Basic for applications and numbers, JWTs for calls (Vonage); tokens and a header (KPN)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import string
from typing import TYPE_CHECKING

from ncco_lang.emulator.request import FORM, ApiRequest
from ncco_lang.emulator.responses import Answer, Refuse, missing, refusal
from ncco_lang.values.received import read_pairs

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account

TOKEN_LENGTH = 28
_LETTERS = string.ascii_letters + string.digits


def basic(account: Account, api_request: ApiRequest) -> str:
    """Accept the account's key and secret. Raises Refuse."""
    if not _is_basic(account, api_request):
        raise Refuse(refusal(api_request.style, 401))
    return ""


def basic_or_fields(account: Account, api_request: ApiRequest) -> str:
    """Accept key and secret as Basic, in the query or in the form, as the Numbers API does. Raises Refuse."""
    form = read_pairs(api_request.body) if api_request.content_type == FORM else None
    given, options = {**dict(form or ()), **api_request.given}, account.options
    if "authorization" not in api_request.headers and "api_key" in given:
        pair = (given["api_key"], given.get("api_secret", ""))
        if _same(":".join(pair), f"{options.api_key}:{options.api_secret}"):
            return ""
    return basic(account, api_request)


def application_token(account: Account, api_request: ApiRequest) -> str:
    """Return the application whose private key signed the JWT. Raises Refuse."""
    id, jti = _signer(account, api_request)
    _use_once(account, f"{id}/{jti}", account.now())
    return id


def _signer(account: Account, api_request: ApiRequest) -> tuple[str, str]:
    """Return the application that signed, and the token's id."""
    from ncco_lang.tokens.jwt import BadToken, read_application_token, verify_application

    token = _bearer(api_request)
    now, leeway = account.now(), account.options.leeway
    try:
        id, _ = read_application_token(token, now=now, leeway=leeway)
        application = account.applications.get(id)
        if application is None:
            raise BadToken("there is no such application")
        claims = verify_application(token, application.public_key, now=now, leeway=leeway)
    except BadToken as failed:
        raise Refuse(refusal("calls", 401, str(failed))) from None
    return id, str(claims["jti"])


def _use_once(account: Account, jti: str, now: float) -> None:
    """Refuse a token whose id was used; ids are forgotten after a day, when no such token is valid any more."""
    most = account.options.bounds.used
    while account.used and (len(account.used) >= most or next(iter(account.used.values())) < now - 25 * 3600):
        account.used.popitem(last=False)
    _refuse_used(account, jti)
    account.used[_hash(jti)] = now


def _refuse_used(account: Account, jti: str) -> None:
    if _hash(jti) in account.used:
        raise Refuse(refusal("calls", 401, "the token's jti was used before"))


def _hash(jti: str) -> bytes:
    """Return an id of any length as 16 bytes."""
    return hashlib.sha256(jti.encode("utf-8", "replace")).digest()[:16]


def kpn_token(account: Account, api_request: ApiRequest) -> str:
    """Accept a token of KPN's that has not expired. Raises Refuse."""
    ends = account.tokens.get(_bearer(api_request))
    if ends is None or ends <= account.now():
        raise Refuse(refusal(api_request.style, 401))
    return ""


def kpn_application(account: Account, api_request: ApiRequest) -> str:
    """Accept a token, and return the application that the header names. Raises Refuse."""
    kpn_token(account, api_request)
    id = api_request.headers.get("applicationid", "")
    if not id:
        raise Refuse(refusal(api_request.style, 400, "the header ApplicationId is missing"))
    if id not in account.applications:
        raise Refuse(missing(api_request.style, id))
    return id


def kpn_numbers(account: Account, api_request: ApiRequest) -> str:
    """Accept a token of a project in production: the sandbox has no numbers. Raises Refuse."""
    kpn_token(account, api_request)
    if account.options.sandbox:
        raise Refuse(refusal(api_request.style, 403, "This resource is not available in the sandbox"))
    return ""


def recording_token(account: Account, api_request: ApiRequest) -> str:
    """Return the application of a JWT, which may be used again: players request recordings in pieces."""
    id, jti = _signer(account, api_request)
    _refuse_used(account, f"{id}/{jti}")
    return id


def allow_all(account: Account, api_request: ApiRequest) -> str:
    """Accept every request."""
    return ""


def give_token(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST /oauth/client_credential/accesstoken`: all values are strings, `issued_at` in milliseconds."""
    form, options = api_request.form(), account.options
    kind = api_request.given.get("grant_type", form.get("grant_type"))
    if kind != "client_credentials":
        code = "invalid_request" if kind is None else "unsupported_grant_type"
        return Answer(status=400, body={"ErrorCode": code, "Error": "grant_type must be client_credentials"})
    pair = f"{form.get('client_id', '')}:{form.get('client_secret', '')}"
    if not _same(pair, f"{options.client_id}:{options.client_secret}"):
        return Answer(status=401, body={"ErrorCode": "invalid_client", "Error": "ClientId is Invalid"})
    now = account.now()
    token = "".join(secrets.choice(_LETTERS) for _ in range(TOKEN_LENGTH))
    while len(account.tokens) >= options.bounds.tokens:
        del account.tokens[next(iter(account.tokens))]
    account.tokens[token] = now + options.token_lifetime
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


def give_jwt(account: Account, api_request: ApiRequest) -> Answer:
    """Handle KPN's `GET /jwt`: a token of the platform for the application's recordings."""
    from ncco_lang.tokens.jwt import sign_application

    application = account.applications[api_request.application_id]
    token = sign_application(application.id, application.private_key, now=account.now())
    return Answer(
        body={"app_level": "application", "application_Id": application.id, "JWT_token": token},
        headers={"Cache-Control": "no-store"},
    )


def _is_basic(account: Account, api_request: ApiRequest) -> bool:
    scheme, _, text = api_request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(text.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    return _same(given, f"{account.options.api_key}:{account.options.api_secret}")


def _bearer(api_request: ApiRequest) -> str:
    scheme, _, token = api_request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refuse(refusal(api_request.style, 401))
    return token.strip()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
