"""Telephone numbers: text → E.164 digits, and whether a number can exist.

`phonenumberslite` is imported for the first number, because its tables cost more than everything else here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

_E164 = re.compile(r"[1-9][0-9]{6,14}")
_FILLERS = re.compile(r"[\s().\-/\u00a0\u2010-\u2013]")


def e164_digits(text: str) -> str | None:
    """Return the digits of a number written with a plus sign, two zeros, blanks, dots, dashes or brackets, or None.

    A trunk zero in brackets (`+44 (0)20 …`) is left out. A national number (`020 …`) has no country code: None.
    """
    plain = _FILLERS.sub("", re.sub(r"(?<=\d)\s*\(0\)", "", text.strip()))
    plain = plain.removeprefix("+") if plain.startswith("+") else plain.removeprefix("00")
    return plain if _E164.fullmatch(plain) else None


def certain_digits(text: str, near: str = "") -> str | None:
    """Return the E.164 digits of a number in another form; None if it may lack its country code or cannot exist.

    Args:
        text: a number with its country (a plus sign or two zeros), or one that can be read in only one way.
        near: a number of the same document in E.164, whose country is likely.
    """
    import phonenumbers

    digits = e164_digits(text)
    says_country = text.strip().startswith(("+", "00"))
    if digits is None or (not says_country and (text.strip().startswith("(") or meant_country(text, near))):
        return None
    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    exists = phonenumbers.is_possible_number if says_country else phonenumbers.is_valid_number
    # Formatted anew to drop the zero that callers dial inside a country: +44 020 is 4420.
    return f"{number.country_code}{phonenumbers.national_significant_number(number)}" if exists(number) else None


_NATIONAL_FORMS = {
    "US": "the US",
    "GB": "the UK",
    "NL": "the Netherlands",
    "DE": "Germany",
    "FR": "France",
    "BE": "Belgium",
    "ES": "Spain",
    "IT": "Italy",
    "PT": "Portugal",
    "IE": "Ireland",
    "CH": "Switzerland",
    "AT": "Austria",
    "DK": "Denmark",
    "NO": "Norway",
    "SE": "Sweden",
    "FI": "Finland",
    "PL": "Poland",
    "CZ": "Czechia",
    "AU": "Australia",
    "NZ": "New Zealand",
    "IN": "India",
    "IL": "Israel",
    "ZA": "South Africa",
    "BR": "Brazil",
}
"""Countries whose national format is recognised, the likelier first."""


def meant_country(text: str, near: str = "") -> str | None:
    """Return the country code that a number seems to lack, and its country: `1 for the US`; None if unclear.

    Args:
        text: the number as the author wrote it.
        near: a number of the same document in E.164: its country is the likeliest.
    """
    import phonenumbers

    digits = _FILLERS.sub("", text.strip())
    if re.fullmatch("[0-9]{4,14}", digits) is None:
        return None
    likely, second = _regions_of(near), None
    for region in dict.fromkeys((*likely, *_NATIONAL_FORMS)):
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        significant = phonenumbers.national_significant_number(number)
        lacks_country = significant in (digits, digits.removeprefix("0"))
        if not lacks_country or not phonenumbers.is_valid_number_for_region(number, region):
            continue
        name = _NATIONAL_FORMS.get(region)
        country = f"{number.country_code} for {name}" if name else str(number.country_code)
        # Many plans allow the same digits: then the spaces and dashes decide.
        if phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL) == text.strip():
            return country
        second = second or (country if region in (*likely, "US") else None)
    return second


@lru_cache(maxsize=64)
def _regions_of(number: str) -> tuple[str, ...]:
    """Return the region of a number in E.164, in a tuple of one; empty for any other text."""
    import phonenumbers

    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse("+" + number, None)) if number else None
    except phonenumbers.NumberParseException:
        return ()
    return (found,) if found else ()


@lru_cache(maxsize=4096)
def number_verdict(digits: str) -> Literal["assigned", "unassigned", "impossible"]:
    """Return whether numbers like this one exist, by the numbering plans in `phonenumberslite`.

    Cached: a flow has few numbers, and each more than once.

    Args:
        digits: E.164 without the plus sign.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return "impossible"
    if not phonenumbers.is_possible_number(number):
        return "impossible"
    return "assigned" if phonenumbers.is_valid_number(number) else "unassigned"


def is_national(text: str) -> bool:
    """Return whether a text looks like a number without its country code, such as `020 123 4567`."""
    plain = _FILLERS.sub("", text.strip())
    return re.fullmatch(r"0[1-9][0-9]{4,13}", plain) is not None


def costly_kind(text: str) -> Literal["emergency", "premium-rate"] | None:
    """Return the kind of a number that should not be called without care; None for all others.

    An emergency number of any country counts, with or without a country code (`+44 999`), for callers of every country.

    Args:
        text: the number as the author wrote it, in any form that `e164_digits` reads, or a short number.
    """
    plain = _FILLERS.sub("", text.strip()).removeprefix("+")
    if re.fullmatch("[0-9]{2,20}", plain) is None:
        return None
    short = {plain, plain.removeprefix("00")}
    if any(len(number) <= _LONGEST_EMERGENCY and _is_emergency(number) for number in short):
        return "emergency"
    return _kind_in_plan(e164_digits(text) or plain.removeprefix("00"))


_LONGEST_EMERGENCY = 6


def _is_emergency(number: str) -> bool:
    """Return whether a short number is an emergency number of any country."""
    from phonenumbers import shortnumberinfo

    regions = shortnumberinfo.SUPPORTED_SHORT_REGIONS
    return any(shortnumberinfo.is_emergency_number(number, region) for region in regions)


def _kind_in_plan(digits: str) -> Literal["emergency", "premium-rate"] | None:
    """Return the kind of a number with its country code, by the numbering plan of its country."""
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(number)
    for region in phonenumbers.region_codes_for_country_code(number.country_code or 0):
        if phonenumbers.is_emergency_number(national, region):
            return "emergency"
    is_premium = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE
    return "premium-rate" if is_premium else None


_LOOKALIKES = {"O": "0", "o": "0", "I": "1", "l": "1", "S": "5", "B": "8", "Z": "2"}
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_LONGEST = 80
_EXTENSION = re.compile(r"[0-9)][ ,;]{0,4}(?:ext(?:ension)?\b|x(?=[ .]?[0-9])|;ext=|,{2,4}(?=[0-9]))", re.IGNORECASE)


def number_fault(text: str) -> str | None:
    """Return what is wrong with a text that should be an international number and what to write, in words, or None.

    Only for a text that begins like a number; what is wrong with others is clear.
    """
    plain = text.strip()
    if plain.lower().startswith(("tel:", "callto:")):
        return f"leave out {plain.partition(':')[0]}:"
    if len(plain) > _LONGEST or not re.match(r"[+(0-9]", plain):
        return None
    if _EXTENSION.search(plain):
        return "leave out the extension; `dtmfAnswer` presses its keys after the answer"
    if re.search(r"[0-9][ ]*(?:[,;/|]|or|and)[ ]*[+0-9]", plain) and sum(map(str.isdigit, plain)) > 15:
        return "write one number; a second connect calls the next"
    letters = re.findall(r"[^\W\d_]", plain)
    if letters:
        return _lettered(plain, letters)
    digits = re.sub(r"[^0-9]", "", plain)
    if plain.startswith(("+", "00")):
        if len(digits.removeprefix("00")) < 7:
            return "it is too short: write the whole number after the country code"
        return "it is too long: at most 15 digits follow the plus sign" if len(digits) > 17 else None
    if len(digits) <= 6:
        return "it is a short code, which works in one country only: write an international number"
    return "it is too long: a number has at most 15 digits" if len(digits) > 15 else None


def _lettered(text: str, letters: list[str]) -> str:
    """Return what to write in place of a number with letters."""
    if len(set(letters)) == 1 and letters[0] in _LOOKALIKES:
        return f"the letter {letters[0]} is in it: is it the digit {_LOOKALIKES[letters[0]]}?"
    digits = text.upper().translate(_KEYPAD)
    if len(letters) > 2 and e164_digits(digits) is not None:
        return f"write the digits of its letters: {digits}"
    return f"letters are in it ({letters[0]}): write digits only"
