"""The names that a file declares, and those that it imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Source
from ncco_lang.syntax import ast

Declared: TypeAlias = "ast.Param | ast.Let | ast.Arg | ast.Hours | ast.TextDeclaration | ast.Step"


_NONE: Final[Mapping[str, Imported]] = MappingProxyType({})


class Imported(NamedTuple):
    """A name that a file imports.

    Attributes:
        word: the name in the `use`, or where the other file sets a name of the call.
        source: the other file; None if it was not read.
        declaration: the declaration there; None if it is not known.
    """

    word: ast.Word | ast.Name
    source: Source | None
    declaration: Declared | None


class Beside(NamedTuple):
    """The flow that a file of tests is about."""

    file: ast.File
    source: Source


class Imports(NamedTuple):
    """What a file imports.

    Attributes:
        names: each imported name, with its first `use`.
        findings: what is wrong with the imports.
        sets: the names of the call that the imported files set.
        beside: the flow that a file of tests is about, whose names can be read.
    """

    names: Mapping[str, Imported]
    findings: tuple[Diagnostic, ...] = ()
    sets: Mapping[str, Imported] = _NONE
    beside: Beside | None = None


def read_names(file: ast.File) -> dict[str, Declared]:
    """Return name → its first declaration; missing names are left out."""
    names: dict[str, Declared] = {}
    for declaration in _named(file):
        if declaration.name.text:
            names.setdefault(declaration.name.text, declaration)
    return names


def word_of(declaration: ast.Declaration | ast.Entry) -> str:
    """Return the word with which a declaration begins."""
    return "text" if isinstance(declaration, ast.TextDeclaration) else type(declaration).__name__.lower()


def _named(file: ast.File) -> Iterator[Declared]:
    for declaration in file.declarations:
        if isinstance(declaration, (ast.Param, ast.Let, ast.Arg, ast.Hours, ast.TextDeclaration, ast.Step)):
            yield declaration
