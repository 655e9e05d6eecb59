"""Compile a flow to an NCCO: the whole pipeline.

    .flow text ─▶ syntax ─▶ names ─▶ check ─▶ ncco ─▶ NCCO, checked as a value and validated against the schema

Every stage is a plain function; problems are located in the text only here. The same page serves a single statement, for
hover (`compile_statement`), and the examples of rules (`check`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from ncco_lang.checker import DEFAULTS as CHECK_DEFAULTS
from ncco_lang.checker import CheckOptions, Level, check_actions, check_value, levelled
from ncco_lang.checks.slots import check_slots
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.gc_pause import uncollected
from ncco_lang.ncco.emit import emit_ncco
from ncco_lang.ncco.located import locate_problem, outside_schema, refused_by_judge
from ncco_lang.ncco.veil import FromEnvironment, veil_of
from ncco_lang.product import Document
from ncco_lang.program.bind import bind_file
from ncco_lang.program.entry import check_entry
from ncco_lang.program.file_of_tests import check_file_of_tests, is_file_of_tests, with_flow, without_read_in_tests
from ncco_lang.program.model import BoundStatement, Program
from ncco_lang.program.name_facts import NoSuchStep
from ncco_lang.program.params import naming_profiles
from ncco_lang.program.stand_ins import masked, secret_params, with_stand_ins
from ncco_lang.program.values import UNFIT, Deferred
from ncco_lang.program.walk import bound_statements
from ncco_lang.project.params import Given
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.syntax.syntax_rules import NOT_YET
from ncco_lang.vocabulary.flow_spelling import FLOW
from ncco_lang.vocabulary.ncco_schema import is_valid

if TYPE_CHECKING:
    from ncco_lang.bundler import Bundled, Joins
    from ncco_lang.program.declarations import Imports
    from ncco_lang.program.imports import Reader


Product: TypeAlias = "Document | Bundled"
"""What a flow compiles to: one NCCO, or a bundle for a runtime."""


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """The user's options.

    Attributes:
        check: provider and severities.
        params: values for the params of the file, by name.
        base_url: the prefix of addresses that begin with a slash.
        having_base_url: the profiles that have one, for the message if this one does not.
        having_params: the params that profiles give a value, with their names, for the message if this one does not.
        is_written: the NCCO is for a file, a provider or a pipe, so `jsonschema` validates it too.
        joins: what follows a routed connect, as `Bundle.joins`; None for what the provider can do.
        mixed_barge_in: in a menu, talk and stream have barge-in together.
        is_single: the product is to be one NCCO, so a flow that needs a runtime has a finding.
        tells_silence: a finding says how long the caller can hear nothing while servers hang.
        allow: the hosts that lookups may reach although their address is private, or without TLS, as ncco.toml has them.
    """

    check: CheckOptions = CHECK_DEFAULTS
    params: Mapping[str, Given] = field(default_factory=dict)
    base_url: str | None = None
    having_base_url: tuple[str, ...] = ()
    having_params: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_written: bool = False
    joins: Joins | None = None
    mixed_barge_in: bool = False
    is_single: bool = False
    tells_silence: bool = False
    allow: tuple[str, ...] = ()


DEFAULTS = CompileOptions()
_BESIDE_PATHS = "LQS"
"""The families of errors beside which the paths of a call are checked: jumps lead on, and questions are asked."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The result of compiling a flow.

    Attributes:
        product: what the flow compiles to; None if there is a finding at error level.
        diagnostics: every finding, in the order of the text.
    """

    product: Product | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ncco(self) -> list[dict[str, Any]] | None:
        """The NCCO of a flow that is one; None for a flow with errors, and for one that needs a runtime."""
        return self.product.ncco if isinstance(self.product, Document) else None


def compile_text(text: str, *, name: str = "<text>", options: CompileOptions = DEFAULTS) -> Compiled:
    """Compile the text of a flow to one NCCO. Never raises on user text.

    Args:
        text: a `.flow` file, as the author wrote it, valid or not.
        name: its name in messages.
        options: params, base URL, provider and severities.
    """
    return compile_source(Source(name, text), options)


def check(text: str, *, name: str = "<text>", options: CompileOptions = DEFAULTS) -> list[Diagnostic]:
    """Check the text of a flow.

    Args:
        text: a `.flow` file, as the author wrote it, valid or not.
        name: its name in messages.
        options: params, base URL, provider and severities.

    Returns:
        every finding, in the order of the text; empty if there are none.
    """
    return check_flow(Source(name, text), options)


def check_flow(source: Source, options: CompileOptions = DEFAULTS, reader: Reader | None = None) -> list[Diagnostic]:
    """Return every finding about a flow, in the order of the text."""
    return list(compile_source(source, options, reader).diagnostics)


def compile_source(source: Source, options: CompileOptions = DEFAULTS, reader: Reader | None = None) -> Compiled:
    """Compile a text that has a name. An NCCO that the schema rejects is never emitted, whatever the severities.

    Args:
        source: the flow.
        options: params, base URL, provider and severities.
        reader: gives the files that the flow imports; without one they are not looked at.
    """
    with uncollected():
        return compile_parsed(source, *parse_flow(source), options, reader)


def compile_parsed(
    source: Source,
    file: ast.File,
    syntax: list[Diagnostic],
    options: CompileOptions,
    reader: Reader | None = None,
) -> Compiled:
    """Compile the result of `parse_flow`, for callers that need the tree too; neither is changed."""
    return compile_program(bind_parsed(source, file, options, reader), syntax, options)


def bind_parsed(source: Source, file: ast.File, options: CompileOptions, reader: Reader | None = None) -> Program:
    """Bind the result of `parse_flow`, with the files that it imports."""
    imports = None
    if any(isinstance(each, ast.Use) for each in file.declarations):
        # Imported here, because few flows import.
        from ncco_lang.program.imports import read_imports

        imports = read_imports(file, source, reader)
    imports = with_flow(imports, source, reader) if is_file_of_tests(source.name) else imports
    return without_read_in_tests(_bound(source, file, imports, options), reader)


def compile_program(program: Program, syntax: list[Diagnostic], options: CompileOptions) -> Compiled:
    """Compile a bound program.

    A flow with values from the environment is compiled again with stand-ins: a finding that only they cause must not show them.

    Args:
        program: what `bind_parsed` returns for the same options.
        syntax: the findings of `parse_flow`.
    """
    compiled = _compile(program, syntax, options)
    declaring = _declaring(program)
    secret = secret_params(declaring, options.params)
    if not secret:
        return compiled
    params = with_stand_ins(declaring, options.params)
    other = _compile(
        _bound(program.source, program.file, program.imports, replace(options, params=params)), syntax, options
    )
    independent = set(other.diagnostics)
    product = compiled.product
    if isinstance(product, Document):
        product = replace(product, secret=secret, veil=veil_of(product.ncco, other.ncco, secret))
    elif product is not None:
        product = replace(product, secret=secret)
    return Compiled(
        product, tuple(each if each in independent else _discreet(each, secret) for each in compiled.diagnostics)
    )


def bind_source(
    source: Source, options: CompileOptions = DEFAULTS, reader: Reader | None = None
) -> tuple[Program, tuple[Diagnostic, ...]]:
    """Return the bound program of a flow, with values from the environment masked, and every finding about the flow.

    Args:
        source: the flow.
        options: params, base URL, provider and severities.
        reader: gives the files that the flow imports; without one they are not looked at.
    """
    file, syntax = parse_flow(source)
    program = bind_parsed(source, file, options, reader)
    found = compile_program(program, syntax, options).diagnostics
    return masked_program(program, options), found


def masked_program(program: Program, options: CompileOptions) -> Program:
    """Return a bound program with a mark in place of each value from the environment."""
    params = masked(options.params)
    if params == options.params:
        return program
    return _bound(program.source, program.file, program.imports, replace(options, params=params))


def compile_statement(program: Program, syntax: list[Diagnostic], command: ast.Command) -> dict[str, Any] | None:
    """Return the action of one statement of a program, for hover; None if it has an error, or if only a call knows it.

    Errors elsewhere, or in the order of the statements, do not matter. Arguments are those of `compile_program`.
    """
    statement = next((each for each in bound_statements(program.statements) if each.node is command), None)
    if statement is None or not statement.is_action:
        return None
    wrong = _wrong([*syntax, *program.diagnostics, *check_slots(program, [statement])])
    if not _is_sound(statement, wrong):
        return None
    ncco = emit_ncco(program, [statement]).ncco
    return None if any((each.severity or each.rule.severity) == "error" for each in check_actions(ncco)) else ncco[0]


def _declaring(program: Program) -> ast.File:
    """Return the file whose params a program reads; the tests of a flow read those of the flow too."""
    file, flow = program.file, None if program.imports is None else program.imports.beside
    return file if flow is None else ast.File(file.span, (*flow.file.declarations, *file.declarations))


def _discreet(found: Diagnostic, secret: tuple[str, ...]) -> Diagnostic:
    """Return a finding that depends on a value from the environment, without that value and anything made from it."""
    facts = FromEnvironment(names=secret, code=found.rule.code)
    message, hint, _ = facts.words(FLOW)
    return replace(found, facts=facts, message=message, hint=hint, labels=(), fix=None)


def _compile(program: Program, syntax: list[Diagnostic], options: CompileOptions) -> Compiled:
    source, file = program.source, program.file
    found = list(syntax)
    is_whole = not _has_errors(found)
    found += _beside(found, [*program.diagnostics, *check_slots(program, (*program.statements, *program.tests))])
    if is_file_of_tests(source.name):
        return _compiled(None, file, source, [*found, *check_file_of_tests(file, source)], options)
    if not is_linear(program):
        # Imported here, because few flows have questions.
        from ncco_lang.checks.lookups import check_lookups
        from ncco_lang.checks.nested_arms import check_nested_arms
        from ncco_lang.checks.questions import check_questions

        found += _beside(syntax, list(check_questions(program, mixed_barge_in=options.mixed_barge_in)))
        found += _beside(syntax, [*check_nested_arms(program), *check_lookups(program, options.allow)])
    if is_whole:
        found += check_entry(file, source)
    errors = [each for each in found if each.severity == "error"]
    lost = [each for each in errors if isinstance(each.facts, NoSuchStep)]
    if not all(each.rule.code[0] in _BESIDE_PATHS or each in lost for each in errors):
        found += _despite(program, found)
        if program.scopes.has_steps and all(each.rule is NOT_YET for each in found if each.severity == "error"):
            found += program.idle
        return _compiled(None, file, source, found, options)
    # With an unknown target, the step that is meant has no way to it either, which is no second mistake.
    found += () if lost else program.idle
    if not is_linear(program):
        # Imported here, because most of its work is for flows that need a runtime.
        from ncco_lang.bundler import BundleOptions, compile_branching

        chosen = BundleOptions(
            provider=options.check.provider,
            base_url=options.base_url,
            joins=options.joins,
            mixed_barge_in=options.mixed_barge_in,
            is_written=options.is_written,
            is_single=options.is_single,
            tells_silence=options.tells_silence,
        )
        product, of_paths = compile_branching(program, chosen, is_valid=not errors)
        return _compiled(product, file, source, [*found, *of_paths], options)
    emitted = emit_ncco(program)
    problems = list(check_value(emitted.ncco, options.check.provider))
    found += (locate_problem(source, emitted, problem) for problem in problems)
    spans = tuple(statement.node.span for statement in emitted.source_map.statements)
    compiled = _compiled(Document(emitted.ncco, spans), file, source, found, options)
    if compiled.product is None:
        return compiled
    outside = list(outside_schema(source, emitted)) if problems and not is_valid(emitted.ncco) else []
    if options.is_written and not outside:
        outside += refused_by_judge(source, emitted)
    if not outside:
        return compiled
    return Compiled(None, tuple(levelled([*compiled.diagnostics, *outside], {})))


def is_linear(program: Program) -> bool:
    """Return whether a program is a sequence of actions, which are its NCCO."""
    return all(map(_is_plain, program.statements))


def _is_plain(bound: object) -> bool:
    if not isinstance(bound, BoundStatement) or bound.body or not (bound.is_action or bound.wire is not None):
        return False
    return not any(type(slot.value) is Deferred for slot in bound.slots)


def _bound(source: Source, file: ast.File, imports: Imports | None, options: CompileOptions) -> Program:
    return bind_file(file, source, options.params, options.base_url, options.having_base_url, imports)


def _wrong(found: Iterable[Diagnostic]) -> list[int]:
    """Return where errors begin, in order."""
    return sorted(each.span.start for each in found if each.severity == "error")


def _despite(program: Program, found: list[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield findings about the statements without errors, so that one run reports all, although there is no NCCO."""
    wrong = _wrong(found)
    statements = (each for each in bound_statements(program.statements) if each.is_action)
    emitted = emit_ncco(program, [each for each in statements if _is_sound(each, wrong)])
    for problem in check_actions(emitted.ncco):
        yield locate_problem(program.source, emitted, problem)


def _is_sound(statement: BoundStatement, wrong: list[int]) -> bool:
    """Return whether a statement, with what defaults add to it, has no error and no missing part."""
    added = [Span(slot.key.start, slot.span.end) for slot in statement.slots if slot.origin is not None]
    for span in (statement.node.span, *added):
        at = bisect_left(wrong, span.start)
        if at < len(wrong) and wrong[at] < max(span.end, span.start + 1):
            return False
    return all(slot.wire is not UNFIT for slot in statement.slots)


def _compiled(
    product: Product | None,
    file: ast.File,
    source: Source,
    found: Iterable[Diagnostic],
    options: CompileOptions,
) -> Compiled:
    """Return the result, after applying suppression comments and severities to the findings."""
    if any("ncco:" in comment.text for comment in file.comments):
        # Imported here, because it imports every rule.
        from ncco_lang.checks.suppressions import apply_allows
        from ncco_lang.rules import find_rule, nearest_rule
        from ncco_lang.syntax.allows import read_allows

        allows = read_allows(file, source)
        found = apply_allows(allows, source, found, find_rule, nearest_rule, is_complete=product is not None)
    if options.having_params:
        found = naming_profiles(found, options.having_params)
    levels: Mapping[str, Level] = options.check.levels
    if product is None:
        # A finding that prevents compiling stays an error, or the author would not learn why there is no NCCO.
        found = list(found)
        stopping = {each.rule.name for each in found if each.severity == "error"}
        stopping |= {each.rule.code for each in found if each.severity == "error"}
        levels = {word: level for word, level in levels.items() if word not in stopping}
    kept = levelled(_once(found), levels)
    if product is None or _has_errors(kept):
        return Compiled(None, tuple(kept))
    return Compiled(product, tuple(kept))


def _beside(syntax: list[Diagnostic], found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings that do not begin inside a syntax error, because those would be about the same mistake."""
    if not syntax:
        return found
    spans = sorted(each.span for each in syntax if each.severity == "error")
    starts = [span.start for span in spans]
    return [
        each
        for each in found
        if not (at := bisect_right(starts, each.span.start)) or spans[at - 1].end <= each.span.start
    ]


def _once(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield each finding once: the option of a default is checked with every statement that takes it."""
    kept: dict[Any, Diagnostic] = {}
    for each in found:
        kept.setdefault((each.rule.code, each.span, each.message), each)
    yield from kept.values()


def _has_errors(found: Iterable[Diagnostic]) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in found)
