"""What `deploy` and the commands ask of a provider. `vonage.VonageClient` and `kpn.KpnClient` are the two that exist.

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
        """`vonage` or `kpn`."""
        ...

    @property
    def account(self) -> str:
        """What tells this account from another, and is no secret: host and API key, or host and client id."""
        ...

    def server_time(self) -> float | None:
        """Return the provider's clock in seconds since 1970; None where its answers have no `Date` that makes sense.

        It is that of the last answer where one came within 15 s, else it is asked for (one request).
        """
        ...

    # ── Applications ──

    def create_application(self, settings: Settings) -> Application:
        """Create one. The request is sent once, because the provider creates another each time.

        Raises:
            Unconfirmed: the answer was lost, so it may exist, or may still come into being; look in
                `list_applications` for its answer URL before creating it again.
        """
        ...

    def read_application(self, id: str) -> Application:
        """Raises NotFound where there is none."""
        ...

    def list_applications(self) -> Iterator[Application]:
        """All of them, page by page as they are asked for. Raises CannotList (KPN's sandbox)."""
        ...

    def update_application(self, current: Application, settings: Settings) -> Application:
        """Change what `settings` says and leave the rest of `current` as it is.

        Raises:
            NotFound, Stale: it is gone, or was changed by somebody else.
            ValueError: the provider's applications have no such setting.
        """
        ...

    def delete_application(self, id: str) -> None:
        """Delete it; one that is not there is done."""
        ...

    # ── Numbers ──

    def list_numbers(self) -> Iterator[PhoneNumber]:
        """The numbers of the account, page by page."""
        ...

    def find_number(self, msisdn: str) -> PhoneNumber | None:
        """One number of the account, by its digits."""
        ...

    def link_number(self, number: PhoneNumber, application_id: str | None) -> None:
        """Let a number's calls go to an application; None: to none."""
        ...

    # ── Calls ──

    def create_call(self, application_id: str, call: NewCall) -> Call:
        """Place a call. When the answer is lost, the list of calls is searched; no telephone is rung twice.

        Raises:
            Unconfirmed: it may have been placed, and is not in the list within half a minute.
            ValueError: the call makes no sense, or the provider has no such thing.
        """
        ...

    def read_call(self, application_id: str, uuid: str, *, pace: Pace | None = None) -> Call:
        """Read one; a call is only known in its region.

        Args:
            pace: no request for it, not even a repeated one, is sent sooner than it says.

        Raises:
            NotFound: there is no such call.
        """
        ...

    def list_calls(self, application_id: str, which: CallFilter = ALL_CALLS) -> Iterator[Call]:
        """Calls of this application, page by page as they are asked for.

        Raises:
            ValueError: the provider does not filter by that status (KPN, `unanswered`).
        """
        ...

    def hang_up(self, application_id: str, uuid: str) -> None:
        """End a leg."""
        ...

    def mute(self, application_id: str, uuid: str, on: bool = True) -> None:
        """Mute a leg, or let it be heard again."""
        ...

    def earmuff(self, application_id: str, uuid: str, on: bool = True) -> None:
        """Let a leg hear nothing, or hear again."""
        ...

    def transfer(
        self, application_id: str, uuid: str, *, url: str | None = None, ncco: list[dict[str, Any]] | None = None
    ) -> None:
        """Run another NCCO, given by its address or inline (Vonage).

        Raises:
            ValueError: it is not exactly one of the two, or the provider takes none inline.
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
            language, style, premium: whose voice it is (Vonage).
            voice_name: whose voice it is (KPN), like `Lotte`.
            loop: how often; 0 until it is stopped.
            level: how loud, -1 to 1 (Vonage).

        Raises:
            ValueError: the provider has no such option.
        """
        ...

    def stop_talk(self, application_id: str, uuid: str) -> Played:
        """End what `play_talk` began."""
        ...

    def play_stream(
        self, application_id: str, uuid: str, url: str, *, loop: int | None = None, level: float | None = None
    ) -> Played:
        """Play a sound into a call.

        Args:
            loop: how often; 0 until it is stopped.
            level: how loud, -1 to 1 (Vonage).

        Raises:
            ValueError: the provider has no such option.
        """
        ...

    def stop_stream(self, application_id: str, uuid: str) -> Played:
        """End what `play_stream` began."""
        ...

    def send_dtmf(self, application_id: str, uuid: str, digits: str) -> Played:
        """Press keys: `0-9`, `*`, `#`, and `p` for a rest of half a second.

        When the answer is lost they are not pressed again: twice is another number.
        """
        ...

    def read_jwt(self, application_id: str) -> str:
        """A JWT for recordings: our own at Vonage, one from `GET /jwt` at KPN. A secret."""
        ...

    def download(self, application_id: str, url: str, write: Callable[[bytes], Any]) -> Json:
        """Fetch a recording in pieces; returns `content_type` and `size` (bytes).

        Raises:
            ApiError: the address is none of the provider's, so no token is sent there; or what any request may raise.
        """
        ...

    def close(self) -> None:
        """Close the connections, unless the wire was passed in."""
        ...
