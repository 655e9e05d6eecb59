"""The findings of a check, in two forms.

A check works on plain values (an NCCO, a tree) and yields a `Problem`, which says *where in the value*. Code that has
the text turns it into a `Diagnostic`, which says *where in the text*. So a check runs at full speed on values without a
text (a document made at run time), and positions are looked up only for findings. What is wrong is data, too: `Facts`,
which become words when it is known whether their reader sees JSON or a flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias, dataclass_transform

from ncco_lang.source import Source, Span
from ncco_lang.words import JSON, Spelling, Words, as_data, fill

Severity: TypeAlias = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the root of a JSON value: `(0, "eventUrl")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of finding, as `ncco explain` and the docs page show it.

    Attributes:
        code: stable, never reused for another rule: `F301`.
        name: reads well after "allow": `unknown-action`.
        severity: the severity unless settings change it.
        why: what a caller would notice, in plain words.
        bad: an example that gets this finding.
        good: the same example without it.
        language: the language of the examples.
    """

    code: str
    name: str
    severity: Severity
    why: str
    bad: str
    good: str
    language: Literal["json", "flow", "toml"] = "json"


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Facts:
    """The facts of one finding; each rule has a subclass, or one for each shape of the rule.

    A subclass annotates its facts, which are hashable: texts, numbers, `Wire` names and tuples of them; a name with an
    underscore before it is for the words only. It says the facts in templates (`ncco_lang/words.py`), or overrides `words`.
    Facts are not dataclasses, because there are many, and making a dataclass takes a hundred times as long.

    Attributes:
        rule: the rule; `flow_rule` instead, if it is a value as an author wrote it in a flow.
        message: what is wrong, in at most twelve words.
        hint: what to write.
        labels: a label for each further place; the last one is also that of all places after it.
    """

    rule: ClassVar[Rule]
    flow_rule: ClassVar[Rule | None] = None
    message: ClassVar[str]
    hint: ClassVar[str | None] = None
    labels: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **facts: Any) -> None:
        self.__dict__.update(facts)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} cannot be set: facts are frozen")

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield the facts with their names, in the order of the class."""
        given = self.__dict__
        for name, default in _fields(type(self)).items():
            yield name, given.get(name, default)

    def as_data(self) -> dict[str, Any]:
        """Return the facts for a program, as JSON holds them: `type` is the name of the class, then come the facts."""
        return {"type": type(self).__name__} | {name: as_data(value) for name, value in self.items() if name[0] != "_"}

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words. A fact `near`, the word that may be meant, is a better hint than that of the class."""
        near = self.__dict__.get("near")
        return self.say(spelling, self.message, "did you mean {near}?" if isinstance(near, str) else self.hint)

    def say(self, spelling: Spelling, message: str, hint: str | None = None, **more: Any) -> Words:
        """Return templates filled in with the facts, and with more values that only these words need."""
        facts = {**_fields(type(self)), **self.__dict__, **more}
        labels = tuple(fill(label, facts, spelling) for label in self.labels)
        return Words(fill(message, facts, spelling), None if hint is None else fill(hint, facts, spelling), labels)

    def rule_in(self, spelling: Spelling) -> Rule:
        """Return the rule of a value that is written in that spelling."""
        return (self.flow_rule if spelling.is_flow else None) or self.rule

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and list(self.items()) == list(other.items())

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.items())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.items())})"


_FIELDS: dict[type, dict[str, Any]] = {}


def _fields(kind: type[Facts]) -> dict[str, Any]:
    """Return the names of the facts of a class with their defaults: what it and its bases annotate, class variables not."""
    found = _FIELDS.get(kind)
    if found is None:
        notes = [vars(base).get("__annotations__", {}) for base in reversed(kind.__mro__)]
        names = [name for each in notes for name, note in each.items() if not note.startswith("ClassVar")]
        found = _FIELDS[kind] = {name: getattr(kind, name, None) for name in names}
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a JSON value: the value at `path`, its key, or a range of its text.

    `start` and `end` count code points of the decoded text and are used with `part="inside"` only.
    """

    path: Path
    part: Literal["value", "key", "inside"] = "value"
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """In the new value of a change: the current text at `path`, byte for byte."""

    path: Path


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace the value at `path`."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class ReplaceInside:
    """Replace characters of the text at `path` (decoded offsets)."""

    path: Path
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Rename the key of the entry at `path`."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the entry at `path`."""

    path: Path


@dataclass(frozen=True, slots=True)
class ReplaceEntry:
    """Replace the entry at `path`, including its key, by other entries."""

    path: Path
    entries: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Insert:
    """Append entries to the object at `path`."""

    path: Path
    entries: tuple[tuple[str, Any], ...]


Change: TypeAlias = Replace | ReplaceInside | ReplaceEntry | Rename | Remove | Insert


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes of a value that fix a problem.

    Attributes:
        title: a template over the facts of the problem; None if its hint says what the changes do.
        unsafe: the call would behave differently.
    """

    changes: tuple[Change, ...]
    title: str | None = None
    unsafe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A finding about a value. A `severity` of None means the rule's; `also` are further places."""

    facts: Facts
    place: Place
    severity: Severity | None = None
    also: tuple[Place, ...] = ()
    repair: Repair | None = None

    @property
    def rule(self) -> Rule:
        """The rule of its facts."""
        return self.facts.rule

    @property
    def message(self) -> str:
        """What is wrong, in the spelling of JSON."""
        return self.facts.words(JSON).message

    @property
    def hint(self) -> str | None:
        """What to write, in the spelling of JSON."""
        return self.facts.words(JSON).hint


@dataclass(frozen=True, slots=True)
class Label:
    """A second span of a finding, with a label. A `source` of None means the finding's own text."""

    span: Span
    text: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `text[span.start:span.end]` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that fix a finding, in order and without overlap."""

    title: str
    edits: tuple[Edit, ...]
    unsafe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A finding about a text: what, where, why, and what to do. `message`, `hint` and the labels say the facts."""

    rule: Rule
    severity: Severity
    source: Source
    span: Span
    message: str
    hint: str | None = None
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None
    facts: Facts


def place_problem(
    problem: Problem,
    source: Source,
    spelling: Spelling,
    locate: Callable[[Place], Span],
    to_fix: Callable[[Repair, str], Fix | None] | None = None,
) -> Diagnostic:
    """Return a problem of a value as a finding in the text of the value.

    Args:
        spelling: that of the text.
        locate: returns the span of a place of the value.
        to_fix: returns the fix of the text for a repair and its title; None if the text cannot be fixed.
    """
    facts, repair, rule, fix = problem.facts, problem.repair, problem.rule, None
    words = facts.words(spelling)
    if repair is not None and to_fix is not None:
        title = words.hint if repair.title is None else fill(repair.title, dict(facts.items()), spelling)
        fix = to_fix(repair, title or "")
    return Diagnostic(
        rule=rule,
        severity=problem.severity or rule.severity,
        source=source,
        span=locate(problem.place),
        message=words.message,
        hint=words.hint,
        labels=_labels([(locate(place), None) for place in problem.also], words.labels),
        fix=fix,
        facts=facts,
    )


def place_facts(
    facts: Facts,
    source: Source,
    span: Span,
    spelling: Spelling,
    *,
    also: Sequence[Span | tuple[Span, Source]] = (),
    fix: Fix | None = None,
) -> Diagnostic:
    """Return the finding of facts about a text, with the severity of their rule.

    Args:
        spelling: that of the text.
        also: the further spans, in this text or in another one; each gets a label of the facts.
    """
    rule, (message, hint, labels) = facts.rule_in(spelling), facts.words(spelling)
    return Diagnostic(
        rule=rule,
        severity=rule.severity,
        source=source,
        span=span,
        message=message,
        hint=hint,
        labels=_labels([(each, None) if isinstance(each, Span) else each for each in also], labels),
        fix=fix,
        facts=facts,
    )


def _labels(places: Iterable[tuple[Span, Source | None]], words: tuple[str, ...]) -> tuple[Label, ...]:
    """Return a label for each place; the last words are also those of all places after it."""
    return tuple(Label(at, words[min(index, len(words) - 1)], text) for index, (at, text) in enumerate(places))


def apply_edits(text: str, edits: list[Edit]) -> str:
    """Return the text with edits applied; they must be sorted and must not overlap."""
    pieces: list[str] = []
    done = 0
    for edit in edits:
        pieces += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*pieces, text[done:]))
