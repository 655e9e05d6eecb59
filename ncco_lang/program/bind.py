"""Bind a file: the parsed file → the bound program, with every value of its statements evaluated.

The vocabulary decides where a bare word means itself (a flag, a word of an enum, a language); anywhere else it is a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, assert_never

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.names.evaluate import Evaluator
from ncco_lang.names.params import check_given, check_type
from ncco_lang.names.symbols import read_names
from ncco_lang.program.defaults import Defaults
from ncco_lang.program.model import Program
from ncco_lang.program.option_values import OptionValues
from ncco_lang.program.planned import not_compiled
from ncco_lang.program.scope_checks import check_scopes, check_unused
from ncco_lang.program.scopes import read_scopes
from ncco_lang.program.statements import StatementBinder
from ncco_lang.program.verbs import is_option_below, loose_word
from ncco_lang.project.params import Given
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding, not_yet
from ncco_lang.vocabulary.option_rules import EMPTY_FLOW, NO_SUCH_OPTION
from ncco_lang.vocabulary.statement_specs import spec_of

if TYPE_CHECKING:
    from ncco_lang.program.imports import Imports
    from ncco_lang.program.model import Bound


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
    names = read_names(file)
    evaluator = Evaluator(source, names, given)
    found = evaluator.diagnostics
    found += check_scopes(scopes)
    found += check_given(file, source, given)
    for declaration in file.declarations:
        if isinstance(declaration, ast.Param):
            found += check_type(source, declaration)
    evaluator.fold_declared()
    values = OptionValues(evaluator, base_url, having_base_url)
    defaults = Defaults(values)
    found += defaults.read(file)
    statements = tuple(_bound(file, StatementBinder(values, defaults)))
    used = {scopes.file_scope.names[name] for name in evaluator.read_names()}
    idle = [*check_unused(scopes, used), *defaults.idle()]
    lines = tuple(line for lines in defaults.lines.values() for line in lines)
    return Program(source, file, scopes, statements, lines, values.positions, found, idle)


def check_entry(file: ast.File, source: Source) -> Iterator[Diagnostic]:
    """Yield a finding if the flow has no statement."""
    silent = (ast.Flow, ast.Param, ast.Let, ast.Default)
    if all(isinstance(declaration, silent) for declaration in file.declarations):
        message = "nothing happens in this flow, so the call ends at once"
        span = Span(0, 0) if not file.declarations else file.declarations[0].span
        yield finding(EMPTY_FLOW, source, span, message, hint='begin with a statement: talk "Hello."')


def _bound(file: ast.File, binder: StatementBinder) -> Iterator[Bound]:
    last = file.declarations[-1] if file.declarations else None
    source, found = binder.source, binder.found
    above: ast.Command | None = None
    for declaration in file.declarations:
        match declaration:
            case ast.Flow():
                binder.values.evaluator.fold(declaration.title)
                found += (_of_flow(source, option) for option in declaration.options)
            case ast.Command() if above is not None and is_option_below(source, above, declaration):
                found.append(loose_word(source, above, declaration))
                continue
            case ast.Command():
                yield binder.bind(declaration, is_last=declaration is last)
            case ast.Param() | ast.Let() | ast.Default():
                pass  # evaluated before the statements
            case (
                ast.Use()
                | ast.Arg()
                | ast.Hours()
                | ast.TextDeclaration()
                | ast.Step()
                | ast.Test()
                | ast.On()
                | ast.Anywhere()
                | ast.If()
                | ast.Set()
                | ast.Each()
            ):
                found.append(not_compiled(source, declaration))
            case _:
                assert_never(declaration)
        above = declaration if isinstance(declaration, ast.Command) else None


def _of_flow(source: Source, option: ast.Option) -> Diagnostic:
    name, flow = option.name.text, spec_of("flow")
    planned = {each.name: each.today for each in flow.planned_options} if flow is not None else {}
    if name in planned:
        return not_yet(source, option.span, f"{name}: of a flow", planned[name])
    return finding(NO_SUCH_OPTION, source, option.name.span, f'a flow has no option "{name}"', hint="take it out")
