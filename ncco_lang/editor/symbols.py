"""Outline a text: declarations and statements of a flow, actions of an NCCO, keys of an `ncco.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

from ncco_lang.editor.types import Symbol
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.statement_specs import actions

if TYPE_CHECKING:
    from ncco_lang.editor.analysis import Analysis

Kind: TypeAlias = Literal["flow", "param", "let", "default", "step", "statement", "test", "text", "hours", "key"]

_LONGEST = 60
_OF_TESTS = frozenset({"given", "expect"})


def symbols(analysis: Analysis) -> list[Symbol]:
    """Return the outline of a text, in order."""
    match analysis.kind:
        case "flow":
            assert analysis.file is not None
            return list(_of_entries(analysis.source, analysis.file.declarations))
        case "ncco":
            from ncco_lang.editor.data_symbols import json_symbols

            return json_symbols(analysis.source)
        case "toml":
            from ncco_lang.editor.data_symbols import toml_symbols

            return toml_symbols(analysis.source)


def shortened(text: str) -> str:
    """Return the beginning of a text on one line, for a list."""
    line = " ".join(text[: _LONGEST * 4].split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _of_entries(source: Source, entries: Iterable[ast.Node]) -> Iterator[Symbol]:
    for entry in entries:
        yield from _of_entry(source, entry)


def _of_entry(source: Source, node: ast.Node) -> Iterator[Symbol]:
    match node:
        case ast.Flow():
            yield _symbol(source, node, "flow", node.title, node.title.value or "flow")
        case ast.Param() | ast.Arg():
            yield _symbol(source, node, "param", node.name, node.name.text, node.type.text)
        case ast.Let():
            yield _symbol(source, node, "let", node.name, node.name.text, _written(source, node.value))
        case ast.Default():
            yield _symbol(source, node, "default", node.verb, f"default {node.verb.text}", _rest_of(source, node))
        case ast.Step():
            taken = ", ".join(f"{each.name.text}: {each.type.text}" for each in node.parameters or ())
            yield _symbol(source, node, "step", node.name, node.name.text, shortened(taken))
        case ast.On():
            yield _symbol(source, node, "step", node.event, f"on {node.event.text}")
        case ast.Anywhere():
            yield _symbol(source, node, "step", _first_word(node, "anywhere"), "anywhere")
        case ast.Test():
            yield _symbol(source, node, "test", node.name, node.name.value or "test")
        case ast.Hours():
            yield _symbol(source, node, "hours", node.name, node.name.text, node.zone.value)
        case ast.TextDeclaration():
            yield _symbol(source, node, "text", node.name, node.name.text)
        case ast.Command() if node.verb.text:
            yield _command(source, node)
        case ast.If():
            condition = _written(source, node.branches[0].condition)
            yield _symbol(source, node, "statement", _first_word(node, "if"), "if", condition)
        case ast.Each():
            yield _symbol(source, node, "statement", node.name, f"each {node.name.text}", _written(source, node.values))
        case ast.Set():
            yield _symbol(source, node, "statement", node.name, f"set {node.name.text}", _written(source, node.value))
        case ast.Arm():
            patterns = Span(node.patterns[0].span.start, node.patterns[-1].span.end)
            name = shortened(source.text[patterns.start : patterns.end])
            yield _symbol(source, node, "statement", ast.Node(patterns), name, _target(node.target))
        case _:
            pass


def _command(source: Source, command: ast.Command) -> Symbol:
    """Return a statement's symbol: its verb and the words that choose its form, with its operand as the detail."""
    action = actions().get(command.verb.text)
    choice = action.words if action is not None else ()
    name, rest = [command.verb.text], list(command.operands)
    while rest and isinstance(rest[0], ast.Name) and rest[0].text in choice:
        name.append(rest[0].text)
        del rest[0]
    if command.verb.text in _OF_TESTS:
        # What a line of a test is about is its second word, which is an option in `expect that:`.
        first = rest[0] if rest else None
        if isinstance(first, ast.Name):
            name.append(first.text)
            del rest[0]
        elif first is None and command.options:
            name.append(command.options[0].name.text)
            rest.append(command.options[0].value)
    detail = _written(source, rest[0]) if rest else ""
    return _symbol(source, command, "statement", command.verb, " ".join(name), detail)


def _symbol(source: Source, node: ast.Node, kind: Kind, word: ast.Node, name: str, detail: str = "") -> Symbol:
    """Return a symbol. A name that is missing in the text is replaced, because clients reject an empty name."""
    place = Span(max(node.span.start, word.span.start), min(node.span.end, word.span.end))
    if place.end < place.start:
        place = Span(node.span.start, node.span.start)
    children = tuple(_of_entries(source, _inner_entries(node)))
    return Symbol(shortened(name) or "…", detail, kind, node.span, place, children)


def _first_word(node: ast.Node, word: str) -> ast.Node:
    return ast.Node(Span(node.span.start, node.span.start + len(word)))


def _written(source: Source, value: ast.Node) -> str:
    if isinstance(value, ast.Text) and value.is_long:
        return shortened(value.value)
    return shortened(source.text[value.span.start : value.span.end])


def _rest_of(source: Source, default: ast.Default) -> str:
    return shortened(source.text[default.verb.span.end : default.span.end])


def _target(target: ast.Target) -> str:
    match target:
        case ast.Jump():
            return target.name.text
        case ast.Command():
            return target.verb.text
        case ast.Set():
            return f"set {target.name.text}"
        case ast.Block():
            return ""


def _inner_entries(node: ast.Node) -> list[ast.Node]:
    """Return the entries of the blocks of a declaration or a statement, without the options of an action."""
    match node:
        case ast.Command():
            entries: list[ast.Node] = [] if node.block is None else list(node.block.entries)
            is_action = node.verb.text in actions()
            return [each for each in entries if isinstance(each, ast.Arm)] if is_action else entries
        case ast.Step() | ast.Test() | ast.On() | ast.Anywhere() | ast.Each() | ast.Hours() | ast.TextDeclaration():
            return list(node.block.entries)
        case ast.If():
            branches: list[ast.Node] = [entry for branch in node.branches for entry in branch.block.entries]
            return branches + list(node.otherwise.entries if node.otherwise is not None else ())
        case ast.Arm():
            target = node.target
            if isinstance(target, ast.Block):
                return list(target.entries)
            return [target] if isinstance(target, ast.Command | ast.Set) else []
        case _:
            return []
