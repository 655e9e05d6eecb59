"""Build the tree of `ast`: a function for each rule of the grammar, called when the parser has read it.

`BUILDERS` is the whole list; a test compares it with the rules of the grammar. A function gets the children of its
rule, tokens and nodes, and adds findings about literals to the `Builder`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Final

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast, said
from ncco_lang.syntax.lark_parser import Callbacks, Maker, Part, load_parser
from ncco_lang.syntax.string_literals import TextReader

_LONGEST_NUMBER = 300
_CONSTANTS = {"true": True, "false": False, "null": None}


class Builder:
    """The file that is being built, and the findings about its literals.

    Attributes:
        unclosed: where texts begin that have no closing quote.
        callbacks: what lark calls for each rule, for all runs over this file.
    """

    def __init__(self, source: Source, read_value: Callable[[Builder, Span], ast.Interpolation]) -> None:
        self.source = source
        self.text = source.text
        self.unclosed: set[int] = set()
        self.diagnostics: list[Diagnostic] = []
        self.texts = TextReader(source, partial(read_value, self), self.unclosed, self.diagnostics)
        self.callbacks = Callbacks(load_parser(), BUILDERS, self)

    def written(self, token: Span) -> str:
        """Return a token as it is written."""
        return self.text[token[0] : token[1]]


def _around(parts: list[Part]) -> Span:
    first, last = parts[0], parts[-1]
    start = first[0] if type(first) is Span else first.span[0]
    return Span(start, last[1] if type(last) is Span else last.span[1])


_MEANT: Final = {"=": "==", "=>": ">=", "=<": "<=", "!": "not", "&&": "and"}


def _word(builder: Builder, token: Span) -> ast.Word:
    return ast.Word(token, builder.text[token[0] : token[1]])


# ── Declarations ───────────────────────────────────────────────────────────────────────────────────────


def _file(builder: Builder, parts: list[Part]) -> ast.File:
    return ast.File(Span(0, len(builder.text)), tuple(parts))


def _flow(builder: Builder, parts: list[Part]) -> ast.Flow:
    return ast.Flow(_around(parts), _text(builder, parts[1:2]), tuple(parts[2:]))


def _use(builder: Builder, parts: list[Part]) -> ast.Use:
    names = tuple(_word(builder, part) for part in parts[1:-1])
    return ast.Use(_around(parts), names, _text(builder, parts[-1:]))


def _typed(builder: Builder, parts: list[Part]) -> ast.Parameter:
    return ast.Parameter(_around(parts), _word(builder, parts[0]), _word(builder, parts[1]))


def _param(_: Builder, parts: list[Part]) -> ast.Param:
    typed = parts[1]
    return ast.Param(_around(parts), typed.name, typed.type, parts[2] if len(parts) > 2 else None)


def _arg(_: Builder, parts: list[Part]) -> ast.Arg:
    typed = parts[1]
    return ast.Arg(_around(parts), typed.name, typed.type, parts[2] if len(parts) > 2 else None)


def _let(builder: Builder, parts: list[Part]) -> ast.Let:
    return ast.Let(_around(parts), _word(builder, parts[1]), parts[2])


def _default(builder: Builder, parts: list[Part]) -> ast.Default:
    operands: list[ast.Tag | ast.Name] = []
    for part in parts[2:]:
        if type(part) is Span:
            written = builder.written(part)
            operands.append(ast.Tag(part, written) if "-" in written else ast.Name(part, written))
    options = tuple(part for part in parts[2:] if isinstance(part, ast.Option))
    return ast.Default(_around(parts), _word(builder, parts[1]), tuple(operands), options)


def _hours(builder: Builder, parts: list[Part]) -> ast.Hours:
    return ast.Hours(_around(parts), _word(builder, parts[1]), _text(builder, parts[2:3]), parts[3])


def _textdecl(builder: Builder, parts: list[Part]) -> ast.TextDeclaration:
    return ast.TextDeclaration(_around(parts), _word(builder, parts[1]), parts[2])


def _step(builder: Builder, parts: list[Part]) -> ast.Step:
    parameters = parts[2] if len(parts) > 3 else None
    return ast.Step(_around(parts), _word(builder, parts[1]), parameters, parts[-1])


def _params(_: Builder, parts: list[Part]) -> tuple[ast.Parameter, ...]:
    return tuple(parts[1:-1])


def _test(builder: Builder, parts: list[Part]) -> ast.Test:
    return ast.Test(_around(parts), _text(builder, parts[1:2]), parts[2])


def _on(builder: Builder, parts: list[Part]) -> ast.On:
    return ast.On(_around(parts), _word(builder, parts[1]), parts[2])


def _anywhere(_: Builder, parts: list[Part]) -> ast.Anywhere:
    return ast.Anywhere(_around(parts), parts[1])


# ── Statements ─────────────────────────────────────────────────────────────────────────────────────────


def _command(_: Builder, parts: list[Part]) -> ast.Command:
    block = parts[-1] if isinstance(parts[-1], ast.Block) else None
    operands: list[ast.Value] = []
    options: list[ast.Option] = []
    listed: list[int] = []
    for part in parts[1:-1] if block is not None else parts[1:]:
        if isinstance(part, ast.Option):
            options.append(part)
        elif isinstance(part, tuple):
            listed.append(len(operands))
            operands.append(part[0])
        else:
            operands.append(part)
    end = operands[-1].span[1] if listed and parts[-1] is not block and isinstance(parts[-1], tuple) else None
    span = _around([parts[0], *operands[-1:]]) if end is not None else _around(parts)
    return ast.Command(span, parts[0], tuple(operands), tuple(options), block, tuple(listed))


def _listed(_: Builder, parts: list[Part]) -> tuple[ast.Value]:
    """An operand with the comma after it; `_command` takes it apart."""
    return (parts[0],)


def _verb(builder: Builder, parts: list[Part]) -> ast.Word:
    return _word(builder, parts[0])


def _if(_: Builder, parts: list[Part]) -> ast.If:
    otherwise = parts[-1] if isinstance(parts[-1], ast.Block) else None
    branches = tuple(part for part in parts if isinstance(part, ast.Branch))
    return ast.If(_around(parts), branches, otherwise)


def _branch(_: Builder, parts: list[Part]) -> ast.Branch:
    return ast.Branch(_around(parts), parts[0], parts[1])


def _set(builder: Builder, parts: list[Part]) -> ast.Set:
    return ast.Set(_around(parts), _word(builder, parts[1]), parts[2])


def _each(builder: Builder, parts: list[Part]) -> ast.Each:
    return ast.Each(_around(parts), _word(builder, parts[1]), parts[3], parts[4])


def _option(builder: Builder, parts: list[Part]) -> ast.Option:
    name, value = parts
    word = _word(builder, name)
    return ast.Option(Span(word.span[0], value.span[1]), word, value)


def _block(_: Builder, parts: list[Part]) -> ast.Block:
    return ast.Block(_around(parts), tuple(parts[1:-1]))


def _arm(_: Builder, parts: list[Part]) -> ast.Arm:
    return ast.Arm(_around(parts), tuple(parts[:-1]), parts[-1])


def _pattern(builder: Builder, parts: list[Part]) -> ast.Pattern:
    span, written = parts[0], builder.written(parts[0])
    if written[:1] == '"':
        return _text(builder, parts)
    if written[:1] in ("*", "#"):
        return ast.Key(span, written)
    if written[:1].isdigit():
        return ast.Status(span, written) if written.endswith("xx") else ast.Number(span, written)
    if len(parts) == 1:
        return ast.Name(span, written)
    fields = [
        ast.Field(_around([dot, name]), _word(builder, name))
        for dot, name in zip(parts[1::2], parts[2::2], strict=True)
    ]
    return ast.Ref(_around(parts), _word(builder, span), tuple(fields))


def _jump(builder: Builder, parts: list[Part]) -> ast.Jump:
    arguments = parts[1].values if len(parts) > 1 else None
    return ast.Jump(_around(parts), _word(builder, parts[0]), arguments)


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────


def _text(builder: Builder, parts: list[Part]) -> ast.Text:
    return builder.texts.read(parts[0])


def _number(builder: Builder, parts: list[Part]) -> ast.Number:
    return _fitting_number(builder, ast.Number(parts[0], builder.written(parts[0])))


def _fitting_number(builder: Builder, number: ast.Number) -> ast.Number:
    if number.text.isdigit() and len(number.text) <= _LONGEST_NUMBER:
        return number
    if len(number.text) <= _LONGEST_NUMBER and math.isfinite(number.value):
        return number
    builder.diagnostics.append(said.misread(builder.source, number.span, said.NUMBER_TOO_LARGE))
    return ast.Number(number.span, "0")


def _duration(builder: Builder, parts: list[Part]) -> ast.Duration:
    written = builder.written(parts[0])
    amount = written.rstrip("msh")
    _fitting_number(builder, ast.Number(parts[0], amount))
    return ast.Duration(parts[0], amount, written[len(amount) :])


def _range(builder: Builder, parts: list[Part]) -> ast.Range:
    return ast.Range(_around(parts), _number(builder, parts[:1]), _number(builder, parts[1:]))


def _tag(builder: Builder, parts: list[Part]) -> ast.Tag:
    return ast.Tag(parts[0], builder.written(parts[0]))


def _constant(builder: Builder, parts: list[Part]) -> ast.Constant:
    return ast.Constant(parts[0], _CONSTANTS[builder.written(parts[0])])


def _key(builder: Builder, parts: list[Part]) -> ast.Key:
    return ast.Key(parts[0], builder.written(parts[0]))


def _date(builder: Builder, parts: list[Part]) -> ast.Date:
    return ast.Date(parts[0], builder.written(parts[0]))


def _time_range(builder: Builder, parts: list[Part]) -> ast.TimeRange:
    return ast.TimeRange(parts[0], builder.written(parts[0]))


def _unary(builder: Builder, parts: list[Part]) -> ast.Number | ast.Unary:
    operator, operand = parts
    if builder.written(operator) == "-" and isinstance(operand, ast.Number):
        return ast.Number(_around(parts), f"-{operand.text}")
    return ast.Unary(_around(parts), _operator(builder, operator), operand)


def _chain(builder: Builder, parts: list[Part]) -> ast.Chain:
    operators = tuple(_operator(builder, part) for part in parts[1::2])
    return ast.Chain(_around(parts), tuple(parts[::2]), operators)


def _operator(builder: Builder, token: Span) -> ast.Word:
    """Return an operator; one of another language, which recovery has reported, is the one that it means."""
    word = _word(builder, token)
    return ast.Word(token, _MEANT[word.text]) if word.text in _MEANT else word


def _group(_: Builder, parts: list[Part]) -> ast.Group:
    return ast.Group(_around(parts), parts[1])


def _ref(builder: Builder, parts: list[Part]) -> ast.Name | ast.Ref | ast.Missing:
    first = parts[0]
    if first[0] == first[1]:
        return ast.Missing(first)  # recovery put a name in
    if len(parts) == 1:
        return ast.Name(first, builder.text[first[0] : first[1]])
    return ast.Ref(_around(parts), _word(builder, first), tuple(parts[1:]))


def _field(builder: Builder, parts: list[Part]) -> ast.Field:
    return ast.Field(_around(parts), _word(builder, parts[1]))


def _index(_: Builder, parts: list[Part]) -> ast.Index:
    return ast.Index(_around(parts), parts[1])


def _args(_: Builder, parts: list[Part]) -> ast.Arguments:
    return ast.Arguments(_around(parts), tuple(parts[1:-1]))


def _interpolation(_: Builder, parts: list[Part]) -> ast.Interpolation:
    return ast.Interpolation(_around(parts), parts[0], tuple(parts[1:]))


def _filter(builder: Builder, parts: list[Part]) -> ast.Filter:
    arguments = parts[1].values if len(parts) > 1 else None
    return ast.Filter(_around(parts), _word(builder, parts[0]), arguments)


def _list(_: Builder, parts: list[Part]) -> ast.List:
    return ast.List(_around(parts), tuple(parts[1:-1]))


def _object(builder: Builder, parts: list[Part]) -> ast.Object:
    first: dict[str, Span] = {}
    for pair in parts[1:-1]:
        key = pair.key.value
        if key in first:
            twice = said.misread(builder.source, pair.key.span, said.KEY_TWICE, written=key, also=(first[key],))
            builder.diagnostics.append(twice)
        first.setdefault(key, pair.key.span)
    return ast.Object(_around(parts), tuple(parts[1:-1]))


def _pair(builder: Builder, parts: list[Part]) -> ast.Pair:
    return ast.Pair(_around(parts), _text(builder, parts[:1]), parts[1])


BUILDERS: dict[str, Maker] = {
    "start": _file,
    "flow": _flow,
    "use": _use,
    "param": _param,
    "arg": _arg,
    "typed": _typed,
    "let": _let,
    "default": _default,
    "hours": _hours,
    "textdecl": _textdecl,
    "step": _step,
    "params": _params,
    "test": _test,
    "on": _on,
    "anywhere": _anywhere,
    "command": _command,
    "verb": _verb,
    "listed": _listed,
    "if": _if,
    "branch": _branch,
    "set": _set,
    "each": _each,
    "option": _option,
    "block": _block,
    "arm": _arm,
    "pattern": _pattern,
    "jump": _jump,
    "text": _text,
    "long_text": _text,
    "number": _number,
    "duration": _duration,
    "range": _range,
    "tag": _tag,
    "constant": _constant,
    "key": _key,
    "date": _date,
    "time_range": _time_range,
    "unary": _unary,
    "chain": _chain,
    "group": _group,
    "ref": _ref,
    "field": _field,
    "index": _index,
    "args": _args,
    "interpolation": _interpolation,
    "filter": _filter,
    "list": _list,
    "object": _object,
    "empty": _object,
    "pair": _pair,
}
