"""Every pass takes time in proportion to the text. The tests count executed lines of Python, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from ncco_lang.blocks.build import build_bundle
from ncco_lang.blocks.edges import edges
from ncco_lang.blocks.lower import lower_program
from ncco_lang.blocks.waiting import longest_wait
from ncco_lang.checker import check_value, levelled
from ncco_lang.checks.lookups import check_lookups
from ncco_lang.checks.questions import check_questions
from ncco_lang.checks.slots import check_slots
from ncco_lang.checks.suppressions import apply_allows
from ncco_lang.compiler import compile_text
from ncco_lang.decompiler import decompile
from ncco_lang.diagnostics import Place
from ncco_lang.editor.json_context import find_json_context
from ncco_lang.formatter import format_source
from ncco_lang.ncco.emit import emit_ncco
from ncco_lang.ncco.runs import find_runs
from ncco_lang.program.bind import bind_file
from ncco_lang.program.imports import read_imports
from ncco_lang.program.jumps import check_jumps
from ncco_lang.program.scope_checks import check_unused
from ncco_lang.program.walk import conditions_of
from ncco_lang.proof.check import check_graph
from ncco_lang.proof.waiting import check_waits
from ncco_lang.rules import find_rule, nearest_rule
from ncco_lang.source import Source
from ncco_lang.syntax.allows import read_allows
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.testing.coverage import coverage_of
from tests.imported import files_of

UNIT = """// Statement {n}.
talk "Number {n}, {{greeting}}." language: en-GB style: 2
record {{
    end_on_key: #
    timeout: 2m
    event_url: "https://example.com/{n}"
}}
connect phone desk limit: 1h
notify "https://example.com/{n}" payload: {{ "a": [1, 2, {{ "b": greeting }}] }}
"""
HEAD = 'let greeting = "hello"\nlet desk = "+44 20 7946 0123"\ndefault talk premium\ndefault connect timeout: 20s\n'

TEXTS: dict[str, Callable[[int], str]] = {
    "statements": lambda size: HEAD + "".join(UNIT.format(n=n) for n in range(size)),
    "lets, each made of the one before": lambda size: (
        'let a0 = "x"\n' + "".join(f"let a{n + 1} = a{n}\n" for n in range(size * 4)) + f"talk a{size * 4}\n"
    ),
    "one list": lambda size: (
        'notify "https://example.com/e" payload: { "a": [' + ", ".join(["1"] * size * 20) + "] }\n"
    ),
    "a list that a call reads": lambda size: (
        f"let big = [{', '.join(['1'] * size * 10)}]\nstep start(x: number) {{\n"
        + "set y = big[x]\nset z = [[big], x]\n" * size
        + "}\n"
    ),
    "one text with values": lambda size: 'let a = "x"\ntalk "' + "{a} " * size * 4 + '"\n',
    "one chain of operators": lambda size: 'talk "{' + " + ".join(["1"] * size * 5) + '}"\n',
    "options that there are not": lambda size: "".join(f'talk "x" leve{n % 7}: 1\n' for n in range(size * 4)),
    "names that there are not": lambda size: "".join(f"connect phone nobody{n % 7}\n" for n in range(size * 4)),
    "comments": lambda size: "// so\n" * size * 6 + 'talk "x"\n',
    "comments that allow": lambda size: '// ncco: allow F609\ntalk "x 1234567"\n' * size * 4,
    "comments that allow one statement": lambda size: "// ncco: allow F401\n" * size * 6 + 'talk "x"\n',
    "comments that allow, between options": lambda size: (
        "record {\n" + "// ncco: allow F609\n    timeout: 2m\n" * size * 3 + "}\n"
    ),
    "comments that allow on one line": lambda size: "talk 1 // ncco: allow" + " F401, F402" * size * 3 + "\n",
    "defaults and statements": lambda size: ("default talk premium\n" + 'talk "x"\n') * size * 3,
    "defaults of many languages": lambda size: "".join(
        f'default talk x{chr(97 + n // 26 % 26)}-{chr(65 + n % 26)}A style: 1\ntalk "x"\n' for n in range(size * 2)
    ),
    "tests": lambda size: (
        'let a = "x"\ntalk a\n'
        + "".join(
            f'test "{n}" {{\n call\n hear a\n other {{ hangup }}\n expect no ring "{n}"\n}}\n' for n in range(size)
        )
    ),
    "blocks on one line": lambda size: "record { timeout: 2m; end_on_key: # };" * size * 4,
}


def steps(run: Callable[[], Any]) -> int:
    """Return the number of executed lines of Python."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(None)
    return count


def assert_linear(run: Callable[[str], Any], text: Callable[[int], str]) -> None:
    run(text(3))  # values that are cached per process are computed here
    small, large = (steps(partial(run, text(size))) for size in (12, 48))
    assert large < 4.4 * small + 400, (small, large)


def parsed(text: str) -> Any:
    return parse_flow(Source("x", text))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("run", [parsed, compile_text, lambda text: format_source(Source("x", text))])
def test_a_text_four_times_as_long_takes_four_times_the_steps(
    run: Callable[[str], Any], text: Callable[[int], str]
) -> None:
    assert_linear(run, text)


def prepared(name: str, text: str) -> Callable[[], Any]:
    """Return one pass, with the results of the passes before it as its input."""
    source = Source("x", text)
    file, _ = parse_flow(source)
    program = bind_file(file, source, {})
    if name == "bind":
        return lambda: bind_file(file, source, {})
    if name == "check slots":
        return lambda: list(check_slots(program, program.statements))
    if name == "emit":
        return lambda: emit_ncco(program)
    emitted = emit_ncco(program)
    ncco = emitted.ncco
    if name == "locate":
        return lambda: [emitted.source_map.locate(Place((index, "text"))) for index in range(len(ncco))]
    if name == "check the value":
        return lambda: list(check_value(ncco))
    if name == "decompile":
        return lambda: decompile(ncco)
    found = list(compile_text(text.replace("hello", "1234567")).diagnostics)
    if name == "allow":
        allows = read_allows(file, source)
        return lambda: list(apply_allows(allows, source, found, find_rule, nearest_rule))
    return lambda: levelled(found, {})


BRANCHING: dict[str, Callable[[int], str]] = {
    "steps in a row": lambda size: (
        "goto s0\n"
        + "".join(f'step s{n}(x: text) {{ talk "x"; goto s{n + 1} }}\n' for n in range(size * 4))
        + f"step s{size * 4} {{ wait 1s }}\n"
    ),
    "steps in a circle": lambda size: (
        "goto s0\n" + "".join(f'step s{n} {{ talk "x"; goto s{(n + 1) % (size * 4)} }}\n' for n in range(size * 4))
    ),
    "steps that no call gets to": lambda size: (
        "hangup\n" + "".join(f'step s{n} {{ talk "x"; goto s{(n + 1) % (size * 4)} }}\n' for n in range(size * 4))
    ),
    "arms that lead to silence": lambda size: (
        'menu "x" {\n'
        + "".join(f"{n} -> s{n}\n" for n in range(size * 4))
        + "}\n"
        + "".join(f"step s{n} {{ wait 1s }}\n" for n in range(size * 4))
    ),
    "arms that lead to steps without an end": lambda size: (
        'menu "x" {\n'
        + "".join(f"{n} -> s{n}\n" for n in range(size * 4))
        + "}\n"
        + "".join(f'step s{n} {{ talk "x"; goto s{n}(1) }}\n' for n in range(size * 4))
    ),
    "menus in a row": lambda size: "".join(
        f'menu {{ 1, 204 -> go_on; "a{n}" -> hangup; silence -> {{ talk "x"; retry }}\n }}\n' for n in range(size * 3)
    ),
    "menus that lead on": lambda size: (
        "goto s0\n"
        + "".join(
            f'step s{n} {{ menu {{ 1 -> s{n + 1}; 2 -> retry; 1 -> hangup }} talk "x" }}\n' for n in range(size * 3)
        )
        + f"step s{size * 3} {{ goto s0 }}\n"
    ),
    "menus that lead to one": lambda size: (
        "goto s0\n"
        + "".join(f"step s{n} {{ menu {{ 1 -> t; give_up, otherwise -> s{n + 1} }} }}\n" for n in range(size * 4))
        + f"step s{size * 4} {{ goto t }}\nstep t {{ menu {{ 1 -> retry }} }}\n"
    ),
    "lookups": lambda size: "".join(
        f'fetch "https://example.com/{n}" timeout: {n % 9 + 1}s {{ 404 -> retry; 40{n % 9} -> go_on; otherwise -> hangup }}\n'
        for n in range(size * 4)
    ),
    "connects": lambda size: 'connect phone "+31 20 123 4567" { busy -> retry; failed -> go_on }\n' * size * 4,
}


def branching(name: str, text: str) -> Callable[[], Any]:
    """Return one pass over a flow that branches, with the results of the passes before it as its input."""
    source = Source("x", text)
    program = bind_file(parse_flow(source)[0], source, {})
    passes: dict[str, Callable[[], Any]] = {
        "jumps": lambda: list(check_jumps(program.scopes, program.statements)),
        "unused": lambda: list(check_unused(program.scopes, set())),
        "questions": lambda: list(check_questions(program)),
        "lookups": lambda: list(check_lookups(program)),
        "lower": lambda: lower_program(program),
    }
    if name in passes:
        return passes[name]
    graph, places = lower_program(program)
    if name == "coverage":
        bundle = build_bundle(program, graph, places)
        taken = [
            (at, edge)
            for at, block in enumerate(graph.blocks)
            for edge in edges(block.exit, graph.questions, graph.steps)
        ]
        trail = {(at, edge.label) for at, edge in taken if edge.pattern is None}
        return lambda: coverage_of(bundle, places, conditions_of(program.statements), trail, {at for at, _ in taken})
    if name == "waits":
        return lambda: (longest_wait(graph, "notify"), list(check_waits(source, graph, places)))
    if name == "runs":
        return lambda: list(find_runs(program, graph, places))
    return lambda: list(check_graph(program, graph, places))


@pytest.mark.parametrize(
    "name", ["jumps", "unused", "questions", "lookups", "lower", "graph", "waits", "runs", "coverage"]
)
@pytest.mark.parametrize("text", BRANCHING.values(), ids=BRANCHING)
def test_each_pass_over_a_flow_that_branches_is_linear(name: str, text: Callable[[int], str]) -> None:
    branching(name, text(3))()
    small, large = (steps(branching(name, text(size))) for size in (6, 24))
    assert large < 4.4 * small + 400, (small, large)


@pytest.mark.parametrize(
    "name",
    [
        "bind",
        "check slots",
        "emit",
        "locate",
        "check the value",
        "decompile",
        "allow",
        "sort findings",
    ],
)
def test_each_pass_is_linear(name: str) -> None:
    text = TEXTS["statements"]
    prepared(name, text(3))()
    small, large = (steps(prepared(name, text(size))) for size in (12, 48))
    assert large < 4.4 * small + 400, (small, large)


IMPORTS: dict[str, Callable[[int], dict[str, str]]] = {
    "names that another file does not declare": lambda size: {
        "menu.flow": "".join(f'use n{n} from "b.flow"\n' for n in range(size)),
        "b.flow": "let m = 1\n" * size,
    },
    "a chain of files that leads back": lambda size: {
        "menu.flow": 'use a from "f0.flow"\n' * size,
        **{f"f{n}.flow": f'use a from "f{n + 1}.flow"\n' for n in range(size)},
        f"f{size}.flow": 'use a from "menu.flow"\n',
    },
    "files that lead to one": lambda size: {
        "menu.flow": "".join(f'use a from "f{n}.flow"\n' for n in range(size)),
        **{f"f{n}.flow": 'use a from "b.flow"\n' for n in range(size)},
        "b.flow": "let a = 1\n" * size,
    },
}


@pytest.mark.parametrize("texts", IMPORTS.values(), ids=IMPORTS)
def test_imports_are_read_in_proportion(texts: Callable[[int], dict[str, str]]) -> None:
    def read(size: int) -> Callable[[], Any]:
        reader = files_of(texts(size))
        source = Source("menu.flow", texts(size)["menu.flow"])
        file, _ = parse_flow(source)
        return lambda: read_imports(file, source, reader)

    read(3)()
    small, large = steps(read(12)), steps(read(48))
    assert large < 4.4 * small + 400, (small, large)


def test_a_quadratic_pass_is_found_out() -> None:
    def quadratic(text: str) -> int:
        return sum(1 for one in range(len(text) // 50) for _ in range(one))

    with pytest.raises(AssertionError):
        assert_linear(quadratic, TEXTS["statements"])


@pytest.mark.parametrize(
    "text",
    ['{{"action": "talk", "text": "{n}"}},\n', "[", '[{{"a": ', "[}}", '"{n}" ', '{{"a" "b": ]'],
    ids=["actions", "lists", "objects", "brackets of two kinds", "texts", "slips"],
)
@pytest.mark.parametrize("closing", ["", "}", "]"])
def test_a_place_in_json_is_found_in_one_pass(text: str, closing: str) -> None:
    def find(size: int) -> Callable[[], Any]:
        written = "[" + "".join(text.format(n=n) for n in range(size)) + closing * size
        return partial(find_json_context, written, len(written) // 2)

    assert steps(find(1200)) < 4.5 * steps(find(300))
