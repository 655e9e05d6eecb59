"""A file of tests: `NAME_test.flow` beside `NAME.flow`, whose names its tests can read. It is never compiled by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.declarations import Beside, Imports
from ncco_lang.program.findings_of_tests import NotInTestFile
from ncco_lang.program.name_facts import UnusedName
from ncco_lang.program.verbs import first_line
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.flow_spelling import flow_finding

if TYPE_CHECKING:
    from ncco_lang.program.imports import Reader
    from ncco_lang.program.model import Program

_SUFFIX, _FLOW = "_test.flow", ".flow"
_DECLARATIONS = (ast.Test, ast.Param, ast.Let, ast.Flow, ast.Use)


def is_file_of_tests(name: str) -> bool:
    """Return whether the name of a file is that of a file of tests."""
    return name.endswith(_SUFFIX)


def flow_of(name: str) -> str:
    """Return the path of the flow that a file of tests is about."""
    return name.removesuffix(_SUFFIX) + _FLOW


def tests_of(name: str) -> str:
    """Return the path of the file that has the tests of a flow."""
    return name.removesuffix(_FLOW) + _SUFFIX


def with_flow(imports: Imports | None, source: Source, reader: Reader | None) -> Imports:
    """Return the imports of a file of tests, with the flow that it is about; a finding if that cannot be read."""
    from ncco_lang.program.imports import OtherFile, UnreadableImport

    known = imports or Imports({})
    if reader is None:
        return known
    other = reader.read(flow_of(reader.home))
    if isinstance(other, OtherFile):
        return known._replace(beside=Beside(parse_flow(other.source)[0], other.source))
    name = flow_of(source.name).replace("\\", "/").rpartition("/")[2]
    facts = UnreadableImport(
        path=name, why=other.why, _advice="these are the tests of that flow; it is beside this file"
    )
    span = first_line(source, Span(0, len(source.text)))
    return known._replace(findings=(*known.findings, flow_finding(source, span, facts)))


def check_file_of_tests(file: ast.File, source: Source) -> Iterator[Diagnostic]:
    """Yield the findings about statements and steps in a file of tests."""
    for declaration in file.declarations:
        if not isinstance(declaration, _DECLARATIONS):
            name = flow_of(source.name).replace("\\", "/").rpartition("/")[2]
            yield flow_finding(source, first_line(source, declaration.span), NotInTestFile(flow=name))


def without_read_in_tests(program: Program, reader: Reader | None) -> Program:
    """Return a program without the findings about unused names that the file of its tests reads. Changes the program."""
    unused = {each.facts.name for each in program.idle if isinstance(each.facts, UnusedName)}
    if not unused or reader is None or not reader.home.endswith(_FLOW) or is_file_of_tests(reader.home):
        return program
    from ncco_lang.program.imports import OtherFile

    other = reader.read(tests_of(reader.home))
    if isinstance(other, OtherFile):
        read = {_name_in(node) for node in nodes(parse_flow(other.source)[0])}
        program.idle[:] = [
            each for each in program.idle if not (isinstance(each.facts, UnusedName) and each.facts.name in read)
        ]
    return program


def _name_in(node: ast.Node) -> str:
    return node.text if isinstance(node, ast.Name) else node.name.text if isinstance(node, ast.Ref) else ""
