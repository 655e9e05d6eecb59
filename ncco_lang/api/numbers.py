"""Numbers on the wire; both providers speak the Numbers API of 2021, and differ in how a number names its application."""

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
    """A number of an answer; None where it has no digits.

    Calls go to an application only where no SIP address or telephone is set: those come first.
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
    """What a number is set to and has to be sent again, because an update leaves nothing as it was."""
    base = (("country", number.country), ("msisdn", number.msisdn))
    return base + tuple((name, value) for name in names if (value := text_of(number.raw, name)))


def check_done(response: Response, request: Request, whose: str, secrets: Iterable[str]) -> None:
    """An update says in its body whether it worked; the status is 200 all the same.

    Args:
        whose: whose credentials were sent. secrets: texts that are taken out of what it says.

    Raises:
        ApiError: it did not.
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
    """Send an update of a number until its fate is known. It sets the whole number, so it may come twice.

    Args:
        check: raises for an answer of 200 that says no in its body; Limited where it is to be sent again.
        look: returns True once the number is as it was to be; asked where the update was only accepted.
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
