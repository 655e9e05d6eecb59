"""Fetch KPN's OAuth token, keep it in memory and renew it (voice-api.md B). It is never shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from ncco_lang.api.auth import HEADER
from ncco_lang.api.errors import ApiError, Forbidden, Invalid, Unauthorized
from ncco_lang.api.json_access import text_of
from ncco_lang.api.session import Session
from ncco_lang.net.types import Request, Response

_LARGEST_TOKEN = 1 << 16
"""The largest response with a token, in bytes."""
_BEFORE_ITS_END = 60.0
_LONGEST_LIFE = 1e9


class ClientCredentials:
    """KPN's token: fetched once, kept in memory, renewed a minute before it expires and once after a 401.

    Threads that need a new token wait for the one that fetches it, and share its token or error.
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
        """Return the current token, or an empty text; nothing is fetched. A secret."""
        return self._token or ""

    def headers(self) -> Mapping[str, str]:
        before = self._fetches
        with self._lock:
            if self._token is None or (self._ends is not None and self._clock() >= self._ends):
                self._renew(before)
            return {HEADER: f"Bearer {self._token}"}

    def renew(self, used: Mapping[str, str], response: Response) -> bool:
        before = self._fetches
        with self._lock:
            # Another thread may have renewed it since this request was sent.
            if self._token is None or used.get(HEADER) == f"Bearer {self._token}":
                self._renew(before)
        return True

    def _renew(self, before: int) -> None:
        """Fetch a token, unless another thread was refused while this one waited: this one would be refused too.

        Args: `before` is the number of fetches at the time when this thread began to wait.
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
            # Gateways use different statuses for a wrong id or secret.
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
            # The lifetime is missing or not a number (`nan`); a 401 shows when the token has expired.
            return
        early = _BEFORE_ITS_END if lives > _BEFORE_ITS_END else lives / 2
        self._ends = begun + lives - early
