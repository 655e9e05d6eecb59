"""Read the tokens of a statement, half-typed or whole: its verb, words, operands and options, and what it can take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ncco_lang.editor.cursor_context import WORDS, CursorLine, Part
from ncco_lang.syntax.brackets import CLOSING, CLOSING_KINDS
from ncco_lang.syntax.reserved import OPERATOR_WORDS
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import (
    Form,
    OptionSlot,
    StatementSpec,
    actions,
    bind_operands,
    every_setting,
    forms,
)

OPERATORS = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "CMP"})


@dataclass(frozen=True, slots=True)
class GivenOption:
    """An option's name, a colon and the value after it; `value` is empty if nothing is written yet."""

    name: Part
    value: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PartialStatement:
    """A line, read from its tokens only.

    Attributes:
        verb: None if it is not written yet.
        is_default: the verb follows `default`.
        operands: the parts of each value that is not an option; a bare word is one part.
        options: the options with a colon.
    """

    verb: Part | None
    is_default: bool
    operands: tuple[tuple[Part, ...], ...]
    options: tuple[GivenOption, ...]

    @property
    def action(self) -> StatementSpec | None:
        """The action of the verb; None for a word that is not an NCCO verb."""
        return None if self.verb is None else actions().get(self.verb.text)


def read_statement(parts: Sequence[Part]) -> PartialStatement:
    """Return the statement that the parts of a line form."""
    is_default = bool(parts) and parts[0].text == "default"
    first = 1 if is_default else 0
    verb = parts[first] if len(parts) > first and parts[first].kind in WORDS else None
    operands: list[tuple[Part, ...]] = []
    options: list[GivenOption] = []
    at = first + 1
    while at < len(parts):
        part = parts[at]
        if part.kind in WORDS and at + 1 < len(parts) and parts[at + 1].kind == "_COLON":
            end = value_end(parts, at + 2)
            options.append(GivenOption(part, tuple(parts[at + 2 : end])))
        elif part.kind == "_COLON":
            # The name before the colon is the word at the position, or is missing.
            end = max(value_end(parts, at + 1), at + 1)
        else:
            end = max(value_end(parts, at, is_operand=True), at + 1)
            operands.append(tuple(parts[at:end]))
        at = end
    return PartialStatement(verb, is_default, tuple(operands), tuple(options))


def value_end(parts: Sequence[Part], at: int, *, is_operand: bool = False) -> int:
    """Return the index after the value that begins at `at`. An option's name with its colon does not begin a value."""
    while at < len(parts):
        part = parts[at]
        if part.kind == "MINUS" or part.text == "not":
            at += 1
            continue
        if part.kind in WORDS and at + 1 < len(parts) and parts[at + 1].kind == "_COLON" and not part.depth:
            return at
        at = _atom_end(parts, at)
        if is_operand or at >= len(parts) or not _is_operator(parts[at]):
            return at
        at += 1
    return at


def _is_operator(part: Part) -> bool:
    return part.kind in OPERATORS or part.text in OPERATOR_WORDS


def _atom_end(parts: Sequence[Part], at: int) -> int:
    """Return the index after a literal, a bracket and its content, or a name with its fields, items and arguments."""
    depth = parts[at].depth
    is_name = parts[at].kind in WORDS
    at = _bracket_end(parts, at) if parts[at].kind in CLOSING else at + 1
    while is_name and at < len(parts) and parts[at].depth == depth:
        if parts[at].kind == "DOT":
            at += 1
            if at < len(parts) and parts[at].kind in WORDS:
                at += 1
        elif parts[at].kind in ("LSQB", "LPAR") and parts[at].start == parts[at - 1].end:
            at = _bracket_end(parts, at)
        else:
            break
    return at


def _bracket_end(parts: Sequence[Part], at: int) -> int:
    depth = parts[at].depth
    at += 1
    while at < len(parts) and not (parts[at].depth == depth and parts[at].kind in CLOSING_KINDS):
        at += 1
    return min(at + 1, len(parts))


# ── What a line can take ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AcceptedParts:
    """The options and operands that a line can take.

    Attributes:
        action: the action of the top-level statement.
        form: the form that its words choose; None for a default, in an option's block, and if words are missing.
        settings: the options by name.
        owner: the option whose block contains the line; None outside such a block.
        is_block: the line is an entry of a block, where every option has its colon.
        lacks_word: the word that chooses the statement's form is not written yet.
    """

    action: StatementSpec
    form: Form | None
    settings: Mapping[str, OptionSlot]
    owner: OptionSpec | None
    is_block: bool
    lacks_word: bool

    @property
    def operands(self) -> frozenset[str]:
        """The names of options that are written after the verb as operands."""
        if self.owner is not None:
            return frozenset()
        if self.form is not None:
            return frozenset() if self.form.operand is None else frozenset({self.form.operand.option.name})
        filled = (form.operand.option for form in forms(self.action) if form.operand is not None)
        return frozenset(option.name for option in filled if option.required)


def accepted_parts(line: CursorLine) -> AcceptedParts | None:
    """Return what a line can take; None if it does not belong to an action of NCCO."""
    root, *below = line.chain
    statement = read_statement(root.parts)
    action = statement.action
    if action is None:
        return None
    form, lacks_word = None, False
    words = operand_words(statement)
    settings: Mapping[str, OptionSlot] = {}
    form = bind_operands(action, words).form
    if form is None:
        lacks_word = not statement.is_default
        settings = every_setting(action.name)
    elif statement.is_default and not form.words:
        settings, form = every_setting(action.name), None
    else:
        settings = form.settings
    owner: OptionSpec | None = None
    for entry in below[:-1]:
        found = settings.get(entry.parts[0].text) if entry.parts else None
        if found is None or not found.option.is_block:
            return None
        owner, form = found.option, None
        settings = {part.name: OptionSlot(option=part, path=(*found.path, part.key)) for part in owner.options}
    return AcceptedParts(action, form, settings, owner, bool(below), lacks_word)


def operand_words(statement: PartialStatement) -> tuple[str | None, ...]:
    """Return the operands in the form `bind_operands` takes: a bare word as its text, any other value as None."""
    return tuple(
        operand[0].text if len(operand) == 1 and operand[0].kind in ("NAME", "FIELD") else None
        for operand in statement.operands
    )


def word_docs(action: StatementSpec, word: str) -> str:
    """Return the docs of a word after a verb: a variant of the object that it chooses, or an object of its name."""
    chooser = action.chooser
    if chooser is not None and word in chooser.variants:
        return chooser.variants[word].doc
    return next((option.doc for option in action.options if option.key == word), action.doc)


def given_options(line: CursorLine, accepted: AcceptedParts) -> Iterator[tuple[str, tuple[Part, ...]]]:
    """Yield the options already written where a line is, with their values, except the line itself."""
    root = line.chain[0]
    if not accepted.is_block or line.parent is root:
        statement = read_statement(root.parts)
        yield from _of_statement(statement, accepted)
    for entry in () if line.parent is None else line.parent.entries or ():
        if entry is not line and entry.parts:
            rest = entry.parts[2:] if len(entry.parts) > 1 and entry.parts[1].kind == "_COLON" else ()
            yield entry.parts[0].text, tuple(rest)
    if not accepted.is_block:
        for entry in root.entries or ():
            if entry.parts:
                yield entry.parts[0].text, tuple(entry.parts[2:])


def _of_statement(statement: PartialStatement, accepted: AcceptedParts) -> Iterator[tuple[str, tuple[Part, ...]]]:
    for option in statement.options:
        yield option.name.text, option.value
    for word in operand_words(statement):
        if word is not None and word in accepted.settings:
            yield word, ()
    if accepted.form is not None and accepted.form.operand is not None and has_operand(statement, accepted):
        yield accepted.form.operand.option.name, ()


def has_operand(statement: PartialStatement, accepted: AcceptedParts) -> bool:
    """Return whether the statement's operand is written after its verb."""
    form = accepted.form
    if form is None:
        return False
    rest = operand_words(statement)[len(form.words) :]
    return any(word is None or word not in accepted.settings for word in rest)
