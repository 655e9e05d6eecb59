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
