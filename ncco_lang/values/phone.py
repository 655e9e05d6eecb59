"""Telephone numbers: text → E.164 digits, and whether a number can exist.

`phonenumberslite` is imported when the first number is looked at, because its tables cost more than all else here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

_E164 = re.compile(r"[1-9][0-9]{6,14}")
_FILLERS = re.compile(r"[\s().\-/\u00a0\u2010-\u2013]")


def e164_digits(text: str) -> str | None:
    """The digits of a number written with a plus sign, two zeros, blanks, dots, dashes or brackets; None when unclear.

    A trunk zero in brackets (`+44 (0)20 …`) is left out. A national number (`020 …`) has no country code, so: None.
    """
    plain = _FILLERS.sub("", re.sub(r"(?<=\d)\s*\(0\)", "", text.strip()))
    plain = plain.removeprefix("+") if plain.startswith("+") else plain.removeprefix("00")
    return plain if _E164.fullmatch(plain) else None


@lru_cache(maxsize=4096)
def number_verdict(digits: str) -> Literal["assigned", "unassigned", "impossible"]:
    """Whether numbers like this one exist, by the numbering plans in `phonenumberslite`.

    Kept for a while: a flow names few numbers, and each more than once.

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
    """Whether a text looks like a number without its country code, such as `020 123 4567`."""
    plain = _FILLERS.sub("", text.strip())
    return re.fullmatch(r"0[1-9][0-9]{4,13}", plain) is not None


def costly_kind(text: str) -> Literal["emergency", "premium-rate"] | None:
    """Whether a number that somebody wants to ring is one to think twice about; None for all others.

    Short numbers that mean help in any country count as emergency numbers, whoever dials them; so do those behind a
    country code (`+44 999`).

    Args:
        text: as it was written, in any form that `e164_digits` reads, or a short number.
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
    """Whether a short number is one for emergencies somewhere."""
    from phonenumbers import shortnumberinfo

    regions = shortnumberinfo.SUPPORTED_SHORT_REGIONS
    return any(shortnumberinfo.is_emergency_number(number, region) for region in regions)


def _kind_in_plan(digits: str) -> Literal["emergency", "premium-rate"] | None:
    """What the numbering plan of its country says of a number with its country code."""
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
