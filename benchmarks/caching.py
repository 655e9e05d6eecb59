"""Measure a second check of an unchanged folder, compared with reading its files and with ruff's own cached run.

Ruff checks as many Python files with as many lines, each of which has a line of the flow as a text. Their content
matters to neither tool, since both ask the file system whether anything has changed. Each is run only with `check`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.flows import make_flow
from benchmarks.measure import Spread, shown
from benchmarks.processes import Command, Run, conditions, costs, ncco, ratios, run, script

FULL = 1_000
"""The number of files of each language."""
QUICK = 60
_LINES = 50
_FOLDERS = 20
_GOAL = 3
_TRIES = 20

_READ = """
import os
for folder, _, names in os.walk("."):
    for name in names:
        if name.endswith(".flow"):
            with open(os.path.join(folder, name), "rb") as file:
                file.read()
"""
READ = Command("python -c, reading the flows", (sys.executable, "-c", _READ), peer=True)
OURS = Command("ncco check", (*ncco(), "check"))


def report(runs: int, files: int) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        "A second check of a folder\n"
        f"  {files:,} files of {_LINES} lines in {_FOLDERS} folders, none changed; finished processes, {runs} rounds, "
        "every command once a round.\n"
        "  ratio: CPU time to that of reading the files in the same round, median of the rounds, lower is better."
    )
    if not hasattr(os, "wait4"):
        yield "note: this system has no wait4, so processes are not measured"
        return
    yield from conditions()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        _write_files(folder, files)
        commands = [READ, OURS]
        ruff = script("ruff")
        if ruff is None:
            yield "note: ruff is not installed, so it is not compared"
        else:
            commands.append(Command("ruff check", (ruff, "check"), peer=True))
        for command in commands:
            ended = run(command, folder).exit_code
            if ended != command.exit_code:
                yield f"NOT measured: `{command.name}` ended with {ended} instead of {command.exit_code}"
                return
        if not _is_remembered(folder):
            yield "NOT measured: `ncco check` left nothing behind that a second one could use"
            return
        measured: dict[str, list[Run]] = {command.name: [] for command in commands}
        for _ in range(runs):
            for command in commands:
                measured[command.name].append(run(command, folder))
    yield costs(commands, measured, READ.name, elapsed=True)
    yield _goal(files, ratios(measured, OURS.name, READ.name))


def _write_files(folder: Path, files: int) -> None:
    for number in range(files):
        below = folder / f"part{number % _FOLDERS}"
        below.mkdir(exist_ok=True)
        flow = make_flow(_LINES, seed=number).flow
        python = "".join(f"line{at} = {line!r}\n" for at, line in enumerate(flow.splitlines()))
        (below / f"call{number}.flow").write_text(flow, encoding="utf-8")
        (below / f"call{number}.py").write_text(python, encoding="utf-8")


def _is_remembered(folder: Path) -> bool:
    """Return whether a check was cached; one that starts in the same clock tick as a file was written is not."""
    for _ in range(_TRIES):
        if any((folder / ".ncco_cache").glob("run-*")):
            return True
        run(OURS, folder)
    return False


def _goal(files: int, ratio: Spread) -> str:
    met = "met" if ratio.median <= _GOAL else "NOT met"
    median, quartiles, ends = shown(ratio, "up")
    return (
        f"Goal: a second `ncco check` of {files:,} unchanged files takes at most {_GOAL} times reading them with "
        f"`python -c`\n  {met}: {median} times (quartiles {quartiles}, ends {ends})"
    )
