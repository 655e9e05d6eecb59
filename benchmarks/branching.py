"""Measure how the compile of flows that branch grows with their steps, compared with lark alone on the same text."""

from __future__ import annotations

import gc
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.languages import make_readers
from benchmarks.measure import Lane, Spread, rounded, shown, spread, table, time_passes
from ncco_lang.bundler import Bundled
from ncco_lang.compiler import Compiled, CompileOptions, compile_source
from ncco_lang.source import Source

STEPS_A_PASS = 200
"""The fewest steps compiled each time, in several flows if they are small."""
MOST_ROUNDS = 7
LARGEST_ROUNDS = 3
GOAL = 1.3
"""The greatest permitted cost of a step of the largest flow, as a multiple of a step of the base."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers of steps, from small to large, and the one that the largest is compared with."""

    sizes: tuple[int, ...]
    base: int


FULL = Scale((10, 20, 100, 500, 2_000), 20)
QUICK = Scale((10, 20, 200), 20)


def make_flow(steps: int, seed: int = 0) -> str:
    """Return a flow of so many steps, half of them menus and half of them connects; texts differ with the seed.

    It has what branches: keys, phrases, retries, repeats, jumps with arguments, failure arms and a fallback.
    """
    menus = (steps - 2) // 2
    parts = [
        'flow "Branches"',
        'param desk: phone = "+44 20 7946 0123"',
        "default talk en-GB style: 2",
        "default connect from: desk",
        "fallback message",
        f'step start {{ talk "Welcome to line {seed}."; goto menu_0 }}',
    ]
    parts += [_steps(number, (number + 1) % menus, seed) for number in range(menus)]
    parts.append('step message { talk "Leave a message."; record end_on_key: # beep_start: true }')
    return "\n".join(parts) + "\n"


def _steps(number: int, following: int, seed: int) -> str:
    """Return a step with a menu, and one with a connect."""
    return f"""\
step menu_{number} {{
    menu "Number {number} of {seed}. Press 1 to go on, 2 for a colleague, or say sales." {{
        timeout: 5s
        1, "go on" -> menu_{following}
        2 -> agent_{number}("menu {number}")
        "sales" -> {{ talk "Sales is open."; repeat }}
        otherwise -> retry "Sorry, that is not one of {seed}."
        silence, give_up -> message
    }}
}}
step agent_{number}(about: text) {{
    talk "One moment, for {{about}}."
    connect phone desk timeout: 20s {{
        busy -> retry after: 2s
        otherwise, give_up -> message
    }}
    goto menu_{number}
}}"""


def report(rounds: int, scale: Scale) -> Iterator[str]:
    """Yield the report, block by block, as it is measured, with fewer rounds than asked for if those are enough."""
    rounds = min(rounds, MOST_ROUNDS)
    (lark,) = [each for each in make_readers()[0] if each.package == "lark" and not each.paused]
    yield (
        "Compiling flows that branch\n"
        f"  CPU time of runs in turn on flows that are new in every round; {rounds} rounds, "
        f"{min(rounds, LARGEST_ROUNDS)} for the largest flow.\n"
        "  check: from the text to the bundle, with every finding. compile: that, each document that a webhook can be answered\n"
        "  with, and jsonschema's verdict on it. lark: the same text, our grammar, to a tree with positions and no further.\n"
        "  ratio: OUR time ÷ lark's in the same round, lower is better."
    )
    for steps in scale.sizes:
        compiled = _check(make_flow(steps))
        if compiled.diagnostics or not isinstance(compiled.product, Bundled):
            yield f"NOT measured: the flow of {steps} steps has findings, or is no bundle: {compiled.diagnostics[:1]}"
            return
        if len(compiled.product.bundle.graph.steps) != steps:
            yield f"NOT measured: the flow has {len(compiled.product.bundle.graph.steps)} steps, not {steps}"
            return
    yield "Outcomes, before anything is timed\n  bundles with all the steps, and no findings"
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    seeds = itertools.count(1)
    ways: tuple[tuple[str, Callable[[str], Any]], ...] = (("check", _check), ("compile", _written), ("lark", lark.read))
    for number in range(rounds):
        for steps in scale.sizes:
            if steps < scale.sizes[-1] or number < LARGEST_ROUNDS:
                flows = [make_flow(steps, next(seeds)) for _ in range(max(1, STEPS_A_PASS // steps))]
                for name, read in ways:
                    times[name, steps].append(_time(read, flows) / steps / len(flows))
    yield _table(times, scale)
    yield _goal(times, scale)


def _check(text: str) -> Compiled:
    return compile_source(Source("branches.flow", text))


def _written(text: str) -> int:
    compiled = compile_source(Source("branches.flow", text), CompileOptions(is_written=True))
    assert isinstance(compiled.product, Bundled)
    return len(list(compiled.product.documents()))


def _time(read: Callable[[Any], object], texts: list[str]) -> float:
    gc.collect()
    return time_passes(Lane(read, tuple(texts)), 1)


def _ratio(times: dict[tuple[str, int], list[float]], name: str, steps: int) -> Spread:
    return spread([ours / lark for ours, lark in zip(times[name, steps], times["lark", steps], strict=True)])


def _table(times: dict[tuple[str, int], list[float]], scale: Scale) -> str:
    rows = []
    for steps in scale.sizes:
        each = {name: 1e6 * spread(times[name, steps]).median for name in ("check", "compile", "lark")}
        rows.append(
            (
                *shown(_ratio(times, "check", steps), "up")[:2],
                rounded(each["check"] * steps / 1e3, "up"),
                rounded(each["check"], "up"),
                rounded(each["compile"], "up"),
                rounded(each["lark"], "down"),
                f"{steps:,} steps",
            )
        )
    heads = ("ratio", "quartiles", "check ms", "check µs/step", "compile µs/step", "lark µs/step", "the flow")
    return table(heads, rows)


def _goal(times: dict[tuple[str, int], list[float]], scale: Scale) -> str:
    largest, base = scale.sizes[-1], scale.base
    lines = [f"Goal: a step of {largest:,} costs at most {GOAL:g} times a step of {base}, in the same round"]
    for name in ("check", "compile"):
        growth = spread([big / small for big, small in zip(times[name, largest], times[name, base], strict=False)])
        median, quartiles, ends = shown(growth, "up")
        met = "met" if growth.median <= GOAL else "NOT met"
        lines.append(f"  {met}: {name}: {median} times (quartiles {quartiles}, ends {ends})")
    return "\n".join(lines)
