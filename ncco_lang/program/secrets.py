"""Mark the names whose values are secret: questions with `secret:`, args of that type, and all that is made of them."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.program.bindings import Binding, Scope, Scopes
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes

_ASK, _SECRET = "ask", "secret"


def mark_secrets(scopes: Scopes) -> None:
    """Mark the bindings of a file whose values are secret."""
    if _SECRET not in scopes.source.text:
        return
    made: list[tuple[Binding, ast.Node, Scope]] = []
    asked: list[ast.Command] = []
    is_default = False
    for declaration in scopes.file.declarations:
        if isinstance(declaration, ast.Arg) and declaration.type.text == _SECRET and declaration.name.text:
            scopes.file_scope.names[declaration.name.text].is_secret = True
        is_default = is_default or (
            isinstance(declaration, ast.Default)
            and declaration.verb.text == _ASK
            and _is_secret(declaration.operands, declaration.options)
        )
        for node in () if isinstance(declaration, ast.Test) else nodes(declaration):
            if isinstance(node, ast.Command) and node.verb.text == _ASK:
                asked.append(node)
            made += _makes(node, scopes)
    for command in asked:
        inside = () if command.block is None else command.block.entries
        options = (*command.options, *(each for each in inside if isinstance(each, ast.Option)))
        first = command.operands[0] if command.operands else None
        kept = scopes.call.names.get(first.text) if isinstance(first, ast.Name) else None
        if kept is not None and (is_default or _is_secret(command.operands, options)):
            kept.is_secret = True
    _spread(made)


def _is_secret(operands: tuple[ast.Value, ...], options: tuple[ast.Option, ...]) -> bool:
    """Return whether a question has the option, as a flag or with any value but `false`."""
    flags = (each for each in operands[1:] if isinstance(each, ast.Name) and each.text == _SECRET)
    given = [each.value for each in options if each.name.text == _SECRET]
    return any(flags) or any(not isinstance(each, ast.Constant) or each.value is not False for each in given)


def _makes(node: ast.Node, scopes: Scopes) -> Iterator[tuple[Binding, ast.Node, Scope]]:
    """Yield each name that a node gives a value, with the value and the names that it can read."""
    scope = scopes.scope_at(node)
    match node:
        case ast.Set():
            yield from _made(scope.find(node.name.text), node.value, scope)
        case ast.Each():
            yield from _made(scopes.scope_at(node.block).names.get(node.name.text), node.values, scope)
        case ast.Jump():
            yield from _given(node.name.text, node.arguments or (), scopes, scope)
        case ast.Command():
            for part in (*node.operands, *(option.value for option in node.options)):
                if isinstance(part, ast.Ref) and isinstance(part.trailers[0], ast.Arguments):
                    yield from _given(part.name.text, part.trailers[0].values, scopes, scope)
        case _:
            pass


def _given(
    step: str, values: tuple[ast.Value, ...], scopes: Scopes, scope: Scope
) -> Iterator[tuple[Binding, ast.Node, Scope]]:
    """Yield the parameters of a step with the values that a jump gives them."""
    declared = scopes.file_scope.names.get(step)
    if declared is None or not isinstance(declared.node, ast.Step):
        return
    inside = scopes.scope_at(declared.node.block)
    for parameter, value in zip(declared.node.parameters or (), values, strict=False):
        yield from _made(inside.names.get(parameter.name.text), value, scope)


def _made(binding: Binding | None, value: ast.Node, scope: Scope) -> Iterator[tuple[Binding, ast.Node, Scope]]:
    if binding is not None:
        yield binding, value, scope


def _spread(made: list[tuple[Binding, ast.Node, Scope]]) -> None:
    """Mark what is made of marked names, until nothing more is."""
    users: dict[Binding, list[Binding]] = {}
    for binding, value, scope in made:
        for node in nodes(value):
            word = node.text if isinstance(node, ast.Name) else node.name.text if isinstance(node, ast.Ref) else ""
            read = scope.find(word) if word else None
            if read is not None:
                users.setdefault(read, []).append(binding)
    waiting = [binding for binding in users if binding.is_secret]
    while waiting:
        for binding in users.get(waiting.pop(), ()):
            if not binding.is_secret:
                binding.is_secret = True
                waiting.append(binding)
