"""Find the `default` lines that shorten statements: options with the same value in many of them.

A default reaches every statement of its verb that does not set the option itself. So it can only have an option that
all of them set; statements with another value keep theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ncco_lang.ncco.literals_from_json import written
from ncco_lang.syntax import ast
from ncco_lang.values.language_tags import is_tag
from ncco_lang.vocabulary.kinds import VOICE_LANGUAGE
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class SpelledOption:
    """An option with its value as spelled."""

    option: OptionSpec
    value: ast.Value

    @property
    def is_flag(self) -> bool:
        """Whether the name alone writes it on a line."""
        return isinstance(self.value, ast.Constant) and self.value.value is True

    @property
    def on_line(self) -> str:
        """Its form on the statement's line."""
        return self.option.name if self.is_flag else f"{self.option.name}: {written(self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """A block inside a statement's block."""

    name: str
    parts: tuple[SpelledOption | Nested, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpelledAction:
    """An action as the language writes it."""

    form: Form
    operand: ast.Value | None
    parts: tuple[SpelledOption | Nested, ...]

    def given(self, name: str) -> SpelledOption | None:
        """Return the option of that name, if it is set and not a block."""
        return next((part for part in self.parts if isinstance(part, SpelledOption) and part.option.name == name), None)

    def without(self, names: Iterable[str]) -> SpelledAction:
        """Return the statement without some of its options."""
        gone = set(names)
        parts = tuple(part for part in self.parts if isinstance(part, Nested) or part.option.name not in gone)
        return replace(self, parts=parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultLine:
    """A line `default verb words tag options`.

    Attributes:
        saved: the number of characters that it saves in the file.
        taken: the options that it replaces: the statement's index and the option's name.
    """

    verb: str
    words: tuple[str, ...]
    tag: str | None
    parts: tuple[SpelledOption, ...]
    saved: int
    taken: tuple[tuple[int, str], ...]


_Numbered: TypeAlias = Sequence[tuple[int, SpelledAction]]


def find_defaults(statements: Sequence[SpelledAction | None]) -> tuple[list[DefaultLine], list[SpelledAction | None]]:
    """Return the `default` lines that make a file shorter, and the statements without the options that these replace.

    Args:
        statements: all statements of a file; None for one that takes no default.
    """
    by_verb: dict[str, list[tuple[int, SpelledAction]]] = {}
    for index, statement in enumerate(statements):
        if statement is not None:
            by_verb.setdefault(statement.form.action.name, []).append((index, statement))
    lines: list[DefaultLine] = []
    for numbered in by_verb.values():
        if len(numbered) > 1:
            ways = [_by_verb(numbered), _by_words(numbered), _by_language(numbered, together=True)]
            ways.append(_by_language(numbered, together=False))
            lines += max(ways, key=lambda way: sum(line.saved for line in way))
    taken: dict[int, list[str]] = {}
    for line in lines:
        for index, name in line.taken:
            taken.setdefault(index, []).append(name)
    return lines, [
        statement.without(taken[index]) if statement is not None and index in taken else statement
        for index, statement in enumerate(statements)
    ]


# ── The ways to write them ─────────────────────────────────────────────────────────────────────────────


def _by_verb(numbered: _Numbered, skip: Iterable[str] = ()) -> list[DefaultLine]:
    """Return one line for all statements of the verb, and one per form for the options not in it."""
    whole = _line(numbered, skip=skip)
    done = {part.option.name for line in whole for part in line.parts}
    return whole + _by_words(numbered, skip={*skip, *done})


def _by_words(numbered: _Numbered, skip: Iterable[str] = ()) -> list[DefaultLine]:
    """Return a line for the statements of each form."""
    groups: dict[tuple[str, ...], list[tuple[int, SpelledAction]]] = {}
    for index, statement in numbered:
        groups.setdefault(statement.form.words, []).append((index, statement))
    return [line for words, group in groups.items() if words for line in _line(group, words=words, skip=skip)]


def _by_language(numbered: _Numbered, *, together: bool) -> list[DefaultLine]:
    """Return a line for each language, the most frequent first, because it applies to statements without a language.

    Args:
        together: put the options that all languages share into one line.
    """
    name = next((name for name, s in numbered[0][1].form.settings.items() if s.option.kind == VOICE_LANGUAGE), None)
    if name is None:
        return []
    groups: dict[str, list[tuple[int, SpelledAction]]] = {}
    for index, statement in numbered:
        given = statement.given(name)
        if given is None:
            return []
        groups.setdefault(written(given.value), []).append((index, statement))
    first = max(groups, key=lambda tag: len(groups[tag]))
    if not is_tag(first):
        return []
    shared = _line(numbered, skip={name}) if together else []
    done = {name} | {part.option.name for line in shared for part in line.parts}
    lines = _line(groups[first], tag=first, language=name, skip=done)
    for tag, group in groups.items():
        if tag != first and is_tag(tag):
            lines += _line(group, tag=tag, skip=done)
    return lines + shared if lines else []


def _line(
    numbered: _Numbered,
    *,
    words: tuple[str, ...] = (),
    tag: str | None = None,
    language: str | None = None,
    skip: Iterable[str] = (),
) -> list[DefaultLine]:
    """Return the line for some statements as a list; an empty list if the line would not save anything.

    Args:
        language: the name of the option that the tag itself sets, in the first line of all.
        skip: options that already have a line.
    """
    verb = numbered[0][1].form.action.name
    head = " ".join(("default", verb, *words, *(() if tag is None else (tag,))))
    saved, taken = -len(head) - 1, []
    if language is not None:
        for index, statement in numbered:
            given = statement.given(language)
            assert given is not None
            saved += len(given.on_line) + 1
            taken.append((index, language))
    parts = []
    for part in _most_frequent(numbered, set(skip)):
        takers = [index for index, statement in numbered if _has(statement, part)]
        parts.append(part)
        saved += (len(takers) - 1) * (len(part.on_line) + 1)
        taken += [(index, part.option.name) for index in takers]
    if saved <= 0:
        return []
    return [DefaultLine(verb=verb, words=words, tag=tag, parts=tuple(parts), saved=saved, taken=tuple(taken))]


def _most_frequent(numbered: _Numbered, skip: set[str]) -> list[SpelledOption]:
    """Return the most frequent value of each option that every statement of its form sets, if it occurs more than once."""
    found: dict[str, Counter[str]] = {}
    values: dict[tuple[str, str], SpelledOption] = {}
    for _, statement in numbered:
        for part in statement.parts:
            if isinstance(part, SpelledOption) and part.option.name not in skip and _may_be_default(part):
                key = (part.option.name, written(part.value))
                found.setdefault(key[0], Counter())[key[1]] += 1
                values.setdefault(key, part)
    best = []
    for name, counts in found.items():
        value, count = counts.most_common(1)[0]
        if count > 1 and not any(_lacks(statement, name) for _, statement in numbered):
            best.append(values[name, value])
    return best


def _may_be_default(part: SpelledOption) -> bool:
    """Return whether a default may have an option: not data or a long text; a tag has its own line."""
    if part.option.data or (part.option.kind == VOICE_LANGUAGE and isinstance(part.value, ast.Tag)):
        return False
    return not (isinstance(part.value, ast.Text) and part.value.is_long)


def _lacks(statement: SpelledAction, name: str) -> bool:
    """Return whether a default would add an option to a statement that does not have it."""
    setting = statement.form.settings.get(name)
    if setting is None:
        return False
    return statement.operand is None if setting is statement.form.operand else statement.given(name) is None


def _has(statement: SpelledAction, part: SpelledOption) -> bool:
    given = statement.given(part.option.name)
    return given is not None and written(given.value) == written(part.value)
