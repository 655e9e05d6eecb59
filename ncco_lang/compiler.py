"""The whole pipeline on one page.

    .flow text ─▶ syntax ─▶ check ─▶ ncco ─▶ NCCO, checked as a value and judged by jsonschema

Every stage is a plain function; what one of them finds is located in the text here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ncco_lang.check.option_rules import OUTSIDE_SCHEMA
from ncco_lang.check.options import check_entry, check_statements
from ncco_lang.checker import DEFAULTS, CheckOptions, check_value, levelled
from ncco_lang.diagnostics import Diagnostic, Label, Place, Problem
from ncco_lang.ncco.emit import Emitted, emit_ncco
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.judge import judge
from ncco_lang.vocabulary.older_rules import RULES as OLDER_FORMS
from ncco_lang.vocabulary.tables import in_flow_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What became of a flow. `ncco` is None when a finding at error level stands in its way."""

    ncco: list[dict[str, Any]] | None
    diagnostics: tuple[Diagnostic, ...]


def compile_text(source: Source, options: CheckOptions = DEFAULTS) -> Compiled:
    """Compile a `.flow` text to one NCCO. Never raises on what a user wrote.

    Args:
        source: the text with its name.
        options: provider and severities. What the schema refuses is never emitted, whatever they say.
    """
    file, found = parse_flow(source)
    is_whole = not found
    found = [*found, *check_statements(file, source)]
    if is_whole:
        found += check_entry(file, source)
    if _has_errors(found):
        return Compiled(ncco=None, diagnostics=tuple(levelled(found, options.levels)))
    emitted = emit_ncco(file)
    found += (_locate(source, emitted, problem) for problem in check_value(emitted.ncco, options.provider))
    found = levelled(found, options.levels)
    if not _has_errors(found):
        found += _judge(source, emitted)
    return Compiled(ncco=None if _has_errors(found) else emitted.ncco, diagnostics=tuple(levelled(found, {})))


def _locate(source: Source, emitted: Emitted, problem: Problem) -> Diagnostic:
    """A finding about the NCCO as one about the text, in the text's words."""
    locate = emitted.origins.locate
    rule, severity = problem.rule, problem.severity or problem.rule.severity
    message, hint = problem.message, problem.hint
    if not _is_raw(emitted, problem.place):
        message, hint = in_flow_words(message), None if hint is None else in_flow_words(hint)
        if rule in OLDER_FORMS:
            # JSON in an older form is only frowned upon; a flow has no past to be lenient about.
            severity = "error"
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
