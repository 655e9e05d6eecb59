"""The parsers of other languages: the input that each takes, how it is run, and how a process runs it.

A peer that is not installed is left out and named; `make bench` installs all of them.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from benchmarks.flows import Flow
from benchmarks.peers import sdk_models
from ncco_lang.resources import read_resource

Ncco = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A parser that reads a flow in its own language.

    Attributes:
        package: the name of its distribution.
        prepare: returns its input for a flow, outside the timing; the second argument makes the flow's NCCO.
        read: the function that is timed.
        is_right: returns whether the result has the whole flow; called before anything is timed.
        note: what a reader of the report must know about it.
        paused: whether the garbage collector is paused meanwhile, as it is for our compiler.
    """

    package: str
    prepare: Callable[[Flow, Callable[[], Ncco]], Any]
    read: Callable[[Any], Any]
    is_right: Callable[[Any, Flow, Ncco], bool]
    note: str
    paused: bool = False

    @property
    def name(self) -> str:
        """The package with its version."""
        return f"{self.package} {version(self.package)}{', collector paused' if self.paused else ''}"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that reads one file and discards the result.

    Attributes:
        name: its name in reports.
        language: the field of `Flow` that it reads.
        package: the distribution that must be installed.
        code: for `python -c`, with the file as its argument.
    """

    name: str
    language: str
    package: str
    code: str

    @property
    def file(self) -> str:
        """The name of the file that it reads."""
        return f"bakery.{self.language}"


_READ = "import sys, pathlib\ntext = pathlib.Path(sys.argv[1]).read_text(encoding='utf-8')\n"

OURS = Program(
    "compile", "flow", "ncco-lang", f"{_READ}from ncco_lang.compiler import compile_text\ncompile_text(text)"
)
PROGRAMS = (
    Program(
        "lark, tree with positions",
        "flow",
        "lark",
        # python-hcl2 installs `regex`, which lark imports if it is available; our users do not have it.
        f"{_READ}sys.modules['regex'] = None\nfrom lark import Lark\nfrom ncco_lang.resources import read_resource\n"
        "Lark(read_resource('grammar/flow.lark'), parser='lalr', lexer='contextual', propagate_positions=True).parse(text)",
    ),
    Program("sqlglot.parse", "sql", "sqlglot", f"{_READ}import sqlglot\nsqlglot.parse(text)"),
    Program("hcl2.loads", "hcl", "python-hcl2", f"{_READ}import hcl2\nhcl2.loads(text)"),
    Program(
        "_jsonnet.evaluate_snippet",
        "jsonnet",
        "jsonnet",
        f"{_READ}import _jsonnet\n_jsonnet.evaluate_snippet('bakery.jsonnet', text)",
    ),
)


def is_installed(package: str) -> bool:
    """Return whether a distribution is installed."""
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def make_readers() -> tuple[list[Reader], list[str]]:
    """Return the installed peers, and the names of those that are not installed.

    lark and sqlglot come first, and both a second time with the collector paused: our compiler pauses it, and a reader
    should see how much of the difference that explains.
    """
    makers: tuple[tuple[str, Callable[[], Reader]], ...] = (
        ("lark", _lark),
        ("sqlglot", _sqlglot),
        ("jsonnet", _jsonnet),
        ("vonage-voice", _sdk),
        ("python-hcl2", _hcl2),
    )
    readers, missing = [], []
    for name, make in makers:
        try:
            readers.append(make())
        except ImportError:
            missing.append(name)
    paused = [_paused(reader) for reader in readers if reader.package in ("lark", "sqlglot")]
    return [*readers[: len(paused)], *paused, *readers[len(paused) :]], missing


def _paused(reader: Reader) -> Reader:
    def read(text: Any) -> Any:
        gc.disable()
        try:
            return reader.read(text)
        finally:
            gc.enable()

    return replace(reader, read=read, paused=True, note="the same, as its caller could run it")


def _lark() -> Reader:
    library = importlib.import_module("lark")
    grammar = read_resource("grammar/flow.lark")
    parser = library.Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=True)
    return Reader(
        package="lark",
        prepare=lambda flow, _: flow.flow,
        read=parser.parse,
        is_right=lambda tree, flow, _: len(tree.children) == flow.statements and tree.meta.end_line > flow.lines - 2,
        note="our grammar and our text, to a tree with positions and no further; what stands in braces in a text is not read",
    )


def _sqlglot() -> Reader:
    library = importlib.import_module("sqlglot")
    modules = [module for name, module in sys.modules.items() if name.split(".")[0].startswith("sqlglot")]
    if not all(str(module.__file__).endswith(".py") for module in modules):
        raise ImportError("this sqlglot is compiled, and the pure one is meant")
    return Reader(
        package="sqlglot",
        prepare=lambda flow, _: flow.sql,
        read=library.parse,
        is_right=lambda trees, flow, _: (
            {type(tree).__name__ for tree in trees} == {"Select"} and len(trees) == flow.statements
        ),
        note="pure Python, SQL to its trees; with positions of names and literals; nothing is checked",
    )


def _jsonnet() -> Reader:
    library = importlib.import_module("_jsonnet")

    def evaluate(text: str) -> str:
        result: str = library.evaluate_snippet("bakery.jsonnet", text)
        return result

    return Reader(
        package="jsonnet",
        prepare=lambda flow, _: flow.jsonnet,
        read=evaluate,
        is_right=lambda text, _, ncco: json.loads(text) == ncco,
        note="native code; its output is the NCCO that ours compiles to, compared here; nothing is checked",
    )


def _sdk() -> Reader:
    check, prepare = sdk_models()
    return Reader(
        package="vonage-voice",
        prepare=lambda _, compiled: prepare(compiled()),
        read=check,
        is_right=lambda dumped, _, ncco: (
            [action["action"] for action in dumped] == [action["action"] for action in ncco]
        ),
        note="models of the official SDK, native at the core, built and dumped from keyword arguments: reads no text",
    )


def _hcl2() -> Reader:
    library = importlib.import_module("hcl2")
    return Reader(
        package="python-hcl2",
        prepare=lambda flow, _: flow.hcl,
        read=library.loads,
        is_right=lambda found, _, ncco: len(found["action"]) == len(ncco),
        note="HCL to dicts by way of its own lark grammar; without positions, and nothing is checked",
    )
