"""The interface of a provider for `deploy` and the commands; `vonage.VonageClient` and `kpn.KpnClient` implement it.

Every method raises `errors.ApiError`, which says what happened and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ncco_lang.api.types import ALL_CALLS, Application, Call, CallFilter, Json, NewCall, PhoneNumber, Played, Settings
from ncco_lang.net.rate_limit import Pace


class Provider(Protocol):
    """One account at one provider."""

    @property
    def name(self) -> str:
        """The provider's name: `vonage` or `kpn`."""
        ...

    @property
    def account(self) -> str:
        """The identity of the account, which is not secret: the host and a hash of the API key or client id."""
        ...

    def server_time(self) -> float | None:
        """Return the provider's clock in seconds since 1970; None if its responses have no usable `Date`.

        It is from the last response if that is less than 15 s old; otherwise one request asks for it.
        """
        ...

    # ── Applications ──

    def create_application(self, settings: Settings) -> Application:
        """Create an application. The request is sent once, because each one creates another application.

        Raises:
            Unconfirmed: the response was lost, so the application may exist or still appear; look in
                `list_applications` for its answer URL before creating it again.
        """
        ...

    def read_application(self, id: str) -> Application:
        """Return an application. Raises NotFound if it does not exist."""
        ...

    def list_applications(self) -> Iterator[Application]:
        """Yield all applications, reading pages as needed. Raises CannotList (KPN's sandbox)."""
        ...

    def update_application(self, current: Application, settings: Settings) -> Application:
        """Change the settings that `settings` has, and keep the rest of `current`.

        Raises:
            NotFound, Stale: it is gone, or another client has changed it.
            ValueError: the provider's applications have no such setting.
        """
        ...

    def delete_application(self, id: str) -> None:
        """Delete an application; succeed if it does not exist."""
        ...

    # ── Numbers ──

    def list_numbers(self) -> Iterator[PhoneNumber]:
        """Yield the numbers of the account, page by page."""
        ...

    def find_number(self, msisdn: str) -> PhoneNumber | None:
        """Return a number of the account by its digits, or None."""
        ...

    def link_number(self, number: PhoneNumber, application_id: str | None) -> None:
        """Link a number to an application, or to none."""
        ...

    # ── Calls ──

    def create_call(self, application_id: str, call: NewCall) -> Call:
        """Place a call. If the response is lost, the list of calls is searched; the call is never placed twice.

        Raises:
            Unconfirmed: it may have been placed, but is not in the list within half a minute.
            ValueError: the call is invalid, or the provider does not support it.
        """
        ...

    def read_call(self, application_id: str, uuid: str, *, pace: Pace | None = None) -> Call:
        """Return a call; a call is only known in its region.

        Args:
            pace: limits the rate of its requests, including repeated ones.

        Raises:
            NotFound: the call does not exist.
        """
        ...

    def list_calls(self, application_id: str, which: CallFilter = ALL_CALLS) -> Iterator[Call]:
        """Yield the calls of an application, reading pages as needed.

        Raises:
            ValueError: the provider does not filter by that status (KPN, `unanswered`).
        """
        ...

    def hang_up(self, application_id: str, uuid: str) -> None:
        """End a leg."""
        ...

    def mute(self, application_id: str, uuid: str, on: bool = True) -> None:
        """Mute a leg, or unmute it."""
        ...

    def earmuff(self, application_id: str, uuid: str, on: bool = True) -> None:
        """Earmuff a leg, so that it hears nothing, or end that."""
        ...

    def transfer(
        self, application_id: str, uuid: str, *, url: str | None = None, ncco: list[dict[str, Any]] | None = None
    ) -> None:
        """Run another NCCO, given by its URL or inline (Vonage).

        Raises:
            ValueError: not exactly one of the two is given, or the provider takes none inline.
        """
        ...

    def play_talk(
        self,
        application_id: str,
        uuid: str,
        text: str,
        *,
        language: str | None = None,
        style: int | None = None,
        premium: bool | None = None,
        voice_name: str | None = None,
        loop: int | None = None,
        level: float | None = None,
    ) -> Played:
        """Say something into a call.

        Args:
            language, style, premium: the voice (Vonage).
            voice_name: the voice (KPN), like `Lotte`.
            loop: the number of repetitions; 0 until it is stopped.
            level: the volume, -1 to 1 (Vonage).

        Raises:
            ValueError: the provider has no such option.
        """
        ...

    def stop_talk(self, application_id: str, uuid: str) -> Played:
        """Stop what `play_talk` began."""
        ...

    def play_stream(
        self, application_id: str, uuid: str, url: str, *, loop: int | None = None, level: float | None = None
    ) -> Played:
        """Play an audio file into a call.

        Args:
            loop: the number of repetitions; 0 until it is stopped.
            level: the volume, -1 to 1 (Vonage).

        Raises:
            ValueError: the provider has no such option.
        """
        ...

    def stop_stream(self, application_id: str, uuid: str) -> Played:
        """Stop what `play_stream` began."""
        ...

    def send_dtmf(self, application_id: str, uuid: str, digits: str) -> Played:
        """Press keys: `0-9`, `*`, `#`, and `p` for a pause of half a second.

        If the response is lost they are not pressed again, because that would enter them twice.
        """
        ...

    def listen_dtmf(self, application_id: str, uuid: str, event_url: str) -> None:
        """Send an input webhook for each key that is pressed in a call (Vonage).

        Raises:
            ValueError: the provider cannot do that (KPN).
        """
        ...

    def stop_listening(self, application_id: str, uuid: str) -> None:
        """End what `listen_dtmf` began. Raises ValueError like `listen_dtmf`."""
        ...

    def read_jwt(self, application_id: str) -> str:
        """Return a JWT for recordings: our own at Vonage, one from `GET /jwt` at KPN. A secret."""
        ...

    def download(self, application_id: str, url: str, write: Callable[[bytes], Any]) -> Json:
        """Download a recording in pieces; return its `content_type` and `size` (bytes).

        Raises:
            ApiError: the URL is not one of the provider's, so it gets no token; or any other error of a request.
        """
        ...

    def close(self) -> None:
        """Close the connections, unless the HTTP client was passed in."""
        ...
