"""Timing in pairs, and the few statistics and tables that the reports need.

Absolute times drift with the machine's load, so two things are never compared across minutes: they run in turn, and
each pair gives one ratio. Printed values are rounded to three digits, always against us.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import process_time
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Lane:
    """A check and its documents, all of them in one pass."""

    check: Callable[[Any], object]
    documents: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, their quartiles, and their extremes."""

    median: float
    lower: float
    upper: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our CPU seconds for a document and a peer's, and peer ÷ ours pair by pair."""

    ratio: Spread
    ours: float
    peer: float


def spread(values: Sequence[float]) -> Spread:
    """Return median, quartiles, least and greatest of some measurements."""
    lower, middle, upper = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return Spread(middle, lower, upper, min(values), max(values), len(values))


def compare(ours: Lane, peer: Lane, pairs: int, seconds: float) -> Comparison:
    """Run two lanes in turn and return the comparison.

    Args:
        ours: our check.
        peer: the check that it is compared with.
        pairs: the number of timings of each.
        seconds: the least CPU time of each timing; passes are repeated until it is reached.
    """
    our_passes, peer_passes = passes_for(ours, seconds), passes_for(peer, seconds)
    our_times, peer_times = [], []
    for _ in range(pairs):
        our_times.append(time_passes(ours, our_passes))
        peer_times.append(time_passes(peer, peer_passes))
    ratios = [theirs / own for own, theirs in zip(our_times, peer_times, strict=True)]
    return Comparison(spread(ratios), median(our_times) / len(ours.documents), median(peer_times) / len(peer.documents))


def passes_for(lane: Lane, seconds: float) -> int:
    """Return how many passes take at least that long; this also warms the check up."""
    passes = 1
    while (taken := time_passes(lane, passes) * passes) < seconds:
        passes = max(passes + 1, math.ceil(passes * min(10, 1.1 * seconds / max(taken, 1e-6))))
    return passes


def time_passes(lane: Lane, passes: int) -> float:
    """Return CPU seconds of one pass, from several in a row; garbage collection stays on, as in a program."""
    begun = process_time()
    for _ in range(passes):
        # The interpreter's own loop, which costs almost nothing.
        deque(map(lane.check, lane.documents), maxlen=0)
    return (process_time() - begun) / passes


def rounded(value: float, toward: Literal["down", "up"]) -> str:
    """Return a number with three digits, rounded in the direction that flatters us less."""
    if value <= 0:
        return "0"
    places = 2 - math.floor(math.log10(value))
    scaled = value * 10**places
    # A ratio that is exact in three digits must not lose one to a float's last bit.
    whole = math.floor(scaled + 1e-9) if toward == "down" else math.ceil(scaled - 1e-9)
    shown = whole / 10**places
    return f"{shown:,.{max(places, 0)}f}"


def shown(values: Spread, toward: Literal["down", "up"]) -> tuple[str, str, str]:
    """Return median, quartiles and extremes, as cells of a table."""
    return (
        rounded(values.median, toward),
        f"{rounded(values.lower, toward)}–{rounded(values.upper, toward)}",
        f"{rounded(values.low, toward)}–{rounded(values.high, toward)}",
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return columns of text: numbers right-aligned, and the last column, words, left-aligned."""
    lines = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    text = []
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[:-1], widths[:-1], strict=True)]
        text.append("  " + "  ".join([*cells, line[-1]]).rstrip())
    return "\n".join(text)
