"""What a check finds, in two forms.

A check works on plain values (an NCCO, a tree) and yields a `Problem`, which says *where in the value*. Whoever holds
the text turns it into a `Diagnostic`, which says *where in the text*. So a check runs at full speed on values that
have no text (a document made at run time), and places are looked up only when there is something to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ncco_lang.source import Source, Span

Severity: TypeAlias = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the root of a JSON value: `(0, "eventUrl")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of finding, as `ncco explain` and the docs page show it.

    Attributes:
        code: stable, never used again for something else: `F301`.
        name: reads well after "allow": `unknown-action`.
        severity: what it has when nobody says otherwise.
        why: plain words, what a caller would notice.
        bad: an example that gets this finding.
        good: the same example without it.
        language: what the examples are written in.
    """

    code: str
    name: str
    severity: Severity
    why: str
    bad: str
    good: str
    language: Literal["json", "flow", "toml"] = "json"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a JSON value: the value at `path`, its key, or characters of its text.

    `start` and `end` count code points of the decoded text and are used with `part="inside"` only.
    """

    path: Path
    part: Literal["value", "key", "inside"] = "value"
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """In the new value of a change: the text that stands at `path` now, byte for byte."""

    path: Path


@dataclass(frozen=True, slots=True)
class Replace:
    """Put another value in the place of the one at `path`."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class ReplaceInside:
    """Put another text in the place of some characters of the text at `path` (decoded offsets)."""

    path: Path
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Give the entry at `path` another key."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the entry at `path` out."""

    path: Path


@dataclass(frozen=True, slots=True)
class ReplaceEntry:
    """Put other entries in the place of the entry at `path`, key and all."""

    path: Path
    entries: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Insert:
    """Add entries to the object at `path`, behind its last one."""

    path: Path
    entries: tuple[tuple[str, Any], ...]


Change: TypeAlias = Replace | ReplaceInside | ReplaceEntry | Rename | Remove | Insert


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes of a value that mend a problem; `unsafe` when the call would behave in another way."""

    title: str
    changes: tuple[Change, ...]
    unsafe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A finding about a value. `severity` is the rule's where it is None; `also` are further places with a word each."""

    rule: Rule
    place: Place
    message: str
    severity: Severity | None = None
    hint: str | None = None
    also: tuple[tuple[Place, str], ...] = ()
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A second span of a finding, with a word about it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `text[span.start:span.end]` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend a finding, in order and without overlap."""

    title: str
    edits: tuple[Edit, ...]
    unsafe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A finding about a text: what, where, why, and what to do."""

    rule: Rule
    severity: Severity
    source: Source
    span: Span
    message: str
    hint: str | None = None
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None


def apply_edits(text: str, edits: list[Edit]) -> str:
    """The text with edits made; they must be sorted and must not overlap."""
    pieces: list[str] = []
    done = 0
    for edit in edits:
        pieces += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*pieces, text[done:]))
