"""lark's tree → the tree of `ast`.

Every rule of the grammar has its builder in `BUILDERS`, and a test refuses a rule without one. Subtrees are
built before the trees that hold them, in a loop, so that no depth of nesting exhausts the stack. What this
version does not compile is folded into one `NotYet`, whatever it holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from lark import Token, Tree

from ncco_lang.diagnostics import Diagnostic, Label
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.errors import KEY_TWICE, NUMBER_TOO_LARGE, finding
from ncco_lang.syntax.texts import build_long_text, build_text

Part: TypeAlias = Any
"""A child of a rule: a token, or what an inner rule was built into."""

_LONGEST_NUMBER = 300
_LONGEST_SHOWN = 40
_CONSTANTS = {"true": True, "false": False, "null": None}


class Builder:
    """Builds the trees of one file and collects what is wrong with its literals."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []

    def build(self, tree: Tree[Token]) -> Part:
        """The node for a rule's tree.

        Raises:
            KeyError: the rule has no builder.
        """
        built: dict[int, Part] = {}
        for subtree in tree.iter_subtrees():
            parts = [built[id(child)] if isinstance(child, Tree) else child for child in subtree.children]
            built[id(subtree)] = BUILDERS[subtree.data](self, parts)
        return built[id(tree)]


def _span(part: Part) -> Span:
    if isinstance(part, Token):
        assert part.start_pos is not None
        assert part.end_pos is not None
        return Span(part.start_pos, part.end_pos)
    span: Span = part.span
    return span


def _around(parts: list[Part]) -> Span:
    return Span(_span(parts[0]).start, _span(parts[-1]).end)


def _word(token: Token) -> ast.Word:
    return ast.Word(span=_span(token), text=str(token))


# ── Declarations and statements ────────────────────────────────────────────────────────────────────────


def _file(builder: Builder, parts: list[Part]) -> ast.File:
    return ast.File(span=Span(0, len(builder.source.text)), declarations=tuple(parts))


def _flow(builder: Builder, parts: list[Part]) -> ast.Flow:
    title = _text(builder, parts[1:2])
    return ast.Flow(span=_around(parts), title=title, options=tuple(parts[2:]))


def _command(_: Builder, parts: list[Part]) -> ast.Command:
    verb, *rest = parts
    block = rest.pop() if rest and isinstance(rest[-1], ast.Block) else None
    return ast.Command(
        span=_around(parts),
        verb=verb,
        operands=tuple(part for part in rest if not isinstance(part, ast.Option)),
        options=tuple(part for part in rest if isinstance(part, ast.Option)),
        block=block,
    )


def _verb(_: Builder, parts: list[Part]) -> ast.Word:
    return _word(parts[0])


def _option(_: Builder, parts: list[Part]) -> ast.Option:
    name, value = parts
    return ast.Option(span=_around(parts), name=_word(name), value=value)


def _block(_: Builder, parts: list[Part]) -> ast.Block:
    return ast.Block(span=_around(parts), entries=tuple(parts[1:-1]))


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────


def _text(builder: Builder, parts: list[Part]) -> ast.Text:
    text, problems = build_text(builder.source, _span(parts[0]))
    builder.diagnostics += problems
    return text


def _long_text(builder: Builder, parts: list[Part]) -> ast.Text:
    text, problems = build_long_text(builder.source, _span(parts[0]))
    builder.diagnostics += problems
    return text


def _number(builder: Builder, parts: list[Part]) -> ast.Number:
    return _fitting_number(builder, ast.Number(span=_span(parts[0]), text=str(parts[0])))


def _fitting_number(builder: Builder, number: ast.Number) -> ast.Number:
    if len(number.text) <= _LONGEST_NUMBER and math.isfinite(number.value):
        return number
    message = "this number is too large: whoever reads it would get another one"
    hint = "put digits that are no quantity into a text"
    builder.diagnostics.append(finding(NUMBER_TOO_LARGE, builder.source, number.span, message, hint=hint))
    return ast.Number(span=number.span, text="0")


def _duration(builder: Builder, parts: list[Part]) -> ast.Duration:
    written = str(parts[0])
    amount = written.rstrip("msh")
    _fitting_number(builder, ast.Number(span=_span(parts[0]), text=amount))
    return ast.Duration(span=_span(parts[0]), amount=amount, unit=written[len(amount) :])


def _tag(_: Builder, parts: list[Part]) -> ast.Tag:
    return ast.Tag(span=_span(parts[0]), text=str(parts[0]))


def _constant(_: Builder, parts: list[Part]) -> ast.Constant:
    return ast.Constant(span=_span(parts[0]), value=_CONSTANTS[str(parts[0])])


def _key(_: Builder, parts: list[Part]) -> ast.Key:
    return ast.Key(span=_span(parts[0]), text=str(parts[0]))


def _minus(builder: Builder, parts: list[Part]) -> ast.Number | ast.NotYet:
    operand = parts[1]
    if isinstance(operand, ast.Number) and not operand.text.startswith("-"):
        return ast.Number(span=_around(parts), text=f"-{operand.text}")
    return ast.NotYet(span=_around(parts), what="arithmetic")


def _ref(builder: Builder, parts: list[Part]) -> ast.Name | ast.NotYet:
    if len(parts) == 1:
        return ast.Name(span=_span(parts[0]), text=str(parts[0]))
    span = _around(parts)
    written = " ".join(builder.source.text[span.start : span.end].split())
    shown = written if len(written) <= _LONGEST_SHOWN else written[: _LONGEST_SHOWN - 1] + "…"
    return ast.NotYet(span=span, what=f"the value {shown}")


def _list(_: Builder, parts: list[Part]) -> ast.List:
    return ast.List(span=_around(parts), items=tuple(parts[1:-1]))


def _object(builder: Builder, parts: list[Part]) -> ast.Object:
    first: dict[str, Span] = {}
    for pair in parts[1:-1]:
        key = pair.key.value
        if key in first:
            message = f'"{key}" stands in this object twice'
            labels = (Label(first[key], "here first"),)
            builder.diagnostics.append(finding(KEY_TWICE, builder.source, pair.key.span, message, labels=labels))
        first.setdefault(key, pair.key.span)
    return ast.Object(span=_around(parts), pairs=tuple(parts[1:-1]))


def _pair(builder: Builder, parts: list[Part]) -> ast.Pair:
    return ast.Pair(span=_around(parts), key=_text(builder, parts[:1]), value=parts[1])


# ── What the next versions compile ─────────────────────────────────────────────────────────────────────


def _later(what: str) -> Callable[[Builder, list[Part]], ast.NotYet]:
    def build(_: Builder, parts: list[Part]) -> ast.NotYet:
        return ast.NotYet(span=_around(parts), what=what)

    return build


BUILDERS: dict[str, Callable[[Builder, list[Part]], Part]] = {
    "start": _file,
    "flow": _flow,
    "use": _later('"use"'),
    "param": _later('"param"'),
    "arg": _later('"arg"'),
    "typed": _later("a type"),
    "let": _later('"let"'),
    "default": _later('"default"'),
    "hours": _later('"hours"'),
    "textdecl": _later('the declaration "text"'),
    "step": _later('"step"'),
    "params": _later("a parameter"),
    "test": _later('"test"'),
    "on": _later('"on"'),
    "anywhere": _later('"anywhere"'),
    "if": _later('"if"'),
    "set": _later('"set"'),
    "each": _later('"each"'),
    "command": _command,
    "verb": _verb,
    "option": _option,
    "block": _block,
    "arm": _later("an arm (->)"),
    "pattern": _later("a pattern"),
    "jump": _later("a jump"),
    "action": _later("a statement behind an arrow"),
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "duration": _duration,
    "tag": _tag,
    "constant": _constant,
    "key": _key,
    "date": _later("a date"),
    "time_range": _later("a time of day"),
    "range": _later("a range"),
    "or": _later('a condition with "or"'),
    "and": _later('a condition with "and"'),
    "negate": _later('"not"'),
    "cmp": _later("a comparison"),
    "sum": _later("arithmetic"),
    "product": _later("arithmetic"),
    "minus": _minus,
    "group": _later("a value in parentheses"),
    "ref": _ref,
    "trailer": _later("a field"),
    "args": _later("an argument"),
    "list": _list,
    "object": _object,
    "empty": _object,
    "pair": _pair,
}
