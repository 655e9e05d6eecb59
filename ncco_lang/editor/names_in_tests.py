"""Find the names of a flow in tests: as the args of calls, and in the file of its tests, `NAME_test.flow`."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from ncco_lang.compiler import bind_parsed
from ncco_lang.editor.analysis import Analysis, analyse
from ncco_lang.editor.marker import path_to
from ncco_lang.program.bindings import Binding, Scopes
from ncco_lang.program.file_of_tests import flow_of, is_file_of_tests, tests_of
from ncco_lang.program.imports import OtherFile, Reader, Unread
from ncco_lang.program.uses import find_uses
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.syntax.parse import parse_flow

_CALL, _ARGS, _EXPECT, _THAT = "call", "args", "expect", "that"


class UsesInTests(NamedTuple):
    """Where the file of tests of a flow uses one of its names; `own`: the names that the file declares itself, and
    `is_whole`: it has no syntax errors.
    """

    source: Source
    spans: list[Span]
    own: Container[str]
    is_whole: bool


class _ReaderFrom(NamedTuple):
    """Reads for the file `home` what `reader` reads for the file beside it."""

    home: str
    reader: Reader

    def read(self, path: str) -> OtherFile | Unread:
        return self.reader.read(path)


def uses_in_tests(analysis: Analysis, binding: Binding) -> UsesInTests | None:
    """Return where the file of tests uses a name of the flow; None if there is no such file, or the name is of a step."""
    reader = analysis.reader
    if reader is None or is_file_of_tests(analysis.source.name) or binding.scope.kind not in ("file", "call"):
        return None
    other = reader.read(tests_of(reader.home))
    if not isinstance(other, OtherFile):
        return None
    file, syntax = parse_flow(other.source)
    program = bind_parsed(other.source, file, analysis.settings.options, _ReaderFrom(tests_of(reader.home), reader))
    found = {
        use.span for use in find_uses(program) if use.binding.kind == "import" and use.binding.name == binding.name
    }
    found |= {*_in_conditions(file, program.scopes, binding.name)}
    if binding.kind == "arg":
        found |= {*arg_keys(file, binding.name)}
    is_whole = not any(each.severity == "error" for each in syntax)
    return UsesInTests(other.source, sorted(found), program.scopes.file_scope.names, is_whole)


def flow_beside(analysis: Analysis) -> Analysis | None:
    """Return the analysis of the flow that a file of tests is about; None for other files, and if it cannot be read."""
    reader = analysis.reader
    if reader is None or not is_file_of_tests(analysis.source.name):
        return None
    home = flow_of(reader.home)
    other = reader.read(home)
    if not isinstance(other, OtherFile):
        return None
    return analyse(other.source, "flow", analysis.settings, reader=_ReaderFrom(home, reader))


def place_in_flow(analysis: Analysis, offset: int) -> tuple[Source, Span] | None:
    """Return where a flow declares or first sets what its file of tests names at an offset, in a condition or as an arg of a
    call; None for what no name of the file itself, or of the flow, is.
    """
    reader, file = analysis.reader, analysis.file
    if reader is None or file is None or not is_file_of_tests(analysis.source.name):
        return None
    path = path_to(file, offset)
    key = arg_key_at(file, offset)
    name = _read_in_condition(path) if key is None else analysis.source.text[slice(*key)]
    other = reader.read(flow_of(reader.home)) if name else None
    if not isinstance(other, OtherFile):
        return None
    declared = other.content.names.get(name)
    if declared is not None and (key is None or isinstance(declared, ast.Arg)):
        return other.source, declared.name.span
    setter = other.content.sets.get(name) if key is None else None
    return None if setter is None else (other.source, setter.span)


def _read_in_condition(path: Sequence[ast.Node]) -> str:
    """Return the name that a condition of a test reads at a path; empty for none."""
    word = path[-1] if path else None
    is_read = isinstance(word, ast.Name) or (isinstance(word, ast.Word) and isinstance(path[-2], ast.Ref))
    is_in_condition = any(isinstance(each, ast.Option) and each.name.text == _THAT for each in path)
    return word.text if is_read and is_in_condition and isinstance(word, (ast.Name, ast.Word)) else ""


def names_of_flow(analysis: Analysis) -> tuple[dict[str, Binding], str]:
    """Return the names of a flow that its file of tests can read, and the text of the flow; none for other files.

    Those that only a call knows have a slot: the args, and what statements set.
    """
    reader, program = analysis.reader, analysis.program
    if reader is None or program is None or not is_file_of_tests(analysis.source.name):
        return {}, ""
    other = reader.read(flow_of(reader.home))
    if not isinstance(other, OtherFile):
        return {}, ""
    scope, found = program.scopes.import_scope, dict[str, Binding]()
    for name, word in other.content.sets.items():
        found[name] = Binding(name, "variable", (), word, scope, slot=len(found))
    for name, declared in other.content.names.items():
        match declared:
            case ast.Param():
                found[name] = Binding(name, "param", (), declared, scope, declared.type.text)
            case ast.Let():
                found[name] = Binding(name, "let", (), declared, scope)
            case ast.Arg():
                found[name] = Binding(name, "arg", (), declared, scope, declared.type.text, slot=len(found))
            case _:
                pass
    return found, other.source.text


def arg_keys(file: ast.File, name: str) -> Iterator[Span]:
    """Yield where the tests of a file give an arg to a call."""
    yield from (span for key, span in _all_arg_keys(file) if key == name)


def arg_key_at(file: ast.File, offset: int) -> Span | None:
    """Return the place of the name of an arg that a test gives to a call, if an offset is in it."""
    return next((span for _, span in _all_arg_keys(file) if span.start <= offset <= span.end), None)


def _all_arg_keys(file: ast.File) -> Iterator[tuple[str, Span]]:
    for option in _options(file, _CALL, _ARGS):
        for pair in option.value.pairs if isinstance(option.value, ast.Object) else ():
            yield pair.key.value, Span(pair.key.span.start + 1, pair.key.span.end - 1)


def _in_conditions(file: ast.File, scopes: Scopes, name: str) -> Iterator[Span]:
    """Yield where the conditions of tests read a name that the file of tests does not declare."""
    if scopes.call.find(name) is not None:
        return
    for option in _options(file, _EXPECT, _THAT):
        for node in nodes(option.value):
            word = node.name if isinstance(node, ast.Ref) and not _is_call(node) else node
            if isinstance(word, (ast.Name, ast.Word)) and word.text == name and not isinstance(node, ast.Word):
                yield word.span


def _is_call(ref: ast.Ref) -> bool:
    return isinstance(ref.trailers[0], ast.Arguments)


def _options(file: ast.File, verb: str, name: str) -> Iterator[ast.Option]:
    """Yield the options of a name in the lines of tests that begin with a word."""
    for test in file.declarations:
        for line in test.block.entries if isinstance(test, ast.Test) else ():
            if isinstance(line, ast.Command) and line.verb.text == verb:
                yield from (each for each in line.options if each.name.text == name)
