"""Bind a file: the parsed file → the bound program, with every value of its statements evaluated.

The vocabulary decides where a bare word means itself (a flag, a word of an enum, a language); anywhere else it is a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ncco_lang.program.bind_tests import bind_tests
from ncco_lang.program.context import Context
from ncco_lang.program.declarations import read_names
from ncco_lang.program.defaults import Defaults
from ncco_lang.program.expressions import Folder
from ncco_lang.program.jumps import check_jumps
from ncco_lang.program.model import Program
from ncco_lang.program.option_values import OptionValues
from ncco_lang.program.params import check_given, check_type, declared_params
from ncco_lang.program.scope_checks import check_scopes, check_unused
from ncco_lang.program.scopes import read_scopes
from ncco_lang.program.statements import StatementBinder
from ncco_lang.project.params import Given
from ncco_lang.source import Source
from ncco_lang.syntax import ast

if TYPE_CHECKING:
    from ncco_lang.program.declarations import Imports


def bind_file(
    file: ast.File,
    source: Source,
    given: Mapping[str, Given],
    base_url: str | None = None,
    having_base_url: Sequence[str] = (),
    imports: Imports | None = None,
) -> Program:
    """Bind every statement of a file, and evaluate every value.

    Args:
        file: the tree as parsed.
        source: its text.
        given: values for its params.
        base_url: the base of addresses that begin with a slash.
        having_base_url: the profiles that have a base URL.
        imports: what the names of `use` are in the other files.
    """
    scopes = read_scopes(file, source, imports)
    names, own = read_names(file), given
    outer, of_call = None, scopes.call
    if imports is not None and imports.beside is not None:
        flow = imports.beside
        program = bind_file(flow.file, flow.source, given, base_url, having_base_url)
        outer, of_call = program.positions.folder.names, program.scopes.call
        own = {name: each for name, each in given.items() if name not in declared_params(flow.file)}
    folder = Folder(source, names, given, scopes.import_scope.names, outer)
    found = folder.names.diagnostics
    found += () if imports is None else imports.findings
    found += check_scopes(scopes)
    found += check_given(file, source, own)
    for declaration in file.declarations:
        if isinstance(declaration, ast.Param | ast.Arg):
            found += check_type(source, declaration)
    folder.names.fold_declared()
    args = folder.names.defaults_of_args()
    values = OptionValues(folder, base_url, having_base_url)
    context = Context(scopes.call)
    defaults = Defaults(values, context)
    found += defaults.read(file)
    binder = StatementBinder(values, defaults, scopes)
    statements = tuple(binder.entries(file.declarations, context._replace(is_in_call=True)))
    written = [each for each in file.declarations if isinstance(each, ast.Test)]
    tests = bind_tests(binder, written, context, of_call)
    found += check_jumps(scopes, statements) if scopes.has_steps else ()
    lines = sorted((line for lines in defaults.lines.values() for line in lines), key=lambda line: line.node.span)
    program = Program(source, file, imports, scopes, statements, tuple(lines), values.positions, found, [], tests, args)
    used = {scopes.file_scope.names[name] for name in folder.names.read_names()}
    if scopes.has_steps or scopes.slots:
        # Imported here, because no sequence of actions needs it.
        from ncco_lang.program.uses import read_bindings

        used |= set(read_bindings(program))
    program.idle += [*check_unused(scopes, used), *defaults.idle(statements)]
    return program
