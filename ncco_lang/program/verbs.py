"""Make the findings about the start of a statement: an unknown verb, or a missing or wrong word after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program import facts, verb_facts
from ncco_lang.program.foreign_statements import foreign_statement, without_line
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.lines import indent
from ncco_lang.values.phone import e164_digits
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import elsewhere, planned_verbs
from ncco_lang.vocabulary.ncco_schema import action_names, retired_actions
from ncco_lang.vocabulary.option_specs import words_of
from ncco_lang.vocabulary.phrases import did_you_mean, is_slip
from ncco_lang.vocabulary.raw_options import RAW
from ncco_lang.vocabulary.statement_specs import StatementSpec, every_setting, known_verbs
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Scope

_DECLARATIONS = frozenset({"step", "flow", "param", "arg", "default", "anywhere", "test", "use", "hours", "on"})
"""Words that begin a declaration, which is never in a block."""
_BLOCKS = ("anywhere", "step")
"""Declarations that are read as statements if their word is misspelt, because they have a block."""
_INSIDE = ("set", "if", "each")
"""Statements of a step that begin with no verb."""
_NEAR, _NEAR_SHORT, _SHORT = 0.7, 0.6, 4
"""How near a word is to the verb that it means; a short word has few letters to be like another."""
_EQUALS = re.compile(r"[ \t]*=(?![=>])")


def no_such_verb(source: Source, command: ast.Command, names: Scope) -> Diagnostic:
    """Return a finding for a line that does not begin with a verb; a step is among the names."""
    verb = command.verb
    known = names.find(verb.text)
    if known is not None and known.kind == "step":
        jump = f"goto {verb.text}"
        fix = None if command.operands else Fix(f"write {jump}", (Edit(verb.span, jump),), unsafe=True)
        return flow_finding(
            source, verb.span, verb_facts.StepAsStatement(step=verb.text, has_values=bool(command.operands)), fix=fix
        )
    if verb.text in _DECLARATIONS:
        return flow_finding(source, verb.span, verb_facts.DeclarationInside(word=verb.text))
    if verb.text == "else":
        return flow_finding(source, verb.span, verb_facts.ElseWithoutIf())
    if (equals := _EQUALS.match(source.text, verb.span.end)) is not None:
        return _bare_let(source, Span(verb.span.start, equals.end()), verb)
    if verb.text == "answer":
        return _answered(source, command)
    if (foreign := foreign_statement(source, command)) is not None:
        return foreign
    near = (
        _of_step(command, names)
        or _elsewhere(command)
        or next((word for word in _BLOCKS if is_slip(verb.text, word)), None)
        or _nearest_verb(verb.text)
    )
    first = command.operands[0] if command.operands else None
    # `hang up` is one word here.
    is_split = isinstance(first, ast.Name) and f"{verb.text}{first.text}" == near
    written = Span(verb.span.start, first.span.end) if is_split and first is not None else verb.span
    fix = Fix(f'write "{near}"', (Edit(written, near),), unsafe=True) if near else None
    known_words = (*(word for word in known_verbs() if word not in retired_actions()), *_INSIDE)
    unknown = facts.NoSuchStatement(verb=verb.text, near=near, known=known_words)
    return flow_finding(source, verb.span, unknown, fix=fix)


def _of_step(command: ast.Command, names: Scope) -> str | None:
    """Return the verb for a step: `call greet("Jan")` means `do`."""
    first = command.operands[0] if command.operands else None
    name = first.text if isinstance(first, ast.Name) else first.name.text if isinstance(first, ast.Ref) else ""
    found = names.find(name) if name else None
    if found is None or found.kind != "step":
        return None
    return "goto" if elsewhere("statements").get(command.verb.text) == "goto" else "do"


def _nearest_verb(word: str) -> str | None:
    """Return the verb that a misspelt word most likely means; one of a later version only if it is surely meant."""
    nearness = _NEAR if len(word) > _SHORT else _NEAR_SHORT
    current = sorted(each for each in (*known_verbs(), *_INSIDE) if each not in retired_actions())
    near = did_you_mean(word, sorted((*current, *planned_verbs())), nearness=nearness)
    is_offered = near is None or near in current or is_slip(word, near)
    return near if is_offered else did_you_mean(word, current, nearness=nearness)


def is_option_below(source: Source, above: ast.Command, command: ast.Command) -> bool:
    """Return whether a line is indented below a statement and begins with an option of it instead of a verb."""
    if command.verb.text in (*action_names(), RAW) or above.verb.text not in action_names() or above.block is not None:
        return False
    is_option = command.verb.text in every_setting(above.verb.text)
    return is_option and indent(source.text, command.span.start) > indent(source.text, above.span.start)


def loose_word(source: Source, above: ast.Command, command: ast.Command) -> Diagnostic:
    """Make the finding for an option below its statement, outside of a block."""
    gap = Span(above.span.end, command.span.start)
    is_next = not source.text[slice(*gap)].strip() and command.block is None
    fix = Fix("put it on the line of its statement", (Edit(gap, " "),)) if is_next else None
    option = every_setting(above.verb.text)[command.verb.text].option
    below = facts.OptionBelow(option=Wire(option.key))
    return flow_finding(source, command.verb.span, below, also=(above.verb.span,), fix=fix)


def _bare_let(source: Source, span: Span, verb: ast.Word) -> Diagnostic:
    """`shop = "Bakery"`: a let without its keyword."""
    meant = f"let {verb.text} ="
    fix = Fix(f"write {meant}", (Edit(span, meant),), unsafe=True)
    return flow_finding(source, verb.span, verb_facts.LetWithoutKeyword(name=verb.text), fix=fix)


def _answered(source: Source, command: ast.Command) -> Diagnostic:
    """`answer`, which other platforms have."""
    span = command.verb.span
    fix = without_line(source, span) if span == command.span else None
    return flow_finding(source, span, verb_facts.NoAnswer(), fix=fix)


def _elsewhere(command: ast.Command) -> str | None:
    meant = elsewhere("statements").get(command.verb.text.lower())
    first = command.operands[0] if command.operands else None
    # In `dial phone` the author wrote the second word; in `elif code` it is the condition.
    verb = "" if meant is None else meant.split()[0]
    return verb if isinstance(first, ast.Name) and verb in known_verbs() else meant


def first_line(source: Source, span: Span) -> Span:
    """Return the part of a span on its first line, for a finding about something long."""
    end = source.line_span(source.position(span.start).line).end
    return Span(span.start, max(span.start, min(span.end, end)))


def missing_word(source: Source, action: StatementSpec, command: ast.Command) -> Diagnostic:
    """Return a finding for a statement without its kind: `connect "+44…"`."""
    assert action.chooser is not None
    words = words_of(action.chooser)
    first = command.operands[0] if command.operands else None
    written = tuple(f"{action.name} {word}" for word in words)
    fix = None
    if isinstance(first, ast.Name):
        target = command.operands[1] if len(command.operands) > 1 else None
        near: str | None = did_you_mean(first.text, words) or _kind_of_target(target)
        near = near if near in words else None
        if near is not None:
            fix = Fix(f'write "{near}"', (Edit(first.span, near),), unsafe=True)
        unknown = facts.UnknownWord(statement=action.name, forms=written, word=first.text, near=near)
        return flow_finding(source, first.span, unknown, fix=fix)
    word = _kind_of_target(first)
    option = command.options[0] if command.options and not command.operands else None
    if option is not None and option.name.text in words and not isinstance(option.value, ast.Missing):
        colon = Span(option.name.span.end, option.value.span.start)
        fix = Fix(f'write "{action.name} {option.name.text}"', (Edit(colon, " "),), unsafe=True)
    elif option is not None and (meant := _kind_of_target(option.value)) in words and not command.operands:
        # `connect to: "+44…"`: the option says whom to call.
        named = Span(option.name.span.start, option.value.span.start)
        fix = Fix(f'write "{action.name} {meant}"', (Edit(named, f"{meant} "),), unsafe=True)
    elif word in words:
        end = Span(command.verb.span.end, command.verb.span.end)
        fix = Fix(f'write "{action.name} {word}"', (Edit(end, f" {word}"),), unsafe=True)
    return flow_finding(source, command.verb.span, facts.MissingWord(statement=action.name, forms=written), fix=fix)


def _kind_of_target(value: ast.Value | None) -> str:
    """Return the kind of `connect` that fits the form of a text."""
    text = value.value if isinstance(value, ast.Text) else ""
    if text.startswith(("sip:", "sips:")):
        return "sip"
    if text.startswith(("ws:", "wss:")):
        return "websocket"
    return "phone" if e164_digits(text) is not None else ""
