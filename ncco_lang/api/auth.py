"""Who we are to a provider: Basic, a JWT of an application, or a token that was fetched. None of it is ever shown."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from ncco_lang.api.errors import ApiError, Forbidden, Invalid, Unauthorized
from ncco_lang.api.json_access import text_of
from ncco_lang.api.response_times import server_time
from ncco_lang.net.types import Request, Response

if TYPE_CHECKING:
    from ncco_lang.api.session import Session

_HEADER = "authorization"
_LARGEST_TOKEN = 1 << 16
"""Bytes of an answer with a token."""
# The `Date` of an answer is cut to seconds and a little old.
_SAME_TIME = 2.0
_BEFORE_ITS_END = 60.0
_LONGEST_LIFE = 1e9


class Auth(Protocol):
    """How requests are signed."""

    @property
    def advice(self) -> str:
        """What to do when it is not accepted."""
        ...

    def headers(self) -> Mapping[str, str]:
        """What goes into a request. Raises ApiError where it cannot be had."""
        ...

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        """After a 401: whether another try with new headers makes sense."""
        ...


class Basic:
    """Key and secret of the account; `secrets` is what no message may hold."""

    __slots__ = ("_headers", "secrets")

    def __init__(self, key: str, secret: str) -> None:
        pair = base64.b64encode(f"{key}:{secret}".encode()).decode("ascii")
        self._headers = {_HEADER: f"Basic {pair}"}
        self.secrets = (secret, pair)

    @property
    def advice(self) -> str:
        return "see whether api_key and api_secret are right"

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        return False


class SignedJwt:
    """A JWT of one application, signed anew for each request, because none may be sent twice."""

    __slots__ = ("_application_id", "_clock", "_key_of", "_off")

    def __init__(self, application_id: str, key_of: Callable[[str], str], clock: Callable[[], float]) -> None:
        self._application_id = application_id
        self._key_of = key_of
        self._clock = clock
        self._off = 0.0

    def token(self) -> str:
        """The JWT itself. A secret."""
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
        return {_HEADER: f"Bearer {self.token()}"}

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        """The time in a JWT is ours; where the other side's is another, it is right."""
        then = server_time(response.headers)
        if then is not None:
            off = then - self._clock()
            # Never later than over there: a token from the future is refused, and one a second old is not.
            self._off = off if abs(off) > _SAME_TIME else min(off, 0.0)
        return True


class Bearer:
    """A token that somebody else made, like KPN's for recordings."""

    __slots__ = ("_headers",)

    def __init__(self, token: str) -> None:
        self._headers = {_HEADER: f"Bearer {token}"}

    @property
    def advice(self) -> str:
        return "see whether the application is one of this account"

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        return False


class ClientCredentials:
    """KPN's token: fetched once, kept in memory, renewed a minute before its end and once on a 401.

    Threads that find it at its end wait for the one that renews it, and share what it meets.
    """

    __slots__ = ("_clock", "_ends", "_fetches", "_lock", "_refused", "_request", "_session", "_token")

    def __init__(
        self, session: Session, address: str, client_id: str, client_secret: str, clock: Callable[[], float]
    ) -> None:
        self._session = session
        self._clock = clock
        self._request = Request(
            method="POST",
            url=f"{address}/oauth/client_credential/accesstoken",
            query=(("grant_type", "client_credentials"),),
            form=(("client_id", client_id), ("client_secret", client_secret)),
        )
        self._lock = threading.Lock()
        self._token: str | None = None
        self._ends: float | None = None
        self._fetches = 0
        self._refused: ApiError | None = None

    @property
    def advice(self) -> str:
        return "see whether client_id and client_secret are right"

    @property
    def token(self) -> str:
        """The token of now, empty where there is none; nothing is fetched. A secret."""
        return self._token or ""

    def headers(self) -> Mapping[str, str]:
        before = self._fetches
        with self._lock:
            if self._token is None or (self._ends is not None and self._clock() >= self._ends):
                self._renew(before)
            return {_HEADER: f"Bearer {self._token}"}

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        before = self._fetches
        with self._lock:
            # Another thread may have renewed it since this request was sent.
            if self._token is None or used.get(_HEADER) == f"Bearer {self._token}":
                self._renew(before)
        return True

    def _renew(self, before: int) -> None:
        """Fetch it, unless another thread was refused while this one waited: asking again would only be more of it.

        Args: `before` how often it had been fetched when this thread began to wait.
        """
        if self._refused is not None and self._fetches != before:
            raise self._refused
        self._token = self._refused = None
        try:
            self._fetch()
        except ApiError as refused:
            self._refused = refused
            raise
        finally:
            self._fetches += 1

    def _send(self, request: Request) -> Response:
        return self._session.http_client.send(request, at_most=_LARGEST_TOKEN)

    def _fetch(self) -> None:
        begun = self._clock()
        try:
            response = self._session.exchange(self._request, None, repeatable=True, send=self._send)
        except (Invalid, Forbidden) as refused:
            # Gateways differ in how they say that an id or a secret is wrong.
            raise Unauthorized(
                f"{self._session.whose} were not accepted: {refused}", status=refused.status, request=refused.request
            ) from None
        data = response.json()
        token = text_of(data, "access_token")
        if not token or not token.isascii() or not token.isprintable():
            raise ApiError(
                f"{self._request.shown} was answered without a token; is the address in the profile right?",
                status=response.status,
                request=self._request.shown,
            )
        self._token, self._ends = token, None
        try:
            lives = float(text_of(data, "expires_in") or "")
        except ValueError:
            lives = _LONGEST_LIFE
        if not lives < _LONGEST_LIFE:
            # It does not say, or says what is no number (`nan`); a 401 will.
            return
        early = _BEFORE_ITS_END if lives > _BEFORE_ITS_END else lives / 2
        self._ends = begun + lives - early
