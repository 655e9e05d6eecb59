"""Send a request until its result is known: rate limit, authentication, redirects, and retries.

GET, PUT and DELETE are sent up to four times, as is a POST that may safely be repeated. A POST whose result is unknown
is
never sent again: `once` looks for what it made, and reports it if that is not found.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from ncco_lang.api.auth import Auth
from ncco_lang.api.error_mapping import DOWN, problem
from ncco_lang.api.errors import ApiError, Down, Limited, Unconfirmed, Unreachable
from ncco_lang.api.redirects import followed, location, shown_address
from ncco_lang.api.response_times import retry_after, server_time
from ncco_lang.net.http_client import HttpClient
from ncco_lang.net.rate_limit import Pace
from ncco_lang.net.types import Request, Response, TransportError

T = TypeVar("T")

TRIES = 4
# Where nothing listens, an emulator may have been started a moment ago.
_NOT_SENT_TRIES = 3
_FIRST_REST = 0.5
# An error is more useful than a longer wait.
_LONGEST_REST = 120.0
_LOOKS = 5
# Half a minute: a gateway gives up sooner than its backend.
_LOOKS_AT_UNSURE = 6
# The provider's clock is extrapolated for so many seconds after it was read.
_FRESH = 15.0
# The providers' limits: new calls, and other requests, in a second (voice-api.md A10). The span is a little longer,
# because requests that leave evenly do not arrive evenly.
_CALLS, _OTHERS, _SECOND = 3, 15, 1.05

# Except "not implemented" and "HTTP version not supported", which never take effect.
_TAKES_NOTHING = frozenset({501, 505})
_SEE_OTHER, _TIMED_OUT = 303, 408

Send = Callable[[Request], Response]
Missing = str | Callable[[], str]


class Unsure(Unconfirmed):
    """A request that may not be repeated got no response, or one that leaves open whether it took effect."""

    def __init__(self, cause: ApiError) -> None:
        super().__init__(
            f"{cause}; it may have taken effect all the same, so look before trying again",
            status=cause.status,
            request=cause.request,
        )
        self.cause = cause


class Session:
    """Sends requests to one provider, for one account; threads may share it."""

    __slots__ = (
        "_calls",
        "_clock",
        "_dated",
        "_others",
        "_owned",
        "_profile",
        "_random",
        "_sleep",
        "http_client",
        "secrets",
        "skew",
    )

    def __init__(
        self,
        *,
        http_client: HttpClient | None = None,
        profile: str = "",
        secrets: tuple[str, ...] = (),
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        """Args: a `http_client` that is passed in is not closed; `secrets` are removed from the provider's messages."""
        self._owned = http_client is None
        self.http_client = http_client if http_client is not None else HttpClient()
        self._profile = profile
        self.secrets = secrets
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._calls = Pace(_CALLS, _SECOND, clock=clock, sleep=sleep)
        self._others = Pace(_OTHERS, _SECOND, clock=clock, sleep=sleep)
        self.skew: float | None = None
        """The provider's clock minus ours, in seconds, by the last response; None before it."""
        # The last `Date`, and what our two clocks showed at that moment.
        self._dated: tuple[float, float, float] | None = None

    def __repr__(self) -> str:
        return f"Session(profile={self._profile!r})"

    @property
    def whose(self) -> str:
        """The owner of these credentials, for messages."""
        return f'the credentials of profile "{self._profile}"' if self._profile else "the credentials"

    def close(self) -> None:
        if self._owned:
            self.http_client.close()

    def now(self) -> float:
        """Return the provider's time, as far as we know it."""
        return self._clock() + (self.skew or 0.0)

    def server_time(self) -> float | None:
        """Return the provider's clock in seconds since 1970; None if no response of the last 15 s has a `Date`.

        Our clocks only measure the span since that response. The larger span counts, because one of the clocks stops
        while the machine sleeps and the other may be set.
        """
        if self._dated is None:
            return None
        date, wall, steady = self._dated
        since = max(self._clock() - wall, time.monotonic() - steady)
        return date + since if since <= _FRESH else None

    def rest(self, attempt: int) -> None:
        """Pause about 0.5, 1, 2, … s, with some random variation."""
        self._sleep(_FIRST_REST * 2**attempt * (0.5 + self._random()))

    def exchange(
        self,
        request: Request,
        auth: Auth | None,
        *,
        new_call: bool = False,
        repeatable: bool | None = None,
        missing: Missing = "",
        send: Send | None = None,
        pace: Pace | None = None,
    ) -> Response:
        """Send a request until its response is a 2xx, and return it.

        Args:
            new_call: whether it counts as a new call, of which fewer are allowed.
            repeatable: whether it may be sent again if it is unknown whether it took effect; None: all but POST.
            missing: what a 404 means, in words, or a function that returns it, called only after a 404.
            send: sends the request; by default `http_client.send`.
            pace: limits every attempt, besides the provider's own limit.

        Raises:
            Unsure: it is not repeatable, and may have taken effect.
            ApiError: any other error; see `errors`.
        """
        again = request.method != "POST" if repeatable is None else repeatable
        put = send if send is not None else self.http_client.send
        paces = [self._calls if new_call else self._others, *([] if pace is None else [pace])]
        attempt, hops, renewed = 0, 0, False
        while True:
            headers = dict(auth.headers()) if auth is not None else {}
            for each in paces:
                each.wait()
            try:
                response = put(replace(request, headers={"accept": "application/json", **request.headers, **headers}))
            except TransportError as lost:
                attempt += 1
                self._after_no_answer(lost, request, attempt, again)
                continue
            self._set_skew(response)
            status = response.status
            if 200 <= status < 300:
                return response
            if status == 401 and auth is not None and not renewed and auth.renew(headers, response):
                renewed = True
                continue
            if (target := followed(request, response, hops)) is not None:
                hops += 1
                request = target
                continue
            error = self._error(response, request, auth, headers, missing)
            attempt += 1
            if (status == 429 or (status in DOWN and again)) and attempt < TRIES:
                self._wait(response, attempt, error)
                continue
            raise Unsure(error) if not again and _may_have_worked(status) else error

    def ready(
        self,
        request: Request,
        auth: Auth,
        *,
        missing: Missing = "",
        send: Send | None = None,
        pace: Pace | None = None,
    ) -> Response:
        """Return the response to a GET, which is sent again while it is only accepted (202).

        Raises:
            Unconfirmed: it is still not ready.
            ApiError: any other error; see `exchange`.
        """
        for attempt in range(TRIES):
            response = self.exchange(request, auth, missing=missing, send=send, pace=pace)
            if response.status != 202:
                return response
            if attempt < TRIES - 1:
                self.rest(attempt)
        raise Unconfirmed(
            f"{request.shown} was accepted, and there is no answer yet; try again in a while",
            status=response.status,
            request=request.shown,
        )

    def get(
        self,
        request: Request,
        auth: Auth,
        *,
        missing: Missing = "",
        pace: Pace | None = None,
        weigh: Callable[[Request, int], None] | None = None,
    ) -> dict[str, Any]:
        """Return the JSON object in the response to a GET.

        Args:
            weigh: takes the request and the size of its response, before the JSON is parsed.

        Raises:
            ApiError: the response is not a JSON object; or see `ready`.
        """
        response = self.ready(request, auth, missing=missing, pace=pace)
        if weigh is not None:
            weigh(request, len(response.content))
        data = response.json()
        if not isinstance(data, dict):
            raise ApiError(
                f"{request.shown} was answered with something else than JSON; is the address in the profile right?",
                status=response.status,
                request=request.shown,
            )
        return data

    def once(
        self,
        request: Request,
        auth: Auth,
        *,
        read: Callable[[Response], T | None],
        look: Callable[[], T | None],
        new_call: bool = False,
        missing: Missing = "",
    ) -> T:
        """Send a request that makes something, and never make it twice.

        Args:
            read: returns the result in a response; None if it is not in it, or the request was only accepted.
            look: returns the result as the provider has it now, or None; called for half a minute if the effect is
                unknown.

        Raises:
            Unconfirmed: the effect is unknown; looking failed, or found nothing.
            ApiError: any other error.
        """
        try:
            response = self.exchange(request, auth, new_call=new_call, missing=missing)
        except Unsure as unsure:
            found = self._looked_for(unsure, look)
            if found is None:
                raise
            return found
        result = read(response) if response.status != 202 else None
        return result if result is not None else self.settle(request, response, look)

    def _looked_for(self, unsure: Unsure, look: Callable[[], T | None]) -> T | None:
        """Return what a request of unknown effect made; it may still be in progress, so look several times.

        Raises:
            Unconfirmed: looking failed.
        """
        for attempt in range(_LOOKS_AT_UNSURE):
            self.rest(attempt)
            try:
                found = look()
            except ApiError as failed:
                raise _cannot_look(unsure, failed) from failed
            if found is not None:
                return found
        return None

    def settle(self, request: Request, response: Response, look: Callable[[], T | None]) -> T:
        """Read until what was accepted (202) is there, and return it.

        Raises:
            Unconfirmed: it did not appear, or cannot be read.
        """
        for attempt in range(_LOOKS):
            try:
                found = look()
            except ApiError as failed:
                raise Unconfirmed(
                    f"{request.shown} was accepted, and whether it is done cannot be seen: {failed}",
                    status=response.status,
                    request=request.shown,
                ) from failed
            if found is not None:
                return found
            if attempt < _LOOKS - 1:
                self.rest(attempt)
        raise Unconfirmed(
            f"{request.shown} was accepted, and is not confirmed: it is not done yet; look again in a while",
            status=response.status,
            request=request.shown,
        )

    def _after_no_answer(self, lost: TransportError, request: Request, attempt: int, again: bool) -> None:
        """Wait before another attempt, or raise."""
        error = Unreachable(f"no answer to {request.shown}: {lost}", request=request.shown, refused=lost.refused)
        if lost.sent and not again:
            raise Unsure(error) from None
        if attempt >= (TRIES if lost.sent else _NOT_SENT_TRIES):
            raise error from None
        self.rest(attempt - 1)

    def _wait(self, response: Response, attempt: int, error: ApiError) -> None:
        """Wait as long as the provider says, or raise if that is too long."""
        seconds = retry_after(response.headers, self._clock(), limited=response.status == 429)
        if seconds is None:
            self.rest(attempt - 1)
        elif seconds <= _LONGEST_REST:
            # Vary the wait, so that many clients do not retry at the same moment.
            self._sleep(seconds + 0.1 * self._random())
        else:
            kind = Limited if response.status == 429 else Down
            raise kind(f"{error}, in {seconds:.0f} s", status=error.status, request=error.request)

    def _error(
        self, response: Response, request: Request, auth: Auth | None, headers: dict[str, str], missing: Missing
    ) -> ApiError:
        return problem(
            response,
            request,
            whose=self.whose,
            advice=auth.advice if auth is not None else "see whether they are right",
            missing=missing if isinstance(missing, str) else missing() if response.status == 404 else "",
            secrets=(*self.secrets, *(value.split(" ")[-1] for value in headers.values())),
            location=shown_address(location(request, response)),
        )

    def _set_skew(self, response: Response) -> None:
        then = server_time(response.headers)
        if then is not None:
            self.skew = then - self._clock()
            # An error that a gateway sends in the provider's place has the gateway's clock.
            if response.status < 500:
                self._dated = then, self._clock(), time.monotonic()


def _may_have_worked(status: int) -> bool:
    """Return whether the request may have taken effect: a gateway gave up, or redirects."""
    return status in (_SEE_OTHER, _TIMED_OUT) or (status >= 500 and status not in _TAKES_NOTHING)


def _cannot_look(unsure: Unsure, failed: ApiError) -> Unconfirmed:
    return Unconfirmed(
        f"{unsure.cause}; it may have taken effect all the same, which cannot be looked up: {failed}",
        status=unsure.status,
        request=unsure.request,
    )
