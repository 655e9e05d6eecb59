"""Timing in pairs, and the few statistics and tables that the reports need.

Absolute times drift with the machine's other work, so two things are never compared across minutes: they run in turn,
and each pair gives one ratio. What is printed is rounded to three digits, and always against us.
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
    """A check and the documents that it is given, all of them in a pass."""

    check: Callable[[Any], object]
    documents: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some measurements, the middle half of them, and their ends."""

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
    """Median, quartiles, least and greatest of some measurements."""
    lower, middle, upper = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return Spread(middle, lower, upper, min(values), max(values), len(values))


def compare(ours: Lane, peer: Lane, pairs: int, seconds: float) -> Comparison:
    """Run two lanes in turn.

    Args:
        ours: our own check.
        peer: what it is compared with.
        pairs: how many times each is timed.
        seconds: CPU time that each timing should take at least; passes are repeated until it does.
    """
    our_passes, peer_passes = passes_for(ours, seconds), passes_for(peer, seconds)
    our_times, peer_times = [], []
    for _ in range(pairs):
        our_times.append(time_passes(ours, our_passes))
        peer_times.append(time_passes(peer, peer_passes))
    ratios = [theirs / own for own, theirs in zip(our_times, peer_times, strict=True)]
    return Comparison(spread(ratios), median(our_times) / len(ours.documents), median(peer_times) / len(peer.documents))


def passes_for(lane: Lane, seconds: float) -> int:
    """How many passes take at least that long; finding out warms the check up as well."""
    passes = 1
    while (taken := time_passes(lane, passes) * passes) < seconds:
        passes = max(passes + 1, math.ceil(passes * min(10, 1.1 * seconds / max(taken, 1e-6))))
    return passes


def time_passes(lane: Lane, passes: int) -> float:
    """CPU seconds of one pass, from so many in a row; garbage collection stays on, as it is in a program."""
    begun = process_time()
    for _ in range(passes):
        # The interpreter's own loop, which costs next to nothing.
        deque(map(lane.check, lane.documents), maxlen=0)
    return (process_time() - begun) / passes


def rounded(value: float, toward: Literal["down", "up"]) -> str:
    """A number with three digits, rounded the way that the caller names: the one that flatters us less."""
    if value <= 0:
        return "0"
    places = 2 - math.floor(math.log10(value))
    scaled = value * 10**places
    # A ratio that is exact in three digits must not lose one to the last bit of a float.
    whole = math.floor(scaled + 1e-9) if toward == "down" else math.ceil(scaled - 1e-9)
    shown = whole / 10**places
    return f"{shown:,.{max(places, 0)}f}"


def shown(values: Spread, toward: Literal["down", "up"]) -> tuple[str, str, str]:
    """Median, quartiles and ends, as cells of a table."""
    return (
        rounded(values.median, toward),
        f"{rounded(values.lower, toward)}–{rounded(values.upper, toward)}",
        f"{rounded(values.low, toward)}–{rounded(values.high, toward)}",
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns of text: numbers to the right, and the last column, words, to the left."""
    lines = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    text = []
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[:-1], widths[:-1], strict=True)]
        text.append("  " + "  ".join([*cells, line[-1]]).rstrip())
    return "\n".join(text)
