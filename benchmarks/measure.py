"""Timing in pairs, and the few statistics and tables that the reports need.

Absolute times drift with the machine's other work, so two things are never compared across minutes: they run in turn,
and each pair gives one ratio. What is printed is rounded to three digits, and always against us.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any, Literal, TypeAlias

Work: TypeAlias = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the ends of some measurements."""

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our CPU seconds and a peer's for one pass over the documents, and peer ÷ ours pair by pair."""

    ratio: Spread
    ours: float
    peer: float


def spread(values: Sequence[float]) -> Spread:
    """Median, least and greatest of some measurements."""
    return Spread(median(values), min(values), max(values), len(values))


def passes_over(check: Callable[[Any], object], documents: Iterable[Any]) -> Work:
    """Work that hands every document to a check; the loop is the interpreter's own, so that it costs next to nothing."""
    kept = tuple(documents)
    return lambda: deque(map(check, kept), maxlen=0)


def compare(ours: Work, peer: Work, pairs: int, seconds: float) -> Comparison:
    """Run two pieces of work in turn.

    Args:
        ours: one pass of our own work.
        peer: one pass of what it is compared with.
        pairs: how many times each is timed.
        seconds: CPU time that each timing should take at least; passes are repeated until it does.
    """
    our_passes, peer_passes = passes_for(ours, seconds), passes_for(peer, seconds)
    our_times, peer_times = [], []
    for _ in range(pairs):
        our_times.append(time_passes(ours, our_passes))
        peer_times.append(time_passes(peer, peer_passes))
    ratios = [theirs / own for own, theirs in zip(our_times, peer_times, strict=True)]
    return Comparison(spread(ratios), median(our_times), median(peer_times))


def passes_for(work: Work, seconds: float) -> int:
    """How many passes take at least that long; finding out warms the work up as well."""
    passes = 1
    while (taken := time_passes(work, passes) * passes) < seconds:
        passes = max(passes + 1, math.ceil(passes * min(10, 1.1 * seconds / max(taken, 1e-6))))
    return passes


def time_passes(work: Work, passes: int) -> float:
    """CPU seconds of one pass, from so many in a row; garbage collection stays on, as it is in a program."""
    begun = process_time()
    for _ in range(passes):
        work()
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


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns of text: numbers to the right, and the last column, words, to the left."""
    lines = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    shown = []
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[:-1], widths[:-1], strict=True)]
        shown.append("  " + "  ".join([*cells, line[-1]]).rstrip())
    return "\n".join(shown)
