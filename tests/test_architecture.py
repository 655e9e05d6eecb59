"""The package keeps the rules of ARCHITECTURE.md, and each rule catches what it forbids."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests import architecture
from tests.architecture import PACKAGE, Module, check_circles, check_module, check_reach

ROOT = Path(__file__).resolve().parent.parent


def modules() -> list[Module]:
    found = []
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return found


MODULES = modules()


def test_the_package_was_found() -> None:
    names = {module.name for module in MODULES}
    assert {PACKAGE, f"{PACKAGE}.__main__", f"{PACKAGE}.cli.main"} <= names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_module_keeps_the_rules(module: Module) -> None:
    breaches = [str(breach) for breach in check_module(module)]
    assert not breaches, "\n" + "\n".join(breaches)


def test_no_files_import_each_other_in_a_circle() -> None:
    breaches = [str(breach) for breach in check_circles(MODULES)]
    assert not breaches, "\n" + "\n".join(breaches)


def test_no_module_reaches_what_it_must_not() -> None:
    breaches = [str(breach) for breach in check_reach(MODULES)]
    assert not breaches, "\n" + "\n".join(breaches)


def test_the_table_has_no_cycle() -> None:
    """No chain of allowed imports leads back to its start."""
    seen: set[str] = set()

    def visit(room: str, path: tuple[str, ...]) -> None:
        assert room not in path, " → ".join((*path, room))
        if room not in seen:
            for other in sorted(architecture.MAY_IMPORT.get(room, frozenset()) - {room}):
                visit(other, (*path, room))
            seen.add(room)

    for room in architecture.MAY_IMPORT:
        visit(room, ())


def page_rows() -> list[tuple[frozenset[str], frozenset[str], frozenset[str]]]:
    """Return the rooms of each row of ARCHITECTURE.md, the words for what they may import, and their libraries."""
    rows = []
    for line in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"| `{PACKAGE}/"):
            places, _, imports, libraries = (cell.strip() for cell in line.split("|")[1:-1])
            rooms = re.findall(rf"`{PACKAGE}/(\w+)(?:/|\.py)`", places)
            rows.append((frozenset(rooms), words(imports), words(libraries)))
    return rows


def words(cell: str) -> frozenset[str]:
    return frozenset(word for word in cell.split(", ") if word)


def test_the_page_has_the_same_rooms_and_directions() -> None:
    rows = page_rows()
    rooms = frozenset().union(*(row for row, _, _ in rows))
    assert rooms == {module.room for module in MODULES} - {PACKAGE, "__main__"}
    groups = {"base": architecture.BASE, "centre": architecture.CENTRE, "anything": rooms}
    for row, imports, _ in rows:
        said = frozenset().union(*(groups.get(word, {word}) for word in imports))
        held = frozenset().union(*(architecture.MAY_IMPORT[room] for room in row))
        # The table also has planned rooms, and the façade, which a sentence of the page covers.
        assert (said & rooms) - row == (held & rooms) - row, sorted(row)
        assert said <= rooms | architecture.CENTRE, sorted(row)


def test_the_page_names_the_same_owners() -> None:
    homes = packages_distributions()
    held = {
        (homes[library][0].lower(), owner.split(".")[0])
        for library, owners in architecture.OWNER.items()
        for owner in owners.split()
    }
    assert {
        (library.lower(), room) for row, _, libraries in page_rows() for library in libraries for room in row
    } == held


def test_what_is_imported_is_declared() -> None:
    """A library that is installed only because another needs it may be gone with the next version of that one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    declared = {re.split(r"[^\w-]", line)[0].lower() for line in lines}
    homes = packages_distributions()
    for library in architecture.OWNER:
        assert declared & {name.lower() for name in homes[library]}, library


# (ban, module name, source): exactly that ban must catch each.
TRIPS = [
    ("unknown-room", "ncco_lang.helpers", ""),
    ("unknown-room", "ncco_lang.helpers.text", "import json"),
    ("direction", "ncco_lang.source", "from ncco_lang.diagnostics import Rule"),
    ("direction", "ncco_lang.values.phone", "import ncco_lang.syntax.ast"),
    ("direction", "ncco_lang.values.phone", "from ncco_lang import syntax"),
    ("direction", "ncco_lang.values.phone", "from ..syntax import ast"),
    ("direction", "ncco_lang.values.phone", "from .. import syntax"),
    ("direction", "ncco_lang.values", "from ..syntax import ast"),
    ("direction", "ncco_lang.syntax.json", "def f():\n    from ncco_lang.checks import inputs"),
    ("direction", "ncco_lang.syntax.json", "if TYPE_CHECKING:\n    from ncco_lang.program import tables"),
    ("direction", "ncco_lang.syntax.json", "import_module('ncco_lang.checks')"),
    ("direction", "ncco_lang.checks.statements", "from ncco_lang import Checker"),
    ("direction", "ncco_lang.checks.statements", "from ncco_lang.formatter import layout"),
    ("direction", "ncco_lang.compiler", "from ncco_lang.cli import main"),
    ("direction", "ncco_lang.compiler", "from ncco_lang.workspace import files"),
    ("direction", "ncco_lang.workspace.files", "from ncco_lang.cli import output"),
    ("library", "ncco_lang.checks.statements", "import jsonschema"),
    ("library", "ncco_lang.vocabulary.schema_validator", "import jsonschema"),
    ("library", "ncco_lang.cli.main", "from jsonschema.exceptions import ValidationError"),
    ("library", "ncco_lang.compiler", "import lark"),
    ("library", "ncco_lang.editor.lexical", "from lark.lexer import Token"),
    ("library", "ncco_lang.compiler", "import click"),
    ("library", "ncco_lang.checks.statements", "import phonenumbers"),
    ("library", "ncco_lang.project", "import pathspec"),
    ("library", "ncco_lang.cli.check", "import pathspec"),
    ("library", "ncco_lang.workspace.files", "import click"),
    ("library", "ncco_lang", "import click"),
    ("library", "ncco_lang.cli.main", "import requests"),
    ("builtin", "ncco_lang.syntax.parse", "print('here')"),
    ("builtin", "ncco_lang.syntax.parse", "open('flow')"),
    ("builtin", "ncco_lang.values.expressions", "eval('1 + 1')"),
    ("sys", "ncco_lang.syntax.parse", "import sys\nsys.exit(1)"),
    ("sys", "ncco_lang.syntax.parse", "from sys import argv"),
    ("file", "ncco_lang.project", "def load(path):\n    return path.read_text()"),
    ("file", "ncco_lang.resources", "def save(path):\n    path.write_text('')"),
    ("clock", "ncco_lang.values.hours", "from datetime import datetime\ndatetime.now()"),
    ("frozen", "ncco_lang.source", "@dataclass\nclass Span: ..."),
    ("frozen", "ncco_lang.source", "@dataclass(slots=True)\nclass Span: ..."),
    ("frozen", "ncco_lang.cli.main", "@dataclasses.dataclass(frozen=False)\nclass Options: ..."),
    ("scanning", "ncco_lang.rules", "import pkgutil"),
    ("scanning", "ncco_lang.rules", "class Rule(metaclass=Registry): ..."),
    ("scanning", "ncco_lang.rules", "class Rule:\n    def __init_subclass__(cls): ..."),
    ("scanning", "ncco_lang.rules", "Rule.__subclasses__()"),
    ("long-function", "ncco_lang.rules", "def f():\n" + "    x = 1\n" * architecture.LONGEST_FUNCTION),
    ("long-module", "ncco_lang.rules", "x = 1\n" * (architecture.LONGEST_MODULE + 1)),
    *(("world", "ncco_lang.checks.statements", f"import {name}") for name in sorted(architecture.WORLD)),
    ("world", "ncco_lang.checks.statements", "from pathlib import Path"),
    ("world", "ncco_lang.checks.statements", "from os.path import join"),
    ("world", "ncco_lang.checks.statements", "from importlib import resources"),
    ("world", "ncco_lang.resources", "import os"),
]


@pytest.mark.parametrize(("ban", "name", "source"), TRIPS)
def test_ban_trips(ban: str, name: str, source: str) -> None:
    module = Module(name, source, is_package=name == "ncco_lang.values")
    assert {breach.ban for breach in check_module(module)} == {ban}


# Files that import each other: each set must be caught as a circle.
CIRCLES = [
    {"a.one": "import ncco_lang.a.two", "a.two": "def f():\n    from ncco_lang.a.one import name"},
    {"a.one": "from ncco_lang.a import two", "a.two": "if TYPE_CHECKING:\n    from .one import Name"},
    {
        "a.one": "from .two import x",
        "a.two": "from ncco_lang.b.three import x",
        "b.three": "import_module('ncco_lang.a.one')",
    },
]


def modules_of(texts: dict[str, str]) -> list[Module]:
    return [Module(f"{PACKAGE}.{name}", text) for name, text in texts.items()]


@pytest.mark.parametrize("texts", CIRCLES)
def test_a_circle_of_files_is_found(texts: dict[str, str]) -> None:
    assert [breach.ban for breach in check_circles(modules_of(texts))] == ["circle"]


def test_files_without_a_circle_pass() -> None:
    straight = {"a.one": "from ncco_lang.a import two, name", "a.two": "from ncco_lang import check", "a": "name = 1"}
    facade = Module(PACKAGE, "from ncco_lang.a.two import check")
    assert list(check_circles([*modules_of(straight), facade])) == []


@pytest.mark.parametrize(
    "texts",
    [
        {"rules": "from ncco_lang.compiler import check", "compiler": ""},
        {
            "rules": "def f():\n    from ncco_lang.checks import one",
            "checks.one": "import ncco_lang.compiler",
            "compiler": "",
        },
    ],
)
def test_a_way_to_what_must_not_be_reached_is_found(texts: dict[str, str]) -> None:
    assert [breach.ban for breach in check_reach(modules_of(texts))] == ["reach"]
    assert list(check_reach(modules_of({**texts, "rules": ""}))) == []


def test_every_ban_is_tripped() -> None:
    assert {ban for ban, _, _ in TRIPS} | {"circle", "reach"} == set(architecture.BANS)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("ncco_lang.values.phone", "import phonenumbers\nfrom ncco_lang.source import Span"),
        ("ncco_lang.values.phone", "from .units import Seconds\nfrom ..source import Span"),
        ("ncco_lang.vocabulary.judge", "from jsonschema import Draft202012Validator"),
        ("ncco_lang.cli.main", "import os, sys, time\nimport click\nfrom ncco_lang import check_text"),
        ("ncco_lang.cli.main", "print(open('f').read(), sys.argv)"),
        ("ncco_lang.__main__", "from ncco_lang.cli.main import main\nimport sys\nsys.exit(main())"),
        ("ncco_lang", "from ncco_lang.compiler import compile_flow"),
        ("ncco_lang.project", "from pathlib import PurePosixPath\nfrom urllib.parse import urlsplit"),
        ("ncco_lang.syntax.parse", "import sys\nsys.intern('step')"),
        ("ncco_lang.resources", "from pathlib import Path\nPath('x').read_text()"),
        ("ncco_lang.source", "@dataclass(frozen=True, slots=True)\nclass Span: ..."),
        ("ncco_lang.rules", "def f():\n" + "    x = 1\n" * (architecture.LONGEST_FUNCTION - 1)),
        ("ncco_lang.rules", "x = 1\n" * architecture.LONGEST_MODULE),
    ],
)
def test_what_is_allowed_passes(name: str, source: str) -> None:
    assert list(check_module(Module(name, source))) == []
