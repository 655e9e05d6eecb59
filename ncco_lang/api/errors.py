"""Errors of a provider and of the way to it. Each message says what is wrong, where, and what to do.

No message, attribute or `repr` holds a secret: requests are named by method and URL without query.
"""

from __future__ import annotations

from collections.abc import Sequence


class ApiError(Exception):
    """The provider or the network refused a request.

    Attributes:
        status: the HTTP status; None if no response arrived.
        request: method and URL, like `POST https://api.nexmo.com/v2/applications`.
    """

    def __init__(self, message: str, *, status: int | None = None, request: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request = request

    def advise(self, what: str) -> None:
        """Append advice to the message, if only the caller knows what to do."""
        self.args = (f"{self}; {what}",)


class Unreachable(ApiError):
    """No response: no network, unknown host, a time-out, a lost connection, an untrusted certificate.

    Attributes:
        refused: whether the connection was refused, so that no program listens there.
    """

    def __init__(self, message: str, *, request: str | None = None, refused: bool = False) -> None:
        super().__init__(message, request=request)
        self.refused = refused


class Unconfirmed(ApiError):
    """The effect of a request is unknown: a 202 that was not carried out, a POST without a response."""


class Invalid(ApiError):
    """400: the provider rejects the request; `parameters` are (name, reason)."""

    def __init__(self, message: str, parameters: Sequence[tuple[str, str]] = (), **more: str | int | None) -> None:
        status, request = more.get("status"), more.get("request")
        super().__init__(
            message,
            status=status if isinstance(status, int) else None,
            request=request if isinstance(request, str) else None,
        )
        self.parameters = tuple(parameters)


class Unauthorized(ApiError):
    """401, also with a renewed token: the credentials of the profile are wrong."""


class Forbidden(ApiError):
    """403: this account lacks the permission."""


class NotFound(ApiError):
    """404."""


class WrongMethod(ApiError):
    """405."""


class Stale(ApiError):
    """412: another client has changed it since it was read."""


class Unmet(ApiError):
    """412 to a request that does not change what was read, like a create: one of its conditions is not met."""


class LowBalance(ApiError):
    """402: the account has too little credit."""


class Limited(ApiError):
    """429, four times."""


class Down(ApiError):
    """500, 502, 503, four times."""


class Redirected(ApiError):
    """A redirect that is not followed: to another host, of a request that changes something, or the sixth in a row."""


class CannotList(ApiError):
    """The provider has no list of these (KPN's sandbox has none of applications)."""
