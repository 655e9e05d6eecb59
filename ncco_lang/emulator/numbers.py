"""Handle the numbers of the account: list and link, with a minimum of search, buy and cancel.

Vonage's Numbers API and KPN's phone-numbers API differ only in their credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.owned_numbers import COUNTRIES, Owned
from ncco_lang.emulator.request import ApiRequest, one_of
from ncco_lang.emulator.responses import Answer, Refuse, invalid, refusal

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account

DONE = Answer(body={"error-code": "200", "error-code-label": "success"})
_CALLBACKS = ("sip", "tel", "app")
_LONGEST = 2000
_NOT_FOR_SALE = (
    "Numbers from this country can be requested from the Dashboard (https://dashboard.nexmo.com/buy-numbers) "
    "as they require a valid local address to be provided before being purchased."
)
_STEM = "9701234"
"""The first digits, after the country code, of the numbers that a search finds."""


def list_numbers(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET …/account/numbers`. KPN describes no filters by country and application, and ignores them."""
    found = [
        number
        for number in account.numbers.values()
        if _matches(api_request, number.msisdn)
        and (account.is_kpn or (_is_in_country(api_request, number.country) and _is_linked_as(api_request, number)))
    ]
    return _page(api_request, [number.shown(kpn=account.is_kpn) for number in found])


def search_numbers(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `GET …/number/search`: twenty numbers of the country that can be bought."""
    country = api_request.given.get("country", "")
    prefix = next((prefix for prefix, name in COUNTRIES if name == country.upper()), None)
    if len(country) != 2:
        raise Refuse(invalid(api_request.style, [("country", "must be two letters")]))
    features = api_request.given.get("features")
    kind = api_request.given.get("type", "landline")
    found = []
    for count in range(20 if prefix and kind == "landline" and features in (None, "VOICE") else 0):
        msisdn = f"{prefix}{_STEM}{count:02}"
        if msisdn not in account.numbers and _matches(api_request, msisdn):
            found.append({**Owned(msisdn, country.upper()).shown(kpn=account.is_kpn), "cost": "1.25"})
    return _page(api_request, found)


def update_number(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST …/number/update`: settings of voice and application that are not given are cleared."""
    form, number = _owned(account, api_request)
    kind, value = form.get("voiceCallbackType", ""), form.get("voiceCallbackValue", "")
    application_id = form.get("app_id", "") or (value if kind == "app" else "")
    for name in ("voiceCallbackValue", "moHttpUrl"):
        if len(form.get(name, "")) > _LONGEST:
            raise Refuse(invalid(api_request.style, [(name, f"can contain up to {_LONGEST} characters")]))
    if kind and kind not in _CALLBACKS:
        raise Refuse(invalid(api_request.style, [("voiceCallbackType", one_of(_CALLBACKS))]))
    if application_id and application_id not in account.applications:
        raise Refuse(_failed(api_request, "method failed: there is no such application"))
    number.link(application_id or None)
    if kind in ("sip", "tel") and value:
        number.callback = (kind, value)
    if "moHttpUrl" in form:
        number.mo_url = form["moHttpUrl"]
    return DONE


def buy_number(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST …/number/buy`."""
    form = api_request.form()
    msisdn, country = form.get("msisdn", ""), form.get("country", "").upper()
    known = {name: prefix for prefix, name in COUNTRIES}
    if country not in known or not msisdn.startswith(known[country] + _STEM) or not msisdn.isascii():
        raise Refuse(_failed(api_request, _NOT_FOR_SALE))
    is_full = len(account.numbers) >= account.options.bounds.numbers
    if not msisdn.isdigit() or len(msisdn) > 15 or msisdn in account.numbers or is_full:
        raise Refuse(_failed(api_request, "method failed"))
    account.numbers[msisdn] = Owned(msisdn, country)
    return DONE


def cancel_number(account: Account, api_request: ApiRequest) -> Answer:
    """Handle `POST …/number/cancel`."""
    _, number = _owned(account, api_request)
    del account.numbers[number.msisdn]
    return DONE


def _owned(account: Account, api_request: ApiRequest) -> tuple[dict[str, str], Owned]:
    """Return the form, and the number of the account that it names."""
    form = api_request.form()
    for name in ("country", "msisdn"):
        if not form.get(name):
            raise Refuse(invalid(api_request.style, [(name, "is required")]))
    number = account.numbers.get(form["msisdn"])
    if number is None or number.country != form["country"].upper():
        raise Refuse(_failed(api_request, "method failed"))
    return form, number


def _failed(api_request: ApiRequest, words: str) -> Answer:
    return refusal(api_request.style, 400 if api_request.style == "gateway" else 420, words)


def _is_in_country(api_request: ApiRequest, country: str) -> bool:
    return api_request.given.get("country", country).upper() == country


def _matches(api_request: ApiRequest, msisdn: str) -> bool:
    how = api_request.number("search_pattern", 0, 0, 2)
    pattern = api_request.given.get("pattern", "")
    return (msisdn.startswith(pattern), pattern in msisdn, msisdn.endswith(pattern))[how]


def _is_linked_as(api_request: ApiRequest, number: Owned) -> bool:
    given = api_request.given
    if "application_id" in given and given["application_id"] != number.application_id:
        return False
    if "has_application" not in given:
        return True
    # The Python SDK sends `True`.
    wanted = given["has_application"].lower()
    if wanted not in ("true", "false"):
        raise Refuse(invalid(api_request.style, [("has_application", "must be true or false")]))
    return (wanted == "true") == (number.application_id is not None)


def _page(api_request: ApiRequest, found: list[dict[str, Any]]) -> Answer:
    index, size = api_request.number("index", 1, 0), api_request.number("size", 10, 1, 100)
    begin = (max(index, 1) - 1) * size
    return Answer(body={"count": len(found), "numbers": found[begin : begin + size]})
