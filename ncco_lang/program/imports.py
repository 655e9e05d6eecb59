"""Read the files that a flow imports with `use`, for the names that they declare.

Another file is only parsed: its other findings are those of a check of that file. A `Reader` gives the files, from the
disk, an editor or a test.
"""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple, Protocol

from ncco_lang.diagnostics import Diagnostic, Facts
from ncco_lang.program.bindings import NameWord
from ncco_lang.program.declarations import Declared, Imported, Imports, read_names
from ncco_lang.program.name_rules import IMPORT_CYCLE, UNKNOWN_NAME, UNREADABLE_IMPORT
from ncco_lang.program.scopes import read_scopes
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.phrases import Guesses
from ncco_lang.words import Spelling, Words, shown

LONGEST_FILE = 1 << 20
"""Bytes of a file that is imported."""
MOST_FILES = 256
"""Files that one file imports, directly and by way of others."""
MOST_TEXT = 1 << 24
"""Characters of all these files."""
_MOST_SHOWN = 4
_MOST_LABELS = 20
"""For how many names of a file the nearest is searched, since each search takes time in proportion to the other file."""


class Unread(NamedTuple):
    """Why a file cannot be imported, in words after a colon, and what to do; `is_bound`: too much is imported already."""

    why: str
    hint: str | None = None
    is_bound: bool = False


NO_FILE = Unread("there is no such file", "the path begins at the folder of this file")
OUTSIDE = Unread("it is outside the project", "an ncco.toml in a folder above both files makes them one project")


class Content(NamedTuple):
    """The declarations of a file by name, where it sets names of the call, its imports, also by name, and the place of its
    first syntax error.
    """

    names: Mapping[str, Declared]
    sets: Mapping[str, NameWord]
    uses: tuple[ast.Use, ...]
    imported: Mapping[str, ast.Use]
    wrong: Span | None


class OtherFile:
    """A file that others import. It is parsed when it is first needed, and once.

    Attributes:
        path: its path from the project's root, with `/`; equal for two paths of one file.
    """

    __slots__ = ("_content", "path", "source")

    def __init__(self, path: str, source: Source) -> None:
        self.path = path
        self.source = source
        self._content: Content | None = None

    @property
    def content(self) -> Content:
        """What the file declares and imports."""
        if self._content is None:
            file, found = parse_flow(self.source)
            wrong = min((each.span for each in found if each.severity == "error"), default=None)
            uses = _uses(file)
            imported = {word.text: use for use in uses for word in use.names}
            sets = {name: each.words[0] for name, each in read_scopes(file, self.source).call.names.items()}
            self._content = Content(read_names(file), sets, uses, imported, wrong)
        return self._content


class Reader(Protocol):
    """The other files of a project, for the imports of one file."""

    @property
    def home(self) -> str:
        """The path of that file from the project's root, with `/`."""

    def read(self, path: str) -> OtherFile | Unread:
        """Return a file by its path from the project's root; the same object for the same version of a file.

        A file that is larger than `LONGEST_FILE`, or really outside the root (a link), is not read.
        """


class _Edge(NamedTuple):
    """One `use`: the file that has it, and the file that it names."""

    origin: OtherFile
    use: ast.Use
    target: OtherFile | Unread


class _Files:
    """The files that one file, `home`, leads to, read within the bounds."""

    __slots__ = ("_known", "_reader", "_room", "home")

    def __init__(self, home: OtherFile, reader: Reader) -> None:
        self.home = home
        self._reader = reader
        self._room = MOST_TEXT
        self._known: dict[str, OtherFile | Unread] = {home.path: home}

    def edge(self, origin: OtherFile, use: ast.Use) -> _Edge:
        """Return the edge of a `use`."""
        path = _path(origin.path, use)
        return _Edge(origin, use, path if isinstance(path, Unread) else self._read(path))

    def others(self) -> Iterator[OtherFile]:
        """Yield the files that were read, once each."""
        for path, each in self._known.items():
            if isinstance(each, OtherFile) and each is not self.home and each.path == path:
                yield each

    def _read(self, path: str) -> OtherFile | Unread:
        if path not in self._known:
            if len(self._known) > MOST_FILES:
                return Unread(f"it leads to more than {MOST_FILES} files", is_bound=True)
            if self._room <= 0:
                return Unread(f"it leads to more than {MOST_TEXT >> 20} MiB of text", is_bound=True)
            found = self._reader.read(path)
            if isinstance(found, OtherFile):
                found = self._known.setdefault(found.path, found)
                self._room -= len(found.source.text) if isinstance(found, OtherFile) else 0
            self._known[path] = found
        return self._known[path]


def read_imports(file: ast.File, source: Source, reader: Reader | None) -> Imports:
    """Read what a file imports. Without a reader, its imports have names and no declarations.

    Args:
        file: the tree of the file.
        source: its text.
        reader: gives the other files.
    """
    uses = _uses(file)
    if reader is None:
        return Imports(
            {word.text: Imported(word, None, None) for use in reversed(uses) for word in reversed(use.names)}
        )
    files = _Files(OtherFile(reader.home, source), reader)
    edges = [files.edge(files.home, use) for use in uses]
    guesses = Guesses()
    names: dict[str, Imported] = {}
    found: list[Diagnostic] = []
    for _, use, target in edges:
        known: Mapping[str, Declared] = {}
        other = None
        if isinstance(target, Unread):
            found.append(_unread(source, use, target))
        elif target is not files.home:
            known, other = target.content.names, target.source
            found += _unknown(source, use, target, guesses)
        for word in use.names:
            names.setdefault(word.text, Imported(word, other, known.get(word.text)))
    found += _cycles(edges, files)
    sets: dict[str, Imported] = {}
    for each in files.others():
        for name, place in each.content.sets.items():
            sets.setdefault(name, Imported(place, each.source, None))
    return Imports(names, tuple(found), sets)


def _uses(file: ast.File) -> tuple[ast.Use, ...]:
    return tuple(each for each in file.declarations if isinstance(each, ast.Use))


def _path(origin: str, use: ast.Use) -> str | Unread:
    """Return the path of an imported file from the project's root."""
    if not all(isinstance(piece, ast.Piece) for piece in use.path.pieces):
        return Unread("its path has a value in braces", "write the path out")
    written = use.path.value
    if not written.lower().endswith(".flow"):
        return Unread("it is not a .flow file", 'use name from "file.flow"')
    path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), written))
    return OUTSIDE if path.startswith(("/", "../")) else path


# ── Cycles ─────────────────────────────────────────────────────────────────────────────────────────────


def _cycles(edges: list[_Edge], files: _Files) -> Iterator[Diagnostic]:
    """Yield the imports that lead back to their file, and the first that leads beyond the bounds by way of others."""
    home = files.home
    into: dict[str, list[_Edge]] = {}
    seen, is_reported = {home.path}, any(isinstance(target, Unread) and target.is_bound for _, _, target in edges)
    waiting = deque((edge, edge.use) for edge in edges)
    while waiting:
        edge, first = waiting.popleft()
        target = edge.target
        if isinstance(target, OtherFile):
            into.setdefault(target.path, []).append(edge)
            if target.path not in seen:
                seen.add(target.path)
                waiting += ((files.edge(target, use), first) for use in target.content.uses)
        elif target.is_bound and not is_reported:
            is_reported = True
            yield _unread(home.source, first, target)
    way = _ways_back(into, home)
    direct = {edge.target.path: edge for edge in reversed(edges) if isinstance(edge.target, OtherFile)}
    for path, edge in direct.items():
        if edge.target is home or path in way:
            yield _cycle(edge, home, way)


def _ways_back(into: Mapping[str, list[_Edge]], home: OtherFile) -> dict[str, _Edge]:
    """Return, for each file that leads back, the import that begins the shortest way."""
    way: dict[str, _Edge] = {}
    waiting = deque([home.path])
    while waiting:
        for edge in into.get(waiting.popleft(), ()):
            if edge.origin is not home and edge.origin.path not in way:
                way[edge.origin.path] = edge
                waiting.append(edge.origin.path)
    return way


def _cycle(edge: _Edge, home: OtherFile, way: Mapping[str, _Edge]) -> Diagnostic:
    through: list[_Edge] = []
    target = edge.target
    while isinstance(target, OtherFile) and target is not home and len(through) < _MOST_LABELS:
        following = way[target.path]
        through.append(following)
        target = following.target
    facts = ImportCycle(path=edge.use.path.value, then=tuple(each.use.path.value for each in through))
    places = [(each.use.path.span, each.origin.source) for each in through]
    return flow_finding(home.source, edge.use.path.span, facts, also=places)


# ── Findings ───────────────────────────────────────────────────────────────────────────────────────────


class UnreadableImport(Facts):
    """A file that cannot be imported; `why` says it in words."""

    rule = UNREADABLE_IMPORT
    message = "cannot import {path}: {why:s}"
    path: str
    why: str
    _advice: str | None

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, self._advice)


class ImportCycle(Facts):
    """A file that imports itself; `then` are the paths in the files on the way back, in order."""

    rule = IMPORT_CYCLE
    path: str
    then: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        if not self.then:
            return self.say(spelling, "this file imports itself", "its own names need no use: remove the line")
        through = ", through others" if len(self.then) > 1 else ""
        words = self.say(spelling, f"{{path}} imports this file{through}", "move what both need into a file of its own")
        return words._replace(labels=tuple(f"this imports {shown(path)}" for path in self.then))


class NotExported(Facts):
    """A name that the imported file does not declare, and the best explanation: a near name, an import, a syntax error."""

    rule = UNKNOWN_NAME
    path: str
    name: str
    near: str | None = None
    is_import: bool = False
    is_broken: bool = False
    _declared: str = ""

    def words(self, spelling: Spelling) -> Words:
        hint, label = None, f"this file declares {self._declared}"
        if self.is_import:
            hint, label = "import it from the file that declares it", "it is only imported here"
        elif self.is_broken:
            hint, label = "correct that file first", "this file has a syntax error"
        elif self.near is not None:
            hint, label = "did you mean {near}?", "this is declared"
        return self.say(spelling, "{path} declares no {name}", hint)._replace(labels=(label,))


def _unread(source: Source, use: ast.Use, unread: Unread) -> Diagnostic:
    facts = UnreadableImport(path=use.path.value, why=unread.why, _advice=unread.hint)
    return flow_finding(source, use.path.span, facts)


def _unknown(source: Source, use: ast.Use, other: OtherFile, guesses: Guesses) -> Iterator[Diagnostic]:
    """Yield the findings about names that the other file does not declare."""
    path, (names, _, _, imported, wrong) = use.path.value, other.content
    unknown = [word for word in use.names if word.text not in names]
    some = ", ".join(islice(names, _MOST_SHOWN)) or "nothing"
    more = len(names) - _MOST_SHOWN
    some += f" and {more} more" if more > 0 else ""
    for word in unknown:
        name, place = word.text, Span(0, 0)
        if name in imported:
            facts, place = NotExported(path=path, name=name, is_import=True), imported[name].path.span
        elif wrong is not None:
            facts, place = NotExported(path=path, name=name, is_broken=True), wrong
        elif (near := guesses.meant(name, names, other.path)) is not None:
            facts, place = NotExported(path=path, name=name, near=near), names[near].name.span
        else:
            facts = NotExported(path=path, name=name, _declared=some)
        yield flow_finding(source, word.span, facts, also=[(place, other.source)])
