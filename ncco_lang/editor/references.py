"""Find where the names of a file are read: every node of its tree that refers to a declaration.

It follows what `program/option_values.py` reads as a name. A bare word that chooses a form, is a flag, or is one of an option's
own words or a language is not a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ncco_lang.names.symbols import Declared
from ncco_lang.program.option_names import find_setting
from ncco_lang.program.statements import bare_words
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import children
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value
from ncco_lang.vocabulary.speech import written_tag
from ncco_lang.vocabulary.statement_specs import OptionSlot, StatementSpec, actions, bind_operands, every_setting


class Reference(NamedTuple):
    """A position where a name is read."""

    name: str
    span: Span


def find_uses(node: ast.Node, names: Mapping[str, Declared]) -> Iterator[Reference]:
    """Yield every use of a declared name inside a node, in any order.

    Args:
        node: a file, or one of its declarations.
        names: what the file declares.
    """
    waiting: list[tuple[ast.Node, frozenset[str]]] = [(node, frozenset())]
    while waiting:
        part, hidden = waiting.pop()
        match part:
            case ast.Name():
                if part.text in names and part.text not in hidden:
                    yield Reference(part.text, part.span)
                continue
            case ast.Ref():
                if _is_name(part, names) and part.name.text not in hidden:
                    yield Reference(part.name.text, part.name.span)
            case ast.Jump():
                if part.name.text in names:
                    yield Reference(part.name.text, part.name.span)
            case ast.Step():
                hidden |= {each.name.text for each in part.parameters or ()}
            case ast.Each():
                hidden |= {part.name.text}
            case _:
                pass
        waiting += [(inner, hidden) for inner in _inside(part, names)]


def _is_name(ref: ast.Ref, names: Mapping[str, Declared]) -> bool:
    name = ref.name.text
    if ref.trailers and isinstance(ref.trailers[0], ast.Arguments):
        return isinstance(names.get(name), ast.Step)
    return name in names and name not in words_in("values")


def _inside(node: ast.Node, names: Mapping[str, Declared]) -> Iterator[ast.Node]:
    """Yield the parts of a node in which names may be read."""
    match node:
        case ast.Command():
            action = actions().get(node.verb.text)
            if action is None:
                yield from children(node)
            else:
                yield from _of_statement(node, action, names)
        case ast.Default():
            settings = every_setting(node.verb.text) if node.verb.text in actions() else {}
            for option in node.options:
                yield from _of_option(option, settings, names)
        case ast.Filter():
            # The `slow` of `digits(slow)` is not a name.
            yield from (each for each in node.arguments or () if not isinstance(each, ast.Name))
        case ast.Arm():
            yield node.target
        case _:
            yield from children(node)


def _of_statement(command: ast.Command, action: StatementSpec, names: Mapping[str, Declared]) -> Iterator[ast.Node]:
    arrangement = bind_operands(action, bare_words(action, command, names))
    silent = {*arrangement.words, *arrangement.flags}
    settings = every_setting(action.name) if arrangement.form is None else arrangement.form.settings
    for index, operand in enumerate(command.operands):
        if index not in silent:
            yield operand
    for option in command.options:
        yield from _of_option(option, settings, names)
    yield from _of_block(command.block, settings, names)


def _of_block(
    block: ast.Block | None, settings: Mapping[str, OptionSlot], names: Mapping[str, Declared]
) -> Iterator[ast.Node]:
    """Yield what is read in a block, including its blocks of options."""
    for entry in () if block is None else block.entries:
        if isinstance(entry, ast.Option):
            yield from _of_option(entry, settings, names)
        elif isinstance(entry, ast.Command):
            setting = find_setting(entry.verb.text, settings)
            options = () if setting is None else setting.option.options
            inner = {part.name: OptionSlot(option=part, path=(part.key,)) for part in options}
            yield from _of_block(entry.block, inner, names)
        else:
            yield entry


def _of_option(
    option: ast.Option, settings: Mapping[str, OptionSlot], names: Mapping[str, Declared]
) -> Iterator[ast.Node]:
    setting = find_setting(option.name.text, settings)
    value = option.value
    if setting is None or not isinstance(value, ast.Name) or not _is_word(setting.option, value.text):
        yield value


def _is_word(option: OptionSpec, word: str) -> bool:
    """Return whether a bare word that is also a name is one of the option's own words."""
    item = option.item if option.single and option.item is not None else option
    if item.enum:
        return enum_value(item, word, bare=True) is not None
    table = LANGUAGES.get(item.kind or "")
    return table is not None and written_tag(word, table) is not None
