"""Problems of an NCCO → findings in the flow that it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ncco_lang.diagnostics import Diagnostic, Place, Problem, place_problem
from ncco_lang.ncco.emit import Emitted
from ncco_lang.ncco.fix_mapping import to_fix as fix_of_repair
from ncco_lang.source import Source
from ncco_lang.vocabulary.flow_spelling import FLOW
from ncco_lang.vocabulary.legacy_rules import RULES as LEGACY_FORMS
from ncco_lang.vocabulary.ncco_schema import violations
from ncco_lang.vocabulary.option_rules import OUTSIDE_SCHEMA, OutsideSchema, RefusedByJudge
from ncco_lang.vocabulary.raw_options import is_added
from ncco_lang.words import JSON, shown


def locate_problem(source: Source, emitted: Emitted, problem: Problem) -> Diagnostic:
    """Return a problem of the NCCO as a finding in the text, in the words of the language; `raw` has those of JSON."""
    locate, to_fix = emitted.source_map.locate, partial(fix_of_repair, source, emitted.source_map)
    if not is_raw(emitted, problem.place):
        found = place_problem(problem, source, FLOW, locate, to_fix)
        # In JSON an older form is only advice; in a flow it is an error, because the language never had older forms.
        return replace(found, severity="error") if problem.rule in LEGACY_FORMS else found
    found = place_problem(problem, source, JSON, locate, to_fix)
    if found.severity == "error":
        return replace(found, rule=OUTSIDE_SCHEMA, severity=OUTSIDE_SCHEMA.severity)
    return found


def outside_schema(source: Source, emitted: Emitted) -> Iterator[Diagnostic]:
    """Yield what the schema rejects although a setting or a comment silenced it. Only `raw` may leave the schema."""
    for broken in violations(emitted.plain):
        place = Place(broken.path)
        if not is_raw(emitted, place):
            facts = OutsideSchema(keyword=broken.keyword)
            yield place_problem(
                Problem(facts=facts, place=place, severity="error"), source, FLOW, emitted.source_map.locate
            )


def refused_by_judge(source: Source, emitted: Emitted) -> Iterator[Diagnostic]:
    """Yield what `jsonschema` rejects although our checks accept it: one of the two is wrong."""
    # Imported here, because it takes longer than all else, and checking a flow does not need it.
    from ncco_lang.vocabulary.judge import refused

    refusal = refused(emitted.plain, {int(path[0]) for path in emitted.raw if len(path) == 1})
    if refusal is not None:
        facts = RefusedByJudge(keyword=refusal.keyword, value=shown(refusal.value))
        problem = Problem(facts=facts, place=Place(refusal.path), severity="error")
        yield place_problem(problem, source, FLOW, emitted.source_map.locate)


def is_raw(emitted: Emitted, place: Place) -> bool:
    """Return whether a place is in what `raw` wrote."""
    return is_added(emitted.raw, place.path)
