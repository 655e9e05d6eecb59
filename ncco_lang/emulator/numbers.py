"""The numbers of the account: list, link, and the little that is needed of search, buy and cancel.

Vonage's Numbers API and KPN's phone-numbers API are the same but for who is asked for credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.answers import Answer, Refuse, invalid, refusal
from ncco_lang.emulator.asked import Asked, one_of

if TYPE_CHECKING:
    from ncco_lang.emulator.world import World

COUNTRIES = (("31", "NL"), ("44", "GB"), ("32", "BE"), ("49", "DE"), ("33", "FR"), ("34", "ES"), ("1", "US"))
DONE = Answer(body={"error-code": "200", "error-code-label": "success"})
_CALLBACKS = ("sip", "tel", "app")
_LONGEST = 2000
_STEM = "9701234"
"""How the numbers begin, behind the code of the country, that a search finds."""


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
        """Let its calls go to an application, or to none."""
        self.application_id = application_id
        self.callback = None if application_id is None else ("app", application_id)

    def shown(self, *, kpn: bool) -> dict[str, Any]:
        """As a list shows it."""
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


def country_of(msisdn: str) -> str:
    """The country of a number, as far as the emulator knows countries."""
    return next((country for prefix, country in COUNTRIES if msisdn.startswith(prefix)), "US")


def owned_numbers(numbers: tuple[str, ...]) -> dict[str, Owned]:
    """The account's numbers at the start."""
    return {number: Owned(number, country_of(number)) for number in numbers}


def list_numbers(world: World, asked: Asked) -> Answer:
    """`GET …/account/numbers`."""
    found = [
        number
        for number in world.numbers.values()
        if _matches(asked, number.msisdn, number.country) and _is_linked_as(asked, number)
    ]
    return _page(asked, [number.shown(kpn=world.is_kpn) for number in found])


def search_numbers(world: World, asked: Asked) -> Answer:
    """`GET …/number/search`: twenty numbers of the country that can be bought."""
    country = asked.given.get("country", "")
    prefix = next((prefix for prefix, name in COUNTRIES if name == country.upper()), None)
    if len(country) != 2:
        raise Refuse(invalid(asked.style, [("country", "must be two letters")]))
    features = asked.given.get("features")
    kind = asked.given.get("type", "landline")
    found = []
    for count in range(20 if prefix and kind == "landline" and features in (None, "VOICE") else 0):
        msisdn = f"{prefix}{_STEM}{count:02}"
        if msisdn not in world.numbers and _matches(asked, msisdn, country.upper()):
            found.append({**Owned(msisdn, country.upper()).shown(kpn=world.is_kpn), "cost": "1.25"})
    return _page(asked, found)


def update_number(world: World, asked: Asked) -> Answer:
    """`POST …/number/update`: what is not said about voice and the application is taken away."""
    form, number = _owned(world, asked)
    kind, value = form.get("voiceCallbackType", ""), form.get("voiceCallbackValue", "")
    application_id = form.get("app_id", "") or (value if kind == "app" else "")
    for name in ("voiceCallbackValue", "moHttpUrl"):
        if len(form.get(name, "")) > _LONGEST:
            raise Refuse(invalid(asked.style, [(name, f"can contain up to {_LONGEST} characters")]))
    if kind and kind not in _CALLBACKS:
        raise Refuse(invalid(asked.style, [("voiceCallbackType", one_of(_CALLBACKS))]))
    if application_id and application_id not in world.applications:
        raise Refuse(_failed(asked, "method failed: there is no such application"))
    number.link(application_id or None)
    if kind in ("sip", "tel") and value:
        number.callback = (kind, value)
    if "moHttpUrl" in form:
        number.mo_url = form["moHttpUrl"]
    return DONE


def buy_number(world: World, asked: Asked) -> Answer:
    """`POST …/number/buy`."""
    form = asked.form()
    msisdn, country = form.get("msisdn", ""), form.get("country", "").upper()
    known = {name: prefix for prefix, name in COUNTRIES}
    if country not in known or not msisdn.startswith(known[country] + _STEM) or not msisdn.isascii():
        raise Refuse(_failed(asked, "Numbers from this country can be requested from the dashboard"))
    is_full = len(world.numbers) >= world.options.bounds.numbers
    if not msisdn.isdigit() or len(msisdn) > 15 or msisdn in world.numbers or is_full:
        raise Refuse(_failed(asked, "method failed"))
    world.numbers[msisdn] = Owned(msisdn, country)
    return DONE


def cancel_number(world: World, asked: Asked) -> Answer:
    """`POST …/number/cancel`."""
    _, number = _owned(world, asked)
    del world.numbers[number.msisdn]
    return DONE


def _owned(world: World, asked: Asked) -> tuple[dict[str, str], Owned]:
    """The form, and the number of the account that it names."""
    form = asked.form()
    for name in ("country", "msisdn"):
        if not form.get(name):
            raise Refuse(invalid(asked.style, [(name, "is required")]))
    number = world.numbers.get(form["msisdn"])
    if number is None or number.country != form["country"].upper():
        raise Refuse(_failed(asked, "method failed"))
    return form, number


def _failed(asked: Asked, words: str) -> Answer:
    return refusal(asked.style, 400 if asked.style == "gateway" else 420, words)


def _matches(asked: Asked, msisdn: str, country: str) -> bool:
    given = asked.given
    if given.get("country", country).upper() != country:
        return False
    how = asked.number("search_pattern", 0, 0, 2)
    pattern = given.get("pattern", "")
    return (msisdn.startswith(pattern), pattern in msisdn, msisdn.endswith(pattern))[how]


def _is_linked_as(asked: Asked, number: Owned) -> bool:
    given = asked.given
    if "application_id" in given and given["application_id"] != number.application_id:
        return False
    wanted = given.get("has_application")
    if wanted not in (None, "true", "false"):
        raise Refuse(invalid(asked.style, [("has_application", "must be true or false")]))
    return wanted is None or (wanted == "true") == (number.application_id is not None)


def _page(asked: Asked, found: list[dict[str, Any]]) -> Answer:
    index, size = asked.number("index", 1, 0), asked.number("size", 10, 1, 100)
    begin = (max(index, 1) - 1) * size
    return Answer(body={"count": len(found), "numbers": found[begin : begin + size]})
