"""Convert durations exactly between the units of the language and those of NCCO."""

from __future__ import annotations

from decimal import Decimal

SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}
"""The length of each unit of the language in seconds."""
EXAMPLES = "500ms, 2s, 3m or 1h"
"""Examples of durations, for messages."""


def convert(amount: str, unit: str, wire_unit: str) -> Decimal:
    """Convert a duration to another unit, without rounding: `convert("1.5", "s", "ms")` is 1500.

    Raises:
        KeyError: one of the units is not in `SECONDS`.
    """
    return Decimal(amount) * SECONDS[unit] / SECONDS[wire_unit]


def short_unit(word: str) -> str:
    """Return the unit of the language for a longer word: `sec` is `s`, `millisecond` is `ms`."""
    return "ms" if word.startswith(("ms", "milli")) else word[0]


def written(number: str) -> str:
    """Return a number as it may be written before a unit: without an exponent."""
    return f"{Decimal(number):f}"


def is_whole(number: Decimal) -> bool:
    """Return whether a number has no fraction."""
    return number == number.to_integral_value()


def plain(number: Decimal) -> int | float:
    """Return the number as JSON writes it: an integer if it is whole."""
    return int(number) if is_whole(number) else float(number)


def show(number: int | float | Decimal, unit: str) -> str:
    """Return a duration as the language writes it, in the largest unit in which it is whole: 3600 s is `1h`."""
    value = Decimal(str(number)) * SECONDS[unit]
    for name in ("h", "m", "s"):
        if value and is_whole(value / SECONDS[name]):
            return f"{int(value / SECONDS[name])}{name}"
    if not value:
        return f"0{unit}"
    if value < 1 and is_whole(value / SECONDS["ms"]):
        return f"{int(value / SECONDS['ms'])}ms"
    return f"{value.normalize():f}s"
