"""The whole pipeline on one page.

    .flow text ─▶ syntax ─▶ check ─▶ ncco ─▶ NCCO, checked as a value and judged by jsonschema

Every stage is a plain function; what one of them finds is located in the text here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ncco_lang.check.options import check_entry, check_statements
from ncco_lang.checker import check_value
from ncco_lang.diagnostics import Diagnostic, Label, Place, Problem, Rule
from ncco_lang.ncco.emit import Emitted, emit_ncco
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.judge import judge
from ncco_lang.vocabulary.tables import in_flow_words

OUTSIDE_SCHEMA = Rule(
    code="F349",
    name="outside-schema",
    severity="warning",
    why="raw keeps an action as it is written, and this one is no valid NCCO as far as we know: the platform "
    "may refuse the whole call. From any other statement it would be a mistake of ncco's own, and an error.",
    bad='raw { "action": "dance" }',
    good='raw { "action": "talk", "text": "Hello" }',
    language="flow",
)
RULES = (OUTSIDE_SCHEMA,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What became of a flow. `ncco` is None when a finding at error level stands in its way."""

    ncco: list[dict[str, Any]] | None
    diagnostics: tuple[Diagnostic, ...]


def compile_text(source: Source) -> Compiled:
    """Compile a `.flow` text to one NCCO. Never raises on what a user wrote."""
    file, found = parse_flow(source)
    is_whole = not found
    found = [*found, *check_statements(file, source)]
    if is_whole:
        found += check_entry(file, source)
    if _has_errors(found):
        return Compiled(ncco=None, diagnostics=_in_order(found))
    emitted = emit_ncco(file)
    found += (_locate(source, emitted, problem) for problem in check_value(emitted.ncco))
    if not _has_errors(found):
        found += _judge(source, emitted)
    return Compiled(ncco=None if _has_errors(found) else emitted.ncco, diagnostics=_in_order(found))


def _locate(source: Source, emitted: Emitted, problem: Problem) -> Diagnostic:
    """A finding about the NCCO as one about the text, in the text's words."""
    locate = emitted.origins.locate
    rule, severity = problem.rule, problem.severity or problem.rule.severity
    message, hint = problem.message, problem.hint
    if not _is_raw(emitted, problem.place):
        message, hint = in_flow_words(message), None if hint is None else in_flow_words(hint)
    elif severity == "error":
        rule, severity = OUTSIDE_SCHEMA, OUTSIDE_SCHEMA.severity
    return Diagnostic(
        rule=rule,
        severity=severity,
        source=source,
        span=locate(problem.place),
        message=message,
        hint=hint,
        labels=tuple(Label(locate(place), text) for place, text in problem.also),
    )


def _judge(source: Source, emitted: Emitted) -> Iterator[Diagnostic]:
    """The safety net: what none of our own rules saw. Anything `raw` wrote may leave the schema."""
    for path, message in judge(emitted.ncco):
        place = Place(path)
        if not _is_raw(emitted, place):
            yield Diagnostic(
                rule=OUTSIDE_SCHEMA,
                severity="error",
                source=source,
                span=emitted.origins.locate(place),
                message=f"this does not pass the NCCO schema: {in_flow_words(message)}",
            )


def _is_raw(emitted: Emitted, place: Place) -> bool:
    return bool(place.path) and place.path[0] in emitted.raw


def _has_errors(found: list[Diagnostic]) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in found)


def _in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(found, key=lambda diagnostic: (diagnostic.span, diagnostic.rule.code)))
