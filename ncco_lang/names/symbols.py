"""Collect the names that a file declares: name → its first declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ncco_lang.diagnostics import Diagnostic, Label
from ncco_lang.names.rules import NAME_TWICE, RESERVED_NAME
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.reserved import reserved
from ncco_lang.syntax.syntax_rules import finding

Declared: TypeAlias = "ast.Param | ast.Let | ast.Arg | ast.Hours | ast.TextDeclaration | ast.Step"


def read_names(file: ast.File) -> dict[str, Declared]:
    """Return name → its first declaration; missing names are left out."""
    names: dict[str, Declared] = {}
    for declaration in _named(file):
        if declaration.name.text:
            names.setdefault(declaration.name.text, declaration)
    return names


def check_names(file: ast.File, source: Source) -> Iterator[Diagnostic]:
    """Report names that another declaration, or the language itself, already has."""
    flows = [declaration for declaration in file.declarations if isinstance(declaration, ast.Flow)]
    for flow in flows[1:]:
        labels = (Label(flows[0].span, "here first"),)
        message = "a file is one flow, and this one has its title already"
        yield finding(NAME_TWICE, source, flow.span, message, hint="keep one of the two", labels=labels)
    first: dict[str, ast.Word] = {}
    for declaration in _named(file):
        name = declaration.name
        if not name.text:
            continue
        if name.text in first:
            labels = (Label(first[name.text].span, "here first"),)
            message = f'"{name.text}" is declared twice'
            yield finding(NAME_TWICE, source, name.span, message, hint="give one of them another name", labels=labels)
        elif name.text in reserved():
            message = f'"{name.text}" is a word of the language itself'
            yield finding(RESERVED_NAME, source, name.span, message, hint="choose another name")
        first.setdefault(name.text, name)


def word_of(declaration: ast.Declaration | ast.Entry) -> str:
    """Return the word with which a declaration begins."""
    return "text" if isinstance(declaration, ast.TextDeclaration) else type(declaration).__name__.lower()


def _named(file: ast.File) -> Iterator[Declared]:
    for declaration in file.declarations:
        if isinstance(declaration, (ast.Param, ast.Let, ast.Arg, ast.Hours, ast.TextDeclaration, ast.Step)):
            yield declaration
