"""The rules of ARCHITECTURE.md that a program can check.

Takes a module's name and source text, and yields the lines that break a rule. No table is read from the package itself:
the tables are written out, so that a new room, a new library or a new access to the outside world is a change to this
file that a reviewer sees.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

PACKAGE = "ncco_lang"

BASE = frozenset({"resources", "source", "words", "diagnostics", "gc_pause", "user_cache"})
BACK_END = BASE | {"values", "vocabulary", "project", "program", "blocks"}
CENTRE = BACK_END | {
    "syntax",
    "checks",
    "proof",
    "bundle",
    "bundle_json",
    "engine",
    "fixes",
    "ncco",
    "checker",
    "product",
    "bundler",
    "compiler",
    "decompiler",
    "rules",
}

# The rooms that each room may import. A room is a module or package directly below ncco_lang.
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "resources": frozenset({"source"}),
    "source": frozenset(),
    "words": frozenset(),
    "diagnostics": frozenset({"source", "words"}),
    "gc_pause": frozenset(),
    "user_cache": frozenset(),
    "values": BASE,
    "vocabulary": BASE | {"values"},
    "syntax": BASE | {"values", "vocabulary"},
    "project": BASE | {"syntax", "values", "vocabulary"},
    "program": BASE | {"syntax", "values", "vocabulary", "project"},
    "checks": BASE | {"syntax", "values", "vocabulary", "project", "program"},
    "blocks": BASE | {"syntax", "values", "vocabulary", "project", "bundle", "bundle_json", "program"},
    "proof": BACK_END | {"syntax", "bundle"},
    "bundle": BASE | {"values"},
    "bundle_json": BASE | {"values", "bundle"},
    "engine": BASE | {"values", "vocabulary", "bundle"},
    "runtime": BASE | {"values", "vocabulary", "bundle", "engine"},
    "testing": BACK_END | {"syntax", "bundle", "engine", "runtime", "simulate"},
    "formatter": BASE | {"syntax"},
    "fixes": BASE,
    "ncco": BASE | {"syntax", "values", "vocabulary", "program", "blocks", "bundle"},
    "checker": CENTRE - {"product", "bundler", "compiler", "decompiler", "rules"},
    "product": BASE | {"ncco"},
    "bundler": CENTRE - {"compiler", "decompiler", "rules"},
    "compiler": CENTRE - {"decompiler"},
    "decompiler": (CENTRE | {"formatter"}) - {"rules"},
    "rules": CENTRE
    - {"fixes", "bundle_json", "engine", "ncco", "checker", "product", "bundler", "compiler", "decompiler", "rules"},
    "rule_examples": CENTRE,
    "reference": CENTRE,
    "editor": CENTRE | {"formatter", "reference"},
    "simulate": BASE | {"values", "vocabulary", "checker"},
    "workspace": CENTRE | {PACKAGE},
    "lsp": CENTRE | {PACKAGE, "formatter", "editor", "reference", "workspace"},
    "net": BASE | {"values"},
    "tokens": BASE,
    "store": BASE | {"workspace"},
    "api": BASE | {"values", "net", "tokens"},
    "serve": CENTRE | {PACKAGE, "runtime", "workspace", "net", "tokens"},
    "emulator": CENTRE | {PACKAGE, "runtime", "simulate", "workspace", "net", "tokens", "api"},
    "deploy": CENTRE | {PACKAGE, "formatter", "workspace", "net", "tokens", "store", "api", "serve"},
    "cli": CENTRE
    | {
        PACKAGE,
        "reference",
        "rule_examples",
        "runtime",
        "serve",
        "simulate",
        "testing",
        "workspace",
        "formatter",
        "editor",
        "lsp",
        "net",
        "tokens",
        "store",
        "api",
        "emulator",
        "deploy",
    },
}

# What a module must not import, directly or by way of others: the rules are read wherever one is named, before any text is.
NEVER_REACHES: Mapping[str, frozenset[str]] = {
    "rules": frozenset({"compiler", "decompiler", "checker", "syntax.parse", "program.bind"}),
}

# The only rooms with access to files, sockets, clocks, environment and printing.
SHELLS = frozenset(
    {"cli", "workspace", "net", "tokens", "store", "api", "emulator", "serve", "deploy", "lsp", "user_cache"}
)
# The façade and `python -m` are outside of the rooms: they may import any of them.
OUTSIDE = frozenset({PACKAGE, f"{PACKAGE}.__main__"})

# The rooms, or the modules of them, that own each library; its types do not travel further.
OWNER: Mapping[str, str] = {
    "click": "cli",
    "cryptography": "tokens",
    "fsspec": "store",
    "httpcore": "net",
    "httpx": "net",
    "jsonschema": "vocabulary.judge",
    "jwt": "tokens",
    "lark": "syntax",
    "lsprotocol": "lsp",
    "pathspec": "workspace",
    "phonenumbers": "values",
    "pygls": "lsp",
    "starlette": "emulator serve",
    "uvicorn": "emulator serve",
}

# Modules of the standard library with access to the outside world.
WORLD = frozenset(
    """
    asyncio concurrent ctypes fcntl fileinput ftplib getpass glob http imaplib importlib.metadata
    importlib.resources io linecache locale logging mmap multiprocessing os pathlib platform poplib
    pty pwd queue random readline resource sched secrets select selectors shelve shutil signal smtplib socket
    socketserver sqlite3 ssl subprocess syslog tempfile termios threading time tty urllib.request uuid
    warnings webbrowser xmlrpc
    """.split()
)
# Names that the other rooms may import from them, because these only compute.
PURE_NAMES: Mapping[str, frozenset[str]] = {
    "io": frozenset({"StringIO", "BytesIO"}),
    "pathlib": frozenset({"PurePath", "PurePosixPath", "PureWindowsPath"}),
    "time": frozenset({"struct_time"}),
    "uuid": frozenset({"UUID", "uuid5"}),
}
# resources.py reads the files that are packaged, and no others.
READS_PACKAGED_FILES: Mapping[str, frozenset[str]] = {
    f"{PACKAGE}.resources": frozenset({"pathlib", "importlib.resources"}),
}

SYS_NAMES = frozenset({"float_info", "hash_info", "intern", "maxsize", "maxunicode", "version_info"})
BUILTINS = frozenset({"breakpoint", "eval", "exec", "exit", "input", "open", "print", "quit"})
FILE_METHODS = frozenset(
    """
    chmod iterdir mkdir read_bytes read_text rename rglob rmdir symlink_to touch unlink write_bytes write_text
    """.split()
)
CLOCK_METHODS = frozenset({"now", "today", "utcnow"})
# House rule 6: parts are joined by a list that is written out.
SCANNERS = frozenset({"pkgutil", "inspect"})

LONGEST_FUNCTION = 60
LONGEST_MODULE = 400

BANS: Mapping[str, str] = {
    "unknown-room": "every room has a row in the table of imports",
    "direction": "imports follow the table",
    "circle": "no file imports itself by way of others",
    "reach": "some modules never load others, also by way of others",
    "library": "one owner for each library",
    "world": "only a shell reaches files, sockets, clocks and the environment",
    "builtin": "only a shell prints, opens and asks; nobody evaluates text",
    "sys": "only a shell uses the process it runs in",
    "file": "only a shell reads and writes files",
    "clock": "the time is passed in",
    "frozen": "values are frozen",
    "scanning": "things are joined by written-out lists",
    "long-function": f"a function fits on a screen of {LONGEST_FUNCTION} lines",
    "long-module": f"a module has at most {LONGEST_MODULE} lines",
}


@dataclass(frozen=True, slots=True)
class Module:
    """One source file of the package: its dotted name, whether it is an `__init__.py`, and its text."""

    name: str
    text: str
    is_package: bool = False

    @property
    def room(self) -> str:
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else PACKAGE

    @property
    def is_shell(self) -> bool:
        return self.room in SHELLS or self.name in OUTSIDE


@dataclass(frozen=True, slots=True)
class Breach:
    """A line that breaks a rule."""

    module: str
    line: int
    ban: str
    what: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.what} ({BANS[self.ban]})"


def check_module(module: Module) -> Iterator[Breach]:
    """Check one module against every rule."""
    tree = ast.parse(module.text)
    for check in (
        check_rooms,
        check_libraries,
        check_world,
        check_calls,
        check_classes,
        check_scanning,
        check_lengths,
    ):
        yield from check(module, tree)


def check_circles(modules: Iterable[Module]) -> Iterator[Breach]:
    """Yield the first circle of files that import each other, if there is one.

    The façade exports names from every room and is not part of a circle.
    """
    try:
        TopologicalSorter(import_graph(modules)).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        yield Breach(circle[0], 1, "circle", " ← ".join(circle))


def check_reach(modules: Iterable[Module]) -> Iterator[Breach]:
    """Yield each module that another imports, directly or by way of others, and must not."""
    graph = import_graph(modules)
    for name, never in NEVER_REACHES.items():
        before: dict[str, str] = {}
        waiting = [f"{PACKAGE}.{name}"]
        for module in waiting:
            for target in sorted(graph.get(module, ())):
                if target not in before:
                    before[target] = module
                    waiting.append(target)
        for target in sorted({f"{PACKAGE}.{each}" for each in never} & before.keys()):
            yield Breach(before[target], 1, "reach", f"{name} reaches {target}")


def import_graph(modules: Iterable[Module]) -> dict[str, set[str]]:
    """Return module → the modules that it imports, without the façade."""
    known = {module.name: module for module in modules if module.name not in OUTSIDE}
    graph = {}
    for name, module in known.items():
        targets = (file_of(target, known) for _, target in imported_names(module, ast.parse(module.text)))
        graph[name] = {target for target in targets if target is not None and target != name}
    return graph


def file_of(target: str, names: Iterable[str]) -> str | None:
    """Return the module that a dotted name belongs to: the longest of `names` that it begins with."""
    known = frozenset(names)
    while target and target not in known:
        target = target.rpartition(".")[0]
    return target or None


def check_rooms(module: Module, tree: ast.Module) -> Iterator[Breach]:
    """Check that imports of our own modules follow the table."""
    if module.name in OUTSIDE:
        return
    allowed = MAY_IMPORT.get(module.room)
    if allowed is None:
        yield Breach(module.name, 1, "unknown-room", f"{module.room} is not in the table")
        return
    for line, target in imported_names(module, tree):
        room = room_of(target)
        if room is not None and room != module.room and room not in allowed:
            yield Breach(module.name, line, "direction", f"{module.room} imports {room}")


def check_libraries(module: Module, tree: ast.Module) -> Iterator[Breach]:
    """Check that only the room or module that owns a library imports it."""
    for line, target in imported_names(module, tree):
        library = target.split(".")[0]
        if library == PACKAGE or library in sys.stdlib_module_names:
            continue
        owners = OWNER.get(library, "").split()
        if not {module.room, module.name.removeprefix(f"{PACKAGE}.")}.intersection(owners):
            belongs = f"belongs to {' and '.join(owners)}" if owners else "is not in the table of libraries"
            yield Breach(module.name, line, "library", f"{library} {belongs}")


def check_world(module: Module, tree: ast.Module) -> Iterator[Breach]:
    """Check that pure rooms import nothing with access to the outside world."""
    if module.is_shell:
        return
    allowed = READS_PACKAGED_FILES.get(module.name, frozenset())
    for line, target in imported_names(module, tree):
        for banned in WORLD - allowed:
            if target == banned or target.startswith(banned + "."):
                name = target.removeprefix(banned).removeprefix(".")
                if name not in PURE_NAMES.get(banned, ()):
                    yield Breach(module.name, line, "world", f"{target} is imported")


def check_calls(module: Module, tree: ast.Module) -> Iterator[Breach]:
    """Check that pure rooms call nothing with access to the outside world."""
    if module.is_shell:
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in BUILTINS:
                yield Breach(module.name, node.lineno, "builtin", f"{name}() is called")
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCK_METHODS:
                yield Breach(module.name, node.lineno, "clock", f".{name}() is called")
            case ast.Call(func=ast.Attribute(attr=name)) if name in FILE_METHODS:
                if module.name not in READS_PACKAGED_FILES or not name.startswith(("read_", "iterdir")):
                    yield Breach(module.name, node.lineno, "file", f".{name}() is called")
            case ast.Attribute(value=ast.Name(id="sys"), attr=name) if name not in SYS_NAMES:
                yield Breach(module.name, node.lineno, "sys", f"sys.{name} is used")
            case ast.ImportFrom(module="sys", names=names):
                for alias in names:
                    if alias.name not in SYS_NAMES:
                        yield Breach(module.name, node.lineno, "sys", f"sys.{alias.name} is imported")
            case _:
                pass


def check_classes(module: Module, tree: ast.Module) -> Iterator[Breach]:
    """Check that dataclasses are frozen, in every room."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                if is_dataclass(decorator) and not is_frozen(decorator):
                    yield Breach(module.name, node.lineno, "frozen", f"{node.name} can be written to")


def check_scanning(module: Module, tree: ast.Module) -> Iterator[Breach]:
    """Check that modules do not register themselves or search for others."""
    for line, target in imported_names(module, tree):
        if target.split(".")[0] in SCANNERS:
            yield Breach(module.name, line, "scanning", f"{target} is imported")
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(keywords=keywords) if any(keyword.arg == "metaclass" for keyword in keywords):
                yield Breach(module.name, node.lineno, "scanning", f"{node.name} has a metaclass")
            case ast.FunctionDef(name="__init_subclass__"):
                yield Breach(module.name, node.lineno, "scanning", "subclasses register themselves")
            case ast.Attribute(attr="__subclasses__"):
                yield Breach(module.name, node.lineno, "scanning", "subclasses are looked for")
            case _:
                pass


def check_lengths(module: Module, tree: ast.Module) -> Iterator[Breach]:
    """Check that functions fit on a screen, and that modules are short."""
    lines = module.text.count("\n") + (not module.text.endswith("\n"))
    if lines > LONGEST_MODULE:
        yield Breach(module.name, 1, "long-module", f"{lines} lines")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield Breach(module.name, node.lineno, "long-function", f"{node.name} has {length} lines")


def imported_names(module: Module, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every import with its line as a full dotted name: `from a import b` is `a.b`.

    Imports inside functions and under TYPE_CHECKING count: when a module is loaded makes no difference to the rule.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                # Only in an `__init__.py` does the first dot mean the module itself.
                parents = module.name.split(".")
                kept = len(parents) - node.level + module.is_package
                origin = ".".join([*parents[:kept], *filter(None, [origin])])
            for alias in node.names:
                yield node.lineno, f"{origin}.{alias.name}"
        elif isinstance(node, ast.Call):
            # `import_module("…")` is an import too, if its name is a literal.
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    yield node.lineno, name
                case _:
                    pass


def room_of(target: str) -> str | None:
    """Return the room that a dotted name belongs to; the façade's own names belong to the package itself."""
    parts = target.split(".")
    if parts[0] != PACKAGE:
        return None
    if len(parts) > 1 and (parts[1] in MAY_IMPORT or len(parts) > 2):
        return parts[1]
    return PACKAGE


def is_dataclass(decorator: ast.expr) -> bool:
    """Return whether a decorator is `dataclass`, called or not, with or without its module."""
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (isinstance(name, ast.Name) and name.id == "dataclass") or (
        isinstance(name, ast.Attribute) and name.attr == "dataclass"
    )


def is_frozen(decorator: ast.expr) -> bool:
    """Return whether a dataclass decorator has `frozen=True`."""
    return isinstance(decorator, ast.Call) and any(
        keyword.arg == "frozen" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in decorator.keywords
    )
