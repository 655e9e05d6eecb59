"""Check the text of an NCCO: the whole pipeline of the checker.

    JSON text ─▶ value ─▶ shape ─▶ schema ─▶ values, voices, wording, sequence, provider ─▶ findings with places

`check_value` needs no text: `compiler.py` runs it on the NCCO of a flow, and a server may run it on its answer. Nothing
here reads a file or prints; the commands do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeAlias

from ncco_lang.checks.action_list import Document, build_document
from ncco_lang.checks.action_order import check_sequence
from ncco_lang.checks.action_values import check_values
from ncco_lang.checks.leftovers import check_leftovers
from ncco_lang.checks.provider import check_provider
from ncco_lang.checks.recordings import check_recordings
from ncco_lang.checks.scripts import check_scripts
from ncco_lang.checks.voices import check_voices
from ncco_lang.checks.wording import check_wording
from ncco_lang.diagnostics import Diagnostic, Problem, Severity, place_problem
from ncco_lang.fixes import Fixed, apply_fixes
from ncco_lang.source import Source
from ncco_lang.syntax.json import parse_json, read_value
from ncco_lang.syntax.json_nodes import JsonNode
from ncco_lang.vocabulary.document_shape import check_shape, find_actions
from ncco_lang.vocabulary.schema_findings import check_schema
from ncco_lang.words import JSON

DOCUMENT_CHECKS: tuple[Callable[[Document], Iterable[Problem]], ...] = (
    check_values,
    check_voices,
    check_wording,
    check_leftovers,
    check_scripts,
    check_sequence,
    check_recordings,
)
"""The rules on the actions of one NCCO, in running order; the provider's rules run last."""

ACTION_CHECKS = (check_values, check_voices, check_wording, check_leftovers, check_scripts)
"""The rules that look at one action at a time."""


Level: TypeAlias = Severity | Literal["off"]


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The user's options.

    Attributes:
        provider: `vonage` or `kpn`: report what it does not support; None for neither.
        levels: rule name or code → its severity, or `off`.
    """

    provider: str | None = None
    levels: Mapping[str, Level] = field(default_factory=dict)


DEFAULTS = CheckOptions()


def check_value(value: Any, provider: str | None = None) -> Iterator[Problem]:
    """Yield every finding about a JSON value that should be an NCCO."""
    yield from check_shape(value)
    yield from check_schema(value)
    found = find_actions(value)
    if found is None:
        return
    base, actions = found
    document = build_document(actions, None if isinstance(value, dict) and not base else base)
    for check in DOCUMENT_CHECKS:
        yield from check(document)
    if provider is not None:
        yield from check_provider(document, provider)


def check_actions(actions: list[Any]) -> Iterator[Problem]:
    """Yield the findings about single actions, whose NCCO may be incomplete. The actions must be valid."""
    document = build_document(actions, ())
    for check in ACTION_CHECKS:
        yield from check(document)


def validate(text: str, *, name: str = "<text>", options: CheckOptions = DEFAULTS) -> list[Diagnostic]:
    """Check the text of an NCCO.

    Args:
        text: JSON as the author wrote it, valid or not.
        name: its name in messages.
        options: provider and severities.

    Returns:
        every finding, in the order of the text; empty if there are none.
    """
    return check_ncco(Source(name, text), options)


def validate_value(value: Any, *, provider: str | None = None) -> list[Problem]:
    """Check an NCCO that is a Python value (lists, dicts and scalars, as `json.loads` gives them).

    Returns:
        every finding, with its path in the value instead of a span of a text.
    """
    return list(check_value(value, provider))


def fix(text: str, *, unsafe: bool = False, name: str = "<text>", options: CheckOptions = DEFAULTS) -> Fixed:
    """Fix the text of an NCCO; only the spans of the fixes change.

    Args:
        text: JSON as the author wrote it.
        unsafe: also apply fixes that change how the call behaves.
        name: its name in messages.
        options: provider and severities.
    """
    return apply_fixes(Source(name, text), lambda source: check_ncco(source, options), unsafe=unsafe)


def check_ncco(source: Source, options: CheckOptions = DEFAULTS) -> list[Diagnostic]:
    """Return every finding about a JSON text that should be an NCCO, in the order of the text."""
    plain = read_value(source.text)
    root: JsonNode | None = None
    found: list[Diagnostic] = []
    if plain is None:
        root, found = parse_json(source)
        if root is None:
            return levelled(found, options.levels)
        plain = (root.to_value(),)
    problems = list(check_value(plain[0], options.provider))
    if problems:
        if root is None:
            root, _ = parse_json(source)
        found += [] if root is None else _placed(problems, root, source)
    return levelled(found, options.levels)


def _placed(problems: list[Problem], root: JsonNode, source: Source) -> Iterator[Diagnostic]:
    """Yield problems of the value as findings in the text, except in a broken value, which has a finding already."""
    from ncco_lang.syntax.json_spans import locate, to_fix, touches_broken

    text = source.text
    for problem in problems:
        if not touches_broken(root, problem.place.path):
            yield place_problem(problem, source, JSON, partial(locate, root, text), partial(to_fix, root, text))


def levelled(found: Iterable[Diagnostic], levels: Mapping[str, Level]) -> list[Diagnostic]:
    """Return findings in the order of the text, with the user's severities, without those switched off."""
    from dataclasses import replace

    kept = []
    for finding in found:
        level = levels.get(finding.rule.name, levels.get(finding.rule.code, finding.severity))
        if level == finding.severity:
            kept.append(finding)
        elif level != "off":
            kept.append(replace(finding, severity=level))
    return sorted(kept, key=lambda finding: (finding.span, finding.rule.code))
