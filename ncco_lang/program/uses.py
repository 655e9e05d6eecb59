"""Find every place that reads a name, leads to a step or sets a name of the call, and which declaration is meant.

Reads the bound program: a word that chooses a form, is a flag, an outcome or one of an option's own words is not a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.program.bindings import Binding, NameWord, Scope
from ncco_lang.program.model import BoundArm, BoundStatement, Program, Slot
from ncco_lang.program.values import Known
from ncco_lang.program.walk import begin_within, inner, walk
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import children
from ncco_lang.values.data import Word
from ncco_lang.vocabulary.language_words import targets

if TYPE_CHECKING:
    from ncco_lang.program.model import Bound
    from ncco_lang.program.values import Value

_CALLED = frozenset({"step", "import"})
_NAMES = frozenset({"name", "step"})
"""The kinds of options whose bare word is a name."""


class Use(NamedTuple):
    """A place where a name is used, and its declaration."""

    span: Span
    binding: Binding


def find_uses(program: Program, within: Span | None = None) -> Iterator[Use]:
    """Yield every use of a declared name, in any order.

    Args:
        within: only those in the declarations that begin in this span.
    """
    statements = [*begin_within(program.statements, within), *begin_within(program.tests, within)]
    bound = {id(each.node) for each in statements}
    for declaration in begin_within(program.file.declarations, within):
        if not isinstance(declaration, (ast.Use, ast.Default)) and id(declaration) not in bound:
            yield from _uses(program, declaration, frozenset())
    for line in begin_within(program.defaults, within):
        words = {id(operand) for operand in line.node.operands}
        yield from _uses(program, line.node, words | set(_bare_words(line.slots.values())))
    for each in walk(statements):
        yield from _uses(program, each.node, {*map(id, (part.node for part in inner(each))), *_own_words(each)})


def read_bindings(program: Program) -> set[Binding]:
    """Return the names that values read; what only a `param`, `arg` or `let` reads counts if its name is read."""
    assigned = {word.span for word, _ in program.scopes.assignments}
    makers = [each for each in program.file.declarations if isinstance(each, (ast.Param, ast.Arg, ast.Let))]
    made_of: dict[int, list[Binding]] = {id(each): [] for each in makers}
    inside = {(use.span, use.binding.name): id(each) for each in makers for use in _uses(program, each, frozenset())}
    waiting: list[Binding] = []
    for use in find_uses(program):
        maker = inside.get((use.span, use.binding.name))
        if maker is not None:
            made_of[maker].append(use.binding)
        elif use.span not in assigned:
            waiting.append(use.binding)
    found: set[Binding] = set()
    while waiting:
        binding = waiting.pop()
        if binding not in found:
            found.add(binding)
            waiting += made_of.get(id(binding.node), ())
    return found


def _uses(program: Program, root: ast.Node, without: Collection[int]) -> Iterator[Use]:
    """Yield the uses in a node, except those in the nodes with some ids."""
    scope = program.scopes.scope_at(root)
    waiting = children(root) if isinstance(root, (ast.Command, ast.Default)) else [root]
    while waiting:
        node = waiting.pop()
        if id(node) in without:
            continue
        word = _name_of(node, scope)
        if word is not None and word.text and (binding := scope.find(word.text)) is not None:
            yield Use(word.span, binding)
        if isinstance(node, ast.Filter):
            # The `slow` of `digits(slow)` is not a name.
            waiting += [each for each in node.arguments or () if not isinstance(each, ast.Name)]
        else:
            waiting += children(node)


def _name_of(node: ast.Node, scope: Scope) -> NameWord | None:
    """Return the word of a node that is a name if it is declared."""
    match node:
        case ast.Name():
            return node
        case ast.Ref():
            found = scope.find(node.name.text)
            # What has arguments is a function, unless a step has that name.
            is_function = isinstance(node.trailers[0], ast.Arguments) and (found is None or found.kind not in _CALLED)
            return None if is_function else node.name
        case ast.Jump():
            return None if node.name.text in targets() else node.name
        case ast.Set():
            return node.name
        case _:
            return None


def _own_words(bound: Bound) -> Iterator[int]:
    """Yield the ids of the words of a statement or an arm that are not names."""
    if isinstance(bound, BoundArm):
        yield from (id(value.node) for value in bound.patterns if _is_bare_word(value))
    elif isinstance(bound, BoundStatement):
        yield from map(id, bound.words)
        yield from _bare_words(slot for slot in bound.slots if slot.origin is None)
        kinds = {operand.role: operand.kind for operand in (() if bound.spec is None else bound.spec.operands)}
        for role, value in bound.operands:
            if kinds.get(role) == "word" and _is_bare_word(value):
                yield id(value.node)


def _bare_words(slots: Iterator[Slot] | Collection[Slot]) -> Iterator[int]:
    for slot in slots:
        is_flag = slot.name is slot.value.node
        if is_flag or (slot.option.kind not in _NAMES and _is_bare_word(slot.value)):
            yield id(slot.value.node)


def _is_bare_word(value: Value) -> bool:
    """Return whether a value is a word that means itself, not a name whose value is one."""
    node = value.node
    return type(value) is Known and isinstance(node, ast.Name) and type(value.data) is Word and value.data == node.text
