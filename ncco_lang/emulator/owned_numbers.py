"""A number of the account."""

from __future__ import annotations

from typing import Any

from ncco_lang.simulate.networks import COUNTRIES, country_of

__all__ = ["COUNTRIES", "Owned", "owned_numbers"]


class Owned:
    """A number of the account."""

    __slots__ = ("application_id", "callback", "country", "features", "mo_url", "msisdn", "type")

    def __init__(self, msisdn: str, country: str) -> None:
        self.msisdn = msisdn
        self.country = country
        self.type = "mobile-lvn" if msisdn.startswith(("316", "447")) else "landline"
        self.features = ["VOICE", "SMS"] if self.type == "mobile-lvn" else ["VOICE"]
        self.mo_url = ""
        self.callback: tuple[str, str] | None = None
        self.application_id: str | None = None

    def link(self, application_id: str | None) -> None:
        """Link it to an application, or to none."""
        self.application_id = application_id
        self.callback = None if application_id is None else ("app", application_id)

    def shown(self, *, kpn: bool) -> dict[str, Any]:
        """Return the number as in a list."""
        body: dict[str, Any] = {
            "country": self.country,
            "msisdn": self.msisdn,
            "type": self.type,
            "features": list(self.features),
        }
        if self.mo_url:
            body["moHttpUrl"] = self.mo_url
        if self.callback is not None:
            body["voiceCallbackType"], body["voiceCallbackValue"] = self.callback
        if self.application_id is not None and not kpn:
            body["app_id"] = self.application_id
        return body


def owned_numbers(numbers: tuple[str, ...]) -> dict[str, Owned]:
    """Return the account's numbers at the start."""
    return {number: Owned(number, country_of(number)) for number in numbers}
