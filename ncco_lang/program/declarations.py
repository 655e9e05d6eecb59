"""Collect the names that a file declares: name → its first declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ncco_lang.syntax import ast

Declared: TypeAlias = "ast.Param | ast.Let | ast.Arg | ast.Hours | ast.TextDeclaration | ast.Step"


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
