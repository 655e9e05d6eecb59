"""Authenticate requests to a provider: Basic, a JWT of an application, or a fetched token. Secrets are never shown."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Protocol

from ncco_lang.api.errors import Unauthorized
from ncco_lang.api.response_times import server_time
from ncco_lang.net.types import Response

HEADER = "authorization"
# The `Date` of a response is truncated to seconds and a little old.
_SAME_TIME = 2.0


class Auth(Protocol):
    """How requests are authenticated."""

    @property
    def advice(self) -> str:
        """Return what to do if the credentials are not accepted."""
        ...

    def headers(self) -> Mapping[str, str]:
        """Return the headers to add to a request. Raises ApiError if a token cannot be fetched."""
        ...

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        """Return whether another attempt with new headers makes sense after a 401."""
        ...


class Basic:
    """Key and secret of the account; `secrets` are the texts that no message may hold."""

    __slots__ = ("_headers", "secrets")

    def __init__(self, key: str, secret: str) -> None:
        pair = base64.b64encode(f"{key}:{secret}".encode()).decode("ascii")
        self._headers = {HEADER: f"Basic {pair}"}
        self.secrets = (secret, pair)

    @property
    def advice(self) -> str:
        return "see whether api_key and api_secret are right"

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        return False


class SignedJwt:
    """A JWT of one application, signed for each request, because a JWT may be sent only once."""

    __slots__ = ("_application_id", "_clock", "_key_of", "_off")

    def __init__(self, application_id: str, key_of: Callable[[str], str], clock: Callable[[], float]) -> None:
        self._application_id = application_id
        self._key_of = key_of
        self._clock = clock
        self._off = 0.0

    def token(self) -> str:
        """Return a new JWT. A secret."""
        from ncco_lang.tokens.jwt import sign_application

        try:
            return sign_application(
                self._application_id, self._key_of(self._application_id), now=self._clock() + self._off
            )
        except ValueError as failed:
            raise Unauthorized(f"no JWT could be made for application {self._application_id}: {failed}") from None

    @property
    def advice(self) -> str:
        return (
            f"see whether application {self._application_id} still exists, whether the private key belongs to it, "
            "and whether the clock of this machine is right"
        )

    def headers(self) -> Mapping[str, str]:
        return {HEADER: f"Bearer {self.token()}"}

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        """Use the provider's clock for later JWTs, because the time in a JWT has to be right there; return True."""
        then = server_time(response.headers)
        if then is not None:
            off = then - self._clock()
            # Never ahead of the provider's clock: a token from the future is refused, and one a second old is not.
            self._off = off if abs(off) > _SAME_TIME else min(off, 0.0)
        return True


class Bearer:
    """A token from another source, like KPN's for recordings."""

    __slots__ = ("_headers",)

    def __init__(self, token: str) -> None:
        self._headers = {HEADER: f"Bearer {token}"}

    @property
    def advice(self) -> str:
        return "see whether the application is one of this account"

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        return False
