"""Convert numbers; both providers have the Numbers API of 2021, but name a number's application differently."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ncco_lang.api.auth import Auth
from ncco_lang.api.error_mapping import plain, said_by
from ncco_lang.api.errors import ApiError, Invalid, Limited, LowBalance, Unauthorized
from ncco_lang.api.json_access import id_of, list_of, text_of
from ncco_lang.api.session import TRIES, Session
from ncco_lang.api.types import PhoneNumber
from ncco_lang.net.types import Request, Response


def read_number(data: Any) -> PhoneNumber | None:
    """Return a number of a response; None if it has no digits.

    Its calls go to an application only if no SIP address or telephone is set, because these take precedence.
    """
    msisdn = id_of(data, "msisdn")
    if not msisdn:
        return None
    kind = text_of(data, "voiceCallbackType") or ""
    by_callback = text_of(data, "voiceCallbackValue") if kind == "app" else None
    application_id = None if kind in ("sip", "tel") else text_of(data, "app_id") or by_callback
    return PhoneNumber(
        msisdn=msisdn,
        country=text_of(data, "country") or "",
        type=text_of(data, "type"),
        features=tuple(item for item in list_of(data, "features") if isinstance(item, str)),
        application_id=application_id or None,
        raw=data,
    )


def kept_fields(number: PhoneNumber, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return settings of a number that have to be sent again, because an update clears what it omits."""
    base = (("country", number.country), ("msisdn", number.msisdn))
    return base + tuple((name, value) for name in names if (value := text_of(number.raw, name)))


def check_done(response: Response, request: Request, whose: str, secrets: Iterable[str]) -> None:
    """Check the body of a response to an update, because its status is 200 even if the update failed.

    Args:
        whose: the owner of the credentials. secrets: texts that are removed from the provider's words.

    Raises:
        ApiError: the update failed.
    """
    data = response.json()
    secrets = tuple(secrets)
    code = text_of(data, "error-code")
    if code in (None, "200"):
        return
    words = said_by(response, secrets) or "without a reason"
    what: dict[str, Any] = {
        "status": int(code) if code.isascii() and code.isdigit() and len(code) == 3 else None,
        "request": request.shown,
    }
    if code == "401":
        raise Unauthorized(f"{whose} were not accepted: {request.shown} was answered with 401 ({words})", **what)
    if code == "429":
        raise Limited(
            f"too many requests: {request.shown} was answered with 429 ({words}); try again in a while", **what
        )
    if code == "402":
        raise LowBalance(
            f"the balance of the account is too low: {request.shown} was answered with 402 ({words}); top it up at the provider",
            **what,
        )
    if code == "420":
        raise Invalid(f"the provider does not take what was sent: {request.shown} ({words})", (), **what)
    raise ApiError(f"{request.shown} was answered with error {plain(code, secrets)} ({words})", **what)


def set_number(
    session: Session,
    request: Request,
    auth: Auth,
    *,
    check: Callable[[Response], None],
    look: Callable[[], bool | None],
) -> None:
    """Send an update of a number until its result is known. It sets the whole number, so it may be sent twice.

    Args:
        check: raises if the body of a 200 reports a failure; Limited if the update is to be sent again.
        look: returns True once the number is as wanted; called if the update was only accepted.
    """
    for attempt in range(TRIES):
        response = session.exchange(request, auth, repeatable=True)
        if response.status == 202:
            session.settle(request, response, look)
            return
        try:
            check(response)
            return
        except Limited:
            if attempt == TRIES - 1:
                raise
            session.rest(attempt)
