"""The countries of telephone numbers that the phone and the emulator know, and how events name their networks."""

from __future__ import annotations

COUNTRIES = (("31", "NL"), ("44", "GB"), ("32", "BE"), ("49", "DE"), ("33", "FR"), ("34", "ES"), ("1", "US"))


def country_of(number: str) -> str:
    """Return the country of a number, among those that are known; `US` for any other."""
    return next((country for prefix, country in COUNTRIES if number.startswith(prefix)), "US")


def network_of(number: str) -> str:
    """Return the network of a number as events name it, like `NL-FIXED`."""
    return f"{country_of(number)}-FIXED"
