"""Measure the whole compile of small and large flows, compared with other languages' parsers on the same logical flow.

Everything is timed in rounds: each round makes new flows, and times everything in turn on them. So a compiler gains
little from what it caches between texts, and each round gives one ratio per peer. Slow peers are timed only in the first.
"""

from __future__ import annotations

import gc
import itertools
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.flows import SEED, Flow, count_tokens, make_flow
from benchmarks.languages import OURS, PROGRAMS, Ncco, Program, Reader, is_installed, make_readers
from benchmarks.measure import Lane, Spread, rounded, shown, spread, table, time_passes
from benchmarks.processes import Command, command_line, run
from ncco_lang.checker import check_value
from ncco_lang.compiler import compile_text

LANGUAGES = ("flow", "sql", "hcl", "jsonnet")
LINES_A_PASS = 2_000
"""The fewest lines compiled each time, in several flows if they are small."""
MOST_ROUNDS = 15
"""The most rounds: a round takes seconds, and after so many the median no longer moves."""
SLOW = "python-hcl2"
"""The rounds of a peer that takes seconds."""
SLOW_ROUNDS = 3
LARGEST_ROUNDS = 5
SEEDS_A_ROUND = 1_000
"""More than the flows of a round."""

Times: TypeAlias = dict[str, list[float]]
"""CPU seconds of one pass by the name of what was timed, a list of rounds."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes of the flows that the report compiles.

    Attributes:
        sizes: lines, from small to large.
        compared: the lines of the flow that the peers read too.
        base: the lines of the flow with whose cost per line the largest is compared.
    """

    sizes: tuple[int, ...]
    compared: int
    base: int


FULL = Scale((10, 100, 1_000, 10_000, 100_000), 10_000, 1_000)
QUICK = Scale((10, 100, 1_000, 5_000), 1_000, 1_000)

_GOAL_PEERS = {
    "lark": ("at most 1.3 times what lark alone takes for its tree", 1.3),
    "sqlglot": ("at most 1.2 times sqlglot's parse", 1.2),
}
"""Package → the goal in words, and the greatest permitted ratio of our time to the peer's."""
GOAL_LARGEST = 1.3
GOAL_VALIDATION = 0.2


def report(rounds: int, scale: Scale) -> Iterator[str]:
    """Yield the report, block by block, as it is measured, with fewer rounds than asked for if those are enough."""
    rounds = min(rounds, MOST_ROUNDS)
    readers, missing = make_readers()
    yield (
        "Compiling\n"
        f"  CPU time of runs in turn on flows that are new in every round; {rounds} rounds, "
        f"{min(rounds, LARGEST_ROUNDS)} for the largest flow, {min(rounds, SLOW_ROUNDS)} for {SLOW}.\n"
        "  Every pass includes letting go of what it made. Garbage collection is on, and left to whoever is timed."
    )
    for name in missing:
        yield f"note: {name} is not installed, so it is not compared"
    flow = make_flow(scale.compared)
    yield _texts(flow)
    compiled = compile_text(flow.flow)
    if compiled.ncco is None:
        yield f"NOT measured: the flow does not compile: {compiled.diagnostics[0].message}"
        return
    yield _outcomes(flow, compiled.ncco, len(compiled.diagnostics), readers)
    times: Times = defaultdict(list)
    for number in range(rounds):
        _round(times, number, scale, readers)
    peaks = _memory(scale)
    yield _sizes(times, scale, peaks)
    yield _comparison(times, scale, readers, peaks)
    yield _goals(times, scale, readers)


# ── Before anything is timed ───────────────────────────────────────────────────────────────────────────


def _texts(flow: Flow) -> str:
    rows = []
    for language in LANGUAGES:
        text = getattr(flow, language)
        tokens = count_tokens(text, language)
        rows.append((f"{text.count(chr(10)):,}", f"{flow.statements:,}", f"{tokens:,}", f"{len(text):,}", language))
    heads = ("lines", "statements", "tokens", "characters", "language")
    return f"The same logical flow of {flow.lines:,} lines in each language\n" + table(heads, rows)


def _outcomes(flow: Flow, ncco: Ncco, findings: int, readers: list[Reader]) -> str:
    lines = [
        "Outcomes, before anything is timed",
        f"  ncco-lang: from the text to checked NCCO; {len(ncco):,} actions, {findings} findings",
    ]
    for reader in readers:
        right = reader.is_right(reader.read(reader.prepare(flow, lambda: ncco)), flow, ncco)
        lines.append(f"  {reader.name}: {'the same flow' if right else 'NOT the same flow'}; {reader.note}")
    return "\n".join(lines)


# ── One round ──────────────────────────────────────────────────────────────────────────────────────────


def _round(times: Times, number: int, scale: Scale, readers: list[Reader]) -> None:
    """Time everything once, with what is compared next to each other."""
    seeds = itertools.count(SEED + 1 + number * SEEDS_A_ROUND)
    for reader in readers:
        if reader.package != SLOW or number < SLOW_ROUNDS:
            flow = make_flow(scale.compared, next(seeds))
            times[_beside(reader)].append(_time(compile_text, flow.flow))
            times[reader.name].append(_time(reader.read, reader.prepare(flow, partial(_compiled, flow))))
    flow = make_flow(scale.compared, next(seeds))
    times[_of(scale.compared)].append(_time(compile_text, flow.flow))
    times["validation"].append(_time(_validate, _compiled(flow)))
    for lines in scale.sizes:
        if lines != scale.compared and (lines < scale.sizes[-1] or number < LARGEST_ROUNDS):
            flows = [make_flow(lines, next(seeds)).flow for _ in range(max(1, LINES_A_PASS // lines))]
            times[_of(lines)].append(_time(compile_text, *flows) / len(flows))


def _time(read: Callable[[Any], object], *texts: Any) -> float:
    # Garbage of earlier code is collected before the timing.
    gc.collect()
    return time_passes(Lane(read, texts), 1)


def _compiled(flow: Flow) -> Ncco:
    ncco = compile_text(flow.flow).ncco
    assert ncco is not None
    return ncco


def _validate(ncco: Ncco) -> None:
    """Validate an NCCO as the compiler does: the schema's verdict, and every rule on the finished value."""
    assert not list(check_value(ncco))


def _beside(reader: Reader) -> str:
    return f"ours beside {reader.name}"


def _of(lines: int) -> str:
    return f"{lines:,} lines"


# ── Memory: each in a process of its own ───────────────────────────────────────────────────────────────


def _memory(scale: Scale) -> dict[str, int]:
    """Return peak bytes of whole processes, including Python and imports, by the name of what was timed."""
    peaks: dict[str, int] = {}
    if not hasattr(os, "wait4"):
        return peaks
    with tempfile.TemporaryDirectory() as folder:
        for lines in scale.sizes:
            peaks[_of(lines)] = _peak(OURS, make_flow(lines), Path(folder))
        flow = make_flow(scale.compared)
        for program in PROGRAMS:
            if is_installed(program.package):
                peaks[program.package] = _peak(program, flow, Path(folder))
    return peaks


def _peak(program: Program, flow: Flow, folder: Path) -> int:
    (folder / program.file).write_text(getattr(flow, program.language), encoding="utf-8")
    ended = run(Command(program.name, command_line(program)), folder)
    assert ended.exit_code == 0, f"{program.name} ended with {ended.exit_code}"
    return ended.memory


# ── What came out ──────────────────────────────────────────────────────────────────────────────────────


def _sizes(times: Times, scale: Scale, peaks: dict[str, int]) -> str:
    """Return the table of our compile of each size; memory per line is what the process used beyond the smallest."""
    rows = []
    least = scale.sizes[0]
    for lines in scale.sizes:
        taken = spread([seconds * 1e3 for seconds in times[_of(lines)]])
        peak, beyond = "–", "–"
        if peaks:
            peak = rounded(peaks[_of(lines)] / 2**20, "up")
        if peaks and lines >= 1_000:
            beyond = rounded((peaks[_of(lines)] - peaks[_of(least)]) / (lines - least), "up")
        each = taken.median / lines
        rows.append(
            (*shown(taken, "up")[:2], rounded(each * 1e3, "up"), rounded(1e3 / each, "down"), peak, beyond, _of(lines))
        )
    heads = ("CPU ms", "quartiles", "µs a line", "lines/s", "peak MiB", "bytes a line", "whole compile")
    return "The whole compile; memory is that of a process that does nothing else\n" + table(heads, rows)


def _comparison(times: Times, scale: Scale, readers: list[Reader], peaks: dict[str, int]) -> str:
    rows = []
    for reader in readers:
        ours, theirs = spread(times[_beside(reader)]), spread(times[reader.name])
        is_known = reader.package in peaks and not reader.paused
        peak = rounded(peaks[reader.package] / 2**20, "down") if is_known else "–"
        rows.append(
            (
                *shown(_ratio(times, _beside(reader), reader.name), "up"),
                rounded(ours.median * 1e3, "up"),
                rounded(theirs.median * 1e3, "down"),
                rounded(theirs.median / scale.compared * 1e6, "down"),
                peak,
                reader.name,
            )
        )
    heads = (
        "ratio",
        "quartiles",
        "min–max",
        "ours ms",
        "peer ms",
        "peer µs a line",
        "peak MiB",
        "whole compile against",
    )
    return (
        f"The whole compile against others, the same logical flow of {_of(scale.compared)}\n"
        "  ratio: OUR time ÷ the peer's, median of the pairs; LOWER is better, below 1 we are faster.\n"
    ) + table(heads, rows)


def _ratio(times: Times, one: str, other: str, factor: float = 1) -> Spread:
    """Return one time divided by another of the same round, in the rounds that have both."""
    return spread([factor * first / second for first, second in zip(times[one], times[other], strict=False)])


def _goals(times: Times, scale: Scale, readers: list[Reader]) -> str:
    compared, largest, base = _of(scale.compared), _of(scale.sizes[-1]), _of(scale.base)
    goals: list[tuple[str, Spread, bool]] = []
    for reader in readers:
        if reader.package in _GOAL_PEERS and not reader.paused:
            ratio = _ratio(times, _beside(reader), reader.name)
            words, most = _GOAL_PEERS[reader.package]
            goals.append((f"the whole compile of {compared} takes {words}", ratio, ratio.median <= most))
    growth = _ratio(times, largest, base, scale.base / scale.sizes[-1])
    words = f"a line of {largest} costs at most {GOAL_LARGEST} times a line of {base}"
    goals.append((words, growth, growth.median <= GOAL_LARGEST))
    share = _ratio(times, "validation", compared)
    words = f"validation takes under {GOAL_VALIDATION} of the whole compile of {compared}"
    goals.append((words, share, share.median < GOAL_VALIDATION))
    lines = [
        "Goals; every ratio is better when it is lower"
        if scale is FULL
        else "Goals, in a short run that decides nothing"
    ]
    for words, found, met in goals:
        median, quartiles, ends = shown(found, "up")
        lines.append(f"  {'met' if met else 'NOT met'}: {words}: {median} (quartiles {quartiles}, ends {ends})")
    return "\n".join(lines)
