"""Find the statements of a tree, and the option that each word and value of a statement fills.

Nothing here reports errors: what does not fit has no option, and the checks report it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import TypeAlias

from ncco_lang.program.option_names import find_setting
from ncco_lang.program.statements import bare_words
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import OptionSlot, StatementSpec, actions, bind_operands, every_setting

StatementNode: TypeAlias = "ast.Command | ast.Default"


class Filled:
    """The parts of a statement by role.

    Attributes:
        words: the words after the verb that choose its form.
        flags: bare words that name an option.
        names: names of options and of blocks of options; the option is None if the statement does not have it.
        values: the values, each with the option that it fills.
    """

    __slots__ = ("flags", "names", "values", "words")

    def __init__(self) -> None:
        self.words: list[ast.Name] = []
        self.flags: list[tuple[ast.Name, OptionSpec]] = []
        self.names: list[tuple[ast.Word, OptionSpec | None]] = []
        self.values: list[tuple[OptionSpec, ast.Value]] = []


def statements(declarations: Sequence[ast.Declaration]) -> Iterator[StatementNode]:
    """Yield every statement in declarations, and every `default`, in the order of the text."""
    waiting: list[ast.Node] = list(reversed(declarations))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Command | ast.Default):
            yield node
        waiting += reversed(inner_entries(node))


def inner_entries(node: ast.Node) -> list[ast.Node]:
    """Return the entries of the blocks of a declaration or a statement, without the options of an action."""
    match node:
        case ast.Command():
            return [] if node.block is None or node.verb.text in actions() else list(node.block.entries)
        case ast.Step() | ast.Test() | ast.On() | ast.Anywhere() | ast.Each() | ast.Hours() | ast.TextDeclaration():
            return list(node.block.entries)
        case ast.If():
            entries: list[ast.Node] = [entry for branch in node.branches for entry in branch.block.entries]
            return entries + list(node.otherwise.entries if node.otherwise is not None else ())
        case ast.Arm():
            target = node.target
            if isinstance(target, ast.Block):
                return list(target.entries)
            return [target] if isinstance(target, ast.Command | ast.Set) else []
        case _:
            return []


def fill(statement: StatementNode, names: Container[str]) -> Filled:
    """Return the parts of a statement by role.

    Args:
        names: what the file declares; a bare word that is a declared name is a value.
    """
    filled = Filled()
    action = actions().get(statement.verb.text)
    if action is None:
        filled.names += [(option.name, None) for option in statement.options]
    elif isinstance(statement, ast.Default):
        _fill_default(filled, statement, action)
    else:
        _fill_command(filled, statement, action, names)
    return filled


def _fill_default(filled: Filled, default: ast.Default, action: StatementSpec) -> None:
    settings = every_setting(action.name)
    for operand in default.operands:
        if isinstance(operand, ast.Name) and operand.text in action.words:
            filled.words.append(operand)
        elif isinstance(operand, ast.Name) and operand.text in settings:
            filled.flags.append((operand, settings[operand.text].option))
    for option in default.options:
        _fill_option(filled, option, settings)


def _fill_command(filled: Filled, command: ast.Command, action: StatementSpec, names: Container[str]) -> None:
    found = bind_operands(action, bare_words(action, command, names))
    settings = every_setting(action.name) if found.form is None else found.form.settings
    filled.words += [word for index in found.words if isinstance(word := command.operands[index], ast.Name)]
    for index in found.flags:
        flag = command.operands[index]
        if isinstance(flag, ast.Name):
            filled.flags.append((flag, settings[flag.text].option))
    if found.form is not None and found.form.operand is not None and found.operand is not None:
        filled.values.append((found.form.operand.option, command.operands[found.operand]))
    for option in command.options:
        _fill_option(filled, option, settings)
    if command.block is not None:
        _fill_block(filled, command.block, settings)


def _fill_option(filled: Filled, option: ast.Option, settings: Mapping[str, OptionSlot]) -> None:
    setting = find_setting(option.name.text, settings)
    filled.names.append((option.name, None if setting is None else setting.option))
    if setting is not None:
        filled.values.append((setting.option, option.value))


def _fill_block(filled: Filled, block: ast.Block, settings: Mapping[str, OptionSlot]) -> None:
    for entry in block.entries:
        if isinstance(entry, ast.Option):
            _fill_option(filled, entry, settings)
        elif isinstance(entry, ast.Command):
            setting = find_setting(entry.verb.text, settings)
            filled.names.append((entry.verb, None if setting is None else setting.option))
            inner = () if setting is None else setting.option.options
            below = {part.name: OptionSlot(option=part, path=(part.key,)) for part in inner}
            for option in entry.options:
                _fill_option(filled, option, below)
            if entry.block is not None:
                _fill_block(filled, entry.block, below)
