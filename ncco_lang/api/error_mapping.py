"""Map an error response to an exception. Bodies come in three generations of JSON, as HTML, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, urlsplit

from ncco_lang.api.errors import (
    ApiError,
    Down,
    Forbidden,
    Invalid,
    Limited,
    LowBalance,
    NotFound,
    Redirected,
    Stale,
    Unauthorized,
    Unmet,
    WrongMethod,
)
from ncco_lang.api.json_access import dict_of, text_of
from ncco_lang.net.types import Request, Response

_LONGEST_WORDS = 300
_MOST_PARAMETERS = 20
# The request itself is invalid; 420 is the Numbers API's status for that.
_INVALID = frozenset({400, 406, 409, 413, 415, 420, 422})
DOWN = frozenset({500, 502, 503, 504})
"""Statuses after which the request may or may not have taken effect."""


class _Meaning(NamedTuple):
    """The meaning of a status, and what to do about it."""

    error: type[ApiError]
    what: str
    then: str


_MEANINGS: Mapping[int, _Meaning] = {
    402: _Meaning(LowBalance, "the balance of the account is too low", "top it up at the provider"),
    403: _Meaning(Forbidden, "this account may not do that", "the provider's support can allow it"),
    412: _Meaning(
        Unmet,
        "a condition of the provider is not met",
        "see in its portal whether the account or project is complete, approved, and has this product",
    ),
    429: _Meaning(Limited, "too many requests", "try again in a while"),
    **dict.fromkeys(DOWN, _Meaning(Down, "the provider is in trouble", "try again in a while")),
}


def problem(
    response: Response,
    request: Request,
    *,
    whose: str,
    advice: str = "see whether they are right",
    missing: str = "",
    secrets: Sequence[str] = (),
    location: str = "",
) -> ApiError:
    """Return the exception for a status other than 2xx.

    Args:
        whose: the owner of the credentials, like `the credentials of profile "live"`.
        advice: what to do if they are not accepted.
        missing: what a 404 means here, in words.
        secrets: texts that are removed from the provider's words, in case it repeats them.
        location: the target of a redirect, without its query.
    """
    status = response.status
    said = "; ".join(filter(None, (said_by(response, secrets), code_by(response, secrets))))
    where = f"{request.shown} was answered with {status}"
    more: dict[str, Any] = {"status": status, "request": request.shown}
    because = f" ({said})" if said else ""
    match status:
        case 301 | 302 | 303 | 307 | 308:
            to = f"to {plain(location, secrets)}" if location else "without saying where to"
            return Redirected(
                f"{request.shown} is redirected {to}, which is not followed; is the address in the profile right?",
                **more,
            )
        case 401:
            return Unauthorized(f"{whose} were not accepted: {where}{because}; {advice}", **more)
        case 404:
            return NotFound(f"{missing or 'there is no such thing there'}: {where}{because}", **more)
        case 405:
            return WrongMethod(f"{where}: there is no {request.method} at this address{because}", **more)
        case 412 if _changes_an_application(request):
            return Stale(f"it was changed since it was read: {where}{because}; read it again", **more)
        case _ if status in _MEANINGS:
            error, what, then = _MEANINGS[status]
            return error(f"{what}: {where}{because}; {then}", **more)
        case _ if status in _INVALID:
            parameters = parameters_of(response, secrets)
            listed = "; ".join(f"{name}: {reason}" for name, reason in parameters)
            because = f" ({said}: {listed})" if said and listed else f" ({said or listed})" if said or listed else ""
            return Invalid(f"the provider does not take what was sent: {where}{because}", parameters, **more)
        case _:
            return ApiError(f"{where}, which nobody expects{because}", **more)


def said_by(response: Response, secrets: Iterable[str] = ()) -> str:
    """Return the provider's own message, in one line; empty if it has none.

    Known fields are `title` and `detail` (RFC 7807), `error_title` (calls), `error-code-label` (numbers), `name`,
    `message` and `info` (KPN's gateway), `error`, `Error` and `error_description` (OAuth).
    """
    data = response.json()
    nested = dict_of(data, "fault")
    found: list[str] = []
    for name in (
        *("error_title", "title", "error-code-label", "error", "Error", "name", "message", "faultstring"),
        *("detail", "error_description", "info"),
    ):
        words = text_of(data, name) or text_of(nested, name)
        if words and words not in found:
            found.append(words)
    return plain(": ".join(found[:3]), secrets)


def code_by(response: Response, secrets: Iterable[str] = ()) -> str:
    """Return the provider's own error code, and the transaction's number for its support; empty if it has none.

    Known are `errorcode` in the `detail` of a `fault` (KPN's gateway, Apigee), `ErrorCode` (its tokens), `error-code`
    (numbers), and `status` if it differs from that of HTTP.
    """
    data = response.json()
    code = text_of(dict_of(data, "fault", "detail"), "errorcode")
    for name in ("errorcode", "errorCode", "ErrorCode", "error_code", "error-code", "code", "status"):
        code = code or text_of(data, name)
    transaction = text_of(data, "transactionId")
    shown = [
        *([f"code {code}"] if code and code != str(response.status) else []),
        *([f"transaction {transaction}"] if transaction else []),
    ]
    return plain(", ".join(shown), secrets)


def _changes_an_application(request: Request) -> bool:
    """Return whether a request writes what was read before, so that a 412 means that it has changed since."""
    return request.method in ("PUT", "DELETE") and "/applications/" in urlsplit(request.url).path


def parameters_of(response: Response, secrets: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Return the parameters in `invalid_parameters`, a list of objects or one object, with what is wrong with each."""
    data = response.json()
    given = data.get("invalid_parameters") if isinstance(data, dict) else None
    pairs: list[tuple[str, str]] = []
    if isinstance(given, dict):
        pairs = [(str(name), str(reason)) for name, reason in given.items()]
    for item in given if isinstance(given, list) else ():
        name = text_of(item, "name") or ""
        reason = text_of(item, "reason") or text_of(item, "detail") or ""
        if name or reason:
            pairs.append((name or "?", reason or "is not right"))
    kept = tuple(secrets)
    return tuple((plain(name, kept), plain(reason, kept)) for name, reason in pairs[:_MOST_PARAMETERS])


def plain(text: str, secrets: Iterable[str] = ()) -> str:
    """Return an untrusted text for our messages: one line, no control characters, no secrets of ours, not too long."""
    for form in sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True):
        text = text.replace(form, "…")
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()).rstrip(".")
    return text if len(text) <= _LONGEST_WORDS else text[:_LONGEST_WORDS] + "…"


def _forms(secret: str) -> set[str]:
    """Return a secret as it is, and as encoded in a form, a URL and JSON: gateways repeat what they were sent."""
    try:
        forms = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
    except UnicodeError:
        forms = {secret}
    return forms - {""}
