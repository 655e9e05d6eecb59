"""Turn an NCCO into the tree of a flow that compiles back to it.

Each action becomes the statement that the vocabulary has for it, or else `raw`. Nothing is compiled here: the caller
checks that the result compiles back, and lists the actions that must be `raw` if not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.ncco.infer_defaults import DefaultLine, Nested, SpelledAction, SpelledOption
from ncco_lang.ncco.literals_from_json import NOWHERE, spell, spell_object
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.ncco_schema import is_valid
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.raw_options import RAW, form_of, split
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot


class _UnknownError(Exception):
    """No statement can write this action."""


def read_actions(
    ncco: Sequence[dict[str, Any]], *, flat: Collection[int] = (), raw: Collection[int] = ()
) -> list[SpelledAction | None]:
    """Return the statement for each action; None for an action that needs `raw`.

    Args:
        ncco: actions, valid or not.
        flat: indexes of actions whose texts must stay on one line.
        raw: indexes of actions that must be written with `raw`.
    """
    return [
        None if index in raw else read_action(action, over_lines=index not in flat) for index, action in enumerate(ncco)
    ]


def to_tree(
    ncco: Sequence[dict[str, Any]], statements: Sequence[SpelledAction | None], lines: Sequence[DefaultLine] = ()
) -> ast.File:
    """Return the tree of a flow; its nodes have no positions yet.

    Args:
        ncco: the actions.
        statements: the statement for each of them; None for `raw`.
        lines: the `default` lines above them.

    Raises:
        UnwritableError: a value cannot be written in a flow at all.
    """
    commands = [
        _raw(action) if statement is None else _command(statement)
        for action, statement in zip(ncco, statements, strict=True)
    ]
    return ast.File(NOWHERE, (*map(_default, lines), *commands))


def read_action(action: dict[str, Any], *, over_lines: bool = True) -> SpelledAction | None:
    """Return the statement for an action; None if the language has no statement for it."""
    chosen = form_of(action)
    if chosen is None:
        return None
    try:
        return _read(chosen, action, over_lines)
    except _UnknownError:
        return None


# ── An action as a statement ───────────────────────────────────────────────────────────────────────────


def _read(chosen: Form, action: Mapping[str, Any], over_lines: bool) -> SpelledAction:
    written, added = split(chosen, action)
    if not is_valid([written]):
        raise _UnknownError
    settings = {setting.path: setting for setting in chosen.settings.values() if setting.path}
    operand: ast.Value | None = None
    parts: list[SpelledOption | Nested] = []
    for setting, value in _leaves(written, (), settings, dict(chosen.fixed)):
        if setting is chosen.operand:
            operand = _literal(setting.option, value, over_lines)
        else:
            parts.append(_part(setting.option, value, over_lines))
    if added:
        parts.append(SpelledOption(option=chosen.settings[RAW].option, value=spell_object(added)))
    return SpelledAction(form=chosen, operand=operand, parts=tuple(parts))


def _leaves(
    value: Any, path: Path, settings: Mapping[Path, OptionSlot], fixed: Mapping[Path, Any]
) -> Iterator[tuple[OptionSlot, Any]]:
    """Yield every setting of a form that an action has, in the action's order."""
    if path in settings:
        yield settings[path], value
    elif path in fixed:
        if value != fixed[path]:
            raise _UnknownError
    elif isinstance(value, dict) and value:
        for key, item in value.items():
            if (*path, key) != ("action",):
                yield from _leaves(item, (*path, key), settings, fixed)
    elif isinstance(value, list) and len(value) == 1:
        yield from _leaves(value[0], (*path, 0), settings, fixed)
    else:
        # Several endpoints.
        raise _UnknownError


def _part(option: OptionSpec, value: Any, over_lines: bool) -> SpelledOption | Nested:
    if not option.is_block:
        return SpelledOption(option=option, value=_literal(option, value, over_lines))
    if not isinstance(value, dict):
        raise _UnknownError
    inner = {part.key: part for part in option.options}
    if not inner.keys() >= value.keys():
        raise _UnknownError
    return Nested(name=option.name, parts=tuple(_part(inner[key], item, over_lines) for key, item in value.items()))


def _literal(option: OptionSpec, value: Any, over_lines: bool) -> ast.Value:
    found = spell(option, value, over_lines=over_lines)
    if found is None:
        raise _UnknownError
    return found


# ── A statement as a node ──────────────────────────────────────────────────────────────────────────────


def _at(index: int) -> Span:
    """Return a span for the nth option of a statement, because nodes without a text are ordered too."""
    return Span(index, index)


def _raw(action: dict[str, Any]) -> ast.Command:
    return ast.Command(NOWHERE, ast.Word(NOWHERE, RAW), (spell_object(action),), (), None)


def _command(statement: SpelledAction) -> ast.Command:
    verb = ast.Word(NOWHERE, statement.form.action.name)
    words: tuple[ast.Value, ...] = tuple(ast.Name(NOWHERE, word) for word in statement.form.words)
    operands = words if statement.operand is None else (*words, statement.operand)
    if any(isinstance(part, Nested) for part in statement.parts):
        return ast.Command(NOWHERE, verb, operands, (), _block(statement.parts))
    plain = [part for part in statement.parts if isinstance(part, SpelledOption)]
    flags, options = _on_line(plain)
    return ast.Command(NOWHERE, verb, (*operands, *flags), options, None)


def _on_line(parts: Sequence[SpelledOption]) -> tuple[tuple[ast.Name, ...], tuple[ast.Option, ...]]:
    """Return the options of one line: the flags, and the others."""
    flags: list[ast.Name] = []
    options: list[ast.Option] = []
    for index, part in enumerate(parts, 1):
        if part.is_flag:
            flags.append(ast.Name(_at(index), part.option.name))
        else:
            options.append(_option(part, index))
    return tuple(flags), tuple(options)


def _option(part: SpelledOption, index: int) -> ast.Option:
    return ast.Option(_at(index), ast.Word(_at(index), part.option.name), part.value)


def _block(parts: Sequence[SpelledOption | Nested]) -> ast.Block:
    return ast.Block(
        NOWHERE,
        tuple(
            _option(part, index)
            if isinstance(part, SpelledOption)
            else ast.Command(_at(index), ast.Word(_at(index), part.name), (), (), _block(part.parts))
            for index, part in enumerate(parts, 1)
        ),
    )


def _default(line: DefaultLine) -> ast.Default:
    flags, options = _on_line(line.parts)
    words = tuple(ast.Name(NOWHERE, word) for word in line.words)
    tags = () if line.tag is None else (ast.Tag(NOWHERE, line.tag),)
    return ast.Default(NOWHERE, ast.Word(NOWHERE, line.verb), (*words, *tags, *flags), options)
