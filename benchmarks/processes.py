"""Measure whole commands: CPU time and peak memory, compared with `python -c pass`, other parsers and a checker.

Each command is started by a tiny interpreter of its own, because Linux includes the process before `exec` in the peak
memory, and this process is large. The starter's own peak is therefore the least that can be measured.
"""

from __future__ import annotations

import compileall
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.documents import Document
from benchmarks.flows import make_flow
from benchmarks.languages import PROGRAMS, Program, is_installed
from benchmarks.measure import Spread, rounded, shown, spread, table

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schemas" / "ncco.schema.json"
FLOW = ROOT / "samples" / "voicemail" / "voicemail.flow"
BASE = "python -c pass"
LINES = 50
"""The number of lines of the flow that the commands read; it has telephone numbers."""
CHECK_FLOW = f"ncco check bakery.flow, {LINES} lines"
GOALS = {"ncco check small.json": 8, CHECK_FLOW: 19}

SMALL: Document = [
    {"action": "talk", "text": "Welcome."},
    {"action": "talk", "text": "Press 1 for sales.", "bargeIn": True},
    {"action": "input", "type": ["dtmf"], "eventUrl": ["https://example.com/keys"]},
]
NUMBERS: Document = [
    {"action": "connect", "from": "442079460958", "endpoint": [{"type": "phone", "number": "31201234567"}]},
]
WRONG: Document = [{"action": "tlak", "text": "Hello"}]

# Without `site`, and with the built-in `posix` instead of `os`, so that the starter stays small.
_STARTER = """
import posix, sys, time
begun = time.perf_counter()
pid = posix.posix_spawn(sys.argv[1], sys.argv[1:], posix.environ, file_actions=[
    (posix.POSIX_SPAWN_OPEN, 1, "/dev/null", posix.O_WRONLY, 0), (posix.POSIX_SPAWN_OPEN, 2, "/dev/null", posix.O_WRONLY, 0)])
_, status, used = posix.wait4(pid, 0)
elapsed = time.perf_counter() - begun
print(posix.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, elapsed, used.ru_maxrss)
"""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line with its expected exit code; a peer's numbers are rounded down, ours up."""

    name: str
    line: tuple[str, ...]
    exit_code: int = 0
    peer: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds of CPU and of elapsed time, and peak bytes."""

    exit_code: int
    seconds: float
    elapsed: float
    memory: int


def report(runs: int) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        "Whole processes\n"
        f"  CPU time (user and system) and peak memory of finished processes, {runs} rounds, every command once a round.\n"
        f"  ratio: to `{BASE}` of the same round, median of the rounds, lower is better; below, the goals.\n"
        f"  bakery.*: the same logical flow of {LINES} lines in each language, with telephone numbers."
    )
    if not hasattr(os, "wait4"):
        yield "note: this system has no wait4, so processes are not measured"
        return
    yield from conditions()
    yield _about_lark()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        _write_files(here)
        usable = []
        for command in (*_ours(), *_peers()):
            # The first run also warms the disk's cache; it is not counted.
            ended = run(command, here).exit_code
            if ended == command.exit_code:
                usable.append(command)
            else:
                yield f"note: `{command.name}` ended with {ended} instead of {command.exit_code}, so it is left out"
        for name in _absent():
            yield f"note: {name}"
        measured: dict[str, list[Run]] = {command.name: [] for command in usable}
        for _ in range(runs):
            for command in usable:
                measured[command.name].append(run(command, here))
    yield costs(usable, measured, BASE)
    for name, goal in GOALS.items():
        if name in measured:
            yield _goal(name, goal, ratios(measured, name, BASE))


def _write_files(folder: Path) -> None:
    for name, document in (("small.json", SMALL), ("numbers.json", NUMBERS), ("wrong.json", WRONG)):
        (folder / name).write_text(json.dumps(document, indent=2), encoding="utf-8")
    flow = make_flow(LINES)
    for language in ("flow", "sql", "hcl", "jsonnet"):
        (folder / f"bakery.{language}").write_text(getattr(flow, language), encoding="utf-8")


def command_line(program: Program) -> tuple[str, ...]:
    """Return the command line of a program and its file, in the folder where it runs."""
    return (sys.executable, "-c", program.code, program.file)


def run(command: Command, folder: Path) -> Run:
    """Run a command in a folder and discard its output."""
    starter = (sys.executable, "-I", "-S", "-c", _STARTER)
    done = subprocess.run([*starter, *command.line], cwd=folder, env=_environment(), stdout=subprocess.PIPE, check=True)
    code, seconds, elapsed, memory = done.stdout.split()
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(int(code), float(seconds), float(elapsed), int(memory) * unit)


def _environment() -> dict[str, str]:
    """Return this environment without what changes how Python starts, above all PYTHONDONTWRITEBYTECODE."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON") or name == "PYTHONHOME"}


def conditions() -> Iterator[str]:
    """Compile bytecode, and yield warnings about what would distort the numbers."""
    compileall.compile_dir(ROOT / "ncco_lang", quiet=2)
    if Path(sys.executable).read_bytes()[:2] == b"#!":
        yield "note: this Python is started by a script, which costs more than Python itself; the ratios are worthless"


def _about_lark() -> str:
    if importlib.util.find_spec("interegular") is None:
        return "note: interegular is not installed, as it should be (with it lark takes four times as long to start)"
    return "note: interegular IS installed, so that `ncco compile` is slower than for a user"


def script(name: str) -> str | None:
    """Return a program of this environment; None if it is not installed."""
    path = Path(sys.executable).parent / name
    return str(path) if path.is_file() else None


def ncco() -> tuple[str, ...]:
    """Return the command line that starts `ncco`."""
    own = script("ncco")
    return (own,) if own else (sys.executable, "-m", "ncco_lang")


def _ours() -> Iterator[Command]:
    yield Command(BASE, (sys.executable, "-c", "pass"), peer=True)
    ours = ncco()
    yield Command("ncco check small.json", (*ours, "check", "small.json"))
    yield Command("ncco check numbers.json, two telephone numbers", (*ours, "check", "numbers.json"))
    yield Command("ncco check wrong.json, one finding", (*ours, "check", "wrong.json"), 1)
    if FLOW.is_file():
        yield Command(f"ncco compile {FLOW.name}", (*ours, "compile", str(FLOW)))
    yield Command(CHECK_FLOW, (*ours, "check", "bakery.flow"))
    yield Command(f"ncco compile bakery.flow, {LINES} lines", (*ours, "compile", "bakery.flow"))


def _peers() -> Iterator[Command]:
    # Without `regex`, which python-hcl2 installs: lark imports it if it is available, and users do not have it.
    code = "import sys; sys.modules['regex'] = None; import lark"
    yield Command('python -c "import lark"', (sys.executable, "-c", code), peer=True)
    for program in PROGRAMS:
        if is_installed(program.package):
            yield Command(f"{program.name}, {program.file}", command_line(program), peer=True)
    general = script("check-jsonschema")
    if general:
        yield Command(
            "check-jsonschema --schemafile ncco.schema.json small.json",
            (general, "--schemafile", str(SCHEMA), "small.json"),
            peer=True,
        )


def _absent() -> Iterator[str]:
    for program in PROGRAMS:
        if not is_installed(program.package):
            yield f"{program.package} is not installed, so it is not compared"
    if script("check-jsonschema") is None:
        yield "check-jsonschema is not installed, so it is not compared"
    if not FLOW.is_file():
        yield f"there is no {FLOW.relative_to(ROOT)}, so `ncco compile` is not measured"


def ratios(measured: dict[str, list[Run]], name: str, base: str) -> Spread:
    """Return the CPU time of a command divided by that of another in the same round."""
    pairs = zip(measured[name], measured[base], strict=True)
    return spread([one.seconds / other.seconds for one, other in pairs])


def costs(commands: list[Command], measured: dict[str, list[Run]], base: str, *, elapsed: bool = False) -> str:
    """Return the costs of each command as a table; `elapsed` adds the elapsed time."""
    rows = []
    for command in commands:
        runs = measured[command.name]
        toward: Literal["down", "up"] = "down" if command.peer else "up"
        times = spread([one.seconds * 1e3 for one in runs])
        memory = spread([one.memory / 2**20 for one in runs])
        cells = [*shown(ratios(measured, command.name, base), toward), *shown(times, toward)[:2]]
        if elapsed:
            cells.append(rounded(spread([one.elapsed * 1e3 for one in runs]).median, toward))
        rows.append((*cells, rounded(memory.median, toward), command.name))
    clock = ("elapsed ms",) if elapsed else ()
    return table(("ratio", "quartiles", "min–max", "CPU ms", "quartiles", *clock, "peak MiB", "command"), rows)


def _goal(name: str, goal: int, ratio: Spread) -> str:
    met = "met" if ratio.median <= goal else "NOT met"
    median, quartiles, ends = shown(ratio, "up")
    return (
        f"Goal: `{name}` takes at most {goal} times `{BASE}`\n"
        f"  {met}: {median} times (quartiles {quartiles}, ends {ends})"
    )
