"""Numbers that must not be called by accident."""

from __future__ import annotations

import pytest

from ncco_lang.values.phone import costly_kind, is_national


@pytest.mark.parametrize(
    "text",
    ["112", "911", "999", "000", "110", "+112", "00112", " 1-1-2 ", "1 1 2", "+31 112", "0031112", "+44 999", "+1 911"],
)
def test_emergency_numbers_of_any_country_are_known(text: str) -> None:
    assert costly_kind(text) == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "+31 900 1234567",
        "0031 900 1234567",
        "+31 (0)900 1234567",
        "+31 0900 1234567",
        "319061234567",
        "+44 909 879 0000",
        "+1 900 555 1234",
        "+49 900 1 234567",
        "+979 1 2345 6789",
    ],
)
def test_premium_rate_numbers_are_known(text: str) -> None:
    assert costly_kind(text) == "premium-rate"


@pytest.mark.parametrize(
    "text",
    [
        "+31 20 123 4567",
        "31201234567",
        "+31 6 12345678",
        "+31 800 1234",
        "+31 112 123 4567",
        "+1 911 555 1234",
        "+44 20 7946 0000",
        "+1 202 555 0143",
        "12",
        "1",
        "",
        "sip:112@example.com",
        "help",
        "9" * 40,
        "١١٢",
    ],
)
def test_other_numbers_are_as_cheap_as_any(text: str) -> None:
    assert costly_kind(text) is None


@pytest.mark.parametrize(
    ("text", "national"),
    [
        ("020 123 4567", True),
        ("(020) 123-4567", True),
        ("0900 1234", True),
        ("+31 20 123 4567", False),
        ("0031 20 123 4567", False),
        ("31201234567", False),
        ("112", False),
        ("0112", False),
        ("020-abc", False),
    ],
)
def test_a_number_without_a_country_code_is_known_by_its_zero(text: str, national: bool) -> None:
    assert is_national(text) is national
