"""Decompile an NCCO to a flow: the whole pipeline.

    NCCO JSON ─▶ value ─▶ tree ─▶ formatter ─▶ .flow text, compiled again and compared

An action that does not compile back to itself is written with `raw`, so the result always compiles to the same NCCO.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from ncco_lang.compiler import compile_source
from ncco_lang.diagnostics import Diagnostic, Facts, Path, Place, Problem, Severity, place_problem
from ncco_lang.formatter import format_file
from ncco_lang.ncco.decompile import read_actions, to_tree
from ncco_lang.ncco.infer_defaults import find_defaults
from ncco_lang.ncco.literals_from_json import UnwritableError, spell_json
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.json import parse_json, read_value
from ncco_lang.syntax.json_nodes import JsonNode
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.syntax.syntax_rules import NUMBER_TOO_LARGE
from ncco_lang.vocabulary.document_shape import check_shape
from ncco_lang.vocabulary.flow_spelling import FLOW
from ncco_lang.vocabulary.ncco_schema import action_names
from ncco_lang.vocabulary.option_rules import OUTSIDE_SCHEMA
from ncco_lang.vocabulary.raw_options import RAW
from ncco_lang.vocabulary.schema_rules import MissingAction, NotAnAction
from ncco_lang.words import JSON, kind_words

_ERROR: Severity = "error"
_MOST_ROUNDS = 6
_ABOVE = -1
"""The index of what is above all actions, the `default` lines."""


class Unwritable(Facts):
    """A value that no flow can hold; `reason` says why."""

    rule = NUMBER_TOO_LARGE
    message = "no flow can hold this: {reason:s}"
    hint = "change the value, and decompile again"
    reason: str


class Lost(Facts):
    """An NCCO that does not compile back to itself, which is a bug of the decompiler."""

    rule = OUTSIDE_SCHEMA
    message = "this NCCO does not compile back to itself"
    hint = "this is a bug in ncco: please report it with this NCCO"


@dataclass(frozen=True, slots=True)
class Decompiled:
    """The result of decompiling. `text` is None if there is no flow for the input; the findings say why."""

    text: str | None
    diagnostics: list[Diagnostic]


def decompile_source(source: Source) -> Decompiled:
    """Write the text of an NCCO as a flow. Never raises, whatever the text.

    The text compiles back to an equal NCCO and is formatted. The object `{"ncco": […]}` of an SDK counts as its list. What
    the language does not know is kept with `raw`: an option of a statement, or a whole action.
    """
    plain = read_value(source.text)
    root: JsonNode | None = None
    found: list[Diagnostic] = []
    if plain is None:
        root, found = parse_json(source)
        if root is None or any(finding.severity == _ERROR for finding in found):
            return Decompiled(None, found)
        plain = (root.to_value(),)
    base, actions = _unwrapped(plain[0])
    text, problems, refused = _write(actions, source.name)
    if problems and root is None:
        root, _ = parse_json(source)
    problems = [replace(each, place=replace(each.place, path=(*base, *each.place.path))) for each in problems]
    return Decompiled(text, [*found, *_located(problems, root, source), *refused])


def _unwrapped(value: Any) -> tuple[Path, Any]:
    """Return the list of actions in the object `{"ncco": […]}` of an SDK with its path; any other value as it is."""
    if isinstance(value, dict) and value.keys() == {"ncco"} and isinstance(value["ncco"], list):
        return ("ncco",), value["ncco"]
    return (), value


def decompile(ncco: list[Any]) -> str:
    """Write an NCCO that is a Python value (lists, dicts and scalars, as `json.loads` gives them) as a flow.

    Raises:
        ValueError: it is not a list of actions, or no flow can hold a value in it (half a character, a tuple, infinity).
    """
    text, problems, refused = _write(ncco, "<ncco>")
    if text is None:
        raise ValueError(problems[0].message if problems else refused[0].message)
    return text


def count_raw(text: str) -> int:
    """Return how many actions of a decompiled flow are written with `raw`, the verb or the option."""
    if RAW not in text:
        return 0
    file, _ = parse_flow(Source("<flow>", text))
    return sum(isinstance(each, ast.Command) and _has_raw(each) for each in file.declarations)


def _has_raw(command: ast.Command) -> bool:
    entries = () if command.block is None else command.block.entries
    options = (each.name.text for each in (*command.options, *entries) if isinstance(each, ast.Option))
    return command.verb.text == RAW or RAW in options


def _write(value: Any, name: str) -> tuple[str | None, Sequence[Problem], Sequence[Diagnostic]]:
    """Return the text, or the reasons why there is none: problems of the value, or findings of the compiler."""
    problems = list(_obstacles(value))
    if problems:
        return None, problems, ()
    try:
        text, refused = _settle(value, name)
    except UnwritableError as error:
        return None, [Problem(facts=Unwritable(reason=str(error)), place=Place(_culprit(value, ())))], ()
    return text, (), refused


# ── What cannot be written at all ──────────────────────────────────────────────────────────────────────


def _obstacles(value: Any) -> Iterator[Problem]:
    """Yield the reasons why a document is not a list of objects."""
    yield from check_shape(value)
    for index, action in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(action, dict):
            yield Problem(facts=NotAnAction(given=kind_words(action)), place=Place((index,)))
        elif not action:
            yield Problem(facts=MissingAction(known=action_names()[:-1]), place=Place((index,)))


def _culprit(value: Any, path: Path) -> Path:
    """Return the path of the innermost part of a value that cannot be written."""
    entries: Iterable[tuple[str | int, Any]] = ()
    if len(path) <= 100:
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in entries:
        try:
            spell_json(part)
        except UnwritableError:
            return _culprit(part, (*path, step))
    return path


def _located(problems: Sequence[Problem], root: JsonNode | None, source: Source) -> Iterator[Diagnostic]:
    from ncco_lang.syntax.json_spans import locate

    def span_of(place: Place) -> Span:
        return Span(0, len(source.text)) if root is None else locate(root, source.text, place)

    for problem in problems:
        yield place_problem(problem, source, JSON, span_of)


# ── Writing, and proving it ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Way:
    """How an NCCO is written; each failure leads to a plainer way.

    Attributes:
        flat: actions whose texts stay on one line, so that a comment can be put above them.
        raw: actions that are written with `raw`.
        has_defaults: whether there may be `default` lines.
    """

    flat: frozenset[int] = frozenset()
    raw: frozenset[int] = frozenset()
    has_defaults: bool = True

    def plainer(self, wrong: Set[int], length: int) -> _Way:
        """Return the way to try next after some actions did not compile back to themselves."""
        actions = wrong - {_ABOVE} - self.raw
        if not actions and _ABOVE not in wrong:
            return _Way(raw=frozenset(range(length)))
        return _Way(
            flat=self.flat | actions,
            raw=self.raw | (actions & self.flat),
            has_defaults=self.has_defaults and _ABOVE not in wrong,
        )


def _settle(ncco: list[dict[str, Any]], name: str) -> tuple[str | None, Sequence[Diagnostic]]:
    """Return a flow that compiles back, or None and the compiler's findings.

    Raises:
        UnwritableError: a value of the NCCO cannot be written in a flow at all.
    """
    way = _Way()
    for round_ in range(_MOST_ROUNDS):
        text = _shortest(ncco, way)
        wrong, refused = _differences(ncco, Source(name, text))
        if not wrong:
            return text, ()
        if refused:
            text = _with_allows(Source(name, text), refused)
            still, _ = _differences(ncco, Source(name, text))
            if not still:
                return text, ()
            wrong = wrong & still or wrong
        way = way.plainer(wrong if round_ < _MOST_ROUNDS - 2 else set(), len(ncco))
    return None, refused or [_lost(ncco, name)]


def _lost(ncco: list[dict[str, Any]], name: str) -> Diagnostic:
    """Return the finding for an internal error: even with `raw` the NCCO does not compile back."""
    source = Source(name, format_file(to_tree(ncco, [None] * len(ncco))))
    return place_problem(Problem(facts=Lost(), place=Place(()), severity=_ERROR), source, FLOW, lambda _: Span(0, 0))


def _shortest(ncco: list[dict[str, Any]], way: _Way) -> str:
    """Return the text, with `default` lines if they make it shorter."""
    statements = read_actions(ncco, flat=way.flat, raw=way.raw)
    plain = format_file(to_tree(ncco, statements))
    lines, shorter = find_defaults(statements) if way.has_defaults else ([], [])
    if not lines:
        return plain
    text = format_file(to_tree(ncco, shorter, lines))
    return text if len(text) < len(plain) else plain


def _differences(ncco: list[dict[str, Any]], source: Source) -> tuple[set[int], Sequence[Diagnostic]]:
    """Return the indexes of actions that do not compile back to themselves, and the findings that prevent it."""
    compiled = compile_source(source)
    back = compiled.ncco
    if back is not None:
        if len(back) != len(ncco):
            return set(range(len(ncco))), ()
        return {index for index, action in enumerate(ncco) if not is_equal(action, back[index])}, ()
    refused = [finding for finding in compiled.diagnostics if finding.severity == _ERROR]
    if not refused:
        # Suppression comments have silenced a finding that they cannot make valid.
        return set(range(len(ncco))), ()
    starts = _starts(source)
    return {bisect_right(starts, finding.span.start) - 1 for finding in refused}, refused


def _starts(source: Source) -> list[int]:
    """Return where the statements of a text begin."""
    file, _ = parse_flow(source)
    return [declaration.span.start for declaration in file.declarations if isinstance(declaration, ast.Command)]


def _with_allows(source: Source, refused: Sequence[Diagnostic]) -> str:
    """Return the text with a suppression comment above each finding.

    So a call that is wrong as a whole (a prompt that keys may stop, without an input after it) is still written in
    statements, and the comments say what is wrong with it.
    """
    lines = source.text.split("\n")
    rules: dict[int, list[str]] = {}
    for finding in refused:
        at = source.position(finding.span.start).line - 1
        if finding.rule.name not in rules.setdefault(at, []):
            rules[at].append(finding.rule.name)
    for at in sorted(rules, reverse=True):
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip(" "))]
        lines.insert(at, f"{indent}// ncco: allow {', '.join(sorted(rules[at]))}")
    return "\n".join(lines)


def is_equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal: numbers by value, lists in order, objects in any order."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and bool(one == other)
