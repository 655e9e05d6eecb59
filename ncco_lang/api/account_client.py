"""The part of both clients that uses the credentials of the account: applications and numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from ncco_lang.api.auth import Auth
from ncco_lang.api.errors import ApiError, CannotList, NotFound, Unconfirmed
from ncco_lang.api.json_access import list_of, segment
from ncco_lang.api.numbers import check_done, kept_fields, read_number, set_number
from ncco_lang.api.paging import PAGE, Listing, Pages, T, size_of
from ncco_lang.api.provider import Provider
from ncco_lang.api.session import Missing, Session
from ncco_lang.api.types import Application, PhoneNumber, Settings
from ncco_lang.net.types import Request, Response

_NUMBERS = Listing(
    items=("numbers",), read=read_number, id_of=lambda number: number.msisdn, size="size", index="index", first=1
)
_FORWARDING = ("voiceCallbackType", "voiceCallbackValue")


class AccountClient(Provider):
    """Applications and numbers of one account. The methods are documented in `Provider`.

    Attributes:
        _applications: how the provider lists applications.
        _kept: settings of a number besides its application; an update without them would clear them.
    """

    name = ""
    _applications: Listing[Application]
    _kept: tuple[str, ...]

    def __init__(
        self, session: Session, address: str, key: str, *, auth: Auth, applications_url: str, numbers_url: str
    ) -> None:
        """Args: `key` identifies the account; only a hash of it is kept."""
        self._session = session
        self._address = address.rstrip("/")
        self._account = f"{urlsplit(address).netloc}/{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        self._auth = auth
        self._applications_url = applications_url
        self._numbers_url = numbers_url

    def __repr__(self) -> str:
        return f"{type(self).__name__}(account={self._account!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def account(self) -> str:
        """The host and a hash of the key or the client id."""
        return self._account

    def close(self) -> None:
        self._session.close()

    # ── What is different ──

    def _written(self, settings: Settings, current: Application | None = None) -> dict[str, Any]:
        """Return the fields of the `Request` that creates an application, or changes `current`.

        Raises:
            ValueError: the provider has no such settings, or needs others.
        """
        raise NotImplementedError

    def _is_written(self, request: Request, found: Application) -> bool:
        """Return whether an application is as a request of `_written` wants it."""
        raise NotImplementedError

    def _link_fields(self, application_id: str) -> tuple[tuple[str, str], ...]:
        """Return the form fields that link a number to an application."""
        raise NotImplementedError

    def _secrets(self) -> tuple[str, ...]:
        """Return the texts that must not appear in a message."""
        return self._session.secrets

    def server_time(self) -> float | None:
        known = self._session.server_time()
        if known is None:
            # Any response has a `Date`, also a refusal to list.
            with suppress(CannotList):
                next(self.list_applications(), None)
            known = self._session.server_time()
        return known

    # ── Applications ──

    def create_application(self, settings: Settings) -> Application:
        request = self._application_request("POST", **self._written(settings))
        response = self._session.exchange(request, self._auth)
        made = self._applications.read(response.json()) if response.status != 202 else None
        if made is None:
            raise Unconfirmed(
                f"{request.shown} was answered with {response.status} and without the application that it may have made",
                status=response.status,
                request=request.shown,
            )
        return made

    def read_application(self, id: str) -> Application:
        request = self._application_request("GET", id)
        found = self._applications.read(self._session.get(request, self._auth, missing=f"there is no application {id}"))
        if found is None:
            raise not_understood(request)
        return found

    def list_applications(self) -> Iterator[Application]:
        return self._listed(self._applications, self._application_request("GET"), self._auth)

    def update_application(self, current: Application, settings: Settings) -> Application:
        request = self._application_request("PUT", current.id, **self._written(settings, current))
        response = self._session.exchange(request, self._auth, missing=f"there is no application {current.id}")

        def look() -> Application | None:
            found = self.read_application(current.id)
            return found if self._is_written(request, found) else None

        if response.status == 202:
            return self._session.settle(request, response, look)
        return self._applications.read(response.json()) or self.read_application(current.id)

    def delete_application(self, id: str) -> None:
        request = self._application_request("DELETE", id)

        def gone() -> bool | None:
            try:
                self.read_application(id)
            except NotFound:
                return True
            return None

        try:
            response = self._session.exchange(request, self._auth)
        except NotFound:
            return
        if response.status == 202:
            self._session.settle(request, response, gone)

    def _application_request(self, method: str, id: str | None = None, **fields: Any) -> Request:
        url = self._applications_url if id is None else f"{self._applications_url}/{segment(id)}"
        return Request(method=method, url=url, **fields)

    # ── Numbers ──

    def list_numbers(self) -> Iterator[PhoneNumber]:
        return self._number_pages()

    def find_number(self, msisdn: str) -> PhoneNumber | None:
        pages = self._number_pages(("pattern", msisdn), ("search_pattern", "0"))
        return next((number for number in pages if number.msisdn == msisdn), None)

    def _number_pages(self, *query: tuple[str, str]) -> Iterator[PhoneNumber]:
        request = Request(method="GET", url=f"{self._numbers_url}/account/numbers", query=query)
        return self._listed(_NUMBERS, request, self._auth)

    def link_number(self, number: PhoneNumber, application_id: str | None) -> None:
        form = kept_fields(number, self._kept)
        if application_id is not None:
            # Calls go to the application only if the number forwards to no SIP address or telephone.
            form += self._link_fields(application_id)
        elif number.raw.get("voiceCallbackType") in ("sip", "tel"):
            form = kept_fields(number, (*self._kept, *_FORWARDING))
        request = Request(method="POST", url=f"{self._numbers_url}/number/update", form=form)

        def check(response: Response) -> None:
            check_done(response, request, self._session.whose, self._secrets())

        def look() -> bool | None:
            found = self.find_number(number.msisdn)
            return True if found is not None and found.application_id == application_id else None

        set_number(self._session, request, self._auth, check=check, look=look)

    # ── Lists ──

    def _listed(self, listing: Listing[T], request: Request, auth: Auth, *, missing: Missing = "") -> Iterator[T]:
        """Yield what is on all pages of a list; `request` has what is the same for all of them."""
        pages, index = Pages[T](listing.id_of), listing.first
        while True:
            query = (*request.query, (listing.size, str(PAGE)), (listing.index, str(index)))
            this = replace(request, query=query)
            page = self._session.get(this, auth, missing=missing, weigh=pages.weigh)
            items = list_of(page, *listing.items)
            yield from pages.new(map(listing.read, items))
            if not pages.go_on(page, this, len(items)):
                return
            # A page that does not give its size is as long as it is.
            index += size_of(page, len(items)) if listing.counts_records else 1


def not_understood(request: Request) -> ApiError:
    """Return the error for a 2xx without the required content."""
    return ApiError(
        f"the answer to {request.shown} has not what it should have; is the address in the profile right?",
        request=request.shown,
    )
