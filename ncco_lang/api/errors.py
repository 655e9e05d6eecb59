"""What a provider or the way to it may refuse. Each message is one sentence that says what, where and what to do.

No message, attribute or `repr` holds a secret: requests are named by method and address without query.
"""

from __future__ import annotations

from collections.abc import Sequence


class ApiError(Exception):
    """The provider or the network said no.

    Attributes:
        status: the HTTP status; None where none came.
        request: method and address, like `POST https://api.nexmo.com/v2/applications`.
    """

    def __init__(self, message: str, *, status: int | None = None, request: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request = request

    def advise(self, what: str) -> None:
        """Add to the sentence what is to be done, where only the caller knows it."""
        self.args = (f"{self}; {what}",)


class Unreachable(ApiError):
    """No answer: no network, no such host, a time-out, a connection cut, an untrusted certificate.

    Attributes:
        refused: whether the connection was refused, so that no program listens there.
    """

    def __init__(self, message: str, *, request: str | None = None, refused: bool = False) -> None:
        super().__init__(message, request=request)
        self.refused = refused


class Unconfirmed(ApiError):
    """It was taken, or may have been, and nobody can tell: a 202 that did not come true, a POST without an answer."""


class Invalid(ApiError):
    """400: the provider does not take what was sent; `parameters` are (name, reason)."""

    def __init__(self, message: str, parameters: Sequence[tuple[str, str]] = (), **more: str | int | None) -> None:
        status, request = more.get("status"), more.get("request")
        super().__init__(
            message,
            status=status if isinstance(status, int) else None,
            request=request if isinstance(request, str) else None,
        )
        self.parameters = tuple(parameters)


class Unauthorized(ApiError):
    """401, with a renewed token too: the credentials of the profile are wrong."""


class Forbidden(ApiError):
    """403: this account may not."""


class NotFound(ApiError):
    """404."""


class WrongMethod(ApiError):
    """405."""


class Stale(ApiError):
    """412: it was changed by somebody else since it was read."""


class Unmet(ApiError):
    """412 to a request that changes nothing which was read, like one that makes something: a condition of it is not met."""


class LowBalance(ApiError):
    """402: the account has not enough money."""


class Limited(ApiError):
    """429, four times."""


class Down(ApiError):
    """500, 502, 503, four times."""


class Redirected(ApiError):
    """A redirect that is not followed: to another host, of a request that changes something, or the sixth in a row."""


class CannotList(ApiError):
    """The provider has no list of this here (KPN's sandbox has none of applications)."""
