"""Compile a flow to an NCCO: the whole pipeline.

    .flow text ─▶ syntax ─▶ names ─▶ check ─▶ ncco ─▶ NCCO, checked as a value and validated against the schema

Every stage is a plain function; problems are located in the text only here. The same page serves a single statement, for
hover (`compile_statement`), and the examples of rules (`check`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ncco_lang.checker import DEFAULTS as CHECK_DEFAULTS
from ncco_lang.checker import CheckOptions, Level, check_actions, check_value, levelled
from ncco_lang.checks.slots import check_slots
from ncco_lang.diagnostics import Diagnostic, Place, Problem, place_problem
from ncco_lang.gc_pause import uncollected
from ncco_lang.ncco.emit import Emitted, emit_ncco
from ncco_lang.ncco.fix_mapping import to_fix as fix_of_repair
from ncco_lang.ncco.veil import FromEnvironment, Veil, veil_of
from ncco_lang.program.bind import bind_file, check_entry
from ncco_lang.program.model import BoundStatement, Program
from ncco_lang.program.scope_checks import check_unused
from ncco_lang.program.stand_ins import masked, secret_params, with_stand_ins
from ncco_lang.program.values import UNFIT
from ncco_lang.project.params import Given
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.syntax.syntax_rules import NOT_YET
from ncco_lang.vocabulary.flow_spelling import FLOW
from ncco_lang.vocabulary.legacy_rules import RULES as LEGACY_FORMS
from ncco_lang.vocabulary.ncco_schema import is_valid, violations
from ncco_lang.vocabulary.option_rules import OUTSIDE_SCHEMA, OutsideSchema, RefusedByJudge
from ncco_lang.words import JSON, shown

if TYPE_CHECKING:
    from ncco_lang.program.declarations import Imports
    from ncco_lang.program.imports import Reader


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """The user's options.

    Attributes:
        check: provider and severities.
        params: values for the params of the file, by name.
        base_url: the prefix of addresses that begin with a slash.
        having_base_url: the profiles that have one, for the message if this one does not.
        is_written: the NCCO is for a file, a provider or a pipe, so `jsonschema` validates it too.
    """

    check: CheckOptions = CHECK_DEFAULTS
    params: Mapping[str, Given] = field(default_factory=dict)
    base_url: str | None = None
    having_base_url: tuple[str, ...] = ()
    is_written: bool = False


DEFAULTS = CompileOptions()


@dataclass(frozen=True, slots=True)
class Document:
    """The product of a flow that is one NCCO.

    Attributes:
        ncco: the NCCO.
        spans: the place of the statement of each action.
        secret: the params of the flow whose values come from the environment.
        veil: the parts of the NCCO that depend on them; None if there are none, or if they cannot be determined.
    """

    ncco: list[dict[str, Any]]
    spans: tuple[Span, ...] = field(default=(), repr=False)
    secret: tuple[str, ...] = ()
    veil: Veil | None = field(default=None, repr=False)

    @property
    def shown(self) -> list[dict[str, Any]] | None:
        """The NCCO without values from the environment, for printing; None if it cannot be shown."""
        if not self.secret:
            return self.ncco
        return None if self.veil is None else self.veil.shown


@dataclass(frozen=True, slots=True)
class Compiled:
    """The result of compiling a flow.

    Attributes:
        product: what the flow compiles to; None if there is a finding at error level.
        diagnostics: every finding, in the order of the text.
    """

    product: Document | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ncco(self) -> list[dict[str, Any]] | None:
        """The NCCO of the product."""
        return None if self.product is None else self.product.ncco


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
    return _bound(source, file, imports, options)


def compile_program(program: Program, syntax: list[Diagnostic], options: CompileOptions) -> Compiled:
    """Compile a bound program.

    A flow with values from the environment is compiled again with stand-ins: a finding that only they cause must not show them.

    Args:
        program: what `bind_parsed` returns for the same options.
        syntax: the findings of `parse_flow`.
    """
    compiled = _compile(program, syntax, options)
    secret = secret_params(program.file, options.params)
    if not secret:
        return compiled
    params = with_stand_ins(program.file, options.params)
    other = _compile(
        _bound(program.source, program.file, program.imports, replace(options, params=params)), syntax, options
    )
    independent = set(other.diagnostics)
    product = compiled.product
    if product is not None:
        product = replace(product, secret=secret, veil=veil_of(product.ncco, other.ncco, secret))
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
    """Return the action of one statement at the top level of a program, for hover; None if the statement has an error.

    Errors elsewhere, or in the order of the statements, do not matter. Arguments are those of `compile_program`.
    """
    statement = next((each for each in program.statements if each.node is command), None)
    if not isinstance(statement, BoundStatement) or not statement.is_action:
        return None
    wrong = _wrong([*syntax, *program.diagnostics, *check_slots(program, [statement])])
    if not _is_sound(statement, wrong):
        return None
    ncco = emit_ncco(program, [statement]).ncco
    return None if any((each.severity or each.rule.severity) == "error" for each in check_actions(ncco)) else ncco[0]


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
    if is_whole:
        found += check_entry(file, source)
    if _has_errors(found):
        found += _despite(program, found)
        if program.scopes.has_steps and all(each.rule is NOT_YET for each in found if each.severity == "error"):
            # Imported here, because no flow that compiles needs it.
            from ncco_lang.program.uses import read_bindings

            found += check_unused(program.scopes, read_bindings(program))
        return _compiled(None, file, source, found, options)
    found += program.idle
    emitted = emit_ncco(program)
    problems = list(check_value(emitted.ncco, options.check.provider))
    found += (_locate(source, emitted, problem) for problem in problems)
    compiled = _compiled(emitted, file, source, found, options)
    if compiled.product is None:
        return compiled
    outside = list(_outside(source, emitted)) if problems and not is_valid(emitted.ncco) else []
    if options.is_written and not outside:
        outside += _refused(source, emitted)
    if not outside:
        return compiled
    return Compiled(None, tuple(levelled([*compiled.diagnostics, *outside], {})))


def _bound(source: Source, file: ast.File, imports: Imports | None, options: CompileOptions) -> Program:
    return bind_file(file, source, options.params, options.base_url, options.having_base_url, imports)


def _wrong(found: Iterable[Diagnostic]) -> list[int]:
    """Return where errors begin, in order."""
    return sorted(each.span.start for each in found if each.severity == "error")


def _despite(program: Program, found: list[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield findings about the statements without errors, so that one run reports all, although there is no NCCO."""
    wrong = _wrong(found)
    statements = (each for each in program.statements if isinstance(each, BoundStatement) and each.is_action)
    emitted = emit_ncco(program, [each for each in statements if _is_sound(each, wrong)])
    for problem in check_actions(emitted.ncco):
        yield _locate(program.source, emitted, problem)


def _is_sound(statement: BoundStatement, wrong: list[int]) -> bool:
    """Return whether a statement, with what defaults add to it, has no error and no missing part."""
    added = [Span(slot.key.start, slot.span.end) for slot in statement.slots if slot.origin is not None]
    for span in (statement.node.span, *added):
        at = bisect_left(wrong, span.start)
        if at < len(wrong) and wrong[at] < max(span.end, span.start + 1):
            return False
    return all(slot.wire is not UNFIT for slot in statement.slots)


def _compiled(
    emitted: Emitted | None,
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
        found = apply_allows(allows, source, found, find_rule, nearest_rule, is_complete=emitted is not None)
    levels: Mapping[str, Level] = options.check.levels
    if emitted is None:
        # A finding that prevents compiling stays an error, or the author would not learn why there is no NCCO.
        found = list(found)
        stopping = {each.rule.name for each in found if each.severity == "error"}
        stopping |= {each.rule.code for each in found if each.severity == "error"}
        levels = {word: level for word, level in levels.items() if word not in stopping}
    kept = levelled(_once(found), levels)
    if emitted is None or _has_errors(kept):
        return Compiled(None, tuple(kept))
    spans = tuple(statement.node.span for statement in emitted.source_map.statements)
    return Compiled(Document(emitted.ncco, spans), tuple(kept))


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
    seen = set()
    for each in found:
        key = (each.rule.code, each.span, each.message)
        if key not in seen:
            seen.add(key)
            yield each


def _locate(source: Source, emitted: Emitted, problem: Problem) -> Diagnostic:
    """Return a problem of the NCCO as a finding in the text, in the words of the language; `raw` has those of JSON."""
    locate, to_fix = emitted.source_map.locate, partial(fix_of_repair, source, emitted.source_map)
    if not _is_raw(emitted, problem.place):
        found = place_problem(problem, source, FLOW, locate, to_fix)
        # In JSON an older form is only advice; in a flow it is an error, because the language never had older forms.
        return replace(found, severity="error") if problem.rule in LEGACY_FORMS else found
    found = place_problem(problem, source, JSON, locate, to_fix)
    if found.severity == "error":
        return replace(found, rule=OUTSIDE_SCHEMA, severity=OUTSIDE_SCHEMA.severity)
    return found


def _outside(source: Source, emitted: Emitted) -> Iterator[Diagnostic]:
    """Yield what the schema rejects although a setting or a comment silenced it. Only `raw` may leave the schema."""
    for broken in violations(emitted.ncco):
        place = Place(broken.path)
        if not _is_raw(emitted, place):
            facts = OutsideSchema(keyword=broken.keyword)
            yield place_problem(
                Problem(facts=facts, place=place, severity="error"), source, FLOW, emitted.source_map.locate
            )


def _refused(source: Source, emitted: Emitted) -> Iterator[Diagnostic]:
    """Yield what `jsonschema` rejects although our checks accept it: one of the two is wrong."""
    # Imported here, because it takes longer than all else, and checking a flow does not need it.
    from ncco_lang.vocabulary.judge import refused

    refusal = refused(emitted.ncco, emitted.raw)
    if refusal is not None:
        facts = RefusedByJudge(keyword=refusal.keyword, value=shown(refusal.value))
        problem = Problem(facts=facts, place=Place(refusal.path), severity="error")
        yield place_problem(problem, source, FLOW, emitted.source_map.locate)


def _is_raw(emitted: Emitted, place: Place) -> bool:
    return bool(place.path) and place.path[0] in emitted.raw


def _has_errors(found: Iterable[Diagnostic]) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in found)
