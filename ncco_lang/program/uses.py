"""Find every place that reads a name, leads to a step or sets a name of the call, and which declaration is meant.

A bare word that chooses a form, is a flag, an outcome of a question, or one of an option's own words is not a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from ncco_lang.program.bindings import Binding, NameWord, Scope, Scopes
from ncco_lang.program.option_names import find_setting
from ncco_lang.program.option_values import is_word
from ncco_lang.program.statements import bare_words
from ncco_lang.program.verb_binder import form_of, operand_roles
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import children
from ncco_lang.vocabulary.language_words import outcomes, targets
from ncco_lang.vocabulary.statement_specs import (
    OptionSlot,
    StatementSpec,
    bind_operands,
    every_setting,
    own_form,
    planned_settings,
    spec_of,
)

_CALLED = frozenset({"step", "import"})


class Use(NamedTuple):
    """A place where a name is used, and its declaration."""

    span: Span
    binding: Binding


class _Part(NamedTuple):
    """A node in which names may be used, its scope, and the outcomes that its arms can name."""

    node: ast.Node
    scope: Scope
    arms: Collection[str] = ()


def find_uses(scopes: Scopes, root: ast.Node | None = None) -> Iterator[Use]:
    """Yield every use of a declared name, in any order.

    Args:
        root: a declaration of the file; None for the whole file.
    """
    waiting = [_Part(scopes.file if root is None else root, scopes.call)]
    while waiting:
        part = waiting.pop()
        for found in _uses(part, scopes):
            if isinstance(found, _Part):
                waiting.append(found)
            elif found.text and (binding := part.scope.find(found.text)) is not None:
                yield Use(found.span, binding)


def read_bindings(scopes: Scopes) -> set[Binding]:
    """Return the names that values read; what only a `param`, `arg` or `let` reads counts if its name is read."""
    assigned = {word.span for word, _ in scopes.assignments}
    made_of: dict[int, list[Binding]] = {}
    waiting: list[Binding] = []
    for declaration in scopes.file.declarations:
        read = [use.binding for use in find_uses(scopes, declaration) if use.span not in assigned]
        if isinstance(declaration, (ast.Param, ast.Arg, ast.Let)):
            made_of[id(declaration)] = read
        else:
            waiting += read
    found: set[Binding] = set()
    while waiting:
        binding = waiting.pop()
        if binding not in found:
            found.add(binding)
            waiting += made_of.get(id(binding.node), ())
    return found


def _uses(part: _Part, scopes: Scopes) -> Iterable[NameWord | _Part]:
    """Yield the words of a node that are names if they are declared, and the parts in which there may be others."""
    node, scope, arms = part
    match node:
        case ast.Name():
            yield node
        case ast.Ref():
            found = scope.find(node.name.text)
            # What has arguments is a function, unless a step has that name.
            if not isinstance(node.trailers[0], ast.Arguments) or (found is not None and found.kind in _CALLED):
                yield node.name
            yield from (_Part(trailer, scope) for trailer in node.trailers)
        case ast.Jump():
            if node.name.text not in targets():
                yield node.name
            yield from (_Part(value, scope) for value in node.arguments or ())
        case ast.Set():
            yield node.name
            yield _Part(node.value, scope)
        case ast.Each():
            yield _Part(node.values, scope)
            yield _Part(node.block, scopes.scope_at(node.block), arms)
        case ast.Step():
            yield _Part(node.block, scopes.scope_at(node.block))
        case ast.Anywhere():
            yield _Part(node.block, scope, outcomes())
        case ast.Use():
            return
        case ast.Arm():
            for pattern in node.patterns:
                if not isinstance(pattern, ast.Name) or pattern.text not in arms:
                    yield _Part(pattern, scope)
            yield _Part(node.target, scope)
        case ast.Filter():
            # The `slow` of `digits(slow)` is not a name.
            yield from (_Part(each, scope) for each in node.arguments or () if not isinstance(each, ast.Name))
        case ast.Default():
            settings = _settings(node.verb.text)
            for option in node.options:
                yield from _of_option(option, scope, settings)
        case ast.Command() if (spec := spec_of(node.verb.text)) is not None:
            yield from _of_statement(node, scope, spec)
        case _:
            yield from (_Part(child, scope, arms) for child in children(node))


# ── Statements ─────────────────────────────────────────────────────────────────────────────────────────


def _of_statement(command: ast.Command, scope: Scope, spec: StatementSpec) -> Iterator[_Part]:
    settings: Mapping[str, OptionSlot] = _settings(spec.name)
    if spec.kind == "action":
        binding = bind_operands(spec, bare_words(spec, command, scope))
        silent = {*binding.words, *binding.flags}
        settings = settings if binding.form is None else {**planned_settings(spec.name), **binding.form.settings}
    elif spec.kind == "verb":
        settings = {**planned_settings(spec.name), **form_of(spec, command).settings}
        silent = set(_own_words(command, spec, settings, scope))
    else:
        silent = set()
    yield from (_Part(operand, scope) for index, operand in enumerate(command.operands) if index not in silent)
    for option in command.options:
        yield from _of_option(option, scope, settings)
    if command.block is not None:
        yield from _of_block(command.block, scope, settings, outcomes().intersection(spec.arms))


def _own_words(
    command: ast.Command, spec: StatementSpec, settings: Mapping[str, OptionSlot], scope: Scope
) -> Iterator[int]:
    """Yield the indexes of the bare words of a statement of the language that are not names: its words and flags."""
    for index, role in enumerate(operand_roles(command, spec, settings, scope)):
        operand = command.operands[index]
        is_flag = role is None and isinstance(operand, ast.Name) and operand.text in settings
        if is_flag or (role is not None and role.kind == "word"):
            yield index


def _of_block(
    block: ast.Block, scope: Scope, settings: Mapping[str, OptionSlot], arms: Collection[str]
) -> Iterator[_Part]:
    """Yield what is in the block of a statement, and in its blocks of options."""
    for entry in block.entries:
        setting = find_setting(entry.verb.text, settings) if isinstance(entry, ast.Command) else None
        if isinstance(entry, ast.Option):
            yield from _of_option(entry, scope, settings)
        elif isinstance(entry, ast.Command) and entry.block is not None and setting is not None:
            inner = {part.name: OptionSlot(option=part, path=(part.key,)) for part in setting.option.options}
            yield from _of_block(entry.block, scope, inner, ())
        else:
            yield _Part(entry, scope, arms)


def _of_option(option: ast.Option, scope: Scope, settings: Mapping[str, OptionSlot]) -> Iterator[_Part]:
    setting, value = find_setting(option.name.text, settings), option.value
    if setting is None or not isinstance(value, ast.Name) or not is_word(setting.option, value.text, scope):
        yield _Part(value, scope)


def _settings(verb: str) -> Mapping[str, OptionSlot]:
    """Return the options of a statement in any of its forms, with those of a later version."""
    spec = spec_of(verb)
    if spec is None or spec.kind == "keyword":
        return {}
    own = every_setting(verb) if spec.kind == "action" else own_form(verb).settings
    return {**planned_settings(verb), **own}
