"""Measure ncco-lang compared with other tools, and print tables: `make bench`, or `python -m benchmarks.run --help`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from benchmarks import (
    branching,
    caching,
    calling,
    compiling,
    deploying,
    editing,
    growing,
    open_calls,
    playing,
    processes,
    serving,
    token_sizes,
    validators,
)

SECONDS = 0.02
"""The CPU time of one timing of a validator."""
QUICK_SECONDS = 0.004
REPORTS = (
    "validators",
    "compiling",
    "processes",
    "deploying",
    "caching",
    "editing",
    "playing",
    "serving",
    "values",
    "lookups",
    "calling",
    "branching",
    "growing",
    "tokens",
    "memory",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the reports that the command line asks for; a goal that is not met is printed, and is not an error."""
    options = _parser().parse_args(arguments)
    runs = options.runs or (5 if options.quick else 25)
    for block in report(runs, options.quick, options.only):
        print(block, end="\n\n", flush=True)
    return 0


def report(runs: int, quick: bool, only: str | None) -> Iterator[str]:
    """Yield every block of text, as soon as it is measured."""
    yield _heading()
    if only in (None, "validators"):
        yield from validators.report(runs, QUICK_SECONDS if quick else SECONDS)
    if only in (None, "compiling"):
        yield from compiling.report(runs, compiling.QUICK if quick else compiling.FULL)
    if only in (None, "processes"):
        yield from processes.report(runs)
    if only in (None, "deploying"):
        yield from deploying.report(runs, deploying.QUICK if quick else deploying.FULL)
    if only in (None, "caching"):
        yield from caching.report(runs, caching.QUICK if quick else caching.FULL)
    if only in (None, "editing"):
        yield from editing.report(4 * runs, editing.QUICK if quick else editing.FULL)
    if only in (None, "playing"):
        yield from playing.report(runs, playing.QUICK if quick else playing.FULL)
    if only in (None, "serving"):
        yield from serving.report(runs, serving.QUICK if quick else serving.FULL)
    if only in (None, "values"):
        yield from serving.report(runs, serving.QUICK if quick else serving.FULL, serving.VALUES)
    if only in (None, "lookups"):
        yield from serving.report(runs, serving.QUICK if quick else serving.FULL, serving.LOOKUPS)
    if only in (None, "calling"):
        yield from calling.report(runs)
    if only in (None, "branching"):
        yield from branching.report(runs, branching.QUICK if quick else branching.FULL)
    if only in (None, "growing"):
        yield from growing.report(runs, growing.QUICK if quick else growing.FULL)
    if only in (None, "tokens"):
        yield from token_sizes.report(token_sizes.QUICK if quick else token_sizes.FULL)
    if only in (None, "memory"):
        yield from open_calls.report(open_calls.QUICK if quick else open_calls.FULL)


def _heading() -> str:
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"ncco-lang benchmarks, {datetime.now(UTC).date()}\n"
        f"  {platform.python_implementation()} {platform.python_version()}, {sys.platform} {platform.machine()}, "
        f"{os.cpu_count()} cores{load}\n"
        "  Trust the ratios; absolute times drift. All numbers are rounded against us."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description="Measure ncco-lang beside other tools.")
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    parser.add_argument(
        "--only",
        choices=REPORTS,
        help="one of the reports",
    )
    parser.add_argument("--runs", type=_count, help="pairs and rounds a line (25, quick 5; compiling 15 at the most)")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one run")
    return number


if __name__ == "__main__":
    sys.exit(main())
